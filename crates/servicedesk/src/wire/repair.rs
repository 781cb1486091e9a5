//! Repairs JSON that a strict parser refuses, so that one bad row does not fail the whole page.

use serde_json::Value;

/// Removes a byte order mark and replaces control characters and bytes that are not UTF-8.
///
/// JSON forbids control characters within strings. Between values they are white space, as a blank is.
pub(crate) fn clean(mut body: Vec<u8>) -> String {
    // Without a branch in the loop, the compiler handles many bytes at a time.
    for byte in &mut body {
        *byte = if byte.is_ascii_control() { b' ' } else { *byte };
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        body.drain(..3);
    }
    String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Returns the bytes that [`clean`] makes of a body: U+FFFD takes three bytes and may replace a single one.
pub(crate) fn cleaned_length(body: &[u8]) -> usize {
    let replaced = |invalid: &[u8]| usize::from(!invalid.is_empty()) * char::REPLACEMENT_CHARACTER.len_utf8();
    let chunks = body.utf8_chunks();
    chunks
        .map(|chunk| chunk.valid().len() + replaced(chunk.invalid()))
        .sum()
}

/// Maximum values in JSON that is rewritten. A value takes up to a hundred bytes in memory and two in the text.
/// A page of a hundred tickets with all their fields holds a tenth of this number.
const MOST_VALUES: usize = 300_000;

/// Maximum bytes of JSON that is rewritten: the rewritten form is kept beside the text. A longer row is rejected.
const MOST_BYTES: usize = 16 << 20;

/// Returns the JSON without duplicate keys (the last one counts) and without lone surrogates; `None` if it
/// remains invalid, is too long or holds too many values.
pub(crate) fn rewrite(json: &str) -> Option<Value> {
    if json.len() > MOST_BYTES || holds_more_values(json, MOST_VALUES) {
        return None;
    }
    serde_json::from_str(&without_lone_surrogates(json)).ok()
}

/// Returns whether the JSON holds more than `most` values. Counts the punctuation outside strings.
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

/// Replaces escapes such as `\ud83d`, half of a surrogate pair, by U+FFFD.
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

/// Returns the UTF-16 unit of an escape at the start of a text.
fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_json_forbids_are_replaced() {
        let body = clean(b"\xef\xbb\xbf{\"subject\":\"a\tb\x01c \xe9\"}".to_vec());
        assert_eq!(body, "{\"subject\":\"a b c \u{fffd}\"}");
    }

    #[test]
    fn json_with_too_many_values_is_not_rewritten() {
        assert!(!holds_more_values(r#"{"a,[{:\\\",": [1, 2]}"#, 4));
        assert!(holds_more_values(r#"{"a": [1, 2]}"#, 3));
        assert!(rewrite(&format!("[{}0]", "0,".repeat(MOST_VALUES))).is_none());
        assert!(rewrite(&format!("[\"{}\"]", "0,".repeat(MOST_VALUES))).is_some());
    }

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_stay() {
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
    fn the_last_of_duplicate_keys_counts() {
        assert_eq!(
            rewrite(r#"{"id": 1, "id": "701100000000215007"}"#),
            Some(serde_json::json!({"id": "701100000000215007"}))
        );
    }
}
