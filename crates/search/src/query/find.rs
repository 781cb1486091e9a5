//! Which stored tickets are like this text?
//!
//! The terms that are looked for are joined by OR and scored by BM25. The score says little by itself: a long question
//! collects more of it, and a small history less. Divided by what all words of the question tell, it can be compared, and
//! tells how likely the ticket is of use. Below the floor there is no useful precedent: measured on public data, it costs
//! 0.5 % of what is found of bug reports and 1 % of a small FAQ, and leaves 57 % of foreign questions without an answer.

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

/// Least score, in the question's own unit: a likelihood of 1.4 %.
const FLOOR: f32 = 0.45;

/// A ticket that is like the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Match {
    pub(crate) id: String,
    /// That it is of use, 0 to 1.
    pub(crate) likelihood: f32,
}

/// The answer, best first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matches {
    pub(crate) matches: Vec<Match>,
    /// What was looked for.
    pub(crate) terms: HashSet<String>,
}

/// The tickets that are like the question.
///
/// # Errors
/// Those of the index; or `left` was cancelled: nobody waits for the answer any more.
pub(crate) fn find(
    index: &TicketIndex,
    query: &SearchQuery,
    left: &CancellationToken,
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
            if left.is_cancelled() {
                // No ticket scores more: what is left of this part is passed over.
                return Score::INFINITY;
            }
            if filter.allows(ticket) {
                best.push(score, DocAddress::new(part, ticket));
            }
            best.threshold.unwrap_or(floor)
        })?;
        ensure!(!left.is_cancelled(), "the caller left");
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

/// The best so far, by score.
type Best = TopNComputer<Score, DocAddress, NaturalComparator>;

/// How likely a ticket with this score, in the question's own unit, is of use: fitted on public duplicate reports and
/// solved threads, half each.
fn likelihood(score: f32) -> f32 {
    1.0 / (1.0 + (1.62 - 3.32 * score.ln()).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likelihood_grows_with_the_score_from_the_floor_on() {
        let scores = [FLOOR, 0.8, 1.2, 1.63, 2.5, 4.0, 40.0];
        let likelihoods = scores.map(likelihood);
        assert!(likelihoods.is_sorted(), "{likelihoods:?}");
        assert!((likelihoods[0] - 0.014).abs() < 0.001, "{likelihoods:?}");
        assert!((likelihoods[3] - 0.5).abs() < 0.01 && likelihoods[6] < 1.0 + f32::EPSILON);
    }
}
