//! Every method of the store that concerns one tenant is called in `methods.rs`.

use std::fs;
use std::path::Path;

/// Methods that concern no single tenant.
const OF_ALL_TENANTS: [&str; 16] = [
    "connect",
    "connect_through_pooler",
    "check_sessions",
    "schema",
    "migrate",
    "login_notes",
    "tenants",
    "freshness_of_all",
    "backlogs",
    "suspects",
    "webhooks",
    "token_ids",
    "due_events",
    "now",
    "retire_key",
    "is_key_retired",
];

/// Returns the names of the public async methods in the sources below a folder.
fn methods(folder: &Path) -> Vec<String> {
    let mut methods = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            methods.extend(self::methods(&path));
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source");
        let signatures = source.split("\n    pub async fn ").skip(1);
        let name = |signature: &str| signature.split(['(', '<']).next().map(str::to_owned);
        methods.extend(signatures.filter_map(name));
    }
    methods
}

#[test]
fn every_method_of_a_tenant_is_called_across_tenants() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let methods = methods(&sources);
    for name in OF_ALL_TENANTS {
        assert!(methods.iter().any(|method| method == name), "{name} is gone");
    }
    let calls = include_str!("methods.rs");
    let of_one_tenant = methods
        .iter()
        .filter(|method| !OF_ALL_TENANTS.contains(&method.as_str()));
    let (called, missing): (Vec<_>, Vec<_>) =
        of_one_tenant.partition(|method| calls.contains(&format!(".{method}(")));
    assert!(missing.is_empty(), "not called across tenants: {missing:?}");
    println!("isolation: {} methods", called.len());
    assert!(called.len() >= 50, "too few methods found: {called:?}");
}
