//! Tables are filled by the request engine: a server set meets loads that go up and down, and each minute is an observation.

use super::MINUTE;
use super::kernel::{Flow, Limits};
use super::load::MinuteLoads;
use super::table::{Observed, Outcome, Table};
use super::tables::{ServerSet, Tables};
use crate::engine::kernel::{Kernel, SlotClass};
use crate::engine::{ChaosPlan, MixPlan, Simulation};
use crate::rng::{Purpose, Stream};
use crate::units::{Duration, SimTime};
use crate::workload::{DemandPath, RatePath, RatePiece, RequestBlock};

/// Requests that fill a table, about: the late share of a minute is then known to a few thousandths in every node that matters.
const REQUESTS: f64 = 5e6;
/// Fewest and most minutes of a table.
const MINUTES: (f64, f64) = (1200.0, 12_000.0);
/// Minutes before the first observation.
const BEFORE: i64 = 5;
/// The replication that tables are made from: none that is simulated.
const REPLICATION: u32 = u32::MAX;

/// Makes the table of a server set.
pub(super) fn build(tables: &Tables, set: &ServerSet, plan: &MixPlan) -> Table {
    let plan = bare(plan);
    let limits = Limits::new(&plan, tables.mean_work, set);
    let per_minute = limits.capacity * MINUTE / tables.mean_work;
    let minutes = (REQUESTS / per_minute).clamp(MINUTES.0, MINUTES.1) as i64;
    let mut plan = plan;
    plan.horizon = SimTime::from_secs(minutes * 60);
    plan.warm_up = Duration::from_secs(BEFORE * 60);
    let path = DemandPath::Rates(rates(tables, plan.seed, &limits, minutes));
    // The kernel has to know the speeds of spot instances, the rest of the simulation no market.
    let kernel = Kernel::new(&plan, REPLICATION);
    plan.spot = None;
    let each_minute = Some(Duration::from_secs(60));
    let mut simulation = Simulation::with_kernel(kernel, &plan, &[], REPLICATION, each_minute, false);
    let begin = (SimTime::START - plan.warm_up).as_secs_f64();
    let mut number = 0;
    for (speed, slots, instances) in &set.groups {
        for _ in 0..*instances {
            simulation.kernel.add(number, *slots, f64::from_bits(*speed), SlotClass::Warm, begin);
            number += 1;
        }
    }
    let mut requests = path.requests(&tables.laws, plan.seed, REPLICATION);
    let mut loads = MinuteLoads::before(plan.warm_up.as_secs_f64());
    let mut block = RequestBlock::default();
    while requests.next_block(&mut block) {
        loads.count(&block);
        simulation.feed(&block);
    }
    let record = simulation.finish(requests.offered_by_minute());
    let mut observed = Observed::new();
    let mut flow = Flow::default();
    for (minute, bucket) in
        (-BEFORE..).zip(std::iter::repeat_n(None, BEFORE as usize).chain(record.buckets.iter().map(Some)))
    {
        let load = loads.at(minute);
        let (utilisation, carry) = (load.work / (limits.capacity * MINUTE), flow.carry(&limits));
        flow.pass(load.work, MINUTE, &limits);
        let Some(bucket) = bucket else { continue };
        let [offered, late, failed] = bucket.requests.map(|count| count as f64);
        if offered > 0.0 && bucket.percentiles.iter().all(|latency| latency.is_finite()) {
            let outcome = Outcome { late: late / offered, failed: failed / offered, percentiles: bucket.percentiles };
            observed.add(utilisation, carry, &outcome, 1.0);
        }
    }
    let at_rest = at_rest(&observed);
    observed.table(|utilisation, carry| {
        let mut flow = Flow::with_carry(carry, &limits);
        limits.fluid(&mut flow, utilisation * limits.capacity * MINUTE, MINUTE, &at_rest)
    })
}

/// What a set makes of little load.
fn at_rest(observed: &Observed) -> Outcome {
    let calm = observed.table(|_, _| Outcome::default());
    let outcome = [0.3, 0.4, 0.5, 0.15].iter().filter_map(|utilisation| calm.outcome(*utilisation, -0.4));
    outcome.into_iter().find(|outcome| outcome.percentiles[0] > 0.0).unwrap_or_default()
}

/// A plan with the speeds and rules of `plan`, without instances, alarms or trouble of its own.
fn bare(plan: &MixPlan) -> MixPlan {
    let mut plan = plan.clone();
    if let Some((count, _)) = &mut plan.reserved {
        *count = 0;
    }
    plan.on_demand_limits = (0, 0);
    plan.capacity.clear();
    plan.warm_pool = None;
    plan.patch_wave = None;
    plan.background = None;
    plan.keeps_minutes = false;
    plan.chaos = ChaosPlan::default();
    plan.scaling.min_total = 0;
    plan.scaling.alarms.clear();
    plan.scaling.policies.clear();
    plan.scaling.metrics.period = Duration::from_secs(60);
    plan
}

/// Loads that lead through every utilisation and backlog of a table: a few minutes each, a backlog that has grown long is let go.
fn rates(tables: &Tables, seed: u32, limits: &Limits, minutes: i64) -> RatePath {
    let numbers = Stream::new(seed, Purpose::Request);
    let mut flow = Flow::default();
    let mut pieces =
        vec![RatePiece { from: (-BEFORE * 60) as f64, per_second: 0.5 * limits.capacity / tables.mean_work }];
    let (mut minute, mut draw) = (0, 0);
    while minute < minutes {
        let mut uniform = || {
            draw += 1;
            numbers.uniform(REPLICATION, u64::MAX, draw)
        };
        let (kind, within) = (uniform(), uniform());
        let (low, high, longest) = match kind {
            _ if flow.carry(limits) > 6.0 => (0.3, 0.7, 1),
            k if k < 0.2 => (0.02, 0.6, 3),
            k if k < 0.55 => (0.6, 0.9, 4),
            k if k < 0.9 => (0.9, 1.08, 4),
            _ => (1.05, 1.4, 1),
        };
        let utilisation = low + (high - low) * within;
        let length = 1 + (uniform() * f64::from(longest)) as i64;
        pieces.push(RatePiece {
            from: (minute * 60) as f64,
            per_second: utilisation * limits.capacity / tables.mean_work,
        });
        for _ in 0..length {
            flow.pass(utilisation * limits.capacity * MINUTE, MINUTE, limits);
        }
        minute += length;
    }
    RatePath::new(pieces, SimTime::from_secs(minutes * 60))
}
