//! Sustained use discounts: the longer instances run within a calendar month, the less further hours cost (RULES R112).

use super::hourly::clock_hours_within;
use super::{Charge, ChargeKind, Tariff, Usage};
use crate::units::{Duration, Instant, Money, Rate, SimTime};
use std::collections::{BTreeMap, HashMap};

/// What on-demand usage of one inferred instance costs in a month: the month is cut into equal parts, one for each multiplier,
/// and the time within each part is charged at that multiple of the base rate.
///
/// `multipliers` are in 10⁻⁹. Time beyond the month is not charged.
pub fn sustained_charge(base: Rate, used: Duration, month: Duration, multipliers: &[i64]) -> Money {
    tiers(used, month, multipliers)
        .map(|(time, multiplier)| {
            let numerator = i128::from(time) * i128::from(multiplier);
            let denominator = i128::from(Duration::HOUR.nanos()) * NANO * multipliers.len() as i128;
            Money::from_nano(base.nano_per_hour().into()).scaled(numerator, denominator)
        })
        .sum()
}

const NANO: i128 = 1_000_000_000;

/// Time within each part × the number of parts, with its multiplier.
fn tiers(used: Duration, month: Duration, multipliers: &[i64]) -> impl Iterator<Item = (i64, i64)> {
    let (used, month) = (used.nanos().saturating_mul(multipliers.len() as i64), month.nanos());
    multipliers.iter().zip(0..).map(move |(multiplier, part)| ((used - part * month).clamp(0, month), *multiplier))
}

/// The rate of each part of a month; `None` if a rate would be absurd.
pub fn tier_rates(base: Rate, multipliers: &[i64]) -> Option<Vec<Rate>> {
    multipliers.iter().map(|multiplier| base.scaled(i128::from(*multiplier), NANO)).collect()
}

/// Running time of each inferred instance of a month: instance k ran in an hour for what is left of that hour's instance-time
/// after k whole hours. `hours` are instance-time by clock hour.
pub fn inferred_instances(hours: &[Duration]) -> Vec<Duration> {
    let mut levels: Vec<Duration> = Vec::new();
    for time in hours {
        let mut left = *time;
        let mut level = 0;
        while left.is_positive() {
            let here = left.min(Duration::HOUR);
            match levels.get_mut(level) {
                Some(sum) => *sum += here,
                None => levels.push(here),
            }
            left -= here;
            level += 1;
        }
    }
    levels
}

/// Instance-time by month and clock hour.
type Months = BTreeMap<Month, BTreeMap<SimTime, Duration>>;

/// The discounts on the on-demand rows of a bill: one row for each inferred instance of a type and calendar month (UTC).
///
/// What commitments covered and spot have no part in it (RULES R112).
pub(super) fn credits(charges: &[Charge], usage: &[Usage], tariff: &Tariff, multipliers: &[i64]) -> Vec<Charge> {
    let pool_of: HashMap<u32, _> =
        usage.iter().filter_map(|run| Some((run.instance, tariff.pool_of(run)?.1))).collect();
    // Instance-time by type and price, month, and clock hour.
    let mut hours: BTreeMap<(&str, Rate), Months> = BTreeMap::new();
    for charge in charges.iter().filter(|charge| charge.kind == ChargeKind::OnDemand) {
        let Some(pool) = charge.instance.and_then(|instance| pool_of.get(&instance)) else { continue };
        let months = hours.entry((&pool.instance_type, pool.on_demand)).or_default();
        let whole = i128::from((charge.end - charge.start).nanos().max(1));
        for (start, end) in clock_hours_within(charge.start, charge.end, tariff.since_clock_hour()) {
            let time = i128::from((end - start).nanos()) * i128::from(charge.quantity.nanos()) / whole;
            let hour = start - tariff.since_clock_hour_of(start);
            let month = months.entry(Month::of(tariff.start + start.since_start())).or_default();
            *month.entry(hour).or_insert(Duration::ZERO) += Duration::from_nanos(time as i64);
        }
    }
    let mut credits = Vec::new();
    for ((_, base), months) in hours {
        for (month, hours) in months {
            let hours: Vec<Duration> = hours.into_values().collect();
            for used in inferred_instances(&hours) {
                let amount = sustained_charge(base, used, month.length, multipliers) - base.charge_for(used);
                let [start, end] = month.within(tariff);
                let (instance, market, commitment, rate) = (None, None, None, None);
                let kind = ChargeKind::SustainedUse;
                if amount != Money::ZERO {
                    credits.push(Charge {
                        kind,
                        instance,
                        market,
                        commitment,
                        capacity: None,
                        start,
                        end,
                        quantity: used,
                        rate,
                        amount,
                    });
                }
            }
        }
    }
    credits
}

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Month {
    begins: Instant,
    length: Duration,
}

impl Month {
    fn of(instant: Instant) -> Self {
        let date = instant.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
        let begins = date.first_of_month().at(0, 0, 0, 0);
        let seconds = begins.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |begin| begin.timestamp().as_second());
        let begins = Instant::from_unix_seconds(seconds).unwrap_or(instant);
        Self { begins, length: Duration::DAY.times(i64::from(date.days_in_month())) }
    }

    /// Its part within the horizon.
    fn within(&self, tariff: &Tariff) -> [SimTime; 2] {
        let nanos = self.begins.unix_nanos() - tariff.start.unix_nanos();
        let begins = SimTime::from_nanos(nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64);
        [begins, begins + self.length].map(|time| time.clamp(SimTime::START, tariff.horizon))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTERS: [i64; 4] = [1_000_000_000, 800_000_000, 600_000_000, 400_000_000];

    #[test]
    fn published_discounts_come_out() {
        let (base, month) = ("0.0475".parse::<Rate>().unwrap(), Duration::HOUR.times(730));
        let discount = |percent: i64| {
            let used = Duration::from_nanos(month.nanos() / 100 * percent);
            1.0 - sustained_charge(base, used, month, &QUARTERS).to_f64() / base.charge_for(used).to_f64()
        };
        // RULES R112: none for a quarter of the month, 10 % for half, 20 % for three quarters, 30 % for all of it.
        for (percent, expected) in [(10, 0.0), (25, 0.0), (50, 0.1), (75, 0.2), (100, 0.3)] {
            assert!((discount(percent) - expected).abs() < 1e-9, "{percent} %: {}", discount(percent));
        }
        let rates = tier_rates(base, &QUARTERS).unwrap();
        assert_eq!(rates.iter().map(Rate::to_string).collect::<Vec<_>>(), ["0.0475", "0.038", "0.0285", "0.019"]);
    }

    #[test]
    fn instances_that_follow_each_other_count_as_one() {
        let minutes = |m: i64| Duration::from_secs(60 * m);
        assert_eq!(inferred_instances(&[minutes(90), minutes(30), minutes(0)]), [minutes(90), minutes(30)]);
        assert!(inferred_instances(&[]).is_empty());
    }
}
