//! Replies, and the standard bodies with which ServiceDesk Plus refuses a call.

use serde_json::{Value, json};

use crate::edition::Edition;
use crate::exchange::bad_query::BadQuery;

/// An HTTP reply before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

const JSON: &str = "application/json;charset=UTF-8";
const HTML: &str = "text/html;charset=UTF-8";
const LOGIN_PAGE: &str = "<html><head><title>Sign in</title></head><body>\
    <form action=\"/j_security_check\"><input name=\"j_username\"></form></body></html>\n";
const TOMCAT_PAGE: &str = "<!doctype html><html lang=\"en\"><head><title>HTTP Status 401 – Unauthorized</title></head>\
    <body><h1>HTTP Status 401 – Unauthorized</h1></body></html>\n";

impl Reply {
    /// Creates a reply with JSON text.
    pub(crate) fn json(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: JSON,
            retry_after: None,
            location: None,
            body,
        }
    }

    fn html(status: u16, page: &str) -> Self {
        Self {
            content_type: HTML,
            ..Self::json(status, page.into())
        }
    }

    /// Creates a reply without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self::json(status, String::new())
    }

    /// Creates a failure in the usual envelope; the message has the useful code.
    pub(crate) fn failure(status: u16, code: u16, field: Option<&str>, message: &str) -> Self {
        let mut text = json!({"status_code": code, "type": "failed", "message": message});
        if let Some(field) = field {
            text["field"] = json!(field);
        }
        Self::json(
            status,
            json!({"response_status": {"status_code": 4000, "messages": [text], "status": "failed"}})
                .to_string(),
        )
    }

    /// Refuses a list call.
    pub(crate) fn bad_query(bad: &BadQuery) -> Self {
        Self::failure(400, 4001, Some(&bad.field), bad.message)
    }

    /// Creates a success: a list or object under its name, with the matching `response_status`.
    pub(crate) fn success(name: &str, value: Value) -> Self {
        let status = json!({"status_code": 2000, "status": "success"});
        let mut answer = match value.as_array().map(Vec::len) {
            Some(rows) => {
                json!({"response_status": [status], "list_info": {"has_more_rows": false, "row_count": rows}})
            }
            None => json!({ "response_status": status }),
        };
        answer[name] = value;
        Self::json(200, answer.to_string())
    }

    /// Refuses an unknown path or record; the two look alike.
    pub(crate) fn not_found(edition: Edition) -> Self {
        match edition {
            Edition::Cloud => Self::failure(404, 4007, None, "Invalid URL or the resource is not found"),
            Edition::OnPremises | Edition::Msp => Self::failure(404, 4007, None, "Invalid URL"),
        }
    }

    /// Refuses a ticket that was merged into another.
    pub(crate) fn merged(parent: u64) -> Self {
        let message = format!("Request was merged with request {parent}");
        Self::failure(404, 4007, None, &message)
    }

    /// Refuses missing, wrong or expired credentials.
    pub(crate) fn unauthorised(edition: Edition) -> Self {
        match edition {
            Edition::Cloud => Self::failure(401, 4022, None, "Invalid API key or token"),
            Edition::OnPremises | Edition::Msp => {
                Self::failure(401, 4001, None, "Authentication failed. Invalid key.")
            }
        }
    }

    /// Returns the standard reply with this status, for faults.
    pub(crate) fn of_status(status: u16, edition: Edition) -> Self {
        match status {
            401 => Self::unauthorised(edition),
            403 => Self::failure(403, 4002, None, "Forbidden"),
            404 => Self::not_found(edition),
            429 => Self::too_many(),
            500.. => Self::failure(status, 4004, None, "Internal Error"),
            _ => Self::failure(status, 4001, Some("id"), "Given value does not exist"),
        }
    }

    /// Returns the standard reply with this name, for faults.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "4015" => Self::code_4015(),
            "4015-top" => Self::top_code_4015(),
            "blocked" => Self::url_blocked(),
            "rolling" => Self::rolling(22),
            "tomcat" => Self::html(401, TOMCAT_PAGE),
            "login" => Self::login_page(),
            "licence" => Self::failure(400, 7001, None, "Licence does not allow this operation"),
            "array" => {
                let mut reply = Self::failure(400, 4014, None, "search_criteria could not be used");
                reply.body = reply
                    .body
                    .replace(":{\"messages", ":[{\"messages")
                    .replace("}}", "}]}");
                reply
            }
            _ => return None,
        })
    }

    /// Returns the sign-in page of a proxy under HTTP 200.
    pub(crate) fn login_page() -> Self {
        Self::html(200, LOGIN_PAGE)
    }

    /// Returns a failure under HTTP 200.
    pub(crate) fn failed_success() -> Self {
        Self::failure(200, 4000, None, "Operation could not be done")
    }

    /// Returns the documented 429.
    pub(crate) fn too_many() -> Self {
        let message = json!({"status_code": 4015, "type": "failed", "message": "API rate limit exceeded"});
        let body =
            json!({"response_status": {"status_code": 4015, "messages": [message], "status": "failed"}});
        Self::json(429, body.to_string())
    }

    /// Returns 400 with 4015 among the messages.
    pub(crate) fn code_4015() -> Self {
        Self::failure(400, 4015, None, "URL rolling throttle limit exceeded")
    }

    /// Returns 400 with 4015 at the top.
    pub(crate) fn top_code_4015() -> Self {
        let body = json!({"response_status": {"status_code": 4015, "status": "failed"}});
        Self::json(400, body.to_string())
    }

    /// Returns the on-premises throttle.
    pub(crate) fn url_blocked() -> Self {
        Self::failure(400, 4000, None, "URL blocked as maximum access limit exceeded")
    }

    /// Returns the throttle that announces the wait in its text only.
    pub(crate) fn rolling(minutes: u64) -> Self {
        let message = format!(
            "Cannot execute more than 100 requests per API in 2 minutes. Try again after {minutes} minutes."
        );
        let error = json!({"status_code": 400, "title": "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED",
            "error_type": "OPERATIONAL_VALIDATION_ERROR", "details": {"message": message}});
        Self::json(400, json!({"error": error}).to_string())
    }
}
