//! The source's own JSON of a ticket, which few are asked for.

use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::wire::RawRows;

/// The source's own JSON of a ticket, taken out of the answer when it is shown: to find where a row begins and ends
/// takes as long as to read it.
#[derive(Clone, Debug)]
pub enum Raw {
    /// By itself.
    Alone(String),
    /// The row of an answer at this place, counting from 0; a detail is at 0.
    Within(Arc<String>, usize),
}

impl fmt::Display for Raw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answer, place) = match self {
            Self::Alone(json) => return formatter.write_str(json),
            Self::Within(answer, place) => (answer, *place),
        };
        // It could be read before: more than the row is better than nothing.
        let Ok(rows) = serde_json::from_str::<RawRows<'_>>(answer) else {
            return formatter.write_str(answer);
        };
        let listed = || rows.requests.as_ref()?.get(place).copied();
        let row = listed().or(rows.request).map(RawValue::get);
        formatter.write_str(row.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use crate::Row;

    #[test]
    fn a_row_is_shown_as_it_came() {
        let list = r#"{"requests": [{"id": 1}, {"subject": "a\tb",  "id": "2"}]}"#;
        for (body, expected) in [
            (
                list,
                [r#"{"id": 1}"#, r#"{"subject": "a\tb",  "id": "2"}"#].as_slice(),
            ),
            (r#"{"request": {"id": 3, "x": [ ]}}"#, &[r#"{"id": 3, "x": [ ]}"#]),
            // Read one by one, since one cannot be read.
            (
                r#"{"requests": [{"id": 1}, {"id": 1, "id": 2}, 7]}"#,
                &[r#"{"id": 1}"#, r#"{"id": 1, "id": 2}"#, "7"],
            ),
        ] {
            let answer = Row::all_of(&body.to_owned().into()).expect("an answer");
            let rows = answer.requests.into_iter().flatten().chain(answer.request);
            let shown: Vec<_> = rows.map(|row| row.raw.to_string()).collect();
            assert_eq!(shown, expected);
        }
    }
}
