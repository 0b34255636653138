//! `fleetmix report`: a stored result, drawn again.

use super::report_files::{DRAWN, draw};
use crate::cli::args::ReportArguments;
use crate::cli::exit::Failure;
use crate::cli::output::{check_folder, table_options};
use crate::report::{chart_pictures, fold, sparklines, table};
use crate::results::{STORED_REPORT_VERSION, StoredReport, read_results, write_study};
use std::io::{Write, stdout};
use std::path::Path;

/// Where the pictures of the charts are put, in the report's folder.
const CHARTS: &str = "charts";

/// Reads the folder of a study and writes what is drawn from it.
pub(in crate::cli) fn run(arguments: &ReportArguments) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let results = read_results(&folder.join("results.json")).map_err(|error| {
        Failure::new(error.to_string(), "give the folder that `fleetmix compare` wrote, with its results.json")
    })?;
    let (stored, remark) = stored(&folder.join("report.json"))?;
    let target = arguments.output.as_ref().unwrap_or(folder);
    check_folder(target)?;
    let drawn = draw(&results, &stored)?;
    let files: Vec<(&str, &[u8])> = DRAWN.into_iter().zip(drawn.iter().map(Vec::as_slice)).collect();
    let cannot_write =
        |error: crate::results::StoreError| Failure::new(error.to_string(), "the report was not written");
    write_study(target, &files).map_err(cannot_write)?;
    let mut pictures: Vec<(String, Vec<u8>)> = Vec::new();
    if arguments.svg || arguments.png {
        for (name, svg) in chart_pictures(&results, &stored) {
            if arguments.png {
                pictures.push((format!("{name}.png"), png(&name, &svg)?));
            }
            if arguments.svg {
                pictures.push((format!("{name}.svg"), svg.into_bytes()));
            }
        }
        let files: Vec<(&str, &[u8])> =
            pictures.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        write_study(&target.join(CHARTS), &files).map_err(cannot_write)?;
    }
    if arguments.quiet {
        return Ok(());
    }
    let mut output = stdout().lock();
    writeln!(output, "{}", table(&results, table_options()).trim_end())?;
    write!(output, "{}", sparklines(&results, &stored.timelines, table_options().width))?;
    if let Some(remark) = remark {
        writeln!(output, "{}", fold(&format!("Note: {remark}"), table_options().width.into()))?;
    }
    if !pictures.is_empty() {
        writeln!(output, "Charts: {} pictures in {}", pictures.len(), target.join(CHARTS).display())?;
    }
    writeln!(output, "Report: {}", target.join("report.html").display())?;
    output.flush()?;
    Ok(())
}

/// What is shown beside the results; a record of an earlier version has none, and no charts over time.
fn stored(path: &Path) -> Result<(StoredReport, Option<&'static str>), Failure> {
    if path.exists() {
        let report = StoredReport::read(path);
        return report.map(|report| (report, None)).map_err(|error| {
            Failure::new(error.to_string(), "move it away to draw the report without charts over time")
        });
    }
    let nothing = StoredReport {
        schema_version: STORED_REPORT_VERSION,
        command: "The command was not stored.".into(),
        timelines: Vec::new(),
        invoices: Vec::new(),
    };
    Ok((nothing, Some("there is no report.json beside results.json: no charts over time and no invoice")))
}

#[cfg(feature = "png")]
fn png(name: &str, svg: &str) -> Result<Vec<u8>, Failure> {
    crate::report::png(svg).map_err(|error| Failure::new(format!("cannot draw {name}.png: {error}"), ""))
}

#[cfg(not(feature = "png"))]
fn png(_: &str, _: &str) -> Result<Vec<u8>, Failure> {
    Err(Failure::new("this fleetmix was built without PNG", "build it with the feature `png`, or use --svg"))
}
