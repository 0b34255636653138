//! Step scaling: the further beyond the threshold, the larger the change (RULES R45, R48).

use crate::scaling::adjust::change_in_instances;
use crate::scenario::{Step, StepPolicy};

/// A step with its bounds, relative to the threshold. Without a bound it has no end on that side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundedStep {
    /// Lower bound.
    pub lower: Option<f64>,
    /// Upper bound.
    pub upper: Option<f64>,
    /// The change.
    pub change: f64,
}

/// The change at `distance` from the threshold (negative below it): above it lower bounds are inclusive and upper ones exclusive, below
/// it the other way round (RULES R45). `None` where there is no step.
pub fn bounded_change(steps: &[BoundedStep], distance: f64) -> Option<f64> {
    let holds = |step: &&BoundedStep| {
        let (lower, upper) = (step.lower.unwrap_or(f64::NEG_INFINITY), step.upper.unwrap_or(f64::INFINITY));
        if distance >= 0.0 {
            lower <= distance && (distance < upper || step.upper.is_none())
        } else {
            (lower < distance || step.lower.is_none()) && distance <= upper
        }
    };
    steps.iter().find(holds).map(|step| step.change)
}

/// The change of the step that holds at `distance` beyond the threshold (lower bound inclusive; RULES R45), if any.
pub fn step_change(steps: &[Step], distance: f64) -> Option<f64> {
    steps.iter().rev().find(|step| step.from.value() <= distance).map(|step| step.change)
}

/// The capacity that a standing alarm asks for at `distance` beyond its threshold; `None` to leave things as they are.
///
/// It counts from the warm total, so that instances on their way are not asked for twice (RULES R48), and does not scale in while one
/// is on its way.
pub fn propose(policy: &StepPolicy, distance: f64, warm_total: u32, total: u32, in_progress: bool) -> Option<i64> {
    let change = step_change(&policy.steps, distance)?;
    let change = change_in_instances(change, policy.adjust, warm_total);
    let total = i64::from(total);
    if change >= 0 {
        return Some((i64::from(warm_total) + change).max(total));
    }
    (!in_progress).then_some(total + change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Adjust, Threshold};
    use crate::units::Duration;

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

    /// The documented example of warm-up (RULES R48): 11 of 10 warm at 60; 62 changes nothing, 70 asks for 30 % of the 10 warm ones,
    /// of which one is on its way.
    #[test]
    fn warming_instances_count_as_asked_for() {
        let step = |from, change| Step { from: Threshold::Ratio(from), change };
        let policy = StepPolicy {
            alarm: "high".to_string(),
            adjust: Adjust::Percent,
            steps: vec![step(0.0, 10.0), step(10.0, 30.0)],
            warm_up: Duration::from_secs(300),
        };
        let desired = |metric: f64, total| propose(&policy, metric - 60.0, 10, total, total > 10);
        assert_eq!([desired(60.0, 10), desired(62.0, 11), desired(70.0, 11)], [Some(11), Some(11), Some(13)]);
    }

    #[test]
    fn bounds_nearer_to_the_threshold_are_inclusive() {
        let step = |lower, upper, change| BoundedStep { lower, upper, change };
        let steps = [step(Some(0.0), Some(10.0), 1.0), step(Some(10.0), None, 2.0), step(None, Some(-5.0), -1.0)];
        let at = |distance| bounded_change(&steps, distance);
        assert_eq!([at(9.999), at(10.0), at(f64::INFINITY)], [Some(1.0), Some(2.0), Some(2.0)]);
        assert_eq!([at(-4.999), at(-5.0), at(f64::NEG_INFINITY)], [None, Some(-1.0), Some(-1.0)]);
    }
}
