//! The datapoints of a controller's metrics, from what was metered.

use super::meter::Meter;
use crate::scaling::{Datapoint, MetricWindow};
use crate::scenario::{AlarmMetric, LatencyStatistic};
use crate::stats::Histogram;
use crate::units::Duration;
use std::collections::VecDeque;

/// What one period came to, kept for metrics of longer periods.
#[derive(Debug)]
struct Period {
    /// Busy and all slot-seconds of warm instances.
    cpu: [f64; 2],
    latency: Histogram,
}

/// The latest periods, as many as the longest metric covers. Empty if each metric covers one period.
#[derive(Debug)]
pub(super) struct MetricHistory {
    /// Periods of each metric, in the order of the metrics.
    lengths: Vec<usize>,
    longest: usize,
    periods: VecDeque<Period>,
}

impl MetricHistory {
    pub(super) fn new(metrics: &[MetricWindow], period: Duration) -> Self {
        let length = |metric: &MetricWindow| (metric.period.nanos() / period.nanos().max(1)).max(1) as usize;
        let lengths: Vec<usize> = metrics.iter().map(length).collect();
        let longest = lengths.iter().copied().max().unwrap_or(1);
        Self { lengths, longest, periods: VecDeque::new() }
    }

    /// Writes the datapoints at the end of the meter's current period into `datapoints`, which may hold others.
    pub(super) fn datapoints(&mut self, metrics: &[MetricWindow], meter: &Meter, datapoints: &mut Vec<Datapoint>) {
        if self.longest > 1 {
            if self.periods.len() == self.longest {
                self.periods.pop_front();
            }
            let latency = meter.period_latency().clone();
            self.periods.push_back(Period { cpu: meter.period_busy_and_capacity(), latency });
        }
        datapoints.clear();
        let each = metrics.iter().zip(&self.lengths);
        datapoints.extend(each.map(|(metric, length)| self.datapoint(metric.metric, *length, meter)));
    }

    fn datapoint(&self, metric: AlarmMetric, length: usize, meter: &Meter) -> Datapoint {
        let latest = || self.periods.iter().rev().take(length);
        match metric {
            AlarmMetric::Cpu(_) => {
                let sum = |part: usize| latest().map(|period| period.cpu[part]).sum::<f64>();
                let [busy, capacity] = if length == 1 { meter.period_busy_and_capacity() } else { [sum(0), sum(1)] };
                let value = (capacity > 0.0).then(|| (busy / capacity).min(1.0));
                Datapoint { value, samples: u64::from(value.is_some()) }
            }
            AlarmMetric::Latency(LatencyStatistic::Percentile(percentile)) => {
                if length == 1 {
                    return percentile_of(meter.period_latency(), percentile);
                }
                let mut all = Histogram::default();
                latest().for_each(|period| all.merge(&period.latency));
                percentile_of(&all, percentile)
            }
        }
    }
}

fn percentile_of(latencies: &Histogram, percentile: f64) -> Datapoint {
    let value = latencies.quantile(percentile / 100.0);
    Datapoint { value: (!value.is_nan()).then_some(value), samples: latencies.total() }
}
