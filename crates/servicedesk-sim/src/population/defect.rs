//! Defects that make a ticket unusable for every client, each in one deterministic way. The ticket's facts stay
//! right, so filters and sorting treat it like any other; only its JSON is broken.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// Number of digits in the id of a ticket with [`Defect::LongId`].
const LONG_ID_DIGITS: usize = 300;

/// The defect of a ticket; the truth has its name as the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Defect {
    NoId,
    NullId,
    NoText,
    GarbageTime,
    NegativeTime,
    NoFinalTime,
    NumericDescription,
    NulInSubject,
    LongId,
    NotAnObject,
}

impl Defect {
    /// The order in which bad tickets take turns.
    pub(crate) const ALL: [Self; 10] = [
        Self::NoId,
        Self::NullId,
        Self::NoText,
        Self::GarbageTime,
        Self::NegativeTime,
        Self::NoFinalTime,
        Self::NumericDescription,
        Self::NulInSubject,
        Self::LongId,
        Self::NotAnObject,
    ];

    /// Returns whether the detail is unreachable: its list row has no usable id.
    pub(crate) fn hides_detail(self) -> bool {
        matches!(self, Self::NoId | Self::NullId | Self::NotAnObject)
    }

    /// Breaks a rendered row or detail; a field that is missing stays missing.
    pub(crate) fn apply(self, row: &str) -> String {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(row) else {
            return row.to_owned();
        };
        match self {
            Self::NoId => {
                fields.remove("id");
            }
            Self::NullId => replace(&mut fields, "id", Value::Null),
            Self::NoText => {
                for field in ["subject", "description"] {
                    replace(&mut fields, field, Value::Null);
                }
                replace(&mut fields, "short_description", json!(""));
            }
            Self::GarbageTime => break_time(&mut fields, "last tuesday"),
            Self::NegativeTime => break_time(&mut fields, "-1741694400000"),
            Self::NoFinalTime => {}
            Self::NumericDescription => replace(&mut fields, "description", json!(42)),
            Self::NulInSubject => replace(&mut fields, "subject", json!("before\0after")),
            Self::LongId => {
                let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
                let long = format!("{}{id}", "1".repeat(LONG_ID_DIGITS - id.len()));
                replace(&mut fields, "id", json!(long));
            }
            Self::NotAnObject => return "\"corrupt row\"".to_owned(),
        }
        Value::Object(fields).to_string()
    }
}

fn replace(fields: &mut Map<String, Value>, name: &str, value: Value) {
    if let Some(field) = fields.get_mut(name) {
        *field = value;
    }
}

/// Breaks the resolved time and keeps its type: the story's times are numbers.
fn break_time(fields: &mut Map<String, Value>, text: &str) {
    let Some(value) = fields
        .get_mut("resolved_time")
        .and_then(|time| time.get_mut("value"))
    else {
        return;
    };
    *value = match text.parse::<i64>() {
        Ok(number) if value.is_number() => json!(number),
        _ => json!(text),
    };
}

/// Returns the id at the end of a 300-digit id; any other text unchanged.
pub(crate) fn without_long_prefix(id: &str) -> &str {
    if id.len() == LONG_ID_DIGITS && id.is_ascii() {
        id.trim_start_matches('1')
    } else {
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_defect_breaks_its_field() {
        let row =
            r#"{"id":"701100000000215007","subject":"s","resolved_time":{"display_value":"d","value":"5"}}"#;
        let broken = |defect: Defect| serde_json::from_str::<Value>(&defect.apply(row)).expect("still JSON");
        assert!(broken(Defect::NoId).get("id").is_none());
        assert!(broken(Defect::NullId)["id"].is_null());
        assert!(broken(Defect::NoText)["subject"].is_null());
        assert_eq!(
            broken(Defect::GarbageTime)["resolved_time"]["value"],
            "last tuesday"
        );
        assert_eq!(
            broken(Defect::NegativeTime)["resolved_time"]["value"],
            "-1741694400000"
        );
        assert_eq!(broken(Defect::NulInSubject)["subject"], "before\0after");
        assert_eq!(broken(Defect::LongId)["id"].as_str().map(str::len), Some(300));
        assert!(broken(Defect::NotAnObject).is_string());
        assert!(Defect::NulInSubject.apply(row).contains("\\u0000"));
    }

    #[test]
    fn a_numeric_time_stays_a_number() {
        let broken = Defect::NegativeTime.apply(r#"{"resolved_time":{"value":5}}"#);
        assert_eq!(broken, r#"{"resolved_time":{"value":-1741694400000}}"#);
    }

    #[test]
    fn a_long_id_maps_back() {
        let long = format!("{}701100000000215007", "1".repeat(282));
        assert_eq!(without_long_prefix(&long), "701100000000215007");
        assert_eq!(without_long_prefix("1001"), "1001");
    }
}
