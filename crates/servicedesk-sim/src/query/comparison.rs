//! One comparison of a criterion.

use crate::population::ticket::Ticket;
use crate::query::field::{Field, TimeField};
use crate::render::renderer::Renderer;

/// Times within which every matching ticket's field lies, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeRange {
    pub(crate) field: TimeField,
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
}

/// A comparison of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(super) field: Field,
    pub(super) condition: Condition,
    pub(super) values: Vec<String>,
    /// The values as numbers, if the field is a time.
    pub(super) times_ms: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Is,
    IsNot,
    Greater,
    GreaterOrEqual,
    Lesser,
    LesserOrEqual,
    Between,
    NotBetween,
    StartsWith,
    EndsWith,
    Contains,
    NotContains,
}

impl Condition {
    /// Returns the condition that ServiceDesk Plus knows by this name; "less than" and "after" are unknown.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "is" | "=" | "eq" => Self::Is,
            "is not" | "!=" | "neq" => Self::IsNot,
            "greater than" | "gt" => Self::Greater,
            "greater or equal" | "gte" => Self::GreaterOrEqual,
            "lesser than" | "lt" => Self::Lesser,
            "lesser or equal" | "lte" => Self::LesserOrEqual,
            "between" => Self::Between,
            "not between" => Self::NotBetween,
            "starts with" => Self::StartsWith,
            "ends with" => Self::EndsWith,
            "contains" => Self::Contains,
            "not contains" => Self::NotContains,
            _ => return None,
        })
    }
}

impl Comparison {
    pub(super) fn between(field: TimeField, from_ms: i64, to_ms: i64) -> Self {
        let times_ms = vec![from_ms, to_ms];
        Self {
            field: Field::Time(field),
            condition: Condition::Between,
            values: Vec::new(),
            times_ms,
        }
    }

    pub(super) fn one_of(field: Field, values: Vec<String>) -> Self {
        Self {
            field,
            condition: Condition::Is,
            values,
            times_ms: Vec::new(),
        }
    }

    pub(super) fn matches(&self, renderer: &Renderer, ticket: &Ticket) -> bool {
        if let Field::Time(field) = self.field {
            return self.matches_number(field.of(ticket), &self.times_ms);
        }
        let text = self.field.text_of(renderer, ticket);
        let Some(text) = text.as_deref() else {
            return self.condition == Condition::Is && self.values.is_empty();
        };
        let any = |fits: &dyn Fn(&str) -> bool| self.values.iter().any(|value| fits(value));
        match self.condition {
            Condition::Is => any(&|value| text == value),
            Condition::IsNot => !any(&|value| text == value),
            Condition::StartsWith => any(&|value| text.starts_with(value)),
            Condition::EndsWith => any(&|value| text.ends_with(value)),
            Condition::Contains => any(&|value| text.contains(value)),
            Condition::NotContains => !any(&|value| text.contains(value)),
            _ => {
                let numbers = self.values.iter().filter_map(|value| value.parse().ok());
                let numbers: Vec<i64> = numbers.collect();
                text.parse()
                    .is_ok_and(|number| self.matches_number(Some(number), &numbers))
            }
        }
    }

    /// Compares a number. A time that was never set matches the null test only, whatever the condition.
    fn matches_number(&self, number: Option<i64>, bounds: &[i64]) -> bool {
        let Some(number) = number else {
            return self.condition == Condition::Is && bounds.is_empty();
        };
        let any = |fits: &dyn Fn(i64) -> bool| bounds.iter().any(|&bound| fits(bound));
        let between = || matches!(bounds, [from, to, ..] if (*from..=*to).contains(&number));
        match self.condition {
            Condition::Is | Condition::Contains => any(&|bound| number == bound),
            Condition::IsNot | Condition::NotContains => !any(&|bound| number == bound),
            Condition::Greater => any(&|bound| number > bound),
            Condition::GreaterOrEqual => any(&|bound| number >= bound),
            Condition::Lesser => any(&|bound| number < bound),
            Condition::LesserOrEqual => any(&|bound| number <= bound),
            Condition::Between => between(),
            Condition::NotBetween => !between(),
            Condition::StartsWith | Condition::EndsWith => false,
        }
    }

    /// Returns the range that holds every match, if there is one.
    pub(super) fn range(&self) -> Option<TimeRange> {
        let Field::Time(field) = self.field else {
            return None;
        };
        let first = *self.times_ms.first()?;
        let alone = self.times_ms.len() == 1;
        let (from_ms, to_ms) = match self.condition {
            Condition::Between => (first, *self.times_ms.get(1)?),
            Condition::Greater | Condition::GreaterOrEqual if alone => (first, i64::MAX),
            Condition::Lesser | Condition::LesserOrEqual if alone => (i64::MIN, first),
            _ => return None,
        };
        Some(TimeRange {
            field,
            from_ms,
            to_ms,
        })
    }
}
