//! Finds the values of a JSON text: an input with other values stays JSON and reaches deeper code.

use std::ops::Range;

/// Values that mean something anywhere.
pub(crate) const VALUES: &[&str] = &[
    "null",
    "true",
    "\"false\"",
    "\"\"",
    "\" \"",
    "0",
    "-1",
    "0.5",
    "1e400",
    "7",
    "\"7\"",
    "{}",
    "[]",
    "[{}]",
    "[null]",
    "{\"value\": null}",
    "{\"value\": \"yesterday\"}",
    "{\"value\": \"631152000000\"}",
    "{\"value\": 1798848000001}",
    "{\"value\": \"8210266876799999\"}",
    "{\"name\": \"Closed\", \"in_progress\": false}",
    "{\"name\": \"x\", \"name\": \"y\"}",
    "{\"content\": \"<p>a</p>\"}",
    "[\"a\", {\"name\": \"b\"}, 7, null]",
    "\"\\u0000\\u0001\\ud83d\"",
    "\"<img alt='&#1;'><ol><li>a<td>b\"",
    "\"a < b & c\\r\\n\\r\\n\\r\\n\\td\"",
    "4007",
    "18446744073709551616",
];

/// Returns the range of the next member's value, or an empty range at the end.
pub(crate) fn value_after(json: &[u8], place: usize) -> Range<usize> {
    let colon = json[place..].windows(2).position(|two| two == b"\":");
    let Some(colon) = colon else {
        return json.len()..json.len();
    };
    let after = place + colon + 2;
    let blanks = json[after..].iter().take_while(|byte| **byte == b' ').count();
    let start = after + blanks;
    start..start + length(&json[start..])
}

/// Returns the length of the value at the start of a text.
fn length(json: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in json.iter().enumerate() {
        if quoted {
            quoted = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            if !quoted && depth == 0 {
                return at + 1;
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return at,
            b'}' | b']' if depth == 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind_are_found() {
        let json = r#"{"a": "x\"}", "b": {"c": [1, "]"]}, "d": 7}"#;
        let found = |place| &json[value_after(json.as_bytes(), place)];
        assert_eq!(found(0), r#""x\"}""#);
        assert_eq!(found(4), r#"{"c": [1, "]"]}"#);
        assert_eq!(found(18), r#"[1, "]"]"#);
        assert_eq!(found(32), "7");
        assert_eq!(found(40), "");
    }
}
