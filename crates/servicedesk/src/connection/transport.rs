//! Reading a body within its size limit.

use reqwest::Response;

use crate::wire::repair;

/// Reads the body and cleans it of bytes that JSON forbids. Stops and returns `None` after `limit_bytes`.
///
/// The limit counts unpacked bytes, so that a small body cannot unpack to a giant one.
pub(super) async fn body(response: &mut Response, limit_bytes: usize) -> reqwest::Result<Option<String>> {
    let announced = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(announced.unwrap_or_default().min(limit_bytes));
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit_bytes {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    // The rows keep the body in memory for a while.
    body.shrink_to_fit();
    let text = repair::clean(body);
    // U+FFFD takes three bytes and may replace a single one.
    Ok((text.len() <= limit_bytes).then_some(text))
}
