//! Ticket texts from files: gzip JSON lines.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

/// How many words of a text without a subject become its subject.
const SUBJECT_WORDS: usize = 8;

/// One text.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(default)]
    pub(super) subject: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) category: Option<String>,
    pub(super) resolution_text: Option<String>,
}

/// Reads the entries of one file in order, each with a subject.
///
/// # Errors
/// When the file cannot be read, or a line is no entry.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let file = File::open(path).with_context(|| format!("open corpus {}", path.display()))?;
    let lines = BufReader::new(MultiGzDecoder::new(file)).lines();
    let mut entries = Vec::new();
    for (at, line) in lines.enumerate() {
        let context = || format!("read line {} of corpus {}", at + 1, path.display());
        let line = line.with_context(context)?;
        if line.trim().is_empty() {
            continue;
        }
        let mut entry: Entry = serde_json::from_str(&line).with_context(context)?;
        let subject = if entry.subject.trim().is_empty() {
            &entry.description
        } else {
            &entry.subject
        };
        let limit = if entry.subject.trim().is_empty() {
            SUBJECT_WORDS
        } else {
            usize::MAX
        };
        entry.subject = one_line(subject, limit);
        entries.push(entry);
    }
    Ok(entries)
}

/// The first words of a text, without control characters, cut at the 250 characters that a subject can have.
fn one_line(text: &str, words: usize) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line = spaced
        .split_whitespace()
        .take(words)
        .collect::<Vec<_>>()
        .join(" ");
    line.chars().take(250).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_short_line() {
        assert_eq!(one_line(" a\tb\nc d ", 3), "a b c");
        assert_eq!(one_line(&"x".repeat(300), usize::MAX).len(), 250);
    }
}
