//! Which addresses the server calls: those of the public internet, and what the operator allowed.
//!
//! The tables are IANA's special-purpose registries (RFC 6890) as of 2026, and cloud metadata services. An IPv6 address
//! that carries an IPv4 address inside is judged by that one, however it is wrapped.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(first: [u16; 4], bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first[0], first[1], first[2], first[3], 0, 0, 0, 0), bits)
}

const DENIED_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),        // this network; the kernel takes 0.0.0.0 for loopback
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // shared by carriers; a cloud's metadata
    v4(127, 0, 0, 0, 8),      // loopback
    v4(168, 63, 129, 16, 32), // a cloud's host agent, on a public address
    v4(169, 254, 0, 0, 16),   // link-local; most clouds' metadata
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocol assignments; a cloud's metadata
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 88, 99, 0, 24),   // 6to4 relays
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarking
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved; broadcast
];

/// The only IPv6 space that is public. Loopback, unique local, link-local, site-local, multicast and discard-only
/// addresses are outside it.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// What of it is not.
const DENIED_V6: [Ipv6Net; 5] = [
    v6([0x2001, 0x0002, 0, 0], 48), // benchmarking
    v6([0x2001, 0x0010, 0, 0], 28), // ORCHID
    v6([0x2001, 0x0020, 0, 0], 28), // ORCHIDv2
    v6([0x2001, 0x0db8, 0, 0], 32), // documentation
    v6([0x3fff, 0, 0, 0], 20),      // documentation
];

const COMPATIBLE: Ipv6Net = v6([0, 0, 0, 0], 96);
const MAPPED: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96);
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0], 16);
const TEREDO: Ipv6Net = v6([0x2001, 0, 0, 0], 32);

/// Whether an address may be called under the operator's list.
pub(crate) fn may_call(address: IpAddr, allowed: &[IpNet]) -> bool {
    is_allowed(address, allowed) || is_public(address)
}

/// Whether the operator listed an address.
pub(crate) fn is_allowed(address: IpAddr, allowed: &[IpNet]) -> bool {
    allowed.iter().any(|range| range.contains(&address) || range.contains(&address.to_canonical()))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !DENIED_V4.iter().any(|range| range.contains(&address)),
        IpAddr::V6(address) => match inside(address) {
            Some(inner) => inner.into_iter().flatten().all(|inner| is_public(IpAddr::V4(inner))),
            None => GLOBAL_V6.contains(&address) && !DENIED_V6.iter().any(|range| range.contains(&address)),
        },
    }
}

/// The IPv4 addresses that an IPv6 address carries: where its packets end.
fn inside(address: Ipv6Addr) -> Option<[Option<Ipv4Addr>; 2]> {
    let octets = address.octets();
    let at = |from: usize| Ipv4Addr::new(octets[from], octets[from + 1], octets[from + 2], octets[from + 3]);
    if [COMPATIBLE, MAPPED, NAT64].iter().any(|range| range.contains(&address)) {
        return Some([Some(at(12)), None]);
    }
    if SIX_TO_FOUR.contains(&address) {
        return Some([Some(at(2)), None]);
    }
    // RFC 4380 §4: the server, and the client with every bit inverted.
    TEREDO.contains(&address).then(|| [Some(at(4)), Some(Ipv4Addr::from_bits(!at(12).to_bits()))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        may_call(text.parse().unwrap(), &[])
    }

    #[test]
    fn h_01_every_special_range_is_denied_at_both_ends() {
        for text in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.255",
            "224.0.0.0",
            "239.255.255.255",
            "240.0.0.0",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:7f00:1::f7f7:f7f7",
            "2001:0:808:808::80ff:fffe",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:a9fe:a9fe::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn the_public_neighbours_of_special_ranges_are_called() {
        for text in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "8.8.8.8",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2001:0:808:808::f7f7:f7f7",
            "2606:4700::1111",
            "2a00::1",
        ] {
            assert!(public(text), "{text}");
        }
    }

    #[test]
    fn h_07_only_the_operators_ranges_open_private_addresses() {
        let allowed = ["10.1.0.0/16".parse().unwrap(), "fd00:1::/32".parse().unwrap()];
        for (text, expected) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("fd00:1::5", true),
            ("fd00:2::5", false),
            ("127.0.0.1", false),
            ("8.8.8.8", true),
        ] {
            assert_eq!(may_call(text.parse().unwrap(), &allowed), expected, "{text}");
        }
    }
}
