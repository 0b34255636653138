//! The ledger: every charge of a replication, and sums that are exact.

use super::spot::SpotRun;
use super::{Charge, Commitment, Usage, on_demand};
use crate::fleet::PurchaseOption;
use crate::market::PricePath;
use crate::scenario::Billing;
use crate::units::{Duration, Money, Rate, SimTime};
use std::sync::Arc;

/// What running time costs in one replication of one mix.
#[derive(Debug, Clone)]
pub struct Tariff {
    /// On-demand price.
    pub on_demand: Rate,
    /// The rules.
    pub billing: Billing,
    /// Prices of the markets, by index.
    pub markets: Vec<Arc<PricePath>>,
    /// Commitments that cover the base.
    pub commitment: Option<Commitment>,
    /// End of simulated time.
    pub horizon: SimTime,
    /// Time from the clock hour before the start of simulated time to that start.
    pub since_clock_hour: Duration,
}

/// Every charge of one replication of one mix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// The rows: commitments first, then instances in the order of the usage log.
    pub charges: Vec<Charge>,
    /// Of which commitment that covered nothing.
    pub unused_commitment: Money,
}

impl Ledger {
    /// The sum of all rows.
    pub fn total(&self) -> Money {
        self.charges.iter().map(|charge| charge.amount).sum()
    }

    /// The sum of the rows of one purchase option.
    pub fn total_of(&self, option: PurchaseOption) -> Money {
        self.charges.iter().filter(|charge| charge.kind.option() == option).map(|charge| charge.amount).sum()
    }

    /// Sums by purchase option for each day of 24 h from the start; a row belongs to the day in which it begins.
    pub fn by_day(&self, days: usize) -> Vec<[Money; 3]> {
        let mut sums = vec![[Money::ZERO; 3]; days];
        for charge in &self.charges {
            let day = (charge.start.nanos() / Duration::DAY.nanos()) as usize;
            sums[day.min(days - 1)][charge.kind.option() as usize] += charge.amount;
        }
        sums
    }
}

/// Bills a usage log.
pub fn bill(usage: &[Usage], tariff: &Tariff) -> Ledger {
    let mut ledger = Ledger::default();
    if let Some(commitment) = &tariff.commitment {
        ledger.charges = commitment.charges(tariff.horizon, tariff.since_clock_hour);
        ledger.unused_commitment = commitment.unused(&ledger.charges, usage);
    }
    for run in usage {
        match run.option {
            PurchaseOption::Reserved => {}
            PurchaseOption::OnDemand => {
                ledger.charges.extend(on_demand::charges(run, tariff.billing.on_demand, tariff.on_demand));
            }
            PurchaseOption::Spot => {
                let price = &tariff.markets[run.market.expect("a spot run has a market")];
                let spot = SpotRun { usage: run, price, since_clock_hour: tariff.since_clock_hour };
                ledger.charges.extend(spot.charges(tariff.billing.spot));
            }
        }
    }
    ledger
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::EndedBy;
    use crate::scenario::{Bid2015Billing, OnDemandBilling, SpotBilling};
    use crate::units::Term;

    fn usage(option: PurchaseOption, from: i64, until: i64, ended_by: EndedBy) -> Usage {
        let market = (option == PurchaseOption::Spot).then_some(0);
        let (from, until) = (SimTime::from_secs(from), SimTime::from_secs(until));
        Usage { instance: 1, option, market, from, until, ended_by }
    }

    fn tariff() -> Tariff {
        let price = PricePath::new(vec![(SimTime::START, Rate::from_nano_per_hour(250_000_000))]);
        Tariff {
            on_demand: Rate::from_nano_per_hour(958_000_000),
            billing: Billing {
                on_demand: OnDemandBilling::PerHour {},
                spot: SpotBilling::Bid2015(Bid2015Billing::default()),
            },
            markets: vec![Arc::new(price)],
            commitment: Some(Commitment {
                count: 3,
                hourly: Rate::from_nano_per_hour(100_000_000),
                upfront: Money::from_nano(876_000_000_000),
                term: Term::OneYear,
            }),
            horizon: SimTime::from_secs(2 * 86_400),
            since_clock_hour: Duration::from_secs(600),
        }
    }

    /// By hand: 3 × 48 h × (0.10 + 876/8760) = 28.80; on-demand 65 minutes = 2 h = 1.916; spot 2.5 h cut by the cloud = 0.50.
    #[test]
    fn a_small_bill_adds_up_to_the_cent() {
        let log = [
            usage(PurchaseOption::Reserved, 0, 2 * 86_400, EndedBy::Horizon),
            usage(PurchaseOption::Reserved, 0, 2 * 86_400, EndedBy::Horizon),
            usage(PurchaseOption::Reserved, 0, 86_400, EndedBy::Horizon),
            usage(PurchaseOption::OnDemand, 1000, 4900, EndedBy::Owner),
            usage(PurchaseOption::Spot, 90_000, 99_000, EndedBy::Cloud),
        ];
        let ledger = bill(&log, &tariff());
        assert_eq!(ledger.total_of(PurchaseOption::Reserved), Money::from_nano(28_800_000_000));
        assert_eq!(ledger.total_of(PurchaseOption::OnDemand), Money::from_nano(1_916_000_000));
        assert_eq!(ledger.total_of(PurchaseOption::Spot), Money::from_nano(500_000_000));
        assert_eq!(ledger.total(), Money::from_nano(31_216_000_000));
        // The third commitment covered nothing on the second day: 24 h × 0.20.
        assert_eq!(ledger.unused_commitment, Money::from_nano(4_800_000_000));
        let days = ledger.by_day(2);
        assert_eq!(days.iter().flatten().copied().sum::<Money>(), ledger.total());
        assert_eq!(days[1][1], Money::from_nano(500_000_000));
    }
}
