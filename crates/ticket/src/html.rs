//! Converts HTML to the text that a technician and a search engine read.
//!
//! One pass over the tokens of a WHATWG tokenizer builds no tree, so unclosed, wrongly nested and very deep
//! mark-up costs nothing extra. [`vocabulary`] knows the meaning of elements, [`layout`] places lines and
//! blanks, [`cut`] removes quoted mails and signatures, and this file joins the three.
//!
//! Helpdesk text is often not HTML at all, or hardly: `List<String>`, `<ada@example.com>`. So a text without
//! a known tag keeps its line breaks, and an unknown element is text.

mod cut;
mod hidden;
mod image;
mod layout;
mod tokens;
mod vocabulary;

use std::ops::Range;

use html5gum::Span;
use html5gum::emitters::callback::CallbackEvent;

use cut::elements::{Part, Parts};
use cut::marks::Attributes;
use hidden::{Effect, Hidden, is_hidden_by_attributes};
use layout::Layout;
use tokens::{StartTag, tokenize, utf8};
use vocabulary::{Meaning, has_known_tag};

/// Returns the readable text of HTML or of plain text, without quoted mails at its end and without
/// signatures.
///
/// Keeps text in case of doubt: a quote that is answered line by line stays, and so does a forwarded mail
/// without an added word. Otherwise works as [`html_to_full_text`] does.
pub fn html_to_text(html: &str) -> String {
    let (text, parts) = read(html);
    layout::without_indent(cut::cut(text, &parts))
}

/// Returns the readable text of HTML or of plain text, with the mails that it quotes.
///
/// Trims the ends and keeps at most one blank line in a row. Separates words of different block elements and
/// table cells. Loses only invisible words: scripts, styles, comments, and elements that their
/// attributes hide.
pub fn html_to_full_text(html: &str) -> String {
    layout::without_indent(read(html).0)
}

/// Returns the text, trimmed only at its end, and the parts that mail programs mark in it.
fn read(html: &str) -> (String, Vec<Part>) {
    let marked_up = has_known_tag(html);
    let mut page = Page {
        html,
        layout: Layout::new(!marked_up, html.len()),
        parts: Parts::default(),
        tag: StartTag::default(),
        hidden: None,
        link: None,
        word_marker: false,
    };
    if html.contains(['<', '&']) {
        tokenize(html, |event, span| page.event(event, span));
    } else {
        page.text(html);
    }
    let text = page.layout.finish();
    let parts = page.parts.finish(&text);
    (text, parts)
}

/// A text under conversion.
struct Page<'a> {
    html: &'a str,
    layout: Layout,
    parts: Parts,
    /// The current start tag.
    tag: StartTag,
    /// The open element with invisible content.
    hidden: Option<Hidden>,
    /// Target of the open link, and the start of its text.
    link: Option<(String, usize)>,
    /// Whether the next word is the marker that Word writes before an item of a list.
    word_marker: bool,
}

impl Page<'_> {
    fn event(&mut self, event: CallbackEvent<'_>, span: Span<usize>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.tag.open(name, span.start),
            CallbackEvent::AttributeName { name } => self.tag.name_attribute(name),
            CallbackEvent::AttributeValue { value } => self.tag.add_value(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                let tag = std::mem::take(&mut self.tag);
                self.start(&tag, self_closing, span.end);
                self.tag = tag;
            }
            CallbackEvent::EndTag { name } => self.end(&utf8(name), span.start..span.end),
            CallbackEvent::String { value } => self.text(&utf8(value)),
            CallbackEvent::Comment { value } => self.comment(&utf8(value)),
            CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn start(&mut self, tag: &StartTag, self_closing: bool, end: usize) {
        let name = tag.name();
        let meaning = Meaning::of(name);
        if let Some(hidden) = &mut self.hidden {
            if hidden.start(name, self_closing) == Effect::Hidden {
                return;
            }
            self.hidden = None;
        }
        if !self_closing {
            self.hidden = Hidden::open(tag, meaning);
        }
        if self.hidden.is_some() {
            return;
        }
        if tag.has_attributes() || self.parts.is_within() {
            let attribute = |key| tag.attribute(key).unwrap_or_default();
            let attributes = Attributes {
                class: attribute("class"),
                id: attribute("id"),
                style: attribute("style"),
                cite: attribute("type").eq_ignore_ascii_case("cite"),
            };
            self.parts.start(name, &attributes, self.layout.written());
            self.word_marker |= attributes.is_word_marker();
        }
        match meaning {
            Meaning::Unknown => self.literally(tag.start()..end),
            Meaning::Link => {
                self.close_link();
                let begin = self.layout.written().len();
                self.link = tag.attribute("href").map(|href| (href.to_owned(), begin));
            }
            Meaning::Image if is_hidden_by_attributes(tag, meaning) => {}
            Meaning::Image => self
                .layout
                .text(&image::describe(tag.attribute("alt"), tag.attribute("src"))),
            Meaning::List { ordered } => {
                let start = tag.attribute("start").and_then(|start| start.parse().ok());
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
            Meaning::Hidden | Meaning::Inline => {}
        }
    }

    fn end(&mut self, name: &str, span: Range<usize>) {
        if let Some(hidden) = &mut self.hidden {
            let effect = hidden.end(name);
            if effect != Effect::Hidden {
                self.hidden = None;
            }
            if effect != Effect::EndedBefore {
                return;
            }
        }
        self.parts.end(name, self.layout.written());
        match Meaning::of(name) {
            Meaning::Unknown => self.literally(span),
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
        if self.hidden.is_some() {
            return;
        }
        if self.word_marker && !text.trim().is_empty() {
            self.word_marker = false;
            if is_bullet(text.trim()) {
                self.layout.text("- ");
                return;
            }
        }
        self.layout.text(text);
    }

    /// Writes the content of a CDATA section. HTML calls it a comment, but its author meant it to be visible.
    fn comment(&mut self, comment: &str) {
        if let Some(content) = comment.strip_prefix("[CDATA[") {
            self.text(content.strip_suffix("]]").unwrap_or(content));
        }
    }

    /// Writes the source of an unknown tag as text.
    fn literally(&mut self, span: Range<usize>) {
        let source = self.html.get(span).unwrap_or_default();
        self.layout.text(source);
    }

    /// Writes the target of a link, unless its text contains it.
    fn close_link(&mut self) {
        let Some((target, from)) = self.link.take() else {
            return;
        };
        let address = target.trim();
        let address = address.strip_prefix("mailto:").unwrap_or(address);
        let worth =
            target.starts_with("http://") || target.starts_with("https://") || target.starts_with("mailto:");
        let shown = self.layout.written().get(from..).unwrap_or_default();
        let is_shown = shown.contains(address.trim_end_matches('/'));
        if worth && !is_shown && !shown.trim().is_empty() && !address.contains(char::is_whitespace) {
            self.layout.text(&format!(" ({address})"));
        }
    }
}

/// Returns whether a marker is a letter of a symbol font: `·`, `§`, or `o` for a circle.
fn is_bullet(marker: &str) -> bool {
    let mut characters = marker.chars();
    characters.next().is_some_and(|only| !only.is_ascii_digit()) && characters.next().is_none()
}
