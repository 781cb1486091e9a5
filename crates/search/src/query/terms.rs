//! Chooses the search terms of a new ticket and their weights.
//!
//! A new ticket is long, and most of its words carry no information. The search uses only the most informative terms.
//! It looks for each in the text as a whole, in subjects, and as a pair with its neighbour. A term is informative if it
//! is rare in this tenant's history; if it is in the subject or early in the text, where people describe the problem,
//! while logs and signatures come last; and if it often occurs in subjects.
//!
//! Measured on public duplicate reports (nDCG@10): the text as a whole 0.577, with subjects 0.588, with pairs 0.593,
//! with split code-like chunks 0.594, with early words 0.608, with rarity to the power of 1.25 and words of subjects
//! 0.618. More terms and feedback from the first hits made it worse.

use std::collections::{HashMap, HashSet};

use tantivy::query::{BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Searcher, Term};

use crate::analysis::{Word, pairs};
use crate::index::{Fields, TicketIndex};
use crate::request::SearchQuery;

/// Maximum number of terms and of pairs per search.
const TERMS: usize = 32;
const PAIRS: usize = 16;

/// Weight of a word of the subject when terms are chosen.
const SUBJECT_TIMES: f32 = 3.0;

/// Position at which a word of the text counts half as much as the first word.
const HALF: f32 = 50.0;

/// Exponent of a term's rarity. BM25 already contributes an exponent of 1.
const RARITY: f32 = 1.25;

/// Weight of a term's share of occurrences in subjects: its exponent, and the number of tickets by which the share is
/// smoothed.
const IN_SUBJECTS: f32 = 0.2;
const IN_SUBJECTS_AFTER: f32 = 20.0;

/// Weight of a match in each field, relative to one in the text as a whole.
const SUBJECT_WEIGHT: f32 = 0.6;
const PAIR_WEIGHT: f32 = 0.2;

/// Exponent by which a score grows with the information in the query.
const LENGTH: f32 = 0.4;

/// Number of terms below which a query counts as keywords, for which a lower score suffices.
const KEYWORDS: f32 = 4.0;

/// Maximum characters of a text that are analysed. Longer texts are logs, whose end adds little.
const TEXT_CHARS: usize = 100_000;

/// Chosen search terms.
pub(crate) struct Chosen {
    pub(crate) clauses: Vec<(Occur, Box<dyn Query>)>,
    pub(crate) terms: HashSet<String>,
    /// Information in all terms of the query, including those that no ticket has.
    information: f32,
    /// Information in a term that no ticket has.
    most: f32,
    /// Number of terms in the query.
    count: f32,
}

impl Chosen {
    pub(crate) fn of(index: &TicketIndex, searcher: &Searcher, query: &SearchQuery) -> anyhow::Result<Self> {
        let fields = index.fields;
        let mut words = index.words();
        let (subject, text) = (words.of(first(&query.subject)), words.of(first(&query.text)));
        let known = TermStatistics {
            searcher,
            // The excluded ticket must not count for its own words.
            least: 1 + u64::from(query.excluding.is_some()),
        };
        let mut chosen = Self {
            clauses: Vec::new(),
            terms: HashSet::new(),
            information: 0.0,
            most: known.rarity(0.0).powf(RARITY),
            count: 0.0,
        };
        let usual = known.usual_share_of_subjects(fields)?;
        let terms = |words: &[Word]| words.iter().map(|word| word.term.clone()).collect();
        let mut candidates = Vec::new();
        for (term, weight) in weights(terms(&subject), terms(&text)) {
            chosen.count += 1.0;
            let Some(tickets) = known.tickets(fields.text, &term)? else {
                chosen.information += weight * chosen.most;
                continue;
            };
            let in_subjects = known.tickets(fields.subject, &term)?.unwrap_or(0.0);
            let share = (in_subjects + IN_SUBJECTS_AFTER * usual) / (tickets + IN_SUBJECTS_AFTER);
            let weight = weight * (share / usual).powf(IN_SUBJECTS);
            let rarity = known.rarity(tickets);
            chosen.information += weight * rarity.powf(RARITY);
            candidates.push((term, weight, rarity));
        }
        for (term, weight, rarity) in best(candidates, TERMS) {
            let weight = weight * rarity.powf(RARITY - 1.0);
            chosen.add(fields.text, &term, weight);
            chosen.add(fields.subject, &term, weight * SUBJECT_WEIGHT);
            chosen.terms.insert(term);
        }
        let mut candidates = Vec::new();
        for (pair, weight) in weights(pairs(&subject), pairs(&text)) {
            if let Some(tickets) = known.tickets(fields.text_pairs, &pair)? {
                candidates.push((pair, weight, known.rarity(tickets)));
            }
        }
        for (pair, weight, rarity) in best(candidates, PAIRS) {
            let weight = weight * rarity.powf(RARITY - 1.0) * PAIR_WEIGHT;
            chosen.add(fields.subject_pairs, &pair, weight);
            chosen.add(fields.text_pairs, &pair, weight);
        }
        Ok(chosen)
    }

    /// Returns the unit of scores. A score in this unit depends little on the length of the query and the size of the
    /// history.
    pub(crate) fn unit(&self) -> Score {
        self.most * self.information.powf(LENGTH) * (self.count / KEYWORDS).min(1.0)
    }

    fn add(&mut self, field: Field, term: &str, weight: f32) {
        let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
        self.clauses
            .push((Occur::Should, Box::new(BoostQuery::new(Box::new(query), weight))));
    }
}

/// Returns the weight of each term by its positions and its frequency.
fn weights(subject: Vec<String>, text: Vec<String>) -> HashMap<String, f32> {
    let mut weights: HashMap<String, f32> = HashMap::new();
    for term in subject {
        *weights.entry(term).or_default() += SUBJECT_TIMES;
    }
    for (place, term) in text.into_iter().enumerate() {
        *weights.entry(term).or_default() += 1.0 / (1.0 + place as f32 / HALF);
    }
    weights.values_mut().for_each(|weight| *weight = weight.sqrt());
    weights
}

/// Returns the most informative terms by weight and rarity, best first.
fn best(mut terms: Vec<(String, f32, f32)>, most: usize) -> Vec<(String, f32, f32)> {
    let information = |(_, weight, rarity): &(String, f32, f32)| weight * rarity.powf(RARITY);
    terms.sort_by(|a, b| {
        information(b)
            .total_cmp(&information(a))
            .then_with(|| a.0.cmp(&b.0))
    });
    terms.truncate(most);
    terms
}

/// Statistics of terms in the tenant's history.
struct TermStatistics<'a> {
    searcher: &'a Searcher,
    /// Minimum number of tickets with a term.
    least: u64,
}

impl TermStatistics<'_> {
    /// Returns the number of tickets with the term; `None` if they are too few.
    fn tickets(&self, field: Field, term: &str) -> anyhow::Result<Option<f32>> {
        let tickets = self.searcher.doc_freq(&Term::from_field_text(field, term))?;
        Ok((tickets >= self.least).then_some(tickets as f32))
    }

    /// Returns the inverse document frequency of BM25.
    fn rarity(&self, tickets: f32) -> f32 {
        let all = self.searcher.num_docs() as f32;
        (1.0 + (all - tickets + 0.5).max(0.0) / (tickets + 0.5)).ln()
    }

    /// Returns the share of words in subjects among the words of all tickets.
    fn usual_share_of_subjects(&self, fields: Fields) -> anyhow::Result<f32> {
        let (mut in_subjects, mut in_text) = (1, 1);
        for segment in self.searcher.segment_readers() {
            in_subjects += segment.inverted_index(fields.subject)?.total_num_tokens();
            in_text += segment.inverted_index(fields.text)?.total_num_tokens();
        }
        // The text as a whole contains the subject several times.
        let others = crate::index::SUBJECT_TIMES as u64 - 1;
        let in_text = in_text.saturating_sub(others * in_subjects).max(in_subjects);
        Ok(in_subjects as f32 / in_text as f32)
    }
}

fn first(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(TEXT_CHARS)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}
