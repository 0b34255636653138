//! Series as monitors return them: unordered, with numbers as text, and with gaps that are simply absent (RULES R75, R76, R90).

use crate::units::Duration;

/// The instants at which a series has a datapoint when nothing is missing, in seconds of any clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesGrid {
    /// The first.
    pub start: f64,
    /// Time between two.
    pub step: Duration,
    /// How many.
    pub count: usize,
}

impl SeriesGrid {
    /// One datapoint a period from `start` up to but not including `end`: statistics of periods, stamped with their start.
    pub fn of_periods(start: f64, end: f64, period: Duration) -> Self {
        let periods = (end - start) / period.as_secs_f64();
        Self { start, step: period, count: (periods - 1e-6).ceil().max(0.0) as usize }
    }

    /// One datapoint a step from `start` up to and including `end`: values at instants.
    pub fn of_instants(start: f64, end: f64, step: Duration) -> Self {
        let steps = (end - start) / step.as_secs_f64();
        Self { start, step, count: if steps < 0.0 { 0 } else { (steps + 1e-6).floor() as usize + 1 } }
    }

    /// Instants of the grid at which `times` has no datapoint.
    pub fn missing(&self, times: &[f64]) -> Vec<f64> {
        let step = self.step.as_secs_f64();
        let mut present = vec![false; self.count];
        for time in times {
            let index = ((time - self.start) / step).round();
            let near = (time - self.start - index * step).abs() < 1e-3 * step;
            if near && index >= 0.0 && (index as usize) < self.count {
                present[index as usize] = true;
            }
        }
        let absent = present.iter().enumerate().filter(|(_, present)| !**present);
        absent.map(|(index, _)| self.start + index as f64 * step).collect()
    }
}

/// A value written as text, with `NaN`, `+Inf` and `-Inf`; `None` if it is no number.
pub fn parse_value(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        number if number.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => number.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_before_the_end_and_instants_with_it() {
        let step = Duration::from_secs(15);
        assert_eq!(SeriesGrid::of_instants(1435781430.781, 1435781460.781, step).count, 3);
        let hours = SeriesGrid::of_periods(0.0, 7200.0, Duration::HOUR);
        assert_eq!((hours.count, hours.missing(&[3600.0])), (2, vec![0.0]));
    }

    #[test]
    fn text_is_a_number_or_nothing() {
        assert_eq!(parse_value("0.25"), Some(0.25));
        assert_eq!(parse_value("-Inf"), Some(f64::NEG_INFINITY));
        assert!(parse_value("NaN").is_some_and(f64::is_nan));
        assert_eq!([parse_value("infinity"), parse_value(""), parse_value("x")], [None; 3]);
    }
}
