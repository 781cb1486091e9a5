//! A mutation of an input that stays close to what a server may send.

use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::json::{self, VALUES};

/// Characters at which words of JSON and HTML begin and end.
const EDGES: &[u8] = b"\"':,{}[]<>&;= \n";

/// Bytes that parsers treat specially.
const ODD: &[u8] = b"\0\x01\x08\t\n\r\x0b\x1b \"&'/0-9:;<=>\\]_a{}\x7f\x80\xad\xbf\xc2\xe2\xed\xef\xf0\xff";

/// Maximum length of a span, in bytes.
const MAX_SPAN: usize = 256;

/// A change of one place in an input.
#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    FlipBit {
        at: Index,
        bit: u8,
    },
    InsertByte {
        at: Index,
        byte: u8,
    },
    Remove {
        span: Span,
    },
    Repeat {
        span: Span,
        at: Index,
    },
    /// Nesting and repetition, which break recursion and quadratic loops.
    InsertWords {
        at: Index,
        word: Index,
        count: usize,
    },
    ReplaceToken {
        at: Index,
        word: Index,
    },
    CopyToken {
        from: Index,
        to: Index,
    },
    ReplaceNumber {
        at: Index,
        number: i128,
    },
    /// Replaces a span by one of another recorded answer.
    Splice {
        span: Span,
        other: Index,
        from: Span,
    },
    ReplaceValue {
        at: Index,
        value: &'static str,
    },
    /// Replaces a JSON value by one of another recorded answer.
    CopyValue {
        at: Index,
        other: Index,
        from: Index,
    },
}

/// A place and a length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    at: Index,
    length: usize,
}

impl Span {
    fn of(self, input: &[u8]) -> Range<usize> {
        let start = place(self.at, input);
        start..input.len().min(start + self.length)
    }
}

/// Makes mutations of JSON values.
pub(crate) fn value_mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        2 => (at(), select(VALUES)).prop_map(|(at, value)| Mutation::ReplaceValue { at, value }),
        1 => (at(), at(), at()).prop_map(|(at, other, from)| Mutation::CopyValue { at, other, from }),
        1 => (at(), number()).prop_map(|(at, number)| Mutation::ReplaceNumber { at, number }),
    ]
}

/// Makes mutations of any text.
pub(crate) fn byte_mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let span = || (at(), 0..=MAX_SPAN).prop_map(|(at, length)| Span { at, length });
    let count = prop_oneof![3 => Just(1_usize), 1 => 2..=MAX_SPAN];
    prop_oneof![
        1 => (at(), 0..8_u8).prop_map(|(at, bit)| Mutation::FlipBit { at, bit }),
        1 => (at(), select(ODD)).prop_map(|(at, byte)| Mutation::InsertByte { at, byte }),
        1 => span().prop_map(|span| Mutation::Remove { span }),
        1 => (span(), at()).prop_map(|(span, at)| Mutation::Repeat { span, at }),
        2 => (at(), at(), count).prop_map(|(at, word, count)| Mutation::InsertWords { at, word, count }),
        2 => (at(), at()).prop_map(|(at, word)| Mutation::ReplaceToken { at, word }),
        1 => (at(), at()).prop_map(|(from, to)| Mutation::CopyToken { from, to }),
        1 => (at(), number()).prop_map(|(at, number)| Mutation::ReplaceNumber { at, number }),
        2 => (span(), at(), span()).prop_map(|(span, other, from)| Mutation::Splice { span, other, from }),
    ]
}

/// Makes numbers near powers of two and ten, which are the ends of ranges.
fn number() -> impl Strategy<Value = i128> {
    let power = prop_oneof![
        (0..66_u32).prop_map(|exponent| 1_i128 << exponent),
        (0..20_u32).prop_map(|exponent| 10_i128.pow(exponent)),
    ];
    let sign = prop_oneof![3 => Just(1), 1 => Just(-1)];
    (power, sign, -2..=2_i128).prop_map(|(power, sign, distance)| sign * power + distance)
}

impl Mutation {
    /// Changes an input. `words` mean something to the target.
    pub(crate) fn apply(&self, input: &mut Vec<u8>, recorded: &[Vec<u8>], words: &[String]) {
        let (range, new) = match self {
            Self::FlipBit { at, bit } => {
                let at = place(*at, input);
                let end = input.len().min(at + 1);
                (
                    at..end,
                    input[at..end].iter().map(|byte| byte ^ 1 << bit).collect(),
                )
            }
            Self::InsertByte { at, byte } => (empty(*at, input), vec![*byte]),
            Self::Remove { span } => (span.of(input), Vec::new()),
            Self::Repeat { span, at } => (empty(*at, input), input[span.of(input)].to_vec()),
            Self::InsertWords { at, word, count } => {
                (empty(*at, input), word.get(words).repeat(*count).into())
            }
            Self::ReplaceToken { at, word } => (token(*at, input), word.get(words).clone().into()),
            Self::CopyToken { from, to } => (token(*to, input), input[token(*from, input)].to_vec()),
            Self::ReplaceNumber { at, number } => (digits(*at, input), number.to_string().into()),
            Self::Splice { span, other, from } => {
                let other = other.get(recorded);
                (span.of(input), other[from.of(other)].to_vec())
            }
            Self::ReplaceValue { at, value } => {
                (json::value_after(input, place(*at, input)), (*value).into())
            }
            Self::CopyValue { at, other, from } => {
                let other = other.get(recorded);
                let value = json::value_after(other, place(*from, other));
                (json::value_after(input, place(*at, input)), other[value].to_vec())
            }
        };
        input.splice(range, new);
    }
}

fn place(at: Index, input: &[u8]) -> usize {
    at.index(input.len() + 1)
}

fn empty(at: Index, input: &[u8]) -> Range<usize> {
    let at = place(at, input);
    at..at
}

/// Returns the name, value or tag at a place: the text between two edges.
fn token(at: Index, input: &[u8]) -> Range<usize> {
    around(input, place(at, input), |byte| !EDGES.contains(byte))
}

/// Returns the next number after a place, or an empty range without one.
fn digits(at: Index, input: &[u8]) -> Range<usize> {
    let start = place(at, input);
    let next = input[start..].iter().position(u8::is_ascii_digit);
    around(input, next.map_or(start, |next| start + next), u8::is_ascii_digit)
}

/// Returns the longest run of matching bytes around a place.
fn around(input: &[u8], at: usize, matches: impl Fn(&u8) -> bool) -> Range<usize> {
    let before = input[..at].iter().rev().take_while(|byte| matches(byte)).count();
    let after = input[at..].iter().take_while(|byte| matches(byte)).count();
    at - before..at + after
}
