//! A request (ticket), from a list or from a detail.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};

use super::field::{Content, Id, Named, Text};
use super::flexible;
use super::status::Status;
use super::tags::Tags;
use super::time::Time;

/// The fields that Precedent reads; serde skips all others.
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

/// A request that must be a JSON object.
#[derive(Debug)]
pub(super) struct Whole(pub(super) Request);

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

fn content<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
    Content::deserialize(deserializer).map(|content| content.0)
}

fn name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Named::deserialize(deserializer).map(|named| named.0)
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
    fn more_than_a_thousand_tags_are_refused() {
        let tags =
            |tag: &str, count: usize| parse(&format!(r#"{{"tags": [{}]}}"#, vec![tag; count].join(","))).tags;
        assert!(matches!(tags("7", 1_000), Tags::Names(names) if names.len() == 1_000));
        assert_eq!(tags("7", 100_000), Tags::Wrong("more than 1000 names"));
        assert_eq!(tags("[]", 100_000), Tags::default());
    }

    #[test]
    fn a_value_of_a_wrong_kind_is_reported() {
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
