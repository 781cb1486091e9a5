//! Hosts under which callers reach the service, so that a web page cannot reach it under another one (DNS rebinding).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// Hosts that `Host` and `Origin` headers may name.
#[derive(Clone, Debug)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    /// Allows this machine, the address that the service listens on, and the hosts that the operator names.
    pub(crate) fn new(listening: IpAddr, named: &[Host]) -> Self {
        let own = [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
            listening,
        ];
        let own = own.map(|address| match address {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        });
        let localhost = Host::Domain("localhost".to_owned());
        let hosts = own.iter().chain([&localhost]).chain(named);
        Self(hosts.map(Host::to_string).collect())
    }

    /// Returns the hosts; each may have any port.
    pub(super) fn hosts(&self) -> impl Iterator<Item = String> {
        self.0.iter().cloned()
    }

    /// Returns the origins of web pages on these hosts, with any port.
    pub(super) fn origins(&self) -> impl Iterator<Item = String> {
        let schemes = ["http", "https"].iter();
        schemes.flat_map(|scheme| self.0.iter().map(move |host| format!("{scheme}://{host}:*")))
    }
}
