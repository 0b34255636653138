//! What `aws cloudwatch` prints (RULES R74 to R76): unordered or descending, gaps simply absent, one or more pages.

use super::stamps::Stamps;
use super::{MetricNotation, Metrics, Record, TextError};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StatisticsPage {
    #[serde(default)]
    label: String,
    datapoints: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataPage {
    metric_data_results: Vec<DataResult>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    messages: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataResult {
    #[serde(default)]
    id: String,
    #[serde(default)]
    label: String,
    timestamps: Vec<Value>,
    values: Vec<f64>,
}

/// `get-metric-statistics`: each statistic of a datapoint is a series.
pub(super) fn statistics(text: &str) -> Result<Metrics, TextError> {
    let stamps = Stamps::standard("UTC").map_err(TextError::new)?;
    let mut records: Vec<Record> = Vec::new();
    for page in pages::<StatisticsPage>(text, "get-metric-statistics")? {
        for (number, mut point) in (1..).zip(page.datapoints) {
            let fail = |message: String| TextError::new(format!("datapoint {number} of {:?}: {message}", page.label));
            let time = point.remove("Timestamp").ok_or_else(|| fail("`Timestamp` is missing".to_string()))?;
            let time = instant(&stamps, &time).map_err(fail)?;
            let extended = match point.remove("ExtendedStatistics") {
                Some(Value::Object(extended)) => extended,
                _ => Map::new(),
            };
            for (statistic, value) in point.into_iter().chain(extended) {
                if let Some(value) = value.as_f64() {
                    let labels = [("label", page.label.clone()), ("statistic", statistic)];
                    records.push((labels.map(|(name, word)| (name.to_string(), word)).into(), time, value));
                }
            }
        }
    }
    Metrics::new(MetricNotation::CloudWatchStatistics, records, Vec::new())
}

/// `get-metric-data`: parallel lists of times and values, the newest first unless asked for otherwise.
pub(super) fn data(text: &str) -> Result<Metrics, TextError> {
    let stamps = Stamps::standard("UTC").map_err(TextError::new)?;
    let mut records: Vec<Record> = Vec::new();
    let mut remarks = Vec::new();
    let pages = pages::<DataPage>(text, "get-metric-data")?;
    if pages.last().is_some_and(|page| page.next_token.is_some()) {
        remarks.push("the last page has a `NextToken`: there is more that is not in the file".to_string());
    }
    for page in pages {
        remarks.extend(page.messages.iter().map(|message| format!("CloudWatch says: {message}")));
        for result in page.metric_data_results {
            let DataResult { id, label, timestamps, values } = result;
            if timestamps.len() != values.len() {
                let message = format!("{id:?} has {} timestamps and {} values", timestamps.len(), values.len());
                return Err(TextError::new(message));
            }
            let labels: BTreeMap<String, String> = [("id".to_string(), id), ("label".to_string(), label)].into();
            for (time, value) in timestamps.iter().zip(values) {
                records.push((labels.clone(), instant(&stamps, time).map_err(TextError::new)?, value));
            }
        }
    }
    Metrics::new(MetricNotation::CloudWatchData, records, remarks)
}

/// A time as the clients print it: a text, or seconds since 1970.
fn instant(stamps: &Stamps, value: &Value) -> Result<i64, String> {
    match value {
        Value::String(text) => stamps.read(text, None),
        Value::Number(number) => stamps.read(&number.to_string(), None),
        other => Err(format!("a time is a text or a number, found {other}")),
    }
}

/// One page, several one after the other, or a list of them.
fn pages<Page: for<'de> Deserialize<'de>>(text: &str, command: &str) -> Result<Vec<Page>, TextError> {
    let wrong = |error: serde_json::Error| {
        TextError::at(error.line() as u64, format!("this is no answer of `aws cloudwatch {command}`: {error}"))
    };
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(wrong);
    }
    serde_json::Deserializer::from_str(text).into_iter::<Page>().map(|page| page.map_err(wrong)).collect()
}
