//! Parses change notifications, the webhook events that ServiceDesk Plus itself can send.
//!
//! An administrator types the body, with variables that ServiceDesk Plus replaces without escaping. The body may have
//! any keys, be JSON, broken JSON or a form, and contain unreplaced variables. The parser takes only the id or the
//! number of the ticket from it; the rest is read through the API.

use serde_json::Value;

/// Names of keys that hold an id, best first, in lower case and without punctuation.
const NAMES: [&str; 8] = [
    "requestid",
    "workorderid",
    "ticketid",
    "id",
    "displayid",
    "requestdisplayid",
    "request",
    "workorder",
];

/// Maximum length of an id, in digits.
const DIGITS: usize = 30;

/// Reason why a notification contains no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No key names an id.
    NoId,
    /// The value is empty or an unreplaced variable.
    NotReplaced,
}

/// Finds the id of the ticket in a body or a query string of any form.
///
/// # Errors
/// `Missing`.
pub fn ticket_id(body: &str) -> Result<String, Missing> {
    let body = body.trim_start_matches('\u{feff}').trim();
    let pairs = match serde_json::from_str::<Value>(body) {
        Ok(value) => {
            let mut pairs = Vec::new();
            of_json(None, &value, &mut pairs);
            pairs
        }
        Err(_) if body.starts_with(['{', '[']) => scan(body),
        Err(_) => of_form(body),
    };
    let mut not_replaced = false;
    for name in NAMES {
        for (_, value) in pairs.iter().filter(|(key, _)| key == name) {
            let value = value.trim();
            if (1..=DIGITS).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit()) {
                return Ok(value.to_owned());
            }
            not_replaced |= value.is_empty() || value.contains('$');
        }
    }
    Err(match not_replaced {
        true => Missing::NotReplaced,
        false => Missing::NoId,
    })
}

/// Collects keys and values, including those of nested objects: `{"request": {"id": ..}}`.
fn of_json(key: Option<&str>, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, value)| of_json(Some(key), value, pairs)),
        Value::Array(items) => items.iter().for_each(|item| of_json(key, item, pairs)),
        Value::String(text) => pairs.extend(key.map(|key| (plain(key), text.clone()))),
        Value::Number(number) => pairs.extend(key.map(|key| (plain(key), number.to_string()))),
        Value::Null | Value::Bool(_) => {}
    }
}

fn of_form(body: &str) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(body.as_bytes());
    pairs
        .map(|(key, value)| (plain(&key), value.into_owned()))
        .collect()
}

/// Collects each `"key" : value` in a text that is not valid JSON.
fn scan(body: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let parts: Vec<_> = body.split('"').collect();
    for (place, key) in parts.iter().enumerate() {
        let Some(value) = parts
            .get(place + 1)
            .and_then(|rest| rest.trim_start().strip_prefix(':'))
        else {
            continue;
        };
        let value = match value.trim() {
            "" => parts.get(place + 2).copied().unwrap_or_default(),
            number => number.split([',', '}', '\n']).next().unwrap_or_default(),
        };
        pairs.push((plain(key), value.trim().to_owned()));
    }
    pairs
}

/// Normalises a key, because `request_id`, `requestId` and `$WORKORDERID` are spelled in many ways.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_a_body_of_any_form() {
        for (body, id) in [
            (r#"{"requestId": "701100000000215007"}"#, "701100000000215007"),
            (r#"{"request_id":"74","status":"Closed"}"#, "74"),
            (r#"{"request": {"id": 74}}"#, "74"),
            (r#"{"WORKORDERID": 74, "id": "9"}"#, "74"),
            (r#"[{"display_id": "74"}]"#, "74"),
            ("request_id=74&status=Closed&subject=VPN+drops+every+hour", "74"),
            ("subject=id%3D5&id=74", "74"),
            (
                "{\"request_id\":\"74\",\"subject\":\"Fehler \"809\" beim VPN\",\"description\":\"<div>line\n</div>\"}",
                "74",
            ),
            ("{\"subject\": \"a \"b\" c\", \"id\": 74}", "74"),
            ("{\"id\": \"\", \"display_id\": \"74\"}", "74"),
            ("\u{feff}{\"id\": \"74\"}", "74"),
        ] {
            assert_eq!(ticket_id(body).as_deref(), Ok(id), "{body}");
        }
        for body in [
            r#"{"id":"${id}","subject":"${subject}"}"#,
            r#"{"id": ""}"#,
            "id=",
            "id=$WORKORDERID",
        ] {
            assert_eq!(ticket_id(body), Err(Missing::NotReplaced), "{body}");
        }
        for body in [
            "",
            "{",
            "hello",
            "{\"subject\": \"74\"}",
            "{\"id\": \"74a\"}",
            "{\"id\": true}",
            "\0\0",
        ] {
            assert_eq!(ticket_id(body), Err(Missing::NoId), "{body}");
        }
    }
}
