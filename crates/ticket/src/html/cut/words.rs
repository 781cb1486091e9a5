//! The test for readable text.

/// Returns whether a text holds a letter or a digit.
pub(super) fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}
