//! A case: a recorded answer and the mutations that make an input of it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::mutation::{Mutation, byte_mutation, value_mutation};

/// Maximum length of an input in bytes; longer ones cost time and find no more.
const MAX_LENGTH: usize = 16 << 10;

/// Maximum number of mutations of one input.
const MAX_MUTATIONS: usize = 8;

#[derive(Clone, Debug)]
pub(crate) struct Case {
    recorded: Index,
    mutations: Vec<Mutation>,
}

/// Makes cases of two kinds: one keeps JSON valid and reaches deeper, the other breaks the text anywhere.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let mutations = prop_oneof![
        vec(value_mutation(), 0..=MAX_MUTATIONS),
        vec(byte_mutation(), 0..=MAX_MUTATIONS),
    ];
    (any::<Index>(), mutations).prop_map(|(recorded, mutations)| Case { recorded, mutations })
}

impl Case {
    /// Returns the input. `words` mean something to the target.
    pub(crate) fn render(&self, recorded: &[Vec<u8>], words: &[String]) -> Vec<u8> {
        let mut input = self.recorded.get(recorded).clone();
        for mutation in &self.mutations {
            mutation.apply(&mut input, recorded, words);
        }
        input.truncate(MAX_LENGTH);
        input
    }
}
