//! Folders of the search indexes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Returns the name of the folder of a tenant's index.
pub(crate) fn index_folder(tenant: &str) -> String {
    format!("tenant={}", &hex::encode(Sha256::digest(tenant))[..32])
}

/// Returns the folder of a tenant's index in a cache.
pub(crate) fn index_of(home: &Path, tenant: &str) -> PathBuf {
    let mut databases = std::fs::read_dir(home.join(".cache/precedent/search")).expect("a cache");
    let database = databases.next().expect("one database").expect("readable");
    database.path().join("v3").join(index_folder(tenant))
}

/// Returns the names of all folders below one.
pub(crate) fn folders(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            names.extend(folders(&path));
            let name = path.file_name().expect("a name").to_string_lossy();
            names.insert(name.into_owned());
        }
    }
    names
}
