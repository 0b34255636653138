//! `aws ec2 describe-spot-price-history` (RULES R14 to R18).

use super::{PriceTable, stamp::Zone};
use crate::input::trace::price::price;
use serde::Deserialize;
use serde_json::Value;

/// One answer of the API. What follows on further pages comes as further answers.
#[derive(Deserialize)]
struct Page {
    #[serde(rename = "SpotPriceHistory")]
    history: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    timestamp: String,
    /// A text in all versions of the API; a number in files that others have written.
    spot_price: Value,
    #[serde(default)]
    product_description: String,
    #[serde(default)]
    instance_type: String,
    #[serde(default)]
    availability_zone: String,
    #[serde(default)]
    availability_zone_id: String,
}

/// One page, several one after the other or in a list, or the bare list of records.
pub(super) fn parse(text: &str) -> Result<PriceTable, (Option<u64>, String)> {
    let zone = Zone::named("UTC").map_err(|message| (None, message))?;
    let mut records = Vec::new();
    for (number, record) in (1..).zip(entries(text)?) {
        let fail = |message: String| (None, format!("record {number}: {message}"));
        let time = zone.read(&record.timestamp, None).map_err(fail)?;
        let price = match &record.spot_price {
            Value::String(text) => price(text),
            Value::Number(number) => price(&number.to_string()),
            other => Err(format!("`SpotPrice` is a text with a decimal, found {other}")),
        };
        let place =
            if record.availability_zone.is_empty() { record.availability_zone_id } else { record.availability_zone };
        records.push((vec![record.product_description, record.instance_type, place], time, price.map_err(fail)?));
    }
    let keys = ["product", "instance_type", "zone"].map(String::from).to_vec();
    PriceTable::new("EC2 spot price history (JSON)", keys, records).map_err(|message| (None, message))
}

fn entries(text: &str) -> Result<Vec<Record>, (Option<u64>, String)> {
    let wrong = |error: serde_json::Error| {
        let message = format!("this is no answer of `aws ec2 describe-spot-price-history`: {error}");
        (Some(error.line() as u64), message)
    };
    if text.trim_start().starts_with('[') {
        let list: Vec<Value> = serde_json::from_str(text).map_err(wrong)?;
        let mut records = Vec::new();
        for element in list {
            if element.get("SpotPriceHistory").is_some() {
                records.extend(serde_json::from_value::<Page>(element).map_err(wrong)?.history);
            } else {
                records.push(serde_json::from_value(element).map_err(wrong)?);
            }
        }
        return Ok(records);
    }
    let mut records = Vec::new();
    for page in serde_json::Deserializer::from_str(text).into_iter::<Page>() {
        records.extend(page.map_err(wrong)?.history);
    }
    Ok(records)
}
