//! Converts settings from the command line to stored settings.

use std::path::PathBuf;

use engine::secrets::Vault;
use engine::source::{Api, Edition};
use engine::{clock, source};
use search::Language;
use secrecy::ExposeSecret;
use store::{LearnedSettings, Tenant};
use ticket::TenantId;

use super::base_url::{Allowed, base_url};
use crate::cli::credentials;
use crate::exit::{ExitCode, Failure};

/// Required settings of a new tenant.
#[derive(Debug, clap::Args)]
pub(crate) struct Required {
    /// Display name
    #[arg(long)]
    name: String,
    /// Product of the helpdesk
    #[arg(long, value_enum)]
    edition: EditionName,
    /// Address of the helpdesk, as in the browser, up to the portal
    #[arg(long)]
    url: String,
}

/// Optional settings.
#[derive(Debug, clap::Args)]
pub(crate) struct Changes {
    /// Cloud: the portal's name in the address; on premises: the number of the instance (PORTALID)
    #[arg(long)]
    portal: Option<String>,
    /// Cloud: address that issues access tokens [default: the one of the helpdesk's data centre]
    #[arg(long, value_name = "URL")]
    accounts_url: Option<String>,
    /// Form of the requests
    #[arg(long, value_enum)]
    api: Option<ApiName>,
    /// Maximum number of requests in any 60 seconds; 0 means no limit [default: 100]
    #[arg(long, value_name = "N")]
    requests_per_minute: Option<u32>,
    /// PEM file with certificates to trust in addition to the system's
    #[arg(long, value_name = "FILE")]
    ca_certificate: Option<PathBuf>,
    /// Accept any certificate, which lets an attacker on the network read the credentials; warns on every run
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    insecure: Option<bool>,
    /// Search the notes of tickets without a resolution for one; takes at least two requests per ticket
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    resolution_from_notes: Option<bool>,
    /// Store the HTML of description and resolution in addition to the plain text
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    keep_html: Option<bool>,
    /// Expire tickets this many days after their resolution; 0 keeps them forever [default: 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=36_500))]
    keep_days: Option<u32>,
    /// Maximum size of the stored tickets in MiB, above which runs fail; 0 means no limit [default: 20480]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(..=1 << 30))]
    max_stored_mib: Option<u32>,
    /// Maximum size of the raw forms of rejected tickets in MiB, above which they are not kept; 0 means no limit
    /// [default: 1024]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(..=1 << 30))]
    max_rejected_mib: Option<u32>,
    /// Language of the tickets, such as english or de; `simple` for mixed or unsupported languages
    /// [default: english]
    #[arg(long)]
    language: Option<Language>,
    /// Accept http:// for hosts other than this machine, which sends credentials unencrypted
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_http: Option<bool>,
    /// Accept a helpdesk on this machine, such as a simulated one
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_loopback: Option<bool>,
    #[command(flatten)]
    credentials: credentials::Source,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum EditionName {
    Cloud,
    #[value(alias = "on_premises")]
    OnPremises,
    Msp,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum ApiName {
    V3,
    Story,
}

impl EditionName {
    /// Returns the value of the column.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::OnPremises => "on_premises",
            Self::Msp => "msp",
        }
    }
}

impl ApiName {
    fn column(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::Story => "story",
        }
    }
}

impl Changes {
    pub(crate) fn new_tenant(
        self,
        id: TenantId,
        required: Required,
        vault: &Vault,
    ) -> anyhow::Result<Tenant> {
        let now = clock::now();
        let mut tenant = Tenant {
            id,
            name: required.name,
            edition: required.edition.column().to_owned(),
            api: ApiName::V3.column().to_owned(),
            base_url: String::new(),
            portal: None,
            accounts_url: None,
            credentials: String::new(),
            ca_certificate: None,
            insecure: false,
            allow_http: false,
            allow_loopback: false,
            requests_per_minute: 100,
            resolution_from_notes: false,
            keep_html: false,
            keep_days: None,
            quota: store::Quota::default(),
            usage: store::Usage::default(),
            language: Language::ENGLISH.to_string(),
            learned: LearnedSettings::default(),
            created_at: now,
            updated_at: now,
        };
        self.plain(&mut tenant, Some(&required.url))?;
        let (edition, api) = source::edition_and_api(&tenant)?;
        let secret = self.credentials.read_or_prompt(edition, api)?;
        source::fits_edition(&source::parse_credentials(secret.expose_secret())?, edition, api)?;
        tenant.credentials = source::seal_credentials(vault, &tenant, &secret)?;
        Ok(tenant)
    }

    /// Applies the settings to a stored tenant and seals its credentials with them.
    ///
    /// # Errors
    /// `Usage` if credentials must be given: for another server, or because the stored ones open neither with the stored
    /// settings nor with the new ones. In the latter case anyone may have changed the stored settings, so the address
    /// must be given as well.
    pub(crate) fn apply(self, tenant: &mut Tenant, url: Option<&str>, vault: &Vault) -> anyhow::Result<()> {
        let before = tenant.clone();
        let given = self.credentials.read()?;
        let stored = source::open_credentials(vault, &before);
        if stored.is_err() && given.is_some() {
            distrust(tenant, url)?;
        }
        self.plain(tenant, url)?;
        let is_changed = given.is_some() || !source::same_use(&before, tenant);
        let secret = match (given, stored) {
            (Some(given), _) => {
                tenant.learned.reauthorise_since = None;
                given
            }
            (None, Ok(stored)) if source::same_servers(&before, tenant) => stored,
            (None, Ok(_)) => return Err(needs_credentials(&tenant.id).into()),
            // The settings that they were sealed with were lost, and this command names them again.
            (None, Err(_)) => source::open_credentials(vault, tenant)?,
        };
        let (edition, api): (Edition, Api) = source::edition_and_api(tenant)?;
        source::fits_edition(&source::parse_credentials(secret.expose_secret())?, edition, api)?;
        if is_changed {
            tenant.credentials = source::seal_credentials(vault, tenant, &secret)?;
        }
        Ok(())
    }

    /// Applies all settings except the credentials.
    fn plain(&self, tenant: &mut Tenant, url: Option<&str>) -> anyhow::Result<()> {
        self.switches(tenant);
        if let Some(url) = url {
            let (base_url, portal) = base_url(url, Allowed::of(tenant))?;
            // Another address may be another helpdesk.
            if tenant.base_url != base_url {
                tenant.learned = LearnedSettings::default();
            }
            tenant.base_url = base_url;
            tenant.portal = portal.or_else(|| tenant.portal.take());
        }
        if let Some(portal) = &self.portal {
            tenant.portal = Some(portal.clone()).filter(|portal| !portal.is_empty());
        }
        if let Some(url) = &self.accounts_url {
            let url = Some(url).filter(|url| !url.is_empty());
            tenant.accounts_url = url
                .map(|url| base_url(url, Allowed::of(tenant)))
                .transpose()?
                .map(|(url, _)| url);
        }
        if let Some(api) = self.api {
            tenant.api = api.column().to_owned();
        }
        if let Some(limit) = self.requests_per_minute {
            tenant.requests_per_minute = limit;
            tenant.learned.pace = None;
        }
        if let Some(days) = self.keep_days {
            tenant.keep_days = Some(days).filter(|days| *days > 0);
        }
        let limits = [
            (self.max_stored_mib, &mut tenant.quota.stored_mib),
            (self.max_rejected_mib, &mut tenant.quota.rejected_mib),
        ];
        for (given, limit) in limits {
            *limit = given.map_or(*limit, |given| Some(given).filter(|given| *given > 0));
        }
        if let Some(language) = self.language {
            tenant.language = language.to_string();
        }
        if let Some(file) = &self.ca_certificate {
            let pem = std::fs::read_to_string(file).map_err(|error| {
                Failure::new(ExitCode::Usage, format!("{} cannot be read", file.display()))
                    .caused_by(error.into())
            })?;
            tenant.ca_certificate = Some(pem);
        }
        Ok(())
    }

    fn switches(&self, tenant: &mut Tenant) {
        let switches = [
            (self.insecure, &mut tenant.insecure),
            (self.allow_http, &mut tenant.allow_http),
            (self.allow_loopback, &mut tenant.allow_loopback),
            (self.resolution_from_notes, &mut tenant.resolution_from_notes),
            (self.keep_html, &mut tenant.keep_html),
        ];
        for (given, setting) in switches {
            *setting = given.unwrap_or(*setting);
        }
    }
}

/// Resets the settings that decide where the credentials go and who can read them on the way.
fn distrust(tenant: &mut Tenant, url: Option<&str>) -> Result<(), Failure> {
    if url.is_none() {
        let message = format!(
            "the stored credentials of tenant {} do not open, so its stored address cannot be trusted",
            tenant.id
        );
        return Err(Failure::new(ExitCode::Usage, message).hint(
            "give --url as well, and where they apply --portal, --accounts-url, --ca-certificate, --insecure, \
             --allow-http and --allow-loopback",
        ));
    }
    tenant.portal = None;
    tenant.accounts_url = None;
    tenant.ca_certificate = None;
    tenant.insecure = false;
    tenant.allow_http = false;
    tenant.allow_loopback = false;
    Ok(())
}

fn needs_credentials(tenant: &TenantId) -> Failure {
    let message = format!("another server needs the credentials of tenant {tenant} again");
    Failure::new(ExitCode::Usage, message).hint("add --credentials-stdin or --credentials-file")
}

/// Returns the names of the settings that differ; never their values.
pub(super) fn changed_names(before: &Tenant, after: &Tenant) -> Vec<&'static str> {
    let settings = [
        ("name", before.name != after.name),
        ("edition", before.edition != after.edition),
        ("api", before.api != after.api),
        ("url", before.base_url != after.base_url),
        ("portal", before.portal != after.portal),
        ("accounts url", before.accounts_url != after.accounts_url),
        ("credentials", before.credentials != after.credentials),
        ("ca certificate", before.ca_certificate != after.ca_certificate),
        ("insecure", before.insecure != after.insecure),
        ("allow http", before.allow_http != after.allow_http),
        ("allow loopback", before.allow_loopback != after.allow_loopback),
        (
            "requests per minute",
            before.requests_per_minute != after.requests_per_minute,
        ),
        (
            "resolution from notes",
            before.resolution_from_notes != after.resolution_from_notes,
        ),
        ("language", before.language != after.language),
        ("keep days", before.keep_days != after.keep_days),
        (
            "max stored mib",
            before.quota.stored_mib != after.quota.stored_mib,
        ),
        (
            "max rejected mib",
            before.quota.rejected_mib != after.quota.rejected_mib,
        ),
        ("keep html", before.keep_html != after.keep_html),
    ];
    settings
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .collect()
}
