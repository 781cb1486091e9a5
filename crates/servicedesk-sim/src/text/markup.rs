//! Puts HTML around a document as mail clients and web editors do. No style adds a visible word.

use crate::text::document::{Block, Document};

/// The path of inline images of a ticket.
pub(crate) enum Images<'a> {
    /// `/app/portal/api/v3/requests/{id}/_uploads/..`, with the path before `/requests`.
    Cloud { api_path: &'a str, id: u64 },
    /// `/inlineimages/WorkOrder/{id}/..`
    OnPremises { id: u64 },
}

/// The markup style of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// No markup, one line a line.
    Plain,
    /// The web editor: one `div` a line, or `br`.
    Editor,
    /// Web mail: styled `div`, `p`, `&nbsp;`, an inline image.
    WebMail,
    /// Microsoft Word: unquoted attributes, `o:p`, a style sheet in the head.
    Word,
    /// Outlook: conditional comments, nested tables, `blockquote`.
    Outlook,
    /// Old mail gateways: upper-case tags, unclosed paragraphs, numeric references.
    Gateway,
}

impl Style {
    /// All styles.
    pub(crate) const ALL: [Self; 6] = [
        Self::Plain,
        Self::Editor,
        Self::WebMail,
        Self::Word,
        Self::Outlook,
        Self::Gateway,
    ];

    /// Renders the document. `images` adds an inline picture if the style has one.
    pub(crate) fn render(self, document: &Document, images: Option<&Images<'_>>) -> String {
        let mut out = String::with_capacity(1024);
        out.push_str(self.opening());
        for (at, block) in document.blocks.iter().enumerate() {
            self.block(&mut out, block);
            if at == 1 && matches!(self, Self::WebMail | Self::Word) {
                self.image(&mut out, images);
            }
        }
        out.push_str(self.ending());
        out
    }

    fn opening(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Editor => "<div>",
            Self::WebMail => "<div style=\"font-family: Verdana, Arial; font-size: 10pt\">",
            Self::Word => concat!(
                "<html><head><meta http-equiv=Content-Type content=\"text/html; charset=utf-8\">\n<style><!--\n",
                "p.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt; font-family:\"Calibri\",sans-serif;}\n",
                "--></style></head><body lang=EN-GB link=\"#0563C1\">\n"
            ),
            Self::Outlook => concat!(
                "<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml>",
                "<![endif]--><div class=\"WordSection1\"><table border=\"0\" cellpadding=\"0\"><tbody><tr><td>"
            ),
            Self::Gateway => "<HTML><BODY>\r\n",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Editor | Self::WebMail => "</div>",
            Self::Word => "</body></html>",
            Self::Outlook => "</td></tr></tbody></table></div>",
            Self::Gateway => "</BODY></HTML>\r\n",
        }
    }

    fn block(self, out: &mut String, block: &Block) {
        match block {
            Block::Line(line) => self.line(out, line),
            Block::List(lines) if self == Self::Plain => lines.iter().for_each(|line| self.line(out, line)),
            Block::List(lines) => {
                out.push_str("<ul>");
                for line in lines {
                    out.push_str("<li>");
                    self.escaped(out, line);
                    out.push_str(if self == Self::Gateway { "\r\n" } else { "</li>" });
                }
                out.push_str("</ul>");
            }
            Block::Table(rows) if self == Self::Plain => {
                for [name, value] in rows {
                    self.line(out, &format!("{name} {value}"));
                }
            }
            Block::Table(rows) => {
                out.push_str("<table border=1 cellspacing=0><tbody>");
                for [name, value] in rows {
                    out.push_str("<tr><td><b>");
                    self.escaped(out, name);
                    out.push_str("</b></td><td>");
                    self.escaped(out, value);
                    out.push_str("</td></tr>");
                }
                out.push_str("</tbody></table>");
            }
            Block::Log(lines) if self == Self::Plain => lines.iter().for_each(|line| self.line(out, line)),
            Block::Log(lines) => {
                out.push_str("<pre>");
                for line in lines {
                    self.escaped(out, line);
                    out.push('\n');
                }
                out.push_str("</pre>");
            }
            Block::Signature(lines) => self.signature(out, lines),
        }
    }

    fn line(self, out: &mut String, line: &str) {
        let (before, after) = match self {
            Self::Plain => ("", "\n"),
            Self::Editor => ("", "<br />"),
            Self::WebMail => ("<p>", "&nbsp;</p>"),
            Self::Word => (
                "<p class=MsoNormal>",
                "<o:p></o:p></p>\n<p class=MsoNormal><o:p>&nbsp;</o:p></p>\n",
            ),
            Self::Outlook => ("<p><span lang=\"EN-US\" style=\"color:#1F497D\">", "</span></p>"),
            Self::Gateway => ("<P>", "\r\n"),
        };
        out.push_str(before);
        match line.split_once(' ') {
            Some((first, rest))
                if matches!(self, Self::WebMail | Self::Outlook) && line.len().is_multiple_of(3) =>
            {
                out.push_str("<b>");
                self.escaped(out, first);
                out.push_str("</b> ");
                self.escaped(out, rest);
            }
            _ => self.escaped(out, line),
        }
        out.push_str(after);
    }

    fn signature(self, out: &mut String, lines: &[String]) {
        let (before, between, after) = match self {
            Self::Plain => ("\n", "\n", "\n"),
            Self::Editor => ("<br />", "<br />", ""),
            Self::WebMail => ("<br><span style=\"color: #888888\">", "<br>", "</span>"),
            Self::Word => ("<p class=MsoNormal>", "<br>\n", "<o:p></o:p></p>"),
            Self::Outlook => ("<blockquote style=\"border:none\">", "<br/>", "</blockquote>"),
            Self::Gateway => ("<HR><FONT SIZE=2>", "<BR>\r\n", "</FONT>"),
        };
        out.push_str(before);
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                out.push_str(between);
            }
            self.escaped(out, line);
        }
        out.push_str(after);
    }

    fn image(self, out: &mut String, images: Option<&Images<'_>>) {
        match images {
            Some(Images::Cloud { api_path, id }) => out.push_str(&format!(
                "<img src=\"{api_path}/requests/{id}/_uploads/{}\" width=\"640\">",
                id + 500
            )),
            Some(Images::OnPremises { id }) => {
                out.push_str(&format!(
                    "<img src=/inlineimages/WorkOrder/{id}/0.jpg width=600 height=400>"
                ));
            }
            None => {}
        }
    }

    /// Appends text and escapes the characters that would be markup.
    fn escaped(self, out: &mut String, text: &str) {
        if self == Self::Plain {
            return out.push_str(text);
        }
        for character in text.chars() {
            match character {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' if self == Self::Outlook => out.push_str("&quot;"),
                '\'' if self == Self::Gateway => out.push_str("&#39;"),
                other => out.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the words of well-formed HTML, without knowledge of the styles.
    fn visible_words(html: &str) -> String {
        let mut text = html.to_owned();
        for (from, to) in [("<!--", "-->"), ("<style>", "</style>"), ("<", ">")] {
            while let Some(start) = text.find(from) {
                let end = start + text[start..].find(to).expect("closed") + to.len();
                text.replace_range(start..end, " ");
            }
        }
        let references = [
            ("&nbsp;", " "),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ];
        for (reference, character) in references {
            text = text.replace(reference, character);
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn no_style_adds_or_loses_a_word() {
        let document = Document {
            blocks: vec![
                Block::Line("Thank you & it's \"urgent\"".into()),
                Block::Line("if a < b then c > d".into()),
                Block::List(vec!["one thing".into(), "another".into()]),
                Block::Table(vec![["Client".into(), "5.1".into()]]),
                Block::Log(vec!["WARN a".into(), "WARN b".into()]),
                Block::Signature(vec!["Regards".into(), "Ada Example".into()]),
            ],
        };
        for style in Style::ALL {
            let html = style.render(&document, Some(&Images::OnPremises { id: 7 }));
            if style == Style::Plain {
                assert_eq!(
                    html.split_whitespace().collect::<Vec<_>>().join(" "),
                    document.words()
                );
            } else {
                assert_eq!(visible_words(&html), document.words(), "{style:?}: {html}");
            }
        }
    }
}
