//! A tenant's credentials: from a file, standard input or a prompt, as JSON of a known form.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use secrecy::SecretString;
use serde_json::{Map, Value};
use servicedesk::{Api, Credentials, Edition};

use crate::exit::{ExitCode, Failure};

/// The forms, by their keys.
const FORMS: [&[&str]; 4] = [
    &["client_id", "client_secret", "refresh_token"],
    &["authtoken"],
    &["technician_key"],
    &["api_key"],
];

const HINT: &str = "one of {\"client_id\", \"client_secret\", \"refresh_token\"}, {\"authtoken\"}, \
                    {\"technician_key\"} or {\"api_key\"}, each with a text";

/// Where credentials are read from; never the command line itself, which others can see.
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
    /// The credentials' JSON; `None` where no source was named.
    pub(crate) fn read(&self) -> Result<Option<SecretString>, Failure> {
        let unreadable = |from: String| {
            move |error: std::io::Error| {
                Failure::new(
                    ExitCode::Usage,
                    format!("the credentials cannot be read from {from}"),
                )
                .caused_by(error.into())
            }
        };
        if let Some(file) = &self.credentials_file {
            let json = std::fs::read_to_string(file).map_err(unreadable(file.display().to_string()))?;
            return Ok(Some(json.into()));
        }
        if !self.credentials_stdin {
            return Ok(None);
        }
        let mut json = String::new();
        std::io::stdin()
            .read_to_string(&mut json)
            .map_err(unreadable("standard input".to_owned()))?;
        Ok(Some(json.into()))
    }

    /// The credentials' JSON, asked for on a terminal where no source was named.
    pub(crate) fn read_or_prompt(&self, edition: Edition, api: Api) -> Result<SecretString, Failure> {
        if let Some(json) = self.read()? {
            return Ok(json);
        }
        if !std::io::stdin().is_terminal() {
            return Err(
                Failure::new(ExitCode::Usage, "no credentials were given").hint(format!(
                    "add --credentials-file FILE or --credentials-stdin; as JSON: {HINT}"
                )),
            );
        }
        let keys = match (edition, api) {
            (_, Api::Story) => FORMS[3],
            (Edition::Cloud, Api::V3) => FORMS[0],
            _ => FORMS[1],
        };
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

/// Reads credentials of any form.
///
/// # Errors
/// `Usage`, naming keys that are missing, unknown or mixed; never a value.
pub(crate) fn parse(json: &str) -> Result<Credentials, Failure> {
    let refuse = |why: String| Failure::new(ExitCode::Usage, format!("the credentials {why}")).hint(HINT);
    // The parser's own message may quote what it read.
    let Ok(Value::Object(form)) = serde_json::from_str::<Value>(json) else {
        return Err(refuse("are not a JSON object".to_owned()));
    };
    let known: Vec<_> = FORMS.concat();
    if let Some(unknown) = form.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(refuse(format!("hold the unknown key \"{unknown}\"")));
    }
    let Some(keys) = FORMS
        .into_iter()
        .find(|keys| keys.iter().any(|key| form.contains_key(*key)))
    else {
        return Err(refuse("are empty".to_owned()));
    };
    if let Some(missing) = keys.iter().find(|key| !form.contains_key(**key)) {
        return Err(refuse(format!("lack the key \"{missing}\"")));
    }
    if let Some(mixed) = form.keys().find(|key| !keys.contains(&key.as_str())) {
        return Err(refuse(format!("mix \"{}\" with \"{mixed}\"", keys[0])));
    }
    let text = |key: &str| match form.get(key).and_then(Value::as_str).map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(refuse(format!("have no text under \"{key}\""))),
    };
    Ok(match keys[0] {
        "client_id" => Credentials::OAuth {
            client_id: text("client_id")?,
            client_secret: text("client_secret")?.into(),
            refresh_token: text("refresh_token")?.into(),
        },
        "authtoken" => Credentials::AuthToken(text("authtoken")?.into()),
        "technician_key" => Credentials::TechnicianKey(text("technician_key")?.into()),
        _ => Credentials::ApiKey(text("api_key")?.into()),
    })
}

/// Whether the edition takes credentials of this form.
pub(crate) fn fits(credentials: &Credentials, edition: Edition, api: Api) -> Result<(), Failure> {
    let (fits, takes) = match (edition, api, credentials) {
        (_, _, Credentials::ApiKey(_)) => (edition == Edition::Cloud || api == Api::Story, "\"authtoken\""),
        (Edition::Cloud, _, credentials) => (
            matches!(credentials, Credentials::OAuth { .. }),
            "\"client_id\", \"client_secret\" and \"refresh_token\", or \"api_key\"",
        ),
        (_, _, credentials) => (
            !matches!(credentials, Credentials::OAuth { .. }),
            "\"authtoken\" or \"technician_key\"",
        ),
    };
    if fits {
        return Ok(());
    }
    Err(Failure::new(
        ExitCode::Usage,
        format!("the credentials do not fit the edition: it takes {takes}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let parse = |json| parse(json).expect(json);
        assert!(matches!(
            parse(r#"{"client_id": "a", "client_secret": "b", "refresh_token": "c"}"#),
            Credentials::OAuth { client_id, .. } if client_id == "a"
        ));
        assert!(matches!(
            parse(r#"{"authtoken": "a"}"#),
            Credentials::AuthToken(_)
        ));
        assert!(matches!(
            parse(r#"{"technician_key": "a"}"#),
            Credentials::TechnicianKey(_)
        ));
        assert!(matches!(parse(r#"{"api_key": "a"}"#), Credentials::ApiKey(_)));
    }

    #[test]
    fn errors_name_keys_and_never_values() {
        let cases = [
            ("planted", "not a JSON object"),
            ("{\"authtoken\": \"planted\"", "not a JSON object"),
            ("{}", "are empty"),
            ("{\"token\": \"planted\"}", "unknown key \"token\""),
            ("{\"client_id\": \"planted\"}", "lack the key \"client_secret\""),
            (
                "{\"authtoken\": \"planted\", \"api_key\": \"planted\"}",
                "mix \"authtoken\" with \"api_key\"",
            ),
            ("{\"authtoken\": 7}", "no text under \"authtoken\""),
            ("{\"authtoken\": \" \"}", "no text under \"authtoken\""),
        ];
        for (json, expected) in cases {
            let error = parse(json).expect_err(json);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
    }

    #[test]
    fn credentials_must_fit_the_edition() {
        let key = || Credentials::AuthToken("a".into());
        assert!(fits(&key(), Edition::OnPremises, Api::V3).is_ok());
        assert!(fits(&key(), Edition::Cloud, Api::V3).is_err());
        let api_key = || Credentials::ApiKey("a".into());
        assert!(fits(&api_key(), Edition::Cloud, Api::V3).is_ok());
        assert!(fits(&api_key(), Edition::OnPremises, Api::Story).is_ok());
        assert!(fits(&api_key(), Edition::Msp, Api::V3).is_err());
    }
}
