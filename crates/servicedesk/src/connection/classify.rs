//! The meaning of an exchange. Nothing else judges an answer.
//!
//! The HTTP status alone misleads: throttles come as 400, failures as 200, a login page as 200 with HTML
//! (an empty result to a naive reader), a missing ticket as 401. So body and status are judged together.

mod statement;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use super::failure::Failure;
use super::retry_after;
use crate::Error;
use crate::wire::{Answer, Body, Row, one_line, repair};
use statement::{MOST_WORDS, Statement};

/// The parts of an HTTP answer that decide its meaning.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) status: u16,
    /// The wait that the header `Retry-After` asks for.
    pub(crate) retry_after: Option<Duration>,
    /// Target of a redirect. The client follows none, since it would take the credentials along.
    pub(crate) location: Option<&'a str>,
    /// The body, cleaned of bytes that JSON forbids.
    pub(crate) body: &'a Arc<Body>,
}

/// Classifies the answer and takes from it what `read` returns. Repairs a body that only a strict parser refuses.
pub(crate) fn read<T>(
    exchange: &Exchange<'_>,
    read: impl Fn(Answer<Row>) -> Result<T, String>,
) -> Result<T, Failure> {
    let mut parsed = Row::all_of(exchange.body);
    if parsed.is_err()
        && let Some(json) = repair::rewrite(exchange.body.text())
    {
        parsed = Row::all_of(&Arc::new(json.to_string().into()));
    }
    let answer = classify(exchange, parsed)?;
    read(answer).map_err(|reason| Failure::Transient {
        reason: format!("HTTP {} with {reason}", exchange.status),
        source: None,
    })
}

/// Returns the answer, or the reason why there is none. `parsed` is the content of the body.
fn classify(
    exchange: &Exchange<'_>,
    parsed: serde_json::Result<Answer<Row>>,
) -> Result<Answer<Row>, Failure> {
    let answer = parsed.map_err(|error| unreadable(exchange, &error))?;
    let statement = Statement::of(&answer);
    let reason = format!("HTTP {}{}", exchange.status, statement.words);
    if exchange.status == 429 || statement.is_throttle() {
        return Err(Failure::Throttled {
            wait: exchange.retry_after.or(retry_after::in_words(&statement.words)),
            locked: exchange.status != 429,
            reason,
        });
    }
    Err(match (exchange.status, statement.code()) {
        (200..=299, None | Some(..4000)) if answer.error.is_none() && !statement.failed => return Ok(answer),
        (_, Some(4007)) | (404, _) => Failure::Final(Error::NotFound(reason)),
        (_, Some(4002)) | (403, _) => Failure::Final(Error::Forbidden(reason)),
        (_, Some(7001)) => Failure::Final(Error::Refused(reason)),
        (401, _) | (_, Some(4022)) => Failure::Unauthorised(reason),
        (200..=299 | 408 | 500..=599, _) => Failure::Transient { reason, source: None },
        _ => Failure::Final(Error::Refused(reason)),
    })
}

/// Classifies a body that is not the API's JSON: of a proxy, a login page, a cut connection, or empty.
fn unreadable(exchange: &Exchange<'_>, error: &serde_json::Error) -> Failure {
    let what = match exchange.body.text().trim_ascii_start().chars().next() {
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
