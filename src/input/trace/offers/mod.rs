//! Spot prices as clouds hand them out: several products, types and zones in one file, in any order.

mod feed;
mod history;
mod table;
#[cfg(test)]
mod tests;

use super::{TextError, stamp};
use crate::input::source::{FileError, read_whole};
use crate::scenario::{SpotFeedSelection, SpotPriceSelection, TraceFormat, suggestion};
use crate::units::Rate;
use std::collections::BTreeMap;
use std::path::Path;

/// Prices of one product, type and zone: nanoseconds since 1970, strictly rising. A record is not a change (RULES R17).
pub type PriceRecords = Vec<(i64, Rate)>;

/// All prices of a file, by the words that tell its series apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceTable {
    /// What the notation is, in words.
    pub words: &'static str,
    /// What the words of a series mean.
    pub keys: Vec<String>,
    /// The series. Sorted, without repeated times.
    pub series: BTreeMap<Vec<String>, PriceRecords>,
    /// Records that were read.
    pub rows: u64,
}

/// How many series are listed in a message.
const MOST_LISTED: usize = 12;

impl PriceTable {
    /// A table of records in any order (RULES R15): the words of its series, the time and the price of each.
    fn new(
        words: &'static str,
        keys: Vec<String>,
        records: impl IntoIterator<Item = (Vec<String>, i64, Rate)>,
    ) -> Result<Self, TextError> {
        let mut series: BTreeMap<Vec<String>, PriceRecords> = BTreeMap::new();
        let mut rows = 0;
        for (key, time, price) in records {
            series.entry(key).or_default().push((time, price));
            rows += 1;
        }
        if rows == 0 {
            return Err(TextError::new("there is not a single price"));
        }
        for records in series.values_mut() {
            records.sort_unstable();
            records.dedup();
        }
        Ok(Self { words, keys, series, rows })
    }

    /// The one series whose words are those that are `wanted`; `None` leaves a word open.
    pub fn select(&self, wanted: &[Option<&str>]) -> Result<&PriceRecords, String> {
        let fits = |words: &&Vec<String>| {
            words.iter().zip(wanted).all(|(word, wanted)| wanted.is_none_or(|wanted| wanted == word))
        };
        let found: Vec<&Vec<String>> = self.series.keys().filter(fits).collect();
        let open: Vec<&str> = self
            .keys
            .iter()
            .enumerate()
            .filter(|(index, _)| found.iter().any(|words| words[*index] != found[0][*index]))
            .map(|(_, key)| key.as_str())
            .collect();
        match found[..] {
            [words] => one_price_a_time(&self.series[words], &self.keys),
            [] => Err(format!(
                "no price is of what is asked for{}; there are {}",
                self.nearest(wanted),
                self.listed(|_| true)
            )),
            _ => Err(format!(
                "{} series fit: state {}; there are {}",
                found.len(),
                open.join(" and "),
                self.listed(|words| fits(&words))
            )),
        }
    }

    /// The one series whose words have the values that are asked for by name.
    pub fn selected(&self, only: &BTreeMap<String, String>) -> Result<&PriceRecords, String> {
        if let Some(unknown) = only.keys().find(|name| !self.keys.contains(name)) {
            let known = suggestion(unknown, self.keys.iter().map(String::as_str), "the file has");
            return Err(format!("nothing is called `{unknown}` here{known}"));
        }
        let wanted: Vec<Option<&str>> = self.keys.iter().map(|key| only.get(key).map(String::as_str)).collect();
        self.select(&wanted)
    }

    /// The nearest word to the first one that is nowhere.
    fn nearest(&self, wanted: &[Option<&str>]) -> String {
        let there = |index: usize| self.series.keys().map(move |words| words[index].as_str());
        let missing = wanted.iter().enumerate().filter_map(|(index, wanted)| Some((index, (*wanted)?)));
        let mut missing = missing.filter(|(index, wanted)| there(*index).all(|word| word != *wanted));
        missing.next().map_or(String::new(), |(index, wanted)| {
            let mut words: Vec<&str> = there(index).collect();
            words.dedup();
            format!(": {} {wanted:?}{}", self.keys[index], suggestion(wanted, words, "found"))
        })
    }

    fn listed(&self, fits: impl Fn(&Vec<String>) -> bool) -> String {
        let all: Vec<&Vec<String>> = self.series.keys().filter(|words| fits(words)).collect();
        let shown = all.iter().take(MOST_LISTED);
        let mut text = shown.map(|words| format!("`{}`", words.join(" "))).collect::<Vec<_>>().join(", ");
        if all.len() > MOST_LISTED {
            text += &format!(" and {} more", all.len() - MOST_LISTED);
        }
        text
    }
}

/// The records, unless two of them say different prices for one time.
fn one_price_a_time<'a>(records: &'a PriceRecords, keys: &[String]) -> Result<&'a PriceRecords, String> {
    match records.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        None => Ok(records),
        Some(pair) => Err(format!(
            "two prices at {}, {} and {}: these are prices of several things that {} does not tell apart",
            stamp::name(pair[0].0),
            pair[0].1,
            pair[1].1,
            keys.join(", ")
        )),
    }
}

/// The prices of a text in whatever notation it has; `None` if it holds none that is known.
pub fn parse_prices(text: &str) -> Option<Result<PriceTable, TextError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let begin = text.trim_start();
    if begin.starts_with(['{', '[']) && begin.chars().take(4096).collect::<String>().contains("SpotPrice") {
        Some(history::parse(text))
    } else if begin.starts_with("#Version") || begin.starts_with("#Fields") {
        Some(feed::parse(text))
    } else {
        table::parse(text)
    }
}

/// The series of a file that a trace's format selects, with the file's fingerprint and its records.
pub(in crate::input) fn read_offer(
    folder: &Path,
    file: &str,
    format: &TraceFormat,
) -> Result<(PriceRecords, String), FileError> {
    let whole = read_whole(folder, file)?;
    let text = whole.text.strip_prefix('\u{feff}').unwrap_or(&whole.text);
    let (table, wanted) = match format {
        TraceFormat::SpotPriceHistory(SpotPriceSelection { product, instance_type, zone }) => {
            (history::parse(text), vec![product, instance_type, zone])
        }
        TraceFormat::SpotDataFeed(SpotFeedSelection { usage_type, operation, instance }) => {
            (feed::parse(text), vec![usage_type, operation, instance])
        }
        TraceFormat::Csv(_)
        | TraceFormat::Seconds {}
        | TraceFormat::Counts {}
        | TraceFormat::CloudWatch(_)
        | TraceFormat::Prometheus(_) => {
            return Err(FileError::new(
                file,
                "this format holds no prices; use `csv`, `spot_price_history` or `spot_data_feed`",
            ));
        }
    };
    let table = table.map_err(|error| error.of(file))?;
    let wanted: Vec<Option<&str>> = wanted.into_iter().map(Option::as_deref).collect();
    let records = table.select(&wanted).map_err(|message| FileError::new(file, message))?;
    Ok((records.clone(), whole.sha256))
}
