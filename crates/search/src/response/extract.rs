//! The part of a text that shows why it was found.

use std::collections::{HashMap, HashSet};

use crate::analysis::Word;

/// Length of an extract in bytes, about three lines.
const BYTES: usize = 240;

/// Part of a text with its matched words marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extract {
    pub(crate) text: String,
    /// Byte range of each matched word in the text.
    pub(crate) marks: Vec<(usize, usize)>,
}

/// Returns the part of the text with the most distinct terms. `words` are the words of the text.
pub(crate) fn extract(words: &[Word], text: &str, terms: &HashSet<String>) -> Extract {
    let matched: Vec<&Word> = words.iter().filter(|word| terms.contains(&word.term)).collect();
    let from = densest(&matched).map_or(0, |first| line_start(text, first.from));
    let to = floor(text, (from + BYTES).min(text.len()));
    let inside = matched
        .iter()
        .filter(|word| word.from >= from && word.to <= to && !word.whole);
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for word in inside {
        let (start, end) = (word.from - from, word.to - from);
        match marks.last_mut() {
            // Words of unspaced scripts are overlapping pairs of characters.
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => marks.push((start, end)),
        }
    }
    Extract {
        text: text[from..to].to_owned(),
        marks,
    }
}

/// Returns the first word of the part with the most distinct terms; the earliest if there are several. It makes one
/// pass, because a text may consist of matched words only.
fn densest<'a>(matched: &[&'a Word]) -> Option<&'a Word> {
    let mut inside: HashMap<&str, usize> = HashMap::new();
    let mut end = 0;
    let mut best = (0, None);
    for first in matched {
        while let Some(word) = matched.get(end).filter(|word| word.to <= first.from + BYTES) {
            *inside.entry(&word.term).or_default() += 1;
            end += 1;
        }
        if inside.len() > best.0 {
            best = (inside.len(), Some(*first));
        }
        if let Some(count) = inside.get_mut(first.term.as_str()) {
            *count -= 1;
            if *count == 0 {
                inside.remove(first.term.as_str());
            }
        }
    }
    best.1
}

/// Returns the start of the line or sentence if it is near, otherwise a place shortly before `at`.
fn line_start(text: &str, at: usize) -> usize {
    let near = floor(text, at.saturating_sub(BYTES / 4));
    text[near..at].rfind(['\n', '.']).map_or(near, |before| {
        let start = near + before + 1;
        start + (text[start..at].len() - text[start..at].trim_start().len())
    })
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Language, Words};

    #[test]
    fn the_part_with_most_terms_is_shown_with_its_words_marked() {
        let filler = "Nothing of use here. ".repeat(40);
        let text = format!("{filler}Größe: the VPN client drops every hour. {filler}");
        let terms = ["vpn", "drop", "hour"].map(str::to_owned).into();
        let words = Words::new(Language::ENGLISH).of(&text);
        let extract = extract(&words, &text, &terms);
        let marked: Vec<_> = extract
            .marks
            .iter()
            .map(|(from, to)| &extract.text[*from..*to])
            .collect();
        assert_eq!(marked, ["VPN", "drops", "hour"], "{extract:?}");
    }

    #[test]
    fn a_text_without_a_match_shows_its_start() {
        let words = Words::new(Language::ENGLISH).of("äöü short");
        let found = extract(&words, "äöü short", &HashSet::new());
        assert_eq!((found.text.as_str(), found.marks.len()), ("äöü short", 0));
    }
}
