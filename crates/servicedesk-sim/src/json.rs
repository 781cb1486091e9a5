//! Writes JSON text straight into a buffer. A list of 100 full tickets is half a megabyte; a tree of values would make
//! the simulator the slow part of a bench.

use serde_json::{Map, Value};

/// Changes a JSON object; any other text stays.
pub(crate) fn edit_object(json: &mut String, change: impl FnOnce(&mut Map<String, Value>)) {
    if let Ok(Value::Object(mut object)) = serde_json::from_str(json) {
        change(&mut object);
        *json = Value::Object(object).to_string();
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn push_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::to_string(text).expect("a text is valid JSON"));
}

/// Appends `text` as a JSON string, or `null`.
pub(crate) fn push_optional_text(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => push_text(out, text),
        None => out.push_str("null"),
    }
}

/// Appends a whole number in decimal.
pub(crate) fn push_number(out: &mut String, number: i64) {
    out.push_str(&number.to_string());
}

/// Appends `true` or `false`.
pub(crate) fn push_bool(out: &mut String, value: bool) {
    out.push_str(if value { "true" } else { "false" });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_parse_back() {
        for text in [
            "",
            "plain",
            "a \"b\" \\ c\n\r\t\u{1}\u{0}",
            "Papierstau – „3. OG“ 😀",
        ] {
            let mut out = String::new();
            push_text(&mut out, text);
            assert_eq!(serde_json::from_str::<String>(&out).expect("valid JSON"), text);
        }
    }
}
