//! JSON that may be shown on a terminal.

use super::scripts::is_invisible;

/// Escapes the invisible characters in JSON, such as `\u009b`. The result is the same JSON: outside of strings, all of
/// it is ASCII.
pub fn escape_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}') {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped() {
        assert_eq!(
            escape_json("{\"a\":\"\u{9b}1A\u{7f}\u{202e}\u{e0041}ü\"}"),
            "{\"a\":\"\\u009b1A\\u007f\\u202e\\udb40\\udc41ü\"}"
        );
    }
}
