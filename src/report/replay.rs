//! How far a simulation is from what was measured, in words.

use super::view::percent_change;
use crate::results::{CostByDay, Results, Timeline, TimelinePoint};
use crate::units::{Currency, Duration};
use schemars::JsonSchema;
use serde::Serialize;

/// Version of the shape of what `replay --format json` prints.
pub const REPLAY_SCHEMA_VERSION: u32 = 1;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// CPU utilisation of the instances in service, as a share.
    Cpu,
    /// 95th percentile of the latency, in seconds.
    #[serde(rename = "p95")]
    Latency,
    /// Instances in service.
    Instances,
    /// Cost of a day, amortised.
    Cost,
}

impl Compared {
    /// The name in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Latency => "p95 of the latency",
            Self::Instances => "instances in service",
            Self::Cost => "cost of a day",
        }
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Latency => "p95",
            Self::Instances => "instances",
            Self::Cost => "cost_of_day",
        }
    }

    /// What a value is of.
    fn span(self) -> &'static str {
        if self == Self::Cost { "day" } else { "interval" }
    }

    /// Its simulated values, NaN where there is none: one an interval of the time line, of costs one a day.
    pub fn simulated(self, timeline: &Timeline) -> Vec<f64> {
        let of_points = |value: fn(&TimelinePoint) -> f64| timeline.points.iter().map(value).collect();
        let total = |day: &CostByDay| (day.committed() + day.spot + day.on_demand).to_f64();
        match self {
            Self::Cpu => of_points(|point| point.cpu),
            Self::Latency => of_points(|point| point.p95),
            Self::Instances => of_points(|point| {
                [point.reserved, point.spot, point.on_demand].into_iter().filter(|n| n.is_finite()).sum()
            }),
            Self::Cost => timeline.cost_by_day.iter().map(total).collect(),
        }
    }
}

/// A figure as it was simulated and as it was measured, both as long as [`Compared::simulated`]; NaN where there is no value.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Which figure.
    pub of: Compared,
    /// Simulated values.
    pub simulated: Vec<f64>,
    /// Measured values.
    pub measured: Vec<f64>,
}

impl Replayed {
    /// Both for each interval of a time line: those of an interval's day for costs.
    pub fn on_timeline(&self, timeline: &Timeline) -> [Vec<f64>; 2] {
        [&self.simulated, &self.measured].map(|values| match self.of {
            Compared::Cost => {
                let day = |point: &TimelinePoint| point.start.nanos() / Duration::DAY.nanos();
                timeline
                    .points
                    .iter()
                    .map(|point| values.get(day(point) as usize).copied().unwrap_or(f64::NAN))
                    .collect()
            }
            _ => values.clone(),
        })
    }

    /// How far the two are apart where both are known; `None` if they nowhere are.
    pub fn difference(&self) -> Option<Difference> {
        difference(self.of, &self.simulated, &self.measured)
    }
}

/// How far simulated values are from measured ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// Which figure.
    pub figure: Compared,
    /// Intervals in which both are known; days for costs.
    pub intervals: usize,
    /// Mean of the simulated values.
    pub simulated: f64,
    /// Mean of the measured values.
    pub measured: f64,
    /// Mean of the absolute differences, as a share of the measured mean; null where that is 0.
    pub typical_error: Option<f64>,
    /// How the two rise and fall together: -1 to 1; null where one does not change.
    pub correlation: Option<f64>,
}

/// What `replay --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReplayRecord {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that wrote it.
    pub fleetmix_version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// The mix that ran.
    pub mix: String,
    /// The replication whose time line is compared.
    pub replication: u32,
    /// Currency of every amount.
    pub currency: Currency,
    /// Each figure that was measured in the simulated time.
    pub figures: Vec<Difference>,
    /// Instance-hours of the intervals in which instances were measured.
    pub instance_hours: Option<Totals>,
    /// Cost of the whole simulated time, simulated in the mean over replications.
    pub cost: Option<Totals>,
}

/// A sum over all of the time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Totals {
    /// As it was simulated.
    pub simulated: f64,
    /// As it was measured, or paid.
    pub measured: f64,
}

fn difference(figure: Compared, simulated: &[f64], measured: &[f64]) -> Option<Difference> {
    let pairs: Vec<(f64, f64)> = simulated.iter().copied().zip(measured.iter().copied()).collect();
    let pairs: Vec<(f64, f64)> = pairs.into_iter().filter(|(a, b)| a.is_finite() && b.is_finite()).collect();
    if pairs.is_empty() {
        return None;
    }
    let mean = |pick: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(pick).sum::<f64>() / pairs.len() as f64;
    let (a, b) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
    let spread = |x: &dyn Fn(&(f64, f64)) -> f64, y: &dyn Fn(&(f64, f64)) -> f64| mean(&|pair| x(pair) * y(pair));
    let (of_a, of_b) = (|pair: &(f64, f64)| pair.0 - a, |pair: &(f64, f64)| pair.1 - b);
    let correlation = spread(&of_a, &of_b) / (spread(&of_a, &of_a) * spread(&of_b, &of_b)).sqrt();
    let typical_error = mean(&|pair| (pair.0 - pair.1).abs()) / b.abs();
    Some(Difference {
        figure,
        intervals: pairs.len(),
        simulated: a,
        measured: b,
        typical_error: typical_error.is_finite().then_some(typical_error),
        correlation: correlation.is_finite().then_some(correlation),
    })
}

/// A sentence about a figure.
pub fn sentence(found: &Difference, say: impl Fn(f64) -> String) -> String {
    let together = match found.correlation {
        None => "one of them does not change, so whether they rise and fall together cannot be said".to_string(),
        Some(r) => format!("they rise and fall together with a correlation of {r:.2}"),
    };
    let span = found.figure.span();
    let many = if found.intervals == 1 { "" } else { "s" };
    let off = found.typical_error.map_or_else(String::new, |error| {
        let article = if span == "day" { "a" } else { "an" };
        format!(" {article} {span} is off by {:.0} % in the mean;", error * 100.0)
    });
    format!(
        "{}: {} simulated, {} measured in the mean ({}) of {} {span}{many};{off} {together}",
        found.figure.words(),
        say(found.simulated),
        say(found.measured),
        percent_change(found.simulated, found.measured),
        found.intervals,
    )
}

/// Rows of `replay.csv`: each interval with what was simulated and what was measured, cells without a number empty. Costs are those of the
/// interval's day.
pub fn replay_csv(results: &Results, timeline: &Timeline, figures: &[Replayed]) -> String {
    let number = |value: f64| if value.is_finite() { value.to_string() } else { String::new() };
    let head: String = figures.iter().map(|one| format!(",{0}_simulated,{0}_measured", one.of.name())).collect();
    let columns: Vec<[Vec<f64>; 2]> = figures.iter().map(|one| one.on_timeline(timeline)).collect();
    let mut text = format!("start{head}\n");
    for (at, point) in timeline.points.iter().enumerate() {
        text += &(results.scenario.start + point.start.since_start()).to_string();
        for [simulated, measured] in &columns {
            text += &format!(",{},{}", number(simulated[at]), number(measured[at]));
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
        let found = difference(Compared::Cpu, &[1.0, f64::NAN, 3.0, 5.0], &[2.0, 7.0, f64::NAN, 4.0]).unwrap();
        assert_eq!((found.intervals, found.simulated, found.measured), (2, 3.0, 3.0));
        assert!((found.typical_error.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert!((found.correlation.unwrap() - 1.0).abs() < 1e-12);
        assert!(difference(Compared::Cpu, &[f64::NAN], &[1.0]).is_none());
        let found = difference(Compared::Cpu, &[0.5, 0.5], &[0.4, 0.6]).unwrap();
        let words = sentence(&found, |value| format!("{value:.1}"));
        assert!(words.contains("0.5 simulated, 0.5 measured") && words.contains("does not change"), "{words}");
        let nothing = difference(Compared::Cost, &[1.0], &[0.0]).unwrap();
        assert_eq!((nothing.typical_error, nothing.correlation), (None, None));
        let words = sentence(&nothing, |value| format!("{value:.1}"));
        assert!(words.contains("of 1 day; one of them does not change"), "{words}");
    }
}
