//! The tables of `docs/reference/json-output.md`, and objects compared with them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Types by field.
pub(super) type Schema = BTreeMap<String, String>;

/// Returns the schemas of the objects of each command.
pub(super) fn reference() -> BTreeMap<String, Vec<Schema>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/json-output.md");
    let text = std::fs::read_to_string(file).expect("the reference");
    let mut reference = BTreeMap::new();
    for section in text.split("\n### ").skip(1) {
        let section = section.split("\n## ").next().expect("never empty");
        let (commands, tables) = section.split_once('\n').expect("a body");
        let schemas: Vec<_> = tables.split("| field | type |").skip(1).map(schema).collect();
        assert!(!schemas.is_empty(), "{commands}");
        for command in commands.split(", ") {
            let known = reference.insert(command.trim_matches('`').to_owned(), schemas.clone());
            assert!(known.is_none(), "{command} appears twice");
        }
    }
    reference
}

fn schema(table: &str) -> Schema {
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let field = cells.next().expect("a field").trim_matches('`').to_owned();
        (field, cells.next().expect("a type").to_owned())
    })
    .collect()
}

/// Returns the differences between an object and a schema.
pub(super) fn differences(object: &Value, schema: &Schema) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for (path, kind) in schema {
        let (at, field) = path.rsplit_once('.').unwrap_or(("", path));
        let holders: Vec<&Value> = match at.strip_suffix("[]") {
            Some(list) => object[list].as_array().into_iter().flatten().collect(),
            None if at.is_empty() => vec![object],
            None => vec![&object[at]],
        };
        if at.is_empty() {
            names.insert(field);
        }
        for holder in holders {
            match holder.get(field) {
                None => wrong.push(format!("{path} is missing")),
                Some(value) if !is(value, kind) => wrong.push(format!("{path} is {value}, not {kind}")),
                Some(_) => {}
            }
        }
    }
    let unknown = object
        .as_object()
        .expect("an object")
        .keys()
        .filter(|name| !names.contains(name.as_str()));
    wrong.extend(unknown.map(|name| format!("{name} is not in the reference")));
    wrong
}

fn is(value: &Value, kind: &str) -> bool {
    match kind.strip_suffix(" or null") {
        Some(kind) => value.is_null() || is(value, kind),
        None => match kind {
            "text" => value.is_string(),
            "time" => value
                .as_str()
                .is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            "list" => value.is_array(),
            unknown => panic!("the reference names an unknown type {unknown}"),
        },
    }
}
