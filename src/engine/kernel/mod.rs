//! Serving requests between two control events: the disciplines.
//!
//! A kernel knows instances by their number, their slots and their speed, and no control plane. [`Kernel::take`] serves requests in
//! order of arrival until one of them has to wait for a control event; the other functions change the fleet at an instant up to
//! which everything has been taken.
//!
//! At equal times completions come first, then control events, then waiting requests start or are sent, then clients leave, then
//! requests that were cut off come again, then others arrive.

mod balancer;
mod client;
mod dispatch;
pub(super) mod fifo;
#[cfg(test)]
mod hand_tests;
mod jobs;
mod least_loaded;
mod leaving;
#[cfg(test)]
mod literal_tests;
mod queues;
mod router;
mod shared;
mod sharing;
mod slot_pool;
mod slow_circle;
mod upcoming;
mod wheel;
mod wide;

use balancer::Balancer;
use client::Rules;
pub(super) use dispatch::Kernel;
pub(super) use fifo::{FifoKernel, Settings};
use queues::Queues;
use router::{LeastOutstanding, PowerOf, RoundRobin, Router};
use shared::SharedKernel;
use sharing::Sharing;
use slot_pool::Choice;
use slow_circle::SlowCircle;

/// What an instance's busy time counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotClass {
    /// Draining: for nothing.
    Draining = 0,
    /// In service, warming up: for utilisation, not for the CPU metric.
    Warming = 1,
    /// In service and warm: for both.
    Warm = 2,
}

/// In the place of a latency: not complete yet, and booked by its kernel later.
pub(super) const PENDING: f64 = -1.0;
/// In the place of a latency: the client left while it waited.
pub(super) const TIMED_OUT: f64 = -2.0;
/// In the place of a latency: the queue was full.
pub(super) const REJECTED: f64 = -3.0;

/// Where outcomes go. Times are seconds since the start.
pub(super) trait Booking {
    /// A request that arrived at `arrival` was completed at `finish`.
    fn completed(&mut self, arrival: f64, finish: f64);
    /// What became of requests that arrived at these times, in order of arrival: latencies of those that were completed, or one of
    /// [`PENDING`], [`TIMED_OUT`] and [`REJECTED`].
    fn book_all(&mut self, arrivals: &[f64], outcomes: &[f64]) {
        for (&arrival, &outcome) in arrivals.iter().zip(outcomes) {
            if outcome >= 0.0 {
                self.completed(arrival, arrival + outcome);
            } else if outcome == TIMED_OUT {
                self.timed_out(arrival);
            } else if outcome == REJECTED {
                self.rejected(arrival);
            }
        }
    }
    /// A request that arrived at `arrival` was lost with its instance.
    fn lost(&mut self, arrival: f64);
    /// A request found no room in the queue.
    fn rejected(&mut self, arrival: f64);
    /// A client left while it waited.
    fn timed_out(&mut self, arrival: f64);
    /// A request is never served: no instance is left.
    fn in_system_at_end(&mut self, arrival: f64);
    /// A slot of this class was busy for `seconds`.
    fn busy(&mut self, class: SlotClass, seconds: f64);
    /// Of the requests of a minute since the start so many were late, and so many rejected or given up: where they are not simulated.
    fn estimated(&mut self, _minute: usize, _late: u32, _failed: u32) {}
    /// So many requests had about this latency: where they are not simulated.
    fn estimated_latency(&mut self, _requests: u32, _latency: f64) {}
}

/// Books busy seconds by class of slot.
fn book_busy(busy: [f64; 3], book: &mut impl Booking) {
    for (class, seconds) in [SlotClass::Draining, SlotClass::Warming, SlotClass::Warm].into_iter().zip(busy) {
        book.busy(class, seconds);
    }
}

/// Books nothing.
pub(super) struct Nowhere;

impl Booking for Nowhere {
    fn completed(&mut self, _arrival: f64, _finish: f64) {}
    fn lost(&mut self, _arrival: f64) {}
    fn rejected(&mut self, _arrival: f64) {}
    fn timed_out(&mut self, _arrival: f64) {}
    fn in_system_at_end(&mut self, _arrival: f64) {}
    fn busy(&mut self, _class: SlotClass, _seconds: f64) {}
}
