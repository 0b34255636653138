//! The files that are drawn from stored results.

use crate::cli::exit::Failure;
use crate::report::chart::{self, Axis, Colours, Size};
use crate::report::{html, workbook};
use crate::results::{Results, StoredReport, mixes_csv, timeline_csv};
use rayon::prelude::*;

/// Names of the files that [`draw`] makes.
pub(in crate::cli) const DRAWN: [&str; 5] =
    ["mixes.csv", "timeline.csv", "frontier.svg", "workbook.xlsx", "report.html"];

/// Makes the files, in the order of their names, on the current thread pool.
pub(in crate::cli) fn draw(results: &Results, stored: &StoredReport) -> Result<Vec<Vec<u8>>, Failure> {
    let makers: [&(dyn Fn() -> Result<Vec<u8>, Failure> + Sync); 5] = [
        &|| Ok(mixes_csv(results).into_bytes()),
        &|| Ok(timeline_csv(results, &stored.timelines).into_bytes()),
        &|| Ok(chart::frontier(results, Size::PICTURE, Axis::Fitting).svg(Colours::Fixed).into_bytes()),
        &|| {
            let written = workbook(results, stored);
            written.map_err(|error| Failure::new(format!("cannot make workbook.xlsx: {error}"), ""))
        },
        &|| Ok(html(results, stored).into_bytes()),
    ];
    makers.par_iter().with_max_len(1).map(|make| make()).collect()
}
