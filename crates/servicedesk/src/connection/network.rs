//! Outbound address policy (SSRF protection).
//!
//! A cloud tenant's helpdesk is on the public internet; other helpdesks may be in a private network. No helpdesk is the
//! metadata service of a cloud, and one is on this machine only if an operator allowed it. So a person who may set a
//! tenant's URL cannot reach services that only this machine can. The policy holds for literal addresses and for each
//! address that a name resolves to: a connection is made only to an address that was checked.
//!
//! A proxy resolves names itself, so behind one the policy can only refuse a name that resolves to a refused address
//! here. Requests to this machine never pass a proxy, and plain HTTP is refused there: it would show it the credentials.

mod kind;

use std::error::Error as _;
use std::io;
use std::net::{IpAddr, SocketAddr};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use self::kind::Kind;
use super::settings::{Edition, Settings};
use crate::{Error, Result};

/// The addresses that one tenant's client may call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Network {
    allow_private: bool,
    allow_loopback: bool,
    allow_http: bool,
}

impl Network {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            allow_private: settings.edition != Edition::Cloud,
            allow_loopback: settings.allow_loopback,
            allow_http: settings.allow_http,
        }
    }

    /// Refuses a URL whose scheme or literal address is not allowed, or that would send credentials in plain text
    /// through a proxy.
    ///
    /// # Errors
    /// `Settings`.
    pub(super) fn check(self, url: &Url) -> Result<()> {
        let host = url.host_str().unwrap_or_default();
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(url) => {}
            "http" if !self.allow_http => {
                let why =
                    format!("http://{host} would send the credentials unencrypted, which is not allowed");
                return Err(Error::Settings(why));
            }
            "http" if is_proxied(url) => {
                let why = format!("http://{host} would send the credentials unencrypted through a proxy");
                return Err(Error::Settings(why));
            }
            "http" => {}
            other => return Err(Error::Settings(format!("{other} is no scheme of a helpdesk"))),
        }
        let allowed = match url.host() {
            Some(Host::Ipv4(address)) => self.admit(host, address.into()),
            Some(Host::Ipv6(address)) => self.admit(host, address.into()),
            Some(Host::Domain(_)) | None => Ok(()),
        };
        allowed.map_err(|refused| Error::Settings(refused.to_string()))
    }

    /// Refuses a host behind a proxy that resolves to a refused address here. A name that only the proxy knows passes.
    ///
    /// # Errors
    /// `Settings`.
    pub(super) async fn check_before_proxy(self, url: &Url) -> Result<()> {
        let host = url.host_str().unwrap_or_default();
        if !is_proxied(url) {
            return Ok(());
        }
        let Ok(found) = tokio::net::lookup_host((host, 0)).await else {
            return Ok(());
        };
        for address in found {
            let allowed = self.admit(host, address.ip());
            allowed.map_err(|refused| Error::Settings(refused.to_string()))?;
        }
        Ok(())
    }

    fn admit(self, host: &str, address: IpAddr) -> Result<(), Refused> {
        let why = match kind::of(address) {
            Kind::Public => return Ok(()),
            Kind::Private if self.allow_private => return Ok(()),
            Kind::Loopback if self.allow_loopback => return Ok(()),
            Kind::Private => {
                "an address within a private network: a cloud tenant's helpdesk is on the internet"
            }
            Kind::Loopback => "an address of this machine, which is not allowed (--allow-loopback)",
            Kind::Forbidden => {
                "an address within a private network that no helpdesk has: of a metadata service, link-local or reserved"
            }
        };
        Err(Refused {
            host: host.to_owned(),
            address,
            why,
        })
    }
}

/// The policy does not allow an address.
#[derive(Debug, thiserror::Error)]
#[error("{host} is {address}, {why}")]
struct Refused {
    host: String,
    address: IpAddr,
    why: &'static str,
}

/// Returns the words of a refused address, if one caused the error.
pub(super) fn refused(error: &reqwest::Error) -> Option<String> {
    let mut cause = error.source();
    while let Some(error) = cause {
        // The resolver's error is boxed within one of the HTTP client.
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return Some(refused.to_string());
        }
        cause = error.source();
    }
    None
}

/// Returns whether requests to a URL pass a proxy.
pub(super) fn is_proxied(url: &Url) -> bool {
    let uri = url.as_str().parse().ok();
    !is_this_machine(url) && uri.is_some_and(|uri| Matcher::from_system().intercept(&uri).is_some())
}

/// Returns whether a URL names this machine.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => kind::of(address.into()) == Kind::Loopback,
        Some(Host::Ipv6(address)) => kind::of(address.into()) == Kind::Loopback,
        None => false,
    }
}

/// Returns whether a name is one of this machine (RFC 6761).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Resolver that returns only addresses that the policy allows; for `localhost`, only those of this machine.
impl Resolve for Network {
    fn resolve(&self, name: Name) -> Resolving {
        let network = *self;
        Box::pin(async move {
            let host = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            let mut refusal = None;
            let mut allowed = Vec::new();
            for address in found {
                let is_elsewhere = is_localhost(host) && kind::of(address.ip()) != Kind::Loopback;
                match network.admit(host, address.ip()) {
                    Ok(()) if !is_elsewhere => allowed.push(address),
                    Ok(()) => {}
                    Err(refused) => refusal = Some(refused),
                }
            }
            match (allowed.is_empty(), refusal) {
                (true, Some(refused)) => Err(refused.into()),
                (true, None) => Err(io::Error::from(io::ErrorKind::NotFound).into()),
                (false, _) => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOUD: Network = Network {
        allow_private: false,
        allow_loopback: false,
        allow_http: false,
    };
    const ON_PREMISES: Network = Network {
        allow_private: true,
        ..CLOUD
    };
    const DEVELOPMENT: Network = Network {
        allow_loopback: true,
        ..CLOUD
    };

    fn is_allowed(network: Network, url: &str) -> bool {
        network.check(&Url::parse(url).expect(url)).is_ok()
    }

    #[test]
    fn literal_addresses_are_refused_in_every_notation() {
        for url in [
            "https://127.0.0.1",
            "https://127.1",
            "https://2130706433",
            "https://0x7f000001",
            "https://0177.0.0.1",
            "https://[::ffff:127.0.0.1]",
            "https://0",
            "https://169.254.169.254",
            "https://0xa9fea9fe",
            "https://[fd00:ec2::254]",
            "https://168.63.129.16",
            "https://100.100.100.200",
            "http://8.8.8.8",
            "ftp://8.8.8.8",
        ] {
            assert!(!is_allowed(CLOUD, url), "{url}");
            assert!(!is_allowed(ON_PREMISES, url), "{url}");
        }
        assert!(is_allowed(ON_PREMISES, "https://10.0.0.7:8443") && !is_allowed(CLOUD, "https://10.0.0.7"));
        assert!(is_allowed(DEVELOPMENT, "http://127.0.0.1:9") && !is_allowed(DEVELOPMENT, "http://8.8.8.8"));
        let plain = Network {
            allow_http: true,
            ..CLOUD
        };
        assert!(is_allowed(plain, "http://8.8.8.8") && !is_allowed(plain, "http://127.0.0.1"));
    }

    #[tokio::test]
    async fn a_name_resolves_to_this_machine_only_if_that_is_allowed() {
        let resolve =
            async |network: Network, name: &str| network.resolve(name.parse().expect("a name")).await;
        for name in ["localhost", "127.0.0.1"] {
            assert!(resolve(DEVELOPMENT, name).await.is_ok());
            assert!(resolve(CLOUD, name).await.is_err());
            assert!(resolve(ON_PREMISES, name).await.is_err());
        }
    }
}
