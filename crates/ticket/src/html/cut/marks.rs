//! How the elements are told that mail programs put around a quote or a signature.

/// What an element says of its content, or of what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::html) enum Kind {
    /// A wrapper that holds quoted history and nothing else.
    Quote,
    /// A quote that may be answered line by line, so history only if nothing is said after it.
    Citation,
    /// The line that introduces a quote.
    Attribution,
    Signature,
    /// History begins here and goes on to the end, without an element around it.
    Rest,
}

/// The attributes that tell.
pub(in crate::html) struct Attributes<'a> {
    pub(in crate::html) class: &'a str,
    pub(in crate::html) id: &'a str,
    pub(in crate::html) style: &'a str,
    pub(in crate::html) cite: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Known(Kind),
    /// Outlook draws a line above the header of the mail it quotes; others draw lines too.
    Line,
}

impl Mark {
    pub(super) fn of(name: &str, attributes: &Attributes) -> Option<Self> {
        let class = |wanted: &[&str]| has_class(attributes, wanted);
        let id = original(attributes.id);
        let kind = if class(&[
            "gmail_quote",
            "gmail_quote_container",
            "yahoo_quoted",
            "protonmail_quote",
            "tutanota_quote",
            "zmail_extra",
        ]) || id.starts_with("yahoo_quoted")
            || matches!(
                id,
                "OLK_SRC_BODY_SECTION" | "mail-editor-reference-message-container"
            ) {
            Kind::Quote
        } else if class(&["moz-cite-prefix", "gmail_attr"]) {
            Kind::Attribution
        } else if class(&["gmail_signature", "moz-signature", "protonmail_signature_block"])
            || matches!(id, "Signature" | "ms-outlook-mobile-signature")
        {
            Kind::Signature
        } else if matches!(id, "divRplyFwdMsg" | "appendonsend") {
            Kind::Rest
        } else if name == "blockquote" && attributes.cite {
            Kind::Citation
        } else {
            return has_line_above(attributes.style).then_some(Self::Line);
        };
        Some(Self::Known(kind))
    }
}

/// The class of Gmail's wrapper, and of the quotes in it.
pub(super) fn is_gmail_quote(attributes: &Attributes) -> bool {
    has_class(attributes, &["gmail_quote"])
}

fn has_class(attributes: &Attributes, wanted: &[&str]) -> bool {
    let mut classes = attributes.class.split_ascii_whitespace();
    classes.any(|class| wanted.contains(&original(class)))
}

/// Whether the element has an end; an image or a rule would stay open for good.
pub(super) fn is_wrapper(name: &str) -> bool {
    matches!(
        name,
        "div" | "span" | "p" | "pre" | "blockquote" | "section" | "article" | "table"
    )
}

/// The name before web mail made it its own: `x_x_gmail_quote` was `gmail_quote`.
fn original(name: &str) -> &str {
    name.trim_start_matches("x_")
}

/// The line that Outlook draws, in the colours of its versions.
fn has_line_above(style: &str) -> bool {
    if !style.contains("border-top") {
        return false;
    }
    let style: String = style
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    ["border-top:solid#e1e1e1", "border-top:solid#b5c4df"]
        .iter()
        .any(|line| style.contains(line))
}

/// At least three lines of a mail's header, in any language: `Von: Ada`.
pub(super) fn is_mail_header(text: &str) -> bool {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_field = |line: &str| {
        line.split_once(':').is_some_and(|(name, _)| {
            let letters = name.chars().filter(|c| c.is_alphabetic()).count();
            letters > 0 && name.chars().count() <= 20 && name.split_whitespace().count() <= 3
        })
    };
    lines.take(4).filter(|line| is_field(line)).count() >= 3
}
