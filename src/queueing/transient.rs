//! M(t)/M/s(t): queues that are not in their stationary state.

use super::poisson::Poisson;
use super::walk::{Passage, Rates, walk};
use super::{OutOfRange, check_positive};

/// A time with constant arrivals and servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Arrivals per unit of time.
    pub arrivals: f64,
    /// Servers. Where they are fewer than before, the requests in service beyond them go back to the head of the queue.
    pub servers: u32,
    /// How long.
    pub time: f64,
}

/// Lets a slot pass.
fn pass(law: Vec<f64>, slot: &Slot, service_rate: f64) -> Result<Passage, OutOfRange> {
    check_positive(&[service_rate, slot.time])?;
    if !(slot.arrivals >= 0.0 && slot.arrivals.is_finite()) {
        return Err(OutOfRange::Argument);
    }
    let servers = slot.servers as usize;
    let fastest = slot.arrivals + f64::from(slot.servers) * service_rate;
    walk(law, slot.time, fastest, |n| Rates { up: slot.arrivals, down: n.min(servers) as f64 * service_rate, out: 0.0 })
}

/// The law of the number of requests after a slot that began with nobody there: probabilities of 0, 1, …; what is not in the list
/// has none. Birth-death equations by uniformisation.
pub fn requests_after(slot: &Slot, service_rate: f64) -> Result<Vec<f64>, OutOfRange> {
    Ok(pass(vec![1.0], slot, service_rate)?.end)
}

/// For each of successive slots, of which the first begins with nobody there, the mean over the slot of the probability that a request
/// which comes then would wait longer than `limit` if the slot's servers stayed.
///
/// Who finds n ≥ s others waits for n - s + 1 departures at rate sμ.
pub fn late_shares(slots: &[Slot], service_rate: f64, limit: f64) -> Result<Vec<f64>, OutOfRange> {
    let mut law = vec![1.0];
    let mut shares = Vec::with_capacity(slots.len());
    for slot in slots {
        let passage = pass(law, slot, service_rate)?;
        let departures = Poisson::new(f64::from(slot.servers) * service_rate * limit)?;
        let waiting = passage.mean.iter().skip(slot.servers as usize).enumerate();
        shares.push(waiting.map(|(ahead, share)| share * departures.at_most(ahead)).sum());
        law = passage.end;
    }
    Ok(shares)
}
