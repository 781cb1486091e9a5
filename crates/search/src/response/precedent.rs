//! The search response: the same JSON over HTTP, MCP and the command line.

use schemars::JsonSchema;
use serde::Serialize;
use utoipa::ToSchema;

use super::content::Cuts;
use super::extract::Extract;
use super::stored::StoredTicket;

/// Maximum length of description and resolution in a search response, in characters. Only machine-written texts are
/// longer.
const TEXT_CHARS: usize = 20_000;

/// Maximum length of the subject in a search response, in characters.
const SUBJECT_CHARS: usize = 1_000;

/// The answer to a search.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, ToSchema)]
pub struct SearchResponse {
    /// Best first. Empty if there is no useful precedent.
    pub results: Vec<Precedent>,
}

/// A stored ticket that is like the new one, with why it was found.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, ToSchema)]
pub struct Precedent {
    /// The stored ticket. Description and resolution are cut after 20,000 characters, the subject after 1,000.
    #[serde(flatten)]
    pub ticket: StoredTicket,
    /// Which of its texts are cut.
    #[serde(flatten)]
    pub cuts: Cuts,
    /// How likely it is of use, 0 to 1, as measured on public data: from 0.5 on it is most probably the same problem,
    /// below 0.1 it merely may help. Below 0.014 nothing is returned.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.87)]
    pub score: f64,
    /// Words of the question that it has, in their common form, ordered.
    pub matched_terms: Vec<String>,
    /// Untrusted, as `untrusted_content`: the part of description and resolution (of the first 100,000 characters of each)
    /// with most of the matched words.
    pub untrusted_extract: String,
    /// First byte and the one behind the last, in UTF-8, of each matched word in the extract.
    pub highlights: Vec<(usize, usize)>,
}

impl Precedent {
    pub(crate) fn new(
        ticket: StoredTicket,
        likelihood: f32,
        matched_terms: Vec<String>,
        extract: Extract,
    ) -> Self {
        let mut precedent = Self {
            ticket,
            cuts: Cuts::default(),
            // The estimate is not more precise than two digits.
            score: (f64::from(likelihood) * 100.0).round() / 100.0,
            matched_terms,
            untrusted_extract: extract.text,
            highlights: extract.marks,
        };
        precedent.cut(SUBJECT_CHARS, TEXT_CHARS);
        precedent
    }

    /// Cuts the description and the resolution further, for a reader that reads all of them.
    pub fn cut_texts(&mut self, limit: usize) {
        self.cut(SUBJECT_CHARS, limit);
    }

    fn cut(&mut self, subject: usize, text: usize) {
        self.cuts.cut(&mut self.ticket.untrusted_content, subject, text);
    }
}
