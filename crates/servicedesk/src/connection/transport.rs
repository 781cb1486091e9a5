//! What calls to a helpdesk and to its accounts server have in common.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use reqwest::Response;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::wire::repair;

/// Longest wait for a throttle or lock to end: beyond it somebody should know.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Retries of one request after a broken answer.
const RETRIES: usize = 3;

/// Before each retry, how long to wait.
pub(crate) fn delays() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_jitter()
        .with_max_times(RETRIES)
        .build()
}

/// The body without what no JSON may hold; `None` if it is longer than `limit_bytes`, where reading stops. Bytes count
/// as they are unpacked, so a small body that unpacks to a giant one is cut off as early.
pub(crate) async fn body(response: &mut Response, limit_bytes: usize) -> reqwest::Result<Option<String>> {
    let told = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(told.unwrap_or_default().min(limit_bytes));
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit_bytes {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    // Its rows keep it for a while.
    body.shrink_to_fit();
    let text = repair::clean(body);
    // A mark takes three bytes in place of one that is no UTF-8.
    Ok((text.len() <= limit_bytes).then_some(text))
}

/// How long the server says to wait: in seconds, or until a date, which is compared with its own clock.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let value = text(RETRY_AFTER)?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number beyond all reason is a very long wait, not none.
        return Some(Duration::from_secs(value.parse().unwrap_or(u32::MAX).into()));
    }
    let date = |text: &str| chrono::DateTime::parse_from_rfc2822(text.trim()).ok();
    (date(value)? - date(text(DATE)?)?).to_std().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let told = |value: &str, date: Option<&str>| {
            let header = |text: &str| HeaderValue::from_str(text).expect("a header");
            let mut headers = HeaderMap::from_iter([(RETRY_AFTER, header(value))]);
            headers.extend(date.map(|date| (DATE, header(date))));
            retry_after(&headers)
        };
        let date = Some("Wed, 11 Mar 2026 12:00:00 GMT");
        assert_eq!(told("7", None), Some(Duration::from_secs(7)));
        assert_eq!(
            told("Wed, 11 Mar 2026 12:01:30 GMT", date),
            Some(Duration::from_secs(90))
        );
        assert_eq!(told("Wed, 11 Mar 2026 11:00:00 GMT", date), None);
        for forever in ["4294967295", "99999999999999999999999999"] {
            assert_eq!(told(forever, None), Some(Duration::from_secs(4_294_967_295)));
        }
        for nonsense in ["soon", "", "-7", "+7", "NaN", "inf", "1e9", "0x10", "7.5", "7 s"] {
            assert_eq!(told(nonsense, date), None, "{nonsense}");
        }
        assert_eq!(told("Wed, 11 Mar 2026 12:01:30 GMT", Some("never")), None);
    }
}
