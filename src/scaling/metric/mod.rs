//! Metrics as a monitor keeps them: periods, stamps, sliding windows, what is too little to judge from, and series with gaps.

mod period;
mod samples;
mod series;

pub use period::{Window, evaluation_interval, query_start, stamp, window};
pub use samples::{LowSamples, enough_samples, fewest_samples};
pub use series::{SeriesGrid, parse_value};
