//! Measures search quality on data with known answers.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::index::TicketIndex;
use crate::query::find;
use crate::request::SearchQuery;

/// Number of results that count.
const DEPTH: usize = 10;

/// Number of bootstrap resamplings per interval.
const RESAMPLINGS: usize = 1_000;

/// A query with its relevant tickets. A query without relevant tickets measures only whether the search returns
/// anything.
#[derive(Clone, Debug)]
pub struct JudgedQuery {
    /// The query.
    pub query: SearchQuery,
    /// Ids of the relevant tickets.
    pub relevant: HashSet<String>,
}

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Mean over all queries.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Measures over all queries.
pub struct Evaluation {
    /// Number of queries.
    pub queries: usize,
    /// nDCG@10.
    pub ndcg: Measure,
    /// Recall@10.
    pub recall: Measure,
    /// MRR@10.
    pub reciprocal_rank: Measure,
    /// Share of the queries without a useful precedent.
    pub unanswered: Measure,
    /// Latency: median, 95th and 99th percentile.
    pub latency: [Duration; 3],
}

/// Measures the search over judged queries.
///
/// # Errors
/// Those of the index.
pub fn evaluate(index: &TicketIndex, queries: &[JudgedQuery]) -> anyhow::Result<Evaluation> {
    let mut measures: [Vec<f64>; 4] = Default::default();
    let never_cancelled = CancellationToken::new();
    let mut times = Vec::with_capacity(queries.len());
    for known in queries {
        let started = Instant::now();
        let found = find(index, &known.query, &never_cancelled)?;
        times.push(started.elapsed());
        measures[3].push(f64::from(u8::from(found.matches.is_empty())));
        if known.relevant.is_empty() {
            continue;
        }
        let ranks: Vec<usize> = found
            .matches
            .iter()
            .take(DEPTH)
            .enumerate()
            .filter_map(|(rank, hit)| known.relevant.contains(&hit.id).then_some(rank))
            .collect();
        let gain = |rank: usize| 1.0 / ((rank + 2) as f64).log2();
        let ideal: f64 = (0..known.relevant.len().min(DEPTH)).map(gain).sum();
        measures[0].push(ranks.iter().map(|rank| gain(*rank)).sum::<f64>() / ideal);
        measures[1].push(ranks.len() as f64 / known.relevant.len() as f64);
        measures[2].push(ranks.first().map_or(0.0, |rank| 1.0 / (rank + 1) as f64));
    }
    times.sort_unstable();
    let percentile = |share: f64| {
        let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(at).copied().unwrap_or_default()
    };
    let [ndcg, recall, reciprocal_rank, unanswered] = measures.map(|values| measure(&values));
    Ok(Evaluation {
        queries: queries.len(),
        ndcg,
        recall,
        reciprocal_rank,
        unanswered,
        latency: [0.5, 0.95, 0.99].map(percentile),
    })
}

/// Computes a mean with its interval by a bootstrap over the queries, with the same result every time.
fn measure(values: &[f64]) -> Measure {
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
        sum / f64::from(count.max(1))
    };
    // A fixed seed: two runs give the same interval.
    let mut random = fastrand::Rng::with_seed(1);
    let mut means: Vec<f64> = (0..RESAMPLINGS)
        .map(|_| mean(&mut (0..values.len()).map(|_| values[random.usize(..values.len())])))
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    Measure {
        mean: mean(&mut values.iter().copied()),
        low: means[RESAMPLINGS / 40],
        high: means[RESAMPLINGS - 1 - RESAMPLINGS / 40],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_contains_its_mean_and_is_deterministic() {
        let values: Vec<f64> = (0..200).map(|n| f64::from(n % 3) / 2.0).collect();
        let (first, second) = (measure(&values), measure(&values));
        assert!(first.low < first.mean && first.mean < first.high, "{first:?}");
        assert_eq!((first.low, first.high), (second.low, second.high));
        assert!(first.high - first.low < 0.15, "{first:?}");
    }
}
