//! Bills with one row a charge: what instances ran, how they were paid, and what they cost.
//!
//! A notation is a file here that turns a record into a [`Charge`]; it is known by the columns. Costs are amortised: what is covered by a
//! commitment costs its share of it.

mod cells;
mod cur;
mod focus;
mod hours;
#[cfg(test)]
mod tests;

pub use hours::BilledHours;

use super::source::{FileError, open};
use super::trace::{Zone, csv_failure};
use super::{Diagnostic, Problem};
use crate::scenario::suggestion;
use crate::units::{Currency, Money};
use cells::Cells;
use csv::{ByteRecord, Position, ReaderBuilder};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// How instance time was paid, or what else a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paid {
    /// At the on-demand price.
    OnDemand,
    /// At a market price.
    Spot,
    /// By reserved instances or another commitment of usage.
    Reserved,
    /// By a savings plan or another commitment of money.
    SavingsPlan,
    /// Commitments that covered nothing: money without instances.
    UnusedCommitment,
    /// Reserved capacity in which nothing ran.
    UnusedCapacity,
    /// Credits, taxes and other rows without instances.
    Other,
}

impl Paid {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
            Self::Reserved => "reserved",
            Self::SavingsPlan => "savings plan",
            Self::UnusedCommitment => "unused commitment",
            Self::UnusedCapacity => "unused capacity",
            Self::Other => "other",
        }
    }
}

/// One charge.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// Its beginning, in nanoseconds since 1970.
    pub start: i64,
    /// Its end.
    pub end: i64,
    /// How it was paid.
    pub paid: Paid,
    /// Instance type; empty where there is none.
    pub instance_type: String,
    /// Zone, or region where no zone is stated.
    pub zone: String,
    /// Instance-hours; 0 where nothing ran.
    pub hours: f64,
    /// What it costs, amortised.
    pub cost: Money,
}

/// Which rows of a bill are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BillSelection {
    /// The mix, for the charges of a simulation of several; rows of none are taken.
    pub mix: Option<String>,
    /// The region; rows of none are taken.
    pub region: Option<String>,
}

/// What a bill is, besides its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The notation in words.
    pub notation: &'static str,
    /// Currency of every amount.
    pub currency: Currency,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Rows about instances that were taken.
    pub rows: u64,
    /// Rows about other things, which were passed over.
    pub passed_over: u64,
}

/// A row as its notation reads it.
struct Found {
    charge: Charge,
    currency: String,
    region: String,
    mix: String,
}

/// How records become charges; nothing for one that is not about instances.
trait Notation {
    fn row(&self, cells: &Cells) -> Result<Option<Found>, String>;
}

/// Reads a bill in FOCUS or CUR notation row by row, packed with gzip or not.
///
/// # Errors
/// If the file cannot be read, is in no notation that is known, mixes currencies, or holds several mixes or regions and none was chosen.
pub fn read_bill(file: &Path, selection: &BillSelection, mut take: impl FnMut(Charge)) -> Result<Bill, Diagnostic> {
    let name = file.to_string_lossy();
    let wrong = |error: FileError| {
        let place = error.line.map_or(String::new(), |line| format!("line {line}: "));
        Diagnostic::without_text(&*name, Problem::new(place + &error.message))
    };
    read(&name, selection, &mut take).map_err(wrong)
}

fn read(file: &str, selection: &BillSelection, take: &mut dyn FnMut(Charge)) -> Result<Bill, FileError> {
    let source = open(Path::new(""), file)?;
    let mut reader = ReaderBuilder::new().flexible(false).buffer_capacity(1 << 16).from_reader(source.bytes);
    let header = reader.byte_headers().map_err(|error| csv_failure(file, &error))?.clone();
    let columns = cells::Columns::new(&header);
    let zone = Zone::named("UTC").map_err(|message| FileError::new(file, message))?;
    let (notation, words) = notation(&columns, zone).map_err(|message| FileError::at_line(file, 1, message))?;
    let mut table = Table { selection, currency: None, mixes: Seen::default(), regions: Seen::default() };
    let (mut rows, mut passed_over) = (0, 0);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| csv_failure(file, &error))? {
        let line = record.position().map_or(0, Position::line);
        let found = notation.row(&Cells { columns: &columns, record: &record });
        match found.and_then(|found| found.map_or(Ok(None), |found| table.wanted(found))) {
            Ok(Some(charge)) => {
                rows += 1;
                take(charge);
            }
            Ok(None) => passed_over += 1,
            Err(message) => return Err(FileError::at_line(file, line, message)),
        }
    }
    let currency = table.finish(rows).map_err(|message| FileError::new(file, message))?;
    Ok(Bill { notation: words, currency, sha256: source.sha256, rows, passed_over })
}

fn notation(columns: &cells::Columns, zone: Zone) -> Result<(Box<dyn Notation>, &'static str), String> {
    if columns.has("ChargePeriodStart") {
        focus::check(columns)?;
        return Ok((Box::new(focus::Focus { zone }), "FOCUS"));
    }
    if columns.has("line_item_usage_start_date") {
        cur::check(columns)?;
        return Ok((Box::new(cur::Cur { zone }), "AWS Cost and Usage Report"));
    }
    Err("this is no bill that is known: FOCUS has a column `ChargePeriodStart`, a Cost and Usage Report \
         `lineItem/UsageStartDate` or `line_item_usage_start_date`"
        .to_string())
}

/// Names that occur in a column.
#[derive(Debug, Default)]
struct Seen {
    names: BTreeSet<String>,
}

impl Seen {
    const MOST: usize = 200;

    fn add(&mut self, name: &str) {
        if self.names.len() < Self::MOST && !self.names.contains(name) {
            self.names.insert(name.to_string());
        }
    }

    /// Nothing may be mixed that nobody chose.
    fn check(&self, wanted: Option<&str>, [what, plural]: [&str; 2], rows: u64) -> Result<(), String> {
        let names = || self.names.iter().filter(|name| !name.is_empty()).map(String::as_str);
        match wanted {
            Some(wanted) if rows == 0 && !self.names.contains(wanted) => {
                Err(format!("no rows of the {what} `{wanted}`{}", suggestion(wanted, names(), "there are")))
            }
            None if names().count() > 1 => Err(format!(
                "the file has rows of several {plural}: {}; choose one with --{what}",
                names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )),
            _ => Ok(()),
        }
    }
}

/// What all rows have in common.
struct Table<'a> {
    selection: &'a BillSelection,
    currency: Option<String>,
    mixes: Seen,
    regions: Seen,
}

impl Table<'_> {
    /// The charge, if it is of the mix and region that are wanted.
    fn wanted(&mut self, found: Found) -> Result<Option<Charge>, String> {
        let Found { charge, currency, region, mix } = found;
        self.mixes.add(&mix);
        self.regions.add(&region);
        let other = |wanted: &Option<String>, own: &str| wanted.as_ref().is_some_and(|wanted| wanted != own);
        if !mix.is_empty() && other(&self.selection.mix, &mix)
            || !region.is_empty() && other(&self.selection.region, &region)
        {
            return Ok(None);
        }
        let before = self.currency.get_or_insert_with(|| currency.clone());
        if *before != currency {
            return Err(format!("the bill has rows in {before} and in {currency}: one currency was expected"));
        }
        if charge.end <= charge.start {
            return Err("the charge ends before it begins".to_string());
        }
        if !charge.hours.is_finite() {
            return Err(format!("{} is no number of hours", charge.hours));
        }
        Ok(Some(charge))
    }

    fn finish(self, rows: u64) -> Result<Currency, String> {
        self.mixes.check(self.selection.mix.as_deref(), ["mix", "mixes"], rows)?;
        self.regions.check(self.selection.region.as_deref(), ["region", "regions"], rows)?;
        let Some(currency) = self.currency else { return Err("the bill has no rows about instances".to_string()) };
        currency.parse().map_err(|_| format!("{currency:?} is no currency such as USD"))
    }
}
