//! Files that hold secrets: keys, credentials, addresses of databases. Only their owner may read them.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;

use crate::exit::{ExitCode, Failure};

/// Maximum size of a file with a secret, in bytes.
const LONGEST: u64 = 1 << 20;

/// Reads a file with a secret, without the white space around it. `what` names the file in an error.
///
/// # Errors
/// `Usage` if the file cannot be read, has more than 1 MiB, or is open to other users; it names the file.
pub(crate) fn read_secret_file(what: &str, path: &Path) -> Result<SecretString, Failure> {
    let mut file = File::open(path).map_err(|error| unreadable(path, error))?;
    check_closed(what, path, &file)?;
    let mut text = String::new();
    let read = Read::take(&mut file, LONGEST + 1).read_to_string(&mut text);
    let text = SecretString::from(text);
    let length = read.map_err(|error| unreadable(path, error))?;
    if length as u64 > LONGEST {
        return Err(unreadable(path, ErrorKind::FileTooLarge.into()));
    }
    Ok(secrecy::ExposeSecret::expose_secret(&text).trim().into())
}

/// Checks that other users can neither read nor write an open file.
///
/// # Errors
/// As [`read_secret_file`].
pub(crate) fn check_closed(what: &str, path: &Path, file: &File) -> Result<(), Failure> {
    let found = file.metadata().map_err(|error| unreadable(path, error))?;
    if found.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let message = format!("the {what} {} is open to others", path.display());
    Err(Failure::new(ExitCode::Usage, message).hint(format!("close it with `chmod 600 {}`", path.display())))
}

/// Returns the failure of a file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: Error) -> Failure {
    Failure::new(ExitCode::Usage, format!("{} cannot be read", path.display())).caused_by(error.into())
}
