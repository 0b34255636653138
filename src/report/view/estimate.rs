//! Estimates with their uncertainty, and the objective, in words.

use super::money::{Grain, money, with_currency};
use super::{NONE, duration, share};
use crate::results::{Estimate, ObjectiveMet, ObjectiveRecord};
use crate::units::Currency;

/// Whether the interval reaches about as far up as down.
fn half_width(estimate: &Estimate) -> Option<f64> {
    let [low, high] = estimate.ci95?;
    let (down, up) = (estimate.mean - low, high - estimate.mean);
    let even = (up - down).abs() <= 0.1 * (up + down).abs();
    (even && down.is_finite() && up.is_finite()).then_some((up + down) / 2.0)
}

/// An amount with its interval: `$812 ± 9`, or `$812 [803, 830]` when it is lopsided.
pub fn money_estimate(estimate: &Estimate, currency: Currency) -> String {
    let mean = estimate.mean;
    if !mean.is_finite() {
        return NONE.into();
    }
    let Some([low, high]) = estimate.ci95 else { return money(mean, currency) };
    // Sums of the same amounts in another order differ in their last bits.
    if high - low <= 1e-9 * mean.abs() {
        return money(mean, currency);
    }
    let grain = grain_for(mean, (high - low) / 2.0);
    let amount = with_currency(mean < 0.0, &grain.digits(mean), grain.suffix, currency);
    let end = |value: f64| format!("{}{}{}", if value < 0.0 { "−" } else { "" }, grain.digits(value), grain.suffix);
    match half_width(estimate) {
        Some(half) => format!("{amount} ± {}", end(half)),
        None => format!("{amount} [{}, {}]", end(low), end(high)),
    }
}

/// The grain of an amount, made finer until the half-width of its interval shows.
fn grain_for(mean: f64, half: f64) -> Grain {
    let grain = Grain::of(mean);
    let shows = |grain: &Grain| half >= 0.5 * grain.unit * 10f64.powi(-(grain.decimals as i32));
    if shows(&grain) {
        return grain;
    }
    let finer = match grain.suffix {
        "bn" => Grain { unit: 1e6, suffix: "M", decimals: 1 },
        "M" => Grain { unit: 1e3, suffix: "k", decimals: 0 },
        "k" => Grain { unit: 1.0, suffix: "", decimals: 0 },
        _ => Grain { decimals: grain.decimals.max(2), ..grain },
    };
    if shows(&finer) || finer.suffix.is_empty() { finer } else { Grain { decimals: finer.decimals + 1, ..finer } }
}

/// An estimate in the words of `say`, with its interval in brackets.
pub fn estimate(estimate: &Estimate, say: impl Fn(f64) -> String) -> String {
    match interval(estimate, &say) {
        Some(interval) => format!("{} {interval}", say(estimate.mean)),
        None => say(estimate.mean),
    }
}

/// The interval alone, `[803, 821]`, unless there is none or it is a point.
pub fn interval(estimate: &Estimate, say: impl Fn(f64) -> String) -> Option<String> {
    let [low, high] = estimate.ci95?;
    (low != high && low.is_finite() && high.is_finite()).then(|| format!("[{}, {}]", say(low), say(high)))
}

/// What the intervals say of the objective, in one word.
pub fn verdict(met: ObjectiveMet) -> &'static str {
    match met {
        ObjectiveMet::Met => "met",
        ObjectiveMet::Missed => "missed",
        ObjectiveMet::Unclear => "unclear",
    }
}

/// The objective in words: `at most 5 % of requests later than 1 s, at most 0.1 % failed`.
pub fn objective(objective: &ObjectiveRecord) -> String {
    format!(
        "at most {} of requests later than {}, at most {} failed",
        share(objective.late_share),
        duration(objective.latency_seconds),
        share(objective.error_share)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mean: f64, low: f64, high: f64) -> Estimate {
        Estimate { mean, ci95: Some([low, high]), n: 30 }
    }

    #[test]
    fn intervals_are_even_or_in_brackets() {
        let usd = |estimate: Estimate| money_estimate(&estimate, Currency::USD);
        assert_eq!(usd(of(812.0, 803.0, 821.0)), "$812 ± 9");
        assert_eq!(usd(of(812.0, 803.0, 841.0)), "$812 [803, 841]");
        assert_eq!(usd(of(12_431.0, 12_131.0, 12_731.0)), "$12.4k ± 0.3k");
        assert_eq!(usd(of(12_431.0, 12_422.0, 12_440.0)), "$12,431 ± 9");
        assert_eq!(usd(of(812.0, 811.9, 812.1)), "$812.00 ± 0.10");
        assert_eq!(usd(of(812.0, 812.0, 812.0)), "$812");
        assert_eq!(usd(of(812.0, 812.0 - 1e-10, 812.0 + 1e-10)), "$812");
        assert_eq!(usd(Estimate { mean: 812.0, ci95: None, n: 1 }), "$812");
        assert_eq!(estimate(&of(0.04, 0.03, 0.05), share), "4 % [3 %, 5 %]");
    }
}
