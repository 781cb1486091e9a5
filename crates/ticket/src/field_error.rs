//! Why a field of a request or a report is rejected.

use std::fmt;

/// A field with the reason why it is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field, as the caller wrote it.
    pub field: &'static str,
    /// Reason, fit for "field: reason".
    pub reason: String,
}

impl FieldError {
    /// Joins several errors on one line.
    pub fn join(errors: &[Self]) -> String {
        let each = errors.iter().map(Self::to_string);
        each.collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.reason)
    }
}
