//! The arithmetic of capacity changes.

use crate::scenario::{Adjust, Step};

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
        Adjust::Percent => rounded_change(change / 100.0 * f64::from(warm_total)),
    }
}

/// The change of the step that holds at `distance` beyond the threshold (lower bound inclusive; RULES R45), if any.
pub fn step_change(steps: &[Step], distance: f64) -> Option<f64> {
    steps.iter().rev().find(|step| step.from.value() <= distance).map(|step| step.change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Threshold;

    #[test]
    fn changes_round_toward_zero_but_not_to_zero() {
        assert_eq!([12.7, 0.67, -0.67, -6.67, 0.0].map(rounded_change), [12, 1, -1, -6, 0]);
        assert_eq!(change_in_instances(30.0, Adjust::Percent, 11), 3);
    }

    /// The documented sequence (RULES R45): threshold 50, from 10 instances: 60 -> 11, 70 -> 14, 40 -> 13, 30 -> 10.
    #[test]
    fn the_documented_step_sequence_comes_out() {
        let steps = |signs: f64| {
            [(0.0, 0.0), (10.0, 10.0), (20.0, 30.0)]
                .map(|(from, percent)| Step { from: Threshold::Ratio(from), change: signs * percent })
        };
        let mut desired = 10u32;
        let mut sequence = Vec::new();
        for metric in [55.0, 60.0, 70.0, 45.0, 40.0, 30.0] {
            let (steps, distance) =
                if metric >= 50.0 { (steps(1.0), metric - 50.0) } else { (steps(-1.0), 50.0 - metric) };
            let change = change_in_instances(step_change(&steps, distance).unwrap(), Adjust::Percent, desired);
            desired = (i64::from(desired) + change) as u32;
            sequence.push(desired);
        }
        assert_eq!(sequence, [10, 11, 14, 14, 13, 10]);
    }
}
