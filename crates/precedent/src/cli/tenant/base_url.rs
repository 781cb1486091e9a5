//! The address of a helpdesk, as people paste it.

use std::net::IpAddr;

use store::Tenant;
use url::{Host, Url};

use crate::exit::{ExitCode, Failure};

/// Addresses that an operator allowed beside `https://` to other machines.
#[derive(Clone, Copy, Default)]
pub(super) struct Allowed {
    pub(super) http: bool,
    pub(super) loopback: bool,
}

impl Allowed {
    pub(super) fn of(tenant: &Tenant) -> Self {
        Self {
            http: tenant.allow_http,
            loopback: tenant.allow_loopback,
        }
    }
}

/// Returns the address without `/api/v3` and `/app/<portal>`, and the portal.
///
/// # Errors
/// `Usage` for an address of this machine or one that would send credentials unencrypted, unless they are allowed; also
/// for one that has a user, query or fragment.
pub(super) fn base_url(text: &str, allowed: Allowed) -> Result<(String, Option<String>), Failure> {
    let refuse = |why: &str| Failure::new(ExitCode::Usage, format!("the URL {why}"));
    let mut url = Url::parse(text.trim())
        .map_err(|error| refuse(&format!("cannot be read: {error}")).hint("it starts with https://"))?;
    if is_loopback(&url) && !allowed.loopback {
        return Err(refuse("is an address of this machine")
            .hint("add --allow-loopback if the helpdesk runs on this machine"));
    }
    match url.scheme() {
        "https" => {}
        "http" if allowed.http || is_loopback(&url) => {}
        "http" => {
            return Err(
                refuse("must start with https://: http:// sends credentials unencrypted")
                    .hint("add --allow-http if the network between here and this host is trusted"),
            );
        }
        _ => return Err(refuse("must start with https://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("must not hold a user or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("must end after the path: no '?' and no '#'"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    let path = path.strip_suffix("/api/v3").unwrap_or(&path).to_owned();
    let (path, portal) = match path.rsplit_once("/app/") {
        Some((before, portal)) if !portal.is_empty() && !portal.contains('/') => {
            (before.to_owned(), Some(portal.to_owned()))
        }
        _ => (path, None),
    };
    url.set_path(&path);
    Ok((url.as_str().trim_end_matches('/').to_owned(), portal))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowed, base_url};

    #[test]
    fn a_pasted_address_becomes_the_base_address() {
        let cases = [
            ("https://desk.example.com/", "https://desk.example.com", None),
            (
                "https://desk.example.com:8443/sdp/api/v3/",
                "https://desk.example.com:8443/sdp",
                None,
            ),
            (
                "https://sdpondemand.manageengine.eu/app/itdesk",
                "https://sdpondemand.manageengine.eu",
                Some("itdesk"),
            ),
            (
                "https://s.manageengine.in/app/itdesk/api/v3",
                "https://s.manageengine.in",
                Some("itdesk"),
            ),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000", None),
            ("http://localhost:9000", "http://localhost:9000", None),
            ("http://[::1]:9000", "http://[::1]:9000", None),
        ];
        for (given, base, portal) in cases {
            let loopback = Allowed {
                loopback: true,
                ..Allowed::default()
            };
            let (found, found_portal) = base_url(given, loopback).expect(given);
            assert_eq!(
                (found.as_str(), found_portal.as_deref()),
                (base, portal),
                "{given}"
            );
        }
    }

    #[test]
    fn addresses_that_leak_credentials_are_refused() {
        for bad in [
            "http://desk.example.com",
            "http://127.0.0.1:9000",
            "https://localhost",
            "https://localhost.",
            "https://[::1]",
            "http://localhost.example.com",
            "https://user:pass@desk.example.com",
            "https://desk.example.com/?a=b",
            "https://desk.example.com/#x",
            "ftp://desk.example.com",
            "desk.example.com",
            "",
        ] {
            assert!(base_url(bad, Allowed::default()).is_err(), "{bad}");
        }
        let http = Allowed {
            http: true,
            ..Allowed::default()
        };
        assert!(base_url("http://desk.example.com", http).is_ok());
    }
}
