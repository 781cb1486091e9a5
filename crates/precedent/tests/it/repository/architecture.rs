//! Dependencies between the crates.

use cargo_metadata::{DependencyKind, MetadataCommand};

#[test]
fn crates_have_only_the_allowed_dependencies() {
    let allowed: &[(&str, &[&str])] = &[
        ("ticket", &[]),
        ("servicedesk", &["ticket"]),
        ("store", &["ticket"]),
        (
            "precedent",
            &["servicedesk", "servicedesk-sim", "store", "ticket"],
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
