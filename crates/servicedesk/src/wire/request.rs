//! A request (ticket) as it stands in a list or in a detail answer.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};

use super::field::{Content, Id, Named, Tags, Text, Time};
use super::flexible::{self, Scalar};

/// The fields that are read; all others are ignored, whatever they are.
#[derive(Clone, Debug, Default, Deserialize, Hash)]
#[serde(default)]
pub(crate) struct Request {
    pub(crate) id: Id,
    pub(crate) display_id: Id,
    pub(crate) subject: Text,
    pub(crate) description: Text,
    #[serde(deserialize_with = "content")]
    pub(crate) resolution: Text,
    pub(crate) status: Status,
    #[serde(deserialize_with = "name")]
    pub(crate) category: Option<String>,
    #[serde(deserialize_with = "name")]
    pub(crate) priority: Option<String>,
    pub(crate) tags: Tags,
    pub(crate) resolved_time: Time,
    pub(crate) completed_time: Time,
    pub(crate) last_updated_time: Time,
    pub(crate) created_time: Time,
    #[serde(deserialize_with = "flexible::boolean")]
    pub(crate) is_trashed: Option<bool>,
    #[serde(deserialize_with = "flexible::boolean")]
    pub(crate) has_notes: Option<bool>,
}

/// A request that is an object, as it must be.
#[derive(Debug)]
pub(crate) struct Whole(pub(crate) Request);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(WholeVisitor).map(Self)
    }
}

struct WholeVisitor;

impl<'de> Visitor<'de> for WholeVisitor {
    type Value = Request;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Request, A::Error> {
        Request::deserialize(MapAccessDeserializer::new(map))
    }
}

/// A note: in a list without its text, alone with it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Note {
    pub(crate) id: Id,
    pub(crate) description: Text,
    pub(crate) added_time: Time,
}

fn content<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
    Content::deserialize(deserializer).map(|content| content.0)
}

fn name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Named::deserialize(deserializer).map(|named| named.0)
}

/// A status; names are the tenant's own words, `in_progress` comes on cloud only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Status {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) internal_name: Option<String>,
    pub(crate) in_progress: Option<bool>,
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = |scalar: &Scalar<'_>| match scalar {
            Scalar::Text(text) => Some(text.trim().to_owned()),
            _ => None,
        };
        let keys = ["id", "name", "internal_name", "in_progress"];
        Ok(match Scalar::alone_or_members(deserializer, keys)? {
            Ok([id, name, internal_name, in_progress]) => Self {
                id: Id::from_scalar(id).0,
                name: text(&name),
                internal_name: text(&internal_name),
                in_progress: in_progress.boolean(),
            },
            Err(alone) => Self {
                name: text(&alone),
                ..Self::default()
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Request {
        serde_json::from_str(json).expect("every shape is read")
    }

    #[test]
    fn every_shape_of_a_field_is_read() {
        let request = parse(
            r#"{"id": 701100000000215007, "subject": null, "description": 42, "resolution": {"content": null},
                "status": {"name": "Cerrada", "in_progress": false}, "category": {"name": "Network", "id": 1},
                "tags": [{"name": "vpn"}, "mtu", 7, null, {}], "unknown": {"profile_pic": {"content-url": "x"}},
                "resolved_time": {"display_value": "11 mar", "value": "1741694400533"}, "completed_time": null}"#,
        );
        assert_eq!(request.id, Id(Some("701100000000215007".into())));
        assert_eq!(request.subject, Text::Null);
        assert_eq!(request.description, Text::Wrong("a number"));
        assert_eq!(request.resolution, Text::Null);
        assert_eq!(request.status.name.as_deref(), Some("Cerrada"));
        assert_eq!(request.status.in_progress, Some(false));
        assert_eq!(request.category.as_deref(), Some("Network"));
        assert_eq!(
            request.tags,
            Tags::Names(vec!["vpn".into(), "mtu".into(), "7".into()])
        );
        assert_eq!(request.resolved_time, Time::Milliseconds(1_741_694_400_533));
        assert_eq!(request.completed_time, Time::Null);
        assert!(request.last_updated_time.is_absent());
    }

    #[test]
    fn tags_without_end_are_no_tags() {
        let tags =
            |tag: &str, count: usize| parse(&format!(r#"{{"tags": [{}]}}"#, vec![tag; count].join(","))).tags;
        assert!(matches!(tags("7", 1_000), Tags::Names(names) if names.len() == 1_000));
        assert_eq!(tags("7", 100_000), Tags::Wrong("more than 1000 names"));
        assert_eq!(tags("[]", 100_000), Tags::default());
    }

    #[test]
    fn wrong_kinds_are_told_not_guessed() {
        let request = parse(
            r#"{"id": {"value": 1}, "resolution": [], "tags": "x", "status": "Closed",
                "resolved_time": {"value": "yesterday"}, "completed_time": [1]}"#,
        );
        assert_eq!(request.id, Id(None));
        assert_eq!(request.resolution, Text::Wrong("a list"));
        assert_eq!(request.tags, Tags::Wrong("text"));
        assert_eq!(request.status.name.as_deref(), Some("Closed"));
        assert_eq!(request.resolved_time, Time::Wrong("\"yesterday\"".into()));
        assert_eq!(request.completed_time, Time::Wrong("a list".into()));
    }
}
