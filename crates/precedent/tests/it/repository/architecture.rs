//! Dependencies between the crates.

use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

use super::sources::sources_of;

#[test]
fn crates_have_only_the_allowed_dependencies() {
    let allowed: &[(&str, &[&str])] = &[
        ("ticket", &[]),
        ("servicedesk", &["ticket"]),
        ("store", &["ticket"]),
        ("search", &["store", "ticket"]),
        ("engine", &["servicedesk", "store", "ticket"]),
        (
            "precedent",
            &["engine", "search", "servicedesk-sim", "store", "ticket"],
        ),
        ("servicedesk-sim", &[]),
        ("fuzz", &["servicedesk", "ticket"]),
    ];
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .expect("a workspace");
    let mut names: Vec<_> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    names.sort();
    let mut expected: Vec<_> = allowed.iter().map(|(name, _)| (*name).to_owned()).collect();
    expected.sort();
    assert_eq!(names, expected);
    for package in &metadata.packages {
        let (_, may) = allowed
            .iter()
            .find(|(name, _)| *name == package.name.as_str())
            .expect("listed");
        for dependency in &package.dependencies {
            let ours = dependency.path.is_some() && dependency.kind != DependencyKind::Development;
            assert!(
                !ours || may.contains(&dependency.name.as_str()),
                "{} -> {}",
                package.name,
                dependency.name
            );
        }
    }
}

/// Names that the sources of a room must not hold, with the reason.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (
        "engine/src",
        &["axum", "clap", "rmcp", "utoipa", "indicatif", "anyhow"],
        "the engine knows no command line, no HTTP and no screen",
    ),
    (
        "search/src",
        &["axum", "clap", "rmcp", "servicedesk"],
        "the search knows no command line, no HTTP and no helpdesk",
    ),
    (
        "precedent/src",
        &["servicedesk", "sqlx", "tantivy"],
        "the binary asks the engine, the store and the search",
    ),
    ("engine/src", &["sqlx"], "the store holds all SQL"),
    ("search/src", &["sqlx"], "the store holds all SQL"),
    ("servicedesk/src", &["sqlx"], "the client knows no database"),
];

#[test]
fn rooms_name_only_what_they_may() {
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    for (room, names, reason) in FORBIDDEN {
        for file in sources_of(&Path::new(crates).join(room)) {
            let text = std::fs::read_to_string(&file).expect("a source");
            for name in *names {
                let path = format!("{name}::");
                let mut places = text.match_indices(&path).map(|(at, _)| &text[..at]);
                // `pace::store::` is a room of the crate itself.
                let is_path =
                    |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
                assert!(!places.any(is_path), "{} names {name}: {reason}", file.display());
            }
        }
    }
}

/// One room names the helpdesk's client.
#[test]
fn only_the_source_room_of_the_engine_names_the_client() {
    let engine = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/src"));
    for file in sources_of(engine) {
        let text = std::fs::read_to_string(&file).expect("a source");
        assert!(
            file.starts_with(engine.join("source")) || !text.contains("servicedesk::"),
            "{} names the client",
            file.display()
        );
    }
}
