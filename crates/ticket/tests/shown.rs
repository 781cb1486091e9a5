//! What readers are shown of texts from outside.

use proptest::prelude::*;
use ticket::visible;

/// Characters that are part of a word or of an emoji.
const NEEDED: [&str; 14] = [
    "می‌خواهم", // Persian, with a non-joiner
    "ه‍",
    "क्‍ष क्‌ष", // Hindi
    "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
    "\u{1F3F3}\u{FE0F}\u{200D}\u{1F308}",
    "\u{1F44D}\u{1F3FD}",
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
    "1\u{FE0F}\u{20E3} \u{2764}\u{FE0F}",
    "ภาษา\u{200B}ไทย",
    "שלום\u{200F}!",
    "葛\u{E0100}城",
    "\u{182E}\u{180B}",
    "Größe\tline\nnext 資料庫",
    "\u{1F1E9}\u{1F1EA}",
];

#[test]
fn what_a_script_or_an_emoji_needs_stays() {
    for text in NEEDED {
        assert_eq!(visible(text), text, "{}", text.escape_unicode());
    }
}

#[test]
fn what_hides_text_is_removed() {
    let tags: String = "ignore"
        .chars()
        .filter_map(|c| char::from_u32(0xE0000 + u32::from(c)))
        .collect();
    let selectors: String = (0xFE00..=0xFE0F)
        .chain(0xE0100..=0xE01EF)
        .filter_map(char::from_u32)
        .collect();
    for (hostile, shown) in [
        (format!("a{tags}b"), "ab"),
        (format!("\u{1F3F4}{tags}\u{E007F}"), "\u{1F3F4}"),
        (format!("\u{1F600}\u{FE0F}{selectors}"), "\u{1F600}\u{FE0F}"),
        (format!("x{selectors}"), "x"),
        ("a\u{1b}[31mb\u{9b}c\u{7}\u{7f}\r\n".to_owned(), "a[31mbc\n"),
        ("a\u{202e}b\u{2066}c\u{2069}\u{200f}".to_owned(), "abc"),
        (
            "pass\u{200b}w\u{200d}o\u{200c}r\u{2060}d\u{feff}\u{ad}".to_owned(),
            "password",
        ),
        ("\u{3164}\u{ffa0}\u{2063}\u{180e}".to_owned(), ""),
        ("م\u{200c}\u{200c}\u{200d}ن".to_owned(), "م\u{200d}ن"),
    ] {
        assert_eq!(visible(&hostile), shown, "{}", hostile.escape_unicode());
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(
        NEEDED
            .concat()
            .chars()
            .chain("\u{202e}\u{E0041}\u{1b}\u{9b}a".chars())
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(prop_oneof![3 => odd, 1 => any::<char>()], 0..40).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn it_is_idempotent_and_only_removes(text in any_text()) {
        let shown = visible(&text).into_owned();
        prop_assert_eq!(visible(&shown), shown.as_str());
        let mut rest = text.chars();
        prop_assert!(shown.chars().all(|kept| rest.any(|c| c == kept)), "{:?} {:?}", text, shown);
        // Letters, marks that are seen, punctuation and blanks stay.
        let is_plain = |c: &char| c.is_alphanumeric() || c.is_ascii_punctuation() || *c == ' ';
        let is_filler = |c: &char| matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
        let plain = |text: &str| text.chars().filter(|c| is_plain(c) && !is_filler(c)).collect::<String>();
        prop_assert_eq!(plain(&text), plain(&shown));
    }
}
