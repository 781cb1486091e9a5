//! Reads and prints lists of any length one page at a time.

use tracing::info;

/// Maximum entries per page: a rejected ticket or a webhook event may be megabytes long.
const PAGE: u32 = 50;

/// Prints at most `limit` entries. `next` reads up to the given number of entries after a given one. If there are more
/// than `limit`, a log line says so.
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
