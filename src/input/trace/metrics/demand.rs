//! Which series of a file is the demand, and what its values mean.

use super::{EvenSeries, MetricNotation, MetricSeries, Metrics};
use crate::units::Duration;
use std::collections::BTreeMap;

/// What a value of demand means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Requests in the interval.
    Counts,
    /// Requests per second.
    PerSecond,
}

/// The demand in a file of metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct DemandMetric {
    /// The series, in words.
    pub name: String,
    /// What its values mean.
    pub meaning: Meaning,
    /// Its values on an even grid, stamped with the beginnings of the intervals.
    pub series: EvenSeries,
}

/// Words in the name of a series that counts requests.
const OF_REQUESTS: [&str; 5] = ["request", "hits", "invocation", "calls", "qps"];
/// Words in the name of a series whose values are per second.
const PER_SECOND: [&str; 7] = ["per_second", "per_sec", "persecond", "/s", "rps", "qps", "rate"];

impl Metrics {
    /// The demand: the series that is asked for, else the only one, else the only one whose name says that it counts requests.
    /// `meaning` and `every` are found out unless given.
    pub fn demand(
        &self,
        only: &BTreeMap<String, String>,
        every: Option<Duration>,
        meaning: Option<Meaning>,
    ) -> Result<DemandMetric, String> {
        let series =
            if only.is_empty() { self.of_requests().map_or_else(|| self.select(only), Ok) } else { self.select(only) }?;
        if let Some((_, value)) = series.samples.iter().find(|(_, value)| *value < 0.0) {
            return Err(format!("{} holds {value}: requests cannot be negative", series.name()));
        }
        if self.is_counter(series) {
            return Err(format!(
                "{} only ever rises: it is a counter since the start of the process. Ask Prometheus for its rate, as in \
                 `rate(http_requests_total[5m])`",
                series.name()
            ));
        }
        let (guess, why) = self.guess(series);
        let meaning = meaning.unwrap_or(guess);
        let mut even = series.even(every, meaning == Meaning::Counts)?;
        if self.notation == MetricNotation::Prometheus {
            even.start = even.start.saturating_sub(even.interval.nanos());
        }
        let words = if meaning == Meaning::Counts { "requests in each interval" } else { "requests per second" };
        let reason = if meaning == guess { why } else { "as asked for" };
        even.remarks.insert(0, format!("values of {} are taken as {words} ({reason})", series.name()));
        Ok(DemandMetric { name: series.name(), meaning, series: even })
    }

    /// The only series whose name says that it counts requests; of CloudWatch's statistics their sum.
    fn of_requests(&self) -> Option<&MetricSeries> {
        let named = |series: &&MetricSeries| {
            let name = series.name().to_lowercase();
            let sum = series.labels.get("statistic").is_none_or(|statistic| statistic == "Sum");
            sum && OF_REQUESTS.iter().any(|word| name.contains(word))
        };
        let mut found = self.series.iter().filter(named);
        found.next().filter(|_| found.next().is_none())
    }

    /// Whether a series of Prometheus has whole numbers that rise nearly always: a counter that no `rate` was taken of.
    fn is_counter(&self, series: &MetricSeries) -> bool {
        let pairs = series.samples.windows(2);
        let rising = pairs.clone().filter(|pair| pair[1].1 >= pair[0].1).count();
        let whole = series.samples.iter().all(|(_, value)| value.fract() == 0.0);
        self.notation == MetricNotation::Prometheus && whole && pairs.len() >= 10 && rising * 50 >= pairs.len() * 49
    }

    /// What the values mean, and why that is thought.
    fn guess(&self, series: &MetricSeries) -> (Meaning, &'static str) {
        let name = series.name().to_lowercase();
        match self.notation {
            MetricNotation::CloudWatchStatistics | MetricNotation::CloudWatchData => {
                (Meaning::Counts, "CloudWatch adds requests up over a period")
            }
            MetricNotation::Prometheus => (Meaning::PerSecond, "Prometheus is asked for rates"),
            MetricNotation::Table if PER_SECOND.iter().any(|word| name.contains(word)) => {
                (Meaning::PerSecond, "the column's name says so")
            }
            MetricNotation::Table => (Meaning::Counts, "nothing says otherwise"),
        }
    }
}
