//! One tenant's index: a cache of the table, which can be rebuilt at any time.
//!
//! Its last commit holds its checkpoint. Several processes may use one folder: the writer holds the tenant's lock file
//! (see [`super::indexes`]), and readers see the last commit.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context as _, ensure};
use store::History;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy};

use super::checkpoint::IndexCheckpoint;
use super::fields::{Fields, schema};
use super::files::IndexFiles;
use super::secure;
use super::writer::Writer;
use crate::analysis::{Language, Words};

/// Version of fields, analysis and files. Each version has its own folder.
pub(crate) const VERSION: u32 = 3;

/// Number of unpacked blocks of stored ids per reader. They are small and read once.
const CACHED_BLOCKS: usize = 4;

/// An open index. All of its bytes are in memory, verified.
pub struct TicketIndex {
    files: IndexFiles,
    index: Index,
    reader: IndexReader,
    pub(crate) fields: Fields,
    words: Words,
    checkpoint: IndexCheckpoint,
    revision: AtomicI64,
}

impl TicketIndex {
    /// Opens the index of a folder. Reads only the files that `files` does not hold yet.
    ///
    /// # Errors
    /// If it is missing, damaged, or not of this history: of another tenant of the same name, in another language,
    /// or ahead of it, as after a database was restored from a backup.
    pub(crate) fn open(files: IndexFiles, history: &History) -> anyhow::Result<Self> {
        let index = Index::open(files.clone())?;
        ensure!(index.schema() == schema().0, "of another schema");
        let payload = index.load_metas()?.payload.context("no checkpoint")?;
        let index = Self::of(files, index, serde_json::from_str(&payload)?)?;
        ensure!(
            index.is_of(history) && index.revision() <= history.revision,
            "of another history"
        );
        Ok(index)
    }

    /// Creates an empty index in a folder and removes an earlier one. It can be opened after its first commit.
    ///
    /// # Errors
    /// Those of the folder.
    pub fn make(folder: &Path, history: &History) -> anyhow::Result<Self> {
        secure::remove(folder).with_context(|| format!("remove {}", folder.display()))?;
        secure::secure_folder(folder).with_context(|| format!("create {}", folder.display()))?;
        let files = IndexFiles::new(folder);
        let index = Index::create(files.clone(), schema().0, IndexSettings::default())?;
        Self::of(files, index, IndexCheckpoint::before(history))
    }

    fn of(files: IndexFiles, index: Index, checkpoint: IndexCheckpoint) -> anyhow::Result<Self> {
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(CACHED_BLOCKS)
            .try_into()?;
        Ok(Self {
            files,
            index,
            reader,
            fields: schema().1,
            words: Words::new(checkpoint.language.parse().unwrap_or(Language::Simple)),
            revision: checkpoint.revision.into(),
            checkpoint,
        })
    }

    /// Returns whether the index is a copy of this history, possibly an outdated one.
    pub(crate) fn is_of(&self, history: &History) -> bool {
        let known = IndexCheckpoint::before(history);
        (self.checkpoint.since_ms, &self.checkpoint.language) == (known.since_ms, &known.language)
    }

    /// Revision of the table up to which the index holds everything.
    pub(crate) fn revision(&self) -> i64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Returns the number of tickets and of bytes on disk.
    ///
    /// # Errors
    /// Those of the folder.
    pub fn size(&self) -> anyhow::Result<(u64, u64)> {
        let searcher = self.searcher();
        Ok((searcher.num_docs(), searcher.space_usage()?.total().get_bytes()))
    }

    /// Returns its files, for opening it again.
    pub(crate) fn files(&self) -> &IndexFiles {
        &self.files
    }

    /// Returns a searcher over the last commit that this index has loaded.
    pub(crate) fn searcher(&self) -> tantivy::Searcher {
        self.reader.searcher()
    }

    pub(crate) fn words(&self) -> Words {
        self.words.clone()
    }

    /// Creates a writer. Only one may exist at a time, across all processes.
    ///
    /// # Errors
    /// Those of the folder, and a second writer.
    pub fn writer(&self) -> anyhow::Result<Writer> {
        let checkpoint = IndexCheckpoint {
            revision: self.revision(),
            ..self.checkpoint.clone()
        };
        Writer::new(
            &self.index,
            self.reader.clone(),
            self.fields,
            self.words.clone(),
            checkpoint,
        )
    }

    /// Loads the last commit.
    ///
    /// # Errors
    /// Those of the folder.
    pub fn reload(&self, revision: i64) -> anyhow::Result<()> {
        self.reader.reload()?;
        self.revision.store(revision, Ordering::Release);
        Ok(())
    }
}
