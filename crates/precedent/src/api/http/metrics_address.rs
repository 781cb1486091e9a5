//! The address of `/metrics`. It differs from the address for callers because the metrics name all tenants.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use tokio::net::TcpListener;
use tracing::warn;

use crate::exit::{ExitCode, Failure};

/// Default address: loopback, with the default port of OpenTelemetry's Prometheus exporter.
const DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

/// Address of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetricsAddress {
    /// No metrics.
    Off,
    At(SocketAddr),
}

impl FromStr for MetricsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let address = text
            .parse()
            .map_err(|_| format!("expected an address and a port, such as {DEFAULT}, or `off`"));
        address.map(Self::At)
    }
}

impl fmt::Display for MetricsAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => formatter.write_str("off"),
            Self::At(address) => write!(formatter, "{address}"),
        }
    }
}

/// Listens on the address that the operator chose, or on the default. If the default is in use, for example by another
/// process of the service, it logs a warning and returns `None`.
///
/// # Errors
/// `Usage` if an address that the operator chose cannot be used.
pub(crate) async fn listen(chosen: Option<MetricsAddress>) -> Result<Option<TcpListener>, Failure> {
    let address = match chosen {
        Some(MetricsAddress::Off) => return Ok(None),
        Some(MetricsAddress::At(address)) => address,
        None => DEFAULT,
    };
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if chosen.is_none() => {
            warn!(
                "cannot serve metrics on {address}: {error}; running without metrics. Choose another address with \
                 --metrics-listen, or `off`"
            );
            Ok(None)
        }
        Err(error) => Err(
            Failure::new(ExitCode::Usage, format!("cannot serve metrics on {address}"))
                .hint("choose another address or port with --metrics-listen, or `off`")
                .caused_by(error.into()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_off_is_accepted() {
        for text in ["off", "127.0.0.1:0", "[::1]:9464"] {
            let parsed = text.parse::<MetricsAddress>().map(|address| address.to_string());
            assert_eq!(parsed.as_deref(), Ok(text));
        }
        for text in ["", "on", "9464", "localhost:9464"] {
            assert!(text.parse::<MetricsAddress>().is_err(), "{text}");
        }
    }
}
