//! A status, of a request or in the list of statuses.

use serde::{Deserialize, Deserializer};

use super::field::Id;
use super::scalar::Scalar;

/// A status. Names are the tenant's own words; only cloud sends `in_progress`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Status {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) internal_name: Option<String>,
    pub(crate) in_progress: Option<bool>,
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
