//! A call to the desk: which path it names and what came with it.

use std::collections::HashMap;

use axum::extract::Query;
use axum::http::{HeaderMap, Method, Uri};
use serde::Serialize;

use crate::edition::Edition;
use crate::options::Options;

/// The kinds of calls that logs and faults tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// `GET /requests`.
    List,
    /// `GET /requests/{id}`.
    Detail,
    /// `GET /statuses`.
    Statuses,
    /// `POST /oauth/v2/token`.
    Token,
    /// Everything else.
    Other,
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    List,
    Detail(String),
    Archived(String),
    Resolution(String),
    Notes(String),
    Note(String, String),
    Statuses,
    Token,
    Unknown,
}

impl Target {
    /// Reads a path. On cloud the API stands below `/app/{portal}` too, for the configured portal only.
    pub(crate) fn read(path: &str, options: &Options) -> Self {
        if path == "/oauth/v2/token" && options.edition == Edition::Cloud {
            return Self::Token;
        }
        let in_portal = |portal: &String| path.strip_prefix("/app/")?.strip_prefix(portal.as_str());
        let portal = options
            .portal
            .as_ref()
            .filter(|_| options.edition == Edition::Cloud);
        let path = portal.and_then(in_portal).unwrap_or(path);
        let Some(path) = path.strip_prefix("/api/v3/") else {
            return Self::Unknown;
        };
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            ["requests"] => Self::List,
            ["statuses"] => Self::Statuses,
            ["requests", id] => Self::Detail(id.into()),
            ["archive_requests", id] => Self::Archived(id.into()),
            ["requests", id, "resolutions"] => Self::Resolution(id.into()),
            ["requests", id, "notes"] => Self::Notes(id.into()),
            ["requests", id, "notes", note] => Self::Note(id.into(), note.into()),
            _ => Self::Unknown,
        }
    }
}

/// A call as the desk sees it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    /// Parameters of the URL, and for a form also those of its body.
    pub(crate) parameters: HashMap<String, String>,
}

impl Call {
    /// Reads a call.
    pub(crate) fn read(method: Method, uri: &Uri, headers: HeaderMap, form: &str, options: &Options) -> Self {
        let mut parameters = decoded(uri);
        if !form.is_empty()
            && let Ok(uri) = format!("/?{form}").parse()
        {
            parameters.extend(decoded(&uri));
        }
        Self {
            method,
            path: uri.path().to_owned(),
            target: Target::read(uri.path(), options),
            headers,
            parameters,
        }
    }

    /// The kind of call.
    pub(crate) fn kind(&self) -> CallKind {
        match self.target {
            Target::List => CallKind::List,
            Target::Detail(_) => CallKind::Detail,
            Target::Statuses => CallKind::Statuses,
            Target::Token => CallKind::Token,
            Target::Archived(_)
            | Target::Resolution(_)
            | Target::Notes(_)
            | Target::Note(..)
            | Target::Unknown => CallKind::Other,
        }
    }

    /// The ticket that the path names.
    pub(crate) fn id(&self) -> Option<&str> {
        match &self.target {
            Target::Detail(id)
            | Target::Archived(id)
            | Target::Resolution(id)
            | Target::Notes(id)
            | Target::Note(id, _) => Some(id),
            Target::List | Target::Statuses | Target::Token | Target::Unknown => None,
        }
    }

    /// The first row that a list call asks for.
    pub(crate) fn start_index(&self) -> Option<u64> {
        self.list_number("start_index")
    }

    /// How many rows a list call asks for.
    pub(crate) fn row_count(&self) -> Option<u64> {
        self.list_number("row_count")
    }

    fn list_number(&self, key: &str) -> Option<u64> {
        let input: serde_json::Value = serde_json::from_str(self.parameter("input_data")?).ok()?;
        input.get("list_info")?.get(key)?.as_u64()
    }

    /// A parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn decoded(uri: &Uri) -> HashMap<String, String> {
    Query::try_from_uri(uri)
        .map(|Query(parameters)| parameters)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portal_path_is_one_portals_only() {
        let options = Options {
            portal: Some("itdesk".into()),
            ..Options::default()
        };
        assert_eq!(Target::read("/api/v3/requests", &options), Target::List);
        assert_eq!(
            Target::read("/app/itdesk/api/v3/requests/7", &options),
            Target::Detail("7".into())
        );
        assert_eq!(
            Target::read("/app/other/api/v3/requests", &options),
            Target::Unknown
        );
        assert_eq!(
            Target::read("/app/itdeskx/api/v3/requests", &options),
            Target::Unknown
        );
        assert_eq!(
            Target::read("/app/itdesk/api/v3/requests", &Options::default()),
            Target::Unknown
        );
        let on_premises = Options {
            edition: Edition::OnPremises,
            ..options
        };
        assert_eq!(Target::read("/oauth/v2/token", &on_premises), Target::Unknown);
        assert_eq!(
            Target::read("/app/itdesk/api/v3/requests", &on_premises),
            Target::Unknown
        );
    }
}
