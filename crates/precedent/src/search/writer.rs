//! Changes of an index that become visible together.

use tantivy::indexer::LogMergePolicy;
use tantivy::{Index, IndexWriter, TantivyDocument, Term};
use ticket::Ticket;

use super::index::{Fields, Mark};
use super::words::{Word, Words, pairs};

/// Memory of a writer, in bytes: the least that tantivy takes.
const BYTES: usize = 15_000_000;

/// Parts of the index with more tickets than this are not put together any more: a search that waits for a
/// commit must not wait for a tenant's whole history to be written anew.
const LARGE: usize = 100_000;

/// How often the subject counts in the text as a whole.
pub(super) const SUBJECT_TIMES: usize = 4;

/// Puts tickets in and takes them out.
pub(crate) struct Writer {
    writer: IndexWriter,
    fields: Fields,
    words: Words,
    mark: Mark,
}

impl Writer {
    pub(super) fn new(index: &Index, fields: Fields, words: Words, mark: Mark) -> anyhow::Result<Self> {
        let writer = index.writer_with_num_threads(1, BYTES)?;
        let mut policy = LogMergePolicy::default();
        policy.set_max_docs_before_merge(LARGE);
        writer.set_merge_policy(Box::new(policy));
        Ok(Self {
            writer,
            fields,
            words,
            mark,
        })
    }

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
        text.for_each(|words| document.add_text(fields.text, terms(words)));
        document.add_text(fields.subject, terms(&subject));
        document.add_text(fields.subject_pairs, pairs(&subject).join(" "));
        for words in [&body, &resolution] {
            document.add_text(fields.text_pairs, pairs(words).join(" "));
        }
        document.add_i64(fields.resolved_ms, ticket.resolved_at.timestamp_millis());
        document.add_bool(fields.solved, !ticket.resolution.is_empty());
        if let Some(category) = &ticket.category {
            document.add_text(fields.category, category.to_lowercase());
        }
        ticket
            .tags
            .iter()
            .for_each(|tag| document.add_text(fields.tag, tag.to_lowercase()));
        self.writer.add_document(document)?;
        Ok(())
    }

    /// Makes the changes lasting and notes the revision up to which everything is in.
    pub(crate) fn save(&mut self, revision: i64) -> anyhow::Result<()> {
        self.mark.revision = revision;
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&serde_json::to_string(&self.mark)?);
        prepared.commit()?;
        Ok(())
    }

    /// The same, for the last time.
    pub(crate) fn commit(mut self, revision: i64) -> anyhow::Result<()> {
        self.save(revision)?;
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

/// Tantivy splits them again, on another thread: thousands of tickets may wait for it, and this is their smallest form.
fn terms(words: &[Word]) -> String {
    let terms: Vec<_> = words.iter().map(|word| word.term.as_str()).collect();
    terms.join(" ")
}
