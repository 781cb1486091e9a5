//! A list call that is refused with HTTP 400 and code 4001.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadQuery {
    /// The key to blame.
    pub(crate) field: String,
    /// The text of the message.
    pub(crate) message: &'static str,
}

impl BadQuery {
    pub(crate) fn invalid(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: "Invalid Input",
        }
    }

    pub(crate) fn extra_key(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: "EXTRA_KEY_FOUND_IN_JSON",
        }
    }
}
