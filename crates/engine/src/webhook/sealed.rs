//! The sealed secrets of a webhook. Each envelope opens for this tenant, this webhook and this use only.

use secrecy::SecretString;
use store::Webhook;
use ticket::TenantId;

use crate::Result;
use crate::secrets::{Place, Vault};

/// The two secrets of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookSecret {
    /// Authenticates change notifications; it travels in a header.
    Notification,
    /// Signs resolved tickets; it never travels.
    Signing,
}

impl WebhookSecret {
    /// Returns the name of the column that seals it.
    pub fn column(self) -> &'static str {
        match self {
            Self::Notification => "webhook_secret",
            Self::Signing => "webhook_signing_secret",
        }
    }

    /// Returns the envelope of a webhook's secret; `None` without one.
    pub fn envelope(self, webhook: &Webhook) -> Option<&str> {
        match self {
            Self::Notification => Some(&webhook.secret),
            Self::Signing => webhook.signing_secret.as_deref(),
        }
    }

    /// Seals the secret of the tenant's webhook with this id.
    ///
    /// # Errors
    /// `Secret` if it is too long.
    pub fn seal(self, vault: &Vault, tenant: &TenantId, id: &str, secret: &SecretString) -> Result<String> {
        Ok(vault.seal(&self.place(tenant, id), secret)?)
    }

    /// Opens the secret of a webhook; `None` without one.
    ///
    /// # Errors
    /// `Secret` for an envelope that does not open.
    pub fn open(self, vault: &Vault, webhook: &Webhook) -> Result<Option<SecretString>> {
        let place = self.place(&webhook.tenant, &webhook.id);
        let opened = self.envelope(webhook).map(|sealed| vault.open(&place, sealed));
        Ok(opened.transpose()?)
    }

    /// Returns the envelope of a webhook's secret, wrapped with the current master key; `None` without one.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn rewrap(self, vault: &Vault, webhook: &Webhook) -> Result<Option<String>> {
        let place = self.place(&webhook.tenant, &webhook.id);
        let wrapped = self.envelope(webhook).map(|sealed| vault.rewrap(&place, sealed));
        Ok(wrapped.transpose()?)
    }

    /// Returns the place of the envelope. The webhook's id is a part of its address.
    fn place<'a>(self, tenant: &'a TenantId, id: &'a str) -> Place<'a> {
        Place::new(tenant, self.column(), vec![Some(id)])
    }
}
