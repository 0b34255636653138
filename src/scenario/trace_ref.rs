//! References to trace files: one shape for every kind of trace.

use crate::units::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A trace file: where it is, how it is read, where it is placed in time, and what fills its holes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceRef {
    /// Path relative to the scenario file; `.gz` is unpacked.
    pub file: String,
    /// Format of the file.
    pub format: TraceFormat,
    /// Where the trace lies in the scenario's time; its own time stamps unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Placement>,
    /// What stands where rows are missing.
    pub gaps: Gaps,
    /// What stands after the last row.
    pub at_end: AtEnd,
}

/// Format of a trace file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TraceFormat {
    /// Comma-separated values with a header line.
    Csv(CsvColumns),
    /// One request a row, for arrival traces: its time as a plain number of seconds since 1970 (place a trace that counts
    /// from its own beginning with `place`), and where the trace gives sizes a comma and the work in seconds. A first line
    /// that is not a number is a header and is skipped.
    Seconds {},
    /// Numbers of instances, for the capacity of a market, in any notation that `fleetmix trace inspect` recognises: JSON ticks,
    /// lengths of 0 and 1, hours with counts, added and removed nodes, counts with date and time. Traces that count from their own
    /// beginning begin in 1970: place them with `place`.
    Counts {},
    /// What `aws ec2 describe-spot-price-history` prints, for prices: one or more pages of JSON in any order.
    SpotPriceHistory(SpotPriceSelection),
    /// The spot instance data feed, for prices: tab-separated, one row an instance-hour.
    SpotDataFeed(SpotFeedSelection),
    /// What `aws cloudwatch get-metric-statistics` or `get-metric-data` prints, for demand: one or more pages in any order.
    #[serde(rename = "cloudwatch")]
    CloudWatch(MetricSelection),
    /// The answer of a Prometheus server to a range query, for demand. A value stands for the step that ends at its time stamp, as
    /// functions such as `rate` look back.
    Prometheus(MetricSelection),
}

/// Which series of an answer is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricSelection {
    /// Its labels, e.g. `{"statistic": "Sum"}` or `{"job": "web"}`: as many as tell it apart. `fleetmix trace inspect` lists them.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub only: BTreeMap<String, String>,
}

/// Which of the prices of a history are meant; what is left out must be the same in all that match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpotPriceSelection {
    /// Product description, e.g. `Linux/UNIX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Instance type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// Availability zone, or the zone's id where the history has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// Which rows of a data feed are meant; what is left out must be the same in all that match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpotFeedSelection {
    /// Usage type, e.g. `USW2-SpotUsage:m5.large`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_type: Option<String>,
    /// Operation, e.g. `RunInstances:SV002`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Instance, e.g. `i-0123456789abcdef0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

/// Which columns of a CSV file hold the trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvColumns {
    /// Column of time stamps (`2016-03-07T00:00:00Z`, `2016-03-07 00:00:00`, or seconds since 1970).
    pub time: String,
    /// Column of values; an arrival trace without sizes has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Time zone of stamps without an offset (IANA name).
    pub time_zone: String,
    /// How time stamps are written, where they are not as `time` says: `milliseconds`, `microseconds` or `nanoseconds` since 1970, or a
    /// pattern such as `%d.%m.%Y %H:%M`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_format: Option<String>,
    /// Only rows with these values in these columns, e.g. `{"availability_zone": "us-east-1a"}`.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub only: BTreeMap<String, String>,
}

/// Moves a trace in time: its instant `trace_time` happens at the scenario's instant `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// An instant of the trace.
    pub trace_time: Instant,
    /// The instant of the scenario at which it happens.
    pub at: Instant,
}

/// What stands where rows are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// A missing row is an error.
    Error,
    /// The last value holds. A price trace is a step function and always holds.
    Hold,
    /// Zero: a demand trace that leaves out minutes without requests; an arrival trace is never anything else.
    Zero,
}

/// What stands after the last row of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AtEnd {
    /// A horizon longer than the trace is an error.
    Error,
    /// The last value holds.
    Hold,
    /// The trace starts again.
    Repeat,
}
