//! M(t)/M/s(t) as a fluid, and minutes of stationary queues on top of it: what screening by the slot comes from.

use super::erlang::{ErlangC, erlang_b};
use super::transient::Slot;
use super::{OutOfRange, check_positive};

/// What a slot of a fluid comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FluidSlot {
    /// Share of the slot in which whoever comes waits longer than the limit.
    pub late: f64,
    /// Requests that are there at its end.
    pub left: f64,
}

/// Follows x' = λ - μ min(x, s) exactly through slots, beginning with `present` requests: exponential below s servers, linear above. Whoever
/// comes waits (x - s) / (sμ), longer than `limit` while x is above s (1 + μ limit).
pub fn fluid(slots: &[Slot], service_rate: f64, limit: f64, present: f64) -> Result<Vec<FluidSlot>, OutOfRange> {
    if !(limit >= 0.0 && limit.is_finite() && (0.0..1e15).contains(&present)) {
        return Err(OutOfRange::Argument);
    }
    let mut x = present;
    let mut found = Vec::with_capacity(slots.len());
    for slot in slots {
        check_positive(&[service_rate, slot.time])?;
        if !(slot.arrivals >= 0.0 && slot.arrivals <= 1e15) {
            return Err(OutOfRange::Argument);
        }
        let one = pass(slot, service_rate, limit, x);
        x = one.left;
        found.push(one);
    }
    Ok(found)
}

fn pass(slot: &Slot, service_rate: f64, limit: f64, present: f64) -> FluidSlot {
    let servers = f64::from(slot.servers);
    let (load, slope) = (slot.arrivals / service_rate, slot.arrivals - servers * service_rate);
    let late_above = servers * (1.0 + service_rate * limit);
    let (mut x, mut left, mut late) = (present, slot.time, 0.0);
    // It crosses the number of servers at most once in a slot, since λ and s do not change.
    if x < servers || x == servers && slope <= 0.0 {
        let reaches = load > servers;
        let until = if reaches { libm::log((load - x) / (load - servers)) / service_rate } else { f64::INFINITY };
        if until >= left {
            return FluidSlot { late: 0.0, left: load + (x - load) * libm::exp(-service_rate * left) };
        }
        (x, left) = (servers, left - until);
    }
    let until = if slope < 0.0 { (x - servers) / -slope } else { f64::INFINITY };
    let above = left.min(until);
    let end = x + slope * above;
    let crossing = if slope == 0.0 { 0.0 } else { ((late_above - x) / slope).clamp(0.0, above) };
    late += match (x > late_above, end > late_above) {
        (true, true) => above,
        (true, false) => crossing,
        (false, true) => above - crossing,
        (false, false) => 0.0,
    };
    left -= above;
    let end = if left > 0.0 { load + (servers - load) * libm::exp(-service_rate * left) } else { end };
    FluidSlot { late: late / slot.time, left: end }
}

/// Shares of requests that wait longer than a limit, over successive slots, by approximations of increasing crudeness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LateByApproximation {
    /// The stationary queue where the fluid has no backlog, the fluid elsewhere; a half where load passes capacity and nobody is late yet.
    pub hybrid: f64,
    /// The fluid alone.
    pub fluid: f64,
    /// A stationary queue in each slot, everybody late where there is none (SIPP).
    pub stationary: f64,
    /// Stationary, with what a loss system would refuse handed on to the next slot (Stolletz, 2008).
    pub backlog_carryover: f64,
}

/// All of them for slots of which the first begins with nobody there.
pub fn late_by_approximation(slots: &[Slot], service_rate: f64, limit: f64) -> Result<LateByApproximation, OutOfRange> {
    let mut sums = [0.0; 4];
    let (mut requests, mut handed_on) = (0.0, 0.0);
    for (slot, fluid) in slots.iter().zip(fluid(slots, service_rate, limit, 0.0)?) {
        if slot.servers == 0 {
            return Err(OutOfRange::Argument);
        }
        let waits_longer = |arrivals: f64| {
            let load = arrivals / service_rate;
            (load < f64::from(slot.servers)).then(|| ErlangC::new(slot.servers, load).wait_tail(limit * service_rate))
        };
        let stationary = waits_longer(slot.arrivals);
        let wanted = slot.arrivals + handed_on;
        handed_on = wanted * erlang_b(slot.servers, wanted / service_rate);
        let carried = waits_longer(wanted - handed_on).unwrap_or(1.0);
        let hybrid = fluid.late + (1.0 - fluid.late) * stationary.unwrap_or(0.5);
        let shares = [hybrid, fluid.late, stationary.unwrap_or(1.0), carried];
        let count = slot.arrivals * slot.time;
        sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += count * share);
        requests += count;
    }
    let [hybrid, fluid, stationary, backlog_carryover] =
        sums.map(|sum| if requests > 0.0 { sum / requests } else { 0.0 });
    Ok(LateByApproximation { hybrid, fluid, stationary, backlog_carryover })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::late_shares;

    fn slot(arrivals: f64, servers: u32, time: f64) -> Slot {
        Slot { arrivals, servers, time }
    }

    /// The same by very small steps.
    fn by_steps(slots: &[Slot], service_rate: f64, limit: f64, present: f64) -> Vec<FluidSlot> {
        const STEP: f64 = 1e-5;
        let mut x = present;
        let mut of = |slot: &Slot| {
            let (steps, servers) = ((slot.time / STEP).round() as usize, f64::from(slot.servers));
            let mut late = 0;
            for _ in 0..steps {
                x += STEP * (slot.arrivals - service_rate * x.min(servers));
                late += usize::from(x > servers * (1.0 + service_rate * limit));
            }
            FluidSlot { late: late as f64 / steps as f64, left: x }
        };
        slots.iter().map(&mut of).collect()
    }

    #[test]
    fn closed_form_and_small_steps_agree() {
        let slots =
            [slot(12.0, 10, 3.0), slot(9.0, 10, 4.0), slot(15.0, 8, 2.0), slot(0.0, 9, 5.0), slot(3.0, 12, 2.0)];
        for (limit, present) in [(0.5, 0.0), (0.0, 25.0), (0.2, 10.0)] {
            let exact = fluid(&slots, 1.0, limit, present).unwrap();
            for (exact, stepped) in exact.iter().zip(by_steps(&slots, 1.0, limit, present)) {
                let far = (exact.late - stepped.late).abs().max((exact.left - stepped.left).abs());
                assert!(far < 1e-3, "{exact:?} {stepped:?}");
            }
        }
        assert_eq!(fluid(&slots, 0.0, 0.5, 0.0), Err(OutOfRange::Argument));
        assert_eq!(fluid(&slots, 1.0, f64::NAN, 0.0), Err(OutOfRange::Argument));
    }

    /// Over long slots that are far from critical each is a stationary queue; what is handed on from slot to slot has left its own.
    #[test]
    fn approximations_agree_with_the_exact_share_where_they_should() {
        let slots = [slot(20.0, 26, 400.0), slot(30.0, 35, 400.0)];
        let exact = late_shares(&slots, 1.0, 0.3).unwrap();
        let exact = (20.0 * exact[0] + 30.0 * exact[1]) / 50.0;
        let found = late_by_approximation(&slots, 1.0, 0.3).unwrap();
        for share in [found.hybrid, found.stationary] {
            assert!((share / exact - 1.0).abs() < 0.05, "{share} {exact}");
        }
        assert!(found.fluid == 0.0 && found.backlog_carryover > 0.0 && found.backlog_carryover < found.stationary);
    }
}
