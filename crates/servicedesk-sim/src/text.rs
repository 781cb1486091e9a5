//! The words of a ticket: a document of plain lines known before any markup is put around them, which is
//! why the truth needs no HTML parser.

mod corpus;
mod invent;
mod markup;
mod source;
mod vocabulary;

pub(crate) use markup::{Images, Style};
pub(crate) use source::{Resolution, TextSource};

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
    /// The lines below a greeting's end.
    Signature(Vec<String>),
}

/// A text without markup.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Document {
    pub(crate) blocks: Vec<Block>,
}

impl Document {
    /// A document of one line each for the lines of `text` that are not blank. Control characters become
    /// spaces: HTML cannot carry them.
    pub(crate) fn from_plain(text: &str) -> Self {
        let clean = |line: &str| {
            let spaced: String = line
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            spaced.split_whitespace().collect::<Vec<_>>().join(" ")
        };
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

    /// The visible words in order, one space between them.
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

    /// Whether the text holds characters that plain text would share with markup.
    pub(crate) fn needs_markup(&self) -> bool {
        self.texts().any(|text| text.contains(['<', '&']))
    }
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
