//! The body of an answer, which its rows share.

use std::ops::Range;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::bounded;

/// The body of an answer, cleaned of bytes that JSON forbids.
#[derive(Debug)]
pub(crate) struct Body {
    text: String,
    /// Places of the rows in the text, found on demand.
    rows: OnceLock<Vec<Range<usize>>>,
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self {
            text,
            rows: OnceLock::new(),
        }
    }
}

impl Body {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the JSON of a row, `None` if there is none at this place. The first call reads the whole body to find
    /// all rows; a call for each of many rows that did so would keep a core busy for minutes.
    pub(super) fn row(&self, place: usize) -> Option<&str> {
        let rows = self.rows.get_or_init(|| self.find_rows());
        self.text.get(rows.get(place)?.clone())
    }

    fn find_rows(&self) -> Vec<Range<usize>> {
        let Ok(RawRows { requests, request }) = serde_json::from_str(&self.text) else {
            return Vec::new();
        };
        let start = self.text.as_ptr() as usize;
        let place = |row: &RawValue| {
            let from = row.get().as_ptr() as usize - start;
            from..from + row.get().len()
        };
        let listed = requests.unwrap_or_default();
        listed.into_iter().chain(request).map(place).collect()
    }
}

/// The rows of an answer as raw JSON.
#[derive(Debug, Deserialize)]
struct RawRows<'a> {
    #[serde(borrow, default, deserialize_with = "bounded::rows")]
    requests: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_out_of_the_text() {
        let list = Body::from(r#"{"requests": [{"id":1}, {"id": "é"}]}"#.to_owned());
        assert_eq!(list.row(1), Some(r#"{"id": "é"}"#));
        assert_eq!(list.row(2), None);
        let detail = Body::from(r#"{"request":{"id":7}}"#.to_owned());
        assert_eq!(detail.row(0), Some(r#"{"id":7}"#));
        assert_eq!(Body::from("<html>".to_owned()).row(0), None);
    }
}
