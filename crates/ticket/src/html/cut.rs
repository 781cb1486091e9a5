//! Cuts quoted mails (history) and signatures from a mail.
//!
//! There are two kinds of evidence. [`marks`] knows the elements that mail programs write around a quote or a
//! signature, and [`elements`] records the positions of their text while the tokens stream. [`history`] and
//! [`tail`] know the lines that introduce a quote or a signature in the finished text.
//!
//! The cut never removes all words: a forwarded mail without an added word stays whole.

pub(super) mod elements;
mod fields;
mod history;
pub(super) mod marks;
mod phrases;
mod tail;
mod words;

use elements::Part;
use marks::Kind;
pub(super) use tail::tidy_end;
use words::has_word;

/// Returns the text without its history and its signatures, unless no word would be left.
pub(super) fn cut(mut text: String, parts: &[Part]) -> String {
    let all = removable(&text, parts);
    let mut signatures = all.clone();
    signatures.retain(|part| part.kind == Kind::Signature);
    for removed in [all, signatures] {
        if removed.is_empty() {
            continue;
        }
        let mut rest = without(&text, &removed);
        if let Some(length) = length_before_cut(&rest) {
            rest.truncate(length);
            return rest;
        }
    }
    if let Some(length) = length_before_cut(&text) {
        text.truncate(length);
    }
    text
}

/// Returns the length of the text before its history or signature; `None` if it has no word.
fn length_before_cut(text: &str) -> Option<usize> {
    let before_history = match history::start(text) {
        Some(start) => tail::without_rule(&text[..start]),
        None => text,
    };
    let kept = tail::without_quote_and_signature(before_history);
    has_word(kept).then_some(kept.len())
}

/// Returns the parts to remove. The text after a part decides.
fn removable<'a>(text: &str, parts: &'a [Part]) -> Vec<&'a Part> {
    let mut removable = Vec::new();
    let mut end = text.len();
    // Whether words follow that stay, and whether they come before the next quote.
    let (mut words_follow, mut words_before_quote) = (false, true);
    for part in parts.iter().rev() {
        // The layout may have trimmed the end of the text.
        let follows = has_word(text.get(part.end..end).unwrap_or_default());
        words_follow |= follows;
        words_before_quote |= follows;
        end = part.start.min(text.len());
        let forwarded = || is_forwarded(text, part);
        let goes = match part.kind {
            Kind::Signature => true,
            Kind::Quote | Kind::Rest => !forwarded(),
            Kind::Citation => !words_follow && !forwarded(),
            Kind::Attribution => !words_before_quote,
        };
        if goes {
            removable.push(part);
        } else {
            words_follow |= has_word(text.get(part.start..part.end.min(text.len())).unwrap_or_default());
        }
        words_before_quote = !goes || part.kind == Kind::Signature;
    }
    removable.reverse();
    removable
}

/// Returns whether a part is a forwarded mail: "Forwarded message" is its first line or the line before it.
fn is_forwarded(text: &str, part: &Part) -> bool {
    let inside = text.get(part.start..part.end.min(text.len())).unwrap_or_default();
    let first = inside.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
    let first = first.split('\n').next().unwrap_or_default();
    let before = text.get(..part.start).unwrap_or_default().trim_end();
    // A longer line is not a mark. The bound matters, since many parts may share one line.
    let longest = 120;
    let line_break = before.bytes().rev().take(longest).position(|byte| byte == b'\n');
    let last = match line_break {
        Some(length) => &before[before.len() - length..],
        None if before.len() < longest => before,
        None => "",
    };
    history::is_forward_mark(first) || history::is_forward_mark(last)
}

/// Returns the text without the parts and without the lines that introduce them.
fn without(text: &str, parts: &[&Part]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    let mut breaks_due = 0;
    for part in parts {
        let start = part.start.min(text.len());
        let end = part.end.min(text.len());
        join(&mut kept, &text[from..start], breaks_due);
        let introduced = match part.kind {
            Kind::Signature => tail::without_delimiter(&kept),
            _ => tail::without_attribution(&kept),
        };
        if let Some(shorter) = introduced {
            kept.truncate(shorter.len());
        }
        breaks_due = line_breaks(&text[start..end]);
        from = end;
    }
    join(&mut kept, &text[from..], breaks_due);
    kept
}

/// Adds the text after a removed part, on a new line and with the same distance as before.
fn join(kept: &mut String, more: &str, breaks_due: usize) {
    // The blank of a removed `-- `.
    let more = match more.strip_prefix(' ') {
        Some(line_end) if line_end.starts_with('\n') => line_end,
        _ => more,
    };
    if kept.trim_end().is_empty() {
        kept.clear();
    }
    if kept.is_empty() {
        kept.push_str(more.trim_start_matches('\n'));
        return;
    }
    let breaks = line_breaks(more);
    let more = if breaks == 0 {
        more.trim_start()
    } else {
        &more[breaks..]
    };
    if !more.is_empty() {
        let wanted = breaks_due.max(breaks).clamp(1, 2);
        kept.truncate(kept.trim_end_matches('\n').len());
        (0..wanted).for_each(|_| kept.push('\n'));
        kept.push_str(more);
    }
}

/// Returns the number of leading line breaks.
fn line_breaks(text: &str) -> usize {
    text.len() - text.trim_start_matches('\n').len()
}
