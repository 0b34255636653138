//! The bound from work against results by hand, against itself, and against every plan of tiny instances.

use super::work::{Capacity, Group, Path, Problem, Reserved, Slot};
use crate::plan::linear::LinearError;
use crate::rng::repeatable::repeatable;
use proptest::prelude::*;

/// Slots in which `requests` of unit work arrive, with on-demand servers for 1 a slot.
fn unit_slots(requests: &[f64]) -> Vec<Slot> {
    let on_demand = Capacity { work: 1.0, price: 1.0, most: f64::INFINITY, start: 0.0 };
    let slot = |requests: &f64| Slot {
        work: *requests,
        arrivals: vec![Group { requests: *requests, work: 1.0 }],
        carried: 0.0,
        capacity: vec![on_demand],
    };
    requests.iter().map(slot).collect()
}

fn six_slots(late_vanish: bool) -> Problem {
    let slots = unit_slots(&[4.0, 10.0, 6.0, 12.0, 5.0, 3.0]);
    let reserved = vec![Reserved { price: 3.3, most: f64::INFINITY, work: 1.0 }];
    Problem { paths: vec![Path { slots, budget: 5.0 }], reserved, late_vanish }
}

#[test]
fn six_slots_by_hand() {
    let vanishing = six_slots(true).solve().unwrap();
    assert!((vanishing.cost - 24.5).abs() < 1e-9 && (vanishing.reserved[0] - 5.0).abs() < 1e-9, "{vanishing:?}");
    let served = six_slots(false).solve().unwrap();
    assert!(
        (served.cost - 25.0 - 7.0 / 30.0).abs() < 1e-9 && (served.reserved[0] - 19.0 / 3.0).abs() < 1e-9,
        "{served:?}"
    );
}

#[test]
fn the_budget_is_one_for_all_paths() {
    // One path with two requests that cost 1 each, one with none: either both are late on it or neither path says anything.
    let slot = |requests| Path { slots: unit_slots(&[requests]), budget: 1.0 };
    let problem = Problem { paths: vec![slot(2.0), slot(0.0)], reserved: Vec::new(), late_vanish: true };
    assert!(problem.solve().unwrap().cost.abs() < 1e-9);
    assert!(problem.least_dual(problem.best_late_price()).1 <= 1e-9);
}

#[test]
fn demand_beyond_all_capacity_has_no_bound() {
    let mut problem = six_slots(true);
    problem.reserved[0].most = 1.0;
    problem.paths[0].slots.iter_mut().for_each(|slot| slot.capacity[0].most = 1.0);
    assert_eq!(problem.solve(), Err(LinearError::Infeasible));
    assert!(problem.least_dual(1e9).1 > 1e9);
}

/// A tiny instance: requests of whole quarters of a slot, their latency limit in slots, and prices.
#[derive(Debug, Clone)]
struct Tiny {
    /// For each path the arrival time and work of each request, in slots, in order of arrival.
    paths: Vec<Vec<(f64, f64)>>,
    slots: usize,
    limit: f64,
    budget: f64,
    reserved: f64,
    on_demand: f64,
    start: f64,
    /// Spot's price in each slot, the same on all paths; none where it is infinite.
    spot: Vec<f64>,
    late_vanish: bool,
}

const MOST_SERVERS: usize = 2;

impl Tiny {
    fn problem(&self) -> Problem {
        let path = |requests: &Vec<(f64, f64)>| {
            let slots = (0..self.slots).map(|slot| self.slot(requests, slot)).collect();
            Path { slots, budget: self.budget }
        };
        let reserved = vec![Reserved { price: self.reserved, most: MOST_SERVERS as f64, work: 1.0 }];
        Problem { paths: self.paths.iter().map(path).collect(), reserved, late_vanish: self.late_vanish }
    }

    fn slot(&self, requests: &[(f64, f64)], slot: usize) -> Slot {
        let (from, end) = (slot as f64, slot as f64 + 1.0);
        let mut its: Vec<(f64, f64)> =
            requests.iter().copied().filter(|(time, _)| (from..end).contains(time)).collect();
        its.sort_by(|a, b| b.1.total_cmp(&a.1));
        let most = MOST_SERVERS as f64;
        let mut capacity = vec![Capacity { work: 1.0, price: self.on_demand, most, start: self.start }];
        if self.spot[slot].is_finite() {
            capacity.push(Capacity { work: 1.0, price: self.spot[slot], most: 1.0, start: 0.0 });
        }
        Slot {
            work: its.iter().map(|(_, work)| work).sum(),
            arrivals: its.iter().map(|(_, work)| Group { requests: 1.0, work: *work }).collect(),
            carried: its.iter().map(|(time, work)| work.min((time + self.limit - end).max(0.0))).sum(),
            capacity,
        }
    }

    /// Late requests when requests are served in order by these numbers of servers, or `None` if work is left that must not be.
    fn late(&self, requests: &[(f64, f64)], servers: &[usize]) -> Option<f64> {
        const STEPS: usize = 4;
        let mut left: Vec<f64> = requests.iter().map(|(_, work)| (work * STEPS as f64).round()).collect();
        let mut finish = vec![f64::INFINITY; requests.len()];
        for step in 0..self.slots * STEPS {
            let now = step as f64 / STEPS as f64;
            let ready = (0..requests.len()).filter(|&i| requests[i].0 <= now && left[i] > 0.0);
            for i in ready.take(servers[step / STEPS]).collect::<Vec<_>>() {
                left[i] -= 1.0;
                if left[i] == 0.0 {
                    finish[i] = (step + 1) as f64 / STEPS as f64;
                }
            }
        }
        let all_done = finish.iter().all(|finish| finish.is_finite());
        let late =
            requests.iter().zip(&finish).filter(|((time, _), finish)| **finish > time + self.limit + 1e-9).count();
        (self.late_vanish || all_done).then_some(late as f64)
    }

    /// The cheapest plan: reserved servers, and for each path on-demand and spot servers in each slot.
    fn brute_force(&self) -> f64 {
        let plans = |reserved: usize, requests: &Vec<(f64, f64)>| {
            let choices = (MOST_SERVERS + 1) * 2;
            let mut found = Vec::new();
            'plans: for code in 0..choices.pow(self.slots as u32) {
                let (mut rest, mut before, mut cost, mut servers) = (code, 0, 0.0, Vec::new());
                for slot in 0..self.slots {
                    let (on_demand, spot) = (rest % choices / 2, rest % choices % 2);
                    rest /= choices;
                    if spot == 1 && !self.spot[slot].is_finite() {
                        continue 'plans;
                    }
                    cost += on_demand as f64 * self.on_demand + self.start * on_demand.saturating_sub(before) as f64;
                    cost += if spot == 1 { self.spot[slot] } else { 0.0 };
                    before = on_demand;
                    servers.push(reserved + on_demand + spot);
                }
                found.extend(self.late(requests, &servers).map(|late| super::slots::Choice { cost, late }));
            }
            found
        };
        let share = 1.0 / self.paths.len() as f64;
        let with = |reserved: usize| {
            let of_paths: Vec<_> = self.paths.iter().map(|path| plans(reserved, path)).collect();
            let best = super::slots::cheapest(&of_paths, self.budget * self.paths.len() as f64);
            best.map_or(f64::INFINITY, |best| self.reserved * reserved as f64 + best.cost * share)
        };
        (0..=MOST_SERVERS).map(with).fold(f64::INFINITY, f64::min)
    }
}

fn tiny() -> impl Strategy<Value = Tiny> {
    let quarters = |most: u32| (1..=most).prop_map(|quarters| f64::from(quarters) / 4.0);
    (1usize..4, 1usize..3).prop_flat_map(move |(slots, paths)| {
        let request = ((0..slots as u32 * 4).prop_map(|quarters| f64::from(quarters) / 4.0), quarters(3));
        let path = prop::collection::vec(request, 0..5).prop_map(|mut path| {
            path.sort_by(|a, b| a.0.total_cmp(&b.0));
            path
        });
        let spot = prop::collection::vec(
            prop_oneof![Just(f64::INFINITY), (0u32..4).prop_map(|price| f64::from(price) / 4.0)],
            slots,
        );
        let prices = (quarters(12), quarters(8), prop_oneof![Just(0.0), quarters(4)]);
        (prop::collection::vec(path, paths), spot, prices, quarters(4), 0u32..3, any::<bool>()).prop_map(
            move |(paths, spot, (reserved, on_demand, start), limit, budget, late_vanish)| Tiny {
                paths,
                slots,
                limit,
                budget: f64::from(budget) / 2.0,
                reserved,
                on_demand,
                start,
                spot,
                late_vanish,
            },
        )
    })
}

#[test]
fn no_plan_of_a_tiny_instance_costs_less() {
    let compared = std::cell::Cell::new((0, 0.0, 0.0));
    proptest!(repeatable(1200), |(tiny in tiny())| {
        let problem = tiny.problem();
        let best = tiny.brute_force();
        match problem.solve() {
            Ok(bound) => {
                prop_assert!(bound.cost <= best + 1e-6, "{} above the best plan's {best}", bound.cost);
                let dual = problem.least_dual(problem.best_late_price()).1;
                if tiny.start == 0.0 && tiny.late_vanish {
                    // Whole servers can make the dual dearer than the programme, never dearer than a plan.
                    prop_assert!(dual <= best + 1e-6, "dual {dual} above the best plan's {best}");
                }
                if best.is_finite() {
                    let (count, bounds, plans) = compared.get();
                    compared.set((count + 1, bounds + bound.cost, plans + best));
                }
            }
            Err(error) => {
                prop_assert_eq!(error, LinearError::Infeasible);
                prop_assert!(best.is_infinite());
            }
        }
    });
    let (count, bounds, plans) = compared.get();
    println!("{count} instances with a plan; bounds are {:.0} % of the cheapest plans", 100.0 * bounds / plans);
    assert!(count >= 600 && bounds > 0.3 * plans, "{count} {bounds} {plans}");
}

#[test]
fn the_dual_comes_close_to_the_programme() {
    let problem = six_slots(true);
    let dual = problem.least_dual(problem.best_late_price());
    assert!((dual.1 - 24.5).abs() < 1e-6 && dual.0 == 5.0, "{dual:?}");
    let values = problem.dual_values(problem.best_late_price(), dual.0);
    assert_eq!(values.len(), 1);
}
