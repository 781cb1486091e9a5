//! Sends a reply, whole or broken.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures::{StreamExt, stream};

use crate::exchange::reply::Reply;

/// Makes the HTTP response of a reply, with the body that `body` makes of the text.
pub(super) fn send(reply: Reply, body: impl FnOnce(String) -> Body) -> Response {
    let length = reply.body.len();
    let mut response = Response::builder()
        .status(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(header::CONTENT_TYPE, reply.content_type);
    if let Some(retry_after) = reply.retry_after {
        response = response.header(header::RETRY_AFTER, retry_after);
    }
    if let Some(location) = reply.location {
        response = response.header(header::LOCATION, location);
    }
    let body = body(reply.body);
    if body.size_hint().exact().is_none() {
        response = response.header(header::CONTENT_LENGTH, length);
    }
    response.body(body).unwrap_or_default()
}

fn first_half(body: &str) -> &str {
    &body[..body.floor_char_boundary(body.len() / 2)]
}

/// Sends the first half as if it were all.
pub(super) fn truncated(body: String) -> Body {
    Body::from(first_half(&body).to_owned())
}

/// Sends the whole body in pieces.
pub(super) fn dripping(body: String) -> Body {
    let piece = body.len().div_ceil(20).max(1);
    let pieces = body.as_bytes().chunks(piece).map(Bytes::copy_from_slice);
    let pieces: Vec<_> = pieces.collect();
    Body::from_stream(stream::iter(pieces).then(async |piece| {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok::<_, std::io::Error>(piece)
    }))
}

/// Promises the whole body, sends half of it, then fails, which closes the connection. The pause lets the half leave
/// first: an immediate failure would take the head of the response with it.
pub(super) fn cut_off(body: String) -> Body {
    let half = Bytes::from(first_half(&body).to_owned());
    let failure = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::other("cut off on purpose"))
    };
    Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(failure)))
}
