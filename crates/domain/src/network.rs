//! Where a request may come from: networks in CIDR form, and addresses in one canonical form.
//!
//! An IPv4 address that comes in IPv6 clothes is that IPv4 address, so a list cannot be walked around by spelling.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A network, for example `10.0.0.0/8` or `2001:db8::/32`; a single address is a network of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, specta::Type)]
#[specta(transparent)]
pub struct Network(#[specta(type = String)] IpNet);

/// A text that names no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNetwork {
    /// It does not parse.
    #[error("`{0}` is not a network; write it like `10.0.0.0/8` or `2001:db8::/32`")]
    Malformed(String),
    /// It has bits beyond its prefix, so it is not clear what was meant.
    #[error("`{given}` has bits beyond its prefix; did you mean `{network}`?")]
    HostBits {
        /// What was given.
        given: String,
        /// The network that it lies in.
        network: String,
    },
}

/// An address in its one form: IPv4 where it is IPv4.
#[must_use]
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// The address as limits and alerts count it: an IPv4 address itself, of IPv6 the network of `prefix` bits, since one
/// household or one attacker has a whole network of those.
#[must_use]
pub fn neighbourhood(address: IpAddr, prefix: u8) -> Network {
    let address = canonical(address);
    let prefix = if address.is_ipv4() { 32 } else { prefix.min(128) };
    Network(IpNet::new(address, prefix).map_or_else(|_| IpNet::from(address), |network| network.trunc()))
}

/// The network that an address is used from, as far as it tells one place from another: 24 bits of IPv4, 48 of IPv6.
#[must_use]
pub fn place(address: IpAddr) -> Network {
    let address = canonical(address);
    let prefix = if address.is_ipv4() { 24 } else { 48 };
    Network(IpNet::new(address, prefix).map_or_else(|_| IpNet::from(address), |network| network.trunc()))
}

impl Network {
    /// Whether all of the other lies in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether the address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&canonical(address))
    }
}

/// Whether an allowlist lets the address through. An empty list lets every address through.
#[must_use]
pub fn admits(allowed: &[Network], address: IpAddr) -> bool {
    allowed.is_empty() || allowed.iter().any(|network| network.contains(address))
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let bad = || BadNetwork::Malformed(text.chars().take(64).collect());
        let given = match text.parse::<IpNet>() {
            Ok(network) => network,
            Err(_) => IpNet::from(text.parse::<IpAddr>().map_err(|_| bad())?),
        };
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        let network = match (given.addr().to_canonical(), given.prefix_len()) {
            (address @ IpAddr::V4(_), prefix) if given.addr().is_ipv6() => {
                IpNet::new(address, prefix.checked_sub(96).ok_or_else(bad)?).map_err(|_| bad())?
            }
            _ => given,
        };
        if network.trunc() != network {
            return Err(BadNetwork::HostBits { given: text.to_owned(), network: network.trunc().to_string() });
        }
        Ok(Self(network))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Network {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn an_address_is_the_same_in_every_spelling() {
        let allowed = list(&["192.168.1.0/24", "10.0.0.0/8", "2001:db8::/32"]);
        for inside in ["192.168.1.7", "::ffff:192.168.1.7", "10.255.0.1", "2001:db8:0:1::1"] {
            assert!(admits(&allowed, inside.parse().unwrap()), "{inside}");
        }
        for outside in ["192.168.2.7", "::ffff:11.0.0.1", "2001:db9::1", "::10.0.0.1"] {
            assert!(!admits(&allowed, outside.parse().unwrap()), "{outside}");
        }
        assert!(admits(&[], "203.0.113.9".parse().unwrap()));
        assert_eq!(list(&["::ffff:10.0.0.0/104"]), list(&["10.0.0.0/8"]));
    }

    #[test]
    fn what_is_not_clear_is_refused_with_what_was_probably_meant() {
        let error = "192.168.1.7/24".parse::<Network>().unwrap_err().to_string();
        assert!(error.contains("192.168.1.0/24"), "{error}");
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "2130706433", "0x7f.1", "fe80::1%eth0", "::ffff:10.0.0.0/8"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn l_03_all_addresses_of_one_ipv6_network_are_neighbours() {
        let one = neighbourhood("2001:db8:0:1::1".parse().unwrap(), 64);
        assert_eq!(one, neighbourhood("2001:db8:0:1:ffff::9".parse().unwrap(), 64));
        assert_ne!(one, neighbourhood("2001:db8:0:2::1".parse().unwrap(), 64));
        assert_eq!(neighbourhood("::ffff:192.0.2.1".parse().unwrap(), 64).to_string(), "192.0.2.1/32");
    }

    #[test]
    fn a_place_is_a_small_network() {
        assert_eq!(place("::ffff:192.0.2.77".parse().unwrap()).to_string(), "192.0.2.0/24");
        assert_eq!(place("2001:db8:1:2::3".parse().unwrap()).to_string(), "2001:db8:1::/48");
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(text in "[0-9a-f:./]{0,40}") {
            if let Ok(network) = text.parse::<Network>() {
                prop_assert_eq!(network.to_string().parse::<Network>().unwrap(), network);
            }
        }
    }
}
