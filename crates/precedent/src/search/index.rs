//! One tenant's tickets, searchable: a cache of the table, never the truth.
//!
//! How far it has come stands in its last commit. Several processes may use one folder: whoever writes has the
//! tenant's lock file (see [`super::indexes`]); whoever reads sees the last commit.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use store::History;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{Index, IndexReader, ReloadPolicy};

use super::language::Language;
use super::words::Words;
use super::writer::Writer;

/// Raised with every change of fields or analysis; each version has a folder of its own.
pub(crate) const VERSION: u32 = 2;

/// Before the first revision: rows that another program wrote have revision 0.
const NOTHING: i64 = -1;

/// Blocks of stored ids that a reader keeps unpacked; they are small and asked for once.
const CACHED_BLOCKS: usize = 4;

/// The last commit's note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Every change of the table up to this revision is in.
    pub(super) revision: i64,
    /// Of which tenant's life, and in which language: see [`History`].
    since_ms: i64,
    language: String,
}

impl Mark {
    /// Of an index that has nothing of this history yet.
    fn before(history: &History) -> Self {
        Self {
            revision: NOTHING,
            since_ms: history.since.timestamp_millis(),
            language: history.language.clone(),
        }
    }
}

/// Fields of a ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub(super) id: Field,
    /// Subject (several times), description and resolution.
    pub(super) text: Field,
    pub(super) subject: Field,
    /// Adjacent words.
    pub(super) subject_pairs: Field,
    pub(super) text_pairs: Field,
    pub(super) resolved_ms: Field,
    /// Lower case, as are tags.
    pub(super) category: Field,
    pub(super) tag: Field,
    pub(super) solved: Field,
}

/// An open index.
pub(crate) struct TicketIndex {
    index: Index,
    reader: IndexReader,
    pub(super) fields: Fields,
    words: Words,
    mark: Mark,
    revision: AtomicI64,
}

impl TicketIndex {
    /// Opens the index in a folder.
    ///
    /// # Errors
    /// If it is missing, damaged, or not of this history: of another tenant of the same name, in another language,
    /// or ahead of it, as after a database was restored from a backup.
    pub(super) fn open(folder: &Path, history: &History) -> anyhow::Result<Self> {
        let index = Index::open_in_dir(folder)?;
        let payload = index.load_metas()?.payload.context("no note of what it holds")?;
        let index = Self::of(index, serde_json::from_str(&payload)?)?;
        ensure!(
            index.is_of(history) && index.revision() <= history.revision,
            "of another history"
        );
        Ok(index)
    }

    /// Makes an empty index in a folder, in place of what is there; it lasts from its first commit on.
    pub(crate) fn make(folder: &Path, history: &History) -> anyhow::Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder).context("remove an index that cannot be used")?;
        }
        std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        Self::of(Index::create_in_dir(folder, schema().0)?, Mark::before(history))
    }

    fn of(index: Index, mark: Mark) -> anyhow::Result<Self> {
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(CACHED_BLOCKS)
            .try_into()?;
        Ok(Self {
            index,
            reader,
            fields: schema().1,
            words: Words::new(mark.language.parse().unwrap_or(Language::Simple)),
            revision: mark.revision.into(),
            mark,
        })
    }

    /// Whether it is a copy, maybe an old one, of this history.
    pub(super) fn is_of(&self, history: &History) -> bool {
        let known = Mark::before(history);
        (self.mark.since_ms, &self.mark.language) == (known.since_ms, &known.language)
    }

    /// The revision of the table up to which everything is in.
    pub(super) fn revision(&self) -> i64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Tickets, and bytes on disk.
    pub(crate) fn size(&self) -> anyhow::Result<(u64, u64)> {
        let searcher = self.searcher();
        Ok((searcher.num_docs(), searcher.space_usage()?.total().get_bytes()))
    }

    /// What the last commit held when this index was opened or written.
    pub(super) fn searcher(&self) -> tantivy::Searcher {
        self.reader.searcher()
    }

    pub(super) fn words(&self) -> Words {
        self.words.clone()
    }

    /// Changes to come. At most one at a time, in all processes.
    pub(crate) fn writer(&self) -> anyhow::Result<Writer> {
        let mark = Mark {
            revision: self.revision(),
            ..self.mark.clone()
        };
        Writer::new(
            &self.index,
            self.reader.clone(),
            self.fields,
            self.words.clone(),
            mark,
        )
    }

    /// Shows what a writer committed.
    pub(crate) fn reload(&self, revision: i64) -> anyhow::Result<()> {
        self.reader.reload()?;
        self.revision.store(revision, Ordering::Release);
        Ok(())
    }
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let frequencies = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqs);
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
        solved: builder.add_bool_field("solved", FAST),
    };
    (builder.build(), fields)
}
