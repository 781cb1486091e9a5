//! Kinds of addresses.
//!
//! Sources: the registries of special-purpose addresses of IANA (iana-ipv4-special-registry and
//! iana-ipv6-special-registry, as of 2025), and the documentation of the clouds for their metadata services.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reach of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// On the internet.
    Public,
    /// In a private network, or reserved.
    Private,
    /// This machine.
    Loopback,
    /// No helpdesk can be there: metadata services of clouds, link-local addresses, groups of machines, and addresses
    /// that stand for no machine or for this one.
    Forbidden,
}

/// A range of IPv4 addresses: an address in it and the length of its prefix.
type RangeV4 = ([u8; 4], u32);

/// Link-local addresses include the metadata services of AWS, Azure, Google and Oracle.
const FORBIDDEN_V4: [RangeV4; 8] = [
    ([0, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    // Protocol assignments; Oracle's classic metadata service is 192.0.0.192.
    ([192, 0, 0, 0], 24),
    // Azure's platform services.
    ([168, 63, 129, 16], 32),
    // Alibaba's metadata service, within the range that carriers share.
    ([100, 100, 100, 200], 32),
    ([192, 88, 99, 0], 24),
    ([224, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

const PRIVATE_V4: [RangeV4; 9] = [
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
    ([192, 0, 2, 0], 24),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([198, 18, 0, 0], 15),
    ([240, 0, 0, 0], 4),
];

/// A range of IPv6 addresses: its first segments and the length of its prefix.
type RangeV6 = ([u16; 4], u32);

const FORBIDDEN_V6: [RangeV6; 7] = [
    // Unspecified and IPv4-compatible addresses. Loopback and mapped addresses are recognised before.
    ([0, 0, 0, 0], 64),
    // Discard-only.
    ([0x100, 0, 0, 0], 64),
    // Teredo.
    ([0x2001, 0, 0, 0], 32),
    ([0xfe80, 0, 0, 0], 10),
    ([0xff00, 0, 0, 0], 8),
    // Metadata services of AWS and Google.
    ([0xfd00, 0xec2, 0, 0], 32),
    ([0xfd20, 0xce, 0, 0], 32),
];

/// Special ranges within the global unicast addresses, 2000::/3. Everything outside of these is not public.
const PRIVATE_V6: [RangeV6; 3] = [
    // Protocol assignments: benchmarking, ORCHID and others.
    ([0x2001, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0], 32),
    ([0x3fff, 0, 0, 0], 20),
];

/// Returns the kind of an address.
pub(super) fn of(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => of_v6(address),
    }
}

fn of_v4(address: Ipv4Addr) -> Kind {
    let within = |(first, length): &RangeV4| {
        let differing = address.to_bits() ^ u32::from_be_bytes(*first);
        differing.leading_zeros() >= *length
    };
    if address.is_loopback() {
        Kind::Loopback
    } else if FORBIDDEN_V4.iter().any(within) {
        Kind::Forbidden
    } else if PRIVATE_V4.iter().any(within) {
        Kind::Private
    } else {
        Kind::Public
    }
}

fn of_v6(address: Ipv6Addr) -> Kind {
    let within = |(first, length): &RangeV6| {
        let segments = address.segments();
        let bits = |part: &[u16]| {
            part.iter()
                .fold(0_u64, |bits, segment| bits << 16 | u64::from(*segment))
        };
        (bits(&segments[..4]) ^ bits(first)).leading_zeros() >= *length
    };
    if address.is_loopback() {
        return Kind::Loopback;
    }
    // Whoever forwards such an address reaches the one within it.
    match embedded(address).map(of_v4) {
        Some(Kind::Public) | None => {}
        Some(kind) => return kind,
    }
    let is_mapped_or_translated = matches!(
        address.segments(),
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..]
    );
    if is_mapped_or_translated {
        Kind::Public
    } else if FORBIDDEN_V6.iter().any(within) {
        Kind::Forbidden
    } else if PRIVATE_V6.iter().any(within) || address.segments()[0] & 0xe000 != 0x2000 {
        Kind::Private
    } else {
        Kind::Public
    }
}

/// Returns the IPv4 address within a mapped, translated (NAT64), 6to4 or ISATAP address.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let part = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0 | 1, _, _, _, high, low]
        | [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => Some(part(high, low)),
        [0x2002, high, low, ..] => Some(part(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_kind(kind: Kind, addresses: &str) {
        for address in addresses.split_whitespace() {
            assert_eq!(of(address.parse().expect(address)), kind, "{address}");
        }
    }

    #[test]
    fn addresses_of_this_machine_are_loopback() {
        assert_kind(
            Kind::Loopback,
            "127.0.0.1 127.9.9.9 ::1 ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::",
        );
    }

    #[test]
    fn metadata_services_and_reserved_addresses_are_forbidden() {
        assert_kind(
            Kind::Forbidden,
            "0.0.0.0 0.1.2.3 169.254.169.254 169.254.0.1 168.63.129.16 100.100.100.200 192.0.0.192 192.88.99.1
             224.0.0.1 255.255.255.255 :: ::ffff:0.0.0.0 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe
             64:ff9b:1::a9fe:a9fe 2002:a9fe:a9fe:: fe80::5efe:169.254.169.254 2606:4700::200:5efe:a9fe:a9fe
             ::8.8.8.8 ::a9fe:a9fe 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 fe80::1 ff02::1
             fd00:ec2::254 fd20:ce::254",
        );
    }

    #[test]
    fn other_special_addresses_are_private() {
        assert_kind(
            Kind::Private,
            "10.1.2.3 172.16.0.1 192.168.1.1 100.64.0.1 198.18.0.1 192.0.2.1 198.51.100.1 203.0.113.1 240.0.0.1
             fd00::1 fec0::1 ::ffff:10.0.0.1 2002:a00:1:: 64:ff9b:1::808:808 2001:2::1 2001:20::1 2001:db8::1
             3fff::1 5f00::1 4000::1 2606:4700::5efe:10.0.0.1 64:ff9b:2::1",
        );
    }

    #[test]
    fn the_rest_is_public() {
        assert_kind(
            Kind::Public,
            "8.8.8.8 136.143.190.1 172.32.0.1 100.128.0.1 192.0.1.1 2606:4700::1111 ::ffff:8.8.8.8
             64:ff9b::808:808 2002:808:808:: 2001:200::1 2a00:1450::1",
        );
    }
}
