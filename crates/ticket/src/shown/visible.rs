//! Text without characters that its reader would not see.
//!
//! A person who writes a ticket can hide instructions to a model in them: tag characters and runs of variation selectors
//! spell any text, controls and overrides of direction disguise it. Some invisible characters are part of a script or of
//! an emoji. Each of these stays where its neighbours need it, and nowhere else.

use std::borrow::Cow;

use super::scripts::{
    has_variants, is_emoji, is_han, is_invisible, is_joining, is_mongolian, is_right_to_left, is_unspaced,
};

/// The flags that are spelled with tag characters: England, Scotland, Wales.
const FLAGS: [&str; 3] = [
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}",
];

/// End of a flag.
const TAG_END: char = '\u{E007F}';

/// Removes control characters except line feed and tab, overrides of direction, tag characters, and those invisible
/// characters that neither a script nor an emoji needs. Keeps everything else. Applying it twice changes nothing more.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        Parts::of(text)
            .filter(|part| part.is_shown)
            .map(|part| part.text)
            .collect(),
    )
}

/// A part of a text: a character or a flag.
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    /// Whether it is visible, or its neighbours need it.
    pub(super) is_shown: bool,
}

/// Iterator over all parts of a text.
pub(super) struct Parts<'a> {
    rest: &'a str,
    /// Last character that is shown.
    before: Option<char>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            rest: text,
            before: None,
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let c = self.rest.chars().next()?;
        let flag = FLAGS.iter().find(|flag| self.rest.starts_with(**flag));
        let length = flag.map_or(c.len_utf8(), |flag| flag.len());
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        let is_shown = flag.is_some() || !is_invisible(c) || is_needed(c, self.before, rest.chars().next());
        if is_shown {
            self.before = text.chars().next_back();
        }
        Some(Part { text, is_shown })
    }
}

/// Returns whether its neighbours need an invisible character. `before` is the last character that is shown. A neighbour
/// behind counts only if it is visible, so that it is shown as well.
fn is_needed(c: char, before: Option<char>, after: Option<char>) -> bool {
    let follows = |is: fn(char) -> bool| before.is_some_and(is);
    let precedes = |is: fn(char) -> bool| after.is_some_and(is);
    match u32::from(c) {
        // Zero-width joiner, as in Indic clusters, Persian abbreviations and families of emoji.
        0x200D => {
            let joins_emoji =
                follows(|c| is_emoji(c) || c == '\u{FE0F}' || c == TAG_END) && precedes(is_emoji);
            follows(is_joining) || joins_emoji
        }
        // Zero-width non-joiner, as in Persian plurals.
        0x200C => follows(is_joining) && precedes(is_joining),
        // Zero-width space, as between Thai words.
        0x200B => follows(is_unspaced) && precedes(is_unspaced),
        // Marks of direction, as beside punctuation in Hebrew.
        0x200E | 0x200F | 0x61C => {
            follows(is_right_to_left) || (precedes(is_right_to_left) && !follows(is_invisible))
        }
        // Text or emoji style.
        0xFE0E | 0xFE0F => {
            let is_keycap = follows(|c| c.is_ascii_digit() || c == '#' || c == '*');
            follows(is_emoji) || (is_keycap && after == Some('\u{20E3}'))
        }
        0xFE00..=0xFE0D => follows(has_variants),
        // A variant of an ideograph, as in Japanese names.
        0xE0100..=0xE01EF => follows(is_han),
        0x180B..=0x180F => follows(is_mongolian),
        // Fillers of Hangul syllables without a first or a middle letter.
        0x115F => precedes(|c| matches!(c, '\u{1161}'..='\u{11FF}')),
        0x1160 => follows(|c| matches!(c, '\u{1100}'..='\u{115E}')),
        _ => false,
    }
}
