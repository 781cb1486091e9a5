//! Lists of any length, read and printed one page at a time.

use tracing::info;

/// Entries in memory at once: a rejected ticket or a report may be megabytes long.
const PAGE: u32 = 50;

/// Prints at most `limit` entries. `next` reads the entries after one, at most as many as asked for; if there are more
/// than `limit`, the log says so.
///
/// # Errors
/// Those of `next` and `print`.
pub(crate) async fn print_pages<T>(
    limit: u32,
    next: impl AsyncFn(Option<&T>, u32) -> store::Result<Vec<T>>,
    print: impl Fn(&T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut left = limit;
    let mut last = None;
    while left > 0 {
        let size = left.min(PAGE);
        let mut page = next(last.as_ref(), size).await?;
        page.iter().try_for_each(&print)?;
        if page.len() < size as usize {
            return Ok(());
        }
        left -= size;
        last = page.pop();
    }
    if !next(last.as_ref(), 1).await?.is_empty() {
        info!("there are more than {limit} entries; --limit shows more");
    }
    Ok(())
}
