//! Whose messages are sent next, when more are due than may be under way at once.
//!
//! Each place goes to the address with the fewest messages under way, and among those to the one that waits the longest: so
//! an address that answers slowly takes no more than its share, however many of them there are and whatever waits for them.

use std::collections::VecDeque;

use domain::webhook::Delivery;

/// How many messages are under way to one address at once.
const AT_ONCE: u32 = 4;
/// And to one whose last attempt failed.
const AT_ONCE_FAILING: u32 = 1;

/// What is due for one address.
pub(super) struct Queue {
    /// How many messages are under way there.
    pub(super) under_way: u32,
    /// Whether its last attempt failed.
    pub(super) failing: bool,
    /// Its messages, the longest due first; no more than there is room for.
    pub(super) due: VecDeque<Delivery>,
}

/// How many more messages may be under way to an address.
pub(super) const fn room(failing: bool, under_way: u32) -> u32 {
    let at_once = if failing { AT_ONCE_FAILING } else { AT_ONCE };
    at_once.saturating_sub(under_way)
}

/// The messages to be sent now, so many at most. Addresses that answer come first; those that fail get `for_failing` at most.
pub(super) fn shared(queues: Vec<Queue>, places: u32, for_failing: u32) -> Vec<Delivery> {
    let (failing, healthy): (Vec<_>, Vec<_>) = queues.into_iter().partition(|queue| queue.failing);
    let mut chosen = dealt(healthy, places);
    let left = places.saturating_sub(u32::try_from(chosen.len()).unwrap_or(u32::MAX));
    chosen.extend(dealt(failing, left.min(for_failing)));
    chosen
}

fn dealt(mut queues: Vec<Queue>, places: u32) -> Vec<Delivery> {
    let mut chosen = Vec::new();
    for _ in 0..places {
        let waiting = queues.iter_mut().filter(|queue| !queue.due.is_empty());
        let longest = |queue: &Queue| queue.due.front().map(|delivery| (delivery.next_at, delivery.id));
        let Some(next) = waiting.min_by_key(|queue| (queue.under_way, longest(queue))) else { break };
        next.under_way += 1;
        chosen.extend(next.due.pop_front());
    }
    chosen
}

#[cfg(test)]
mod tests {
    use domain::Instant;
    use domain::ambient::{OsEntropy, SystemClock};
    use domain::entropy::Ids;
    use domain::id::{DeliveryId, WebhookId};

    use super::*;

    /// Messages of this name that are due since so many seconds, as many as there is room for.
    fn queue(name: &str, failing: bool, under_way: u32, due: &[u32]) -> Queue {
        let ids = Ids { clock: &SystemClock, entropy: &OsEntropy };
        let now = Instant::from_seconds(1_800_000_000);
        let message = |since: &u32| {
            Delivery::new(DeliveryId::new(ids), WebhookId::new(ids), "webhook.test", name, now.minus(*since))
        };
        let most = usize::try_from(room(failing, under_way)).unwrap();
        Queue { under_way, failing, due: due.iter().take(most).map(message).collect() }
    }

    fn names(chosen: &[Delivery]) -> Vec<&str> {
        chosen.iter().map(|delivery| delivery.subject.as_str()).collect()
    }

    #[test]
    fn h_12_four_slow_receivers_with_long_queues_do_not_starve_the_others() {
        let slow = |name: &str, since: u32| queue(name, false, 3, &[since, since - 1, since - 2]);
        let slow = vec![slow("s1", 904), slow("s2", 903), slow("s3", 902), slow("s4", 901)];
        let queues = slow.into_iter().chain([queue("old", false, 0, &[5, 4])]).collect();
        assert_eq!(names(&shared(queues, 4, 8)), ["old", "old", "s1", "s2"]);
        let quick = |name: &str, since: u32| queue(name, false, 0, &[since]);
        let queues = vec![quick("newest", 1), quick("newer", 9), quick("oldest", 90)];
        assert_eq!(names(&shared(queues, 3, 8)), ["oldest", "newer", "newest"], "whoever waits longest comes first");
    }

    #[test]
    fn h_12_those_that_fail_get_one_each_and_never_every_place() {
        let failing = |name: &str, since: u32| queue(name, true, 0, &[since, since - 1]);
        let queues = || vec![failing("f1", 903), failing("f2", 902), failing("f3", 901), queue("well", false, 0, &[5])];
        assert_eq!(names(&shared(queues(), 16, 8)), ["well", "f1", "f2", "f3"]);
        assert_eq!(names(&shared(queues(), 16, 2)), ["well", "f1", "f2"]);
        assert_eq!(names(&shared(queues(), 16, 0)), ["well"]);
        assert_eq!(names(&shared(queues(), 1, 8)), ["well"]);
        assert_eq!(room(true, 1), 0);
    }
}
