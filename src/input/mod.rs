//! From files to a checked scenario: documents with positions, overrides, price lists and traces.
//!
//! [`load()`] is the whole way. Whatever is wrong comes back as a [`Diagnostic`] with every problem's place in the
//! document; no input makes it panic.

mod candidates;
mod diagnostic;
mod document;
mod load;
mod overrides;
mod prices;
mod profile;
mod resolve;
mod source;
#[cfg(test)]
mod tests;
mod trace;
mod typing;
mod usage;

pub use candidates::Candidate;
pub use diagnostic::{Diagnostic, Problem};
pub use document::{Document, MAX_DEPTH, MAX_DOCUMENT_BYTES};
pub use load::{LoadOptions, LoadedScenario, load, load_document};
pub use prices::read_prices;
pub use profile::read_profile;
pub use source::{Source, fingerprint_of_text};
pub use trace::{
    AdvisorEntry, CountFormat, Counts, DemandMetric, DemandQuestion, EvenSeries, Meaning, MetricNotation, MetricSeries,
    Metrics, PriceRecords, PriceTable, Quantity, TableReading, TextError, TraceContent, Window, measured,
    parse_advisor, parse_counts, parse_metrics, parse_prices, read_any, read_demand_alone, read_demand_found_out,
    read_metrics, read_price_alone, read_requests_alone,
};
pub use usage::{Bill, BillSelection, BilledHours, Charge, Paid, read_bill};
