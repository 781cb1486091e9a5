//! HTML to the text that a technician and a search engine want to read.
//!
//! One pass over the tokens of a WHATWG tokenizer, no tree: unclosed, wrongly nested and very deep mark-up
//! costs nothing extra. [`vocabulary`] says what an element means, [`layout`] where lines begin and end,
//! [`cut`] what of a mail is history or signature, this file joins the three.
//!
//! Helpdesk text is often no HTML at all, or nearly none: `List<String>`, `<ada@example.com>`. So a text
//! without any known tag keeps its line breaks, and an element that nobody has heard of is text.

mod cut;
mod image;
mod layout;
mod tokens;
mod vocabulary;

use std::ops::Range;

use html5gum::Span;
use html5gum::emitters::callback::CallbackEvent;

use cut::elements::{Part, Parts};
use cut::marks::Attributes;
use layout::Layout;
use tokens::{StartTag, tokenize, utf8};
use vocabulary::{Meaning, has_known_tag};

/// Readable text of an HTML fragment or of plain text, without the mails that it quotes at its end and
/// without signatures.
///
/// In doubt nothing is cut: a quote that is answered line by line stays, and so does a forwarded mail
/// that nothing was added to. The rest is [`html_to_full_text`].
pub fn html_to_text(html: &str) -> String {
    let (text, parts) = read(html);
    layout::without_indent(cut::cut(text, &parts))
}

/// Readable text of an HTML fragment or of plain text, with the mails that it quotes.
///
/// Ends are trimmed, at most one blank line stands in a row. Nothing is glued together across block
/// elements and table cells, no word is lost but those nobody sees (scripts, styles, comments).
pub fn html_to_full_text(html: &str) -> String {
    layout::without_indent(read(html).0)
}

/// The text, trimmed at its end only, and what mail programs marked in it.
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

struct Page<'a> {
    html: &'a str,
    layout: Layout,
    parts: Parts,
    /// The start tag at hand.
    tag: StartTag,
    /// The element whose content nobody sees, and how often it is open.
    hidden: Option<(String, u32)>,
    /// Target of the link at hand, and where its text begins.
    link: Option<(String, usize)>,
    /// The next word is the marker that Word puts before an item of a list.
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
        if let Some((hidden, depth)) = &mut self.hidden {
            if name == "body" {
                self.hidden = None;
            } else {
                *depth += u32::from(hidden == name && !self_closing);
                return;
            }
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
            Meaning::Hidden => self.hidden = (!self_closing).then(|| (name.to_owned(), 1)),
            Meaning::Link => {
                self.close_link();
                let begin = self.layout.written().len();
                self.link = tag.attribute("href").map(|href| (href.to_owned(), begin));
            }
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
            Meaning::Inline => {}
        }
    }

    fn end(&mut self, name: &str, span: Range<usize>) {
        if let Some((hidden, depth)) = &mut self.hidden {
            if hidden == name {
                *depth -= 1;
                if *depth == 0 {
                    self.hidden = None;
                }
            }
            return;
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

    /// In HTML a CDATA section is a comment, but what is in it was meant to be seen.
    fn comment(&mut self, comment: &str) {
        if let Some(content) = comment.strip_prefix("[CDATA[") {
            self.text(content.strip_suffix("]]").unwrap_or(content));
        }
    }

    /// A tag that is none, as it was written.
    fn literally(&mut self, span: Range<usize>) {
        let source = self.html.get(span).unwrap_or_default();
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
        let shown = self.layout.written().get(from..).unwrap_or_default();
        let said = shown.contains(address.trim_end_matches('/'));
        if worth && !said && !shown.trim().is_empty() && !address.contains(char::is_whitespace) {
            self.layout.text(&format!(" ({address})"));
        }
    }
}

/// A letter of a font of symbols: `·`, `§`, or `o` where a circle was meant.
fn is_bullet(marker: &str) -> bool {
    let mut characters = marker.chars();
    characters.next().is_some_and(|only| !only.is_ascii_digit()) && characters.next().is_none()
}
