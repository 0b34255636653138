//! How far a simulation is from what was measured, in words.

use super::view::percent_change;
use crate::results::{Results, Timeline, TimelinePoint};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// CPU utilisation of the instances in service.
    Cpu,
    /// 95th percentile of the latency, in seconds.
    Latency,
    /// Instances in service.
    Instances,
}

impl Compared {
    /// The name in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Latency => "p95 of the latency",
            Self::Instances => "instances in service",
        }
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Latency => "p95",
            Self::Instances => "instances",
        }
    }

    /// Its simulated value in an interval; NaN where there is none.
    pub fn simulated(self, point: &TimelinePoint) -> f64 {
        match self {
            Self::Cpu => point.cpu,
            Self::Latency => point.p95,
            Self::Instances => {
                [point.reserved, point.spot, point.on_demand].into_iter().filter(|n| n.is_finite()).sum()
            }
        }
    }
}

/// How far simulated values are from measured ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Intervals in which both are known.
    pub intervals: usize,
    /// Mean of the simulated values.
    pub simulated: f64,
    /// Mean of the measured values.
    pub measured: f64,
    /// Mean of the absolute differences, as a share of the measured mean.
    pub typical_error: f64,
    /// How the two rise and fall together: -1 to 1; NaN where one does not change.
    pub correlation: f64,
}

/// Compares a figure where both are known; `None` if they nowhere are.
pub fn difference(simulated: &[f64], measured: &[f64]) -> Option<Difference> {
    let pairs: Vec<(f64, f64)> = simulated.iter().copied().zip(measured.iter().copied()).collect();
    let pairs: Vec<(f64, f64)> = pairs.into_iter().filter(|(a, b)| a.is_finite() && b.is_finite()).collect();
    if pairs.is_empty() {
        return None;
    }
    let mean = |pick: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(pick).sum::<f64>() / pairs.len() as f64;
    let (a, b) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
    let spread = |x: &dyn Fn(&(f64, f64)) -> f64, y: &dyn Fn(&(f64, f64)) -> f64| mean(&|pair| x(pair) * y(pair));
    let (of_a, of_b) = (|pair: &(f64, f64)| pair.0 - a, |pair: &(f64, f64)| pair.1 - b);
    Some(Difference {
        intervals: pairs.len(),
        simulated: a,
        measured: b,
        typical_error: mean(&|pair| (pair.0 - pair.1).abs()) / b.abs(),
        correlation: spread(&of_a, &of_b) / (spread(&of_a, &of_a) * spread(&of_b, &of_b)).sqrt(),
    })
}

/// A sentence about a figure.
pub fn sentence(compared: Compared, found: &Difference, say: impl Fn(f64) -> String) -> String {
    let together = match found.correlation {
        r if r.is_nan() => {
            "one of them does not change, so whether they rise and fall together cannot be said".to_string()
        }
        r => format!("they rise and fall together with a correlation of {r:.2}"),
    };
    format!(
        "{}: {} simulated, {} measured in the mean ({}) of {} intervals; an interval is off by {:.0} % in the mean; {together}",
        compared.words(),
        say(found.simulated),
        say(found.measured),
        percent_change(found.simulated, found.measured),
        found.intervals,
        found.typical_error * 100.0
    )
}

/// Rows of `replay.csv`: each interval with what was simulated and what was measured, cells without a number empty.
pub fn replay_csv(results: &Results, timeline: &Timeline, columns: &[(Compared, Vec<f64>)]) -> String {
    let number = |value: f64| if value.is_finite() { value.to_string() } else { String::new() };
    let head: String = columns.iter().map(|(of, _)| format!(",{0}_simulated,{0}_measured", of.name())).collect();
    let mut text = format!("start{head}\n");
    for (at, point) in timeline.points.iter().enumerate() {
        text += &(results.scenario.start + point.start.since_start()).to_string();
        for (compared, measured) in columns {
            text += &format!(",{},{}", number(compared.simulated(point)), number(measured[at]));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_of_what_both_know() {
        let found = difference(&[1.0, f64::NAN, 3.0, 5.0], &[2.0, 7.0, f64::NAN, 4.0]).unwrap();
        assert_eq!((found.intervals, found.simulated, found.measured), (2, 3.0, 3.0));
        assert!((found.typical_error - 1.0 / 3.0).abs() < 1e-12 && (found.correlation - 1.0).abs() < 1e-12);
        assert!(difference(&[f64::NAN], &[1.0]).is_none());
        let words =
            sentence(Compared::Cpu, &difference(&[0.5, 0.5], &[0.4, 0.6]).unwrap(), |value| format!("{value:.1}"));
        assert!(words.contains("0.5 simulated, 0.5 measured") && words.contains("does not change"), "{words}");
    }
}
