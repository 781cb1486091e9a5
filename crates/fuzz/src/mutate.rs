//! How an input becomes another one that is still close to what a server may send.

use fastrand::Rng;

use crate::json::{self, VALUES};

/// Longest input, in bytes: longer ones cost executions and find nothing more.
const LONGEST: usize = 16 << 10;

/// Characters at which words of JSON and HTML begin and end.
const EDGES: &[u8] = b"\"':,{}[]<>&;= \n";

/// Bytes that are read as something else than a letter.
const ODD: &[u8] = b"\0\x01\x08\t\n\r\x0b\x1b \"&'/0-9:;<=>\\]_a{}\x7f\x80\xad\xbf\xc2\xe2\xed\xef\xf0\xff";

/// A stream of mutations; the same from the same seed.
pub(crate) struct Mutator {
    random: Rng,
    words: &'static [&'static str],
}

impl Mutator {
    /// `words` are those that mean something to the target.
    pub(crate) fn new(seed: u64, words: &'static [&'static str]) -> Self {
        Self {
            random: Rng::with_seed(seed),
            words,
        }
    }

    /// One of the inputs, changed in one to eight places.
    pub(crate) fn mutate(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.one_of(inputs).cloned().unwrap_or_default();
        let gently = self.random.bool();
        for _ in 0..1_usize << self.random.usize(0..4) {
            match gently {
                true => self.change_value(&mut input, inputs),
                false => self.change(&mut input, inputs),
            }
        }
        input.truncate(LONGEST);
        input
    }

    /// Adds an input, or replaces one beyond the first `fixed` where there are `most` already.
    pub(crate) fn keep(&mut self, inputs: &mut Vec<Vec<u8>>, input: Vec<u8>, fixed: usize, most: usize) {
        if inputs.len() < most {
            inputs.push(input);
        } else {
            let place = self.random.usize(fixed..most);
            inputs[place] = input;
        }
    }

    fn change(&mut self, input: &mut Vec<u8>, inputs: &[Vec<u8>]) {
        let at = self.random.usize(0..=input.len());
        let (from, to) = self.span(input);
        match self.random.u8(0..12) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.random.u8(0..8);
                }
            }
            1 => {
                let odd = ODD[self.random.usize(0..ODD.len())];
                input.insert(at, odd);
            }
            2 => drop(input.drain(from..to)),
            3 => {
                let again = input[from..to].to_vec();
                input.splice(at..at, again);
            }
            4 => {
                let word = self.word();
                input.splice(at..at, word.bytes());
            }
            5 | 6 => {
                let word = self.word();
                let (from, to) = self.between_edges(input);
                input.splice(from..to, word.bytes());
            }
            7 => {
                let number = self.number();
                let (from, to) = self.digits(input);
                input.splice(from..to, number.bytes());
            }
            8 | 9 => {
                let other = self.one_of(inputs).cloned().unwrap_or_default();
                let (start, end) = self.span(&other);
                input.splice(from..to, other[start..end].iter().copied());
            }
            10 => {
                let (start, end) = self.between_edges(input);
                let piece = input[start..end].to_vec();
                let (start, end) = self.between_edges(input);
                input.splice(start..end, piece);
            }
            _ => {
                // Nesting and repetition: what recursion and quadratic loops trip over.
                let piece = self.word().repeat(1 << self.random.u8(0..9));
                input.splice(at..at, piece.bytes());
            }
        }
    }

    /// Puts a value in place of another one, or changes its figures or its text.
    fn change_value(&mut self, input: &mut Vec<u8>, inputs: &[Vec<u8>]) {
        let value = json::value_after(input, self.random.usize(0..=input.len()));
        if value.is_empty() {
            return self.change(input, inputs);
        }
        let new = match self.random.u8(0..4) {
            0 => {
                let other = self.one_of(inputs).cloned().unwrap_or_default();
                let place = self.random.usize(0..=other.len());
                other[json::value_after(&other, place)].to_vec()
            }
            1 => {
                let mut value = input[value.clone()].to_vec();
                let number = self.number();
                let (from, to) = self.digits(&value);
                value.splice(from..to, number.bytes());
                value
            }
            _ => VALUES[self.random.usize(0..VALUES.len())].into(),
        };
        input.splice(value, new);
    }

    fn one_of<'a>(&mut self, inputs: &'a [Vec<u8>]) -> Option<&'a Vec<u8>> {
        // An empty slice has no place to choose.
        inputs.get(self.random.usize(0..inputs.len().max(1)))
    }

    fn word(&mut self) -> &'static str {
        self.words[self.random.usize(0..self.words.len())]
    }

    fn span(&mut self, input: &[u8]) -> (usize, usize) {
        let from = self.random.usize(0..=input.len());
        let longest = 1 << self.random.u8(0..9);
        (from, input.len().min(from + self.random.usize(0..=longest)))
    }

    /// A name, a value, a tag: what stands between two edges.
    fn between_edges(&mut self, input: &[u8]) -> (usize, usize) {
        let at = self.random.usize(0..=input.len());
        around(input, at, |byte| !EDGES.contains(byte))
    }

    /// A number, or an empty place where there is none.
    fn digits(&mut self, input: &[u8]) -> (usize, usize) {
        let start = self.random.usize(0..=input.len());
        let next = input[start..].iter().position(u8::is_ascii_digit);
        around(input, next.map_or(start, |next| start + next), u8::is_ascii_digit)
    }

    /// A power of two or ten, give or take a little: where ranges end.
    fn number(&mut self) -> String {
        let power = match self.random.bool() {
            true => 1_i128 << self.random.u32(0..66),
            false => 10_i128.pow(self.random.u32(0..20)),
        };
        let sign = if self.random.u8(0..4) == 0 { -1 } else { 1 };
        (sign * power + i128::from(self.random.i8(-2..=2))).to_string()
    }
}

/// The longest run of such bytes around a place.
fn around(input: &[u8], at: usize, wanted: impl Fn(&u8) -> bool) -> (usize, usize) {
    let before = input[..at].iter().rev().take_while(|byte| wanted(byte)).count();
    let after = input[at..].iter().take_while(|byte| wanted(byte)).count();
    (at - before, at + after)
}
