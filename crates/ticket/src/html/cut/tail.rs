//! Removes quotes and signatures from the end of a text, one after the other.

use super::phrases::{ATTRIBUTIONS, is_sent_from};

/// Maximum lines of a signature after `--`, which may also be something else.
const LINES_OF_SIGNATURE: usize = 10;
/// Maximum lines of a signature after `-- `, the mark of RFC 3676.
const LINES_OF_MARKED_SIGNATURE: usize = 40;

/// Returns the text before the quotes and signatures at its end; may be empty.
pub(super) fn without_quote_and_signature(text: &str) -> &str {
    let mut text = tidy_end(text);
    while let Some(shorter) = without_quote(text)
        .or_else(|| without_sent_from(text))
        .or_else(|| without_signature(text))
    {
        text = tidy_end(shorter);
    }
    text
}

/// Removes white space at the end, and the end of a CDATA section that some builds leave there.
pub(in crate::html) fn tidy_end(text: &str) -> &str {
    let mut text = text.trim_end();
    while let Some(rest) = text.strip_suffix("]]>") {
        text = rest.trim_end();
    }
    text
}

/// Removes the line at the end that some programs draw above a quote.
pub(super) fn without_rule(text: &str) -> &str {
    let (before, line) = last_line(text.trim_end());
    let drawn = line.len() >= 5 && (line.bytes().all(|c| c == b'_') || line.bytes().all(|c| c == b'-'));
    if drawn { before } else { text }
}

/// Removes a `--` at the end; `None` if there is none.
pub(super) fn without_delimiter(text: &str) -> Option<&str> {
    let (before, line) = last_line(text.trim_end());
    (line == "--").then_some(before)
}

/// Removes an "On .. wrote:" at the end, which may be wrapped; `None` if there is none.
pub(super) fn without_attribution(text: &str) -> Option<&str> {
    let most_lines = 3;
    let longest = 400;
    let text = text.trim_end();
    if !text.ends_with([':', '-']) {
        return None;
    }
    let mut start = text.len();
    for _ in 0..most_lines {
        let (before, line) = last_line(&text[..start]);
        if line.is_empty() || text.len() - before.len() > longest {
            return None;
        }
        start = before.len();
        if is_attribution(&text[start..]) {
            return Some(before);
        }
        start = before.strip_suffix('\n')?.len();
    }
    None
}

/// Returns whether the lines name a time, a person and a verb of writing.
fn is_attribution(lines: &str) -> bool {
    // Zoho: "---- On Tue, 11 Mar 2025 10:00:00 +0100 Ada wrote ----"
    let lines = lines.trim_matches(|c: char| c.is_whitespace() || c == '-');
    let lines = lines.trim_end_matches(|c: char| c.is_whitespace() || c == ':');
    if !lines.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let mut words = lines.split_whitespace().map(str::to_lowercase);
    let Some(first) = words.next() else {
        return false;
    };
    let mut known = ATTRIBUTIONS
        .iter()
        .filter(|(begin, ..)| *begin == first)
        .peekable();
    if known.peek().is_none() {
        return false;
    }
    let words: Vec<_> = words.collect();
    known.any(|(_, verb, ends)| {
        if *ends {
            words.last().is_some_and(|word| word == verb)
        } else {
            words.iter().any(|word| word.starts_with(verb))
        }
    })
}

/// Removes the `> ` lines at the end and their attribution; `None` if there are none.
fn without_quote(text: &str) -> Option<&str> {
    let mut before = text;
    loop {
        let (rest, line) = last_line(before);
        if !line.is_empty() && !line.starts_with('>') {
            break;
        }
        if rest.is_empty() {
            return None;
        }
        before = &rest[..rest.len() - 1];
    }
    (before.len() < text.len())
        .then(|| without_attribution(before))
        .flatten()
}

/// Removes "Sent from my iPhone" at the end; `None` if it is missing.
fn without_sent_from(text: &str) -> Option<&str> {
    let longest = 120;
    let (before, line) = last_line(text);
    if line.len() > longest {
        return None;
    }
    let line = match line.split_once(" (http") {
        Some((line, _)) => line,
        None => line,
    };
    is_sent_from(&line.trim().to_lowercase()).then_some(before)
}

/// Removes the lines from the last `--` that is near enough to the end; `None` if there is none.
fn without_signature(text: &str) -> Option<&str> {
    let mut rest = text;
    let mut below = "";
    let mut lines = 0;
    while lines <= LINES_OF_MARKED_SIGNATURE {
        let (before, line) = last_line(rest);
        let marked = line == "-- ";
        // Several such lines in a row are SQL comments or a drawing.
        let above = || last_line(before.trim_end_matches('\n')).1;
        let alone = || !below.starts_with("--") && !above().trim_start().starts_with("--");
        if (marked || line == "--" && lines <= LINES_OF_SIGNATURE) && alone() {
            return Some(before);
        }
        lines += usize::from(!line.is_empty());
        below = line;
        rest = before.strip_suffix('\n')?;
    }
    None
}

/// Splits the text before its last line; the first part keeps its line break.
fn last_line(text: &str) -> (&str, &str) {
    text.split_at(text.rfind('\n').map_or(0, |position| position + 1))
}
