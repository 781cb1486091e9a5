//! Replaces what differs from run to run: times, ids, tokens, addresses and folders.

use chrono::{DateTime, NaiveDate};

use crate::support::Bench;

/// Characters of ids, times and tokens.
fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_:.+~=/".contains(character)
}

fn redacted(word: &str) -> Option<&'static str> {
    let is_id = |character: char| character.is_ascii_hexdigit() || character == '-';
    let has_digit = word.contains(|character: char| character.is_ascii_digit());
    if word.starts_with("sha256:") {
        Some("[digest]")
    } else if word.starts_with("precedent~") {
        Some("[token]")
    } else if word.starts_with("whsec_") {
        Some("[secret]")
    } else if word.len() >= 12 && has_digit && word.chars().all(is_id) {
        Some("[id]")
    } else if NaiveDate::parse_from_str(word, "%Y-%m-%d").is_ok() {
        Some("[date]")
    } else if DateTime::parse_from_rfc3339(word).is_ok() {
        Some("[time]")
    } else {
        None
    }
}

/// Redacts each word of a text; the space between words stays.
fn words(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        let bare = word.trim_end_matches(['.', ':', '/']);
        match redacted(bare) {
            Some(placeholder) => {
                result += placeholder;
                result += &word[bare.len()..];
            }
            None => result += word,
        }
        let other = after.chars().next().map_or(0, char::len_utf8);
        result += &after[..other];
        rest = &after[other..];
    }
    result
}

/// Replaces the user, the host and the process of an entry of the audit log.
fn redact_operator(line: &str) -> String {
    let Some((before, after)) = line.split_once(" (") else {
        return line.to_owned();
    };
    let Some((operator, after)) = after.split_once(')') else {
        return line.to_owned();
    };
    match before.rsplit_once(' ') {
        Some((before, _user)) if operator.contains(", process ") => format!("{before} [operator]{after}"),
        _ => line.to_owned(),
    }
}

/// Replaces the helpdesk's address and the home folder of a bench.
pub(super) fn redact_places(bench: &Bench, text: &str) -> String {
    text.replace(&bench.simulator.url(), "[helpdesk]")
        .replace(bench.home.path().to_str().expect("plain"), "[home]")
}

/// Replaces places, times, ids and operators.
pub(super) fn redact(bench: &Bench, text: &str) -> String {
    let lines = text.split('\n').map(redact_operator);
    let text = lines.collect::<Vec<_>>().join("\n");
    words(&redact_places(bench, &text))
}
