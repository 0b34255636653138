//! Replacing spot instances that are likely to be taken away, before they are (RULES R58, R59).

use crate::scenario::CapacityRebalancing;

/// Whether a replacement is launched now: on a recommendation if another market is as good, on a notice in any case.
pub fn launches_replacement(rule: CapacityRebalancing, has_notice: bool, another_market_is_as_good: bool) -> bool {
    rule != CapacityRebalancing::Off && (has_notice || another_market_is_as_good)
}

/// Whether the old instance is ended by its owner when its replacement is healthy.
pub fn ends_replaced(rule: CapacityRebalancing) -> bool {
    rule == CapacityRebalancing::LaunchBeforeTerminate
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
        let rule = CapacityRebalancing::LaunchBeforeTerminate;
        let launches = |has_notice, another| launches_replacement(rule, has_notice, another);
        assert!(!launches(false, false) && launches(false, true) && launches(true, false));
        assert!(!launches_replacement(CapacityRebalancing::Off, true, true));
        assert!(ends_replaced(rule) && !ends_replaced(CapacityRebalancing::Launch));
        assert!(within_rebalancing_margin(10, 19) && !within_rebalancing_margin(10, 20));
    }
}
