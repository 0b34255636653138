//! The probabilities of error that are stated, on candidates whose truth is known.

use super::*;
use crate::stats::{mean_interval, ratio_interval};

/// Numbers of (0, 1), from a 64-bit mixer: tests of a library that draws nothing itself.
struct Numbers(u64);

impl Numbers {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + 1e-17
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Candidates with known means; their noise is partly common, as with common random numbers.
struct Known {
    means: Vec<Sample>,
    common: f64,
    own: f64,
    seed: u64,
    asked: usize,
}

impl Runs for Known {
    type Stop = std::convert::Infallible;

    fn run(
        &mut self,
        candidates: &[usize],
        replications: std::ops::Range<u32>,
    ) -> Result<Vec<Vec<Sample>>, Self::Stop> {
        self.asked += candidates.len() * replications.len();
        let sample = |candidate: usize, replication: u32| {
            let shared = Numbers(self.seed ^ (u64::from(replication) << 20)).normal() * self.common;
            let mut own = Numbers(self.seed ^ (u64::from(replication) << 20) ^ ((candidate as u64 + 1) << 44));
            let mean = self.means[candidate];
            Sample {
                cost: mean.cost + shared + self.own * own.normal(),
                slacks: mean.slacks.map(|slack| slack + 0.1 * shared + 0.1 * self.own * own.normal()),
            }
        };
        Ok(candidates.iter().map(|c| replications.clone().map(|r| sample(*c, r)).collect()).collect())
    }
}

fn rules() -> Rules {
    Rules { error: 0.05, cost_tolerance: 0.5, slack_tolerance: [0.05; LIMITS], first: 16, looks: 4 }
}

/// A thousand races of candidates at the edge: the cheapest ones just miss a limit, one is better by just the tolerance.
#[test]
fn a_wrong_winner_is_as_rare_as_stated() {
    let mut means = Vec::new();
    for i in 0..6 {
        means.push(Sample { cost: 90.0 + f64::from(i), slacks: [1e-9, -0.5] });
    }
    means.push(Sample { cost: 100.0, slacks: [-0.05, -0.05] });
    for i in 0..13 {
        means.push(Sample { cost: 100.5 + 1e-9 + 0.2 * f64::from(i), slacks: [-0.4, -0.4] });
    }
    let (mut wrong, mut resolved) = (0, 0);
    for seed in 0..1000 {
        let mut known = Known { means: means.clone(), common: 4.0, own: 1.0, seed: seed * 7919 + 3, asked: 0 };
        let (outcome, _) = race(means.len(), &rules(), &mut known);
        let Some(winner) = outcome.winner else { continue };
        resolved += 1;
        let infeasible = means[winner].slacks.iter().any(|slack| *slack > 0.0);
        // What the race leaves open is no part of its claim.
        let open = matches!(outcome.fates[6], Fate::Unresolved { .. });
        wrong += u32::from(infeasible || !open && means[winner].cost > 100.0 + rules().cost_tolerance);
    }
    assert!(resolved > 900, "{resolved} of 1000 races had a winner");
    assert!(wrong <= 50, "{wrong} of 1000 races were wrong");
}

#[test]
fn clear_cases_are_decided_at_the_first_look() {
    let mut means = vec![Sample { cost: 80.0, slacks: [3.0, -1.0] }, Sample { cost: 100.0, slacks: [-3.0, -1.0] }];
    means.extend((0..20).map(|i| Sample { cost: 110.0 + f64::from(i), slacks: [-3.0, -1.0] }));
    let mut known = Known { means: means.clone(), common: 10.0, own: 1.0, seed: 5, asked: 0 };
    let (outcome, _) = race(means.len(), &rules(), &mut known);
    assert_eq!(outcome.winner, Some(1));
    assert_eq!(outcome.fates[0], Fate::Misses { limit: 0, after: 16 });
    assert!(matches!(outcome.fates[2], Fate::NotCheaper { than: 1, after: 16, .. }));
    assert_eq!(known.asked, 16 * means.len());
}

#[test]
fn without_a_candidate_that_keeps_its_limits_there_is_no_winner() {
    let means = vec![Sample { cost: 1.0, slacks: [1.0, -1.0] }; 3];
    let mut known = Known { means, common: 1.0, own: 1.0, seed: 1, asked: 0 };
    let (outcome, _) = race(3, &rules(), &mut known);
    assert_eq!(outcome.winner, None);
    assert!(outcome.fates.iter().all(|fate| matches!(fate, Fate::Misses { limit: 0, .. })));
}

/// At the edge of a limit a certificate is given wrongly as often as stated, by either kind.
#[test]
fn certificates_at_the_edge_are_as_rare_as_stated() {
    let (mut by_t, mut by_evidence) = (0, 0);
    for seed in 0..2000 {
        let mut numbers = Numbers(seed * 104_729 + 17);
        let samples: Vec<Sample> = (0..32).map(|_| Sample { cost: 0.0, slacks: [numbers.normal(), -1.0] }).collect();
        by_t += u32::from(certify(&samples, 0.05).kept());
        let mut evidence = Evidence::new(0.05);
        let certified = (0..300).any(|_| {
            evidence.add(0.1 * numbers.uniform());
            evidence.suffices(0.05)
        });
        by_evidence += u32::from(certified);
    }
    // 100 is expected of the first; three standard errors are 29.
    assert!((70..130).contains(&by_t), "{by_t} of 2000");
    assert!(by_evidence <= 100, "{by_evidence} of 2000");
}

/// Intervals of a mean, of a paired difference and of a share (a ratio of sums) hold the truth in 93 to 97 of 100 cases.
#[test]
fn intervals_cover_the_truth() {
    let mut covered = [0; 3];
    let runs = 2000;
    for seed in 0..runs {
        let mut numbers = Numbers(seed * 15_485_863 + 29);
        let (mut costs, mut differences, mut late, mut offered) = (vec![], vec![], vec![], vec![]);
        for _ in 0..16 {
            let shared = 3.0 * numbers.normal();
            let (a, b) = (10.0 + shared + numbers.normal(), 12.0 + shared + numbers.normal());
            costs.push(a);
            differences.push(b - a);
            let requests = 1000.0 + 300.0 * numbers.uniform();
            offered.push(requests);
            late.push(requests * (0.05 + 0.01 * numbers.normal()));
        }
        let holds = |limits: Option<[f64; 2]>, truth: f64| {
            u32::from(limits.is_some_and(|[low, high]| low <= truth && truth <= high))
        };
        covered[0] += holds(mean_interval(&costs, 0.95).limits, 10.0);
        covered[1] += holds(mean_interval(&differences, 0.95).limits, 2.0);
        covered[2] += holds(ratio_interval(&late, &offered, 0.95).limits, 0.05);
    }
    for count in covered {
        let share = f64::from(count) / runs as f64;
        assert!((0.93..0.97).contains(&share), "{covered:?} of {runs}");
    }
}

#[test]
fn thresholds_are_the_published_ones() {
    let found = [16, 64, 1024].map(|n| Thresholds::new(0.05, 1000, 1, 9, n));
    let limits = [6.844_733_720_631_129, 4.963_715_368_235_499_5, 4.566_764_268_070_975];
    let costs = [11.780_487_840_561_78, 6.744_485_520_687_983_5, 5.879_652_193_388_298];
    for (found, (limit, cost)) in found.iter().zip(limits.into_iter().zip(costs)) {
        assert!((found.limit / limit - 1.0).abs() < 1e-8, "{found:?} {limit}");
        assert!((found.cost / cost - 1.0).abs() < 1e-8, "{found:?} {cost}");
    }
}
