//! The trait's methods for both databases, from one text: each is a transaction of its own, with the tenant set
//! before the first statement, and tried again where that may help.

/// Runs shared statements in a transaction until it holds or is given up.
macro_rules! transact {
    ($store:expr, $scope:expr, |$connection:ident| $statements:expr) => {{
        let mut retries = crate::retry::Retries::new();
        loop {
            let tried = async {
                let mut transaction = $store.begin($scope).await?;
                let result = {
                    let $connection = &mut *transaction;
                    $statements
                };
                transaction.end(result).await
            };
            match tried.await {
                Err(error) if retries.again(&error).await => {}
                result => break result,
            }
        }
    }};
}

/// Whom a transaction may see.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope<'a> {
    Tenant(&'a ticket::TenantId),
    /// The same, to write a batch.
    Batch(&'a ticket::TenantId),
    /// Lists of all tenants, the whole audit log, keys.
    Operator,
}

/// Implements the trait for a database that has `begin`, `guard`, `schema_versions`, `migrate_to` and
/// `find_isolation_gaps` of its own, and beside it `known`, `tickets` and the modules `statements` and `apply`.
macro_rules! delegate {
    ($database:ty) => {
        #[async_trait::async_trait]
        impl crate::Store for $database {
            async fn schema(&self) -> Result<Schema> {
                self.schema_versions().await
            }

            async fn migrate(&self, target: Option<i64>) -> Result<Migrated> {
                self.migrate_to(target).await
            }

            async fn add_tenant(&self, tenant: &Tenant) -> Result<()> {
                transact!(self, Scope::Tenant(&tenant.id), |connection| {
                    statements::add_tenant(connection, tenant, false).await
                })
            }

            async fn adopt_tenant(&self, tenant: &Tenant) -> Result<()> {
                transact!(self, Scope::Tenant(&tenant.id), |connection| {
                    statements::add_tenant(connection, tenant, true).await
                })
            }

            async fn erase_left(&self, tenant: &TenantId, limit: u32) -> Result<u64> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::erase_left(connection, tenant, limit).await
                })
            }

            async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>> {
                transact!(self, Scope::Tenant(id), |connection| statements::tenant(
                    connection, id
                )
                .await)
            }

            async fn tenants(&self) -> Result<Vec<Tenant>> {
                transact!(self, Scope::Operator, |connection| statements::tenants(
                    connection
                )
                .await)
            }

            async fn update_tenant(&self, tenant: &Tenant) -> Result<()> {
                transact!(self, Scope::Tenant(&tenant.id), |connection| {
                    statements::update_tenant(connection, tenant).await
                })
            }

            async fn set_learned(&self, id: &TenantId, news: &News) -> Result<()> {
                transact!(self, Scope::Tenant(id), |connection| {
                    statements::set_learned(connection, id, news).await
                })
            }

            async fn replace_envelope(&self, id: &TenantId, from: &str, to: &str) -> Result<bool> {
                transact!(self, Scope::Tenant(id), |connection| {
                    statements::replace_envelope(connection, id, from, to).await
                })
            }

            async fn remove_tenant(&self, id: &TenantId) -> Result<()> {
                transact!(self, Scope::Tenant(id), |connection| {
                    statements::remove_tenant(connection, id).await
                })
            }

            async fn erase(&self, tenant: &TenantId, epoch: i64, limit: u32) -> Result<u64> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::erase(connection, tenant, epoch, limit).await
                })
            }

            async fn remove_erased(&self, tenant: &TenantId, epoch: i64) -> Result<bool> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::remove_erased(connection, tenant, epoch).await
                })
            }

            async fn expire(
                &self,
                tenant: &TenantId,
                epoch: i64,
                now: DateTime<Utc>,
                limit: u32,
            ) -> Result<Expired> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::expire(connection, tenant, epoch, now, limit).await
                })
            }

            async fn lease(&self, tenant: &TenantId, holder: &str, now: DateTime<Utc>) -> Result<Lease> {
                let mut retries = crate::retry::Retries::new();
                let guard = loop {
                    match self.guard(tenant).await {
                        Err(error) if retries.again(&error).await => {}
                        guard => break guard?,
                    }
                };
                let Some(guard) = guard else {
                    let holder = transact!(self, Scope::Tenant(tenant), |connection| {
                        statements::holder(connection, tenant).await
                    })?;
                    let tenant = tenant.clone();
                    return Err(Error::Held { tenant, holder });
                };
                let epoch = transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::take(connection, tenant, holder, now).await
                })?;
                Ok(Lease { epoch, guard })
            }

            async fn release(&self, tenant: &TenantId, lease: Lease) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::release(connection, tenant, lease.epoch).await
                })?;
                lease.guard.free().await;
                Ok(())
            }

            async fn runs(&self, tenant: &TenantId, after: Option<&Run>, limit: u32) -> Result<Vec<Run>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::runs(connection, tenant, after, limit).await
                })
            }

            async fn unfinished_run(&self, tenant: &TenantId, request: &str) -> Result<Option<Run>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::unfinished_run(connection, tenant, request).await
                })
            }

            async fn start_run(&self, tenant: &TenantId, run: &NewRun, now: DateTime<Utc>) -> Result<Run> {
                let started = transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::start_run(connection, tenant, run, now).await
                })?;
                started.ok_or(Error::UnknownWindow(run.id))
            }

            async fn run(&self, tenant: &TenantId, id: Uuid) -> Result<Option<Run>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::run(connection, tenant, id).await
                })
            }

            async fn set_run_state(
                &self,
                tenant: &TenantId,
                id: Uuid,
                state: RunState,
                error: Option<&str>,
                now: DateTime<Utc>,
            ) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::set_run_state(connection, tenant, id, state, error, now).await
                })
            }

            async fn known(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Known> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    known(connection, tenant, ids).await
                })
            }

            fn prepare(&self, tenant: &TenantId, batch: &mut Batch) {
                apply::prepare(tenant, batch);
            }

            async fn apply(&self, tenant: &TenantId, batch: &Batch) -> Result<Applied> {
                if let Some(applied) = batch.without_effect() {
                    return Ok(applied);
                }
                let mut retries = crate::retry::Retries::new();
                // A connection that breaks while committing leaves open whether it did: the checkpoint tells.
                let mut unconfirmed: Option<Applied> = None;
                loop {
                    let tried = async {
                        let mut transaction = self.begin(Scope::Batch(tenant)).await?;
                        if let (Some(applied), Some(progress)) = (&unconfirmed, &batch.progress)
                            && statements::is_applied(&mut transaction, tenant, progress).await?
                        {
                            // It is stored: what this transaction began with is not wanted.
                            transaction.rollback().await?;
                            return Ok(applied.clone());
                        }
                        let applied = apply::apply(&mut transaction, tenant, batch).await;
                        if let Ok(applied) = &applied {
                            unconfirmed = Some(applied.clone());
                        }
                        transaction.end(applied).await
                    };
                    match tried.await {
                        Err(error) if retries.again(&error).await => {}
                        result => return result,
                    }
                }
            }

            async fn newest_tickets(&self, tenant: &TenantId, limit: u32) -> Result<Vec<Ticket>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::newest_tickets(connection, tenant, limit).await
                })
            }

            async fn rejected(
                &self,
                tenant: &TenantId,
                after: Option<&RejectedTicket>,
                limit: u32,
            ) -> Result<Vec<RejectedTicket>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::rejected(connection, tenant, after, limit).await
                })
            }

            async fn rejected_ticket(&self, tenant: &TenantId, key: &str) -> Result<Option<RejectedTicket>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::rejected_ticket(connection, tenant, key).await
                })
            }

            async fn set_rejection_reason(&self, tenant: &TenantId, key: &str, reason: &str) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::set_rejection_reason(connection, tenant, key, reason).await
                })
            }

            async fn forget_rejected(&self, tenant: &TenantId, key: &str) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::forget_rejected(connection, tenant, key).await
                })
            }

            async fn digests(
                &self,
                tenant: &TenantId,
                from: DateTime<Utc>,
                to: DateTime<Utc>,
                after: &str,
                limit: u32,
            ) -> Result<Vec<StoredDigest>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::digests(connection, tenant, from, to, after, limit).await
                })
            }

            async fn history(&self, tenant: &TenantId) -> Result<History> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::history(connection, tenant).await
                })
            }

            async fn changes(
                &self,
                tenant: &TenantId,
                after: (i64, &str),
                limit: u32,
            ) -> Result<Vec<Change>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::changes(connection, tenant, after, limit).await
                })
            }

            async fn tickets(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    tickets(connection, tenant, ids).await
                })
            }

            async fn excerpts(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    excerpts(connection, tenant, ids).await
                })
            }

            async fn freshness(&self, tenant: &TenantId) -> Result<Freshness> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::freshness(connection, tenant).await
                })
            }

            async fn freshness_of_all(&self) -> Result<Vec<(TenantId, Freshness)>> {
                transact!(self, Scope::Operator, |connection| {
                    statements::freshness_of_all(connection).await
                })
            }

            async fn set_freshness(
                &self,
                tenant: &TenantId,
                epoch: i64,
                freshness: &Freshness,
            ) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::set_freshness(connection, tenant, epoch, freshness).await
                })
            }

            async fn oldest(&self, tenant: &TenantId) -> Result<Option<DateTime<Utc>>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::oldest(connection, tenant).await
                })
            }

            async fn imported_to(&self, tenant: &TenantId) -> Result<Option<DateTime<Utc>>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::imported_to(connection, tenant).await
                })
            }

            async fn unseen(
                &self,
                tenant: &TenantId,
                range: (DateTime<Utc>, DateTime<Utc>),
                since: (DateTime<Utc>, DateTime<Utc>),
                limit: u32,
            ) -> Result<Vec<TicketId>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::unseen(connection, tenant, range, since, limit).await
                })
            }

            async fn note_answer(
                &self,
                tenant: &TenantId,
                id: &TicketId,
                answer: Answer,
                now: DateTime<Utc>,
            ) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::note_answer(connection, tenant, id, answer, now).await
                })
            }

            async fn lost(&self, tenant: &TenantId, since: DateTime<Utc>) -> Result<Vec<(TicketId, Answer)>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::lost(connection, tenant, since).await
                })
            }

            async fn served(&self, tenant: &TenantId, range: (DateTime<Utc>, DateTime<Utc>)) -> Result<u64> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::served(connection, tenant, range).await
                })
            }

            async fn content_digests(
                &self,
                tenant: &TenantId,
                ids: &[TicketId],
            ) -> Result<std::collections::HashMap<TicketId, Option<Vec<u8>>>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    content_digests(connection, tenant, ids).await
                })
            }

            async fn update_pace(&self, tenant: &TenantId, change: crate::PaceChange<'_>) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    let (state, now_ms) = lock_pace(connection, tenant).await?;
                    let state = change(state.as_deref(), now_ms);
                    statements::set_pace(connection, tenant, &state).await
                })
            }

            async fn ask_for(&self, job: &Job) -> Result<()> {
                transact!(self, Scope::Tenant(&job.tenant), |connection| {
                    statements::ask_for(connection, job).await
                })
            }

            async fn put_off_job(&self, job: &Job) -> Result<bool> {
                transact!(self, Scope::Tenant(&job.tenant), |connection| {
                    statements::put_off_job(connection, job).await
                })
            }

            async fn end_job(
                &self,
                tenant: &TenantId,
                kind: JobKind,
                arguments: Option<&str>,
            ) -> Result<bool> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::end_job(connection, tenant, kind, arguments).await
                })
            }

            async fn jobs(&self, tenant: Option<&TenantId>) -> Result<Vec<Job>> {
                let scope = tenant.map_or(Scope::Operator, Scope::Tenant);
                transact!(self, scope, |connection| {
                    statements::jobs(connection, tenant).await
                })
            }

            async fn webhook(&self, tenant: &TenantId) -> Result<Option<Webhook>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::webhook(connection, tenant).await
                })
            }

            async fn set_webhook(&self, webhook: &Webhook) -> Result<()> {
                transact!(self, Scope::Tenant(&webhook.tenant), |connection| {
                    statements::set_webhook(connection, webhook).await
                })
            }

            async fn add_notes(&self, tenant: &TenantId, notes: &[Note]) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::add_notes(connection, tenant, notes).await
                })
            }

            async fn claim_notes(
                &self,
                tenant: &TenantId,
                kind: NoteKind,
                now: DateTime<Utc>,
                until: DateTime<Utc>,
                limit: u32,
            ) -> Result<Vec<Note>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::claim_notes(connection, tenant, kind, now, until, limit).await
                })
            }

            async fn settle_notes(
                &self,
                tenant: &TenantId,
                notes: &[Note],
                now: DateTime<Utc>,
            ) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::settle_notes(connection, tenant, notes, now).await
                })
            }

            async fn postpone_note(&self, tenant: &TenantId, note: &Note) -> Result<()> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::postpone_note(connection, tenant, note).await
                })
            }

            async fn notes(&self, tenant: &TenantId, after: Option<&Note>, limit: u32) -> Result<Vec<Note>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::notes(connection, tenant, after, limit).await
                })
            }

            async fn backlogs(&self) -> Result<Vec<Backlog>> {
                transact!(self, Scope::Operator, |connection| {
                    statements::backlogs(connection).await
                })
            }

            async fn audit(&self, entry: &AuditEntry) -> Result<()> {
                let scope = entry.tenant.as_ref().map_or(Scope::Operator, Scope::Tenant);
                transact!(self, scope, |connection| statements::audit(
                    connection, entry
                )
                .await)
            }

            async fn audit_entries(
                &self,
                tenant: Option<&TenantId>,
                after: Option<&AuditEntry>,
                limit: u32,
            ) -> Result<Vec<AuditEntry>> {
                let scope = tenant.map_or(Scope::Operator, Scope::Tenant);
                transact!(self, scope, |connection| {
                    statements::audit_entries(connection, tenant, after, limit).await
                })
            }

            async fn add_token(&self, token: &ApiToken) -> Result<()> {
                transact!(self, Scope::Tenant(&token.tenant), |connection| {
                    statements::add_token(connection, token).await
                })
            }

            async fn tokens(&self, tenant: &TenantId, id: Option<&str>) -> Result<Vec<ApiToken>> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::tokens(connection, tenant, id).await
                })
            }

            async fn revoke_token(&self, tenant: &TenantId, id: &str, now: DateTime<Utc>) -> Result<bool> {
                transact!(self, Scope::Tenant(tenant), |connection| {
                    statements::revoke_token(connection, tenant, id, now).await
                })
            }

            async fn retire_key(&self, key_id: &str, now: DateTime<Utc>) -> Result<()> {
                transact!(self, Scope::Operator, |connection| {
                    statements::retire_key(connection, key_id, now).await
                })
            }

            async fn is_key_retired(&self, key_id: &str) -> Result<bool> {
                transact!(self, Scope::Operator, |connection| {
                    statements::is_key_retired(connection, key_id).await
                })
            }

            async fn isolation_gaps(&self) -> Result<Vec<String>> {
                self.find_isolation_gaps().await
            }
        }
    };
}

pub(crate) use {delegate, transact};
