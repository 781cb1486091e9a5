//! Changes of an index that become visible together.

use tantivy::indexer::{LogMergePolicy, NoMergePolicy};
use tantivy::{Index, IndexReader, IndexWriter, TantivyDocument, Term};
use ticket::Ticket;

use super::index::{Fields, Mark};
use super::words::{Word, Words, pairs};

/// Memory of a writer, in bytes: the least that tantivy takes.
const BYTES: usize = 15_000_000;

/// Bytes of documents between two commits: the indexing thread's queue is bounded by their number only.
const QUEUE_BYTES: usize = 64 << 20;

/// Parts of the index with more tickets than this are not put together any more: a search that waits for a
/// commit must not wait for a tenant's whole history to be written anew.
const LARGE: usize = 100_000;

/// How often the subject counts in the text as a whole.
pub(super) const SUBJECT_TIMES: usize = 4;

/// Puts tickets in and takes them out.
pub(crate) struct Writer {
    index: Index,
    reader: IndexReader,
    writer: IndexWriter,
    /// Something is to be forgotten that the files still hold.
    forgetting: bool,
    /// Bytes of documents since the last commit.
    queued: usize,
    fields: Fields,
    words: Words,
    mark: Mark,
}

impl Writer {
    /// `mark` is that of the last commit.
    pub(super) fn new(
        index: &Index,
        reader: IndexReader,
        fields: Fields,
        words: Words,
        mark: Mark,
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
            mark,
        })
    }

    /// Takes a ticket out.
    pub(crate) fn remove(&self, id: &str) {
        self.writer.delete_term(Term::from_field_text(self.fields.id, id));
    }

    /// Takes a ticket out, and its words out of the files.
    pub(crate) fn forget(&mut self, id: &str) {
        self.remove(id);
        self.forgetting = true;
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

    /// Whether so much waits for the indexing thread that it should be saved before more is put in.
    pub(crate) fn is_full(&self) -> bool {
        self.queued > QUEUE_BYTES
    }

    /// Makes the changes lasting and notes the revision up to which everything is in.
    pub(crate) fn save(mut self, revision: i64) -> anyhow::Result<Self> {
        if self.forgetting {
            self = self.purge()?;
        }
        self.mark.revision = revision;
        self.note()?;
        Ok(self)
    }

    /// Writes those parts anew that hold words of tickets that were taken out. Under the mark as it was: whoever is
    /// stopped here meets the same changes again.
    fn purge(mut self) -> anyhow::Result<Self> {
        self.note()?;
        self.writer.wait_merging_threads()?;
        let mut writer: IndexWriter = self.index.writer_with_num_threads(1, BYTES)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for part in self.index.searchable_segment_metas()? {
            if part.has_deletes() {
                writer.merge(&[part.id()]).wait()?;
            }
        }
        // Files that this process reads are not deleted.
        self.reader.reload()?;
        writer.garbage_collect_files().wait()?;
        drop(writer);
        Self::new(&self.index, self.reader, self.fields, self.words, self.mark)
    }

    fn note(&mut self) -> anyhow::Result<()> {
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&serde_json::to_string(&self.mark)?);
        prepared.commit()?;
        self.queued = 0;
        Ok(())
    }

    /// The same, for the last time.
    pub(crate) fn commit(self, revision: i64) -> anyhow::Result<()> {
        self.save(revision)?.writer.wait_merging_threads()?;
        Ok(())
    }
}

/// Size of the texts that are read for the index, in bytes.
pub(super) fn text_bytes(ticket: &Ticket) -> usize {
    ticket.subject.len() + ticket.description.len() + ticket.resolution.len()
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use store::History;
    use tantivy::Term;
    use ticket::{Ticket, TicketId};
    use tokio_util::sync::CancellationToken;

    use super::super::index::TicketIndex;
    use super::super::query::find;
    use super::super::question::{Question, Resolution};

    fn ticket(id: &str, word: &str) -> Ticket {
        Ticket {
            id: TicketId::new(id).expect("an id"),
            display_id: None,
            subject: word.to_owned(),
            description: word.to_owned(),
            resolution: String::new(),
            resolved_at: DateTime::UNIX_EPOCH,
            source_updated_at: None,
            status: None,
            category: None,
            priority: None,
            url: None,
            tags: Vec::new(),
            description_html: None,
            resolution_html: None,
        }
    }

    /// Tickets with a word, those that were taken out but are in the files included.
    fn occurrences(index: &TicketIndex, word: &str) -> u64 {
        let term = Term::from_field_text(index.fields.text, word);
        index.searcher().doc_freq(&term).expect("read")
    }

    #[test]
    fn what_is_forgotten_is_in_no_file_any_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = History {
            revision: 3,
            since: DateTime::UNIX_EPOCH,
            language: "simple".to_owned(),
        };
        let index = TicketIndex::make(&folder.path().join("acme"), &history).expect("made");
        let mut writer = index.writer().expect("free");
        for (id, word) in [("1", "zebra"), ("2", "heron"), ("3", "heron")] {
            writer.put(&ticket(id, word)).expect("put");
        }
        writer.commit(1).expect("saved");
        index.reload(1).expect("shown");
        let writer = index.writer().expect("free");
        writer.remove("2");
        writer.commit(2).expect("saved");
        index.reload(2).expect("shown");
        assert_eq!(
            (occurrences(&index, "zebra"), occurrences(&index, "heron")),
            (1, 2)
        );
        let files = || {
            let folder = std::fs::read_dir(folder.path().join("acme")).expect("there");
            let names = folder.map(|file| file.expect("there").file_name());
            names.collect::<std::collections::BTreeSet<_>>()
        };
        let before = files();
        let mut writer = index.writer().expect("free");
        writer.forget("1");
        writer.commit(3).expect("saved");
        index.reload(3).expect("shown");
        assert_eq!(
            (occurrences(&index, "zebra"), occurrences(&index, "heron")),
            (0, 1)
        );
        let postings = |name: &&std::ffi::OsString| name.to_string_lossy().ends_with(".idx");
        let left: Vec<_> = before.intersection(&files()).filter(postings).cloned().collect();
        assert!(left.is_empty(), "{left:?}");
        let opened = TicketIndex::open(&folder.path().join("acme"), &history).expect("whole");
        assert_eq!(opened.revision(), 3);
    }

    #[test]
    fn a_search_whose_caller_left_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = History {
            revision: 1,
            since: DateTime::UNIX_EPOCH,
            language: "simple".to_owned(),
        };
        let index = TicketIndex::make(&folder.path().join("acme"), &history).expect("made");
        let mut writer = index.writer().expect("free");
        for id in ["1", "2", "3"] {
            writer.put(&ticket(id, "zebra")).expect("put");
        }
        writer.put(&ticket("4", "heron")).expect("put");
        writer.commit(1).expect("saved");
        index.reload(1).expect("shown");
        let question = Question {
            text: "heron".to_owned(),
            limit: 5,
            resolution: Resolution::Any,
            ..Question::default()
        };
        let left = CancellationToken::new();
        let found = find(&index, &question, &left).expect("an answer");
        assert_eq!(found.matches.len(), 1);
        left.cancel();
        let error = find(&index, &question, &left).expect_err("cancelled");
        assert_eq!(error.to_string(), "the caller left");
    }
}
