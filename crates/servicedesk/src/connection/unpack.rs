//! Unpacks a body while it arrives, within bounds.
//!
//! A kilobyte of gzip can unpack to a megabyte, so the length of what arrives says little. A page of tickets unpacks to
//! ten or twenty times its size.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// Maximum ratio of unpacked to packed bytes.
const MOST_RATIO: usize = 100;

/// Unpacked bytes at which the ratio begins to count; a short body may hold little but blanks.
const FREE_BYTES: usize = 1 << 20;

/// Reasons why a body is not read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It is too long, for this reason.
    TooLong(String),
    /// It cannot be unpacked, for this reason.
    Garbled(String),
}

/// A body that is being unpacked.
pub(super) enum Unpacker {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

impl Unpacker {
    /// Prepares to unpack a body as its headers say.
    ///
    /// # Errors
    /// `Garbled` for any encoding but a single gzip, which is the only one that was asked for.
    pub(super) fn new(headers: &HeaderMap, limit_bytes: usize) -> Result<Self, Unreadable> {
        let encodings = headers.get_all(CONTENT_ENCODING).iter();
        let encodings: Vec<_> = encodings
            .map(|value| value.as_bytes().to_ascii_lowercase())
            .collect();
        let bounded = Bounded::new(limit_bytes);
        match encodings.iter().map(Vec::as_slice).collect::<Vec<_>>()[..] {
            [] | [b"" | b"identity"] => Ok(Self::Plain(bounded)),
            [b"gzip" | b"x-gzip"] => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(bounded)))),
            _ => Err(Unreadable::Garbled(
                "an encoding that was not asked for".to_owned(),
            )),
        }
    }

    /// Returns whether the body comes packed.
    pub(super) fn is_packed(&self) -> bool {
        matches!(self, Self::Gzip(_))
    }

    /// Makes room for as many bytes as a plain body announces.
    pub(super) fn expect(&mut self, announced: usize) {
        if let Self::Plain(bounded) = self {
            bounded.bytes.reserve_exact(announced.min(bounded.limit));
        }
    }

    /// Returns the number of unpacked bytes.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Plain(bounded) => bounded.bytes.len(),
            Self::Gzip(decoder) => decoder.get_ref().bytes.len(),
        }
    }

    /// Unpacks the next bytes.
    ///
    /// # Errors
    /// `TooLong` beyond the limit or the ratio, and `Garbled` for bytes that are not gzip.
    pub(super) fn write(&mut self, packed: &[u8]) -> Result<(), Unreadable> {
        let written = match self {
            Self::Plain(bounded) => bounded.write_all(packed),
            Self::Gzip(decoder) => {
                let bounded = decoder.get_mut();
                bounded.packed += packed.len();
                bounded.allowed = bounded.packed.saturating_mul(MOST_RATIO).max(FREE_BYTES);
                decoder.write_all(packed)
            }
        };
        written.map_err(|error| self.reason(&error))
    }

    /// Returns the whole body.
    ///
    /// # Errors
    /// `Garbled` if the gzip is cut off or its checksum is wrong.
    pub(super) fn finish(self) -> Result<Vec<u8>, Unreadable> {
        let bounded = match self {
            Self::Plain(bounded) => bounded,
            Self::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                let bounded = std::mem::replace(decoder.get_mut(), Bounded::new(0));
                finished.map_err(|error| bounded.reason(&error))?;
                bounded
            }
        };
        Ok(bounded.bytes)
    }

    fn reason(&self, error: &io::Error) -> Unreadable {
        match self {
            Self::Plain(bounded) => bounded.reason(error),
            Self::Gzip(decoder) => decoder.get_ref().reason(error),
        }
    }
}

/// Unpacked bytes, up to a limit.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    /// Number of packed bytes so far.
    packed: usize,
    /// Maximum unpacked bytes for so many packed ones.
    allowed: usize,
    exceeded: Option<String>,
}

impl Bounded {
    fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            packed: 0,
            allowed: usize::MAX,
            exceeded: None,
        }
    }

    fn reason(&self, error: &io::Error) -> Unreadable {
        match &self.exceeded {
            Some(reason) => Unreadable::TooLong(reason.clone()),
            None => Unreadable::Garbled(format!("gzip that cannot be unpacked: {error}")),
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.bytes.len() + bytes.len();
        if length > self.limit {
            self.exceeded = Some(format!("is longer than {} bytes", self.limit));
        } else if length > self.allowed {
            self.exceeded = Some(format!("unpacks to more than {MOST_RATIO} times its size"));
        }
        if self.exceeded.is_some() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use reqwest::header::HeaderValue;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("finished")
    }

    fn unpacked(encodings: &[&'static str], body: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let value = |encoding: &&'static str| (CONTENT_ENCODING, HeaderValue::from_static(encoding));
        let mut headers = HeaderMap::new();
        for (name, value) in encodings.iter().map(value) {
            headers.append(name, value);
        }
        let mut unpacker = Unpacker::new(&headers, 4 << 20)?;
        for piece in body.chunks(1_000) {
            unpacker.write(piece)?;
        }
        unpacker.finish()
    }

    #[test]
    fn ordinary_bodies_are_unpacked() {
        let body = b"{\"requests\": []}".repeat(1_000);
        assert_eq!(unpacked(&[], &body).expect("plain"), body);
        assert_eq!(unpacked(&["identity"], &body).expect("plain"), body);
        assert_eq!(unpacked(&["GZIP"], &packed(&body)).expect("gzip"), body);
        let in_two = [packed(&body), packed(&body)].concat();
        assert_eq!(unpacked(&["gzip"], &in_two).expect("gzip"), body.repeat(2));
        let blanks = vec![b' '; FREE_BYTES];
        assert_eq!(unpacked(&["gzip"], &packed(&blanks)).expect("short"), blanks);
    }

    #[test]
    fn bombs_and_other_encodings_are_refused() {
        let too_long = |encodings, body: &[u8], words: &str| match unpacked(encodings, body) {
            Err(Unreadable::TooLong(reason)) => assert!(reason.contains(words), "{reason}"),
            other => panic!("{other:?}"),
        };
        too_long(&[], &vec![b' '; (4 << 20) + 1], "longer than 4194304 bytes");
        let blanks = vec![b' '; FREE_BYTES + 1];
        too_long(&["gzip"], &packed(&blanks), "more than 100 times");
        let garbled = |encodings: &[&'static str], body: &[u8]| {
            assert!(matches!(unpacked(encodings, body), Err(Unreadable::Garbled(_))));
        };
        let body = packed(b"{}");
        for encodings in [&["gzip, gzip"][..], &["gzip", "gzip"], &["br"], &["gzip, br"]] {
            garbled(encodings, &packed(&body));
        }
        garbled(&["gzip"], &body[..body.len() - 1]);
        garbled(&["gzip"], b"{\"requests\": []}");
    }
}
