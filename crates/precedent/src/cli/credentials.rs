//! Reads a tenant's credentials as JSON from a file, standard input or a prompt.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use engine::source::{Api, CREDENTIAL_FORMS, Edition, keys_of_edition};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::exit::{ExitCode, Failure};
use crate::setup::read_secret_file;

/// Source of the credentials. Never the command line, which other users can see.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Source {
    /// JSON file with the credentials
    #[arg(long, value_name = "FILE")]
    credentials_file: Option<PathBuf>,
    /// Read the credentials as JSON from standard input
    #[arg(long)]
    credentials_stdin: bool,
}

impl Source {
    /// Reads the credentials' JSON; `None` if no source was given.
    pub(crate) fn read(&self) -> Result<Option<SecretString>, Failure> {
        if let Some(file) = &self.credentials_file {
            return read_secret_file("credentials file", file).map(Some);
        }
        if !self.credentials_stdin {
            return Ok(None);
        }
        let mut json = String::new();
        std::io::stdin().read_to_string(&mut json).map_err(|error| {
            let message = "the credentials cannot be read from standard input";
            Failure::new(ExitCode::Usage, message).caused_by(error.into())
        })?;
        Ok(Some(json.into()))
    }

    /// Reads the credentials' JSON; prompts on a terminal if no source was given.
    pub(crate) fn read_or_prompt(&self, edition: Edition, api: Api) -> Result<SecretString, Failure> {
        if let Some(json) = self.read()? {
            return Ok(json);
        }
        if !std::io::stdin().is_terminal() {
            return Err(
                Failure::new(ExitCode::Usage, "no credentials were given").hint(format!(
                    "add --credentials-file FILE or --credentials-stdin; as JSON: {CREDENTIAL_FORMS}"
                )),
            );
        }
        let keys = keys_of_edition(edition, api);
        let mut form = Map::new();
        for key in keys {
            let value = rpassword::prompt_password(format!("{key}: ")).map_err(|error| {
                Failure::new(
                    ExitCode::Usage,
                    "the credentials cannot be read from the terminal",
                )
                .caused_by(error.into())
            })?;
            form.insert((*key).to_owned(), Value::String(value.trim().to_owned()));
        }
        Ok(Value::Object(form).to_string().into())
    }
}
