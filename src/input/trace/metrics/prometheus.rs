//! Answers of Prometheus to a range query (RULES R90): numbers as texts, missing samples simply absent.

use super::{MetricNotation, Metrics, Record, TextError};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    result_type: String,
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct Series {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
    #[serde(default)]
    histograms: Vec<serde_json::Value>,
}

/// One answer, or several one after the other: a long range is asked for in parts.
pub(super) fn parse(text: &str) -> Result<Metrics, TextError> {
    let wrong = |error: serde_json::Error| {
        TextError::at(error.line() as u64, format!("this is no answer of a Prometheus server: {error}"))
    };
    let mut records: Vec<Record> = Vec::new();
    let mut remarks = Vec::new();
    for answer in serde_json::Deserializer::from_str(text).into_iter::<Answer>() {
        let answer = answer.map_err(wrong)?;
        let Some(data) = answer.data.filter(|_| answer.status == "success") else {
            let message = format!("Prometheus answered with an error: {} {}", answer.error_type, answer.error);
            return Err(TextError::new(message.trim_end().to_string()));
        };
        if data.result_type != "matrix" {
            return Err(TextError::new(format!(
                "the answer is a {}; a series over time is the answer of `query_range` (with start, end and step)",
                data.result_type
            )));
        }
        remarks.extend(answer.warnings.into_iter().map(|warning| format!("Prometheus says: {warning}")));
        let series: Vec<Series> = serde_json::from_value(data.result).map_err(wrong)?;
        for Series { metric, values, histograms } in series {
            if !histograms.is_empty() {
                remarks.push("native histograms are left out: ask for `histogram_quantile(…)` of them".to_string());
            }
            for (seconds, value) in values {
                let time = nanos(seconds)
                    .ok_or_else(|| TextError::new(format!("the time {seconds} lies outside the years 1678 to 2261")))?;
                let number = value.trim_start_matches('+').parse().map_err(|_| {
                    TextError::new(format!("{:?} is not a number", value.chars().take(60).collect::<String>()))
                })?;
                records.push((metric.clone(), time, number));
            }
        }
    }
    Metrics::new(MetricNotation::Prometheus, records, remarks)
}

/// Prometheus keeps times in milliseconds.
fn nanos(seconds: f64) -> Option<i64> {
    let millis = (seconds * 1e3).round();
    (millis.abs() < 9.2e12).then_some(millis as i64 * 1_000_000)
}
