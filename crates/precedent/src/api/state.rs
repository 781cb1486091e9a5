//! State that all requests share.

use std::sync::Arc;

use engine::webhook::Intake;
use search::Indexes;
use store::Store;

use super::http::body_pool::BodyPool;
use super::http::brake::Brake;
use super::http::known_tokens::KnownTokens;
use super::http::rate_limit::RateLimit;
use super::http::webhook_cache::WebhookCache;
use crate::setup::Metrics;

/// Maximum size of a body, in bytes: more than any ticket has.
pub(crate) const BODY_BYTES: usize = 2 << 20;

/// State that all requests share.
pub(crate) struct Api {
    pub(crate) store: Store,
    pub(crate) indexes: Arc<Indexes>,
    pub(super) rate_limit: RateLimit,
    pub(super) brake: Brake,
    pub(super) known_tokens: KnownTokens,
    pub(super) webhooks: WebhookCache,
    /// Bodies of callers with a token.
    pub(super) bodies: BodyPool,
    /// Bodies of events, most of which have to be read before their sender is known.
    pub(super) events: BodyPool,
    pub(super) intake: Intake,
    pub(crate) metrics: Arc<Metrics>,
}

impl Api {
    /// `requests_per_minute` is for each token; 0 means no limit.
    pub(crate) fn new(
        store: Store,
        indexes: Indexes,
        webhooks: WebhookCache,
        metrics: Arc<Metrics>,
        requests_per_minute: u32,
    ) -> Self {
        Self {
            intake: Intake::new(&store),
            brake: Brake::new(metrics.clone()),
            known_tokens: KnownTokens::new(store.clone()),
            webhooks,
            bodies: BodyPool::new(metrics.clone()),
            events: BodyPool::new(metrics.clone()),
            metrics,
            store,
            indexes: Arc::new(indexes),
            rate_limit: RateLimit::new(requests_per_minute),
        }
    }
}
