//! SplitMix64: small, seedable and the same on every machine, so that a seed names a desk.

/// A stream of pseudo-random numbers.
pub(crate) struct SplitMix64(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Scrambles one number: the output function of SplitMix64.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl SplitMix64 {
    /// Creates a stream for one purpose of one ticket. Streams of different purposes are independent: more numbers
    /// for one never change another.
    pub(crate) fn for_ticket(seed: u64, number: u32, purpose: u64) -> Self {
        Self(mix(
            seed ^ mix(u64::from(number).wrapping_add(purpose.wrapping_mul(STEP)))
        ))
    }

    /// Returns the next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// Returns a number below `bound`, or 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    /// Returns true once in `times` on average.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Returns one of the items.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        let mut stream = SplitMix64(1_234_567);
        assert_eq!(stream.next(), 6_457_827_717_110_365_317);
        assert_eq!(stream.next(), 3_203_168_211_198_807_973);
    }
}
