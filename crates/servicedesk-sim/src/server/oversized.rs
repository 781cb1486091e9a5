//! Oversized bodies, which are made while they are sent because they are too long to keep.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::Response;
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures::{StreamExt, stream};

use crate::exchange::plan::OversizedBody;

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
        OversizedBody::Bomb { mebibytes } => bomb(mebibytes).boxed(),
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

/// Makes blanks in gzip. They are compressed once, up to a full flush, and the block is repeated.
fn bomb(mebibytes: u64) -> impl stream::Stream<Item = Bytes> + Send {
    let blanks = vec![b' '; MEBIBYTE];
    let mut packed = Vec::with_capacity(MEBIBYTE);
    let mut compressor = Compress::new(Compression::best(), false);
    // The buffer has room for the whole output, so this cannot fail.
    let packed = match compressor.compress_vec(&blanks, &mut packed, FlushCompress::Full) {
        Ok(_) => Bytes::from(packed),
        Err(_) => Bytes::new(),
    };
    let (mut one, mut all) = (Crc::new(), Crc::new());
    one.update(&blanks);
    (0..mebibytes).for_each(|_| all.combine(&one));
    let mut end = LAST_BLOCK.to_vec();
    end.extend(all.sum().to_le_bytes());
    end.extend(all.amount().to_le_bytes());
    let head = std::iter::once(Bytes::from_static(&GZIP));
    let blocks = (0..mebibytes).map(move |_| packed.clone());
    stream::iter(head.chain(blocks).chain([Bytes::from(end)]))
}
