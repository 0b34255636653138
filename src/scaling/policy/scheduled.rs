//! Scheduled actions: new limits, or a new size, at times that are known before (RULES R64).

use crate::scenario::{Cron, ScheduledPolicy};
use crate::units::{Instant, SimTime};

/// The limits of a group, and the size it is set to once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Fewest instances of all pools.
    pub min_total: u32,
    /// Most instances of all pools.
    pub max_total: u32,
}

/// A scheduled policy made ready: its expression read, its next time known.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: Cron,
    start: Instant,
    next: Option<SimTime>,
}

impl Schedule {
    /// The schedule of a checked policy, whose first time comes at `from` or later. Simulated time 0 is `start`.
    pub fn new(policy: &ScheduledPolicy, start: Instant, from: SimTime) -> Self {
        let mut schedule = Self { cron: policy.cron.clone(), start, next: None };
        schedule.next = schedule.time_from(policy, from);
        schedule
    }

    /// When it acts next.
    pub fn next(&self) -> Option<SimTime> {
        self.next
    }

    /// Whether it acts at `now`; then its next time is later.
    pub fn due(&mut self, policy: &ScheduledPolicy, now: SimTime) -> bool {
        let due = self.next.is_some_and(|next| next <= now);
        if due {
            self.next = self.time_from(policy, now + crate::units::Duration::from_nanos(1));
        }
        due
    }

    fn time_from(&self, policy: &ScheduledPolicy, from: SimTime) -> Option<SimTime> {
        let instant = self.cron.next_at_or_after(self.start + from.since_start(), &policy.time_zone)?;
        let nanos = i64::try_from(instant.unix_nanos() - self.start.unix_nanos()).ok()?;
        Some(SimTime::from_nanos(nanos))
    }
}

/// The limits after an action: what it does not name stays.
pub fn limits_after(policy: &ScheduledPolicy, before: Limits) -> Limits {
    Limits {
        min_total: policy.min_total.unwrap_or(before.min_total),
        max_total: policy.max_total.unwrap_or(before.max_total),
    }
}
