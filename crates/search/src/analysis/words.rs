//! Converts text to terms, in the same way for tickets and for queries.
//!
//! The analysis lower-cases words, drops stop words and stems the rest in the tenant's language. Engineers also paste
//! codes: an error code, a host name, an address or a path is kept whole in addition to its parts, and a name such as
//! `NameNodeRpcServer` is split too. Scripts without spaces between words (Chinese, Japanese, Thai ..) become
//! overlapping pairs of characters, as in search engines without a dictionary.

use tantivy::tokenizer::{
    AsciiFoldingFilter, LowerCaser, RemoveLongFilter, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer,
};

use super::language::Language;

/// Maximum length of a term, in bytes. Longer ones are encoded data.
const LONGEST: usize = 60;

/// Maximum number of parts of a chunk that is kept whole. Longer ones are sentences without spaces.
const PARTS: usize = 8;

/// A term and its byte range in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) term: String,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Whether the term joins several words, such as a path; its parts are separate terms.
    pub(crate) whole: bool,
}

/// Converts text to terms.
#[derive(Clone)]
pub(crate) struct Words {
    analyzer: TextAnalyzer,
}

impl Words {
    pub(crate) fn new(language: Language) -> Self {
        let mut analyzer = TextAnalyzer::builder(Chunks::default())
            .filter(RemoveLongFilter::limit(LONGEST))
            .filter(LowerCaser)
            .dynamic();
        if let Some(stop_words) = language.stop_words() {
            analyzer = analyzer.filter_dynamic(stop_words);
        }
        if let Language::Stemmed(language) = language {
            analyzer = analyzer.filter_dynamic(Stemmer::new(language));
        }
        // Folding comes last: stemmers need accents, which people often omit.
        let analyzer = analyzer.filter_dynamic(AsciiFoldingFilter).build();
        Self { analyzer }
    }

    /// Returns the terms of a text, in order.
    pub(crate) fn of(&mut self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        let mut stream = self.analyzer.token_stream(text);
        while let Some(token) = stream.next() {
            words.push(Word {
                term: token.text.clone(),
                from: token.offset_from,
                to: token.offset_to,
                whole: token.position_length > 1,
            });
        }
        words
    }
}

/// Returns each two adjacent words as one term.
pub(crate) fn pairs(words: &[Word]) -> Vec<String> {
    let plain: Vec<_> = words.iter().filter(|word| !word.whole).collect();
    plain
        .windows(2)
        .map(|pair| format!("{}+{}", pair[0].term, pair[1].term))
        .collect()
}

/// Tokenizer that splits a text at characters that are neither letters, digits nor joints of a code-like chunk.
#[derive(Clone, Default)]
struct Chunks {
    tokens: Vec<Token>,
}

struct ChunkStream<'a> {
    tokens: &'a mut Vec<Token>,
    next: usize,
}

impl Tokenizer for Chunks {
    type TokenStream<'a> = ChunkStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> ChunkStream<'a> {
        self.tokens.clear();
        for (from, to) in spans(text, |c| c.is_alphanumeric() || is_joint(c)) {
            self.chunk(text, from, to);
        }
        ChunkStream {
            tokens: &mut self.tokens,
            next: 0,
        }
    }
}

impl Chunks {
    fn chunk(&mut self, text: &str, from: usize, to: usize) {
        let parts: Vec<_> = spans(&text[from..to], char::is_alphanumeric).collect();
        if let (Some(first), Some(last)) = (parts.first(), parts.last())
            && (2..=PARTS).contains(&parts.len())
        {
            self.push(text, from + first.0, from + last.1, 2);
        }
        for (start, end) in parts {
            let (start, end) = (from + start, from + end);
            if text[start..end].contains(is_unspaced) {
                self.unspaced(text, start, end);
                continue;
            }
            let humps = humps(&text[start..end]);
            if humps.len() > 1 {
                for (hump_start, hump_end) in humps {
                    self.push(text, start + hump_start, start + hump_end, 1);
                }
                self.push(text, start, end, 2);
            } else {
                self.push(text, start, end, 1);
            }
        }
    }

    /// Adds runs of unspaced scripts as overlapping pairs of characters, and the text between them as words.
    fn unspaced(&mut self, text: &str, from: usize, to: usize) {
        let mut rest = from;
        while rest < to {
            let Some(first) = text[rest..to].chars().next() else {
                break;
            };
            let alike = is_unspaced(first);
            let end = text[rest..to]
                .find(|c| is_unspaced(c) != alike)
                .map_or(to, |length| rest + length);
            let starts: Vec<_> = text[rest..end].char_indices().map(|(at, _)| rest + at).collect();
            if alike && starts.len() > 1 {
                for pair in 0..starts.len() - 1 {
                    let pair_end = starts.get(pair + 2).copied().unwrap_or(end);
                    self.push(text, starts[pair], pair_end, 1);
                }
            } else {
                self.push(text, rest, end, 1);
            }
            rest = end;
        }
    }

    fn push(&mut self, text: &str, from: usize, to: usize, position_length: usize) {
        self.tokens.push(Token {
            offset_from: from,
            offset_to: to,
            position: self.tokens.len(),
            text: text[from..to].to_owned(),
            position_length,
        });
    }
}

impl TokenStream for ChunkStream<'_> {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

fn is_joint(c: char) -> bool {
    matches!(c, '.' | '_' | '-' | ':' | '/' | '\\' | '@')
}

/// Returns whether a character belongs to a script without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Returns the longest runs of characters that fit.
fn spans(text: &str, fits: impl Fn(char) -> bool) -> impl Iterator<Item = (usize, usize)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let from = rest + text[rest..].find(&fits)?;
        let to = text[from..]
            .find(|c| !fits(c))
            .map_or(text.len(), |length| from + length);
        rest = to;
        Some((from, to))
    })
}

/// Returns the parts of a `camelCase` word.
fn humps(word: &str) -> Vec<(usize, usize)> {
    let mut cuts = vec![0];
    let mut before_is_lower = false;
    for (at, c) in word.char_indices() {
        if before_is_lower && c.is_uppercase() {
            cuts.push(at);
        }
        before_is_lower = c.is_lowercase();
    }
    cuts.push(word.len());
    cuts.windows(2).map(|cut| (cut[0], cut[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        Words::new(Language::ENGLISH)
            .of(text)
            .into_iter()
            .map(|word| word.term)
            .collect()
    }

    #[test]
    fn words_are_stemmed_and_stop_words_dropped() {
        assert_eq!(
            terms("The VPN drops every hour!"),
            ["vpn", "drop", "everi", "hour"]
        );
        assert_eq!(terms(""), Vec::<String>::new());
        assert_eq!(terms("...!?"), Vec::<String>::new());
    }

    #[test]
    fn code_like_chunks_are_kept_whole_beside_their_parts() {
        assert_eq!(terms("error 0x80070005"), ["error", "0x80070005"]);
        assert_eq!(terms("ping 10.1.2.3"), ["ping", "10.1.2.3", "10", "1", "2", "3"]);
        assert!(terms("C:\\Windows\\Temp").contains(&"c:\\windows\\temp".to_owned()));
        assert!(terms("on db-07.example.com").contains(&"db-07.example.com".to_owned()));
        assert_eq!(
            terms("NameNodeRpcServer"),
            ["name", "node", "rpc", "server", "namenoderpcserv"]
        );
    }

    #[test]
    fn any_script_is_read_and_offsets_are_exact() {
        let text = "Größe 資料庫 ошибка";
        let words = Words::new(Language::ENGLISH).of(text);
        assert_eq!(words.len(), 4, "{words:?}");
        assert_eq!(&text[words[1].from..words[1].to], "資料");
        assert_eq!(&text[words[2].from..words[2].to], "料庫");
        assert_eq!(
            terms("VPN接続エラー691"),
            ["vpn", "接続", "続エ", "エラ", "ラー", "691"]
        );
        assert_eq!(terms("水"), ["水"]);
    }

    #[test]
    fn each_language_has_its_own_stems_and_accents_do_not_count() {
        let terms = |language: &str, text: &str| -> Vec<String> {
            let words = Words::new(language.parse().expect("known")).of(text);
            words.into_iter().map(|word| word.term).collect()
        };
        assert_eq!(terms("german", "die Drucker und der Drucker"), ["druck", "druck"]);
        assert_eq!(
            terms("french", "les imprimantes réseau"),
            terms("french", "imprimante reseau")
        );
        assert_eq!(terms("simple", "Die Drucker"), ["die", "drucker"]);
        for (name, text) in [
            ("russian", "принтеры не печатают"),
            ("greek", "εκτυπωτής"),
            ("arabic", "الطابعة"),
        ] {
            assert!(!terms(name, text).is_empty(), "{name}");
        }
    }

    #[test]
    fn pairs_join_neighbours() {
        let words = Words::new(Language::ENGLISH).of("VPN drops hourly");
        assert_eq!(pairs(&words), ["vpn+drop", "drop+hour"]);
    }
}
