//! Where a command may write: found out before anything is simulated.

use super::args::OutputFormat;
use super::exit::Failure;
use crate::report::TableOptions;
use crate::results::write_study;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// Makes sure that the report's folder can be created and written into. Nothing of it is left: whatever ends the process
/// before there are results, no empty folder stays.
pub(super) fn check_folder(folder: &Path) -> Result<(), Failure> {
    let fail = |action: &str, error: io::Error| {
        let message = format!("cannot {action} the output folder {}: {error}", folder.display());
        Failure::new(message, "choose another folder with -o DIR")
    };
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|place| !place.as_os_str().is_empty() && !place.exists()).collect();
    let created = fs::create_dir_all(folder).map_err(|error| fail("create", error));
    let probed = created.and_then(|()| {
        let probe = folder.join(format!(".fleetmix-probe-{}", std::process::id()));
        File::create(&probe).and_then(|_| fs::remove_file(&probe)).map_err(|error| fail("write to", error))
    });
    for place in missing {
        // One that was not created, or that somebody else already uses, stays as it is.
        let _ = fs::remove_dir(place);
    }
    probed
}

/// Tries to open a file for writing and leaves it as it was.
pub(super) fn check_file(file: &Path) -> Result<(), Failure> {
    if fs::symlink_metadata(file).is_ok_and(|found| !found.is_file()) {
        let message = format!("cannot write {}: it exists and is not a regular file", file.display());
        return Err(Failure::new(message, "name a new file, or one to be replaced"));
    }
    let existed = file.exists();
    let opened = OpenOptions::new().append(true).create(true).open(file);
    opened.map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display()), ""))?;
    if !existed {
        // Of no consequence if it stays: it is written soon.
        let _ = fs::remove_file(file);
    }
    Ok(())
}

/// How wide a table may be, and whether it may have colour: 100 columns and none where nobody watches; `NO_COLOR` is respected.
pub(super) fn table_options() -> TableOptions {
    let terminal = io::stdout().is_terminal();
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| width.0);
    TableOptions {
        width: if terminal { width.clamp(80, 200) } else { 100 },
        colour: terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// A record as it is printed and stored: indented JSON that ends with a line break.
pub(super) fn pretty_json(record: &impl Serialize) -> String {
    let mut json = serde_json::to_string_pretty(record).expect("a record is made of what JSON can hold");
    json.push('\n');
    json
}

/// Prints a record: as it is stored, or in words for people.
pub(super) fn print_record(
    format: OutputFormat,
    json: &str,
    words: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match format {
        OutputFormat::Json => output.write_all(json.as_bytes())?,
        OutputFormat::Table => words(&mut output)?,
    }
    output.flush()?;
    Ok(())
}

/// Writes a file that was asked for by its path: beside its place, then renamed.
pub(super) fn write_file(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::new(format!("cannot write {}: {error}", file.display()), "");
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(|| wrong(&"it is not a file name"))?;
    write_study(folder, &[(name, bytes)]).map_err(|error| wrong(&error))
}

/// A table without lines, its columns to the right.
pub(super) fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled).set_header(header.to_vec());
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The text of a table, without blanks at the ends of lines.
pub(super) fn without_blanks(table: &Table) -> String {
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
