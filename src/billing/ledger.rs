//! The ledger: every charge of a replication, and sums that are exact.

use super::capacity::idle;
use super::hourly::clock_hours_within;
use super::settle::{CommitmentUse, Piece, settle};
use super::spot::SpotRun;
use super::sustained_use::credits;
use super::{Charge, ChargeKind, CostPart, Tariff, Usage, on_demand};
use crate::fleet::PurchaseOption;
use crate::units::{Duration, Money};

/// Every charge of one replication of one mix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// The rows: commitments first, then instances in the order of the usage log, then unused capacity and discounts.
    pub charges: Vec<Charge>,
    /// Of which commitment that covered nothing.
    pub unused_commitment: Money,
    /// What covered nothing of each commitment of the tariff, those owned before included.
    pub unused_by_commitment: Vec<Money>,
    /// What is paid within the horizon (cash view): upfront payments in full instead of their share.
    pub cash: Money,
    /// What commitments that were owned before cost within the horizon: due whatever is decided, and in no row.
    pub sunk: Money,
}

impl Ledger {
    /// The sum of all rows.
    pub fn total(&self) -> Money {
        self.charges.iter().map(|charge| charge.amount).sum()
    }

    /// The sum of the rows of one part.
    pub fn total_of(&self, part: CostPart) -> Money {
        self.charges.iter().filter(|charge| charge.kind.part() == part).map(|charge| charge.amount).sum()
    }

    /// Sums by part for each day of 24 h from the start; a row belongs to the day in which it begins.
    pub fn by_day(&self, days: usize) -> Vec<[Money; 4]> {
        let mut sums = vec![[Money::ZERO; 4]; days];
        for charge in &self.charges {
            let day = (charge.start.nanos() / Duration::DAY.nanos()) as usize;
            sums[day.min(days - 1)][charge.kind.part() as usize] += charge.amount;
        }
        sums
    }
}

/// A ledger with what it does not keep: the uses of commitments, one by one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invoice {
    /// The ledger.
    pub ledger: Ledger,
    /// The rows of commitments that were owned before; they add up to the ledger's `sunk`.
    pub owned: Vec<Charge>,
    /// What became of each commitment in each clock hour. For each commitment the amounts add up to its charges.
    pub uses: Vec<CommitmentUse>,
}

/// Bills a usage log.
pub fn bill(usage: &[Usage], tariff: &Tariff) -> Ledger {
    billed(usage, tariff, false).ledger
}

/// Bills a usage log and keeps what became of each commitment.
pub fn invoice(usage: &[Usage], tariff: &Tariff) -> Invoice {
    billed(usage, tariff, true)
}

fn billed(usage: &[Usage], tariff: &Tariff, detailed: bool) -> Invoice {
    let idle = idle(usage, tariff);
    let settlement = settle(usage, &idle, tariff, detailed);
    let mut invoice = Invoice { uses: settlement.uses, ..Invoice::default() };
    let ledger = &mut invoice.ledger;
    ledger.unused_by_commitment = settlement.unused;
    for (index, commitment) in tariff.commitments.iter().enumerate() {
        let charges = commitment.charges(index, tariff.horizon, tariff.since_clock_hour());
        if commitment.owned {
            ledger.sunk += charges.iter().map(|charge| charge.amount).sum();
            invoice.owned.extend(charges);
        } else {
            ledger.charges.extend(charges);
            ledger.unused_commitment += ledger.unused_by_commitment[index];
        }
    }
    let mut pieces = settlement.pieces.as_slice();
    for (index, run) in usage.iter().enumerate() {
        let count = pieces.partition_point(|piece| piece.run <= index);
        let (own, rest) = pieces.split_at(count);
        pieces = rest;
        if let Some((_, pool)) = tariff.pool_of(run) {
            if own.is_empty() {
                ledger.charges.extend(on_demand::charges(run, tariff.billed_end(run), pool.on_demand));
            } else {
                ledger.charges.extend(own.iter().filter_map(|piece| left_over(run, piece, pool)));
            }
        } else if let (PurchaseOption::Spot, Some(market)) = (run.option, run.market) {
            let price = &tariff.markets[market].price;
            let spot = SpotRun { usage: run, price, since_clock_hour: tariff.since_clock_hour() };
            ledger.charges.extend(spot.charges(tariff.billing.spot));
        }
    }
    for (index, one) in (usage.len()..).zip(&idle) {
        let count = pieces.partition_point(|piece| piece.run <= index);
        let (own, rest) = pieces.split_at(count);
        pieces = rest;
        if own.is_empty() {
            let hours = clock_hours_within(one.from, one.until, tariff.since_clock_hour());
            ledger.charges.extend(hours.map(|(start, end)| one.charge((start, end), end - start, tariff)));
        } else {
            let left = own.iter().filter(|piece| piece.left.0 > 0);
            let pool = &tariff.capacity[one.capacity].pool;
            ledger
                .charges
                .extend(left.map(|piece| one.charge((piece.start, piece.end), piece.time_left(pool), tariff)));
        }
    }
    if let Some(rule) = &tariff.billing.sustained_use {
        let credits = credits(&ledger.charges, usage, tariff, &rule.nano_multipliers());
        ledger.charges.extend(credits);
    }
    let upfront = |kind| matches!(kind, ChargeKind::ReservedUpfront | ChargeKind::PlanUpfront);
    let by_the_hour: Money =
        ledger.charges.iter().filter(|charge| !upfront(charge.kind)).map(|charge| charge.amount).sum();
    let bought = tariff.commitments.iter().filter(|commitment| !commitment.owned);
    ledger.cash = by_the_hour + bought.map(|one| one.offer.upfront.scaled(one.count.into(), 1)).sum();
    invoice
}

/// The part of a piece that no commitment covered, at the on-demand price.
fn left_over(run: &Usage, piece: &Piece, pool: &super::PoolTariff) -> Option<Charge> {
    (piece.left.0 > 0).then(|| Charge {
        kind: ChargeKind::OnDemand,
        instance: Some(run.instance),
        market: None,
        commitment: None,
        capacity: None,
        start: piece.start,
        end: piece.end,
        quantity: piece.time_left(pool),
        rate: Some(pool.on_demand),
        amount: pool.price_of(piece.left),
    })
}
