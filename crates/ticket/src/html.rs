//! HTML to the text that a technician and a search engine want to read.
//!
//! One pass over the tokens of a WHATWG tokenizer, no tree: unclosed, wrongly nested and very deep mark-up
//! costs nothing extra. [`vocabulary`] says what an element means, [`layout`] where lines begin and end,
//! this file joins the two.
//!
//! Helpdesk text is often no HTML at all, or nearly none: `List<String>`, `<ada@example.com>`. So a text
//! without any known tag keeps its line breaks, and an element that nobody has heard of is text.

mod layout;
mod vocabulary;

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};

use layout::Layout;
use vocabulary::Meaning;

/// Readable text of an HTML fragment or of plain text.
///
/// Ends are trimmed, at most one blank line stands in a row. Nothing is glued together across block
/// elements and table cells, no word is lost but those nobody sees (scripts, styles, comments).
pub fn html_to_text(html: &str) -> String {
    let marked_up = has_known_tag(html);
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut page = Page {
        html,
        layout: Layout::new(!marked_up),
        hidden: None,
        link: None,
    };
    // A text cannot fail to be read.
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => page.start(&tag),
            Token::EndTag(tag) => page.end(&tag),
            Token::String(text) => page.text(&String::from_utf8_lossy(&text.value)),
            Token::Comment(comment) => page.comment(&String::from_utf8_lossy(&comment.value)),
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    page.layout.finish()
}

/// Whether there is anything that a browser would take for mark-up.
fn has_known_tag(html: &str) -> bool {
    html.split('<').skip(1).any(|after| {
        let name = after.strip_prefix('/').unwrap_or(after);
        let end = name
            .find(|c: char| !c.is_ascii_alphanumeric() && c != ':')
            .unwrap_or(name.len());
        let closes = name[end..].starts_with(|c: char| c == '>' || c == '/' || c.is_ascii_whitespace());
        after.starts_with("!--")
            || after.starts_with("![")
            || (closes && Meaning::of(&name[..end].to_ascii_lowercase()) != Meaning::Unknown)
    })
}

struct Page<'a> {
    html: &'a str,
    layout: Layout,
    /// The element whose content nobody sees, and how often it is open.
    hidden: Option<(String, u32)>,
    /// Target of the link at hand, and where its text begins.
    link: Option<(String, usize)>,
}

impl Page<'_> {
    fn start(&mut self, tag: &StartTag<usize>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let meaning = Meaning::of(&name);
        if let Some((hidden, depth)) = &mut self.hidden {
            if name == "body" {
                self.hidden = None;
            } else {
                *depth += u32::from(*hidden == name && !tag.self_closing);
                return;
            }
        }
        let attribute = |key: &str| {
            tag.attributes
                .get(key.as_bytes())
                .map(|value| String::from_utf8_lossy(&value.value).into_owned())
        };
        match meaning {
            Meaning::Unknown => self.literally(tag.span.start, tag.span.end),
            Meaning::Hidden => self.hidden = (!tag.self_closing).then_some((name, 1)),
            Meaning::Link => {
                self.close_link();
                self.link = attribute("href").map(|href| (href, self.layout.length()));
            }
            Meaning::Image => self.layout.word(&image(attribute("alt"), attribute("src"))),
            Meaning::List { ordered } => {
                let start = attribute("start").and_then(|start| start.parse().ok());
                self.layout.open_list(ordered.then_some(start.unwrap_or(1)));
            }
            Meaning::Item => self.layout.item(),
            Meaning::Quote => self.layout.open_quote(),
            Meaning::Preformatted => self.layout.open_preformatted(),
            Meaning::Row => self.layout.open_row(),
            Meaning::Cell => self.layout.cell(),
            Meaning::Paragraph => self.layout.break_paragraph(),
            Meaning::Block => self.layout.break_line(),
            Meaning::LineBreak => self.layout.line_break(),
            Meaning::Inline => {}
        }
    }

    fn end(&mut self, tag: &EndTag<usize>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        if let Some((hidden, depth)) = &mut self.hidden {
            if *hidden == name {
                *depth -= 1;
                if *depth == 0 {
                    self.hidden = None;
                }
            }
            return;
        }
        match Meaning::of(&name) {
            Meaning::Unknown => self.literally(tag.span.start, tag.span.end),
            Meaning::Link => self.close_link(),
            Meaning::List { .. } => self.layout.close_list(),
            Meaning::Quote => self.layout.close_quote(),
            Meaning::Preformatted => self.layout.close_preformatted(),
            Meaning::Row => self.layout.close_row(),
            Meaning::Paragraph => self.layout.break_paragraph(),
            Meaning::Block | Meaning::Item => self.layout.break_line(),
            Meaning::LineBreak => self.layout.line_break(),
            Meaning::Cell | Meaning::Image | Meaning::Hidden | Meaning::Inline => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden.is_none() {
            self.layout.text(text);
        }
    }

    /// In HTML a CDATA section is a comment, but what is in it was meant to be seen.
    fn comment(&mut self, comment: &str) {
        if let Some(content) = comment.strip_prefix("[CDATA[") {
            self.text(content.strip_suffix("]]").unwrap_or(content));
        }
    }

    /// A tag that is none, as it was written.
    fn literally(&mut self, start: usize, end: usize) {
        let source = self.html.get(start..end).unwrap_or_default();
        self.layout.text(source);
    }

    /// Adds the target unless the text says it already.
    fn close_link(&mut self) {
        let Some((target, from)) = self.link.take() else {
            return;
        };
        let address = target.trim();
        let address = address.strip_prefix("mailto:").unwrap_or(address);
        let worth =
            target.starts_with("http://") || target.starts_with("https://") || target.starts_with("mailto:");
        let shown = self.layout.since(from);
        let said = shown.contains(address.trim_end_matches('/'));
        if worth && !said && !shown.trim().is_empty() && !address.contains(char::is_whitespace) {
            self.layout.text(&format!(" ({address})"));
        }
    }
}

/// `[image: what it shows]`; embedded data tells nobody anything.
fn image(alt: Option<String>, source: Option<String>) -> String {
    let file = source
        .filter(|source| !source.starts_with("data:"))
        .and_then(|source| {
            let path = source.split(['?', '#']).next().unwrap_or_default();
            path.rsplit('/').next().map(str::to_owned)
        });
    let name = alt
        .filter(|alt| !alt.trim().is_empty())
        .or(file)
        .unwrap_or_default();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        "[image]".to_owned()
    } else {
        format!("[image: {}]", name.replace(['<', '>', '&'], " ").trim())
    }
}
