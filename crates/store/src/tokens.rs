//! Tokens of the HTTP interface: `api_tokens`.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::{ApiToken, Error, Result, Store};

#[derive(sqlx::FromRow)]
struct TokenRow {
    token_id: String,
    name: String,
    secret_digest: Vec<u8>,
    scopes: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TokenRow {
    fn into_token(self, tenant: &TenantId) -> ApiToken {
        ApiToken {
            tenant: tenant.clone(),
            id: self.token_id,
            name: self.name,
            secret_digest: self.secret_digest,
            scopes: self.scopes,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        }
    }
}

impl Store {
    /// Adds a token; a token that is added again is stored once.
    pub async fn add_token(&self, token: &ApiToken) -> Result<()> {
        self.transact(Scope::Tenant(&token.tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "insert into api_tokens
                             (tenant_id, token_id, name, secret_digest, scopes, created_at, expires_at,
                                 revoked_at)
                         values ($1, $2, $3, $4, $5, $6, $7, $8)
                         on conflict do nothing",
                    )
                    .bind(token.tenant.as_str())
                    .bind(&token.id)
                    .bind(&token.name)
                    .bind(&token.secret_digest)
                    .bind(&token.scopes)
                    .bind(token.created_at)
                    .bind(token.expires_at)
                    .bind(token.revoked_at)
                    .execute()
                    .await
            })
        })
        .await
    }

    /// Returns the tenant's tokens, or the one with this id, oldest first; revoked and expired ones included.
    pub async fn tokens(&self, tenant: &TenantId, id: Option<&str>) -> Result<Vec<ApiToken>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<TokenRow> = connection
                    .query(
                        "select * from api_tokens where tenant_id = $1 and ($2 = '' or token_id = $2)
                         order by created_at, token_id",
                    )
                    .bind(tenant.as_str())
                    .bind(id.unwrap_or_default())
                    .fetch_all()
                    .await?;
                Ok(rows.into_iter().map(|row| row.into_token(tenant)).collect())
            })
        })
        .await
    }

    /// Returns tenant and id of each token of all tenants that is neither expired nor revoked.
    pub async fn token_ids(&self, now: DateTime<Utc>) -> Result<Vec<(TenantId, String)>> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                let rows: Vec<(String, String)> = connection
                    .query(
                        "select tenant_id, token_id from api_tokens
                         where revoked_at is null and expires_at > $1",
                    )
                    .bind(now)
                    .fetch_all()
                    .await?;
                let parse = |(tenant, id): (String, String)| {
                    let tenant = tenant.parse().map_err(|_| Error::Corrupt {
                        column: "api_tokens.tenant_id",
                    })?;
                    Ok((tenant, id))
                };
                rows.into_iter().map(parse).collect()
            })
        })
        .await
    }

    /// Revokes a token; returns whether there is one of this id.
    pub async fn revoke_token(&self, tenant: &TenantId, id: &str, now: DateTime<Utc>) -> Result<bool> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "update api_tokens set revoked_at = coalesce(revoked_at, $3)
                         where tenant_id = $1 and token_id = $2
                         returning token_id",
                    )
                    .bind(tenant.as_str())
                    .bind(id)
                    .bind(now)
                    .has_row()
                    .await
            })
        })
        .await
    }
}
