//! Capacity that is spread over pools.

/// Instances of one pool, which are lost together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharedFate {
    /// Instances.
    pub instances: u32,
    /// The probability that they are lost.
    pub lost: f64,
}

/// The probability that `need` instances or more are left, where pools are lost independently of each other.
pub fn enough_left(pools: &[SharedFate], need: u32) -> f64 {
    let need = need as usize;
    // The probability of each number that is left; whatever is enough counts as `need`.
    let mut law = vec![0.0; need + 1];
    law[0] = 1.0;
    for pool in pools {
        let kept = pool.instances as usize;
        let mut next: Vec<f64> = law.iter().map(|probability| pool.lost * probability).collect();
        for (left, probability) in law.iter().enumerate() {
            next[left.saturating_add(kept).min(need)] += (1.0 - pool.lost) * probability;
        }
        law = next;
    }
    law[need]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_add_up() {
        let pools = [SharedFate { instances: 3, lost: 0.2 }, SharedFate { instances: 2, lost: 0.5 }];
        let enough = |need| enough_left(&pools, need);
        assert_eq!(enough(0), 1.0);
        for (need, expected) in [(1, 0.9), (2, 0.9), (3, 0.8), (4, 0.4), (5, 0.4), (6, 0.0)] {
            assert!((enough(need) - expected).abs() < 1e-15, "{need}: {}", enough(need));
        }
    }
}
