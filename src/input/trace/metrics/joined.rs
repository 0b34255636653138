//! Several metrics of one service, on one grid of time.

use super::{DemandMetric, MetricNotation, MetricSeries, Metrics};
use crate::units::Duration;
use std::collections::BTreeMap;

/// What a metric beside the requests says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// CPU utilisation: a share, or per cent if any value is above 1.5.
    Cpu,
    /// Instances in service.
    Instances,
    /// A latency in seconds.
    Latency,
}

/// The series of a file that is meant, as numbers over time.
pub fn measured(
    metrics: &Metrics,
    only: &BTreeMap<String, String>,
    quantity: Quantity,
    every: Duration,
) -> Result<MetricSeries, String> {
    let series = metrics.select(only)?;
    let percent = quantity == Quantity::Cpu && series.samples.iter().any(|(_, value)| *value > 1.5);
    // A sample of Prometheus is of the time before it.
    let back =
        if metrics.notation == MetricNotation::Prometheus { series.interval().unwrap_or(every).nanos() } else { 0 };
    let scaled = |value: f64| if percent { value / 100.0 } else { value };
    let samples = series.samples.iter().map(|(time, value)| (time.saturating_sub(back), scaled(*value))).collect();
    Ok(MetricSeries { labels: series.labels.clone(), samples })
}

impl MetricSeries {
    /// The means of the samples in each of `count` intervals from `start` on. A sample that stands for a longer time than an interval
    /// holds until it ends.
    pub fn on_grid(&self, start: i64, every: Duration, count: usize) -> Vec<Option<f64>> {
        let step = every.nanos().max(1);
        let own = self.interval().map_or(step, Duration::nanos);
        let mut sums = vec![(0.0, 0u32); count];
        let place = |time: i64| time.saturating_sub(start).div_euclid(step);
        for (index, (time, value)) in self.samples.iter().enumerate() {
            let next = self.samples.get(index + 1).map_or(i64::MAX, |(next, _)| *next);
            let until = if own > step { next.min(time.saturating_add(own)).saturating_sub(1) } else { *time };
            for place in place(*time).max(0)..=place(until).min(count as i64 - 1) {
                let (sum, samples) = &mut sums[place as usize];
                (*sum, *samples) = (*sum + value, *samples + 1);
            }
        }
        sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / f64::from(count))).collect()
    }
}

impl DemandMetric {
    /// Requests per second in each interval.
    pub fn per_second(&self) -> Vec<Option<f64>> {
        let seconds = if self.meaning == super::Meaning::Counts { self.series.interval.as_secs_f64() } else { 1.0 };
        self.series.values.iter().map(|value| value.map(|value| value / seconds)).collect()
    }

    /// The same where an interval without a value has that of the one before it, if values `hold`, else none: 0.
    pub fn per_second_filled(&self, hold: bool) -> Vec<f64> {
        let mut held = 0.0;
        let fill = |value: Option<f64>| {
            held = value.unwrap_or(if hold { held } else { 0.0 });
            held
        };
        self.per_second().into_iter().map(fill).collect()
    }
}
