//! The fields that a list call names in `fields_required`.

use serde_json::Value;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequiredFields {
    pub(super) names: Vec<String>,
}

impl RequiredFields {
    /// Reads an array of names; `field.part` requires the field.
    pub(crate) fn read(names: &Value) -> Self {
        let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
        let names = names.iter().filter_map(Value::as_str);
        let fields = names.map(|name| name.split('.').next().unwrap_or(name));
        Self {
            names: fields.map(str::to_owned).collect(),
        }
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.names.iter().any(|name| name == field)
    }
}
