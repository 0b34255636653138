//! Rows with columns whose names and notations are found out: separator, header, time stamps, numbers.

use super::stamps::{Stamps, UNITS};
use super::{MetricNotation, Metrics, Record, TextError};
use crate::input::trace::MAX_ROWS;
use crate::scenario::suggestion;
use csv::{ReaderBuilder, StringRecord, Trim};
use std::collections::BTreeMap;

/// How a table is understood, where that shall not be found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableReading {
    /// Column of time stamps.
    pub time: Option<String>,
    /// How time stamps are written, as in a scenario's `time_format`.
    pub time_format: Option<String>,
    /// Time zone of stamps without an offset (IANA name).
    pub time_zone: String,
    /// The only columns of values.
    pub values: Vec<String>,
}

impl Default for TableReading {
    fn default() -> Self {
        Self { time: None, time_format: None, time_zone: "UTC".to_string(), values: Vec::new() }
    }
}

/// Notations of time stamps that are tried, the usual ones first.
const PATTERNS: [&str; 14] = [
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%b/%Y:%H:%M:%S %z",
    "%d %b %Y %H:%M:%S",
    "%Y-%m-%d",
    "%a, %d %b %Y %H:%M:%S %z",
];

/// Rows that are looked at to find out what a column holds.
const SAMPLED: usize = 200;
/// Series that a table may hold.
const MOST_SERIES: usize = 10_000;

/// Reads a table.
pub(super) fn parse(text: &str, reading: &TableReading) -> Result<Metrics, TextError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (text, lines_before) = without_separator_line(text);
    let separator = separator(text);
    let rows = Rows::read(text, separator, lines_before)?;
    let mut remarks = Vec::new();
    let time = rows.time_column(reading, &mut remarks)?;
    let (format, times) = rows.times(time, reading)?;
    let values = rows.value_columns(time, reading, separator)?;
    let names: Vec<&str> = values.iter().map(|column| rows.names[*column].as_str()).collect();
    let separated = match separator {
        b'\t' => "a tab".to_string(),
        other => format!("`{}`", char::from(other)),
    };
    remarks.insert(
        0,
        format!(
            "columns are separated by {separated}; times are in `{}` as {format}; values are in `{}`",
            rows.names[time],
            names.join("`, `")
        ),
    );
    let labelled = rows.label_columns(time, &values);
    let mut records: Vec<Record> = Vec::with_capacity(rows.records.len() * values.len());
    for ((line, record), time) in rows.records.iter().zip(times) {
        for column in &values {
            let value = number(cell(record, *column), separator).map_err(|message| TextError::at(*line, message))?;
            let mut labels: BTreeMap<String, String> =
                labelled.iter().map(|label| (rows.names[*label].clone(), cell(record, *label).to_string())).collect();
            labels.insert("column".to_string(), rows.names[*column].clone());
            records.push((labels, time, value));
        }
    }
    let metrics = Metrics::new(MetricNotation::Table, records, remarks)?;
    if metrics.series.len() > MOST_SERIES {
        return Err(TextError::new(format!(
            "the table holds {} series; at most {MOST_SERIES} are read",
            metrics.series.len()
        )));
    }
    Ok(metrics)
}

/// Spreadsheets accept `sep=;` as a first line, and some tools write it.
fn without_separator_line(text: &str) -> (&str, u64) {
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("sep=") => (rest, 1),
        _ => (text, 0),
    }
}

/// The separator that the first line has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

fn cell(record: &StringRecord, column: usize) -> &str {
    record.get(column).unwrap_or_default()
}

/// A number; empty cells and words for nothing are no number.
fn number(text: &str, separator: u8) -> Result<f64, String> {
    let comma = separator != b',' && text.contains(',') && !text.contains('.');
    let plain = if comma { text.replace(',', ".") } else { text.to_string() };
    match plain.as_str() {
        "" | "-" | "null" | "NULL" | "None" | "undefined" => Ok(f64::NAN),
        plain => plain.parse().map_err(|_| format!("{:?} is not a number", text.chars().take(60).collect::<String>())),
    }
}

/// The rows of a table with the names of its columns.
struct Rows {
    names: Vec<String>,
    /// Each with its line.
    records: Vec<(u64, StringRecord)>,
}

impl Rows {
    fn read(text: &str, separator: u8, lines_before: u64) -> Result<Self, TextError> {
        let mut reader =
            ReaderBuilder::new().delimiter(separator).has_headers(false).trim(Trim::All).from_reader(text.as_bytes());
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                TextError::at(line + lines_before, error.to_string())
            })?;
            let line = record.position().map_or(0, csv::Position::line) + lines_before;
            records.push((line, record));
            if records.len() as u64 > MAX_ROWS {
                return Err(TextError::at(line, format!("a trace has at most {MAX_ROWS} rows")));
            }
        }
        let Some((_, first)) = records.first() else { return Err(TextError::new("the file is empty")) };
        let headless = first.iter().any(|cell| formats_of(cell).next().is_some());
        let names = if headless {
            (1..=first.len()).map(|number| format!("column {number}")).collect()
        } else {
            let names = first.iter().map(String::from).collect();
            records.remove(0);
            names
        };
        if records.is_empty() {
            return Err(TextError::new("there is no row below the header"));
        }
        Ok(Self { names, records })
    }

    fn sample(&self, column: usize) -> impl Iterator<Item = &str> {
        let every = self.records.len().div_ceil(SAMPLED);
        self.records.iter().step_by(every).map(move |(_, record)| cell(record, column))
    }

    fn column(&self, name: &str) -> Result<usize, TextError> {
        self.names.iter().position(|known| known == name).ok_or_else(|| {
            let found = suggestion(name, self.names.iter().map(String::as_str), "the table has");
            TextError::new(format!("there is no column `{name}`{found}"))
        })
    }

    /// The column of time stamps: the one that is named, or of those that hold times the one whose name says so, else the first.
    fn time_column(&self, reading: &TableReading, remarks: &mut Vec<String>) -> Result<usize, TextError> {
        if let Some(name) = &reading.time {
            return self.column(name);
        }
        let is_time = |column: &usize| match &reading.time_format {
            Some(format) => Stamps::new(&reading.time_zone, Some(format))
                .is_ok_and(|stamps| self.sample(*column).all(|text| stamps.read(text, None).is_ok())),
            None => self.formats(*column).next().is_some(),
        };
        let found: Vec<usize> = (0..self.names.len()).filter(is_time).collect();
        let named = found.iter().find(|column| {
            let name = self.names[**column].to_lowercase();
            ["time", "date", "stamp", "start"].iter().any(|word| name.contains(word))
        });
        let Some(column) = named.or(found.first()).copied() else {
            return Err(TextError::new(format!(
                "no column holds times that are known ({}); name it, and how times are written",
                self.names.join(", ")
            )));
        };
        if found.len() > 1 {
            let others =
                found.iter().filter(|other| **other != column).map(|other| format!("`{}`", self.names[*other]));
            remarks.push(format!("{} could be times, too", others.collect::<Vec<_>>().join(", ")));
        }
        Ok(column)
    }

    /// Notations that read all sampled cells of a column.
    fn formats(&self, column: usize) -> impl Iterator<Item = &'static str> + '_ {
        let first = self.sample(column).next().unwrap_or_default();
        formats_of(first).filter(move |format| {
            Stamps::new("UTC", Some(format))
                .is_ok_and(|stamps| self.sample(column).all(|text| stamps.read(text, None).is_ok()))
        })
    }

    /// The notation of the stamps, and all of them. Of several that fit, the one with which rows are most evenly apart.
    fn times(&self, column: usize, reading: &TableReading) -> Result<(String, Vec<i64>), TextError> {
        let candidates: Vec<String> = match &reading.time_format {
            Some(format) => vec![format.clone()],
            None => self.formats(column).map(String::from).collect(),
        };
        let mut found: Vec<(usize, String, Vec<i64>)> = Vec::new();
        let mut first_error = None;
        for format in candidates {
            match self.read_times(column, &format, &reading.time_zone) {
                Ok(times) => {
                    let mut distances: Vec<i64> =
                        times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
                    distances.sort_unstable();
                    distances.dedup();
                    if !found.iter().any(|(_, _, known)| *known == times) {
                        found.push((distances.len(), format, times));
                    }
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        found.sort_by_key(|(uneven, ..)| *uneven);
        if let [(a, one, _), (b, other, _), ..] = &found[..]
            && a == b
        {
            return Err(TextError::new(format!(
                "the times of `{}` can be read as `{one}` and as `{other}`: say which is meant",
                self.names[column]
            )));
        }
        match found.into_iter().next() {
            Some((_, format, times)) => Ok((format, times)),
            None => Err(first_error.unwrap_or_else(|| {
                TextError::new(format!("the times of `{}` are in no notation that is known", self.names[column]))
            })),
        }
    }

    fn read_times(&self, column: usize, format: &str, zone: &str) -> Result<Vec<i64>, TextError> {
        let stamps = Stamps::new(zone, Some(format)).map_err(TextError::new)?;
        let mut before = None;
        let mut read = |(line, record): &(u64, StringRecord)| {
            let time = stamps.read(cell(record, column), before).map_err(|message| TextError::at(*line, message))?;
            before = Some(time);
            Ok(time)
        };
        self.records.iter().map(&mut read).collect()
    }

    /// The columns of values: those that are named, or all whose cells are numbers.
    fn value_columns(&self, time: usize, reading: &TableReading, separator: u8) -> Result<Vec<usize>, TextError> {
        if !reading.values.is_empty() {
            return reading.values.iter().map(|name| self.column(name)).collect();
        }
        let holds_numbers = |column: &usize| {
            let numbers: Vec<_> = self.sample(*column).map(|text| number(text, separator)).collect();
            numbers.iter().all(Result::is_ok) && numbers.iter().flatten().any(|value| value.is_finite())
        };
        let found: Vec<usize> = (0..self.names.len()).filter(|column| *column != time).filter(holds_numbers).collect();
        if found.is_empty() {
            let message = format!(
                "no column but the times holds numbers ({}); name the one that is meant",
                self.names.join(", ")
            );
            return Err(TextError::new(message));
        }
        Ok(found)
    }

    /// The columns of words that say what a row is of: those with few different ones.
    fn label_columns(&self, time: usize, values: &[usize]) -> Vec<usize> {
        const MOST_WORDS: usize = 20;
        let few = |column: &usize| {
            let mut words: Vec<&str> = self.sample(*column).filter(|text| number(text, b',').is_err()).collect();
            let all = words.len() == self.sample(*column).count();
            words.sort_unstable();
            words.dedup();
            all && words.len() <= MOST_WORDS
        };
        (0..self.names.len()).filter(|column| *column != time && !values.contains(column)).filter(few).collect()
    }
}

/// The notations in which a text is a time of the years 2000 to 2100.
fn formats_of(text: &str) -> impl Iterator<Item = &'static str> {
    const SECOND: i64 = 1_000_000_000;
    const YEARS: std::ops::Range<i64> = 946_684_800 * SECOND..4_102_444_800 * SECOND;
    let whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let units = UNITS.iter().map(|(name, _)| *name);
    let candidates: Vec<&'static str> = if whole {
        std::iter::once("seconds").chain(units).collect()
    } else {
        std::iter::once("standard").chain(PATTERNS).collect()
    };
    candidates.into_iter().filter(move |format| {
        let read = Stamps::new("UTC", Some(format)).and_then(|stamps| stamps.read(text, None));
        // Numbers are times only where they can be of our days; texts are times whatever the year.
        read.is_ok_and(|time| !whole || YEARS.contains(&time))
    })
}
