//! The language of a tenant's tickets.

use std::fmt;
use std::str::FromStr;

use tantivy::tokenizer::{Language as Stemmed, StopWordFilter};

/// Language of a tenant's tickets: how words are reduced to a common form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Words stay unchanged: for mixed or unsupported languages.
    Simple,
    /// Words are stemmed by the rules of one language.
    Stemmed(Stemmed),
}

/// Names with their ISO 639-1 codes.
const NAMES: [(&str, &str, Language); 19] = [
    ("arabic", "ar", Language::Stemmed(Stemmed::Arabic)),
    ("danish", "da", Language::Stemmed(Stemmed::Danish)),
    ("dutch", "nl", Language::Stemmed(Stemmed::Dutch)),
    ("english", "en", Language::Stemmed(Stemmed::English)),
    ("finnish", "fi", Language::Stemmed(Stemmed::Finnish)),
    ("french", "fr", Language::Stemmed(Stemmed::French)),
    ("german", "de", Language::Stemmed(Stemmed::German)),
    ("greek", "el", Language::Stemmed(Stemmed::Greek)),
    ("hungarian", "hu", Language::Stemmed(Stemmed::Hungarian)),
    ("italian", "it", Language::Stemmed(Stemmed::Italian)),
    ("norwegian", "no", Language::Stemmed(Stemmed::Norwegian)),
    ("portuguese", "pt", Language::Stemmed(Stemmed::Portuguese)),
    ("romanian", "ro", Language::Stemmed(Stemmed::Romanian)),
    ("russian", "ru", Language::Stemmed(Stemmed::Russian)),
    ("spanish", "es", Language::Stemmed(Stemmed::Spanish)),
    ("swedish", "sv", Language::Stemmed(Stemmed::Swedish)),
    ("tamil", "ta", Language::Stemmed(Stemmed::Tamil)),
    ("turkish", "tr", Language::Stemmed(Stemmed::Turkish)),
    ("simple", "simple", Language::Simple),
];

/// English stop words: tantivy's own list is too short for tickets.
const ENGLISH: &str = "a about after again all also am an and any are as at be been before being but by can could did do does \
    doing don down each few for from further had has have having he her here hers him his how i if in into is it its \
    just me more most must my no nor not now of off on once only or other our out over own same she should so some such \
    t than that the their them then there these they this those through to too under until up very was we were what when \
    where which while who whom why will with would you your";

impl Language {
    /// The default language.
    pub const ENGLISH: Self = Self::Stemmed(Stemmed::English);

    /// Returns the filter for stop words, if the language has a list of them.
    pub(crate) fn stop_words(self) -> Option<StopWordFilter> {
        match self {
            Self::Simple => None,
            Self::ENGLISH => Some(StopWordFilter::remove(
                ENGLISH.split_whitespace().map(str::to_owned),
            )),
            Self::Stemmed(language) => StopWordFilter::new(language),
        }
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        let found = NAMES
            .iter()
            .find(|(name, code, _)| *name == text || *code == text);
        found.map(|(_, _, language)| *language).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(name, _, _)| *name).collect();
            format!("one of {}", names.join(", "))
        })
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = NAMES.iter().find(|(_, _, language)| language == self);
        formatter.write_str(found.map_or("simple", |(name, _, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_is_known_by_name_and_code() {
        for (name, code, language) in NAMES {
            assert_eq!(name.parse(), Ok(language));
            assert_eq!(code.to_uppercase().parse(), Ok(language));
            assert_eq!(language.to_string(), name);
        }
        let error = "klingon".parse::<Language>().expect_err("unknown");
        assert!(error.contains("english") && error.contains("simple"), "{error}");
    }
}
