//! A document: the words of a text without markup.

/// One part of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    /// A line or paragraph.
    Line(String),
    /// A bulleted list.
    List(Vec<String>),
    /// A table of two columns.
    Table(Vec<[String; 2]>),
    /// Preformatted lines, such as a pasted log.
    Log(Vec<String>),
    /// The lines below the closing.
    Signature(Vec<String>),
}

/// A text without markup.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Document {
    pub(crate) blocks: Vec<Block>,
}

impl Document {
    /// Creates a document from the lines of `text` that are not blank. Control characters become spaces, because HTML
    /// cannot carry them.
    pub(crate) fn from_plain(text: &str) -> Self {
        let clean = |line: &str| join_words(line, usize::MAX);
        let lines = text.lines().map(clean).filter(|line| !line.is_empty());
        Self {
            blocks: lines.map(Block::Line).collect(),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.blocks
            .iter()
            .flat_map(|block| -> Box<dyn Iterator<Item = &str>> {
                match block {
                    Block::Line(line) => Box::new(std::iter::once(line.as_str())),
                    Block::List(lines) | Block::Log(lines) | Block::Signature(lines) => {
                        Box::new(lines.iter().map(String::as_str))
                    }
                    Block::Table(rows) => Box::new(rows.iter().flatten().map(String::as_str)),
                }
            })
    }

    /// Returns the visible words in order, separated by single spaces.
    pub(crate) fn words(&self) -> String {
        let mut words = String::new();
        for word in self.texts().flat_map(str::split_whitespace) {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
        words
    }

    /// Returns whether the text has characters that plain text would confuse with markup.
    pub(crate) fn needs_markup(&self) -> bool {
        self.texts().any(|text| text.contains(['<', '&']))
    }
}

/// Joins the first words of a text by single spaces, without control characters.
pub(crate) fn join_words(text: &str, count: usize) -> String {
    let spaced = text.replace(char::is_control, " ");
    let words: Vec<_> = spaced.split_whitespace().take(count).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_order_of_the_blocks() {
        let document = Document {
            blocks: vec![
                Block::Line("VPN  drops".into()),
                Block::Table(vec![
                    ["Client".into(), "5.1".into()],
                    ["Host".into(), "PC-1".into()],
                ]),
                Block::List(vec!["reboot".into()]),
            ],
        };
        assert_eq!(document.words(), "VPN drops Client 5.1 Host PC-1 reboot");
    }

    #[test]
    fn plain_text_keeps_its_words() {
        let document = Document::from_plain("first \u{1} line\n\n  second\u{a0}line ");
        assert_eq!(document.words(), "first line second line");
        assert!(!document.needs_markup());
        assert!(Document::from_plain("a < b").needs_markup());
    }
}
