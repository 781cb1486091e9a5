//! Answers, and the standard bodies that ServiceDesk Plus gives where it refuses.

use serde_json::{Map, Value, json};

use crate::edition::Edition;
use crate::query::BadQuery;

/// An HTTP answer before it is sent.
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
    /// JSON text as it is.
    pub(crate) fn json(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: JSON,
            retry_after: None,
            location: None,
            body,
        }
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: JSON,
            retry_after: None,
            location: None,
            body: String::new(),
        }
    }

    /// A failure in the usual envelope: the useful code is that of the message.
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

    /// A list call that is refused.
    pub(crate) fn refused(bad: &BadQuery) -> Self {
        Self::failure(400, 4001, Some(&bad.field), bad.message)
    }

    /// Changes a body that is a JSON object; any other stays.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        if let Ok(Value::Object(mut answer)) = serde_json::from_str(&self.body) {
            change(&mut answer);
            self.body = Value::Object(answer).to_string();
        }
    }

    /// A list or object under its name, with the fitting `response_status`.
    pub(crate) fn success(name: &str, value: Value) -> Self {
        let status = json!({"status_code": 2000, "status": "success"});
        let mut answer = if value.is_array() {
            let rows = value.as_array().map_or(0, Vec::len);
            json!({"response_status": [status], "list_info": {"has_more_rows": false, "row_count": rows}})
        } else {
            json!({"response_status": status})
        };
        answer[name] = value;
        Self::json(200, answer.to_string())
    }

    /// No such path or record; the two look alike.
    pub(crate) fn not_found(edition: Edition) -> Self {
        match edition {
            Edition::Cloud => Self::failure(404, 4007, None, "Invalid URL or the resource is not found"),
            Edition::OnPremises | Edition::Msp => Self::failure(404, 4007, None, "Invalid URL"),
        }
    }

    /// The record was merged into another.
    pub(crate) fn merged(parent: u64) -> Self {
        Self::failure(
            404,
            4007,
            None,
            &format!("Request was merged with request {parent}"),
        )
    }

    /// Missing, wrong or expired credentials.
    pub(crate) fn unauthorised(edition: Edition) -> Self {
        match edition {
            Edition::Cloud => Self::failure(401, 4022, None, "Invalid API key or token"),
            Edition::OnPremises | Edition::Msp => {
                Self::failure(401, 4001, None, "Authentication failed. Invalid key.")
            }
        }
    }

    /// The body that fits a status, for faults.
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

    /// One of the standard bodies by name, for faults; `None` where there is none.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "4015" => Self::code_4015(),
            "4015-top" => Self::top_code_4015(),
            "blocked" => Self::url_blocked(),
            "rolling" => Self::rolling(22),
            "tomcat" => Self {
                status: 401,
                content_type: HTML,
                retry_after: None,
                location: None,
                body: TOMCAT_PAGE.into(),
            },
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

    /// A proxy's sign-in page under HTTP 200.
    pub(crate) fn login_page() -> Self {
        Self {
            status: 200,
            content_type: HTML,
            retry_after: None,
            location: None,
            body: LOGIN_PAGE.into(),
        }
    }

    /// A failure under HTTP 200.
    pub(crate) fn failed_success() -> Self {
        Self::failure(200, 4000, None, "Operation could not be done")
    }

    /// 429 as documented.
    pub(crate) fn too_many() -> Self {
        let message = json!({"status_code": 4015, "type": "failed", "message": "API rate limit exceeded"});
        let body =
            json!({"response_status": {"status_code": 4015, "messages": [message], "status": "failed"}});
        Self::json(429, body.to_string())
    }

    /// 400 with 4015 among the messages.
    pub(crate) fn code_4015() -> Self {
        Self::failure(400, 4015, None, "URL rolling throttle limit exceeded")
    }

    /// 400 with 4015 at the top.
    pub(crate) fn top_code_4015() -> Self {
        Self::json(
            400,
            json!({"response_status": {"status_code": 4015, "status": "failed"}}).to_string(),
        )
    }

    /// The on-premises throttle.
    pub(crate) fn url_blocked() -> Self {
        Self::failure(400, 4000, None, "URL blocked as maximum access limit exceeded")
    }

    /// The throttle that tells the wait in its text only.
    pub(crate) fn rolling(minutes: u64) -> Self {
        let message = format!(
            "Cannot execute more than 100 requests per API in 2 minutes. Try again after {minutes} minutes."
        );
        let error = json!({"status_code": 400, "title": "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED",
            "error_type": "OPERATIONAL_VALIDATION_ERROR", "details": {"message": message}});
        Self::json(400, json!({"error": error}).to_string())
    }
}
