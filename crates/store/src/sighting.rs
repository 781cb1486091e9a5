//! What a reconciliation knows of tickets that lists do not show.

/// What the helpdesk said of a ticket that was asked for by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Still there, though no list showed it.
    There,
    /// In the archive, which no list shows: closed for good, as true as ever.
    Archived,
    /// No precedent any more.
    Gone,
    /// Not for this key: nothing is known.
    Hidden,
}

impl Answer {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::There => "there",
            Self::Archived => "archived",
            Self::Gone => "gone",
            Self::Hidden => "hidden",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::There, Self::Archived, Self::Gone, Self::Hidden]
            .into_iter()
            .find(|answer| answer.as_str() == text)
    }
}
