//! Rows of a CSV trace, in time order.

use super::MAX_ROWS;
use super::stamp;
use super::stamps::Stamps;
use crate::input::source::{FileError, open, read_failure};
use crate::scenario::{CsvColumns, TraceFormat, TraceRef, suggestion};
use crate::units::Duration;
use csv::{ByteRecord, ErrorKind, Position, Reader, ReaderBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// One row of a trace.
pub(super) struct Row<'a> {
    pub(super) line: u64,
    /// Nanoseconds since 1970.
    pub(super) time: i64,
    pub(super) value: &'a str,
    /// Sum over weighed columns.
    pub(super) weighed: f64,
}

/// A condition `column = text` that rows must meet.
struct Condition {
    column: usize,
    text: String,
    /// What the column held instead, for the message when nothing matches.
    others: BTreeSet<String>,
}

/// Reads rows one by one; times strictly increase, unless equal ones are allowed.
pub(super) struct CsvTrace {
    file: String,
    pub(super) sha256: String,
    pub(super) rows: u64,
    reader: Reader<Box<dyn Read>>,
    record: ByteRecord,
    time_column: usize,
    /// `None`: the rows have no values.
    value_column: Option<usize>,
    /// Columns that are summed up, with their weights.
    weights: Vec<(usize, f64)>,
    conditions: Vec<Condition>,
    stamps: Stamps,
    equal_times: bool,
    previous: Option<i64>,
}

impl CsvTrace {
    /// Opens the file and finds its columns.
    pub(super) fn open(folder: &Path, trace: &TraceRef) -> Result<Self, FileError> {
        let file = trace.file.clone();
        let TraceFormat::Csv(columns) = &trace.format else {
            return Err(FileError::new(
                &file,
                "a trace of values over time is read from columns with names: use `csv`",
            ));
        };
        let source = open(folder, &file)?;
        let mut reader = ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(source.bytes);
        let header = reader.byte_headers().map_err(|error| csv_failure(&file, &error))?.clone();
        let find = |name: &str| find_column(&header, name).map_err(|message| FileError::at_line(&file, 1, message));
        if header.is_empty() {
            return Err(FileError::new(&file, "the file is empty; a header line with the columns' names is needed"));
        }
        let time_column = find(&columns.time)?;
        let value_column = columns.value.as_deref().map(find).transpose()?;
        let conditions = conditions(columns, find)?;
        let stamps = Stamps::new(&columns.time_zone, columns.time_format.as_deref());
        let stamps = stamps.map_err(|message| FileError::new(&file, message))?;
        let (sha256, record) = (source.sha256, ByteRecord::new());
        Ok(Self {
            file,
            sha256,
            rows: 0,
            reader,
            record,
            time_column,
            value_column,
            weights: Vec::new(),
            conditions,
            stamps,
            equal_times: false,
            previous: None,
        })
    }

    /// The same rows, some of which may have the same time.
    pub(super) fn allowing_equal_times(self) -> Self {
        Self { equal_times: true, ..self }
    }

    /// The same rows, with the sum of what these columns hold times the seconds for one.
    pub(super) fn weighing(mut self, columns: &BTreeMap<String, Duration>) -> Result<Self, FileError> {
        let header = self.reader.byte_headers().map_err(|error| csv_failure(&self.file, &error))?;
        for (name, weight) in columns {
            let found = find_column(header, name).map_err(|message| FileError::at_line(&self.file, 1, message))?;
            self.weights.push((found, weight.as_secs_f64()));
        }
        Ok(self)
    }

    /// The next row that meets all conditions; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, FileError> {
        loop {
            let more = self.reader.read_byte_record(&mut self.record);
            if !more.map_err(|error| csv_failure(&self.file, &error))? {
                return if self.rows == 0 { Err(self.no_rows()) } else { Ok(None) };
            }
            let record = &self.record;
            let unmet = self.conditions.iter_mut().find(|c| field(record, c.column) != Ok(c.text.as_str()));
            match unmet {
                None => break,
                Some(condition) if condition.others.len() < 30 => {
                    let found = field(record, condition.column).unwrap_or("").chars().take(60).collect();
                    condition.others.insert(found);
                }
                Some(_) => {}
            }
        }
        let line = self.record.position().map_or(0, Position::line);
        let fail = |message: String| FileError::at_line(&self.file, line, message);
        let after = if self.equal_times { self.previous.map(|time| time.saturating_sub(1)) } else { self.previous };
        let time =
            field(&self.record, self.time_column).and_then(|text| self.stamps.read(text, after)).map_err(fail)?;
        if let Some(previous) = self.previous.filter(|previous| !(self.equal_times && *previous == time)) {
            check_order(previous, time).map_err(fail)?;
        }
        self.previous = Some(time);
        self.rows += 1;
        if self.rows > MAX_ROWS {
            return Err(fail(format!("a trace has at most {MAX_ROWS} rows")));
        }
        let value = self.value_column.map_or(Ok(""), |column| field(&self.record, column)).map_err(fail)?;
        let mut weighed = 0.0;
        for (column, weight) in &self.weights {
            weighed += weight * field(&self.record, *column).and_then(amount).map_err(fail)?;
        }
        Ok(Some(Row { line, time, value, weighed }))
    }

    /// Why there is not a single row.
    fn no_rows(&self) -> FileError {
        let found = self.conditions.iter().find(|condition| !condition.others.is_empty());
        let message = match found {
            Some(Condition { text, others, .. }) => {
                let names = others.iter().map(String::as_str);
                format!("no row has {text:?} as `where` asks{}", suggestion(text, names, "found"))
            }
            None => "the trace is empty: there is no row below the header".to_string(),
        };
        FileError::new(&self.file, message)
    }
}

fn conditions(
    columns: &CsvColumns,
    find: impl Fn(&str) -> Result<usize, FileError>,
) -> Result<Vec<Condition>, FileError> {
    let only = columns.only.iter();
    only.map(|(name, text)| Ok(Condition { column: find(name)?, text: text.clone(), others: BTreeSet::new() }))
        .collect()
}

fn check_order(previous: i64, time: i64) -> Result<(), String> {
    if time > previous {
        return Ok(());
    }
    Err(if time == previous {
        format!("the time {} appears twice; each time needs one row", stamp::name(time))
    } else {
        stamp::unsorted(previous, time)
    })
}

/// A field as text without blanks around it.
fn field(record: &ByteRecord, column: usize) -> Result<&str, String> {
    let bytes = record.get(column).unwrap_or(&[]);
    std::str::from_utf8(bytes).map(str::trim).map_err(|_| format!("column {} is not valid UTF-8", column + 1))
}

/// A number of things that a column holds.
fn amount(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| format!("{:?} is not a number of 0 or more", text.chars().take(60).collect::<String>()))
}

/// The index of a column, or what there is instead.
pub(in crate::input) fn find_column(header: &ByteRecord, name: &str) -> Result<usize, String> {
    let names: Vec<String> = header.iter().map(|field| String::from_utf8_lossy(field).trim().to_string()).collect();
    names.iter().position(|found| found == name).ok_or_else(|| {
        let shown: Vec<String> = names.iter().map(|found| found.chars().take(60).collect()).collect();
        format!("there is no column `{name}`{}", suggestion(name, shown.iter().map(String::as_str), "the header has"))
    })
}

/// What the CSV reader complains about, with its line.
pub(in crate::input) fn csv_failure(file: &str, error: &csv::Error) -> FileError {
    let line = error.position().map(Position::line);
    let message = match error.kind() {
        ErrorKind::Io(error) => read_failure(error),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields where the header has {expected_len}")
        }
        _ => error.to_string(),
    };
    FileError { file: file.to_string(), line, message }
}
