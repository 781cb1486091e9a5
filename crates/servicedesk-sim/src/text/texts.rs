//! The texts of any ticket, generated from its number on demand: a desk of a million tickets stores no text but the
//! corpus.

use std::path::PathBuf;

use crate::random::SplitMix64;
use crate::text::corpus::{self, Entry};
use crate::text::document::Document;
use crate::text::invent;
use crate::text::markup::Style;
use crate::text::vocabulary::Topic;

// Purposes of the random streams.
const TOPIC: u64 = 1;
const SUBJECT: u64 = 2;
const DESCRIPTION: u64 = 3;
const RESOLUTION: u64 = 4;
const STYLE: u64 = 5;

/// The resolution of a ticket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resolution {
    /// No resolution object at all (`null`) on cloud.
    Absent,
    /// An object whose content is `null`.
    NoContent,
    /// Markup without a word in it.
    EmptyMarkup,
    /// A text.
    Text(Document, Style),
}

impl Resolution {
    /// Returns the visible words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Text(document, _) => document.words(),
            Self::Absent | Self::NoContent | Self::EmptyMarkup => String::new(),
        }
    }
}

/// Generates the texts of tickets.
pub(crate) struct TicketTexts {
    seed: u64,
    entries: Vec<Entry>,
}

impl TicketTexts {
    /// Reads the corpus, whose texts come first in file order. Later tickets get invented texts.
    ///
    /// # Errors
    /// When a corpus file cannot be read.
    pub(crate) fn open(seed: u64, corpus: &[PathBuf]) -> anyhow::Result<Self> {
        let mut entries = Vec::new();
        for path in corpus {
            entries.extend(corpus::read(path)?);
        }
        Ok(Self { seed, entries })
    }

    /// Returns the number of texts in the corpus.
    pub(crate) fn corpus_len(&self) -> usize {
        self.entries.len()
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)
    }

    fn random(&self, number: u32, purpose: u64) -> SplitMix64 {
        SplitMix64::for_ticket(self.seed, number, purpose)
    }

    fn topic(&self, number: u32) -> &'static Topic {
        invent::topic(&mut self.random(number, TOPIC))
    }

    /// Returns the name of the category in the corpus, or else the index of one in the directory.
    pub(crate) fn category(&self, number: u32) -> Result<&str, u8> {
        let from_corpus = self.entry(number).and_then(|entry| entry.category.as_deref());
        from_corpus.ok_or_else(|| self.topic(number).category)
    }

    /// Returns the subject; a few invented tickets have none.
    pub(crate) fn subject(&self, number: u32) -> Option<String> {
        if let Some(entry) = self.entry(number) {
            return Some(entry.subject.clone());
        }
        let mut random = self.random(number, SUBJECT);
        if random.once_in(61) {
            None
        } else {
            Some(invent::subject(&mut random, self.topic(number)))
        }
    }

    /// Returns the description; a few invented tickets that have a subject have none.
    pub(crate) fn description(&self, number: u32) -> Option<Document> {
        if let Some(entry) = self.entry(number) {
            return Some(Document::from_plain(&entry.description));
        }
        let mut random = self.random(number, DESCRIPTION);
        if random.once_in(53) && self.subject(number).is_some() {
            return None;
        }
        Some(invent::description(&mut random, self.topic(number)))
    }

    /// Returns the style of the requester's mail program.
    pub(crate) fn style(&self, number: u32, document: &Document) -> Style {
        suitable_style(&mut self.random(number, STYLE), document)
    }

    /// Returns the resolution of a resolved or closed ticket.
    pub(crate) fn resolution(&self, number: u32) -> Resolution {
        let mut random = self.random(number, RESOLUTION);
        let kind = random.below(20);
        let from_corpus = self
            .entry(number)
            .and_then(|entry| entry.resolution_text.as_deref());
        let document = match (from_corpus, kind) {
            (Some(text), _) => Document::from_plain(text),
            (None, 0) => return Resolution::Absent,
            (None, 1) => return Resolution::NoContent,
            (None, 2) => return Resolution::EmptyMarkup,
            (None, _) => invent::resolution(&mut random, self.topic(number)),
        };
        let style = suitable_style(&mut random, &document);
        Resolution::Text(document, style)
    }
}

/// Picks a style, but never plain text that would read as markup.
fn suitable_style(random: &mut SplitMix64, document: &Document) -> Style {
    match *random.pick(&Style::ALL) {
        Style::Plain if document.needs_markup() => Style::Editor,
        style => style,
    }
}
