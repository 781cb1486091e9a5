//! The server's statement about its own answer: codes, a status word, messages.

use crate::wire::{Answer, Row, one_line};

/// Maximum characters of the server's own words in a message to an operator.
pub(super) const MOST_WORDS: usize = 1_000;

/// The server's statement about its own answer.
pub(super) struct Statement {
    codes: Vec<i64>,
    /// The server calls the request failed, without any code.
    pub(super) failed: bool,
    /// Codes, fields and messages in one line, for an operator.
    pub(super) words: String,
}

impl Statement {
    pub(super) fn of(answer: &Answer<Row>) -> Self {
        let mut codes = Vec::new();
        let mut words = String::new();
        let mut failed = false;
        for status in &answer.response_status {
            let word = status.status.as_deref().unwrap_or_default().trim();
            failed |= word.eq_ignore_ascii_case("failed") || word.eq_ignore_ascii_case("failure");
            codes.extend(status.messages.iter().filter_map(|message| message.status_code));
            codes.extend(status.status_code);
            for message in &status.messages {
                let code = message.status_code.map(|code| code.to_string());
                for part in [&code, &message.field, &message.message].into_iter().flatten() {
                    words.push_str(", ");
                    words.extend(part.chars().take(MOST_WORDS));
                }
            }
            if status.messages.is_empty() {
                words.extend(status.status_code.iter().map(|code| format!(", {code}")));
            }
        }
        if let Some(error) = &answer.error {
            let start: String = error.get().chars().take(MOST_WORDS).collect();
            let single_spaced: Vec<_> = start.split_whitespace().collect();
            words.push_str(", ");
            words.extend(single_spaced.join(" ").chars().take(300));
        }
        failed &= codes.is_empty();
        Self {
            codes,
            failed,
            words: one_line(&words, MOST_WORDS),
        }
    }

    /// Returns the code that matters: the envelope says 4000, its messages name the exact code.
    pub(super) fn code(&self) -> Option<i64> {
        self.codes
            .iter()
            .copied()
            .find(|code| *code > 4000)
            .or(self.codes.iter().copied().max())
    }

    /// Returns whether the statement describes a throttle, by its code or its words.
    pub(super) fn is_throttle(&self) -> bool {
        let words = self.words.to_ascii_lowercase();
        let phrases = [
            "throttle",
            "access limit exceeded",
            "rate limit",
            "too many requests",
        ];
        self.codes.contains(&4015)
            || (self.code().is_none_or(|code| code >= 4000)
                && phrases.iter().any(|phrase| words.contains(phrase)))
    }
}
