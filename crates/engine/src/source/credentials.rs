//! Forms of credentials, as JSON.

use serde_json::Value;

use super::client::{Api, Credentials, Edition};
use crate::secrets::Error;

/// Forms of credentials, by their keys.
const FORMS: [&[&str]; 4] = [
    &["client_id", "client_secret", "refresh_token"],
    &["authtoken"],
    &["technician_key"],
    &["api_key"],
];

/// Forms of credentials, for people.
pub const CREDENTIAL_FORMS: &str = "one of {\"client_id\", \"client_secret\", \"refresh_token\"}, {\"authtoken\"}, \
                                    {\"technician_key\"} or {\"api_key\"}, each with a text";

/// Returns the keys of the credentials that an edition takes.
pub fn keys_of_edition(edition: Edition, api: Api) -> &'static [&'static str] {
    match (edition, api) {
        (_, Api::Story) => FORMS[3],
        (Edition::Cloud, Api::V3) => FORMS[0],
        _ => FORMS[1],
    }
}

/// Reads credentials of any form.
///
/// # Errors
/// `CredentialsForm`, naming keys that are missing, unknown or mixed; never a value.
pub fn parse_credentials(json: &str) -> Result<Credentials, Error> {
    let refuse = Error::CredentialsForm;
    // The message of the parser may quote a secret.
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

/// Checks that the edition takes credentials of this form.
///
/// # Errors
/// `CredentialsOfOtherEdition`.
pub fn fits_edition(credentials: &Credentials, edition: Edition, api: Api) -> Result<(), Error> {
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
    Err(Error::CredentialsOfOtherEdition { takes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let parse = |json| parse_credentials(json).expect(json);
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
            let error = parse_credentials(json).expect_err(json);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
    }

    #[test]
    fn credentials_must_fit_the_edition() {
        let key = || Credentials::AuthToken("a".into());
        assert!(fits_edition(&key(), Edition::OnPremises, Api::V3).is_ok());
        assert!(fits_edition(&key(), Edition::Cloud, Api::V3).is_err());
        let api_key = || Credentials::ApiKey("a".into());
        assert!(fits_edition(&api_key(), Edition::Cloud, Api::V3).is_ok());
        assert!(fits_edition(&api_key(), Edition::OnPremises, Api::Story).is_ok());
        assert!(fits_edition(&api_key(), Edition::Msp, Api::V3).is_err());
    }
}
