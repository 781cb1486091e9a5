//! Origin of a request: the address by which limits distinguish callers.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;

/// An IPv4 address, or the /64 of an IPv6 address, which one customer of a provider owns as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Origin(IpAddr);

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) if !address.is_loopback() => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64))
            }
            address => address,
        })
    }
}

impl Origin {
    /// Returns the origin that the server noted in the request.
    pub(super) fn of(extensions: &Extensions) -> Self {
        let unknown = || IpAddr::V6(Ipv6Addr::UNSPECIFIED).into();
        extensions.get().copied().unwrap_or_else(unknown)
    }

    /// Returns whether the caller is on this machine, as a reverse proxy often is.
    pub(super) fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(address: &str) -> Origin {
        address.parse::<IpAddr>().expect("an address").into()
    }

    #[test]
    fn addresses_of_one_customer_are_one_origin() {
        assert_eq!(origin("2001:db8:1:2::1"), origin("2001:db8:1:2:ffff::9"));
        assert_ne!(origin("2001:db8:1:2::1"), origin("2001:db8:1:3::1"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
        assert!(origin("::1").is_loopback() && origin("::ffff:127.0.0.2").is_loopback());
        assert!(!origin("::2").is_loopback());
    }
}
