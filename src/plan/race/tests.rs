//! The probabilities of error that are stated, on candidates whose truth is known.

use super::*;
use crate::stats::{mean_interval, ratio_interval};
use std::ops::Range;

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
    /// What is left of the noise beside a control, as a share of it, if there are controls.
    beside_control: Option<f64>,
}

/// Replications of controls for each of the candidates.
const CONTROLS: u32 = 4;

impl Known {
    /// A sample, and its control: of other means, and with a part of its noise.
    fn sample(&self, candidate: usize, replication: u32) -> [Sample; 2] {
        let shared = Numbers(self.seed ^ (u64::from(replication) << 20)).normal() * self.common;
        let mut own = Numbers(self.seed ^ (u64::from(replication) << 20) ^ ((candidate as u64 + 1) << 44));
        let mean = self.means[candidate];
        let noise = [0; 1 + LIMITS].map(|_| self.own * own.normal());
        let sample = |offset: f64, noise: [f64; 1 + LIMITS], shared: f64| Sample {
            cost: mean.cost + offset + shared + noise[0],
            slacks: std::array::from_fn(|limit| mean.slacks[limit] + 0.01 * offset + 0.1 * (shared + noise[1 + limit])),
        };
        let part = 1.0 - self.beside_control.unwrap_or(0.0);
        [sample(0.0, noise, shared), sample(7.0 + candidate as f64, noise.map(|one| part * one), part * shared)]
    }
}

impl Runs for Known {
    type Stop = std::convert::Infallible;

    fn run(&mut self, candidates: &[usize], replications: Range<u32>) -> Result<Vec<Vec<Sample>>, Self::Stop> {
        self.asked += candidates.len() * replications.len();
        Ok(candidates.iter().map(|c| replications.clone().map(|r| self.sample(*c, r)[0]).collect()).collect())
    }

    fn controls(&mut self, candidates: &[usize], replications: Range<u32>) -> Result<Option<Controls>, Self::Stop> {
        if self.beside_control.is_none() {
            return Ok(None);
        }
        let of = |replications: Range<u32>| {
            candidates.iter().map(|c| replications.clone().map(|r| self.sample(*c, r)[1]).collect()).collect()
        };
        let others = (1 << 20) + CONTROLS * replications.start..(1 << 20) + CONTROLS * replications.end;
        Ok(Some(Controls { paired: of(replications), others: of(others) }))
    }
}

fn rules() -> Rules {
    Rules { error: 0.05, cost_tolerance: 0.5, slack_tolerance: [0.05; LIMITS], first: 16, looks: 4 }
}

/// Candidates at the edge: the cheapest ones just miss a limit, one is better by just the tolerance.
fn at_the_edge() -> Vec<Sample> {
    let too_late = (0..6).map(|i| Sample { cost: 90.0 + f64::from(i), slacks: [1e-9, -0.5] });
    let best = Sample { cost: 100.0, slacks: [-0.05, -0.05] };
    let dearer = (0..13).map(|i| Sample { cost: 100.5 + 1e-9 + 0.2 * f64::from(i), slacks: [-0.4, -0.4] });
    too_late.chain([best]).chain(dearer).collect()
}

/// A thousand races at the edge, without controls and with such that resemble the candidates much and not at all.
#[test]
fn a_wrong_winner_is_as_rare_as_stated() {
    let means = at_the_edge();
    for beside_control in [None, Some(0.1), Some(1.0)] {
        let (mut wrong, mut resolved) = (0, 0);
        for seed in 0..1000 {
            let seed = seed * 7919 + 3;
            let mut known = Known { means: means.clone(), common: 4.0, own: 1.0, seed, asked: 0, beside_control };
            let (outcome, _) = race(means.len(), &rules(), &mut known);
            let Some(winner) = outcome.winner else { continue };
            resolved += 1;
            let infeasible = means[winner].slacks.iter().any(|slack| *slack > 0.0);
            // What the race leaves open is no part of its claim.
            let open = matches!(outcome.fates[6], Fate::Unresolved { .. });
            wrong += u32::from(infeasible || !open && means[winner].cost > 100.0 + rules().cost_tolerance);
        }
        assert!(resolved > 900, "{resolved} of 1000 races had a winner, {beside_control:?}");
        assert!(wrong <= 50, "{wrong} of 1000 races were wrong, {beside_control:?}");
    }
}

/// With controls that resemble them much, candidates near each other are told apart by a fraction of the replications, and means are
/// those of the candidates, not of their controls.
#[test]
fn controls_save_replications_and_leave_no_bias() {
    let means: Vec<Sample> =
        (0..8).map(|i| Sample { cost: 100.0 + 1.5 * f64::from(i), slacks: [-0.5, -0.3] }).collect();
    let (mut asked, mut errors) = ([0; 2], Vec::new());
    for seed in 0..100 {
        for (place, beside_control) in [None, Some(0.1)].into_iter().enumerate() {
            let seed = seed * 6007 + 11;
            let mut known = Known { means: means.clone(), common: 4.0, own: 2.0, seed, asked: 0, beside_control };
            let (outcome, _) = race(means.len(), &rules(), &mut known);
            asked[place] += known.asked;
            if place == 1 {
                errors.push(outcome.means[0].cost - means[0].cost);
            }
        }
    }
    assert!(2 * asked[1] < asked[0], "{asked:?}");
    let mean = mean_interval(&errors, 0.9999);
    assert!(mean.limits.is_some_and(|[low, high]| low < 0.0 && 0.0 < high && high - low < 1.5), "{mean:?}");
}

#[test]
fn clear_cases_are_decided_at_the_first_look() {
    let mut means = vec![Sample { cost: 80.0, slacks: [3.0, -1.0] }, Sample { cost: 100.0, slacks: [-3.0, -1.0] }];
    means.extend((0..20).map(|i| Sample { cost: 110.0 + f64::from(i), slacks: [-3.0, -1.0] }));
    let mut known = Known { means: means.clone(), common: 10.0, own: 1.0, seed: 5, asked: 0, beside_control: None };
    let (outcome, _) = race(means.len(), &rules(), &mut known);
    assert_eq!(outcome.winner, Some(1));
    assert_eq!(outcome.fates[0], Fate::Misses { limit: 0, after: 16 });
    assert!(matches!(outcome.fates[2], Fate::NotCheaper { than: 1, after: 16, .. }));
    assert_eq!(known.asked, 16 * means.len());
}

#[test]
fn without_a_candidate_that_keeps_its_limits_there_is_no_winner() {
    let means = vec![Sample { cost: 1.0, slacks: [1.0, -1.0] }; 3];
    let mut known = Known { means, common: 1.0, own: 1.0, seed: 1, asked: 0, beside_control: None };
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
