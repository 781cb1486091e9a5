//! What holds of every result; each function gives the outcome in words, or the law that is broken.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use servicedesk::{Hydrated, Outcome, fuzzing};
use ticket::{Ticket, html_to_text};

/// 1990-01-01: before it nobody resolved a ticket.
const EARLIEST_MS: i64 = 631_152_000_000;

/// The end of the years that both databases and RFC 3339 can write.
const LAST_MS: i64 = 253_402_300_799_999;

/// In characters: what a person still reads.
const LONGEST_REASON: usize = 2_000;

/// A list or a detail.
pub(super) fn page(finished: Result<Hydrated, String>) -> Result<String, String> {
    let finished = match finished {
        Ok(finished) => finished,
        Err(reason) => return fit_for_a_log(&reason).map(|()| kind(&reason)),
    };
    // Which outcomes there are, not how often or in which order: else every page would be news.
    let mut words = BTreeSet::from([format!("outside {}", finished.outside > 0)]);
    for outcome in &finished.outcomes {
        match outcome {
            Outcome::Ticket(ticket, original) => {
                self::ticket(ticket)?;
                if original.raw.to_string().is_empty() {
                    return Err("a ticket without the JSON that it was made from".to_owned());
                }
                words.insert(shape(ticket));
            }
            Outcome::Unchanged => return Err("unchanged, though nothing is stored".to_owned()),
            Outcome::Rejected(rejected) => {
                if rejected.reason.is_empty() || rejected.raw.is_empty() {
                    return Err("a row set aside without a reason or without its JSON".to_owned());
                }
                fit_for_a_log(&rejected.reason)?;
                words.insert(kind(&rejected.reason));
            }
        }
    }
    Ok(words.into_iter().collect())
}

/// One line of moderate length that does nothing to a terminal, and that a database takes.
fn fit_for_a_log(reason: &str) -> Result<(), String> {
    if reason.contains(char::is_control) {
        return Err(format!("control characters in {reason:?}"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(format!("{} characters of reason", reason.chars().count()));
    }
    Ok(())
}

/// A reason without quotations and figures, which differ from input to input.
fn kind(reason: &str) -> String {
    let told = reason.split('"').next().unwrap_or_default();
    told.chars().filter(|c| !c.is_ascii_digit()).collect()
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
    if let Some(time) = ticket.source_updated_at
        && !(0..=LAST_MS).contains(&time.timestamp_millis())
    {
        return Err(format!("a last update that no database holds: {time}"));
    }
    Ok(())
}

/// Which fields a ticket has.
fn shape(ticket: &Ticket) -> String {
    format!(
        "ticket {} {} {} {} {} {} {} {} {}",
        ticket.display_id.is_some(),
        ticket.subject.is_empty(),
        ticket.resolution.is_empty(),
        ticket.source_updated_at.is_some(),
        ticket.status.is_some(),
        ticket.category.is_some(),
        ticket.priority.is_some(),
        ticket.tags.is_empty(),
        ticket.description.lines().count().min(9),
    )
}

/// Only a status of success is ever an answer.
pub(super) fn classified(status: u16, answer: Result<(), String>) -> Result<String, String> {
    match answer {
        Ok(()) if !(200..300).contains(&status) => Err(format!("HTTP {status} taken for an answer")),
        Ok(()) => Ok("answer".to_owned()),
        Err(reason) if reason.is_empty() => Err("a failure without a reason".to_owned()),
        // The kind of failure: the rest is the server's own words.
        Err(reason) => {
            fit_for_a_log(&reason)?;
            let verdict = reason.split("HTTP").next().unwrap_or_default();
            Ok(format!("{} {}", status / 100, kind(verdict)))
        }
    }
}

/// Control characters are never made, no line at an end is empty, and reading a plain result again changes nothing.
pub(super) fn text(html: &str) -> Result<String, String> {
    let text = html_to_text(html);
    for control in '\0'..='\u{8}' {
        if text.contains(control) && !html.contains(control) {
            return Err(format!("{control:?} from nowhere in {text:?}"));
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
    // The marks that reading makes itself.
    let marks: Vec<_> = ["| ", "> ", "- ", "1. ", "[image", " (h", "  ", "\t"]
        .into_iter()
        .filter(|mark| text.contains(mark))
        .collect();
    Ok(format!("{plain} {marks:?} {}", text.lines().count().min(9)))
}

/// A time is within reason, or an error.
pub(super) fn time(time: Result<DateTime<Utc>, String>) -> Result<String, String> {
    match time {
        Ok(time) => plausible(time).map(|()| "a time".to_owned()),
        Err(reason) => fit_for_a_log(&reason).map(|()| kind(&reason)),
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
