//! A folder of snapshots, each of which some test compares.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The snapshots of one kind of text.
pub(super) struct Folder {
    path: PathBuf,
    compared: BTreeSet<String>,
}

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/it/snapshots")
            .join(name);
        Self {
            path,
            compared: BTreeSet::new(),
        }
    }

    /// Compares a text with its snapshot.
    pub(super) fn compare(&mut self, name: &str, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&self.path);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, text));
        let is_new = self.compared.insert(format!("{name}.snap"));
        assert!(is_new, "two texts are named {name}");
    }

    /// Panics if a snapshot has no text any more. To be called after all comparisons.
    pub(super) fn assert_no_other(&self) {
        let entries = std::fs::read_dir(&self.path).expect("a folder of snapshots");
        let files: BTreeSet<_> = entries
            .map(|entry| entry.expect("readable").file_name())
            .map(|name| name.into_string().expect("UTF-8"))
            .collect();
        let unreferenced: Vec<_> = files.difference(&self.compared).collect();
        assert!(
            unreferenced.is_empty(),
            "no text belongs to {unreferenced:?}: run scripts/snapshots"
        );
    }
}
