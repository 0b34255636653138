//! Tables of prices with a header line, as researchers and price trackers publish them.

use super::{PriceTable, stamp::Zone};
use crate::input::trace::price::price;
use csv::{Position, ReaderBuilder};

/// Columns of time stamps.
const TIMES: [&str; 4] = ["timestamp", "time", "commit_time_utc", "Timestamp"];
/// Columns of prices per hour.
const PRICES: [&str; 5] = ["price_usd_per_hour", "usd_per_hour", "eur_per_hour", "hour_spot", "SpotPrice"];
/// Columns that tell series apart.
const KEYS: [&str; 8] = [
    "product",
    "ProductDescription",
    "instance_type",
    "InstanceType",
    "machine_type",
    "region",
    "availability_zone",
    "AvailabilityZone",
];

/// `None` if the header names no known columns of time and price.
pub(super) fn parse(text: &str) -> Option<Result<PriceTable, (Option<u64>, String)>> {
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().ok()?.clone();
    let column = |names: &[&str]| header.iter().position(|field| names.contains(&field.trim()));
    let (time, value) = (column(&TIMES)?, column(&PRICES)?);
    let keys: Vec<usize> = (0..header.len()).filter(|index| KEYS.contains(&header[*index].trim())).collect();
    let names = keys.iter().map(|index| header[*index].trim().to_string()).collect();
    Some(
        records(&mut reader, time, value, &keys).and_then(|records| {
            PriceTable::new("a table of prices", names, records).map_err(|message| (None, message))
        }),
    )
}

type Record = (Vec<String>, i64, crate::units::Rate);

fn records(
    reader: &mut csv::Reader<&[u8]>,
    time: usize,
    value: usize,
    keys: &[usize],
) -> Result<Vec<Record>, (Option<u64>, String)> {
    let zone = Zone::named("UTC").map_err(|message| (None, message))?;
    let mut records = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| (error.position().map(Position::line), error.to_string()))?;
        let fail = |message| (row.position().map(Position::line), message);
        let key = keys.iter().map(|index| row[*index].trim().to_string()).collect();
        let time = zone.read(row[time].trim(), None).map_err(fail)?;
        records.push((key, time, price(row[value].trim()).map_err(fail)?));
    }
    Ok(records)
}
