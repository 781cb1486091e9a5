//! What of a mail is read without loss: history that it quotes, and signatures.
//!
//! Two kinds of evidence. [`marks`] knows the elements that mail programs put around a quote or a
//! signature, and [`elements`] notes where their text lies while the tokens stream. [`history`] and
//! [`tail`] know the lines that stand before a quote or a signature, in the finished text.
//!
//! A text is never cut to nothing: a forwarded mail without a word of its own is kept whole.

pub(super) mod elements;
mod fields;
mod history;
pub(super) mod marks;
mod phrases;
mod tail;

use elements::Part;
use marks::Kind;
pub(super) use tail::tidy_end;

/// The text without its history and its signatures, as far as words are left.
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

/// Where the text ends and its history or signature begins; `None` if no word is before that.
fn length_before_cut(text: &str) -> Option<usize> {
    let before_history = match history::start(text) {
        Some(start) => tail::without_rule(&text[..start]),
        None => text,
    };
    let kept = tail::without_quote_and_signature(before_history);
    has_word(kept).then_some(kept.len())
}

/// The parts that may go, each judged by what follows it.
fn removable<'a>(text: &str, parts: &'a [Part]) -> Vec<&'a Part> {
    let mut removable = Vec::new();
    let mut end = text.len();
    // Words follow that stay, and whether they do so before the next quote.
    let (mut words_follow, mut words_before_quote) = (false, true);
    for part in parts.iter().rev() {
        // What the layout took off the end is no part of the text.
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

/// Whether the part was passed on as content: "Forwarded message" is its first line or stands before it.
fn is_forwarded(text: &str, part: &Part) -> bool {
    let inside = text.get(part.start..part.end.min(text.len())).unwrap_or_default();
    let first = inside.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
    let first = first.split('\n').next().unwrap_or_default();
    let before = text.get(..part.start).unwrap_or_default().trim_end();
    // A longer line is no mark, and many parts may stand on one.
    let longest = 120;
    let line_break = before.bytes().rev().take(longest).position(|byte| byte == b'\n');
    let last = match line_break {
        Some(length) => &before[before.len() - length..],
        None if before.len() < longest => before,
        None => "",
    };
    history::is_forward_mark(first) || history::is_forward_mark(last)
}

/// The text without the parts, and without the lines that introduce them.
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

/// Adds what follows a gap, as far away as it was, and on a line of its own.
fn join(kept: &mut String, more: &str, breaks_due: usize) {
    // The blank of a `-- ` that is gone.
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

/// Line breaks at the beginning.
fn line_breaks(text: &str) -> usize {
    text.len() - text.trim_start_matches('\n').len()
}

fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}
