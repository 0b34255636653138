//! The spot instance data feed: one row for each instance-hour (RULES R12).

use super::{PriceTable, stamp::Zone};
use crate::input::trace::price::price;

/// Columns of version 1.0, if the file does not name them.
const FIELDS: &str = "Timestamp UsageType Operation InstanceID MyBidID MyMaxPrice MarketPrice Charge Version";

/// Rows of the feed; the market price is that of the hour that begins at the row's time.
pub(super) fn parse(text: &str) -> Result<PriceTable, (Option<u64>, String)> {
    let zone = Zone::named("UTC").map_err(|message| (None, message))?;
    let mut fields: Vec<&str> = FIELDS.split(' ').collect();
    let mut records = Vec::new();
    for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
        let fail = |message: String| (Some(line), message);
        if let Some(named) = row.strip_prefix("#Fields:") {
            fields = named.split_whitespace().collect();
        }
        if row.starts_with('#') {
            continue;
        }
        let values: Vec<&str> = row.split('\t').map(str::trim).collect();
        let value = |name: &str| {
            let column = fields.iter().position(|field| *field == name);
            let missing = || fail(format!("the field `{name}` is missing; fields are separated by tabs"));
            column.and_then(|column| values.get(column)).copied().ok_or_else(missing)
        };
        let stamp = value("Timestamp")?;
        let time = zone.read(stamp.trim_end_matches("UTC").trim_end(), None).map_err(fail)?;
        // `0.010 USD`: the currency is always the dollar.
        let amount = value("MarketPrice")?.trim_end_matches("USD").trim_end();
        let key = [value("UsageType")?, value("Operation")?, value("InstanceID")?].map(String::from).to_vec();
        records.push((key, time, price(amount).map_err(fail)?));
    }
    let keys = ["usage_type", "operation", "instance"].map(String::from).to_vec();
    PriceTable::new("EC2 spot data feed", keys, records).map_err(|message| (None, message))
}
