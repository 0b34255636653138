//! Price lists in files: our own format, and those that are published.
//!
//! A format is a file here that turns a record into a [`Row`]; rows are merged and checked in one place.

mod effective;
mod gcp;
mod own;
mod split;
mod yearly;

use super::source::{FileError, open, read_failure};
use super::trace::{csv_failure, find_column};
use super::typing::typed;
use super::{Diagnostic, Document, MAX_DOCUMENT_BYTES, Problem, Source};
use crate::scenario::{
    InlinePrices, OfferClass, PriceListFormat, PriceListRef, ReservedOffer, TypePrices, suggestion, validate_prices,
};
use crate::units::{Currency, HourlyPrice, Money, Price, Rate, Term};
use csv::{ByteRecord, Position, ReaderBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// Reads and checks a price list in a file, relative to `folder`.
pub fn read_prices(folder: &Path, list: &PriceListRef) -> Result<InlinePrices, Problem> {
    let read = read_price_list(folder, list).map_err(|error| Problem::new(error.to_string()))?;
    match validate_prices(&read.0).first() {
        Some(issue) => Err(Problem::new(format!("{}: {}: {}", list.file, issue.pointer, issue.message))),
        None => Ok(read.0),
    }
}

/// Reads a price list.
pub(super) fn read_price_list(folder: &Path, list: &PriceListRef) -> Result<(InlinePrices, Source), FileError> {
    let file = &list.file;
    let source = open(folder, file)?;
    let used = |prices: InlinePrices, rows| {
        let role = "prices".to_string();
        (prices, Source { role, file: file.clone(), sha256: source.sha256.clone(), rows })
    };
    if list.format == (PriceListFormat::Json {}) {
        let prices = read_json(list, source.bytes)?;
        let rows = prices.types.len() as u64;
        return Ok(used(prices, rows));
    }
    let mut reader = ReaderBuilder::new().from_reader(source.bytes);
    let header = reader.byte_headers().map_err(|error| csv_failure(file, &error))?.clone();
    let format = format(list, &header).map_err(|message| FileError::at_line(file, 1, message))?;
    let mut table = Table::new(list);
    let mut count = 0;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| csv_failure(file, &error))? {
        let line = record.position().map_or(0, Position::line);
        let added = format.row(&record).and_then(|found| table.add(found, line));
        count += u64::from(added.map_err(|message| FileError::at_line(file, line, message))?);
    }
    Ok(used(table.finish()?, count))
}

/// Our own format: what a scenario would state inline.
fn read_json(list: &PriceListRef, mut bytes: Box<dyn Read>) -> Result<InlinePrices, FileError> {
    let mut text = Vec::new();
    let read = bytes.by_ref().take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut text);
    read.map_err(|error| FileError::new(&list.file, read_failure(&error)))?;
    if text.len() as u64 > MAX_DOCUMENT_BYTES {
        return Err(FileError::new(&list.file, "the list is larger than 16 MiB"));
    }
    let fail = |diagnostic: Diagnostic| FileError {
        file: list.file.clone(),
        line: diagnostic.first_line(),
        message: diagnostic.problems.first().map(Problem::placed_message).unwrap_or_default(),
    };
    let document = Document::from_bytes(&list.file, text).map_err(fail)?;
    let prices: InlinePrices = typed(&document.tree).map_err(|problem| fail(document.diagnose(vec![problem])))?;
    if prices.currency != list.currency {
        let message = format!("the list is in {}, and {} was expected", prices.currency, list.currency);
        return Err(FileError::new(&list.file, message));
    }
    Ok(prices)
}

/// How records of a format become rows.
trait Format {
    fn row(&self, record: &ByteRecord) -> Result<Found, String>;
}

fn format(list: &PriceListRef, header: &ByteRecord) -> Result<Box<dyn Format>, String> {
    let currency = list.currency;
    Ok(match &list.format {
        PriceListFormat::Csv {} => Box::new(own::Own::new(header, currency)?),
        PriceListFormat::EffectiveCsv { region, os } => {
            Box::new(effective::Effective::new(header, region.clone(), os.clone(), currency)?)
        }
        PriceListFormat::SplitCsv { region } => Box::new(split::Split::new(header, region.clone(), currency)?),
        PriceListFormat::YearlyCsv { date } => Box::new(yearly::Yearly::new(header, date.clone(), currency)?),
        PriceListFormat::GcpCsv { region } => Box::new(gcp::Gcp::new(header, region.clone(), currency)?),
        PriceListFormat::Json {} => return Err("a JSON list has no rows".to_string()),
    })
}

/// What a record holds.
enum Found {
    /// Prices that were asked for.
    Row(Row),
    /// Prices of another region and operating system (or date).
    Other([String; 2]),
    /// A type that is not offered.
    Nothing,
}

/// Prices of one type, or some of them.
struct Row {
    date: String,
    instance_type: String,
    on_demand: Option<HourlyPrice>,
    offers: Vec<(String, ReservedOffer)>,
    plans: Vec<(String, HourlyPrice)>,
}

impl Row {
    fn new(date: String, instance_type: String) -> Self {
        Self { date, instance_type, on_demand: None, offers: Vec::new(), plans: Vec::new() }
    }
}

/// What is known of a type, and the line that named it first.
struct Listed {
    line: u64,
    on_demand: Option<HourlyPrice>,
    reserved: BTreeMap<String, ReservedOffer>,
    savings_plans: BTreeMap<String, HourlyPrice>,
}

/// The rows that were asked for, merged.
struct Table<'a> {
    list: &'a PriceListRef,
    types: BTreeMap<String, Listed>,
    date: Option<String>,
    /// Regions and operating systems of the other rows.
    others: BTreeSet<[String; 2]>,
}

impl<'a> Table<'a> {
    fn new(list: &'a PriceListRef) -> Self {
        Self { list, types: BTreeMap::new(), date: None, others: BTreeSet::new() }
    }

    /// Whether the row was taken.
    fn add(&mut self, found: Found, line: u64) -> Result<bool, String> {
        let row = match found {
            Found::Row(row) => row,
            Found::Other(place) => {
                if self.others.len() < 1000 {
                    self.others.insert(place);
                }
                return Ok(false);
            }
            Found::Nothing => return Ok(false),
        };
        let date = self.date.get_or_insert_with(|| row.date.clone());
        if *date != row.date {
            return Err(format!("the list has rows of several dates: {date} and {}", row.date));
        }
        let name = row.instance_type;
        let new = Listed { line, on_demand: None, reserved: BTreeMap::new(), savings_plans: BTreeMap::new() };
        let known = self.types.contains_key(&name);
        let prices = self.types.entry(name.clone()).or_insert(new);
        if let Some(on_demand) = row.on_demand {
            let before = *prices.on_demand.get_or_insert(on_demand);
            if before != on_demand {
                return Err(format!("`{name}` has two on-demand prices: {before} and {on_demand}"));
            }
            if known && row.offers.is_empty() && self.list.format != (PriceListFormat::Csv {}) {
                return Err(format!("`{name}` appears twice"));
            }
        }
        for (offer, terms) in row.offers {
            if prices.reserved.insert(offer.clone(), terms).is_some() {
                return Err(format!("the offer `{offer}` of `{name}` appears twice"));
            }
        }
        for (plan, price) in row.plans {
            if prices.savings_plans.insert(plan.clone(), price).is_some() {
                return Err(format!("the price of `{name}` under the plan `{plan}` appears twice"));
            }
        }
        Ok(true)
    }

    fn finish(self) -> Result<InlinePrices, FileError> {
        let Some(date) = self.date.clone() else { return Err(self.nothing_found()) };
        let (currency, source) = (self.list.currency, self.list.source.clone());
        let mut types = BTreeMap::new();
        for (name, Listed { line, on_demand, reserved, savings_plans }) in self.types {
            let Some(on_demand) = on_demand else {
                let message = format!("`{name}` has no on-demand price: add a row of kind `on-demand` for it");
                return Err(FileError::at_line(&self.list.file, line, message));
            };
            types.insert(name, TypePrices { on_demand, reserved, savings_plans });
        }
        Ok(InlinePrices { currency, date, source, types })
    }

    /// Says which regions, or which operating systems of the region, there are.
    fn nothing_found(&self) -> FileError {
        let (region, os) = match &self.list.format {
            PriceListFormat::EffectiveCsv { region, os } => (region.as_str(), os.as_str()),
            PriceListFormat::SplitCsv { region } | PriceListFormat::GcpCsv { region } => (region.as_str(), ""),
            PriceListFormat::YearlyCsv { date } => (date.as_str(), ""),
            PriceListFormat::Json {} | PriceListFormat::Csv {} => {
                return FileError::new(&self.list.file, "the list has no prices");
            }
        };
        let what = if matches!(self.list.format, PriceListFormat::YearlyCsv { .. }) { "date" } else { "region" };
        let systems: BTreeSet<&str> =
            self.others.iter().filter(|[place, _]| place == region).map(|[_, os]| os.as_str()).collect();
        let message = if systems.is_empty() || os.is_empty() {
            let regions: BTreeSet<&str> = self.others.iter().map(|[region, _]| region.as_str()).collect();
            format!("no prices for the {what} `{region}`{}", suggestion(region, regions, "the list has"))
        } else {
            let found = suggestion(os, systems, "the list has");
            format!("no prices for the operating system `{os}` in {region}{found}")
        };
        FileError::new(&self.list.file, message)
    }
}

/// A standard offer that is known by what an hour costs with everything in it.
fn effective_offer(term: Term, hourly: HourlyPrice, class: OfferClass) -> ReservedOffer {
    let upfront = Price { amount: Money::ZERO, currency: hourly.currency };
    ReservedOffer { term, upfront, hourly, class, scope: None }
}

fn text(record: &ByteRecord, column: usize) -> Result<&str, String> {
    std::str::from_utf8(record.get(column).unwrap_or(&[]))
        .map(str::trim)
        .map_err(|_| format!("column {} is not valid UTF-8", column + 1))
}

/// A price that may be zero: the hourly part of an offer that is paid upfront.
fn hourly_or_zero(text: &str, currency: Currency) -> Result<HourlyPrice, String> {
    if text.trim_matches(['0', '.']).is_empty() && !text.is_empty() {
        return Ok(HourlyPrice { rate: Rate::ZERO, currency });
    }
    hourly(text, currency)?.ok_or_else(|| "a price is missing; write 0 if nothing is due by the hour".to_string())
}

/// A price, or nothing where the cell is empty.
fn hourly(text: &str, currency: Currency) -> Result<Option<HourlyPrice>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let found = || text.chars().take(60).collect::<String>();
    let rate: Rate =
        text.parse().map_err(|_| format!("{:?} is not a price; write a plain decimal such as 0.0958", found()))?;
    if rate <= Rate::ZERO {
        return Err(format!(
            "a price must be above zero, found {}; leave the cell empty if it is not offered",
            found()
        ));
    }
    Ok(Some(HourlyPrice { rate, currency }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "list_date,instance_type,region,os,on_demand,std_1y_noUpfront,std_3y_noUpfront,std_3y_allUpfront\n\
                        2016-04-18,m4.large,us-east-1,linux,0.12,0.0827,,0.0486\n\
                        2016-04-18,m4.large,us-east-1,mswin,0.246,0.2,,0.1\n\
                        2016-04-18,m4.large,eu-west-1,linux,0.132,0.09,,0.05\n\
                        2016-04-18,none.large,us-east-1,linux,,,,\n";

    fn read(list: &str, region: &str, os: &str) -> Result<(InlinePrices, Source), String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("list.csv"), list).unwrap();
        let reference = PriceListRef {
            file: "list.csv".into(),
            format: PriceListFormat::EffectiveCsv { region: region.into(), os: os.into() },
            currency: Currency::USD,
            source: "test".into(),
        };
        read_price_list(folder.path(), &reference).map_err(|error| error.to_string())
    }

    #[test]
    fn effective_prices_become_hourly_offers() {
        let (prices, source) = read(LIST, "us-east-1", "linux").unwrap();
        assert_eq!((prices.date.as_str(), prices.types.len(), source.rows), ("2016-04-18", 1, 1));
        let large = &prices.types["m4.large"];
        assert_eq!(large.on_demand.to_string(), "0.12 USD/h");
        assert_eq!(large.reserved.keys().collect::<Vec<_>>(), ["1y-no-upfront", "3y-all-upfront"]);
        let offer = &large.reserved["3y-all-upfront"];
        assert_eq!((offer.hourly.to_string(), offer.upfront.to_string()), ("0.0486 USD/h".into(), "0 USD".into()));
    }

    const OWN: &str = "date,instance_type,kind,name,term,upfront,hourly,class,scope\n\
                       2026-01-05,m5.large,reserved,1y-partial,1y,252,0.029,convertible,\n\
                       2026-01-05,m5.large,on-demand,,,,0.096,,\n\
                       2026-01-05,m5.large,reserved,1y-zonal,1y,,0.06,,zone:a\n\
                       2026-01-05,m5.large,savings-plan,compute-1y,,,0.07,,\n";

    fn own(list: &str) -> Result<InlinePrices, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("own.csv"), list).unwrap();
        let format = PriceListFormat::Csv {};
        let reference =
            PriceListRef { file: "own.csv".into(), format, currency: "EUR".parse().unwrap(), source: "us".into() };
        read_price_list(folder.path(), &reference).map(|(prices, _)| prices).map_err(|error| error.to_string())
    }

    #[test]
    fn a_list_of_ones_own_is_read() {
        let prices = own(OWN).unwrap();
        assert_eq!(
            (prices.date.as_str(), prices.currency.to_string(), prices.types.len()),
            ("2026-01-05", "EUR".into(), 1)
        );
        let large = &prices.types["m5.large"];
        assert_eq!(large.on_demand.to_string(), "0.096 EUR/h");
        assert_eq!(large.reserved["1y-partial"].upfront.to_string(), "252 EUR");
        assert_eq!(large.reserved["1y-partial"].class, OfferClass::Convertible);
        assert_eq!(large.reserved["1y-zonal"].scope, Some(crate::scenario::CommitmentScope::Zonal("a".into())));
        assert_eq!(large.savings_plans["compute-1y"].to_string(), "0.07 EUR/h");
    }

    #[test]
    fn mistakes_in_it_are_named_with_their_line() {
        let wrong = |from: &str, to: &str, message: &str| {
            let error = own(&OWN.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains("own.csv") && error.contains(message), "{message}: {error}");
        };
        wrong("on-demand,,,,0.096", "savings-plan,p,,,0.096", "line 2: `m5.large` has no on-demand price");
        wrong("reserved,1y-partial,1y", "reserved,1y-partial,2y", "line 2: unknown term");
        wrong("reserved,1y-partial", "lent,1y-partial", "line 2: unknown kind");
        wrong("252,0.029", "-252,0.029", "line 2: ");
        wrong("0.096", "-0.096", "line 3: a price must be above zero");
        wrong("1y-zonal,1y,,0.06", "1y-zonal,1y,,0", "line 4: the offer costs nothing");
        wrong("zone:a", "somewhere", "line 4: unknown scope");
        wrong("savings-plan,compute-1y", "savings-plan,", "line 5: the name of the offer is missing");
        wrong("1y-zonal", "1y-partial", "line 4: the offer `1y-partial` of `m5.large` appears twice");
        wrong(
            "2026-01-05,m5.large,on-demand",
            "2026-01-06,m5.large,on-demand",
            "line 3: the list has rows of several dates",
        );
        wrong("hourly,", "price,", "line 1: there is no column `hourly`");
        wrong(&OWN[OWN.find('\n').unwrap()..], "\n", "the list has no prices");
        let again = format!("{OWN}2026-01-05,m5.large,on-demand,,,,0.1,,\n");
        assert!(own(&again).unwrap_err().contains("line 6: `m5.large` has two on-demand prices"));
    }

    #[test]
    fn what_exists_is_listed() {
        let error = read(LIST, "us-esat-1", "linux").unwrap_err();
        assert!(error.contains("did you mean `us-east-1`?") && error.contains("`eu-west-1`"), "{error}");
        let error = read(LIST, "us-east-1", "windows").unwrap_err();
        assert!(error.contains("operating system `windows` in us-east-1; the list has: `linux`, `mswin`"), "{error}");
        assert!(read("a,b\n", "x", "y").unwrap_err().contains("line 1: there is no column `list_date`"));
        assert!(
            read(&LIST.replace("0.0827", "-1"), "us-east-1", "linux").unwrap_err().contains("line 2: a price must")
        );
        assert!(read(&LIST.replace("0.0827", "NaN"), "us-east-1", "linux").unwrap_err().contains("not a price"));
    }
}
