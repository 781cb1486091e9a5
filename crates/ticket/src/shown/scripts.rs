//! Characters that a reader does not see, and the scripts that need some of them.
//!
//! The ranges are those of Unicode 17: the property `Default_Ignorable_Code_Point` of `DerivedCoreProperties.txt`, the
//! blocks of `Blocks.txt`, and `emoji-data.txt`.

/// Returns whether a character has no shape of its own, or changes the order of others. Line feed and tab count as
/// visible.
pub(super) fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && c != '\n' && c != '\t';
    }
    matches!(u32::from(c),
        0x80..=0x9F | 0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
        | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Returns whether a character is visible and of a script whose letters join or form clusters: Arabic, Syriac, N'Ko, the
/// scripts of India, Tibetan, Myanmar, Khmer, Mongolian.
pub(super) fn is_joining(c: char) -> bool {
    !is_invisible(c)
        && matches!(u32::from(c),
            0x600..=0x7FF | 0x840..=0x109F | 0x1780..=0x18AF | 0x1CD0..=0x1CFF | 0xA8E0..=0xA8FF | 0xAA60..=0xAA7F
            | 0xABC0..=0xABFF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFC | 0x11000..=0x11FFF | 0x1E900..=0x1E95F)
}

/// Returns whether a character is visible and of a script that is written from right to left.
pub(super) fn is_right_to_left(c: char) -> bool {
    !is_invisible(c)
        && matches!(u32::from(c),
            0x590..=0x8FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFC | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF)
}

/// Returns whether a character is visible and of a script of South-East Asia without spaces between words.
pub(super) fn is_unspaced(c: char) -> bool {
    !is_invisible(c) && matches!(u32::from(c), 0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17FF)
}

/// Returns whether a character may be an emoji.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(u32::from(c),
        0xA9 | 0xAE | 0x203C | 0x2049 | 0x2122 | 0x2139 | 0x2194..=0x21AA | 0x231A..=0x23FF | 0x24C2 | 0x25AA..=0x25FE
        | 0x2600..=0x27BF | 0x2934..=0x2935 | 0x2B05..=0x2B55 | 0x3030 | 0x303D | 0x3297 | 0x3299 | 0x1F000..=0x1FAFF)
}

/// Returns whether a character is a Han ideograph.
pub(super) fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Returns whether a character has standardised variants: mathematics, Myanmar, Phags-pa, punctuation of East Asia, Han.
pub(super) fn has_variants(c: char) -> bool {
    is_han(c) || matches!(u32::from(c), 0x1000..=0x109F | 0x2200..=0x2AFF | 0x3000..=0x303F | 0xA840..=0xA87F)
}

/// Returns whether a character is a letter of Mongolian.
pub(super) fn is_mongolian(c: char) -> bool {
    matches!(u32::from(c), 0x1820..=0x18AF)
}
