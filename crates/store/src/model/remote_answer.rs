//! The helpdesk's answer about a ticket that no list shows.

/// Answer to a request for one ticket by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteAnswer {
    /// The ticket exists, though no list showed it.
    There,
    /// The ticket is in the archive, which no list shows. It is closed for good and still valid.
    Archived,
    /// The ticket is no precedent any more.
    Gone,
    /// The API key may not read the ticket; its state is unknown.
    Hidden,
}

impl RemoteAnswer {
    /// Returns the value of the column.
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
