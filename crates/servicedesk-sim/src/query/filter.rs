//! A filter of tickets.

use crate::population::ticket::Ticket;
use crate::query::comparison::{Comparison, TimeRange};
use crate::query::field::{Field, TimeField};
use crate::render::renderer::Renderer;

/// Compiled criteria.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    /// No effect.
    All,
    Comparison(Comparison),
    /// Filters joined from left to right.
    Joined(Box<Filter>, Vec<(Join, Filter)>),
}

/// The operator between a filter and those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    And,
    Or,
}

impl Filter {
    /// Creates an inclusive range of a time, as in the story's form.
    pub(super) fn between(field: TimeField, from_ms: i64, to_ms: i64) -> Self {
        Self::Comparison(Comparison::between(field, from_ms, to_ms))
    }

    /// Creates a filter for tickets whose field has one of these values.
    pub(super) fn one_of(field: Field, values: Vec<String>) -> Self {
        Self::Comparison(Comparison::one_of(field, values))
    }

    /// Joins two filters by AND.
    pub(super) fn and(self, other: Self) -> Self {
        self.join(Join::And, other)
    }

    /// Joins two filters; one without effect disappears.
    pub(super) fn join(self, join: Join, other: Self) -> Self {
        match (self, other) {
            (Self::All, only) | (only, Self::All) => only,
            (Self::Joined(first, mut others), other) => {
                others.push((join, other));
                Self::Joined(first, others)
            }
            (first, other) => Self::Joined(Box::new(first), vec![(join, other)]),
        }
    }

    /// Returns whether a ticket matches.
    pub(crate) fn matches(&self, renderer: &Renderer, ticket: &Ticket) -> bool {
        match self {
            Self::All => true,
            Self::Comparison(comparison) => comparison.matches(renderer, ticket),
            Self::Joined(first, others) => others.iter().fold(
                first.matches(renderer, ticket),
                |matched, (join, other)| match join {
                    Join::And => matched && other.matches(renderer, ticket),
                    Join::Or => matched || other.matches(renderer, ticket),
                },
            ),
        }
    }

    /// Returns a range that holds every match, so that a sorted index can serve it.
    pub(crate) fn range(&self) -> Option<TimeRange> {
        match self {
            Self::All => None,
            Self::Comparison(comparison) => comparison.range(),
            Self::Joined(first, others) if others.iter().all(|(join, _)| *join == Join::And) => first
                .range()
                .or_else(|| others.iter().find_map(|(_, other)| other.range())),
            Self::Joined(..) => None,
        }
    }
}
