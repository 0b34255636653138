//! `fleetmix diff`: a new study against an old one.

use crate::cli::args::DiffArguments;
use crate::cli::exit::Failure;
use crate::cli::output::{check_file, pretty_json, print_record, table_options, write_file};
use crate::difference::difference;
use crate::report::{diff_html, diff_table};
use crate::results::{Results, read_results};
use std::path::Path;

/// Reads both studies, compares them, and says what changed.
pub(in crate::cli) fn run(arguments: &DiffArguments) -> Result<(), Failure> {
    if let Some(file) = &arguments.html {
        check_file(file)?;
    }
    let [old, new] = [read(&arguments.old)?, read(&arguments.new)?];
    let difference = difference(&old, &new)
        .map_err(|error| Failure::new(error.to_string(), "simulate both with prices of one currency"))?;
    if let Some(file) = &arguments.html {
        write_file(file, diff_html(&difference).as_bytes())?;
    }
    print_record(arguments.format, &pretty_json(&difference), |output| {
        writeln!(output, "{}", diff_table(&difference, table_options()).trim_end())?;
        if let Some(file) = &arguments.html {
            writeln!(output, "Report: {}", file.display())?;
        }
        Ok(())
    })
}

/// The results in a folder, or of a file.
fn read(place: &Path) -> Result<Results, Failure> {
    let file = if place.is_dir() { place.join("results.json") } else { place.to_path_buf() };
    read_results(&file).map_err(|error| {
        Failure::new(error.to_string(), "give a folder that `fleetmix compare` wrote, or a results.json")
    })
}
