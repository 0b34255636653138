//! Replacing spot instances that are likely to be taken away, before they are (RULES R58, R59).

/// What is done with a spot instance that has a rebalance recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebalancing {
    /// Nothing: it is replaced when it is gone and has failed its health check.
    Off,
    /// A replacement is launched; once that is healthy the old one is ended, by its owner, so that it is paid even in its first hour.
    LaunchBeforeTerminate,
    /// A replacement is launched; the old one stays, and is paid, until the cloud takes it.
    Launch,
}

impl Rebalancing {
    /// Whether a replacement is launched now: on a recommendation if another market is as good, on a notice in any case.
    pub fn launches(self, has_notice: bool, another_market_is_as_good: bool) -> bool {
        self != Rebalancing::Off && (has_notice || another_market_is_as_good)
    }

    /// Whether the old instance is ended by its owner, when its replacement is healthy.
    pub fn ends_the_old(self, replacement_is_healthy: bool) -> bool {
        self == Rebalancing::LaunchBeforeTerminate && replacement_is_healthy
    }
}

/// Instances that run while `flagged` ones wait for their end: those do not count toward the target (RULES R59).
pub fn running_while_rebalancing(target: u32, flagged: u32) -> u32 {
    target.saturating_add(flagged)
}

/// Whether one more replacement may be launched: not beyond twice the target (RULES R59).
pub fn within_rebalancing_margin(target: u32, running: u32) -> bool {
    running < target.saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_answered_in_any_case() {
        let rule = Rebalancing::LaunchBeforeTerminate;
        assert!(!rule.launches(false, false) && rule.launches(false, true) && rule.launches(true, false));
        assert!(!Rebalancing::Off.launches(true, true));
        assert!(rule.ends_the_old(true) && !rule.ends_the_old(false) && !Rebalancing::Launch.ends_the_old(true));
        assert!(within_rebalancing_margin(10, 19) && !within_rebalancing_margin(10, 20));
    }
}
