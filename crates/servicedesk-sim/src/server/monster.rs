//! Bodies that are made while they are sent, since they are too long to keep.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::Response;
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures::{StreamExt, stream};

use crate::hook::Monster;

/// Rows that are sent at once.
const ROWS: u64 = 10_000;
const ROW: &str = "{\"id\":1},";
const HEAD: &str = "{\"response_status\":[{\"status_code\":2000,\"status\":\"success\"}],\
    \"list_info\":{\"has_more_rows\":true},\"requests\":[";
const MEBIBYTE: usize = 1 << 20;
/// Head of a gzip file without a name and a time, and the block that ends it.
const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Two of these are far apart enough for any time limit between two bytes.
const PAUSE: Duration = Duration::from_millis(100);

/// The answer; it ends at the latest when the server stops.
pub(super) fn response(monster: Monster, stopped: impl Future<Output = ()> + Send + 'static) -> Response {
    let pieces = match monster {
        Monster::Flood { rows } => flood(rows).boxed(),
        Monster::Drip => stream::once(async { Bytes::from_static(HEAD.as_bytes()) })
            .chain(stream::repeat(Bytes::from_static(b" ")).then(async |blank| {
                tokio::time::sleep(PAUSE).await;
                blank
            }))
            .boxed(),
        Monster::Bomb { mebibytes } => bomb(mebibytes).boxed(),
    };
    let pieces = pieces.take_until(stopped).map(Ok::<_, std::io::Error>);
    let mut response = Response::builder().header(header::CONTENT_TYPE, "application/json;charset=UTF-8");
    if matches!(monster, Monster::Bomb { .. }) {
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
        // Without an end, it must not keep a thread to itself.
        tokio::task::yield_now().await;
        piece
    })
}

/// Blanks in gzip. They are packed once, up to a place where the packer starts anew, and sent again and again.
fn bomb(mebibytes: u64) -> impl stream::Stream<Item = Bytes> + Send {
    let blanks = vec![b' '; MEBIBYTE];
    let mut packed = Vec::with_capacity(MEBIBYTE);
    let mut packer = Compress::new(Compression::best(), false);
    // There is room for all of it, so that it cannot fail.
    let packed = match packer.compress_vec(&blanks, &mut packed, FlushCompress::Full) {
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
