//! Which words of a new ticket are looked for, and how much each counts?
//!
//! A new ticket is long, and most of its words tell nothing. So the most informative terms are kept, each looked for in the
//! text as a whole, once more in subjects, and together with its neighbour. What a term tells: it is rare in this tenant's
//! history; it stands in the subject, or early in the text, where people say what is wrong, while logs and signatures come
//! last; and it is of the kind that people put into subjects.
//!
//! Measured on public duplicate reports (nDCG@10): the text as a whole 0.577, with subjects 0.588, with pairs 0.593, with
//! code-like chunks taken apart 0.594, with early words 0.608, with rarity to the power of 1.25 and words of subjects
//! 0.618. More terms, and feedback from the first hits, made it worse.

use std::collections::{HashMap, HashSet};

use tantivy::query::{BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Searcher, Term};

use crate::analysis::{Word, pairs};
use crate::index::{Fields, TicketIndex};
use crate::request::SearchQuery;

/// Terms and pairs that are looked for.
const TERMS: usize = 32;
const PAIRS: usize = 16;

/// How often a word of the subject counts when terms are chosen.
const SUBJECT_TIMES: f32 = 3.0;

/// The word at this place of the text counts half as much as its first.
const HALF: f32 = 50.0;

/// Power of a term's rarity. BM25 brings one.
const RARITY: f32 = 1.25;

/// How much it counts that a term stands in subjects more often than others do: a power, and the tickets that a term
/// needs before that is known of it.
const IN_SUBJECTS: f32 = 0.2;
const IN_SUBJECTS_AFTER: f32 = 20.0;

/// What a match in each field is worth beside one in the text as a whole.
const SUBJECT_WEIGHT: f32 = 0.6;
const PAIR_WEIGHT: f32 = 0.2;

/// How a score grows with what the question tells: a power.
const LENGTH: f32 = 0.4;

/// A question of fewer terms is keywords, and a ticket need not have much else in common with it.
const KEYWORDS: f32 = 4.0;

/// Most characters of a text that are looked at: beyond it is a log, whose end tells no more than its start.
const TEXT_CHARS: usize = 100_000;

/// The terms that are looked for.
pub(crate) struct Chosen {
    pub(crate) clauses: Vec<(Occur, Box<dyn Query>)>,
    pub(crate) terms: HashSet<String>,
    /// What all terms of the question tell together, also those that no ticket has.
    told: f32,
    /// What a term tells that no ticket has.
    most: f32,
    /// How many terms the question has.
    count: f32,
}

impl Chosen {
    pub(crate) fn of(index: &TicketIndex, searcher: &Searcher, query: &SearchQuery) -> anyhow::Result<Self> {
        let fields = index.fields;
        let mut words = index.words();
        let (subject, text) = (words.of(first(&query.subject)), words.of(first(&query.text)));
        let known = JudgedQuery {
            searcher,
            // The ticket itself does not make its own words known.
            least: 1 + u64::from(query.excluding.is_some()),
        };
        let mut chosen = Self {
            clauses: Vec::new(),
            terms: HashSet::new(),
            told: 0.0,
            most: known.rarity(0.0).powf(RARITY),
            count: 0.0,
        };
        let usual = known.usual_share_of_subjects(fields)?;
        let terms = |words: &[Word]| words.iter().map(|word| word.term.clone()).collect();
        let mut candidates = Vec::new();
        for (term, weight) in weights(terms(&subject), terms(&text)) {
            chosen.count += 1.0;
            let Some(tickets) = known.tickets(fields.text, &term)? else {
                chosen.told += weight * chosen.most;
                continue;
            };
            let in_subjects = known.tickets(fields.subject, &term)?.unwrap_or(0.0);
            let share = (in_subjects + IN_SUBJECTS_AFTER * usual) / (tickets + IN_SUBJECTS_AFTER);
            let weight = weight * (share / usual).powf(IN_SUBJECTS);
            let rarity = known.rarity(tickets);
            chosen.told += weight * rarity.powf(RARITY);
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

    /// A score that depends little on how long the question is and how many tickets there are.
    pub(crate) fn unit(&self) -> Score {
        self.most * self.told.powf(LENGTH) * (self.count / KEYWORDS).min(1.0)
    }

    fn add(&mut self, field: Field, term: &str, weight: f32) {
        let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
        self.clauses
            .push((Occur::Should, Box::new(BoostQuery::new(Box::new(query), weight))));
    }
}

/// How much each term counts by where it stands and how often.
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

/// The terms that tell most, by weight and rarity, in this order.
fn best(mut terms: Vec<(String, f32, f32)>, most: usize) -> Vec<(String, f32, f32)> {
    let tells = |(_, weight, rarity): &(String, f32, f32)| weight * rarity.powf(RARITY);
    terms.sort_by(|a, b| tells(b).total_cmp(&tells(a)).then_with(|| a.0.cmp(&b.0)));
    terms.truncate(most);
    terms
}

/// What the tenant's history tells of terms.
struct JudgedQuery<'a> {
    searcher: &'a Searcher,
    /// Tickets that must have a term for it to be of use.
    least: u64,
}

impl JudgedQuery<'_> {
    /// Tickets that have the term; `None` if they are too few.
    fn tickets(&self, field: Field, term: &str) -> anyhow::Result<Option<f32>> {
        let tickets = self.searcher.doc_freq(&Term::from_field_text(field, term))?;
        Ok((tickets >= self.least).then_some(tickets as f32))
    }

    /// As BM25 counts it.
    fn rarity(&self, tickets: f32) -> f32 {
        let all = self.searcher.num_docs() as f32;
        (1.0 + (all - tickets + 0.5).max(0.0) / (tickets + 0.5)).ln()
    }

    /// How many of the words of all tickets are in their subjects.
    fn usual_share_of_subjects(&self, fields: Fields) -> anyhow::Result<f32> {
        let (mut in_subjects, mut in_text) = (1, 1);
        for segment in self.searcher.segment_readers() {
            in_subjects += segment.inverted_index(fields.subject)?.total_num_tokens();
            in_text += segment.inverted_index(fields.text)?.total_num_tokens();
        }
        // The text as a whole has the subject several times.
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
