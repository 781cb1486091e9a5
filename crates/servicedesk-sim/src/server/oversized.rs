//! Oversized bodies, which are made while they are sent because they are too long to keep.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::Response;
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures::{StreamExt, stream};

use crate::exchange::plan::{BombContent, OversizedBody};

/// Number of rows per piece.
const ROWS: u64 = 10_000;
const ROW: &str = "{\"id\":1},";
const HEAD: &str = "{\"response_status\":[{\"status_code\":2000,\"status\":\"success\"}],\
    \"list_info\":{\"has_more_rows\":true},\"requests\":[";
const MEBIBYTE: usize = 1 << 20;
/// Head of a gzip file without name and time.
const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// Block that ends a gzip file.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Pause between two bytes of a drip, shorter than any time limit between two bytes.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes the response, which ends at the latest when the server stops.
pub(super) fn response(body: OversizedBody, stopped: impl Future<Output = ()> + Send + 'static) -> Response {
    let pieces = match body {
        OversizedBody::Flood { rows } => flood(rows).boxed(),
        OversizedBody::Drip => stream::once(async { Bytes::from_static(HEAD.as_bytes()) })
            .chain(stream::repeat(Bytes::from_static(b" ")).then(async |blank| {
                tokio::time::sleep(PAUSE).await;
                blank
            }))
            .boxed(),
        OversizedBody::Bomb { mebibytes, of } => bomb(mebibytes, of).boxed(),
    };
    let pieces = pieces.take_until(stopped).map(Ok::<_, std::io::Error>);
    let mut response = Response::builder().header(header::CONTENT_TYPE, "application/json;charset=UTF-8");
    if matches!(body, OversizedBody::Bomb { .. }) {
        response = response.header(header::CONTENT_ENCODING, "gzip");
    }
    response.body(Body::from_stream(pieces)).unwrap_or_default()
}

fn flood(rows: u64) -> impl stream::Stream<Item = Bytes> + Send {
    let whole = Bytes::from(ROW.repeat(ROWS as usize));
    let full = (0..rows / ROWS).map(move |_| whole.clone());
    let rest = Bytes::from(ROW.repeat((rows % ROWS) as usize));
    let head = std::iter::once(Bytes::from_static(HEAD.as_bytes()));
    let end = [rest, Bytes::from_static(b"{\"id\":1}]}")];
    stream::iter(head.chain(full).chain(end)).then(async |piece| {
        // An endless body must not block a thread.
        tokio::task::yield_now().await;
        piece
    })
}

/// Makes a bomb. A mebibyte is compressed once, up to a full flush, and the block is repeated.
fn bomb(mebibytes: u64, of: BombContent) -> impl stream::Stream<Item = Bytes> + Send {
    let (start, repeated, end) = match of {
        BombContent::Blanks => ("", " ".repeat(MEBIBYTE), ""),
        BombContent::Rows => (HEAD, ROW.repeat(MEBIBYTE / ROW.len()), "{\"id\":1}]}"),
    };
    let (start, repeated, end) = (
        packed(start.as_bytes()),
        packed(repeated.as_bytes()),
        packed(end.as_bytes()),
    );
    let mut sum = start.1;
    (0..mebibytes).for_each(|_| sum.combine(&repeated.1));
    sum.combine(&end.1);
    let mut tail = LAST_BLOCK.to_vec();
    tail.extend(sum.sum().to_le_bytes());
    tail.extend(sum.amount().to_le_bytes());
    let head = [Bytes::from_static(&GZIP), start.0];
    let blocks = (0..mebibytes).map(move |_| repeated.0.clone());
    stream::iter(head.into_iter().chain(blocks).chain([end.0, Bytes::from(tail)]))
}

/// Returns deflated blocks up to a full flush, and the checksum of their content.
fn packed(content: &[u8]) -> (Bytes, Crc) {
    // Empty content needs a few bytes, too.
    let mut packed = Vec::with_capacity(content.len() + 64);
    let mut compressor = Compress::new(Compression::best(), false);
    // The buffer has room for the whole output, so this cannot fail.
    let packed = match compressor.compress_vec(content, &mut packed, FlushCompress::Full) {
        Ok(_) => Bytes::from(packed),
        Err(_) => Bytes::new(),
    };
    let mut sum = Crc::new();
    sum.update(content);
    (packed, sum)
}
