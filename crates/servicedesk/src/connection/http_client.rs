//! The HTTP client behind a connection: headers, certificates, address policy.

use std::sync::Arc;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue};
use url::Url;

use super::network::{Network, is_proxied};
use super::settings::Settings;
use crate::{Error, Result};

/// Builds the HTTP client for one server of a tenant, which calls no other server.
///
/// # Errors
/// `Settings` if the URL is not allowed, or the CA certificate cannot be read.
pub(super) fn build(settings: &Settings, url: &Url) -> Result<reqwest::Client> {
    let network = Network::new(settings);
    network.check(url)?;
    // Fails only if another part of the program has installed a provider; that one serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        // The helpdesk's log distinguishes the calling processes by it.
        .user_agent(format!(
            "precedent/{} (process {})",
            env!("CARGO_PKG_VERSION"),
            std::process::id()
        ))
        .default_headers(HeaderMap::from_iter([
            (
                ACCEPT,
                HeaderValue::from_static("application/vnd.manageengine.sdp.v3+json"),
            ),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
        ]))
        // `transport` unpacks within bounds, which reqwest does not offer.
        .no_gzip()
        // A redirect leads to a login page, and would take the credentials there.
        .redirect(reqwest::redirect::Policy::none())
        .timeout(settings.timeout)
        .tls_danger_accept_invalid_certs(settings.insecure);
    // With a proxy, the resolver would resolve only the name of the proxy.
    if !is_proxied(url) {
        builder = builder.no_proxy().dns_resolver(Arc::new(network));
    }
    if let Some(pem) = &settings.ca_certificate {
        let unreadable =
            |error: reqwest::Error| Error::Settings(format!("the CA certificate cannot be read: {error}"));
        let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(unreadable)?;
        builder = builder.tls_certs_merge(certificates);
    }
    builder
        .build()
        .map_err(|error| Error::Settings(format!("the HTTP client cannot be set up: {error}")))
}
