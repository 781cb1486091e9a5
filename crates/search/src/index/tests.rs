//! Tests of an index: forgotten tickets leave the files, and a cancelled search ends.

use chrono::DateTime;
use store::History;
use tantivy::Term;
use ticket::{Ticket, TicketId};
use tokio_util::sync::CancellationToken;

use super::TicketIndex;
use super::files::IndexFiles;
use crate::query::find;
use crate::request::{Resolution, SearchQuery};

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

/// Returns the number of tickets with a word, including removed tickets that are still in the files.
fn occurrences(index: &TicketIndex, word: &str) -> u64 {
    let term = Term::from_field_text(index.fields.text, word);
    index.searcher().doc_freq(&term).expect("read")
}

#[test]
fn a_forgotten_ticket_leaves_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History {
        revision: 3,
        since: DateTime::UNIX_EPOCH,
        language: "simple".to_owned(),
        helpdesk_url: String::new(),
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
    let opened = TicketIndex::open(IndexFiles::new(&folder.path().join("acme")), &history).expect("whole");
    assert_eq!(opened.revision(), 3);
}

#[test]
fn a_search_whose_caller_left_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History {
        revision: 1,
        since: DateTime::UNIX_EPOCH,
        language: "simple".to_owned(),
        helpdesk_url: String::new(),
    };
    let index = TicketIndex::make(&folder.path().join("acme"), &history).expect("made");
    let mut writer = index.writer().expect("free");
    for id in ["1", "2", "3"] {
        writer.put(&ticket(id, "zebra")).expect("put");
    }
    writer.put(&ticket("4", "heron")).expect("put");
    writer.commit(1).expect("saved");
    index.reload(1).expect("shown");
    let query = SearchQuery {
        text: "heron".to_owned(),
        limit: 5,
        resolution: Resolution::Any,
        ..SearchQuery::default()
    };
    let left = CancellationToken::new();
    let found = find(&index, &query, &left).expect("an answer");
    assert_eq!(found.matches.len(), 1);
    left.cancel();
    let error = find(&index, &query, &left).expect_err("cancelled");
    assert_eq!(error.to_string(), "the caller left");
}
