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
    let Some(style) = tag.attribute("style") else {
        return false;
    };
    let style = style.to_ascii_lowercase();
    let value = |wanted: &str| {
        let declarations = style.split(';').filter_map(|part| part.split_once(':'));
        let mut values = declarations.filter(|(name, _)| name.trim() == wanted);
        values
            .next_back()
            .map(|(_, value)| value.trim_end_matches("!important").trim())
    };
    let is_zero =
        |wanted| value(wanted).is_some_and(|value| value.trim_end_matches(char::is_alphabetic) == "0");
    value("display") == Some("none")
        || value("visibility") == Some("hidden")
        || value("mso-hide") == Some("all")
        || value("opacity") == Some("0")
        || (value("overflow") == Some("hidden") && (is_zero("max-height") || is_zero("height")))
        // Templates of mails set it on cells, and another size on the elements within.
        || (meaning == Meaning::Inline && is_zero("font-size"))
}
