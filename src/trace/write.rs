//! Traces and profiles as files.

use super::{CountSeries, PriceSeries, ProfileFile, RateSeries, SizedRequests};
use crate::units::{Currency, Duration, Instant};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", .path.display())]
pub struct WriteError {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// A demand trace as CSV: `time,requests`, one row an interval.
///
/// `requests` is the number *expected* in the interval that begins at `time`, rounded to a whole one. It is not drawn: arrivals
/// around it are drawn by the simulation, differently in each replication.
pub fn demand_csv(series: &RateSeries, origin: Instant) -> String {
    let mut text = String::from("time,requests\n");
    let seconds = series.interval.as_secs_f64();
    for (i, rate) in series.per_second.iter().enumerate() {
        let time = origin + series.start.since_start() + series.interval.times(i as i64);
        writeln!(text, "{time},{:.0}", (rate * seconds).round_ties_even()).expect("a string takes everything");
    }
    text
}

/// A price trace as CSV: `time,usd_per_hour` (or another currency), one row a change, exact.
pub fn price_csv(series: &PriceSeries, origin: Instant, currency: Currency) -> String {
    let mut text = format!("time,{}_per_hour\n", currency.to_string().to_lowercase());
    for (time, rate) in &series.steps {
        writeln!(text, "{},{rate}", origin + time.since_start()).expect("a string takes everything");
    }
    text
}

/// A capacity trace as CSV: `time,instances`, one row a change.
pub fn count_csv(series: &CountSeries, origin: Instant) -> String {
    let mut text = String::from("time,instances\n");
    for (time, count) in &series.steps {
        writeln!(text, "{},{count}", origin + time.since_start()).expect("a string takes everything");
    }
    text
}

/// Requests as CSV: `time` and a column for each size, one row a request.
pub fn requests_csv(requests: &SizedRequests, origin: Instant) -> String {
    let names = requests.sizes.iter().map(|(name, _)| name.as_str());
    let mut text = ["time"].into_iter().chain(names).collect::<Vec<_>>().join(",") + "\n";
    for (i, second) in requests.seconds.iter().enumerate() {
        write!(text, "{}", origin + Duration::from_secs_f64_rounded_to_millis(*second))
            .expect("a string takes everything");
        for (_, values) in &requests.sizes {
            write!(text, ",{}", values[i]).expect("a string takes everything");
        }
        text.push('\n');
    }
    text
}

/// A profile as indented JSON, each list of plain numbers on one line.
pub fn profile_json(file: &ProfileFile) -> String {
    let pretty = serde_json::to_string_pretty(file).expect("a profile is plain data");
    let mut text = String::new();
    // The lines since the last opening bracket, while no other bracket or brace has come.
    let mut list: Vec<&str> = Vec::new();
    for line in pretty.lines() {
        let closes = line.trim_start().starts_with(']') && !list.is_empty();
        if closes {
            let (head, numbers) = list.split_first().expect("a list begins with its bracket");
            let numbers: Vec<&str> = numbers.iter().map(|number| number.trim()).collect();
            text += &format!("{head}{}{}\n", numbers.join(" "), line.trim_start());
            list.clear();
            continue;
        }
        if line.ends_with(['[', '{']) {
            list.drain(..).for_each(|line| text += &format!("{line}\n"));
        }
        if line.ends_with('[') || !list.is_empty() {
            list.push(line);
        } else {
            text += &format!("{line}\n");
        }
    }
    text
}

/// Writes `text` beside `path` and renames it when complete; compressed when the name ends in `.gz`.
///
/// The compressed bytes hang on nothing but the text: no name, no time.
pub fn write_file(path: &Path, text: &str) -> Result<(), WriteError> {
    let error = |source| WriteError { path: path.to_path_buf(), source };
    let bytes = match path.extension() {
        Some(end) if end == "gz" => gzip(text.as_bytes()).map_err(error)?,
        _ => text.as_bytes().to_vec(),
    };
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    let beside = path.with_file_name(name);
    let written = std::fs::write(&beside, &bytes).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|source| {
        let _ = std::fs::remove_file(&beside);
        error(source)
    })
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
