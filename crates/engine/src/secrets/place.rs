//! Place and use of an envelope.

use ticket::TenantId;

/// The place of an envelope and the settings that decide how its secret is used. Both are associated data of the
/// encryption: the envelope opens in this place and with these settings only. So a person who can write to the database,
/// but has no master key, cannot make a process use a secret in another way.
pub struct Place<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) column: &'static str,
    settings: Vec<Option<&'a str>>,
}

impl<'a> Place<'a> {
    /// Creates the place of a tenant's column, with the settings that the use of its secret depends on, in a fixed order.
    pub fn new(tenant: &'a TenantId, column: &'static str, settings: Vec<Option<&'a str>>) -> Self {
        Self {
            tenant,
            column,
            settings,
        }
    }

    /// Returns the associated data: different for any two different places.
    pub(crate) fn associated_data(&self) -> Vec<u8> {
        let names = [Some(self.tenant.as_str()), Some(self.column)];
        let mut data = Vec::new();
        for part in names.iter().chain(&self.settings) {
            match part {
                None => data.push(0),
                Some(text) => {
                    data.push(1);
                    data.extend((text.len() as u64).to_be_bytes());
                    data.extend(text.as_bytes());
                }
            }
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_places_have_different_data() {
        let (acme, other) = ("acme".parse().expect("an id"), "other".parse().expect("an id"));
        let places = [
            Place::new(&acme, "credentials", vec![]),
            Place::new(&other, "credentials", vec![]),
            Place::new(&acme, "secret", vec![]),
            Place::new(&acme, "secret", vec![None]),
            Place::new(&acme, "secret", vec![Some("")]),
            Place::new(&acme, "secret", vec![None, Some("ab")]),
            Place::new(&acme, "secret", vec![Some("ab"), None]),
            Place::new(&acme, "secret", vec![Some("a"), Some("b")]),
        ];
        let data: std::collections::HashSet<_> = places.iter().map(Place::associated_data).collect();
        assert_eq!(data.len(), places.len());
    }
}
