//! Answers of the HTTP interface.

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// Returns the status, the media type and the JSON of an answer.
pub(crate) async fn read(response: Response) -> (StatusCode, String, Value) {
    let status = response.status();
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let text = response.text().await.expect("a body");
    let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, kind, value)
}

/// Sends a request and returns the status of its answer.
pub(crate) async fn status(request: RequestBuilder) -> StatusCode {
    request.send().await.expect("an answer").status()
}

/// Sends a request that must fail with this status and a problem of RFC 9457; returns the problem.
pub(crate) async fn problem(request: RequestBuilder, status: u16) -> Value {
    let (found, kind, body) = read(request.send().await.expect("an answer")).await;
    assert_eq!(
        (found.as_u16(), kind.as_str()),
        (status, "application/problem+json"),
        "{body}"
    );
    assert_eq!(body["status"], status, "{body}");
    for field in ["type", "title", "detail"] {
        assert!(
            body[field].as_str().is_some_and(|text| !text.is_empty()),
            "{body}"
        );
    }
    body
}
