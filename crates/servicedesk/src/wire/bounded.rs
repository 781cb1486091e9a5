//! Lists within an answer. A hostile or broken server may make them as long as the body, which costs it two bytes for
//! what takes a hundred here.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Maximum rows of one answer: ten times what is asked for, since some servers ignore `row_count`.
const MOST_ROWS: usize = 1_000;

/// Maximum items of any other list.
const MOST_ITEMS: usize = 1_000;

/// The rows of a page, `None` for null. More than [`MOST_ROWS`] are an error, at which reading stops.
pub(crate) fn rows<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
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

/// A list or one object in place of a list of one, `None` for null. Items beyond [`MOST_ITEMS`] are passed over.
pub(crate) fn items<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
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

/// As [`items`], where null is an empty list.
pub(crate) fn items_or_none<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    items(deserializer).map(Option::unwrap_or_default)
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
    use crate::Row;
    use crate::wire::{Answer, Whole};

    fn answer(list: &str, item: &str, count: usize) -> String {
        format!("{{\"{list}\":[{}]}}", vec![item; count].join(","))
    }

    #[test]
    fn a_page_holds_no_more_than_a_thousand_rows() {
        let rows = |count| Row::all_of(&answer("requests", "{\"id\":1}", count).into());
        assert_eq!(
            rows(1_000).expect("a page").requests.map(|rows| rows.len()),
            Some(1_000)
        );
        let error = rows(1_001).expect_err("too many").to_string();
        assert!(error.contains("more than 1000 rows in one answer"), "{error}");
    }

    #[test]
    fn other_lists_are_cut_off() {
        for (list, item) in [("statuses", "{}"), ("notes", "{}"), ("response_status", "{}")] {
            let answer: Answer<Whole> = serde_json::from_str(&answer(list, item, 5_000)).expect("an answer");
            let lengths = [
                answer.statuses.map_or(0, |list| list.len()),
                answer.notes.map_or(0, |list| list.len()),
                answer.response_status.len(),
            ];
            assert_eq!(lengths.iter().sum::<usize>(), 1_000, "{list}");
        }
    }
}
