//! How large the fleet of a first scenario is.

use crate::units::Duration;

/// Instances of a first scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizing {
    /// Instances that run today, or are thought to.
    pub running: u32,
    /// Instances that are busy nearly always: what a commitment may cover.
    pub base: u32,
    /// Most instances that scaling may reach.
    pub most: u32,
}

/// CPU utilisation that instances are sized for: a customary target of scaling policies.
const TARGET: f64 = 0.6;
/// Instances of a first scenario, at most.
const MOST: f64 = 4000.0;

impl Sizing {
    /// Sizes a fleet for a demand in requests per second by interval: `running`, unless given, for its 99th percentile, the base
    /// for its 10th.
    pub fn new(per_second: &[f64], work: Duration, slots: u32, running: Option<u32>) -> Self {
        let mut sorted = per_second.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quantile =
            |share: f64| sorted.get((share * sorted.len().saturating_sub(1) as f64) as usize).copied().unwrap_or(0.0);
        let needed = |rate: f64| {
            let instances = (rate * work.as_secs_f64() / f64::from(slots) / TARGET).ceil();
            instances.clamp(1.0, MOST) as u32
        };
        let running = running.unwrap_or(needed(quantile(0.99)));
        let base = needed(quantile(0.1)).min(running).max(1);
        let most = needed(quantile(1.0)).max(running).saturating_mul(2);
        Self { running, base, most }
    }
}

/// Virtual CPUs of an EC2 type, by the name of its size: `large` has two, `xlarge` four, `<n>xlarge` 4 n, `medium` one, or two of the
/// burstable families. `None` for other names.
pub fn virtual_cpus(instance_type: &str) -> Option<u32> {
    let (family, size) = instance_type.split_once('.')?;
    match size {
        "medium" => Some(if family.starts_with('t') { 2 } else { 1 }),
        "large" => Some(2),
        "xlarge" => Some(4),
        _ => size.strip_suffix("xlarge")?.parse::<u32>().ok()?.checked_mul(4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fleets_fit_the_demand() {
        let rates: Vec<f64> = (0..100).map(f64::from).collect();
        let sizing = Sizing::new(&rates, Duration::from_millis(100), 2, None);
        // 98/s of 100 ms on two slots at 60 %: 8.2 instances; 9/s: 0.75.
        assert_eq!(sizing, Sizing { running: 9, base: 1, most: 18 });
        assert_eq!(Sizing::new(&rates, Duration::from_millis(100), 2, Some(3)).running, 3);
        assert_eq!(Sizing::new(&[1e12], Duration::from_secs(1), 1, None).running, 4000);
        assert_eq!(Sizing::new(&[], Duration::from_secs(1), 1, None).running, 1);
    }

    #[test]
    fn sizes_have_names() {
        let found = ["m5.large", "c5.2xlarge", "t3.medium", "m3.medium", "r5.xlarge", "m5.metal", "n2-standard-4"]
            .map(virtual_cpus);
        assert_eq!(found, [Some(2), Some(8), Some(2), Some(1), Some(4), None, None]);
    }
}
