//! One tenant's tickets, searchable: a cache of the table, never the truth.
//!
//! How far it has come stands in its last commit. An index that is missing, damaged, of another version or ahead
//! of its database is made anew.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};
use ticket::Ticket;

use super::words::{Word, Words, pairs};

/// Raised with every change of fields or analysis.
const VERSION: u32 = 1;

/// Memory of a writer, in bytes: the least that tantivy takes.
const WRITER_BYTES: usize = 15_000_000;

/// How often the subject counts in the text as a whole.
const SUBJECT_TIMES: usize = 4;

/// Before the first revision: rows that another program wrote have revision 0.
const NOTHING: i64 = -1;

/// The last commit's note.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    version: u32,
    /// Every change of the table up to this revision is in.
    revision: i64,
}

/// Fields of a ticket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    /// Subject (several times), description and resolution.
    pub(crate) text: Field,
    pub(crate) subject: Field,
    /// Adjacent words.
    pub(crate) subject_pairs: Field,
    pub(crate) text_pairs: Field,
    pub(crate) resolved_ms: Field,
    pub(crate) category: Field,
    pub(crate) tag: Field,
    pub(crate) solved: Field,
}

/// An open index.
pub(crate) struct TicketIndex {
    index: Index,
    reader: IndexReader,
    pub(crate) fields: Fields,
    words: Words,
}

impl TicketIndex {
    /// Opens the index in a folder, or makes it anew where it cannot be used: of another version, or ahead of
    /// the table's `revision` and so of another database.
    pub(crate) fn open(folder: &Path, revision: i64) -> anyhow::Result<Self> {
        if let Ok(index) = Self::of(Index::open_in_dir(folder)) {
            let mark = index.mark();
            if mark.version == VERSION && mark.revision <= revision {
                return Ok(index);
            }
        }
        if folder.exists() {
            std::fs::remove_dir_all(folder).context("remove an index that cannot be used")?;
        }
        std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let index = Self::of(Index::create_in_dir(folder, schema().0))?;
        index.writer()?.commit(NOTHING)?;
        Ok(index)
    }

    /// An index that is gone with the process.
    pub(crate) fn in_memory() -> anyhow::Result<Self> {
        Self::of(Ok(Index::create_in_ram(schema().0)))
    }

    fn of(index: tantivy::Result<Index>) -> anyhow::Result<Self> {
        let index = index?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Self {
            index,
            reader,
            fields: schema().1,
            words: Words::english(),
        })
    }

    /// The revision of the table up to which everything is in.
    pub(crate) fn revision(&self) -> i64 {
        self.mark().revision
    }

    fn mark(&self) -> Mark {
        let payload = self.index.load_metas().ok().and_then(|metas| metas.payload);
        payload
            .and_then(|payload| serde_json::from_str(&payload).ok())
            .unwrap_or_default()
    }

    /// What the last commit holds.
    pub(crate) fn searcher(&self) -> anyhow::Result<tantivy::Searcher> {
        self.reader.reload()?;
        Ok(self.reader.searcher())
    }

    pub(crate) fn words(&self) -> Words {
        self.words.clone()
    }

    pub(crate) fn writer(&self) -> anyhow::Result<Writer> {
        Ok(Writer {
            writer: self.index.writer_with_num_threads(1, WRITER_BYTES)?,
            fields: self.fields,
            words: self.words.clone(),
        })
    }
}

/// Changes that become visible together.
pub(crate) struct Writer {
    writer: IndexWriter,
    fields: Fields,
    words: Words,
}

impl Writer {
    /// Takes a ticket out.
    pub(crate) fn remove(&self, id: &str) {
        self.writer.delete_term(Term::from_field_text(self.fields.id, id));
    }

    /// Puts a ticket in, in place of an earlier form of it.
    pub(crate) fn put(&mut self, ticket: &Ticket) -> anyhow::Result<()> {
        self.remove(ticket.id.as_str());
        let fields = self.fields;
        let subject = self.words.of(&ticket.subject);
        let body = self.words.of(body(ticket));
        let resolution = self.words.of(&ticket.resolution);
        let mut document = TantivyDocument::new();
        document.add_text(fields.id, ticket.id.as_str());
        let text = std::iter::repeat_n(&subject, SUBJECT_TIMES).chain([&body, &resolution]);
        let text = text.flatten().map(|word| word.term.clone());
        document.add_pre_tokenized_text(fields.text, tokens(text));
        document.add_pre_tokenized_text(fields.subject, tokens(terms(&subject)));
        document.add_pre_tokenized_text(fields.subject_pairs, tokens(pairs(&subject).into_iter()));
        let text_pairs = pairs(&body).into_iter().chain(pairs(&resolution));
        document.add_pre_tokenized_text(fields.text_pairs, tokens(text_pairs));
        document.add_i64(fields.resolved_ms, ticket.resolved_at.timestamp_millis());
        document.add_bool(fields.solved, !ticket.resolution.is_empty());
        if let Some(category) = &ticket.category {
            document.add_text(fields.category, category);
        }
        ticket
            .tags
            .iter()
            .for_each(|tag| document.add_text(fields.tag, tag));
        self.writer.add_document(document)?;
        Ok(())
    }

    /// Makes the changes visible and notes the revision.
    pub(crate) fn commit(mut self, revision: i64) -> anyhow::Result<()> {
        let mark = Mark {
            version: VERSION,
            revision,
        };
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&serde_json::to_string(&mark)?);
        prepared.commit()?;
        self.writer.wait_merging_threads()?;
        Ok(())
    }
}

/// The description without the subject that it begins with.
pub(crate) fn body(ticket: &Ticket) -> &str {
    let description = ticket.description.as_str();
    description
        .strip_prefix(ticket.subject.trim())
        .unwrap_or(description)
}

fn terms(words: &[Word]) -> impl Iterator<Item = String> {
    words.iter().map(|word| word.term.clone())
}

fn tokens(terms: impl Iterator<Item = String>) -> PreTokenizedString {
    let token = |(position, text): (usize, String)| Token {
        offset_from: 0,
        offset_to: 0,
        position,
        text,
        position_length: 1,
    };
    PreTokenizedString {
        text: String::new(),
        tokens: terms.enumerate().map(token).collect(),
    }
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let frequencies = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(frequencies);
    let fields = Fields {
        id: builder.add_text_field("id", STRING | STORED),
        text: builder.add_text_field("text", text.clone()),
        subject: builder.add_text_field("subject", text.clone()),
        subject_pairs: builder.add_text_field("subject_pairs", text.clone()),
        text_pairs: builder.add_text_field("text_pairs", text),
        resolved_ms: builder.add_i64_field("resolved_ms", INDEXED | FAST),
        category: builder.add_text_field("category", STRING),
        tag: builder.add_text_field("tag", STRING),
        solved: builder.add_bool_field("solved", INDEXED),
    };
    (builder.build(), fields)
}
