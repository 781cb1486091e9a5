//! Reading a body within its limits: size, ratio, room and time.

use std::ops::Deref;
use std::time::Duration;

use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use super::room::{Reserved, Room, SMALL_ANSWER};
use super::unpack::{Unpacker, Unreadable};
use crate::wire::repair;

/// Bytes that are unpacked at a time; they can become a thousand times as many.
const PIECE: usize = 4 << 10;

/// Reasons why there is no body.
#[derive(Debug)]
pub(super) enum BodyError {
    /// The connection broke.
    Broken(reqwest::Error),
    /// The deadline passed.
    Late,
    /// The body is too long, for this reason.
    TooLong(String),
    /// The body cannot be unpacked, for this reason.
    Garbled(String),
}

/// A body and the room that was reserved for it.
pub(super) struct BodyInRoom<'a> {
    pub(super) text: String,
    pub(super) room: Option<Reserved<'a>>,
}

impl From<Unreadable> for BodyError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::TooLong(reason) => Self::TooLong(reason),
            Unreadable::Garbled(reason) => Self::Garbled(reason),
        }
    }
}

/// Reads and unpacks the body, and cleans it of bytes that JSON forbids.
///
/// The limit counts unpacked bytes. The deadline applies to the whole body, without the time for which this waits for
/// room.
pub(super) async fn body<'a>(
    response: &mut Response,
    limit_bytes: usize,
    mut deadline: Instant,
    room: &'a Room,
) -> Result<BodyInRoom<'a>, BodyError> {
    let announced = response.content_length();
    let announced = announced.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
    let mut unpacker = Unpacker::new(response.headers(), limit_bytes)?;
    let mut place = Place {
        room,
        reserved: None,
        // A packed body does not say how long it will be.
        most: match announced {
            1.. if !unpacker.is_packed() => announced.min(limit_bytes),
            _ => limit_bytes,
        },
    };
    deadline += place.take(announced).await;
    unpacker.expect(announced);
    while let Some(chunk) = next_chunk(response, deadline).await? {
        for piece in chunk.chunks(PIECE) {
            unpacker.write(piece)?;
            deadline += place.take(unpacker.length()).await;
        }
    }
    let mut body = unpacker.finish()?;
    // The rows keep the body in memory for a while.
    body.shrink_to_fit();
    if repair::cleaned_length(&body) > limit_bytes {
        return Err(BodyError::TooLong(format!("is longer than {limit_bytes} bytes")));
    }
    Ok(BodyInRoom {
        text: repair::clean(body),
        room: place.reserved,
    })
}

async fn next_chunk(
    response: &mut Response,
    deadline: Instant,
) -> Result<Option<impl Deref<Target = [u8]>>, BodyError> {
    let chunk = timeout_at(deadline, response.chunk()).await;
    chunk.map_err(|_| BodyError::Late)?.map_err(BodyError::Broken)
}

/// The place of one body in the room.
struct Place<'a> {
    room: &'a Room,
    reserved: Option<Reserved<'a>>,
    /// Size in bytes that the whole body can have.
    most: usize,
}

impl Place<'_> {
    /// Reserves room for the whole body once it is known to be large. Returns the time that it waited.
    async fn take(&mut self, size_bytes: usize) -> Duration {
        let asked = Instant::now();
        if self.reserved.is_none() && size_bytes > SMALL_ANSWER {
            self.reserved = Some(self.room.reserve(self.most).await);
        }
        asked.elapsed()
    }
}
