//! Finds the stored tickets that are similar to a text.
//!
//! The query joins the chosen terms by OR and scores them by BM25. BM25 scores are not comparable between queries: a
//! long query yields higher scores, a small history lower ones. Dividing by the information in all words of the query
//! makes them comparable; the quotient then predicts how likely the ticket is useful. Tickets below the floor are
//! dropped. On public data the floor loses 0.5 % of the relevant bug reports and 1 % of the answers of a small FAQ, and
//! it leaves 57 % of unrelated queries without results.

use std::collections::HashSet;

use anyhow::ensure;
use tantivy::collector::TopNComputer;
use tantivy::collector::sort_key::NaturalComparator;
use tantivy::query::{BooleanQuery, EnableScoring, Query};
use tantivy::schema::Value;
use tantivy::{DocAddress, Score, TantivyDocument};
use tokio_util::sync::CancellationToken;

use super::filter::Filter;
use super::terms::Chosen;
use crate::index::TicketIndex;
use crate::request::SearchQuery;

/// Minimum score in units of the query: a likelihood of 1.4 %.
const FLOOR: f32 = 0.45;

/// A ticket that is similar to the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Match {
    pub(crate) id: String,
    /// Likelihood that the ticket is useful, 0 to 1.
    pub(crate) likelihood: f32,
}

/// Matches, best first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matches {
    pub(crate) matches: Vec<Match>,
    /// Terms of the search.
    pub(crate) terms: HashSet<String>,
}

/// Finds the tickets that are similar to the query.
///
/// # Errors
/// Those of the index; or `cancel` was cancelled, because the caller no longer waits.
pub(crate) fn find(
    index: &TicketIndex,
    query: &SearchQuery,
    cancel: &CancellationToken,
) -> anyhow::Result<Matches> {
    let searcher = index.searcher();
    let chosen = Chosen::of(index, &searcher, query)?;
    if chosen.clauses.is_empty() {
        return Ok(Matches::default());
    }
    let unit = chosen.unit();
    let floor = FLOOR * unit;
    let mut best = Best::new_with_comparator(query.limit, NaturalComparator);
    let any_term = BooleanQuery::new(chosen.clauses);
    let weight = any_term.weight(EnableScoring::enabled_from_searcher(&searcher))?;
    for (part, segment) in (0..).zip(searcher.segment_readers()) {
        let filter = Filter::of(query, index.fields, segment)?;
        let threshold = best.threshold.unwrap_or(floor);
        weight.for_each_pruning(threshold, segment, &mut |ticket, score| {
            if cancel.is_cancelled() {
                // No ticket scores higher, so tantivy skips the rest of this segment.
                return Score::INFINITY;
            }
            if filter.allows(ticket) {
                best.push(score, DocAddress::new(part, ticket));
            }
            best.threshold.unwrap_or(floor)
        })?;
        ensure!(!cancel.is_cancelled(), "the caller left");
    }
    let mut matches = Vec::with_capacity(query.limit);
    for found in best.into_sorted_vec() {
        let document: TantivyDocument = searcher.doc(found.doc)?;
        let id = document.get_first(index.fields.id).and_then(|id| id.as_str());
        matches.extend(id.map(|id| Match {
            id: id.to_owned(),
            likelihood: likelihood(found.sort_key / unit),
        }));
    }
    Ok(Matches {
        matches,
        terms: chosen.terms,
    })
}

/// Best tickets so far, by score.
type Best = TopNComputer<Score, DocAddress, NaturalComparator>;

/// Returns the likelihood that a ticket with this score, in units of the query, is useful. The curve is fitted on
/// public duplicate reports and solved threads, half each.
fn likelihood(score: f32) -> f32 {
    1.0 / (1.0 + (1.62 - 3.32 * score.ln()).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likelihood_grows_with_the_score() {
        let scores = [FLOOR, 0.8, 1.2, 1.63, 2.5, 4.0, 40.0];
        let likelihoods = scores.map(likelihood);
        assert!(likelihoods.is_sorted(), "{likelihoods:?}");
        assert!((likelihoods[0] - 0.014).abs() < 0.001, "{likelihoods:?}");
        assert!((likelihoods[3] - 0.5).abs() < 0.01 && likelihoods[6] < 1.0 + f32::EPSILON);
    }
}
