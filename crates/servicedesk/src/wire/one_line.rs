//! Foreign text made fit for a log line and a terminal.

/// Returns the first `most` characters of a foreign text, with a blank for each control character.
pub(crate) fn one_line(words: &str, most: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    words.chars().take(most).map(plain).collect()
}
