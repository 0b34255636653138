//! Commitments: due for every hour of the horizon, used or not.

use super::{Charge, ChargeKind, Usage};
use crate::fleet::PurchaseOption;
use crate::units::{Duration, Money, Rate, SimTime, Term};

/// Reserved instances of one offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// How many.
    pub count: u32,
    /// Due per hour of the term, each.
    pub hourly: Rate,
    /// Paid at the beginning, each; spread evenly over the term (amortised view).
    pub upfront: Money,
    /// Length.
    pub term: Term,
}

impl Commitment {
    /// The charges of the horizon, by clock hour: the hourly part, and the share of the upfront payment.
    pub(super) fn charges(&self, horizon: SimTime, since_clock_hour: Duration) -> Vec<Charge> {
        let mut charges = Vec::new();
        if self.count == 0 {
            return charges;
        }
        for (start, end) in clock_hours(horizon, since_clock_hour) {
            let quantity = (end - start).times(i64::from(self.count));
            let row =
                |kind, rate, amount| Charge { kind, instance: None, market: None, start, end, quantity, rate, amount };
            if self.hourly != Rate::ZERO {
                let amount = self.hourly.charge_for(quantity);
                charges.push(row(ChargeKind::ReservedRecurring, Some(self.hourly), amount));
            }
            if self.upfront != Money::ZERO {
                let term = i128::from(self.term.duration().nanos());
                let amount = self.upfront.scaled(i128::from(quantity.nanos()), term);
                charges.push(row(ChargeKind::ReservedUpfront, None, amount));
            }
        }
        charges
    }

    /// The part of `charges` that covered no running time: committed instance-time of each clock hour beyond the base
    /// instances' usage in it (RULES R22).
    pub(super) fn unused(&self, charges: &[Charge], usage: &[Usage]) -> Money {
        let base: Vec<&Usage> = usage.iter().filter(|u| u.option == PurchaseOption::Reserved).collect();
        charges
            .iter()
            .map(|charge| {
                let used: Duration =
                    base.iter().map(|u| (u.until.min(charge.end) - u.from.max(charge.start)).max(Duration::ZERO)).sum();
                let idle = (charge.quantity - used).max(Duration::ZERO);
                charge.amount.scaled(i128::from(idle.nanos()), i128::from(charge.quantity.nanos()))
            })
            .sum()
    }
}

/// The clock hours of the horizon, the first and last cut at its ends.
fn clock_hours(horizon: SimTime, since_clock_hour: Duration) -> impl Iterator<Item = (SimTime, SimTime)> {
    let first = SimTime::START - since_clock_hour;
    super::on_demand::hours_from(first, horizon).map(|(start, end)| (start.max(SimTime::START), end))
}
