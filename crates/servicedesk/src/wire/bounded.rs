//! Lists within an answer, bounded in length.
//!
//! A hostile or broken server may fill the whole body with one list: two bytes of body per item, a hundred
//! bytes of memory here.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Maximum rows of one answer. Twice the longest page of the API: some servers ignore `row_count` and send their own
/// number of rows, at most a page.
const MOST_ROWS: usize = 200;

/// Maximum items of a list of statuses or notes.
const MOST_ITEMS: usize = 1_000;

/// Maximum parts of a statement about an answer, and messages of each part; lists nest, so the figures multiply.
const MOST_STATEMENTS: usize = 50;

/// Reads the rows of a page, `None` for null. Stops with an error after [`MOST_ROWS`].
pub(super) fn rows<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(List {
        most: MOST_ROWS,
        is_exact: true,
        of: PhantomData,
    })
}

/// Reads a list, or one object as a list of one; `None` for null. Skips the items after [`MOST_ITEMS`].
pub(super) fn items<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(List {
        most: MOST_ITEMS,
        is_exact: false,
        of: PhantomData,
    })
}

/// Reads a list or one object; empty for null. Skips the items after [`MOST_STATEMENTS`].
pub(super) fn statements<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = deserializer.deserialize_any(List {
        most: MOST_STATEMENTS,
        is_exact: false,
        of: PhantomData,
    })?;
    Ok(list.unwrap_or_default())
}

struct List<T> {
    most: usize,
    /// Whether a longer list is an error.
    is_exact: bool,
    of: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while all.len() < self.most {
            let Some(one) = sequence.next_element()? else {
                return Ok(Some(all));
            };
            all.push(one);
        }
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            if self.is_exact {
                return Err(A::Error::custom(format_args!(
                    "more than {} rows in one answer",
                    self.most
                )));
            }
        }
        Ok(Some(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        if self.is_exact {
            return Err(A::Error::custom("an object in place of a list"));
        }
        Ok(Some(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::wire::request::Whole;
    use crate::wire::{Answer, Row};

    fn answer(list: &str, item: &str, count: usize) -> String {
        format!("{{\"{list}\":[{}]}}", vec![item; count].join(","))
    }

    #[test]
    fn a_page_of_more_than_two_hundred_rows_is_an_error() {
        let rows = |count| Row::all_of(&Arc::new(answer("requests", "{\"id\":1}", count).into()));
        assert_eq!(
            rows(200).expect("a page").requests.map(|rows| rows.len()),
            Some(200)
        );
        let error = rows(201).expect_err("too many").to_string();
        assert!(error.contains("more than 200 rows in one answer"), "{error}");
    }

    #[test]
    fn other_lists_are_cut() {
        for (list, item, most) in [
            ("statuses", "{}", 1_000),
            ("notes", "{}", 1_000),
            ("response_status", "{}", 50),
        ] {
            let answer: Answer<Whole> = serde_json::from_str(&answer(list, item, 5_000)).expect("an answer");
            let lengths = [
                answer.statuses.map_or(0, |list| list.len()),
                answer.notes.map_or(0, |list| list.len()),
                answer.response_status.len(),
            ];
            assert_eq!(lengths.iter().sum::<usize>(), most, "{list}");
        }
    }
}
