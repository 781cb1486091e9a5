//! The answer of the accounts server, and the reason for an answer without a token.

use std::time::Duration;

use serde::Deserialize;

use crate::connection::retry_after;
use crate::wire::one_line;

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: Option<String>,
    pub(super) expires_in: Option<u64>,
    error: Option<String>,
    error_description: Option<String>,
}

/// The reason for an answer without a token.
pub(super) enum Refusal {
    /// The account is locked for a while.
    Locked { wait: Option<Duration>, reason: String },
    /// The server or the way to it is broken.
    Broken {
        reason: String,
        source: Option<reqwest::Error>,
    },
    /// The grant is no longer valid.
    Final(String),
}

impl Refusal {
    /// Classifies an answer without a token: a lock passes, a broken server may recover, a refused grant does not.
    pub(super) fn of(answer: &TokenAnswer, status: u16, retry_after: Option<Duration>) -> Self {
        let error = answer.error.as_deref().unwrap_or("no access token in the answer");
        let words = answer.error_description.as_deref().unwrap_or_default();
        let reason = one_line([error, words].join(" ").trim_end(), 300);
        let lower = reason.to_ascii_lowercase();
        if status == 429 || lower.contains("access denied") || lower.contains("too many requests") {
            let wait = retry_after.or(retry_after::in_words(&reason));
            return Self::Locked { wait, reason };
        }
        if status >= 500 {
            return Self::Broken { reason, source: None };
        }
        Self::Final(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, body: &str) -> String {
        let answer: TokenAnswer = serde_json::from_str(body).expect("JSON");
        match Refusal::of(&answer, status, None) {
            Refusal::Locked { wait, .. } => format!("locked {wait:?}"),
            Refusal::Broken { reason, .. } => format!("broken {reason}"),
            Refusal::Final(reason) => reason,
        }
    }

    #[test]
    fn every_recorded_refusal_is_classified() {
        for (file, status, expected) in [
            ("oauth_error_invalid_code_http200.json", 200, "invalid_code"),
            ("oauth_error_invalid_client_http200.json", 200, "invalid_client"),
            ("oauth_throttle_http400.json", 400, "locked None"),
        ] {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/accounts");
            let body = std::fs::read_to_string(format!("{folder}/{file}")).expect("readable");
            assert_eq!(verdict(status, &body), expected, "{file}");
        }
    }

    #[test]
    fn a_lock_and_a_revoked_grant_are_distinguished() {
        let denied = r#"{"error_description": "You have made too many requests continuously. Please try again after some time.",
            "error": "Access Denied", "status": "failure"}"#;
        assert_eq!(verdict(400, denied), "locked None");
        assert_eq!(verdict(200, denied), "locked None");
        assert_eq!(
            verdict(200, r#"{"error": "Access Denied, try again after 8 minutes"}"#),
            "locked Some(480s)"
        );
        assert_eq!(verdict(200, r#"{"error": "invalid_code"}"#), "invalid_code");
        assert_eq!(
            verdict(502, r#"{"error": "general_error"}"#),
            "broken general_error"
        );
    }
}
