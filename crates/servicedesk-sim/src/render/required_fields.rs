//! The fields that a list call names in `fields_required`.

use serde_json::Value;

/// The named fields, of those that change a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequiredFields {
    pub(crate) description: bool,
    pub(crate) resolution: bool,
    pub(crate) resolved_time: bool,
    pub(crate) completed_time: bool,
    pub(crate) last_updated_time: bool,
    pub(crate) udf_fields: bool,
    pub(crate) tags: bool,
}

impl RequiredFields {
    /// All fields, as a detail has them.
    pub(crate) const ALL: Self = Self {
        description: true,
        resolution: true,
        resolved_time: true,
        completed_time: true,
        last_updated_time: true,
        udf_fields: true,
        tags: true,
    };

    /// Reads an array of names; `field.part` requires the field.
    pub(crate) fn named(names: &Value) -> Self {
        let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        let has = |field: &str| {
            let mut fields = names.iter().map(|name| name.split('.').next());
            fields.any(|name| name == Some(field))
        };
        Self {
            description: has("description"),
            resolution: has("resolution"),
            resolved_time: has("resolved_time"),
            completed_time: has("completed_time"),
            last_updated_time: has("last_updated_time"),
            udf_fields: has("udf_fields"),
            tags: has("tags"),
        }
    }
}
