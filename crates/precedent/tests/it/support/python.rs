//! Python with the packages of `tests/clients/requirements.txt`: clients of other vendors.

use std::process::Command;

use super::process::finished;

/// Returns the folder with that Python.
pub(crate) fn python_folder() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/python-clients");
    let (code, stdout, stderr) = finished(Command::new(script).output().expect("bash"));
    assert_eq!(code, 0, "{stderr}");
    stdout.trim().trim_end_matches("/python").to_owned()
}
