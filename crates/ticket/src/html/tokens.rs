//! The tokens of a text one by one, each borrowed from the tokenizer for as long as it is looked at.

use std::borrow::Cow;
use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, Tokenizer};

/// Hands every token of a text on. Faults of the mark-up are not looked for.
pub(super) fn tokenize(html: &str, mut handle: impl FnMut(CallbackEvent<'_>, Span<usize>)) {
    let callback = |event: CallbackEvent<'_>, span: Span<usize>| -> Option<Infallible> {
        handle(event, span);
        None
    };
    let mut emitter = CallbackEmitter::new(callback);
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, Faultless(emitter)).finish();
}

/// A part of a text, which the tokenizer hands on as bytes.
pub(super) fn utf8(part: &[u8]) -> Cow<'_, str> {
    // Many bytes at a time, where the lossy reading looks at each.
    std::str::from_utf8(part).map_or_else(|_| String::from_utf8_lossy(part), Cow::Borrowed)
}

/// Spares the tokenizer the look at every character that it takes to tell faults.
struct Faultless<E>(E);

impl<E: Emitter> ForwardingEmitter for Faultless<E> {
    type Token = E::Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = Self::Token> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

/// The attributes that say something to a reader of plain text.
const ATTRIBUTES: [&str; 8] = ["class", "id", "style", "type", "href", "alt", "src", "start"];

/// A start tag while it is read.
#[derive(Default)]
pub(super) struct StartTag {
    name: String,
    start: usize,
    attributes: Vec<(&'static str, String)>,
    /// The last of the attributes is the one at hand.
    reads_value: bool,
}

impl StartTag {
    /// A tag begins, at this byte of the text.
    pub(super) fn open(&mut self, name: &[u8], start: usize) {
        self.name.clear();
        self.name.push_str(&utf8(name));
        self.start = start;
        self.attributes.clear();
        self.reads_value = false;
    }

    /// An attribute begins. Of those with the same name the first counts.
    pub(super) fn name_attribute(&mut self, name: &[u8]) {
        let known = ATTRIBUTES.into_iter().find(|known| known.as_bytes() == name);
        let new = known.filter(|known| self.attribute(known).is_none());
        self.reads_value = new.is_some();
        self.attributes.extend(new.map(|name| (name, String::new())));
    }

    /// The value of the attribute at hand, or more of it.
    pub(super) fn add_value(&mut self, value: &[u8]) {
        if let Some((_, read)) = self.attributes.last_mut().filter(|_| self.reads_value) {
            read.push_str(&utf8(value));
        }
    }

    /// In lower case.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its first byte.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Whether it has any that says something.
    pub(super) fn has_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }

    /// The value of an attribute, blank if it was given none; `None` where the tag lacks it.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }
}
