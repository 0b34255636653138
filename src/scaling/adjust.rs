//! The arithmetic of capacity changes.

use crate::scenario::Adjust;

/// A raw change rounded as auto scaling rounds it: toward zero, but never to zero (RULES R44: 12.7 -> 12, 0.67 -> 1, -6.67 -> -6).
pub fn rounded_change(raw: f64) -> i64 {
    if raw == 0.0 {
        0
    } else if raw.abs() < 1.0 {
        raw.signum() as i64
    } else {
        raw.trunc() as i64
    }
}

/// The change in instances that `change` in the unit `adjust` means for a group of `warm_total`.
pub fn change_in_instances(change: f64, adjust: Adjust, warm_total: u32) -> i64 {
    match adjust {
        Adjust::Instances => rounded_change(change),
        Adjust::Percent => rounded_change(change * f64::from(warm_total) / 100.0),
    }
}

/// How a policy states its change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Adjustment {
    /// So many more or fewer.
    Change(f64),
    /// To so many.
    Exact(f64),
    /// By so many percent, and at least by `at_least` instances where it changes anything (RULES R44).
    Percent {
        /// Percent of the capacity.
        change: f64,
        /// Smallest change.
        at_least: u32,
    },
}

/// The capacity that an adjustment makes of `current`; never below zero.
pub fn adjusted(current: u32, adjustment: Adjustment) -> i64 {
    let delta = match adjustment {
        Adjustment::Exact(capacity) => rounded_change(capacity) - i64::from(current),
        Adjustment::Change(change) => rounded_change(change),
        Adjustment::Percent { change, at_least } => {
            let delta = change_in_instances(change, Adjust::Percent, current);
            delta.signum() * delta.abs().max(i64::from(at_least))
        }
    };
    (i64::from(current) + delta).max(0)
}

/// The capacity within the limits of a group.
pub fn within_limits(desired: i64, min: u32, max: u32) -> u32 {
    desired.min(i64::from(max)).max(i64::from(min)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_round_toward_zero_but_not_to_zero() {
        assert_eq!([12.7, 0.67, -0.67, -6.67, 0.0].map(rounded_change), [12, 1, -1, -6, 0]);
        assert_eq!(change_in_instances(30.0, Adjust::Percent, 11), 3);
        assert_eq!(change_in_instances(7.0, Adjust::Percent, 100), 7, "a product that is not exact");
    }

    #[test]
    fn a_smallest_change_lifts_percentages() {
        let percent = |change, at_least| adjusted(4, Adjustment::Percent { change, at_least });
        assert_eq!([percent(25.0, 2), percent(-25.0, 2), percent(0.0, 2), percent(100.0, 2)], [6, 2, 4, 8]);
        assert_eq!([adjusted(3, Adjustment::Exact(5.0)), adjusted(3, Adjustment::Change(-9.0))], [5, 0]);
        assert_eq!([within_limits(1, 2, 99), within_limits(120, 2, 99)], [2, 99]);
    }
}
