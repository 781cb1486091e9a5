//! The headers of a request that hold its credentials.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::{Error, Result};

/// The headers of a request that hold its credentials.
#[derive(Clone)]
pub(in crate::connection) struct Token {
    pub(in crate::connection) headers: HeaderMap,
    /// Whether a new token may help if the server refuses this one.
    pub(in crate::connection) renewable: bool,
    pub(super) expires_at: Option<Instant>,
    accepted: Arc<AtomicBool>,
}

impl Token {
    /// Makes a token of one header that never expires.
    pub(super) fn fixed(name: &'static str, secret: &str) -> Result<Self> {
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), header_value(secret, true)?)]);
        Ok(Self {
            headers,
            renewable: false,
            expires_at: None,
            accepted: Arc::default(),
        })
    }

    /// Notes that the server answered a request with this token.
    pub(in crate::connection) fn mark_accepted(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }

    /// Returns whether the server ever answered a request with this token: a refusal then means that it expired.
    pub(in crate::connection) fn was_accepted(&self) -> bool {
        self.accepted.load(Ordering::Relaxed)
    }
}

pub(super) fn header_value(text: &str, sensitive: bool) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text.trim()).map_err(|_| {
        Error::Settings("the credentials hold characters that no header can carry".to_owned())
    })?;
    value.set_sensitive(sensitive);
    Ok(value)
}
