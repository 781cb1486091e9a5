//! The laws: what holds for the result of every input. Each function returns the law that a result breaks.

use chrono::{DateTime, TimeDelta, Utc};
use servicedesk::{Hydrated, Outcome, fuzzing};
use ticket::{Ticket, html_to_text};

/// Earliest plausible time of resolution: 1990-01-01.
const EARLIEST_MS: i64 = 631_152_000_000;

/// Latest time that both databases and RFC 3339 can represent.
const LAST_MS: i64 = 253_402_300_799_999;

/// Maximum length of a reason in characters.
const MAX_REASON_CHARS: usize = 2_000;

/// Checks the rows of a list or a detail.
pub(super) fn page(finished: Result<Hydrated, String>) -> Result<(), String> {
    let finished = match finished {
        Ok(finished) => finished,
        Err(reason) => return fit_for_a_log(&reason),
    };
    for outcome in &finished.outcomes {
        match outcome {
            Outcome::Ticket(ticket, original) => {
                self::ticket(ticket)?;
                if original.raw.to_string().is_empty() {
                    return Err("a ticket without its JSON".to_owned());
                }
            }
            Outcome::Unchanged => return Err("an unchanged ticket, although none is stored".to_owned()),
            Outcome::Rejected(rejected) => {
                if rejected.reason.is_empty() || rejected.raw.is_empty() {
                    return Err("a rejection without a reason or without its JSON".to_owned());
                }
                fit_for_a_log(&rejected.reason)?;
            }
        }
    }
    Ok(())
}

/// Checks that a reason is one line of moderate length, without control characters.
fn fit_for_a_log(reason: &str) -> Result<(), String> {
    if reason.contains(char::is_control) {
        return Err(format!("control characters in {reason:?}"));
    }
    if reason.chars().count() > MAX_REASON_CHARS {
        return Err(format!("{} characters of reason", reason.chars().count()));
    }
    Ok(())
}

fn ticket(ticket: &Ticket) -> Result<(), String> {
    if ticket.id.as_str().trim().is_empty() {
        return Err("a ticket without an id".to_owned());
    }
    if ticket.description.trim().is_empty() {
        return Err("a ticket without a description".to_owned());
    }
    if ticket.subject.contains('\n') {
        return Err("a subject of several lines".to_owned());
    }
    plausible(ticket.resolved_at)?;
    match ticket.source_updated_at {
        Some(time) if !(0..=LAST_MS).contains(&time.timestamp_millis()) => {
            Err(format!("a last update that no database can store: {time}"))
        }
        _ => Ok(()),
    }
}

/// Checks that only a status of success is an answer.
pub(super) fn classified(status: u16, answer: Result<(), String>) -> Result<(), String> {
    match answer {
        Ok(()) if !(200..300).contains(&status) => Err(format!("HTTP {status} accepted as an answer")),
        Ok(()) => Ok(()),
        Err(reason) if reason.is_empty() => Err("a failure without a reason".to_owned()),
        Err(reason) => fit_for_a_log(&reason),
    }
}

/// Checks that the text has no new control characters and no blank lines at its ends, and that converting a plain
/// result again changes nothing.
pub(super) fn text(html: &str) -> Result<(), String> {
    let text = html_to_text(html);
    for control in '\0'..='\u{8}' {
        if text.contains(control) && !html.contains(control) {
            return Err(format!("a new {control:?} in {text:?}"));
        }
    }
    // A text that begins with code keeps the indentation of its first line.
    if text.trim_end() != text || text.starts_with('\n') {
        return Err(format!("white space at an end of {text:?}"));
    }
    if text.contains("\n\n\n") {
        return Err(format!("two blank lines in a row in {text:?}"));
    }
    let plain = !text.contains(['<', '&']);
    if plain && html_to_text(&text) != text {
        return Err(format!("{text:?} becomes {:?}", html_to_text(&text)));
    }
    Ok(())
}

/// Checks that a time is plausible, or an error.
pub(super) fn time(time: Result<DateTime<Utc>, String>) -> Result<(), String> {
    match time {
        Ok(time) => plausible(time),
        Err(reason) => fit_for_a_log(&reason),
    }
}

fn plausible(time: DateTime<Utc>) -> Result<(), String> {
    let latest = fuzzing::PLANNED_AT_MS + TimeDelta::days(1).num_milliseconds();
    if (EARLIEST_MS..=latest).contains(&time.timestamp_millis()) {
        Ok(())
    } else {
        Err(format!("a resolved time of {time}"))
    }
}
