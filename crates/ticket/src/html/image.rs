//! The text in place of an image.

/// Returns `[image: name]`, by the alternative text or else the file name. Ignores embedded data.
pub(super) fn describe(alt: Option<&str>, source: Option<&str>) -> String {
    let file = source
        .filter(|source| !source.starts_with("data:"))
        .and_then(|source| {
            let path = source.split(['?', '#']).next().unwrap_or_default();
            path.rsplit('/').next()
        });
    let name = alt
        .filter(|alt| !alt.trim().is_empty())
        .or(file)
        .unwrap_or_default();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        "[image]".to_owned()
    } else {
        format!("[image: {}]", name.replace(['<', '>', '&'], " ").trim())
    }
}
