//! The marks of elements that mail programs write around a quote or a signature.

/// The kind of text that an element marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::html) enum Kind {
    /// A wrapper that holds quoted history and nothing else.
    Quote,
    /// A quote that may be answered line by line. It is history only if no words follow it.
    Citation,
    /// The line that introduces a quote.
    Attribution,
    /// A signature.
    Signature,
    /// The start of the history, which reaches to the end without an element around it.
    Rest,
}

/// The attributes that can be marks.
#[derive(Default)]
pub(in crate::html) struct Attributes<'a> {
    pub(in crate::html) class: &'a str,
    pub(in crate::html) id: &'a str,
    pub(in crate::html) style: &'a str,
    pub(in crate::html) cite: bool,
}

impl Attributes<'_> {
    /// Returns whether the element holds the number or bullet that Word writes before an item of a list.
    pub(in crate::html) fn is_word_marker(&self) -> bool {
        self.style.contains("mso-list:Ignore")
    }
}

/// The mark of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Known(Kind),
    /// A line, which Outlook draws above the header of a quoted mail. Other programs draw lines too.
    Line,
}

impl Mark {
    pub(super) fn of(name: &str, attributes: &Attributes) -> Option<Self> {
        let by_class = || attributes.class.split_ascii_whitespace().find_map(kind_of_class);
        let cited = name == "blockquote" && attributes.cite;
        kind_of_id(attributes.id)
            .or_else(by_class)
            .or(cited.then_some(Kind::Citation))
            .map(Self::Known)
            .or(has_outlook_border(attributes.style).then_some(Self::Line))
    }
}

fn kind_of_class(class: &str) -> Option<Kind> {
    match original(class) {
        "gmail_quote"
        | "gmail_quote_container"
        | "yahoo_quoted"
        | "protonmail_quote"
        | "tutanota_quote"
        | "zmail_extra" => Some(Kind::Quote),
        "moz-cite-prefix" | "gmail_attr" => Some(Kind::Attribution),
        "gmail_signature" | "moz-signature" | "protonmail_signature_block" => Some(Kind::Signature),
        _ => None,
    }
}

fn kind_of_id(id: &str) -> Option<Kind> {
    match original(id) {
        "OLK_SRC_BODY_SECTION" | "mail-editor-reference-message-container" => Some(Kind::Quote),
        "Signature" | "ms-outlook-mobile-signature" => Some(Kind::Signature),
        "divRplyFwdMsg" | "appendonsend" => Some(Kind::Rest),
        id => id.starts_with("yahoo_quoted").then_some(Kind::Quote),
    }
}

/// Returns whether the element has the class of Gmail's wrapper and of the quotes in it.
pub(super) fn is_gmail_quote(attributes: &Attributes) -> bool {
    let mut classes = attributes.class.split_ascii_whitespace();
    classes.any(|class| original(class) == "gmail_quote")
}

/// Returns whether the element has an end tag. An image or a rule would stay open for ever.
pub(super) fn is_wrapper(name: &str) -> bool {
    matches!(
        name,
        "div" | "span" | "p" | "pre" | "blockquote" | "section" | "article" | "table"
    )
}

/// Returns the name without the prefix of web mail: `x_x_gmail_quote` was `gmail_quote`.
fn original(name: &str) -> &str {
    name.trim_start_matches("x_")
}

/// Returns whether the style draws Outlook's line above a header, in the colour of one of its versions. Web mail
/// rewrites the style, so only the colour counts.
fn has_outlook_border(style: &str) -> bool {
    if !style.contains("border") {
        return false;
    }
    let mut style = style.replace(char::is_whitespace, "");
    style.make_ascii_lowercase();
    ["#e1e1e1", "#b5c4df", "rgb(225,225,225)", "rgb(181,196,223)"]
        .iter()
        .any(|colour| style.contains(colour))
}

/// Returns whether a text begins with three or more lines of a mail's header, in any language: `Von: Ada`.
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
