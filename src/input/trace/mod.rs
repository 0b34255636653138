//! Readers of trace files: from rows to series on the scenario's time axis.

mod advisor;
mod alone;
mod any;
mod arrivals;
mod axis;
mod capacity;
mod counts;
mod csv;
mod demand;
mod jobs;
mod metrics;
mod offers;
mod price;
mod seconds;
mod stamp;
mod stamps;
#[cfg(test)]
mod tests;
mod text_error;

pub use advisor::{AdvisorEntry, parse_advisor};
pub use alone::{
    DemandQuestion, Window, read_demand_alone, read_demand_found_out, read_price_alone, read_requests_alone,
};
pub use any::{TraceContent, read_any};
pub(super) use arrivals::read_arrival_trace;
pub(super) use axis::Axis;
pub(super) use capacity::{capacity_steps_as_series, read_capacity_trace};
pub use counts::{CountFormat, Counts, parse_counts};
pub(super) use csv::{csv_failure, find_column};
pub(super) use demand::{read_rate_trace, steps_as_series};
pub(super) use jobs::read_jobs;
pub use metrics::{
    DemandMetric, EvenSeries, Meaning, MetricNotation, MetricSeries, Metrics, Quantity, TableReading, measured,
    parse_metrics, read_metrics,
};
pub use offers::{PriceRecords, PriceTable, parse_prices};
pub(super) use price::{price_steps_as_series, read_price_trace};
pub(super) use stamp::Zone;
pub use text_error::TextError;

/// How often the file's rows may be looked at: beyond this a file is refused.
pub(super) const MAX_ROWS: u64 = 50_000_000;
