//! Writes changes of an index that become visible together.

use tantivy::indexer::{LogMergePolicy, NoMergePolicy};
use tantivy::{Index, IndexReader, IndexWriter, TantivyDocument, Term};
use ticket::Ticket;

use super::checkpoint::IndexCheckpoint;
use super::fields::Fields;
use crate::analysis::{Word, Words, pairs};

/// Memory of a writer, in bytes: the minimum of tantivy.
const BYTES: usize = 15_000_000;

/// Maximum bytes of documents between two commits. The indexing thread bounds its queue by their number only.
const QUEUE_BYTES: usize = 64 << 20;

/// Number of tickets above which segments are not merged: a search that waits for a commit must not wait until a whole
/// history is rewritten.
const LARGE: usize = 100_000;

/// Weight of the subject in the text as a whole.
pub(crate) const SUBJECT_TIMES: usize = 4;

/// Adds and removes tickets of an index.
pub struct Writer {
    index: Index,
    reader: IndexReader,
    writer: IndexWriter,
    /// Whether the files still contain texts that must be erased.
    forgetting: bool,
    /// Bytes of documents since the last commit.
    queued: usize,
    fields: Fields,
    words: Words,
    checkpoint: IndexCheckpoint,
}

impl Writer {
    /// Creates a writer. `checkpoint` is the one of the last commit.
    pub(crate) fn new(
        index: &Index,
        reader: IndexReader,
        fields: Fields,
        words: Words,
        checkpoint: IndexCheckpoint,
    ) -> anyhow::Result<Self> {
        let writer = index.writer_with_num_threads(1, BYTES)?;
        let mut policy = LogMergePolicy::default();
        policy.set_max_docs_before_merge(LARGE);
        writer.set_merge_policy(Box::new(policy));
        Ok(Self {
            index: index.clone(),
            reader,
            writer,
            forgetting: false,
            queued: 0,
            fields,
            words,
            checkpoint,
        })
    }

    /// Removes a ticket.
    pub fn remove(&self, id: &str) {
        self.writer.delete_term(Term::from_field_text(self.fields.id, id));
    }

    /// Removes a ticket, and erases its words from the files.
    pub fn forget(&mut self, id: &str) {
        self.remove(id);
        self.forgetting = true;
    }

    /// Adds a ticket; replaces its earlier version.
    ///
    /// # Errors
    /// Those of the index.
    pub fn put(&mut self, ticket: &Ticket) -> anyhow::Result<()> {
        self.remove(ticket.id.as_str());
        let fields = self.fields;
        let subject = self.words.of(&ticket.subject);
        let body = self.words.of(body(ticket));
        let resolution = self.words.of(&ticket.resolution);
        let mut document = TantivyDocument::new();
        document.add_text(fields.id, ticket.id.as_str());
        let mut add = |field, text: String| {
            self.queued += text.len();
            document.add_text(field, text);
        };
        let text = std::iter::repeat_n(&subject, SUBJECT_TIMES).chain([&body, &resolution]);
        text.for_each(|words| add(fields.text, terms(words)));
        add(fields.subject, terms(&subject));
        add(fields.subject_pairs, pairs(&subject).join(" "));
        for words in [&body, &resolution] {
            add(fields.text_pairs, pairs(words).join(" "));
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

    /// Returns whether the queue should be committed before more tickets are added.
    pub fn is_full(&self) -> bool {
        self.queued > QUEUE_BYTES
    }

    /// Commits the changes with the revision up to which the index holds everything.
    ///
    /// # Errors
    /// Those of the index.
    pub fn save(mut self, revision: i64) -> anyhow::Result<Self> {
        if self.forgetting {
            self = self.purge()?;
        }
        self.checkpoint.revision = revision;
        self.commit_checkpoint()?;
        Ok(self)
    }

    /// Rewrites the segments that contain words of removed tickets. It does not change the checkpoint, so that the same
    /// changes are applied again after an interruption.
    fn purge(mut self) -> anyhow::Result<Self> {
        self.commit_checkpoint()?;
        self.writer.wait_merging_threads()?;
        let mut writer: IndexWriter = self.index.writer_with_num_threads(1, BYTES)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for part in self.index.searchable_segment_metas()? {
            if part.has_deletes() {
                writer.merge(&[part.id()]).wait()?;
            }
        }
        // Tantivy does not delete files that a reader of this process uses.
        self.reader.reload()?;
        writer.garbage_collect_files().wait()?;
        drop(writer);
        Self::new(&self.index, self.reader, self.fields, self.words, self.checkpoint)
    }

    fn commit_checkpoint(&mut self) -> anyhow::Result<()> {
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&serde_json::to_string(&self.checkpoint)?);
        prepared.commit()?;
        self.queued = 0;
        Ok(())
    }

    /// Saves and ends the writer.
    ///
    /// # Errors
    /// Those of the index.
    pub fn commit(self, revision: i64) -> anyhow::Result<()> {
        self.save(revision)?.writer.wait_merging_threads()?;
        Ok(())
    }
}

/// Size of the indexed texts, in bytes.
pub(crate) fn text_bytes(ticket: &Ticket) -> usize {
    ticket.subject.len() + ticket.description.len() + ticket.resolution.len()
}

/// Returns the description without the subject that it begins with.
pub fn body(ticket: &Ticket) -> &str {
    let description = ticket.description.as_str();
    description
        .strip_prefix(ticket.subject.trim())
        .unwrap_or(description)
}

/// Joins terms. Tantivy splits them again on another thread; thousands of tickets may be queued in this compact form.
fn terms(words: &[Word]) -> String {
    let terms: Vec<_> = words.iter().map(|word| word.term.as_str()).collect();
    terms.join(" ")
}
