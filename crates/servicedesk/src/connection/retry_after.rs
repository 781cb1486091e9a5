//! The wait that a server asks for: in the header `Retry-After`, or in the words of its message.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Returns the wait of the header `Retry-After`: seconds, or a date that is compared with the server's own clock.
pub(super) fn in_headers(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let value = text(RETRY_AFTER)?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit means a very long wait, not none.
        return Some(Duration::from_secs(value.parse().unwrap_or(u32::MAX).into()));
    }
    let date = |text: &str| chrono::DateTime::parse_from_rfc2822(text.trim()).ok();
    (date(value)? - date(text(DATE)?)?).to_std().ok()
}

/// Returns the wait of a message such as "Try again after 22 minutes".
pub(super) fn in_words(words: &str) -> Option<Duration> {
    let words = words.to_ascii_lowercase();
    words.split("after ").skip(1).find_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let unit = rest[digits.len()..].trim_start();
        let seconds = match unit {
            _ if unit.starts_with("sec") => 1,
            _ if unit.starts_with("min") => 60,
            _ if unit.starts_with("hour") => 3_600,
            _ => return None,
        };
        let count = digits.parse().unwrap_or(u32::MAX);
        (!digits.is_empty()).then(|| Duration::from_secs(u64::from(count) * seconds))
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn the_header_holds_seconds_or_a_date() {
        let wait = |value: &str, date: Option<&str>| {
            let header = |text: &str| HeaderValue::from_str(text).expect("a header");
            let mut headers = HeaderMap::from_iter([(RETRY_AFTER, header(value))]);
            headers.extend(date.map(|date| (DATE, header(date))));
            in_headers(&headers)
        };
        let date = Some("Wed, 11 Mar 2026 12:00:00 GMT");
        assert_eq!(wait("7", None), Some(Duration::from_secs(7)));
        assert_eq!(
            wait("Wed, 11 Mar 2026 12:01:30 GMT", date),
            Some(Duration::from_secs(90))
        );
        assert_eq!(wait("Wed, 11 Mar 2026 11:00:00 GMT", date), None);
        for forever in ["4294967295", "99999999999999999999999999"] {
            assert_eq!(wait(forever, None), Some(Duration::from_secs(4_294_967_295)));
        }
        for nonsense in ["soon", "", "-7", "+7", "NaN", "inf", "1e9", "0x10", "7.5", "7 s"] {
            assert_eq!(wait(nonsense, date), None, "{nonsense}");
        }
        assert_eq!(wait("Wed, 11 Mar 2026 12:01:30 GMT", Some("never")), None);
    }

    #[test]
    fn words_hold_a_number_and_a_unit() {
        for (words, seconds) in [
            ("Try again after 22 minutes.", Some(1_320)),
            (
                "Try again after 99999999999999 hours.",
                Some(u64::from(u32::MAX) * 3_600),
            ),
            ("Try again after hours.", None),
            ("Try again after -5 minutes.", None),
            ("Try again after NaN seconds.", None),
        ] {
            assert_eq!(in_words(words), seconds.map(Duration::from_secs), "{words}");
        }
    }
}
