//! Elements whose content a reader does not see: scripts and the like, and those that their style hides. A person who
//! writes a ticket can address a model in them.

use super::tokens::StartTag;
use super::vocabulary::Meaning;

/// An open element with invisible content.
pub(super) struct Hidden {
    name: String,
    /// Number of its open tags.
    depth: u32,
    /// Number of other elements that are open in it.
    others: u32,
    /// Whether its end tag may be missing: the end of its parent ends it as well.
    may_lack_end: bool,
}

/// What a tag does to the hidden element.
#[derive(PartialEq, Eq)]
pub(super) enum Effect {
    /// The tag is part of the hidden content.
    Hidden,
    /// The tag is the end tag of the element.
    End,
    /// The element ended before the tag.
    EndedBefore,
}

impl Hidden {
    /// Returns the hidden element that a tag opens, if it opens one.
    pub(super) fn open(tag: &StartTag, meaning: Meaning) -> Option<Self> {
        let name = tag.name();
        let by_style = is_hidden_by_attributes(tag, meaning);
        let hides = meaning == Meaning::Hidden || (by_style && meaning != Meaning::Unknown && !is_void(name));
        hides.then(|| Self {
            name: name.to_owned(),
            depth: 1,
            others: 0,
            may_lack_end: meaning != Meaning::Hidden,
        })
    }

    /// Notes a start tag.
    pub(super) fn start(&mut self, name: &str, self_closing: bool) -> Effect {
        let ends_paragraph = self.others == 0 && self.name == "p" && Meaning::of(name).is_block();
        let is_sibling = self.others == 0 && name == self.name && may_omit_end(name);
        if name == "body" || is_sibling || ends_paragraph {
            return Effect::EndedBefore;
        }
        if name == self.name {
            self.depth += u32::from(!self_closing);
        } else if !self_closing && !is_void(name) && !may_omit_end(name) {
            self.others += 1;
        }
        Effect::Hidden
    }

    /// Notes an end tag.
    pub(super) fn end(&mut self, name: &str) -> Effect {
        if name == self.name {
            self.depth -= 1;
            return if self.depth == 0 {
                Effect::End
            } else {
                Effect::Hidden
            };
        }
        if self.may_lack_end && self.others == 0 && is_structure(name) {
            return Effect::EndedBefore;
        }
        if !may_omit_end(name) {
            self.others = self.others.saturating_sub(1);
        }
        Effect::Hidden
    }
}

/// Returns whether an element has no content.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "image"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Returns whether the end tag of an element may be omitted, so that its sibling ends it.
fn may_omit_end(name: &str) -> bool {
    matches!(
        name,
        "p" | "li" | "td" | "th" | "tr" | "dt" | "dd" | "option" | "tbody" | "thead" | "tfoot"
    )
}

/// Returns whether the end of an element ends all open elements in it.
fn is_structure(name: &str) -> bool {
    matches!(
        name,
        "td" | "th" | "tr" | "table" | "ul" | "ol" | "dl" | "select" | "body" | "html"
    )
}

/// Returns whether the attributes of a tag hide it, as `hidden` and `style="display: none"` do.
pub(super) fn is_hidden_by_attributes(tag: &StartTag, meaning: Meaning) -> bool {
    if tag.attribute("hidden").is_some() {
        return true;
    }
    let style = tag.attribute("style").map(Style::of).unwrap_or_default();
    style.is_hidden
        || style.is_invisible
        || style.is_hidden_by_word
        || style.is_transparent
        || (style.is_clipped && style.is_flat)
        // Templates of mails set it on cells, and another size on the elements within.
        || (meaning == Meaning::Inline && style.is_tiny)
}

/// What the declarations of a style say; the last of several with the same name counts.
#[derive(Default)]
struct Style {
    is_hidden: bool,
    is_invisible: bool,
    is_hidden_by_word: bool,
    is_transparent: bool,
    is_clipped: bool,
    is_flat: bool,
    is_tiny: bool,
}

impl Style {
    fn of(style: &str) -> Self {
        let mut found = Self::default();
        for (name, value) in style.split(';').filter_map(|part| part.split_once(':')) {
            let (name, value) = (name.trim(), value.trim());
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            let says = |wanted: &str| {
                value
                    .split([' ', '!'])
                    .next()
                    .is_some_and(|word| word.eq_ignore_ascii_case(wanted))
            };
            let number = || {
                value
                    .trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.')
                    .parse::<f32>()
            };
            let is_zero = || value.starts_with(['0', '.']) && number().is_ok_and(|number| number == 0.0);
            match name.as_bytes().first().map(u8::to_ascii_lowercase) {
                Some(b'd') if is("display") => found.is_hidden = says("none"),
                Some(b'v') if is("visibility") => found.is_invisible = says("hidden"),
                Some(b'm') if is("mso-hide") => found.is_hidden_by_word = says("all"),
                Some(b'm') if is("max-height") => found.is_flat = is_zero(),
                Some(b'o') if is("opacity") => found.is_transparent = is_zero(),
                Some(b'o') if is("overflow") => found.is_clipped = says("hidden"),
                Some(b'f') if is("font-size") => found.is_tiny = is_zero(),
                _ => {}
            }
        }
        found
    }
}
