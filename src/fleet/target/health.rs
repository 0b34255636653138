//! Health checks of targets (RULES R80).

pub use crate::scenario::HealthCheck;

/// What the balancer takes a target for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// Registered, not checked yet.
    Initial,
    /// It gets requests.
    Healthy,
    /// It gets none, unless all are unhealthy.
    Unhealthy,
}

/// The health of one target, check by check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetHealth {
    state: TargetState,
    /// Checks in a row that speak against the state.
    against: u32,
}

impl TargetHealth {
    /// A target in a state, with no check against it.
    pub fn new(state: TargetState) -> Self {
        Self { state, against: 0 }
    }

    /// What it is taken for.
    pub fn state(self) -> TargetState {
        self.state
    }

    /// Takes in a check; returns whether the state changed.
    ///
    /// A new target is healthy after one passed check. A healthy one is unhealthy after `unhealthy_threshold` failed checks in a row, and
    /// an unhealthy one healthy again after `healthy_threshold` passed ones.
    pub fn check(&mut self, passed: bool, rule: &HealthCheck) -> bool {
        let (speaks_against, needed) = match self.state {
            TargetState::Initial if passed => (true, 1),
            TargetState::Initial => (true, rule.unhealthy_threshold),
            TargetState::Healthy => (!passed, rule.unhealthy_threshold),
            TargetState::Unhealthy => (passed, rule.healthy_threshold),
        };
        self.against = if speaks_against { self.against + 1 } else { 0 };
        let changes = self.against >= needed;
        if changes {
            *self = Self::new(if passed { TargetState::Healthy } else { TargetState::Unhealthy });
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(first: TargetState, results: &str) -> Vec<TargetState> {
        let mut target = TargetHealth::new(first);
        let after = results.chars().map(|result| {
            target.check(result == 'P', &HealthCheck::default());
            target.state()
        });
        after.collect()
    }

    #[test]
    fn thresholds_count_checks_in_a_row() {
        use TargetState::{Healthy, Initial, Unhealthy};
        assert_eq!(states(Initial, "P"), [Healthy]);
        assert_eq!(states(Initial, "FF"), [Initial, Unhealthy]);
        assert_eq!(states(Healthy, "FPFF"), [Healthy, Healthy, Healthy, Unhealthy]);
        assert_eq!(states(Unhealthy, "PPPPFPPPPP").last(), Some(&Healthy));
        assert_eq!(states(Unhealthy, "PPPPFPPPP").last(), Some(&Unhealthy));
    }
}
