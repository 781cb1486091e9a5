//! `search_criteria`: which tickets match.
//!
//! The traps are deliberate, as seen on real desks: an unknown condition or status name is accepted and has
//! no effect; on cloud, two criteria on one date field both have none.

mod compile;
mod test;

use serde_json::Value;

use super::BadQuery;
use super::field::{Field, TimeField};
use crate::edition::Edition;
use crate::render::Renderer;
use crate::ticket::Ticket;
use test::Test;

/// Compiled criteria.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    /// No effect.
    All,
    /// One comparison.
    Test(Test),
    /// Filters joined from left to right.
    Joined(Box<Filter>, Vec<(Join, Filter)>),
}

/// How a filter joins what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    And,
    Or,
}

/// Times that every matching ticket's field is within, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) field: TimeField,
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
}

impl Filter {
    /// Compiles a criterion or an array of them.
    ///
    /// # Errors
    /// When a field is unknown on this edition, or a date is no number.
    pub(crate) fn compile(criteria: &Value, edition: Edition) -> Result<Self, BadQuery> {
        compile::compile(criteria, edition)
    }

    /// An inclusive range of a time, as the story's form has it.
    pub(super) fn between(field: TimeField, from_ms: i64, to_ms: i64) -> Self {
        Self::Test(Test::between(field, from_ms, to_ms))
    }

    /// One of these values.
    pub(super) fn one_of(field: Field, values: Vec<String>) -> Self {
        Self::Test(Test::one_of(field, values))
    }

    /// Both filters.
    pub(super) fn and(self, other: Self) -> Self {
        self.join(Join::And, other)
    }

    /// The filter that has what stands before it and, joined to it, another. One without effect disappears.
    fn join(self, join: Join, other: Self) -> Self {
        match (self, other) {
            (Self::All, only) | (only, Self::All) => only,
            (Self::Joined(first, mut others), other) => {
                others.push((join, other));
                Self::Joined(first, others)
            }
            (first, other) => Self::Joined(Box::new(first), vec![(join, other)]),
        }
    }

    /// Whether a ticket matches.
    pub(crate) fn matches(&self, renderer: &Renderer, ticket: &Ticket) -> bool {
        match self {
            Self::All => true,
            Self::Test(test) => test.matches(renderer, ticket),
            Self::Joined(first, others) => others.iter().fold(
                first.matches(renderer, ticket),
                |matched, (join, other)| match join {
                    Join::And => matched && other.matches(renderer, ticket),
                    Join::Or => matched || other.matches(renderer, ticket),
                },
            ),
        }
    }

    /// A range that holds every match, so that a sorted index can serve it.
    pub(crate) fn range(&self) -> Option<Range> {
        match self {
            Self::All => None,
            Self::Test(test) => test.range(),
            Self::Joined(first, others) if others.iter().all(|(join, _)| *join == Join::And) => first
                .range()
                .or_else(|| others.iter().find_map(|(_, other)| other.range())),
            Self::Joined(..) => None,
        }
    }
}

#[cfg(test)]
mod tests;
