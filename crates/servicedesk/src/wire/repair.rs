//! What a strict parser refuses as a whole is made readable, so that a page does not fall with one row.

use serde_json::Value;

/// A byte order mark, bytes that are not UTF-8 and raw control characters within strings. Between values a
/// control character is white space in any case.
pub(crate) fn clean(mut body: Vec<u8>) -> String {
    // Written without a branch, this is done many bytes at a time.
    for byte in &mut body {
        *byte = if byte.is_ascii_control() { b' ' } else { *byte };
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        body.drain(..3);
    }
    String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Maximum values in what is rewritten: each takes up to a hundred bytes, of two in the text. A page of a hundred
/// tickets with all their fields holds a tenth of it.
const MOST_VALUES: usize = 300_000;

/// The same JSON without keys given twice (the last one counts) and without halves of surrogate pairs;
/// `None` where it is no JSON even so, or too much of it.
pub(crate) fn rewrite(json: &str) -> Option<Value> {
    if holds_more_values(json, MOST_VALUES) {
        return None;
    }
    serde_json::from_str(&without_lone_surrogates(json)).ok()
}

/// Whether there are more values than so many, by the marks between and before them.
fn holds_more_values(json: &str, most: usize) -> bool {
    let (mut in_text, mut escaped) = (false, false);
    let marks = json.bytes().filter(|&byte| {
        let is_mark = !in_text && matches!(byte, b',' | b':' | b'[' | b'{');
        in_text ^= byte == b'"' && !escaped;
        escaped = in_text && byte == b'\\' && !escaped;
        is_mark
    });
    marks.take(most + 1).count() > most
}

/// Escapes such as `\ud83d` that name half a character become U+FFFD.
fn without_lone_surrogates(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(0xd800..0xe000), _) => {
                out.push_str("\\ufffd");
                rest = &escape[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        let (kept, after) = escape.split_at(length);
        out.push_str(kept);
        rest = after;
    }
    out + rest
}

/// The UTF-16 unit of an escape at the start of a text.
fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_no_json_may_hold_become_blanks_and_marks() {
        let body = clean(b"\xef\xbb\xbf{\"subject\":\"a\tb\x01c \xe9\"}".to_vec());
        assert_eq!(body, "{\"subject\":\"a b c \u{fffd}\"}");
    }

    #[test]
    fn what_holds_too_many_values_is_not_rewritten() {
        assert!(!holds_more_values(r#"{"a,[{:\\\",": [1, 2]}"#, 4));
        assert!(holds_more_values(r#"{"a": [1, 2]}"#, 3));
        assert!(rewrite(&format!("[{}0]", "0,".repeat(MOST_VALUES))).is_none());
        assert!(rewrite(&format!("[\"{}\"]", "0,".repeat(MOST_VALUES))).is_some());
    }

    #[test]
    fn half_characters_become_marks_and_whole_ones_stay() {
        for (given, expected) in [
            (r#""a \ud83d b""#, "a \u{fffd} b"),
            (r#""\udc00\ud83d\ude00\ud83d""#, "\u{fffd}😀\u{fffd}"),
            (r#""\\ud83d \n \u0041""#, "\\ud83d \n A"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        ] {
            assert_eq!(rewrite(given), Some(Value::from(expected)), "{given}");
        }
        for broken in [r#""\"#, r#""\ud8"#, r#"{"a": "\u12"#, "\\"] {
            assert_eq!(rewrite(broken), None, "{broken}");
        }
    }

    #[test]
    fn of_a_key_given_twice_the_last_counts() {
        assert_eq!(
            rewrite(r#"{"id": 1, "id": "701100000000215007"}"#),
            Some(serde_json::json!({"id": "701100000000215007"}))
        );
    }
}
