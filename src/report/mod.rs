//! Results as people read them: a table for the terminal, charts, and one self-contained page.
//!
//! Everything here is drawn from stored records and time lines, so a report can be made again another day.

pub mod answer;
pub mod chart;
pub mod font;
mod html;
mod patch_wave;
pub mod ranking;
pub mod replay;
mod table;
pub mod view;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod stored_files_tests;

pub use html::{ReportContext, html};
pub use table::{TableOptions, table};
