//! The linear programme against dynamic programming and against every purchase.

use super::*;
use crate::rng::repeatable::repeatable;
use proptest::prelude::*;

/// One group, a block for each slot; each term is offered in every slot.
fn slots(worlds: &[(Vec<f64>, f64)], terms: &[(f64, usize)], price: f64, risk: Risk) -> Problem {
    let slots = worlds[0].0.len();
    let purchases = terms.iter().flat_map(|(fee, length)| {
        (0..slots).map(move |from| Purchase::new(0, 1, from..(from + length).min(slots), *fee))
    });
    let curve = |instances: &f64| Curve::new([[Segment { instances: *instances, price }].as_slice()]);
    let world = |(usage, probability): &(Vec<f64>, f64)| World {
        probability: *probability,
        branch: 0,
        curves: vec![usage.iter().map(curve).collect()],
    };
    Problem { purchases: purchases.collect(), worlds: worlds.iter().map(world).collect(), risk }
}

/// The least cost by trying everything slot by slot: the state is how many commitments end in each of the next slots.
fn by_dynamic_programming(problem: &Problem, terms: &[(f64, usize)], most: u32) -> f64 {
    use std::collections::BTreeMap;
    let blocks = problem.shape()[0];
    let longest = terms.iter().map(|term| term.1).max().unwrap_or(1);
    let mut states: BTreeMap<Vec<u32>, f64> = BTreeMap::from([(vec![0; longest], 0.0)]);
    for block in 0..blocks {
        let mut next: BTreeMap<Vec<u32>, f64> = BTreeMap::new();
        for (ends, cost) in &states {
            let mut bought = vec![0; terms.len()];
            loop {
                let mut state = ends.clone();
                let mut paid = *cost;
                for (count, (fee, length)) in bought.iter().zip(terms) {
                    state[length - 1] += count;
                    paid += fee * f64::from(*count);
                }
                let covered: u32 = state.iter().sum();
                let left: f64 = problem
                    .worlds
                    .iter()
                    .map(|world| world.probability * world.curves[0][block].uncovered(covered.into()))
                    .sum();
                state.remove(0);
                state.push(0);
                let known = next.entry(state).or_insert(f64::INFINITY);
                *known = known.min(paid + left);
                let Some(place) = bought.iter().position(|count| *count < most) else { break };
                bought[place] += 1;
                bought[..place].fill(0);
            }
        }
        states = next;
    }
    states.into_values().fold(f64::INFINITY, f64::min)
}

/// The least objective of all purchases.
fn by_trying_all(problem: &Problem, most: u32) -> f64 {
    let mut counts = vec![0; problem.purchases.len()];
    let mut least = f64::INFINITY;
    loop {
        least = least.min(problem.objective(&counts));
        let Some(place) = counts.iter().position(|count| *count < most) else { return least };
        counts[place] += 1;
        counts[..place].fill(0);
    }
}

/// Not below the least of all purchases, and not farther above it than a part that counts as settled.
fn near_the_least(choice: &Choice, least: f64) -> bool {
    choice.objective >= least - 1e-9 && choice.objective <= least * (1.0 + 2e-6) + 1e-9
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * (1.0 + b.abs())
}

#[test]
fn fractional_usage_is_bought_whole() {
    // Covering 2.5 instances would cost 15, which nobody can buy.
    let problem = slots(&[(vec![2.5; 10], 1.0)], &[(6.0, 10)], 1.0, Risk::NEUTRAL);
    let choice = solve(&problem).unwrap();
    assert!(near(choice.objective, 17.0) && near(choice.bound, 17.0), "{choice:?}");
}

#[test]
fn terms_that_overlap_are_bought_together() {
    // A level at a time would cost 3.5.
    let problem = slots(&[(vec![1.0, 2.0, 1.0], 1.0)], &[(1.5, 2)], 1.0, Risk::NEUTRAL);
    assert!(near(solve(&problem).unwrap().objective, 3.0));
    let demand = [2.0, 3.0, 5.0, 4.0, 4.0, 1.0, 0.0, 2.0, 3.0, 3.0].to_vec();
    let problem = slots(&[(demand, 1.0)], &[(1.7, 2), (3.0, 4), (4.4, 7)], 1.0, Risk::NEUTRAL);
    assert!(near(solve(&problem).unwrap().objective, 21.8));
}

#[test]
fn worst_cases_raise_the_purchase() {
    let worlds = [(vec![4.0, 6.0, 8.0, 6.0], 0.3), (vec![3.0, 4.0, 5.0, 4.0], 0.5), (vec![6.0, 9.0, 12.0, 9.0], 0.2)];
    let at_start = |risk| {
        let mut problem = slots(&worlds, &[(2.3, 4)], 1.0, risk);
        problem.purchases.truncate(1);
        solve(&problem).unwrap()
    };
    let mean = at_start(Risk::NEUTRAL);
    assert!(mean.counts == [4] && near(mean.objective, 16.1), "{mean:?}");
    let careful = at_start(Risk { weight: 0.5, level: 0.8 });
    assert!(careful.counts == [6] && near(careful.objective, 21.3), "{careful:?}");
}

#[test]
fn sizes_that_differ_are_rounded_with_a_bound() {
    // Levels of one; offers cover 2 for 3 or 3 for 4. Five levels for 10 at 1: 3 + 4.
    let curves = vec![vec![Curve::of_savings(vec![10.0; 5])]];
    let of = |covers, fee| Purchase::new(0, covers, 0..1, fee);
    let worlds = vec![World { probability: 1.0, branch: 0, curves }];
    let problem = Problem { purchases: vec![of(2, 3.0), of(3, 4.0)], worlds, risk: Risk::NEUTRAL };
    let choice = solve(&problem).unwrap();
    assert_eq!(choice.counts, [1, 1]);
    assert!(near(choice.objective, 7.0) && choice.bound <= 7.0 && choice.bound > 6.0, "{choice:?}");
}

#[test]
fn strange_problems_are_answered_or_refused() {
    let nothing = Problem { purchases: vec![], worlds: vec![], risk: Risk::NEUTRAL };
    assert_eq!(solve(&nothing).unwrap().objective, 0.0);
    let unused = slots(&[(vec![0.0; 3], 1.0)], &[(1.0, 2)], 1.0, Risk::NEUTRAL);
    assert_eq!(solve(&unused).unwrap().counts, [0, 0, 0]);
    let free = slots(&[(vec![2.0; 3], 1.0)], &[(0.0, 3)], 1.0, Risk::NEUTRAL);
    assert_eq!(solve(&free).unwrap().objective, 0.0);
    let wrong = slots(&[(vec![2.0; 3], 1.0)], &[(f64::NAN, 3)], 1.0, Risk::NEUTRAL);
    assert!(solve(&wrong).is_err());
}

/// Two worlds; at the start one purchase for both, in the second of two slots one for each.
#[test]
fn a_second_stage_is_decided_when_the_world_is_known() {
    let worlds = [(vec![2.0, 0.0], 0.5), (vec![2.0, 4.0], 0.5)];
    let mut problem = slots(&worlds, &[(1.5, 2), (0.8, 1)], 1.0, Risk::NEUTRAL);
    problem.worlds[1].branch = 1;
    // Of the second slot, only what is bought for one of the worlds.
    problem.purchases.retain(|purchase| purchase.blocks.start == 0);
    let of = |branch| Purchase { branch: Some(branch), ..Purchase::new(0, 1, 1..2, 0.7) };
    problem.purchases.extend([of(0), of(1)]);
    let choice = solve(&problem).unwrap();
    // Both are covered in the first slot for 0.8; four in the second slot for 0.7, if it comes to that.
    assert_eq!(choice.counts, [0, 2, 0, 4]);
    assert!(near(choice.objective, 2.0 * 0.8 + 0.5 * 4.0 * 0.7), "{choice:?}");
    assert!(near(problem.costs(&choice.counts)[0].0, 1.6) && near(problem.costs(&choice.counts)[1].0, 4.4));
}

#[test]
fn no_more_is_bought_than_there_is() {
    let mut problem = slots(&[(vec![3.0; 2], 1.0)], &[(1.1, 2)], 1.0, Risk::NEUTRAL);
    problem.purchases.iter_mut().for_each(|purchase| purchase.most = Some(1));
    assert_eq!(solve(&problem).unwrap().counts, [1, 0]);
}

proptest! {
    #![proptest_config(repeatable(256))]

    #[test]
    fn two_stages_are_the_best_of_all_purchases(
        usage in prop::collection::vec(prop::collection::vec(0.0f64..3.0, 2), 2..4),
        fees in prop::collection::vec(0.2f64..2.0, 3),
        weight in prop_oneof![Just(0.0), 0.1f64..0.9],
    ) {
        let share = 1.0 / usage.len() as f64;
        let worlds: Vec<_> = usage.into_iter().map(|usage| (usage, share)).collect();
        let mut problem = slots(&worlds, &[], 1.0, Risk { weight, level: 0.5 });
        problem.worlds.iter_mut().zip(0..).for_each(|(world, number)| world.branch = number % 2);
        let later = |branch: usize| Purchase { branch: Some(branch), ..Purchase::new(0, 1, 1..2, fees[1 + branch]) };
        problem.purchases = vec![Purchase::new(0, 1, 0..2, fees[0]), later(0), later(1)];
        let choice = solve(&problem).unwrap();
        let least = by_trying_all(&problem, 3);
        prop_assert!(choice.bound <= least + 1e-7 * (1.0 + least), "{} above {least}", choice.bound);
        prop_assert!(near_the_least(&choice, least), "{choice:?} against {least}");
    }

    #[test]
    fn the_mean_is_as_low_as_dynamic_programming_finds(
        usage in prop::collection::vec(prop::collection::vec(prop_oneof![0.0f64..3.0, (0u8..4).prop_map(f64::from)], 5), 1..3),
        fees in prop::collection::vec(0.1f64..4.0, 2),
        lengths in prop::collection::vec(1usize..4, 2),
    ) {
        let share = 1.0 / usage.len() as f64;
        let worlds: Vec<_> = usage.into_iter().map(|usage| (usage, share)).collect();
        let terms: Vec<(f64, usize)> = fees.into_iter().zip(lengths).collect();
        let problem = slots(&worlds, &terms, 1.0, Risk::NEUTRAL);
        let choice = solve(&problem).unwrap();
        let least = by_dynamic_programming(&problem, &terms, 3);
        prop_assert!(near(choice.objective, least), "{} against {least}", choice.objective);
        prop_assert!(near(choice.bound, least), "the programme is whole");
        prop_assert_eq!(&solve(&problem).unwrap(), &choice);
    }

    #[test]
    fn with_risk_nothing_beats_the_bound_or_the_choice(
        usage in prop::collection::vec(prop::collection::vec(0.0f64..3.0, 3), 1..4),
        fee in 0.3f64..3.0,
        weight in 0.1f64..1.0,
    ) {
        let share = 1.0 / usage.len() as f64;
        let worlds: Vec<_> = usage.into_iter().map(|usage| (usage, share)).collect();
        let problem = slots(&worlds, &[(fee, 2)], 1.0, Risk { weight, level: 0.6 });
        let choice = solve(&problem).unwrap();
        let least = by_trying_all(&problem, 3);
        prop_assert!(choice.bound <= least + 1e-7 * (1.0 + least), "{} above {least}", choice.bound);
        prop_assert!(near(choice.objective, problem.objective(&choice.counts)));
        prop_assert!(near_the_least(&choice, least), "{choice:?} against {least}");
    }
}
