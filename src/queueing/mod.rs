//! Queueing theory in closed form or by exact numerics: what screening, floors and checks compute where nothing has to be simulated.
//!
//! One family a file, pure functions of numbers. Kendall's notation: arrivals / service times / servers, M for Poisson arrivals and
//! exponential times, D for constant times, PH for phases, G for any law. Rates are per unit of time, whatever the unit: times come out
//! in the same. A *wait* ends when service begins, a *sojourn* when it ends. Where not said otherwise, requests are served in order of
//! arrival, and the figures are those of the stationary state.

mod approximations;
mod chain;
mod choices;
mod deterministic;
mod erlang;
mod fluid;
mod general;
mod impatience;
mod interruptions;
mod limited;
mod phases;
mod poisson;
mod sharing;
mod staffing;
mod tail;
mod transient;
mod unequal;
mod walk;

pub use approximations::{Variability, allen_cunneen, qna, sakasegawa, whitt};
pub use choices::power_of_choices;
pub use deterministic::DeterministicService;
pub use erlang::{ErlangC, erlang_b};
pub use fluid::{FluidSlot, LateByApproximation, fluid, late_by_approximation};
pub use general::{Moments, wait_mean, wait_variance};
pub use impatience::Impatient;
pub use interruptions::{checkpoint_interval, restarted_service, setup_delay, with_breakdowns};
pub use limited::LimitedRoom;
pub use phases::{PhaseQueue, TwoPhases};
pub use sharing::SharedServers;
pub use staffing::{halfin_whitt, least_servers, safety_factor, square_root_servers};
pub use tail::{ServiceLaw, decay_rate, quantile};
pub use transient::{Slot, late_shares, requests_after};
pub use unequal::two_servers_sojourn;

/// Why a figure is not computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfRange {
    /// There is no stationary state.
    #[error("the servers cannot keep up")]
    Overloaded,
    /// An argument is outside its range, or not a number.
    #[error("a rate, a time or a count is out of its range")]
    Argument,
    /// Exact numerics would take too long or too much memory.
    #[error("the system is too large to be computed exactly")]
    TooLarge,
}

/// Whether all are numbers above 0, and so far from the ends of doubles that products of some of them exist.
fn check_positive(numbers: &[f64]) -> Result<(), OutOfRange> {
    if numbers.iter().all(|number| (1e-50..=1e50).contains(number)) { Ok(()) } else { Err(OutOfRange::Argument) }
}

/// Whether the load, in busy servers, is below the servers.
fn check_stable(load: f64, servers: f64) -> Result<(), OutOfRange> {
    if load < servers { Ok(()) } else { Err(OutOfRange::Overloaded) }
}

#[cfg(test)]
mod tests;
