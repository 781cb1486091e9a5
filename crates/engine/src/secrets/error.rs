//! Errors of sealing, opening and reading secrets.

use ticket::TenantId;

/// Error of sealing, opening or reading a secret. No message contains a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is not a master key.
    #[error("the master key is not base64 of 32 bytes")]
    MasterKeyForm,
    /// Another master key sealed the envelope.
    #[error(
        "the {column} of tenant {tenant} were sealed with master key {sealed_with}, the one in use is {in_use}"
    )]
    OtherMasterKey {
        /// Tenant of the envelope.
        tenant: TenantId,
        /// Column of the envelope.
        column: &'static str,
        /// Digest of the key that sealed it.
        sealed_with: String,
        /// Digest of the key in use.
        in_use: String,
    },
    /// An earlier version sealed the envelope without the settings that its use depends on.
    #[error(
        "the {column} of tenant {tenant} cannot be opened: an earlier version sealed them without the settings"
    )]
    SealedWithoutUse {
        /// Tenant of the envelope.
        tenant: TenantId,
        /// Column of the envelope.
        column: &'static str,
    },
    /// The envelope is damaged, or was sealed for another place or with other settings.
    #[error(
        "the {column} of tenant {tenant} cannot be opened: damaged, or sealed for other settings or another tenant"
    )]
    Damaged {
        /// Tenant of the envelope.
        tenant: TenantId,
        /// Column of the envelope.
        column: &'static str,
    },
    /// The secret is longer than 64 GiB.
    #[error("the secret is too long to be sealed")]
    TooLong,
    /// Credentials have no known form; the text names keys, never values.
    #[error("the credentials {0}")]
    CredentialsForm(String),
    /// Credentials are those of another edition.
    #[error("the credentials do not fit the edition: it takes {takes}")]
    CredentialsOfOtherEdition {
        /// Keys that the edition takes.
        takes: &'static str,
    },
}
