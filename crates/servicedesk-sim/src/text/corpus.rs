//! Reads ticket texts from files of gzip JSON lines.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::text::document::join_words;

/// Number of words of the description that make a missing subject.
const SUBJECT_WORDS: usize = 8;

/// One text of the corpus.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(default)]
    pub(super) subject: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) category: Option<String>,
    pub(super) resolution_text: Option<String>,
}

/// Reads the entries of one file in order, and gives each a subject.
///
/// # Errors
/// When the file cannot be read, or a line is not an entry.
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
        entry.subject = match entry.subject.trim() {
            "" => one_line(&entry.description, SUBJECT_WORDS),
            subject => one_line(subject, usize::MAX),
        };
        entries.push(entry);
    }
    Ok(entries)
}

/// Returns the first words of a text, cut at the 250 characters that a subject can have.
fn one_line(text: &str, words: usize) -> String {
    let line = join_words(text, words);
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
