//! HTML to readable text.

/// Readable text of an HTML fragment or of plain text.
pub fn html_to_text(html: &str) -> String {
    html.to_owned()
}
