//! Text from outside on a terminal or in a log line: nothing in it moves the cursor or disguises other text.

use std::fmt::{self, Display, Formatter, Write};

use super::scripts::is_invisible;
use super::visible::Parts;

/// Shows a value with those characters as escapes that [`visible`](super::visible()) removes, such as `\u{1b}`. Line feeds
/// and tabs stay.
#[derive(Clone, Copy, Debug)]
pub struct Printable<T>(pub T);

/// Shows a value in one line: as [`Printable`], with line feeds and tabs as escapes, too.
#[derive(Clone, Copy, Debug)]
pub struct OneLine<T>(pub T);

impl<T: Display> Display for Printable<T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut escape = Escape {
            formatter,
            one_line: false,
        };
        write!(escape, "{}", self.0)
    }
}

impl<T: Display> Display for OneLine<T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut escape = Escape {
            formatter,
            one_line: true,
        };
        write!(escape, "{}", self.0)
    }
}

struct Escape<'a, 'b> {
    formatter: &'a mut Formatter<'b>,
    one_line: bool,
}

impl Write for Escape<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text.contains(|c| is_invisible(c) || is_break(c)) {
            return self.formatter.write_str(text);
        }
        for part in Parts::of(text) {
            let is_break =
                part.text.contains(is_break) && (self.one_line || !part.text.contains(['\n', '\t']));
            if part.is_shown && !is_break {
                self.formatter.write_str(part.text)?;
                continue;
            }
            for c in part.text.chars() {
                match c {
                    '\n' | '\t' => write!(self.formatter, "{}", c.escape_default())?,
                    _ => write!(self.formatter, "{}", c.escape_unicode())?,
                }
            }
        }
        Ok(())
    }
}

/// Returns whether a character may end a line, or move to a column: line feed, tab, and the separators of lines and
/// paragraphs, which some terminals take for a line feed.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        let hostile = "a\u{1b}[2J\u{9b}1A\r\u{7f}\u{202e}b\u{e0041}\nforged";
        assert_eq!(
            Printable(hostile).to_string(),
            "a\\u{1b}[2J\\u{9b}1A\\u{d}\\u{7f}\\u{202e}b\\u{e0041}\nforged"
        );
        assert_eq!(OneLine("a\nb\tc\u{2028}").to_string(), "a\\nb\\tc\\u{2028}");
        assert_eq!(OneLine("می‌خواهم").to_string(), "می‌خواهم");
        assert_eq!(OneLine("Größe 資料庫 🦀").to_string(), "Größe 資料庫 🦀");
    }
}
