//! Streams the pages of a window.

use futures::stream::{Stream, StreamExt as _, TryReadyChunksError, TryStreamExt as _, try_unfold};

use super::context::RunContext;
use super::window::OpenWindow;
use crate::Error;
use crate::source::{self, Page, Pages};

/// Maximum number of arrived pages that are looked up together, so that the pages of a fast server take few statements.
const PAGES_PER_LOOKUP: usize = 6;

/// Pages that arrived together.
pub(super) struct ArrivedPages {
    pub(super) pages: Vec<Page>,
    /// Error after these pages, which ends the stream.
    pub(super) failure: Option<Error>,
}

/// Walks the list of a window from its checkpoint to its end, without the rows that the purpose ignores.
pub(super) fn pages_of<'a>(
    context: &'a RunContext<'_>,
    window: &OpenWindow,
) -> impl Stream<Item = ArrivedPages> + 'a {
    let walk = context.client.pages(window.plan.clone(), window.cursor.clone());
    let chunks = try_unfold(walk, step).try_ready_chunks(PAGES_PER_LOOKUP);
    chunks.map(|arrived| {
        let (mut pages, failure) = match arrived {
            Ok(pages) => (pages, None),
            Err(TryReadyChunksError(pages, error)) => (pages, Some(error.into())),
        };
        pages
            .iter_mut()
            .for_each(|page| context.purpose.select(&mut page.rows));
        ArrivedPages { pages, failure }
    })
}

/// Returns the next page. A closure here would make the future of a run not `Send`.
async fn step(mut walk: Pages) -> source::Result<Option<(Page, Pages)>> {
    Ok(walk.next().await?.map(|page| (page, walk)))
}
