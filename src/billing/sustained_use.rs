//! Sustained use discounts: the longer instances run within a calendar month, the less further hours cost (RULES R112).

use crate::units::{Duration, Money, Rate};

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
