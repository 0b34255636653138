//! Price lists in files.

use super::Source;
use super::source::{FileError, open};
use super::trace::{csv_failure, find_column};
use crate::scenario::{InlinePrices, OfferClass, PriceListFormat, PriceListRef, ReservedOffer, TypePrices, suggestion};
use crate::units::{Currency, HourlyPrice, Money, Price, Rate, Term};
use csv::{ByteRecord, Position, ReaderBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Column, name of the offer, term.
const OFFERS: [(&str, &str, Term); 6] = [
    ("std_1y_noUpfront", "1y-no-upfront", Term::OneYear),
    ("std_1y_partialUpfront", "1y-partial-upfront", Term::OneYear),
    ("std_1y_allUpfront", "1y-all-upfront", Term::OneYear),
    ("std_3y_noUpfront", "3y-no-upfront", Term::ThreeYears),
    ("std_3y_partialUpfront", "3y-partial-upfront", Term::ThreeYears),
    ("std_3y_allUpfront", "3y-all-upfront", Term::ThreeYears),
];

/// Reads a price list.
pub(super) fn read_price_list(folder: &Path, list: &PriceListRef) -> Result<(InlinePrices, Source), FileError> {
    let PriceListFormat::EffectiveCsv { region, os } = &list.format;
    let file = &list.file;
    let source = open(folder, file)?;
    let mut reader = ReaderBuilder::new().from_reader(source.bytes);
    let header = reader.byte_headers().map_err(|error| csv_failure(file, &error))?.clone();
    let columns = Columns::find(&header).map_err(|message| FileError::at_line(file, 1, message))?;
    let mut rows =
        SelectedRows { list, region, os, columns, types: BTreeMap::new(), date: None, others: BTreeSet::new() };
    let mut used = 0;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| csv_failure(file, &error))? {
        let line = record.position().map_or(0, Position::line);
        used += u64::from(rows.add(&record).map_err(|message| FileError::at_line(file, line, message))?);
    }
    let sha256 = source.sha256;
    Ok((rows.finish()?, Source { role: "prices".to_string(), file: file.clone(), sha256, rows: used }))
}

/// Where the columns are; reserved columns may be absent.
struct Columns {
    date: usize,
    instance_type: usize,
    region: usize,
    os: usize,
    on_demand: usize,
    offers: [Option<usize>; OFFERS.len()],
}

impl Columns {
    fn find(header: &ByteRecord) -> Result<Self, String> {
        Ok(Self {
            date: find_column(header, "list_date")?,
            instance_type: find_column(header, "instance_type")?,
            region: find_column(header, "region")?,
            os: find_column(header, "os")?,
            on_demand: find_column(header, "on_demand")?,
            offers: OFFERS.map(|(column, _, _)| find_column(header, column).ok()),
        })
    }
}

/// The rows of one region and operating system.
struct SelectedRows<'a> {
    list: &'a PriceListRef,
    region: &'a str,
    os: &'a str,
    columns: Columns,
    types: BTreeMap<String, TypePrices>,
    date: Option<String>,
    /// Regions and operating systems of the other rows.
    others: BTreeSet<(String, String)>,
}

impl SelectedRows<'_> {
    /// Whether the row was taken.
    fn add(&mut self, record: &ByteRecord) -> Result<bool, String> {
        let field = |column: usize| text(record, column);
        let (region, os) = (field(self.columns.region)?, field(self.columns.os)?);
        if region != self.region || os != self.os {
            if self.others.len() < 1000 {
                self.others.insert((region.to_string(), os.to_string()));
            }
            return Ok(false);
        }
        let currency = self.list.currency;
        let Some(on_demand) = hourly(field(self.columns.on_demand)?, currency)? else { return Ok(false) };
        let name = field(self.columns.instance_type)?;
        let mut reserved = BTreeMap::new();
        for ((_, offer, term), column) in OFFERS.iter().zip(self.columns.offers) {
            let Some(column) = column else { continue };
            if let Some(hourly) = hourly(field(column)?, currency)? {
                let upfront = Price { amount: Money::ZERO, currency };
                reserved.insert(
                    (*offer).to_string(),
                    ReservedOffer { term: *term, upfront, hourly, class: OfferClass::Standard },
                );
            }
        }
        let date = field(self.columns.date)?;
        if self.date.get_or_insert_with(|| date.to_string()) != date {
            return Err(format!(
                "the list has rows of several dates: {} and {date}",
                self.date.as_deref().unwrap_or("")
            ));
        }
        if self
            .types
            .insert(name.to_string(), TypePrices { on_demand, reserved, savings_plans: BTreeMap::new() })
            .is_some()
        {
            return Err(format!("`{name}` in {region} with {os} appears twice"));
        }
        Ok(true)
    }

    fn finish(self) -> Result<InlinePrices, FileError> {
        let Some(date) = self.date else { return Err(self.nothing_found()) };
        let (currency, source) = (self.list.currency, self.list.source.clone());
        Ok(InlinePrices { currency, date, source, types: self.types })
    }

    /// Says which regions, or which operating systems of the region, there are.
    fn nothing_found(&self) -> FileError {
        let systems: BTreeSet<&str> =
            self.others.iter().filter(|(region, _)| region == self.region).map(|(_, os)| os.as_str()).collect();
        let message = if systems.is_empty() {
            let regions: BTreeSet<&str> = self.others.iter().map(|(region, _)| region.as_str()).collect();
            format!("no prices for the region `{}`{}", self.region, suggestion(self.region, regions, "the list has"))
        } else {
            let found = suggestion(self.os, systems, "the list has");
            format!("no prices for the operating system `{}` in {}{found}", self.os, self.region)
        };
        FileError::new(&self.list.file, message)
    }
}

fn text(record: &ByteRecord, column: usize) -> Result<&str, String> {
    std::str::from_utf8(record.get(column).unwrap_or(&[]))
        .map(str::trim)
        .map_err(|_| format!("column {} is not valid UTF-8", column + 1))
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
        let offer = large.reserved["3y-all-upfront"];
        assert_eq!((offer.hourly.to_string(), offer.upfront.to_string()), ("0.0486 USD/h".into(), "0 USD".into()));
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
