//! Rules of commitments that no scenario can reach: what finance asks of a provider's catalogue and reports.

use super::normalisation::{Footprint, QUARTERS_PER_UNIT, factor_quarters};
use super::offer::list_value;
use crate::units::{Duration, Money, Rate};

/// The normalised units that holdings of (type, count) add up to, in quarters of a unit; `None` if a size is not known
/// (RULES R24, R27).
pub fn footprint_quarters<'a>(holdings: impl IntoIterator<Item = (&'a str, u32)>) -> Option<u64> {
    holdings.into_iter().map(|(name, count)| Some(u64::from(factor_quarters(name)?) * u64::from(count))).sum()
}

/// Quarters of a unit as units.
pub fn units(quarters: u64) -> f64 {
    quarters as f64 / f64::from(QUARTERS_PER_UNIT)
}

/// Whether reservations may be modified from one set of (type, count) to another: one family whose sizes stand for each other,
/// and the same footprint (RULES R27).
pub fn modification_allowed(from: &[(&str, u32)], to: &[(&str, u32)]) -> bool {
    let family = |name: &str| Footprint::of(name, true).family;
    let Some((first, _)) = from.first() else { return false };
    let one_family = from.iter().chain(to).all(|(name, _)| family(name) == family(first));
    let units = |holdings: &[(&str, u32)]| footprint_quarters(holdings.iter().copied());
    one_family && units(from).is_some_and(|before| before > 0 && Some(before) == units(to))
}

/// When a modification takes effect: at the beginning of the hour of the request (RULES R27). Times are since midnight.
pub fn modification_effective_from(request: Duration) -> Duration {
    Duration::HOUR.times(request.nanos().div_euclid(Duration::HOUR.nanos()))
}

/// What a convertible reservation is worth in an exchange: the upfront payment that remains and the hourly part of the hours
/// that remain (RULES R27).
pub fn exchange_value(remaining_upfront: Money, hourly: Rate, remaining: Duration) -> Money {
    list_value(remaining_upfront, hourly, remaining)
}

/// Published volume tiers: list value in whole currency units from which on, and the discount in percent (RULES R21).
const VOLUME_TIERS: [(i128, u32); 3] = [(4_000_000, 10), (500_000, 5), (0, 0)];

/// The volume discount in percent that applies once active reservations of a region have this list value; from 10 million
/// on the discount is negotiated and at least this (RULES R21).
pub fn volume_discount_percent(list_value: Money) -> u32 {
    let reached = |tier: &&(i128, u32)| list_value >= Money::from_nano(tier.0 * 1_000_000_000);
    VOLUME_TIERS.iter().find(reached).map_or(0, |tier| tier.1)
}

/// The discount on a purchase of `list_value` on top of `active` reservations: each part of it gets the percentage of its
/// tier (RULES R21).
pub fn volume_discount(active: Money, list_value: Money) -> Money {
    let end = active + list_value;
    let mut above = end;
    let mut discount = Money::ZERO;
    for (from, percent) in VOLUME_TIERS {
        let from = Money::from_nano(from * 1_000_000_000).max(active);
        if above > from {
            discount += (above - from).scaled(i128::from(percent), 100);
            above = from;
        }
    }
    discount
}

/// The hourly part of `count` reservations over a month of `hours`, due whether used or not (RULES R28).
pub fn monthly_fee(hourly: Rate, month: Duration, count: u32) -> Money {
    hourly.charge_for(month).scaled(count.into(), 1)
}

/// The blended rate of reports: cost over hours of reserved and on-demand usage together, and the cost (RULES R28). It counts
/// reserved hours at their rate without upfront, so it decides nothing.
///
/// `None` without hours.
pub fn blended(parts: &[(Duration, Rate)]) -> Option<(Money, Rate)> {
    let cost: Money = parts.iter().map(|(time, rate)| rate.charge_for(*time)).sum();
    let time: Duration = parts.iter().map(|(time, _)| *time).sum();
    if !time.is_positive() {
        return None;
    }
    let rate = cost.scaled(i128::from(Duration::HOUR.nanos()), i128::from(time.nanos()));
    Some((cost, Rate::from_nano_per_hour(i64::try_from(rate.nano()).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(units: i128) -> Money {
        Money::from_nano(units * 1_000_000_000)
    }

    #[test]
    fn modifications_keep_family_and_footprint() {
        assert!(modification_allowed(&[("t2.micro", 2), ("t2.small", 1)], &[("t2.medium", 1)]));
        assert!(!modification_allowed(&[("t2.micro", 2)], &[("t2.medium", 1)]));
        assert!(!modification_allowed(&[("m4.large", 2)], &[("m5.xlarge", 1)]));
        assert!(!modification_allowed(&[("g4dn.xlarge", 2)], &[("g4dn.2xlarge", 1)]));
        assert!(!modification_allowed(&[], &[]));
        let time = |h: i64, m: i64| Duration::from_secs(3600 * h + 60 * m);
        assert_eq!(modification_effective_from(time(21, 15)), time(21, 0));
    }

    #[test]
    fn only_the_part_above_a_threshold_is_discounted() {
        assert_eq!([499_999, 500_000, 3_999_999, 4_000_000].map(|v| volume_discount_percent(money(v))), [0, 5, 5, 10]);
        assert_eq!(volume_discount(money(400_000), money(200_000)), money(5_000));
        // 500,000 at 0 %, 3,500,000 at 5 %, 1,000,000 at 10 %.
        assert_eq!(volume_discount(Money::ZERO, money(5_000_000)), money(275_000));
        assert_eq!(volume_discount(money(600_000), Money::ZERO), Money::ZERO);
    }

    #[test]
    fn fees_quotes_and_blends_by_hand() {
        let hours = |h: i64| Duration::HOUR.times(h);
        let rate = |text: &str| text.parse::<Rate>().unwrap();
        assert_eq!(monthly_fee(rate("0.0309"), hours(744), 1), Money::from_nano(22_989_600_000));
        assert_eq!(exchange_value(money(1), rate("0.5"), hours(10)), money(6));
        // RULES R28: 2160 reserved hours at 0 and 720 at 0.023.
        let blend = blended(&[(hours(2160), Rate::ZERO), (hours(720), rate("0.023"))]);
        assert_eq!(blend, Some((Money::from_nano(16_560_000_000), rate("0.00575"))));
        assert_eq!(blended(&[]), None);
    }
}
