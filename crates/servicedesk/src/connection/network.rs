//! Outbound address policy (SSRF protection).
//!
//! A cloud tenant's helpdesk is on the public internet. The policy refuses addresses within a private
//! network and the metadata service of a cloud, also if a name resolves to one. So a person who may set a
//! tenant's URL cannot reach services that only this machine can. `localhost` is allowed, for development,
//! but only by that name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::settings::{Edition, Settings};
use crate::{Error, Result};

/// Refuses URLs of a cloud tenant with a private address.
pub(super) fn check(settings: &Settings) -> Result<()> {
    if settings.edition != Edition::Cloud {
        return Ok(());
    }
    for url in [Some(&settings.base_url), settings.accounts_url.as_ref()]
        .into_iter()
        .flatten()
    {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => continue,
        };
        if !is_public(address) && !address.is_loopback() {
            return Err(refused(url, address));
        }
    }
    Ok(())
}

fn refused(url: &Url, address: IpAddr) -> Error {
    let host = url.host_str().unwrap_or_default();
    Error::Settings(format!(
        "{host} is {address}, an address within a private network: a cloud tenant's helpdesk is on the internet"
    ))
}

/// Resolver that returns only public addresses, and loopback addresses for `localhost`.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let local = name.as_str() == "localhost";
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| is_public(address.ip()) || (local && address.ip().is_loopback()))
                .collect();
            if allowed.is_empty() {
                let why = format!("{} leads to no public address", name.as_str());
                return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, why).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Returns whether an address can be on the internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_public_v4(inner),
            None => {
                let first = address.segments()[0];
                let unicast_local = first & 0xfe00 == 0xfc00;
                let link_local = first & 0xffc0 == 0xfe80;
                let documentation = address.segments()[..2] == [0x2001, 0xdb8];
                !(address.is_loopback()
                    || address.is_unspecified()
                    || address.is_multicast()
                    || unicast_local
                    || link_local
                    || documentation)
            }
        },
    }
}

/// Returns the IPv4 address within a mapped, translated (NAT64) or 6to4 address.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let part = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(part(high, low)),
        [0x2002, high, low, ..] => Some(part(high, low)),
        _ => None,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && second & 0xc0 == 64;
    let benchmarking = first == 198 && second & 0xfe == 18;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || shared
        || benchmarking
        || first == 0
        || first >= 240)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_public_addresses_are_distinguished() {
        for inside in [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "198.18.0.1",
            "224.0.0.1",
            "::1",
            "::",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:a00:1::",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().expect(inside)), "{inside}");
        }
        for outside in [
            "8.8.8.8",
            "136.143.190.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "172.32.0.1",
        ] {
            assert!(is_public(outside.parse().expect(outside)), "{outside}");
        }
    }

    #[tokio::test]
    async fn only_localhost_resolves_to_this_machine() {
        let resolve = async |name: &str| PublicOnly.resolve(name.parse().expect("a name")).await;
        assert!(resolve("localhost").await.is_ok());
        // The address of this machine instead of its name.
        assert!(resolve("127.0.0.1").await.is_err());
    }
}
