//! One queue before all instances, first come, first served, with the requests that wait in it.
//!
//! The recursion of the plain kernel needs no queue, but also cannot do everything. Here requests wait in a real one. So idle slots
//! can be chosen by speed, a request that is lost with its instance can join the queue again, and clients of random patience can leave
//! a queue that has a limit.
//!
//! A request that is sent again joins the end of the queue at the moment of the loss, with all of its work and a new patience, and is
//! rejected if there is no room; its latency counts from its first arrival.

use super::client::{Client, Rules, client_of, earlier};
use super::slot_pool::{Choice, SlotPool};
use super::{Booking, SlotClass};
use crate::workload::RequestBlock;
use std::collections::VecDeque;

/// A queue and its slots.
#[derive(Debug)]
pub(in crate::engine) struct SharedKernel {
    rules: Rules,
    pool: SlotPool,
    waiting: VecDeque<Client>,
    /// Requests that are sent again, as soon as everything else of this instant has happened.
    returned: Vec<Client>,
    /// Time of the last change of the fleet.
    now: f64,
    taken: u64,
}

impl SharedKernel {
    /// For instances of the given speeds, each of which stands there once, in increasing order.
    pub(in crate::engine) fn new(rules: Rules, choice: Choice, speeds: &[f64]) -> Self {
        Self {
            rules,
            pool: SlotPool::new(choice, speeds),
            waiting: VecDeque::new(),
            returned: Vec::new(),
            now: f64::NEG_INFINITY,
            taken: 0,
        }
    }

    /// Takes requests from index `from` on, in order of arrival, until one comes at `until` or later; returns its index.
    pub(in crate::engine) fn take(
        &mut self,
        block: &RequestBlock,
        from: usize,
        until: f64,
        book: &mut impl Booking,
    ) -> usize {
        if until > self.now {
            self.send_again(book);
        }
        // Where nobody has to know how many wait, all that ends their waiting before the next control event is known at once.
        let known_until = if self.rules.queue_limit.is_none() { until } else { f64::NEG_INFINITY };
        self.start_waiting(known_until, false, book);
        for (index, &arrival) in block.arrivals.iter().enumerate().skip(from) {
            if arrival >= until {
                return index;
            }
            let client = client_of(block, index, self.taken, &self.rules);
            self.taken += 1;
            self.arrive(client, known_until, book);
        }
        block.arrivals.len()
    }

    /// A request comes; what ends its waiting before `known_until` is known already.
    #[inline(always)]
    fn arrive(&mut self, client: Client, known_until: f64, book: &mut impl Booking) {
        if !self.waiting.is_empty() {
            self.start_waiting(client.since, true, book);
        }
        if self.waiting.is_empty() {
            let (tree, start) = self.pool.next(client.since);
            let deadline = client.deadline();
            if start <= deadline && (start < known_until || start == client.since) {
                return self.pool.serve(tree, start, client, book);
            }
            if deadline < start && deadline < known_until {
                return book.timed_out(client.arrival);
            }
        }
        if self.has_room(client.since, book) {
            self.waiting.push_back(client);
        } else {
            book.rejected(client.arrival);
        }
    }

    /// Whether one more may wait.
    #[inline(always)]
    fn has_room(&mut self, now: f64, book: &mut impl Booking) -> bool {
        let Some(limit) = self.rules.queue_limit else { return true };
        if self.waiting.len() >= limit as usize {
            // Who has left has not been noticed yet unless it stood in front.
            self.waiting.retain(|client| {
                let stays = client.deadline() > now;
                if !stays {
                    book.timed_out(client.arrival);
                }
                stays
            });
        }
        self.waiting.len() < limit as usize
    }

    /// Lets the first in the queue start or leave, as long as that happens before `now`, or at it if `inclusive`.
    #[inline(always)]
    fn start_waiting(&mut self, now: f64, inclusive: bool, book: &mut impl Booking) {
        while let Some(&client) = self.waiting.front() {
            let (tree, start) = self.pool.next(client.since);
            let exit = earlier(start, client.deadline());
            if exit > now || exit == now && !inclusive || exit == f64::INFINITY {
                return;
            }
            self.waiting.pop_front();
            if start > client.deadline() {
                book.timed_out(client.arrival);
            } else {
                self.pool.serve(tree, start, client, book);
            }
        }
    }

    fn send_again(&mut self, book: &mut impl Booking) {
        for client in std::mem::take(&mut self.returned) {
            self.arrive(client, f64::NEG_INFINITY, book);
        }
    }

    /// Does everything that happens before a control event at `now`.
    fn catch_up(&mut self, now: f64, book: &mut impl Booking) {
        if now > self.now {
            self.send_again(book);
        }
        self.start_waiting(now, false, book);
        self.now = now;
    }

    /// An instance enters service; what happens before must be settled.
    pub(in crate::engine) fn add(&mut self, instance: u32, slots: u32, speed: f64, class: SlotClass, now: f64) {
        self.pool.add(instance, slots, speed, class, now);
    }

    /// Books what is complete by `now` and busy time up to `now`.
    pub(in crate::engine) fn settle(&mut self, now: f64, book: &mut impl Booking) {
        self.catch_up(now, book);
        self.pool.settle(now, book);
    }

    /// Changes what an instance's busy time counts for, from `now` on.
    pub(in crate::engine) fn reclassify(&mut self, instance: u32, class: SlotClass, now: f64, book: &mut impl Booking) {
        self.catch_up(now, book);
        self.pool.reclassify(instance, class, now, book);
    }

    /// No new requests for an instance; returns when its last will be complete.
    pub(in crate::engine) fn retire(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> f64 {
        self.catch_up(now, book);
        self.pool.retire(instance, now, book)
    }

    /// Takes an instance away; what it has not completed is lost, or sent again. Returns how many requests that were.
    pub(in crate::engine) fn remove(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> u32 {
        self.remove_together(&[instance], now, book)
    }

    /// The same for several that go as one: what is sent again is in order of arrival over all of them.
    pub(in crate::engine) fn remove_together(&mut self, instances: &[u32], now: f64, book: &mut impl Booking) -> u32 {
        self.catch_up(now, book);
        let mut cut_off: Vec<Client> =
            instances.iter().flat_map(|instance| self.pool.remove(*instance, now, book)).collect();
        cut_off.sort_unstable_by_key(|client| client.number);
        if self.rules.retry {
            self.returned.extend(cut_off.iter().map(|client| client.again(now)));
        } else {
            cut_off.iter().for_each(|client| book.lost(client.arrival));
        }
        cut_off.len() as u32
    }

    /// Requests in service and waiting at `now`, up to which everything is settled.
    pub(in crate::engine) fn in_system(&self, now: f64) -> [u32; 2] {
        let waits = |client: &&Client| client.deadline() > now;
        let waiting = self.waiting.iter().chain(&self.returned).filter(waits).count();
        [self.pool.busy(), waiting as u32]
    }

    /// Serves what waits; no control event comes any more.
    pub(in crate::engine) fn finish(&mut self, book: &mut impl Booking) {
        self.catch_up(f64::INFINITY, book);
        self.pool.settle(f64::INFINITY, book);
        self.waiting.drain(..).for_each(|client| book.in_system_at_end(client.arrival));
    }
}
