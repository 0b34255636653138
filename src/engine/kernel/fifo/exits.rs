//! A limited queue without a queue: who waits is known from when the last ones leave it.
//!
//! Requests leave a first-come, first-served queue in order of arrival (with the same patience for all). So the queue holds as many
//! as its limit allows exactly when the limit-th last accepted request has not left it yet.

/// When the last accepted requests leave the queue.
#[derive(Debug, Clone)]
pub(super) struct Exits {
    ring: Box<[f64]>,
    /// Accepted requests.
    accepted: usize,
    limit: usize,
}

impl Exits {
    /// For a queue that holds `limit` requests.
    pub(super) fn new(limit: u32) -> Self {
        let limit = limit as usize;
        Self { ring: vec![0.0; (limit + 1).next_power_of_two()].into(), accepted: 0, limit }
    }

    /// Writes down that the next request would leave the queue at `exit`, and returns the time from which on it finds room.
    #[inline(always)]
    pub(super) fn offer(&mut self, exit: f64) -> f64 {
        // A length that is a power of two makes the index a matter of a mask, and the bounds check one that never fails.
        let last = self.ring.len() - 1;
        self.ring[self.accepted & last] = exit;
        self.ring[self.accepted.wrapping_sub(self.limit) & last]
    }

    /// Whether a request that arrives at `arrival` and would leave the queue at `exit` finds it full; counts it if not.
    pub(super) fn is_full(&mut self, arrival: f64, exit: f64) -> bool {
        let full = self.offer(exit) > arrival;
        self.accept(!full);
        full
    }

    /// Whether the request last offered was accepted.
    #[inline(always)]
    pub(super) fn accept(&mut self, accepted: bool) {
        self.accepted += usize::from(accepted);
    }
}
