//! What an exchange means, decided once and here only.
//!
//! The HTTP status alone misleads: throttles come as 400, failures inside 200, a login page as 200 HTML
//! (an empty result to a naive reader), a missing ticket as 401. So body and status are judged together.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Failure, one_line};
use crate::wire::{Answer, repair};
use crate::{Error, Row};

/// Characters of an answer's own words that an operator gets to read.
const MOST_WORDS: usize = 1_000;

/// The parts of an HTTP answer that matter.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) status: u16,
    /// As told by the header `Retry-After`.
    pub(crate) retry_after: Option<Duration>,
    /// Where a redirect leads; redirects are not followed, they would carry the credentials along.
    pub(crate) location: Option<&'a str>,
    /// Cleaned of what no JSON may hold.
    pub(crate) body: &'a Arc<String>,
}

/// What `read` takes from the answer; a body that only a strict parser refuses is read all the same.
pub(crate) fn read<T>(
    exchange: &Exchange<'_>,
    read: impl Fn(Answer<Row>) -> Result<T, String>,
) -> Result<T, Failure> {
    let mut parsed = Row::all_of(exchange.body);
    if parsed.is_err()
        && let Some(json) = repair::rewrite(exchange.body)
    {
        parsed = Row::all_of(&Arc::new(json.to_string()));
    }
    let answer = classify(exchange, parsed)?;
    read(answer).map_err(|reason| Failure::Transient {
        reason: format!("HTTP {} with {reason}", exchange.status),
        source: None,
    })
}

/// The answer, or why there is none. `parsed` is what the body holds.
fn classify(
    exchange: &Exchange<'_>,
    parsed: serde_json::Result<Answer<Row>>,
) -> Result<Answer<Row>, Failure> {
    let answer = parsed.map_err(|error| unreadable(exchange, &error))?;
    let told = Told::of(&answer);
    let reason = format!("HTTP {}{}", exchange.status, told.words);
    if exchange.status == 429 || told.throttled() {
        return Err(Failure::Throttled {
            wait: exchange.retry_after.or(wait_in_words(&told.words)),
            locked: exchange.status != 429,
            reason,
        });
    }
    Err(match (exchange.status, told.code()) {
        (200..=299, None | Some(..4000)) if answer.error.is_none() && !told.failed => return Ok(answer),
        (_, Some(4007)) | (404, _) => Failure::Final(Error::NotFound(reason)),
        (_, Some(4002)) | (403, _) => Failure::Final(Error::Forbidden(reason)),
        (_, Some(7001)) => Failure::Final(Error::Refused(reason)),
        (401, _) | (_, Some(4022)) => Failure::Unauthorised(reason),
        (200..=299 | 408 | 500..=599, _) => Failure::Transient { reason, source: None },
        _ => Failure::Final(Error::Refused(reason)),
    })
}

/// A body that is not the API's JSON: a proxy, a login page, a cut connection, nothing at all.
fn unreadable(exchange: &Exchange<'_>, error: &serde_json::Error) -> Failure {
    let what = match exchange.body.trim_ascii_start().chars().next() {
        None => "an empty body".to_owned(),
        Some('<') => "a web page instead of JSON: a login page or a proxy?".to_owned(),
        Some(_) => format!("unreadable JSON: {}", one_line(&error.to_string(), MOST_WORDS)),
    };
    let reason = format!("HTTP {} with {what}", exchange.status);
    match exchange.status {
        300..=399 => {
            let target = one_line(exchange.location.unwrap_or("an unknown place"), 200);
            Failure::Final(Error::Refused(format!(
                "HTTP {}, redirect to {target}",
                exchange.status
            )))
        }
        401 => Failure::Unauthorised(reason),
        403 => Failure::Final(Error::Forbidden(reason)),
        404 => Failure::Final(Error::NotFound(reason)),
        429 => Failure::Throttled {
            wait: exchange.retry_after,
            locked: false,
            reason,
        },
        200..=299 | 408 | 500..=599 => Failure::Transient { reason, source: None },
        _ => Failure::Final(Error::Refused(reason)),
    }
}

/// What the body says about itself.
struct Told {
    codes: Vec<i64>,
    /// A failure by its own word, without any code.
    failed: bool,
    /// For an operator: codes, fields and messages in one line.
    words: String,
}

impl Told {
    fn of(answer: &Answer<Row>) -> Self {
        let mut codes = Vec::new();
        let mut words = String::new();
        let mut failed = false;
        for status in &answer.response_status {
            let word = status.status.as_deref().unwrap_or_default().trim();
            failed |= word.eq_ignore_ascii_case("failed") || word.eq_ignore_ascii_case("failure");
            codes.extend(status.messages.iter().filter_map(|message| message.status_code));
            codes.extend(status.status_code);
            for message in &status.messages {
                for part in [
                    message.status_code.map(|code| code.to_string()),
                    message.field.clone(),
                    message.message.clone(),
                ] {
                    words.extend(part.iter().flat_map(|part| [", ", part]));
                }
            }
            if status.messages.is_empty() {
                words.extend(status.status_code.iter().map(|code| format!(", {code}")));
            }
        }
        if let Some(error) = &answer.error {
            let start: String = error.get().chars().take(MOST_WORDS).collect();
            let one_line: Vec<_> = start.split_whitespace().collect();
            words.push_str(", ");
            words.extend(one_line.join(" ").chars().take(300));
        }
        failed &= codes.is_empty();
        Self {
            codes,
            failed,
            words: one_line(&words, MOST_WORDS),
        }
    }

    /// The code that matters: the envelope says 4000, the messages say what it was.
    fn code(&self) -> Option<i64> {
        self.codes
            .iter()
            .copied()
            .find(|code| *code > 4000)
            .or(self.codes.iter().copied().max())
    }

    fn throttled(&self) -> bool {
        let words = self.words.to_ascii_lowercase();
        let says = [
            "throttle",
            "access limit exceeded",
            "rate limit",
            "too many requests",
        ];
        self.codes.contains(&4015)
            || (self.code().is_none_or(|code| code >= 4000) && says.iter().any(|say| words.contains(say)))
    }
}

/// "Try again after 22 minutes"
pub(crate) fn wait_in_words(words: &str) -> Option<Duration> {
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
    use super::*;

    /// One line: what the exchange is taken for, and the reason an operator reads.
    fn verdict(status: u16, retry_after: Option<u64>, body: &str) -> String {
        let retry_after = retry_after.map(Duration::from_secs);
        let exchange = Exchange {
            status,
            retry_after,
            location: Some("/login"),
            body: &Arc::new(body.to_owned()),
        };
        match classify(&exchange, Row::all_of(exchange.body)) {
            Ok(_) => "answer".to_owned(),
            Err(Failure::Throttled { wait, locked, reason }) => {
                let kind = if locked { "locked" } else { "throttled" };
                format!("{kind}, wait {wait:?}: {reason}")
            }
            Err(Failure::Transient { reason, .. }) => format!("transient: {reason}"),
            Err(Failure::Unauthorised(reason)) => format!("unauthorised: {reason}"),
            Err(Failure::Final(error)) => format!("final: {error}"),
        }
    }

    /// Every recorded body with the HTTP status it came with (its name says which, 200 where it says none).
    #[test]
    fn every_recorded_answer_is_taken_for_what_it_is() {
        let mut table = String::new();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .expect("fixtures")
            .map(|file| file.expect("a file").path())
            .filter(|file| file.is_file())
            .collect();
        files.sort();
        for file in files {
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            let status = name
                .split("http")
                .last()
                .and_then(|rest| rest.get(..3)?.parse().ok())
                .unwrap_or(200);
            let body = std::fs::read_to_string(&file).expect("readable");
            table += &format!("{name}: {}\n", verdict(status, None, &body));
        }
        insta::assert_snapshot!(table);
    }

    /// Every status with an empty body, with a web page and with an answer.
    #[test]
    fn every_status_is_taken_for_what_it_is() {
        let mut table = String::new();
        for status in 200..600 {
            let answer = r#"{"response_status": {"status_code": 2000, "status": "success"}}"#;
            let bodies = ["", " <html>Sign in</html>", answer];
            let verdicts = bodies.map(|body| {
                verdict(status, None, body)
                    .split([':', ',', '('])
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned()
            });
            let line = format!(
                "empty {}, page {}, answer {}",
                verdicts[0], verdicts[1], verdicts[2]
            );
            match table.lines().last() {
                Some(last) if last.ends_with(&line) => {}
                _ => table += &format!("from {status}: {line}\n"),
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_servers_words_are_one_line_and_do_nothing_to_a_terminal() {
        let told = r#"{"response_status": {"status_code": 4000, "messages": {"status_code": 4001,
            "message": "\u001b[2Jgone\r\nforged: line"}}}"#;
        assert_eq!(
            verdict(400, None, told),
            "final: ServiceDesk Plus refused the request (HTTP 400, 4001,  [2Jgone  forged: line)"
        );
        let long = format!(
            r#"{{"response_status": {{"messages": {{"message": "{}"}}}}}}"#,
            "x".repeat(9_999)
        );
        assert!(verdict(500, None, &long).len() < 1_100);
    }

    #[test]
    fn a_throttle_says_how_long_by_header_or_in_words() {
        let words = r#"{"error": {"details": {"message": "Try again after 22 minutes."}, "title": "URL_ROLLING_THROTTLES"}}"#;
        assert!(verdict(400, None, words).starts_with("locked, wait Some(1320s)"));
        assert!(verdict(400, Some(7), words).starts_with("locked, wait Some(7s)"));
        assert!(verdict(429, Some(7), "").starts_with("throttled, wait Some(7s)"));
        for (words, seconds) in [
            (
                "Try again after 99999999999999 hours.",
                Some(u64::from(u32::MAX) * 3_600),
            ),
            ("Try again after hours.", None),
            ("Try again after -5 minutes.", None),
            ("Try again after NaN seconds.", None),
        ] {
            assert_eq!(wait_in_words(words), seconds.map(Duration::from_secs), "{words}");
        }
    }
}
