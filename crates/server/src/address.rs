//! Whose request it is: the address of the client, in one form, whatever stands between.
//!
//! What a peer says about others counts only if the peer is a trusted proxy, and then only up to the first hop that is
//! none: everything to the left of it was written by whoever that is. An IPv4-mapped IPv6 address is its IPv4 address.

mod forwarded;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{Extensions, HeaderMap, header};
use ipnet::IpNet;

/// The client's address, canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// The other end of the socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// A trusted proxy that says it in two ways, one of which it may have passed on from anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("both `Forwarded` and `X-Forwarded-For` came; let the proxy remove the one that it does not write")]
pub(crate) struct TwoVoices;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

impl ClientAddress {
    /// The one that was found when the request came in; nobody's address for a request that did not come by a socket.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }

    /// The canonical form of an address.
    pub(crate) fn canonical(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// It, unless nobody knows where the request came from.
    pub(crate) fn known(self) -> Option<IpAddr> {
        (!self.0.is_unspecified()).then_some(self.0)
    }
}

/// Whether an address is within one of these networks.
pub(crate) fn within(address: IpAddr, networks: &[IpNet]) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// Whether the request was passed on by somebody who says so.
pub(crate) fn is_passed_on(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR)
        || headers.contains_key(header::FORWARDED)
        || headers.contains_key(header::VIA)
}

/// The client of a request that came from `peer` with these headers.
pub(crate) fn client_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Result<ClientAddress, TwoVoices> {
    let peer = ClientAddress::canonical(peer);
    if !within(peer.0, trusted) {
        return Ok(peer);
    }
    let joined = |name: &str| {
        let values: Vec<_> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?")).collect();
        values.join(",")
    };
    let hops: Vec<Option<IpAddr>> =
        match (headers.contains_key(X_FORWARDED_FOR), headers.contains_key(header::FORWARDED)) {
            (true, true) => return Err(TwoVoices),
            (true, false) => joined(X_FORWARDED_FOR).split(',').map(forwarded::node).collect(),
            (false, true) => forwarded::hops(&joined("forwarded")),
            (false, false) => Vec::new(),
        };
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        // Who wrote something that is no address is the last one whose address is known.
        let Some(hop) = hop else { break };
        nearest = ClientAddress::canonical(hop);
        if !within(nearest.0, trusted) {
            break;
        }
    }
    Ok(nearest)
}

#[cfg(test)]
mod tests;
