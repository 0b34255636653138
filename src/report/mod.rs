//! Results as people read them: a table for the terminal, charts, and one self-contained page.
//!
//! Everything here is drawn from stored records and time lines, so a report can be made again another day.

pub mod answer;
pub mod chart;
pub mod font;
pub mod ranking;
mod table;
pub mod view;

#[cfg(test)]
mod sample;

pub use table::{TableOptions, table};
