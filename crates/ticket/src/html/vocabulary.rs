//! The meaning of HTML elements in plain text.

/// The meaning of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A separate line with blank lines around it.
    Paragraph,
    /// A separate line.
    Block,
    LineBreak,
    List {
        ordered: bool,
    },
    Item,
    Quote,
    Preformatted,
    Row,
    Cell,
    Link,
    Image,
    /// An element with invisible content.
    Hidden,
    /// An element of which only the content matters.
    Inline,
    /// Text between angle brackets that is not an element.
    Unknown,
}

impl Meaning {
    /// Returns the meaning of an element by its name in lower case.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "hr" | "dl" | "figure" | "fieldset" => {
                Self::Paragraph
            }
            "div" | "section" | "article" | "aside" | "header" | "footer" | "main" | "nav" | "address"
            | "center" | "form" | "dt" | "dd" | "caption" | "thead" | "tbody" | "tfoot" | "body" | "html"
            | "details" | "summary" | "figcaption" | "legend" | "option" | "select" | "textarea"
            | "hgroup" | "dialog" => Self::Block,
            "br" => Self::LineBreak,
            "ul" | "menu" | "dir" => Self::List { ordered: false },
            "ol" => Self::List { ordered: true },
            "li" => Self::Item,
            "blockquote" => Self::Quote,
            "pre" | "listing" | "xmp" => Self::Preformatted,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "a" => Self::Link,
            "img" | "image" => Self::Image,
            "script" | "style" | "head" | "title" | "template" | "noscript" | "svg" | "xml" | "iframe" => {
                Self::Hidden
            }
            "abbr" | "acronym" | "area" | "audio" | "b" | "base" | "basefont" | "bdi" | "bdo" | "big"
            | "button" | "canvas" | "cite" | "code" | "col" | "colgroup" | "data" | "datalist" | "del"
            | "dfn" | "em" | "embed" | "font" | "i" | "input" | "ins" | "kbd" | "label" | "link" | "map"
            | "mark" | "meta" | "meter" | "nobr" | "object" | "optgroup" | "output" | "param" | "picture"
            | "progress" | "q" | "rp" | "rt" | "ruby" | "s" | "samp" | "small" | "source" | "span"
            | "strike" | "strong" | "sub" | "sup" | "time" | "track" | "tt" | "u" | "var" | "video"
            | "wbr" | "blink" | "marquee" | "frame" | "frameset" | "noframes" => Self::Inline,
            // Word and Outlook: o:p, v:shape, w:sdt, m:oMath, st1:place ..
            _ => match name.split_once(':') {
                Some(("o" | "v" | "w" | "m" | "x" | "st1" | "u1" | "mso", _)) => Self::Inline,
                _ => Self::Unknown,
            },
        }
    }

    /// Returns whether an element cannot be part of a paragraph.
    pub(super) fn is_block(self) -> bool {
        matches!(
            self,
            Self::Paragraph | Self::Block | Self::List { .. } | Self::Quote | Self::Preformatted
        )
    }
}

/// Returns whether a text contains mark-up of a known element.
pub(super) fn has_known_tag(html: &str) -> bool {
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
