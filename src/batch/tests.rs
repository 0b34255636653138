//! Policies and the optimum against what must hold, and against trying everything.

use super::*;
use crate::units::Money;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

const PROMISING: [Policy; 4] = [Policy::OnDemand, Policy::NoWait, Policy::Greedy, Policy::UniformProgress];
const ALL: [Policy; 5] = [Policy::OnDemand, Policy::NoWait, Policy::SpotOnly, Policy::Greedy, Policy::UniformProgress];

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, rng_seed: RngSeed::Fixed(70), failure_persistence: None, ..Config::default() })
}

/// Markets whose stretches are a few steps long, and what jobs take.
fn situation(steps: u32, longest_restart: u32, markets: usize) -> impl Strategy<Value = Situation> {
    let stretch = (1..8usize, 1..9i64, prop_oneof![Just(0u32), Just(1), Just(3)]);
    let stretches = prop::collection::vec(stretch, steps as usize);
    let market = (stretches, any::<bool>()).prop_map(move |(stretches, reserved)| {
        let all = stretches.into_iter().flat_map(|(length, cost, capacity)| vec![(cost, capacity); length]);
        let (cost, capacity): (Vec<i64>, Vec<u32>) = all.take(steps as usize).unzip();
        Market { cost: if reserved { vec![0; cost.len()] } else { cost }, capacity, reserved }
    });
    let markets = prop::collection::vec(market, 1..=markets);
    (markets, 4..12i64, 0..=longest_restart, prop::option::of(1..6u32)).prop_map(
        move |(markets, on_demand, restart, checkpoint)| Situation { markets, steps, on_demand, restart, checkpoint },
    )
}

fn job(steps: u32, longest: u32) -> impl Strategy<Value = Job> {
    (0..steps / 2, 1..=longest, 0..steps).prop_map(move |(release, work, spare)| Job {
        release,
        work,
        deadline: (release + work + spare).min(steps),
    })
}

#[test]
fn a_policy_that_promises_deadlines_never_misses_one_that_can_be_met() {
    let cases = (situation(120, 5, 2), prop::collection::vec(job(120, 30), 1..6));
    runner(3000)
        .run(&cases, |(situation, jobs)| {
            for policy in PROMISING {
                for (job, outcome) in jobs.iter().zip(simulate(&situation, &jobs, policy)) {
                    if job.is_possible(situation.restart) {
                        prop_assert!(!outcome.missed(job), "{:?}: {:?} {:?}", policy, job, outcome);
                    }
                }
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn steps_of_a_job_add_up_and_no_market_gives_more_than_it_has() {
    let cases = (situation(80, 4, 2), prop::collection::vec(job(80, 20), 1..6));
    runner(500)
        .run(&cases, |(situation, jobs)| {
            for policy in ALL {
                let outcomes = simulate(&situation, &jobs, policy);
                for (job, outcome) in jobs.iter().zip(&outcomes) {
                    let held = outcome.on_reserved + outcome.on_spot + outcome.on_demand;
                    if outcome.completed.is_some() {
                        prop_assert!(held >= job.work + outcome.lost, "{:?} {:?}", job, outcome);
                    }
                    let dearest = i128::from(outcome.on_demand) * i128::from(situation.on_demand);
                    prop_assert!(outcome.cost <= Money::from_nano(dearest + 9 * i128::from(outcome.on_spot)));
                }
                let given: u64 = situation.markets.iter().flat_map(|m| &m.capacity).map(|c| u64::from(*c)).sum();
                prop_assert!(
                    outcomes.iter().map(|outcome| u64::from(outcome.on_reserved + outcome.on_spot)).sum::<u64>()
                        <= given
                );
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn no_policy_that_is_in_time_pays_less_than_the_optimum() {
    let cases = (situation(90, 4, 2), job(90, 25));
    runner(1000)
        .run(&cases, |(situation, job)| {
            let least = optimum(&situation, &job);
            prop_assert_eq!(least.is_some(), job.is_possible(situation.restart));
            for policy in ALL {
                let outcome = simulate(&situation, &[job], policy)[0];
                if let (Some(least), false) = (least, outcome.missed(&job)) {
                    prop_assert!(least <= outcome.cost, "{:?}: {} < {}", policy, outcome.cost, least);
                }
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// The least cost of completing a job, by trying every sequence of instances.
fn by_trying(situation: &Situation, job: &Job, now: u32, held: usize, waits: u32, left: u32) -> Option<i64> {
    if left == 0 {
        return Some(0);
    }
    if now >= job.deadline {
        return None;
    }
    let kinds = situation.markets.len() + 2;
    let choices = (0..kinds).filter_map(|kind| {
        let (price, there) = match kind {
            0 => (0, true),
            1 => (situation.on_demand, true),
            _ => {
                let market = &situation.markets[kind - 2];
                (market.cost[now as usize], market.capacity[now as usize] > 0)
            }
        };
        let waits = if kind == held { waits } else { situation.restart };
        let (waits, left) = match (kind, waits) {
            (0, _) => (0, left),
            (_, 0) => (0, left - 1),
            (_, waits) => (waits - 1, left),
        };
        let rest = if there { by_trying(situation, job, now + 1, kind, waits, left) } else { None };
        rest.map(|rest| rest + price)
    });
    choices.min()
}

#[test]
fn the_optimum_is_the_best_of_all_sequences() {
    let cases = (situation(8, 2, 2), job(8, 4));
    runner(200)
        .run(&cases, |(situation, job)| {
            let best = by_trying(&situation, &job, job.release, 0, 0, job.work);
            prop_assert_eq!(optimum(&situation, &job), best.map(|cost| Money::from_nano(cost.into())));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// One market: spot at 1 for a step where there is any, on-demand at 3.
fn by_hand(capacity: &[u32], restart: u32, checkpoint: Option<u32>) -> Situation {
    let market = Market { cost: vec![1; capacity.len()], capacity: capacity.to_vec(), reserved: false };
    Situation { markets: vec![market], steps: capacity.len() as u32, on_demand: 3, restart, checkpoint }
}

#[test]
fn greedy_waits_until_the_last_safe_moment() {
    let situation = by_hand(&[1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1, Some(1));
    let job = Job { release: 0, deadline: 11, work: 6 };
    // A restart and two steps on spot; four are left, with a restart five: from step 6 on.
    let greedy = simulate(&situation, &[job], Policy::Greedy)[0];
    assert_eq!((greedy.on_spot, greedy.on_demand, greedy.completed), (3, 5, Some(11)));
    assert_eq!((greedy.cost, greedy.interruptions, greedy.lost), (Money::from_nano(3 + 15), 1, 0));
    assert_eq!(optimum(&situation, &job), Some(Money::from_nano(3 + 15)));
    let never = Job { deadline: 6, ..job };
    assert_eq!(optimum(&situation, &never), None);
    assert!(simulate(&situation, &[never], Policy::Greedy)[0].missed(&never));
}

#[test]
fn without_checkpoints_an_interruption_loses_all_that_was_done_since_the_start() {
    let situation = by_hand(&[1, 1, 1, 0, 1, 1, 1, 1, 1], 0, None);
    let job = Job { release: 0, deadline: 9, work: 4 };
    let spot = simulate(&situation, &[job], Policy::SpotOnly)[0];
    assert_eq!((spot.lost, spot.interruptions, spot.completed), (3, 1, Some(8)));
    assert_eq!(spot.cost, Money::from_nano(7));
    // Whoever knows leaves after two steps and saves.
    assert_eq!(optimum(&situation, &job), Some(Money::from_nano(4)));
}

#[test]
fn even_progress_takes_on_demand_when_it_falls_behind_and_leaves_when_it_is_ahead() {
    let mut capacity = vec![0; 40];
    capacity[30..].fill(1);
    let situation = by_hand(&capacity, 0, Some(1));
    let job = Job { release: 0, deadline: 40, work: 20 };
    let even = simulate(&situation, &[job], Policy::UniformProgress)[0];
    // Half of the first thirty steps on on-demand, then on spot.
    assert_eq!((even.on_demand, even.on_spot, even.completed), (15, 5, Some(35)));
}

#[test]
fn a_job_of_too_many_steps_has_no_optimum_computed() {
    let situation = by_hand(&[1; 100], 2, None);
    let job = Job { release: 0, deadline: 100, work: 50 };
    assert!(!is_too_large(&situation, &job));
    let long = Situation { steps: 100_000, restart: 60_000, ..situation };
    assert!(
        is_too_large(&long, &Job { deadline: 100_000, work: 100, ..job })
            && is_too_large(&long, &Job { work: u32::MAX, ..job })
    );
}

#[test]
fn who_was_released_first_keeps_scarce_spot() {
    let situation = by_hand(&[2, 2, 1, 1, 1, 1], 0, Some(1));
    let job = Job { release: 0, deadline: 6, work: 3 };
    let outcomes = simulate(&situation, &[Job { release: 1, ..job }, job], Policy::SpotOnly);
    assert_eq!((outcomes[1].completed, outcomes[1].interruptions), (Some(3), 0));
    assert_eq!((outcomes[0].completed, outcomes[0].interruptions), (Some(5), 1));
}

/// One reserved instance that is idle at times, beside the market of [`by_hand`].
fn with_idle_hours(situation: Situation, idle: &[u32]) -> Situation {
    let reserved = Market { cost: vec![0; idle.len()], capacity: idle.to_vec(), reserved: true };
    Situation { markets: [situation.markets, vec![reserved]].concat(), ..situation }
}

#[test]
fn idle_reserved_hours_come_first_then_spot_then_on_demand() {
    let situation = with_idle_hours(by_hand(&[1; 8], 0, None), &[1; 8]);
    let job = Job { release: 0, deadline: 8, work: 3 };
    let outcomes = simulate(&situation, &[job; 3], Policy::NoWait);
    let held = |outcome: &JobOutcome| [outcome.on_reserved, outcome.on_spot, outcome.on_demand];
    assert_eq!(outcomes.iter().map(held).collect::<Vec<_>>(), [[3, 0, 0], [0, 3, 0], [0, 0, 3]]);
    assert_eq!(outcomes.iter().map(|outcome| outcome.cost.nano()).collect::<Vec<_>>(), [0, 3, 9]);
    // Who waits has what the first leave: the idle hours again.
    let waited = simulate(&situation, &[job; 3], Policy::Greedy);
    assert_eq!(waited.iter().map(held).collect::<Vec<_>>(), [[3, 0, 0], [0, 3, 0], [3, 0, 0]]);
    assert_eq!(waited[2].delay(&job), Some(3));
}

#[test]
fn who_gives_reserved_hours_back_loses_nothing() {
    let situation = with_idle_hours(by_hand(&[0; 9], 1, None), &[1, 1, 1, 0, 0, 1, 1, 1, 1]);
    let job = Job { release: 0, deadline: 9, work: 4 };
    let outcome = simulate(&situation, &[job], Policy::SpotOnly)[0];
    // A restart and two steps; then a restart and the other two.
    assert_eq!((outcome.on_reserved, outcome.interruptions, outcome.lost, outcome.completed), (6, 1, 0, Some(8)));
}
