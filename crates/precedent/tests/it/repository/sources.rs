//! The source files of the workspace.

use std::path::{Path, PathBuf};

/// Folders of all crates.
pub(super) fn crates() -> Vec<PathBuf> {
    let crates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let entries = std::fs::read_dir(crates).expect("a folder");
    let folders = entries.map(|entry| entry.expect("an entry").path());
    folders
        .filter(|folder| folder.join("Cargo.toml").exists())
        .collect()
}

/// Rust files of a folder and of the folders in it.
pub(super) fn sources_of(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources_of(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
