//! Which of several candidates is the cheapest that keeps its limits, with a stated probability of error.
//!
//! A candidate is known by samples only: its cost and its slacks, one of each replication, paired by the replication's number. A slack
//! is what a limit leaves, negative where it is kept. Nothing here knows what is simulated.
//!
//! * [`race()`]: looks after 16, 32, 64, … replications at all candidates that are left. A candidate leaves when it misses a limit, or
//!   when it can no longer be cheaper than the incumbent by more than a tolerance. Each of the statements that a look can make is
//!   a one-sided t test, and the probability of error is divided among all of them, so that it holds for all looks together.
//! * [`rinott`] and [`dudewicz_dalal`]: what other procedures would want, to compare with.
//! * [`certify`] and [`Evidence`]: whether the winner keeps its limits, on replications that chose nothing.

mod certificate;
mod constants;
mod looks;
mod student;
#[cfg(test)]
mod tests;

pub use certificate::{Bounds, Evidence, certify};
pub use constants::{dudewicz_dalal, rinott};
pub use looks::{Controls, Fate, Outcome, Rules, Runs, Sample, Thresholds, race};
pub use student::student_upper;

/// Limits that a candidate has to keep: late and failed requests.
pub const LIMITS: usize = 2;
