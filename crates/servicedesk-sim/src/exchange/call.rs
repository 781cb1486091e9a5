//! A call of the API: its path, headers and parameters.

use std::collections::HashMap;

use axum::extract::Query;
use axum::http::{HeaderMap, Method, Uri};
use serde::Serialize;
use serde_json::Value;

use crate::edition::Edition;

/// The kinds of calls that logs and faults distinguish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
    /// Any other call.
    #[default]
    Other,
}

/// The resource that a path names.
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
    /// Reads a path. On cloud the path of the configured portal, `/app/{portal}`, serves the API too.
    pub(crate) fn read(path: &str, edition: Edition, portal: Option<&str>) -> Self {
        if path == "/oauth/v2/token" && edition == Edition::Cloud {
            return Self::Token;
        }
        let in_portal = |portal: &str| path.strip_prefix("/app/")?.strip_prefix(portal);
        let portal = portal.filter(|_| edition == Edition::Cloud);
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

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    /// Parameters of the URL and of a form body.
    pub(crate) parameters: HashMap<String, String>,
}

impl Call {
    /// Reads a call; `target` is what its path names, and `form` its body.
    pub(crate) fn read(target: Target, method: Method, uri: &Uri, headers: HeaderMap, form: &str) -> Self {
        let mut parameters = decoded(uri);
        if !form.is_empty()
            && let Ok(uri) = format!("/?{form}").parse()
        {
            parameters.extend(decoded(&uri));
        }
        Self {
            method,
            path: uri.path().to_owned(),
            target,
            headers,
            parameters,
        }
    }

    /// Returns the kind of call.
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

    /// Returns the id of the ticket that the path names.
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

    /// Returns the requested first row of a list call.
    pub(crate) fn start_index(&self) -> Option<u64> {
        self.list_number("start_index")
    }

    /// Returns the requested number of rows of a list call.
    pub(crate) fn row_count(&self) -> Option<u64> {
        self.list_number("row_count")
    }

    /// Returns the object `list_info` of `input_data`.
    pub(crate) fn list_info(&self) -> Option<Value> {
        let mut input: Value = serde_json::from_str(self.parameter("input_data")?).ok()?;
        Some(input.get_mut("list_info")?.take())
    }

    fn list_number(&self, key: &str) -> Option<u64> {
        self.list_info()?.get(key)?.as_u64()
    }

    /// Returns a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Returns a header, if it is text.
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
    fn only_the_configured_portal_has_a_path() {
        let read = |path, edition, portal| Target::read(path, edition, portal);
        let cloud = |path| read(path, Edition::Cloud, Some("itdesk"));
        let (list, unknown) = (Target::List, Target::Unknown);
        assert_eq!(cloud("/api/v3/requests"), list);
        assert_eq!(cloud("/app/itdesk/api/v3/requests/7"), Target::Detail("7".into()));
        assert_eq!(cloud("/app/other/api/v3/requests"), unknown);
        assert_eq!(cloud("/app/itdeskx/api/v3/requests"), unknown);
        let path = "/app/itdesk/api/v3/requests";
        assert_eq!(read(path, Edition::Cloud, None), unknown);
        assert_eq!(read(path, Edition::OnPremises, Some("itdesk")), unknown);
        assert_eq!(read("/oauth/v2/token", Edition::OnPremises, None), unknown);
    }
}
