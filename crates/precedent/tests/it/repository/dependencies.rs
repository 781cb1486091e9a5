//! Every dependency has a reason.

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn every_dependency_has_a_reason() {
    let manifest = std::fs::read_to_string(format!("{REPOSITORY}/Cargo.toml")).expect("the manifest");
    let reasons = std::fs::read_to_string(format!("{REPOSITORY}/docs/dependencies.md")).expect("the reasons");
    let (_, dependencies) = manifest.split_once("[workspace.dependencies]").expect("a table");
    let (dependencies, _) = dependencies.split_once("\n[profile").expect("another table");
    let named = dependencies
        .lines()
        .filter(|line| !line.starts_with('#') && !line.contains("path ="));
    for name in named
        .filter_map(|line| line.split_once(" ="))
        .map(|(name, _)| name)
    {
        let listed = reasons.lines().any(|line| {
            line.split('|')
                .nth(1)
                .is_some_and(|names| names.split(',').any(|listed| listed.trim() == name))
        });
        assert!(listed, "{name}");
    }
}
