//! Commitments against the usage log: hour by hour, who is covered and what is left.

use super::capacity::Idle;
use super::hourly::clock_hours_within;
use super::on_demand::billed_time;
use super::reservation::{self, Reserved, Running, UnitTime};
use super::savings_plan::{self, Eligible, Plan};
use super::{Benefit, EndedBy, PoolTariff, Tariff, Usage};
use crate::fleet::PurchaseOption;
use crate::units::{Duration, Money, SimTime};

/// What a commitment was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered {
    /// A run, by its index in the usage log.
    Run(usize),
    /// Reserved capacity in which nothing ran, by its index in the tariff.
    Capacity(usize),
    /// Nothing.
    Nothing,
}

/// What became of a commitment in a clock hour: one use of it, or what was left unused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitmentUse {
    /// Index of the commitment in the tariff.
    pub commitment: usize,
    /// What it covered.
    pub covered: Covered,
    /// Beginning of the interval.
    pub start: SimTime,
    /// End of the interval.
    pub end: SimTime,
    /// How much of the commitment: quarters of a normalised unit × nanoseconds for reservations, money in nano-units for plans.
    pub part: i128,
    /// Covered time; zero for what covered nothing.
    pub time: Duration,
    /// Its share of what the commitment costs in the hour; the shares of an hour add up exactly.
    pub amount: Money,
    /// What the covered time would have cost on-demand.
    pub on_demand: Money,
}

/// Billed time of a run, or of unused capacity, within a clock hour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Index of the run; those of unused capacity follow the usage log.
    pub(super) run: usize,
    pub(super) start: SimTime,
    pub(super) end: SimTime,
    /// What no commitment covered.
    pub(super) left: UnitTime,
    covered: bool,
    pool: usize,
}

impl Piece {
    /// The time that no commitment covered.
    pub(super) fn time_left(&self, pool: &PoolTariff) -> Duration {
        Duration::from_nanos((self.left.0 / i128::from(pool.footprint.quarters)) as i64)
    }
}

/// What commitments leave of a usage log.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    /// Pieces of the runs that are covered at least in part, by run.
    pub(super) pieces: Vec<Piece>,
    /// Money of each commitment that covered nothing.
    pub(super) unused: Vec<Money>,
    /// Every use, if it was asked for.
    pub(super) uses: Vec<CommitmentUse>,
}

/// Applies the commitments of a tariff to base and on-demand runs.
///
/// What is billed is what is covered: a started hour of a whole-hour rule that outlasts its run is covered like running time, to
/// the horizon, where commitments end as far as a bill goes. In each clock hour reservations come first, then plans (RULES R22, R25, R30);
/// unused capacity is covered after all instances (RULES R5).
pub(super) fn settle(usage: &[Usage], idle: &[Idle], tariff: &Tariff, detailed: bool) -> Settlement {
    let mut settlement = Settlement { unused: vec![Money::ZERO; tariff.commitments.len()], ..Settlement::default() };
    if tariff.commitments.is_empty() {
        return settlement;
    }
    let mut pieces = pieces(usage, idle, tariff);
    let mut hours = HourBook::new(tariff, idle, usage.len(), detailed);
    let mut from = 0;
    for (start, end) in clock_hours_within(SimTime::START, tariff.horizon, tariff.since_clock_hour()) {
        let until = from + pieces[from..].partition_point(|piece| piece.start < end);
        hours.settle(start, end, &mut pieces[from..until], &mut settlement);
        from = until;
    }
    let mut covered = vec![false; usage.len() + idle.len()];
    pieces.iter().filter(|piece| piece.covered).for_each(|piece| covered[piece.run] = true);
    pieces.retain(|piece| covered[piece.run]);
    pieces.sort_by_key(|piece| (piece.run, piece.start));
    settlement.pieces = pieces;
    settlement
}

/// The billed time of base and on-demand runs by clock hour: base first, each pool in the order of the log.
fn pieces(usage: &[Usage], idle: &[Idle], tariff: &Tariff) -> Vec<Piece> {
    let since = tariff.since_clock_hour();
    let mut pieces = Vec::new();
    for (run, one) in usage.iter().enumerate().filter(|(_, one)| one.length().is_positive()) {
        let Some((pool, prices)) = tariff.pool_of(one) else { continue };
        let (end, horizon) = (tariff.billed_end(one), tariff.horizon);
        let within = clock_hours_within(one.from, end.min(horizon), since);
        let beyond = clock_hours_within(horizon.max(one.from), end, since);
        pieces.extend(within.chain(beyond).map(|(start, end)| Piece {
            run,
            start,
            end,
            left: UnitTime::of(end - start, &prices.footprint),
            covered: false,
            pool,
        }));
    }
    for (run, one) in (usage.len()..).zip(idle) {
        let footprint = &tariff.capacity[one.capacity].pool.footprint;
        pieces.extend(clock_hours_within(one.from, one.until, since).map(|(start, end)| Piece {
            run,
            start,
            end,
            left: UnitTime::of(end - start, footprint),
            covered: false,
            pool: POOLS + one.capacity,
        }));
    }
    let hour = Duration::HOUR.nanos();
    let clock_hour = |piece: &Piece| (piece.start.since_start() + since).nanos().div_euclid(hour);
    pieces.sort_by_key(|piece| (piece.start >= tariff.horizon, clock_hour(piece), piece.pool, piece.run));
    pieces
}

impl Tariff {
    /// Until when a base or on-demand run is billed. Base instances always run: at the horizon no started hour of theirs is rounded
    /// up.
    pub(super) fn billed_end(&self, run: &Usage) -> SimTime {
        let end = run.from + billed_time(run.length(), self.billing.on_demand);
        let goes_on = run.option == PurchaseOption::Reserved && run.ended_by == EndedBy::Horizon;
        if goes_on { run.until } else { end }
    }

    /// The prices of a base or on-demand run, with the pool's place: base first. `None` for spot.
    pub(super) fn pool_of(&self, run: &Usage) -> Option<(usize, &PoolTariff)> {
        match run.option {
            PurchaseOption::Reserved => Some((0, self.base.as_ref().unwrap_or(&self.on_demand))),
            PurchaseOption::OnDemand => Some((1, &self.on_demand)),
            PurchaseOption::Spot => None,
        }
    }
}

/// A share of money that is handed out in parts that add up exactly.
struct Split {
    money: Money,
    total: i128,
    taken: i128,
}

impl Split {
    fn take(&mut self, part: i128) -> Money {
        let before = self.so_far();
        self.taken += part;
        self.so_far() - before
    }

    fn so_far(&self) -> Money {
        // Totals beyond 60 bits, of fleets of the largest instances, would not fit when multiplied: their last bits decide nothing.
        let excess = (i128::BITS - self.total.leading_zeros()).saturating_sub(60);
        let (taken, total) = (self.taken >> excess, self.total >> excess);
        if total == 0 { Money::ZERO } else { self.money.scaled(taken, total) }
    }

    /// What nobody took.
    fn rest(&self) -> (i128, Money) {
        (self.total - self.taken, self.money - self.so_far())
    }
}

/// The pools of instances: base and on-demand. Those of unused capacity follow.
const POOLS: usize = 2;

/// What stays the same from hour to hour.
struct HourBook<'a> {
    tariff: &'a Tariff,
    detailed: bool,
    idle: &'a [Idle],
    runs: usize,
    pools: Vec<&'a PoolTariff>,
    /// Indices of the commitments that are reservations, and of those that are plans.
    reservations: Vec<usize>,
    plans: Vec<usize>,
    reserved: Vec<Reserved>,
    running: Vec<Running>,
    spendable: Vec<Plan>,
    eligible: Vec<Eligible>,
}

impl<'a> HourBook<'a> {
    fn new(tariff: &'a Tariff, idle: &'a [Idle], runs: usize, detailed: bool) -> Self {
        let instances = [tariff.base.as_ref().unwrap_or(&tariff.on_demand), &tariff.on_demand];
        let pools: Vec<&PoolTariff> =
            instances.into_iter().chain(tariff.capacity.iter().map(|reserved| &reserved.pool)).collect();
        let mut book = Self {
            tariff,
            detailed,
            idle,
            runs,
            pools: pools.clone(),
            reservations: Vec::new(),
            plans: Vec::new(),
            reserved: Vec::new(),
            running: Vec::new(),
            spendable: Vec::new(),
            eligible: Vec::new(),
        };
        let mut rates_of_plans: Vec<&str> = Vec::new();
        for (index, commitment) in tariff.commitments.iter().enumerate() {
            match &commitment.benefit {
                Benefit::Reservation { scope, instance_type, footprint } => {
                    book.reservations.push(index);
                    book.reserved.push(Reserved {
                        account: String::new(),
                        scope: scope.clone(),
                        instance_type: instance_type.clone(),
                        footprint: footprint.clone(),
                        time: Duration::ZERO,
                    });
                }
                Benefit::Plan { kind, rates, .. } => {
                    book.plans.push(index);
                    rates_of_plans.push(rates);
                    book.spendable.push(Plan { kind: kind.clone(), commitment: Money::ZERO });
                }
            }
        }
        for (index, pool) in pools.into_iter().enumerate() {
            let idle = index >= POOLS;
            book.running.push(Running {
                account: String::new(),
                zone: pool.zone.clone(),
                instance_type: pool.instance_type.clone(),
                footprint: pool.footprint.clone(),
                time: Duration::ZERO,
                idle,
            });
            book.eligible.push(Eligible {
                family: pool.family().to_string(),
                quantity: 0,
                on_demand: pool.on_demand,
                plan_rates: rates_of_plans.iter().map(|name| pool.plan_rates.get(*name).copied()).collect(),
                idle,
            });
        }
        book
    }

    /// Settles the clock hour `start..end`.
    fn settle(&mut self, start: SimTime, end: SimTime, pieces: &mut [Piece], settlement: &mut Settlement) {
        let fee = |commitment: usize| self.tariff.commitments[commitment].amortised(start, end);
        let mut hour = Hour {
            start,
            end,
            pieces,
            settlement,
            pools: &self.pools,
            idle: self.idle,
            runs: self.runs,
            detailed: self.detailed,
        };
        for (slot, index) in self.reservations.iter().enumerate() {
            let commitment = &self.tariff.commitments[*index];
            self.reserved[slot].time = commitment.holds_within(start, end).times(i64::from(commitment.count));
        }
        for (pool, running) in self.running.iter_mut().enumerate() {
            running.time = hour.time_of(pool);
        }
        let applied = reservation::apply(&self.reserved, &self.running);
        for (slot, index) in self.reservations.iter().enumerate() {
            let total = UnitTime::of(self.reserved[slot].time, &self.reserved[slot].footprint).0;
            let mut split = Split { money: fee(*index), total, taken: 0 };
            for covering in applied.coverings.iter().filter(|covering| covering.reserved == slot) {
                hour.cover(*index, covering.running, covering.time.0, covering.time.0, &mut split);
            }
            hour.leave(*index, &split);
        }
        if self.plans.is_empty() {
            return;
        }
        for (slot, index) in self.plans.iter().enumerate() {
            let commitment = &self.tariff.commitments[*index];
            self.spendable[slot].commitment = match &commitment.benefit {
                Benefit::Plan { commitment: hourly, .. } => hourly.charge_for(commitment.holds_within(start, end)),
                Benefit::Reservation { .. } => Money::ZERO,
            };
        }
        for (pool, eligible) in self.eligible.iter_mut().enumerate() {
            eligible.quantity =
                hour.left_of(pool) / i128::from(self.pools[pool].footprint.quarters) / NANOS_PER_NANO_HOUR;
        }
        let applied = savings_plan::spend(&self.spendable, &self.eligible);
        let mut quantities: Vec<i128> = self.eligible.iter().map(|item| item.quantity).collect();
        let mut splits: Vec<Split> = self
            .plans
            .iter()
            .zip(&self.spendable)
            .map(|(index, plan)| Split { money: fee(*index), total: plan.commitment.nano(), taken: 0 })
            .collect();
        for spending in &applied.spendings {
            let (pool, quantity) = (spending.usage, &mut quantities[spending.usage]);
            // The last of it is covered whole, with the fraction of a quantity that was cut off.
            let time = hour.left_of(pool) * spending.quantity / *quantity;
            *quantity -= spending.quantity;
            hour.cover(self.plans[spending.plan], pool, time, spending.spent.nano(), &mut splits[spending.plan]);
        }
        for (index, split) in self.plans.iter().zip(&splits) {
            hour.leave(*index, split);
        }
    }
}

/// Nanoseconds of 10⁻⁹ hours.
const NANOS_PER_NANO_HOUR: i128 = 3600;

/// One clock hour at work.
struct Hour<'a> {
    start: SimTime,
    end: SimTime,
    pieces: &'a mut [Piece],
    settlement: &'a mut Settlement,
    pools: &'a [&'a PoolTariff],
    idle: &'a [Idle],
    runs: usize,
    detailed: bool,
}

impl Hour<'_> {
    fn time_of(&self, pool: usize) -> Duration {
        self.pieces.iter().filter(|piece| piece.pool == pool).map(|piece| piece.end - piece.start).sum()
    }

    fn left_of(&self, pool: usize) -> i128 {
        self.pieces.iter().filter(|piece| piece.pool == pool).map(|piece| piece.left.0).sum()
    }

    /// Covers `time` of a pool, in the order of its pieces, by `part` of a commitment.
    fn cover(&mut self, commitment: usize, pool: usize, time: i128, part: i128, split: &mut Split) {
        let (prices, size) = (self.pools[pool], self.pools[pool].footprint.quarters);
        let mut left = time;
        let mut part_left = part;
        for piece in self.pieces.iter_mut().filter(|piece| piece.pool == pool) {
            let covered = piece.left.0.min(left);
            if covered == 0 {
                continue;
            }
            let share = match covered == left {
                true => part_left,
                false if part == time => covered,
                false => part * covered / time,
            };
            left -= covered;
            part_left -= share;
            piece.left.0 -= covered;
            piece.covered = true;
            let amount = split.take(share);
            if self.detailed {
                let on_demand = prices.price_of(UnitTime(covered));
                let time = Duration::from_nanos((covered / i128::from(size)) as i64);
                let (start, end) = (piece.start, piece.end);
                let covered = match piece.run.checked_sub(self.runs) {
                    Some(idle) => Covered::Capacity(self.idle[idle].capacity),
                    None => Covered::Run(piece.run),
                };
                let used = CommitmentUse { commitment, covered, start, end, part: share, time, amount, on_demand };
                self.settlement.uses.push(used);
            }
        }
    }

    /// Books what nobody used.
    fn leave(&mut self, commitment: usize, split: &Split) {
        let (part, amount) = split.rest();
        self.settlement.unused[commitment] += amount;
        if self.detailed && part > 0 {
            self.settlement.uses.push(CommitmentUse {
                commitment,
                covered: Covered::Nothing,
                start: self.start,
                end: self.end,
                part,
                time: Duration::ZERO,
                amount,
                on_demand: Money::ZERO,
            });
        }
    }
}
