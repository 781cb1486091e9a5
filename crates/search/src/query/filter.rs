//! Filters of a search: time of resolution, category, tags, resolution.
//!
//! A filter excludes tickets and does not affect the score. It is not part of the tantivy query, so that block-max WAND
//! can skip most tickets. The search checks the filter only for tickets that would be among the best.

use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::index::Fields;
use crate::request::{Resolution, SearchQuery};

/// Filter of a search on one segment of the index.
pub(crate) struct Filter<'a> {
    segment: &'a SegmentReader,
    resolved_ms: Option<(Column<i64>, i64, i64)>,
    solved: Option<(Column<bool>, bool)>,
    /// Sorted tickets of the category, and those with one of the tags. A ticket must be in every list.
    among: Vec<Vec<DocId>>,
    /// Ticket to exclude.
    excluded: Option<Vec<DocId>>,
}

impl<'a> Filter<'a> {
    pub(crate) fn of(
        query: &SearchQuery,
        fields: Fields,
        segment: &'a SegmentReader,
    ) -> anyhow::Result<Self> {
        let columns = segment.fast_fields();
        let range = (query.from_ms.is_some() || query.to_ms.is_some())
            .then(|| (query.from_ms.unwrap_or(i64::MIN), query.to_ms.unwrap_or(i64::MAX)));
        let resolved_ms = match range {
            Some((from, to)) => Some((columns.i64("resolved_ms")?, from, to)),
            None => None,
        };
        let solved = match query.resolution {
            Resolution::Any => None,
            Resolution::With => Some((columns.bool("solved")?, true)),
            Resolution::Without => Some((columns.bool("solved")?, false)),
        };
        let mut among = Vec::new();
        if let Some(category) = &query.category {
            among.push(having(segment, fields.category, [category.to_lowercase()])?);
        }
        if !query.tags.is_empty() {
            let tags = query.tags.iter().map(|tag| tag.to_lowercase());
            among.push(having(segment, fields.tag, tags)?);
        }
        let excluded = match &query.excluding {
            Some(id) => Some(having(segment, fields.id, [id.clone()])?),
            None => None,
        };
        Ok(Self {
            segment,
            resolved_ms,
            solved,
            among,
            excluded,
        })
    }

    pub(crate) fn allows(&self, ticket: DocId) -> bool {
        !self.segment.is_deleted(ticket)
            && self.resolved_ms.as_ref().is_none_or(|(times, from, to)| {
                times
                    .first(ticket)
                    .is_some_and(|time| (*from..=*to).contains(&time))
            })
            && self
                .solved
                .as_ref()
                .is_none_or(|(solved, wanted)| solved.first(ticket) == Some(*wanted))
            && self.among.iter().all(|set| is_in(set, ticket))
            && self.excluded.as_ref().is_none_or(|set| !is_in(set, ticket))
    }
}

/// Returns the tickets whose field has one of these texts, sorted.
fn having(
    segment: &SegmentReader,
    field: Field,
    texts: impl IntoIterator<Item = String>,
) -> anyhow::Result<Vec<DocId>> {
    let mut tickets = Vec::new();
    let index = segment.inverted_index(field)?;
    for text in texts {
        let term = Term::from_field_text(field, &text);
        let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
            continue;
        };
        let mut ticket = postings.doc();
        while ticket != TERMINATED {
            tickets.push(ticket);
            ticket = postings.advance();
        }
    }
    tickets.sort_unstable();
    Ok(tickets)
}

fn is_in(tickets: &[DocId], ticket: DocId) -> bool {
    tickets.binary_search(&ticket).is_ok()
}
