//! The tokens of a text, one by one, borrowed from the tokenizer.

use std::borrow::Cow;
use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, Tokenizer};

/// Passes each token of a text to `handle`. Ignores faults of the mark-up.
pub(super) fn tokenize(html: &str, mut handle: impl FnMut(CallbackEvent<'_>, Span<usize>)) {
    let callback = |event: CallbackEvent<'_>, span: Span<usize>| -> Option<Infallible> {
        handle(event, span);
        None
    };
    let mut emitter = CallbackEmitter::new(callback);
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, Faultless(emitter)).finish();
}

/// Decodes a part of a text, which the tokenizer passes as bytes.
pub(super) fn utf8(part: &[u8]) -> Cow<'_, str> {
    // The strict conversion checks many bytes at a time, the lossy one each byte.
    std::str::from_utf8(part).map_or_else(|_| String::from_utf8_lossy(part), Cow::Borrowed)
}

/// Emitter that ignores faults, which saves the tokenizer a check of every character.
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

/// Attributes that matter for plain text.
const ATTRIBUTES: [&str; 9] = [
    "class", "id", "style", "type", "href", "alt", "src", "start", "hidden",
];

/// A start tag during its tokens.
#[derive(Default)]
pub(super) struct StartTag {
    name: String,
    start: usize,
    attributes: Vec<(&'static str, String)>,
    /// Whether the next value belongs to the last attribute.
    reads_value: bool,
}

impl StartTag {
    /// Begins a tag at this byte of the text.
    pub(super) fn open(&mut self, name: &[u8], start: usize) {
        self.name.clear();
        self.name.push_str(&utf8(name));
        self.start = start;
        self.attributes.clear();
        self.reads_value = false;
    }

    /// Begins an attribute. The first of several with the same name counts.
    pub(super) fn name_attribute(&mut self, name: &[u8]) {
        let known = ATTRIBUTES.into_iter().find(|known| known.as_bytes() == name);
        let new = known.filter(|known| self.attribute(known).is_none());
        self.reads_value = new.is_some();
        self.attributes.extend(new.map(|name| (name, String::new())));
    }

    /// Adds to the value of the current attribute.
    pub(super) fn add_value(&mut self, value: &[u8]) {
        if let Some((_, read)) = self.attributes.last_mut().filter(|_| self.reads_value) {
            read.push_str(&utf8(value));
        }
    }

    /// Returns the name in lower case.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the position of the tag's first byte.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Returns whether the tag has an attribute that matters.
    pub(super) fn has_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }

    /// Returns the value of an attribute, blank if it has none; `None` if the tag lacks the attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }
}
