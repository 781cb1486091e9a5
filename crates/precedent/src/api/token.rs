//! API tokens. Each has a tenant, scopes and an expiry time.
//!
//! The format is `precedent~<tenant>~<id>~<secret>`. Tenant and id find the row of the token. The secret is 32 random
//! bytes, of which the row stores the SHA-256. A slow password hash would add nothing, because random bytes cannot be
//! guessed.

use std::str::FromStr;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Generate, Key};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use store::{ApiToken, Store};
use subtle::ConstantTimeEq;
use ticket::TenantId;
use uuid::Uuid;

/// Prefix by which secret scanners find leaked tokens.
const PREFIX: &str = "precedent";

/// Separator, which no part contains.
const SEPARATOR: char = '~';

/// Scope of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scope {
    /// Search for similar tickets
    Search,
    /// Read single tickets
    Tickets,
}

impl Scope {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Tickets => "tickets",
        }
    }
}

/// Authenticated caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) tenant: TenantId,
    pub(crate) token_id: String,
    scopes: String,
}

impl Caller {
    /// Returns the caller of a valid token.
    pub(crate) fn of(token: ApiToken) -> Self {
        Self {
            tenant: token.tenant,
            token_id: token.id,
            scopes: token.scopes,
        }
    }

    /// Checks that the token has a scope.
    ///
    /// # Errors
    /// The scope's name, if the token lacks it.
    pub(crate) fn may(&self, scope: Scope) -> Result<(), ScopeMissing> {
        let has = self.scopes.split(' ').any(|name| name == scope.name());
        has.then_some(()).ok_or(ScopeMissing(scope.name()))
    }
}

/// The scope that a token lacks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopeMissing(pub(crate) &'static str);

/// Creates a token. Returns its row and its text, which cannot be recovered later.
pub(crate) fn make(
    tenant: &TenantId,
    name: &str,
    scopes: &[Scope],
    now: DateTime<Utc>,
    lifetime: TimeDelta,
) -> (ApiToken, SecretString) {
    let secret: [u8; 32] = Key::<Aes256Gcm>::generate().into();
    let secret = BASE64_URL_SAFE_NO_PAD.encode(secret);
    let id = Uuid::new_v4().simple().to_string().split_off(20);
    let text = format!("{PREFIX}{SEPARATOR}{tenant}{SEPARATOR}{id}{SEPARATOR}{secret}");
    let scopes: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
    let token = ApiToken {
        tenant: tenant.clone(),
        id,
        name: name.to_owned(),
        secret_digest: Sha256::digest(secret).to_vec(),
        scopes: scopes.join(" "),
        created_at: now,
        expires_at: now + lifetime,
        revoked_at: None,
    };
    (token, text.into())
}

/// Returns whether a text has the form of a token. Other texts need no database lookup.
pub(crate) fn is_token(text: &str) -> bool {
    parts(text).is_some()
}

/// Returns tenant and id of a text that has the form of a token.
pub(crate) fn named(text: &str) -> Option<(TenantId, &str)> {
    parts(text).map(|(tenant, id, _)| (tenant, id))
}

/// Returns the caller of a token; `None` if the token is unknown, revoked or expired.
pub(crate) async fn caller(
    store: &Store,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Option<Caller>, store::Error> {
    let Some((tenant, id, secret)) = parts(text) else {
        return Ok(None);
    };
    let digest = Sha256::digest(secret);
    let known = store.tokens(&tenant, Some(id)).await?.pop();
    let good = known.filter(|token| {
        bool::from(token.secret_digest.ct_eq(&digest)) && token.revoked_at.is_none() && now < token.expires_at
    });
    Ok(good.map(Caller::of))
}

fn parts(text: &str) -> Option<(TenantId, &str, &str)> {
    let mut parts = text.split(SEPARATOR);
    let (PREFIX, Some(tenant), Some(id), Some(secret), None) = (
        parts.next()?,
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return None;
    };
    // An empty id would match every token of the tenant.
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then_some((TenantId::from_str(tenant).ok()?, id, secret))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_round_trips() {
        let tenant: TenantId = "acme.corp-1_x".parse().expect("an id");
        let now = DateTime::UNIX_EPOCH;
        let (token, text) = make(&tenant, "agent", &[Scope::Search], now, TimeDelta::days(1));
        let (found, id, secret) = parts(text.expose_secret()).expect("whole");
        assert_eq!((found, id), (tenant, token.id.as_str()));
        assert_eq!(token.secret_digest, Sha256::digest(secret).to_vec());
        assert!(secret.len() == 43 && !format!("{token:?}").contains(secret));
    }

    #[test]
    fn other_texts_are_not_tokens() {
        for text in [
            "",
            "precedent",
            "precedent~acme~~x",
            "precedent~acme~%~x",
            "precedent~~a~x",
            "precedent~acme~a~x~y",
            "other~acme~a~x",
        ] {
            assert!(parts(text).is_none(), "{text}");
        }
    }
}
