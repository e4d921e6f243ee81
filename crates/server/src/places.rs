//! How many connections there may be: in all, and from one client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::network::neighbourhood;
use ipnet::IpNet;

use crate::address::within;

/// An IPv6 client can be assumed to hold this much.
const V6_PREFIX: u8 = 64;

/// The connections of each client that is counted.
#[derive(Clone)]
pub(crate) struct Places {
    taken: Arc<Taken>,
    most: usize,
    uncounted: Arc<[IpNet]>,
}

/// One connection. Given back when it is dropped.
pub(crate) struct Place(Option<(Arc<Taken>, String)>);

/// Connections by client.
type Taken = Mutex<HashMap<String, usize>>;

impl Places {
    /// At most so many for one client, except for those of some networks.
    pub(crate) fn new(most: usize, uncounted: Vec<IpNet>) -> Self {
        Self { taken: Arc::default(), most, uncounted: uncounted.into() }
    }

    /// A place, if the client has not taken all of its own.
    pub(crate) fn take(&self, peer: IpAddr) -> Option<Place> {
        if within(peer, &self.uncounted) {
            return Some(Place(None));
        }
        let key = neighbourhood(peer, V6_PREFIX).to_string();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(key.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place(Some((Arc::clone(&self.taken), key))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((taken, key)) = self.0.take() else { return };
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&key) {
            Some(count) if *count > 1 => *count -= 1,
            // Nothing is kept of who has gone.
            _ => drop(taken.remove(&key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x_02_one_client_cannot_take_all_places_and_leaves_nothing_behind() {
        let places = Places::new(2, vec!["127.0.0.0/8".parse().unwrap()]);
        let take = |text: &str| places.take(text.parse().unwrap());
        let (first, _second) = (take("2001:db8::1"), take("2001:db8::2"));
        assert!(take("2001:db8::3").is_none(), "it is one network");
        assert!(take("2001:db8:0:1::3").is_some());
        let held: Vec<_> = (0..10).map(|_| take("127.0.0.1")).collect();
        assert!(held.iter().all(Option::is_some));
        drop(first);
        assert!(take("2001:db8::3").is_some());
        let mapped = (take("::ffff:192.0.2.7"), take("192.0.2.7"));
        assert_eq!(places.taken.lock().unwrap().len(), 2);
        drop(mapped);
        assert_eq!(places.taken.lock().unwrap().len(), 1);
    }
}
