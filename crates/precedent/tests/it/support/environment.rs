//! Environment variables that make a test longer by hand.

/// Returns the number in a variable, or the default.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}
