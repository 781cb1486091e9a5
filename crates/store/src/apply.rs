//! The main path of an import: one transaction stores a batch's tickets, rejections, withdrawals, checkpoint and counts.

pub(crate) mod batch_tickets;
pub(crate) mod conflict;

use ticket::TenantId;

use crate::connection::Connection;
use crate::database::Database;
use crate::retry::Retries;
use crate::scope::Scope;
use crate::{
    Applied, Batch, Error, Result, Store, checkpoints, postgres, rejections, sightings, sqlite, withdrawals,
};

impl Store {
    /// Encodes the batch's tickets ahead of [`Store::apply`], so that it happens while another batch is stored. The
    /// tickets must not change afterwards.
    pub fn prepare(&self, tenant: &TenantId, batch: &mut Batch) {
        match &*self.database {
            Database::Postgres(_) => postgres::write::prepare(tenant, batch),
            // Values of a row are bound when it is stored.
            Database::Sqlite(_) => {}
        }
    }

    /// Stores tickets, rejections, withdrawals, checkpoint and counts in one transaction. A batch without any of them is
    /// only counted.
    ///
    /// A row that the database refuses (U+0000, a value too long) joins the rejections; the rest is stored without it. A
    /// stored ticket that is newer at its source than the incoming one stays. A ticket that is older than the tenant keeps
    /// is not stored and counts as skipped. Fails with `QuotaFull` and stores nothing if the tickets exceed the tenant's
    /// quota.
    pub async fn apply(&self, tenant: &TenantId, batch: &Batch) -> Result<Applied> {
        if let Some(applied) = batch.without_effect() {
            return Ok(applied);
        }
        let mut retries = Retries::new();
        let (mut unconfirmed, mut counted) = (None, false);
        loop {
            match self.try_apply(tenant, batch, &mut unconfirmed).await {
                // The known size may be too high.
                Err(Error::QuotaFull { .. }) if !std::mem::replace(&mut counted, true) => {
                    self.usage(tenant, batch.now, 0).await?;
                }
                Err(error) if retries.again(&error).await => {}
                result => return result,
            }
        }
    }

    /// Makes one attempt. `unconfirmed` is the result of an attempt whose commit was not confirmed, because the connection
    /// broke: the stored checkpoint shows whether it was committed.
    async fn try_apply(
        &self,
        tenant: &TenantId,
        batch: &Batch,
        unconfirmed: &mut Option<Applied>,
    ) -> Result<Applied> {
        let mut transaction = self.begin(Scope::Batch(tenant)).await?;
        if let (Some(applied), Some(checkpoint)) = (&*unconfirmed, &batch.checkpoint)
            && checkpoints::is_stored(&mut transaction, tenant, checkpoint).await?
        {
            // The batch is stored; this transaction has only raised the revision.
            transaction.rollback().await?;
            return Ok(applied.clone());
        }
        let applied = store_batch(&mut transaction, tenant, batch).await;
        if let Ok(applied) = &applied {
            *unconfirmed = Some(applied.clone());
        }
        transaction.end(applied).await
    }
}

async fn store_batch(connection: &mut Connection, tenant: &TenantId, batch: &Batch) -> Result<Applied> {
    let written = match connection {
        Connection::Postgres(connection) => postgres::write::store_tickets(connection, tenant, batch).await?,
        Connection::Sqlite(_) => sqlite::write::store_tickets(connection, tenant, batch).await?,
    };
    let mut applied = Applied {
        counts: written.counts,
        rejections: written.refused,
        withdrawn: 0,
    };
    applied.counts += batch.counted;
    let mut limits = written.limits;
    let rejected = rejections::store(connection, tenant, batch, &applied.rejections, &mut limits).await?;
    applied.counts.rejected += rejected.count;
    limits
        .add(connection, tenant, written.bytes, rejected.bytes)
        .await?;
    applied.withdrawn = withdrawals::store(connection, tenant, batch, written.revision).await?;
    if !batch.seen.is_empty() {
        sightings::store(connection, tenant, &batch.seen, batch.now).await?;
    }
    if let Some(checkpoint) = &batch.checkpoint {
        checkpoints::store(connection, tenant, checkpoint, &applied.counts, applied.withdrawn).await?;
    }
    Ok(applied)
}
