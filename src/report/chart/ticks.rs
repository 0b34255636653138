//! Where an axis is marked, and with which words: round numbers of the thing that is counted.

use super::scale::Scale;
pub(super) use crate::report::view::Tick;
use crate::report::view::{Calendar, duration, money_tick, share};
use crate::units::Currency;

/// What an axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Money of this currency.
    Money(Currency),
    /// Seconds of waiting.
    Seconds,
    /// A share of one.
    Share,
    /// Things.
    Count,
}

/// Marks for a scale, at most about `most`.
pub fn ticks(scale: Scale, measure: Measure, most: usize) -> Vec<Tick> {
    let values = match (scale, measure) {
        (Scale::Log { low, high }, Measure::Seconds) => log_values(low, high, most, &second_marks()),
        (Scale::Log { low, high }, _) => log_values(low, high, most, &decimal_marks(low, high)),
        (Scale::Linear { low, high }, Measure::Count) => linear_values(low, high, most, &[1.0, 2.0, 5.0, 10.0]),
        (Scale::Linear { low, high }, _) => linear_values(low, high, most, &FACTORS),
    };
    let step = values.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let label = |value: f64| match measure {
        Measure::Money(currency) => money_tick(value, step, currency),
        Measure::Seconds => duration(value),
        Measure::Share => share(value),
        Measure::Count => count_tick(value, step),
    };
    values.iter().map(|&value| Tick { value, label: label(value) }).collect()
}

fn count_tick(value: f64, step: f64) -> String {
    let (unit, name) = match value.abs().max(step.min(1e300)) {
        most if most >= 1e9 => (1e9, " bn"),
        most if most >= 1e6 => (1e6, " M"),
        most if most >= 1e4 => (1e3, " k"),
        _ => (1.0, ""),
    };
    let decimals = if step.is_finite() { (-(step / unit).log10()).ceil().clamp(0.0, 6.0) as usize } else { 0 };
    if value == 0.0 { "0".into() } else { format!("{:.decimals$}{name}", value / unit) }
}

/// What a power of ten is multiplied by to make the step of an axis.
const FACTORS: [f64; 5] = [1.0, 2.0, 2.5, 5.0, 10.0];

/// Multiples of a round step: a factor times a power of ten.
fn linear_values(low: f64, high: f64, most: usize, factors: &[f64]) -> Vec<f64> {
    let rough = (high - low) / most.max(1) as f64;
    if !(rough.is_finite() && rough > 0.0) {
        return Vec::new();
    }
    let power = 10f64.powf(rough.log10().floor());
    let step = factors.iter().map(|factor| factor * power).find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    (first..=last).map(|index| index as f64 * step).collect()
}

/// Powers of ten between the ends, with twice and five times each where there is room.
fn decimal_marks(low: f64, high: f64) -> Vec<(f64, u8)> {
    let powers = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
    let marks = |power: i32| {
        // Parsed, not multiplied: 10^-4 has to be the double that is nearest to 0.0001.
        [(1, 0), (2, 2), (5, 1)].map(|(factor, rank)| (format!("{factor}e{power}").parse().unwrap_or(1.0), rank))
    };
    powers.flat_map(marks).collect()
}

/// Round waiting times, with their rank: the lower, the rounder.
fn second_marks() -> Vec<(f64, u8)> {
    let below = |power: i32| [(1, 0), (2, 2), (5, 1)].map(|(factor, rank)| (format!("{factor}e{power}"), rank));
    let small = (-6..0).flat_map(below).map(|(text, rank)| (text.parse().unwrap_or(1.0), rank));
    let large = [
        (1.0, 0),
        (2.0, 2),
        (5.0, 2),
        (10.0, 0),
        (30.0, 1),
        (60.0, 0),
        (300.0, 2),
        (600.0, 0),
        (1800.0, 2),
        (3600.0, 0),
        (21_600.0, 1),
        (86_400.0, 0),
        (604_800.0, 1),
    ];
    small.chain(large).collect()
}

/// The marks inside, with as many ranks as there is room for.
fn log_values(low: f64, high: f64, most: usize, marks: &[(f64, u8)]) -> Vec<f64> {
    let inside = |rank: u8| -> Vec<f64> {
        let fits = |mark: &&(f64, u8)| mark.1 <= rank && mark.0 >= low * 0.999 && mark.0 <= high * 1.001;
        let mut values: Vec<f64> = marks.iter().filter(fits).map(|mark| mark.0).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let mut values = (0..=2).rev().map(inside).find(|values| values.len() <= most).unwrap_or_else(|| inside(0));
    while values.len() > most.max(2) {
        let mut index = 0;
        values.retain(|_| {
            index += 1;
            index % 2 == 1
        });
    }
    if values.len() < 2 { linear_values(low, high, most, &FACTORS) } else { values }
}

/// Marks of a time axis between two numbers of seconds since the start, in the calendar's time zone.
///
/// `fits` says whether these labels stand side by side; the finest marks that fit are taken.
pub fn time_ticks(calendar: &Calendar, from: f64, to: f64, fits: impl Fn(&[Tick]) -> bool) -> Vec<Tick> {
    const MINUTE: u32 = 60;
    const HOUR: u32 = 3600;
    let hours = to - from <= 5.0 * 86_400.0;
    let within_day = [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR];
    if hours {
        for step in within_day.into_iter().filter(|step| (to - from) / f64::from(*step) <= 60.0) {
            let marks = calendar.clock_marks(from, to, step);
            if marks.len() >= 2 && fits(&marks) {
                return marks;
            }
        }
    }
    let mut last = Vec::new();
    for step in [1, 2, 7, 14, 28] {
        if (to - from) / 86_400.0 / f64::from(step) > 60.0 {
            continue;
        }
        last = calendar.day_marks(from, to, step);
        if fits(&last) {
            return last;
        }
    }
    for step in [1, 2, 3, 6, 12, 60, 120] {
        last = calendar.month_marks(from, to, step);
        if fits(&last) {
            return last;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, measure: Measure, most: usize) -> Vec<String> {
        ticks(scale, measure, most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn axes_speak_in_round_numbers() {
        let usd = Measure::Money(Currency::USD);
        assert_eq!(labels(Scale::linear(0.0, 7_000.0), usd, 4), ["$0", "$2k", "$4k", "$6k"]);
        assert_eq!(labels(Scale::linear(0.0, 12.0), usd, 3), ["$0", "$5", "$10"]);
        assert_eq!(labels(Scale::linear(0.0, 0.3), usd, 3), ["$0", "$0.10", "$0.20", "$0.30"]);
        let seconds = Scale::Log { low: 0.08, high: 700.0 };
        assert_eq!(labels(seconds, Measure::Seconds, 6), ["100 ms", "1 s", "10 s", "1 min", "10 min"]);
        let shares = Scale::Log { low: 0.0009, high: 0.3 };
        assert_eq!(labels(shares, Measure::Share, 4), ["0.1 %", "1 %", "10 %"]);
    }

    #[test]
    fn odd_scales_do_not_upset_the_marks() {
        for (low, high) in [(0.0, 0.0), (5.0, 5.0), (1e-12, 1e-12), (0.0, 1e15), (-3.0, 2.0)] {
            for measure in [Measure::Seconds, Measure::Share, Measure::Count, Measure::Money(Currency::USD)] {
                let marks = ticks(Scale::linear(low, high), measure, 5);
                assert!(marks.len() <= 12 && !marks.is_empty(), "{low} {high} {marks:?}");
            }
        }
    }
}
