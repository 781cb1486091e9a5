//! Statements on API tokens.

macro_rules! tokens {
    ($connection:ty) => {
        pub(super) async fn add_token(connection: &mut $connection, token: &ApiToken) -> Result<()> {
            sqlx::query(
                "insert into api_tokens
                     (tenant_id, token_id, name, secret_digest, scopes, created_at, expires_at, revoked_at)
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
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// The tenant's tokens, or the one with this id.
        pub(super) async fn tokens(
            connection: &mut $connection,
            tenant: &TenantId,
            id: Option<&str>,
        ) -> Result<Vec<ApiToken>> {
            let rows: Vec<TokenRow> = sqlx::query_as(
                "select * from api_tokens where tenant_id = $1 and ($2 = '' or token_id = $2)
                 order by created_at, token_id",
            )
            .bind(tenant.as_str())
            .bind(id.unwrap_or_default())
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows.into_iter().map(|row| row.into_token(tenant)).collect())
        }

        pub(super) async fn revoke_token(
            connection: &mut $connection,
            tenant: &TenantId,
            id: &str,
            now: DateTime<Utc>,
        ) -> Result<bool> {
            let revoked: Option<(String,)> = sqlx::query_as(
                "update api_tokens set revoked_at = coalesce(revoked_at, $3)
                 where tenant_id = $1 and token_id = $2
                 returning token_id",
            )
            .bind(tenant.as_str())
            .bind(id)
            .bind(now)
            .fetch_optional(&mut *connection)
            .await?;
            Ok(revoked.is_some())
        }
    };
}

pub(crate) use tokens;
