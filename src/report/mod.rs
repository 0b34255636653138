//! Results as people read them: a table for the terminal, charts, and one self-contained page.
//!
//! Everything here is drawn from stored records and time lines, so a report can be made again another day.

pub mod answer;
mod background;
mod causes;
pub mod chart;
mod diff;
pub mod font;
mod html;
mod incidents;
mod patch_wave;
mod pictures;
#[cfg(feature = "png")]
mod png;
pub mod ranking;
pub mod replay;
mod risk;
pub mod saving;
mod sensitivity;
mod sparkline;
mod table;
pub mod view;
mod workbook;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod stored_files_tests;

pub use diff::{diff_html, diff_table};
pub use html::html;
pub use pictures::chart_pictures;
#[cfg(feature = "png")]
pub use png::png;
pub use sparkline::sparklines;
pub use table::{TableOptions, fold, number_table, table};
pub use workbook::workbook;
