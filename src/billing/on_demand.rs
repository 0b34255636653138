//! On-demand running time.

use super::{Charge, ChargeKind, Usage};
use crate::scenario::OnDemandBilling;
use crate::units::{Duration, Rate, SimTime};

/// The billed time of a run: whole started hours (RULES R4), or whole started seconds with a minimum (RULES R2).
pub fn billed_time(run: Duration, rule: OnDemandBilling) -> Duration {
    match rule {
        OnDemandBilling::PerHour {} => run.rounded_up_to(Duration::HOUR),
        OnDemandBilling::PerSecond { minimum } => run.rounded_up_to(Duration::from_secs(1)).max(minimum),
    }
}

/// Time that an instance spent in the states around a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunStates {
    /// Running; a reboot is part of it (RULES R3).
    pub running: Duration,
    /// Stopping.
    pub stopping: Duration,
    /// Whether its memory is saved while it stops.
    pub hibernating: bool,
}

impl RunStates {
    /// The time that bills: running, and stopping while hibernating. Pending, stopped, shutting down and terminated are free
    /// (RULES R1).
    pub fn billable(self) -> Duration {
        if self.hibernating { self.running + self.stopping } else { self.running }
    }
}

/// The charges of a run that is billed until `end`, one an hour since its start.
pub(super) fn charges(usage: &Usage, end: SimTime, rate: Rate) -> Vec<Charge> {
    if !usage.length().is_positive() {
        return Vec::new();
    }
    hours_from(usage.from, end)
        .map(|(start, end)| Charge {
            kind: ChargeKind::OnDemand,
            instance: Some(usage.instance),
            market: None,
            commitment: None,
            capacity: None,
            start,
            end,
            quantity: end - start,
            rate: Some(rate),
            amount: rate.charge_for(end - start),
        })
        .collect()
}

/// Consecutive hours from `from`, the last cut at `end`.
pub(super) fn hours_from(from: SimTime, end: SimTime) -> impl Iterator<Item = (SimTime, SimTime)> {
    std::iter::successors(Some(from), |hour| Some(*hour + Duration::HOUR))
        .take_while(move |hour| *hour < end)
        .map(move |hour| (hour, (hour + Duration::HOUR).min(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_run_lengths_are_billed_as_documented() {
        let per_second = OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) };
        let seconds = |run: i64, rule| billed_time(Duration::from_secs(run), rule).nanos() / 1_000_000_000;
        // RULES R2: 20 s -> 60 s; 3 min 40 s -> 220 s. RULES R4: 5 and 55 minutes -> 1 h, 65 minutes -> 2 h.
        assert_eq!([seconds(20, per_second), seconds(220, per_second)], [60, 220]);
        let hourly = OnDemandBilling::PerHour {};
        let states = |hibernating| RunStates {
            running: Duration::from_secs(600),
            stopping: Duration::from_secs(30),
            hibernating,
        };
        assert_eq!([true, false].map(|hibernating| states(hibernating).billable().as_secs_f64()), [630.0, 600.0]);
        assert_eq!([300, 3300, 3900].map(|run| seconds(run, hourly)), [3600, 3600, 7200]);
    }
}
