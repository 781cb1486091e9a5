//! Places line breaks, blanks, and the prefixes of lines.

use super::cut::tidy_end;

/// Maximum depth of visible nesting. Deeper quotes and lists look the same, so that mark-up nested a hundred
/// thousand times does not make a text of that width.
const DEEPEST: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Quote,
    List,
}

/// A text under construction.
pub(super) struct Layout {
    out: String,
    /// Line breaks due before the next word: 2 make a blank line.
    breaks: usize,
    /// White space due before the next word: the original in preformatted text, else one blank or none.
    space: String,
    /// Whether a cell separator is due before the next word.
    separator: bool,
    /// Whether the current row has a word.
    row_begun: bool,
    /// Marker of a list item that is due before the next word.
    marker: Option<String>,
    containers: Vec<Container>,
    /// Number of the next item for each open list, if its items are numbered.
    numbers: Vec<Option<u32>>,
    /// Number of reasons to keep white space: open `pre` elements, and a text without mark-up.
    preformatted: u32,
}

impl Layout {
    /// Starts a text of at most `bytes` bytes.
    pub(super) fn new(preformatted: bool, bytes: usize) -> Self {
        // Enough for most texts; an embedded image adds nothing.
        let longest = 1_024;
        Self {
            out: String::with_capacity(bytes.min(longest)),
            breaks: 0,
            space: String::new(),
            separator: false,
            row_begun: false,
            marker: None,
            containers: Vec::new(),
            numbers: Vec::new(),
            preformatted: u32::from(preformatted),
        }
    }

    /// Returns the text with a tidy end.
    pub(super) fn finish(mut self) -> String {
        self.out.truncate(tidy_end(&self.out).len());
        self.out
    }

    /// Returns the text so far.
    pub(super) fn written(&self) -> &str {
        &self.out
    }

    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = words_length(rest);
            if end > 0 {
                self.word(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            rest = &rest[first.len_utf8()..];
            if self.preformatted == 0 {
                if is_white(first) && self.space.is_empty() {
                    self.space.push(' ');
                }
                continue;
            }
            match first {
                '\r' if rest.starts_with('\n') => {}
                '\n' | '\r' => self.line_break(),
                '\t' => self.space.push('\t'),
                _ if is_white(first) => self.space.push(' '),
                _ => {}
            }
        }
    }

    /// Writes due breaks and markers, then one word, or several with one blank between them.
    pub(super) fn word(&mut self, word: &str) {
        let at_start = self.out.is_empty();
        if self.breaks > 0 || at_start {
            if !at_start {
                (0..self.breaks.min(2)).for_each(|_| self.out.push('\n'));
            }
            if self.preformatted == 0 {
                self.space.clear();
            }
            self.prefix();
        }
        self.breaks = 0;
        if std::mem::take(&mut self.separator) && self.row_begun {
            self.out.push_str(" | ");
            self.space.clear();
        }
        self.row_begun = true;
        if let Some(marker) = self.marker.take() {
            self.out.push_str(&marker);
        }
        self.out.push_str(&self.space);
        self.space.clear();
        self.out.push_str(word);
    }

    /// Lets the next word begin a line.
    pub(super) fn break_line(&mut self) {
        self.break_at_least(1);
    }

    /// Lets the next word begin a line after a blank one.
    pub(super) fn break_paragraph(&mut self) {
        self.break_at_least(2);
    }

    /// Adds a line break to those that are due.
    pub(super) fn line_break(&mut self) {
        self.end_line();
        self.separator = false;
        self.breaks += 1;
    }

    fn break_at_least(&mut self, breaks: usize) {
        // A block at the start of a cell or item does not break the line.
        if !self.separator && self.marker.is_none() {
            self.breaks = self.breaks.max(breaks);
            self.end_line();
        }
    }

    /// Drops white space at the end of a line, except after the `--` of a signature, where it has a meaning.
    fn end_line(&mut self) {
        if !self.space.is_empty() && self.breaks == 0 && is_delimiter(&self.out) {
            self.out.push(' ');
        }
        self.space.clear();
    }

    /// Begins a row of a table.
    pub(super) fn open_row(&mut self) {
        self.separator = false;
        self.row_begun = false;
        self.breaks = self.breaks.max(1);
    }

    /// Ends a row of a table. Paragraphs in its cells cause no blank line after it.
    pub(super) fn close_row(&mut self) {
        self.breaks = 1;
        self.open_row();
    }

    /// Begins a cell of a table.
    pub(super) fn cell(&mut self) {
        self.separator = true;
        if self.row_begun {
            self.breaks = 0;
            self.space.clear();
        }
    }

    /// Begins a list. `number` is that of its first item, if the items are numbered.
    pub(super) fn open_list(&mut self, number: Option<u32>) {
        self.drop_marker();
        self.break_around_list();
        self.containers.push(Container::List);
        self.numbers.push(number);
    }

    pub(super) fn close_list(&mut self) {
        self.drop_marker();
        self.close(Container::List);
        self.break_around_list();
    }

    fn break_around_list(&mut self) {
        let nested = !self.numbers.is_empty();
        self.break_at_least(if nested { 1 } else { 2 });
    }

    pub(super) fn item(&mut self) {
        self.drop_marker();
        self.break_at_least(1);
        self.marker = Some(match self.numbers.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "- ".to_owned(),
        });
    }

    pub(super) fn open_quote(&mut self) {
        self.break_paragraph();
        self.containers.push(Container::Quote);
    }

    pub(super) fn close_quote(&mut self) {
        self.close(Container::Quote);
        self.break_paragraph();
    }

    pub(super) fn open_preformatted(&mut self) {
        self.break_paragraph();
        self.preformatted += 1;
    }

    pub(super) fn close_preformatted(&mut self) {
        self.preformatted = self.preformatted.saturating_sub(1);
        self.break_paragraph();
    }

    /// Closes the innermost container of a kind and all containers within it.
    fn close(&mut self, kind: Container) {
        let lists = self.numbers.len();
        let open = match kind {
            Container::List => lists,
            Container::Quote => self.containers.len() - lists,
        };
        // The count saves a search through all open containers for each end without a beginning.
        while open > 0
            && let Some(container) = self.containers.pop()
        {
            if container == Container::List {
                self.numbers.pop();
            }
            if container == kind {
                break;
            }
        }
    }

    /// Drops the marker of an item without a word.
    fn drop_marker(&mut self) {
        self.marker = None;
    }

    /// Writes the prefix of a line within the open containers.
    fn prefix(&mut self) {
        let lists = self.numbers.len();
        let quotes = self.containers.len() - lists;
        (0..quotes.min(DEEPEST)).for_each(|_| self.out.push_str("> "));
        (1..lists.min(DEEPEST)).for_each(|_| self.out.push_str("  "));
    }
}

/// Removes white space before the first word, unless the next line is indented as well, as in code.
pub(super) fn without_indent(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    let indented = text.trim_start();
    let mut lines = indented.lines().skip(1).filter(|line| !line.is_empty());
    if indented.len() < text.len() && !lines.next().is_some_and(|line| line.starts_with(is_white)) {
        text = indented.to_owned();
    }
    text
}

/// Returns whether the text ends with the `--` of a signature; a blank after it is part of the mark.
fn is_delimiter(text: &str) -> bool {
    text == "--" || text.ends_with("\n--")
}

/// Returns whether a character is white space, including those that mail programs use in place of a blank.
fn is_white(c: char) -> bool {
    c.is_whitespace()
}

/// Returns the number of bytes of the leading words with one blank between them, which the text takes unchanged.
fn words_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_plain = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_graphic);
    // Most characters belong to a word, which their byte shows without decoding.
    let mut plain = 0;
    loop {
        match bytes.get(plain) {
            Some(byte) if byte.is_ascii_graphic() => plain += 1,
            Some(b' ') if plain > 0 && is_plain(plain + 1) => plain += 2,
            _ => break,
        }
    }
    let rest = &text[plain..];
    plain + rest.find(is_white_or_unseen).unwrap_or(rest.len())
}

fn is_white_or_unseen(c: char) -> bool {
    // U+0000 stays: the database refuses it, and a text with it must not look like one without.
    let unseen = matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{2060}');
    is_white(c) || unseen || (c.is_control() && c != '\0')
}
