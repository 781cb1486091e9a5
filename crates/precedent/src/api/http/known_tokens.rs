//! Ids of all valid tokens, so that a good token that the brake has not seen yet passes where others fail.
//!
//! An id is random. A caller that guesses tokens cannot name one, and its guesses are told from good tokens without a
//! lookup. The set is read only while an address is limited.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use engine::clock;
use store::Store;
use ticket::TenantId;
use tokio::sync::Mutex;

use super::problem::{Problem, in_time};

/// Time for which the ids are cached.
const KEPT: Duration = Duration::from_secs(10);

/// Tenant and id of each token.
type Ids = HashSet<(TenantId, String)>;

/// Ids of all valid tokens.
pub(crate) struct KnownTokens {
    store: Store,
    /// Time of the last lookup, and its result.
    cache: Mutex<(Option<Instant>, Ids)>,
}

impl KnownTokens {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            cache: Mutex::default(),
        }
    }

    /// Takes an id out of the set, and returns whether it was there. So an id that a caller knows without its secret
    /// costs one lookup until the ids are read again; a good token is known by its digest from then on.
    pub(super) async fn take(&self, tenant: TenantId, id: &str) -> Result<bool, Problem> {
        in_time(async {
            let mut cache = self.cache.lock().await;
            if cache.0.is_none_or(|since| since.elapsed() >= KEPT) {
                let ids = self.store.token_ids(clock::now()).await?;
                *cache = (Some(Instant::now()), ids.into_iter().collect());
            }
            Ok::<_, store::Error>(cache.1.remove(&(tenant, id.to_owned())))
        })
        .await
    }
}
