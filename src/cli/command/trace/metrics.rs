//! Files of metrics: what they hold, and the demand in them as the CSV that a scenario reads.

use crate::cli::exit::Failure;
use crate::input::{DemandMetric, Meaning, Metrics, TableReading, TraceContent, read_any, read_metrics};
use crate::trace::write_file;
use crate::units::{Duration, Instant};
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::path::Path;

/// How a table of metrics is read where that shall not be found out.
#[derive(Debug, Args)]
pub(in crate::cli) struct TableArgs {
    /// Column of time stamps of a table [default: found out].
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// How its time stamps are written: seconds, milliseconds, microseconds, nanoseconds (since 1970), or a pattern such as
    /// "%d.%m.%Y %H:%M" [default: found out].
    #[arg(long, value_name = "FORMAT")]
    time_format: Option<String>,
    /// Time zone of stamps without an offset (IANA name).
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// Column of values of a table; may be repeated [default: all that hold numbers].
    #[arg(long = "value", value_name = "COLUMN")]
    values: Vec<String>,
}

impl TableArgs {
    /// Whether the file is a table for certain, because a column of it is named.
    fn is_table(&self) -> bool {
        self.time.is_some() || self.time_format.is_some() || !self.values.is_empty() || self.time_zone != "UTC"
    }

    fn reading(&self) -> TableReading {
        TableReading {
            time: self.time.clone(),
            time_format: self.time_format.clone(),
            time_zone: self.time_zone.clone(),
            values: self.values.clone(),
        }
    }

    /// What a file holds, in whatever notation it is.
    pub(in crate::cli) fn content(&self, file: &Path) -> Result<TraceContent, Failure> {
        if self.is_table() { self.metrics(file).map(TraceContent::Metrics) } else { Ok(read_any(file)?) }
    }

    /// The metrics of a file that holds nothing else.
    pub(in crate::cli) fn metrics(&self, file: &Path) -> Result<Metrics, Failure> {
        Ok(read_metrics(file, &self.reading())?)
    }
}

/// How the values of demand are understood where that shall not be found out.
#[derive(Debug, Args)]
pub(in crate::cli) struct DemandReading {
    /// What the values of a metric are [default: found out, and said].
    #[arg(long, value_enum)]
    values_are: Option<ValuesAre>,
    /// Length of an interval of a metric [default: the distance that most samples have].
    #[arg(long, value_name = "DURATION")]
    every: Option<Duration>,
}

/// What a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ValuesAre {
    /// Requests in the interval.
    Counts,
    /// Requests per second.
    PerSecond,
}

impl DemandReading {
    /// The demand of a file.
    pub(in crate::cli) fn demand(
        &self,
        file: &Path,
        metrics: &Metrics,
        only: &BTreeMap<String, String>,
    ) -> Result<DemandMetric, Failure> {
        let meaning = self.values_are.map(|values| match values {
            ValuesAre::Counts => Meaning::Counts,
            ValuesAre::PerSecond => Meaning::PerSecond,
        });
        metrics.demand(only, self.every, meaning).map_err(|message| {
            let help = "`fleetmix trace inspect` lists what there is; choose with `--where NAME=VALUE`, --every and --values-are";
            Failure::new(format!("{}: {message}", file.display()), help)
        })
    }
}

/// An instant in nanoseconds since 1970 as a file has it.
pub(super) fn instant_text(unix_nanos: i64) -> String {
    Instant::from_unix_nanos(unix_nanos).to_string()
}

/// Says what a file of metrics holds.
pub(super) fn inspect_metrics(output: &mut impl Write, metrics: &Metrics) -> Result<(), Failure> {
    writeln!(output, "{} records, {} series", metrics.rows, metrics.series.len())?;
    for remark in &metrics.remarks {
        writeln!(output, "note: {remark}")?;
    }
    for series in &metrics.series {
        let values = || series.samples.iter().map(|(_, value)| *value);
        let mean = values().sum::<f64>() / series.samples.len() as f64;
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let ends = [series.samples[0].0, series.samples[series.samples.len() - 1].0].map(instant_text);
        let every = series.interval().map_or(String::new(), |interval| format!(" every {interval}"));
        let missing = series.even(None, true).map_or(0, |even| even.missing());
        let missing = if missing > 0 { format!(", {missing} intervals without a value") } else { String::new() };
        writeln!(
            output,
            "  {}: {} samples{every} from {} to {}{missing}; {least} to {most}, mean {mean:.6}",
            series.name(),
            series.samples.len(),
            ends[0],
            ends[1]
        )?;
    }
    Ok(())
}

/// Demand as the CSV that a scenario reads; intervals without a value have no row.
pub(in crate::cli) fn demand_rows(demand: &DemandMetric) -> String {
    let mut text =
        String::from(if demand.meaning == Meaning::Counts { "time,requests\n" } else { "time,per_second\n" });
    let even = &demand.series;
    for (index, value) in (0..).zip(&even.values) {
        if let Some(value) = value {
            let time = instant_text(even.start + even.interval.nanos() * index);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{time},{value}");
        }
    }
    text
}

/// Writes the demand of a file of metrics, and says how a scenario names it.
pub(super) fn write_demand(
    file: &Path,
    metrics: &Metrics,
    only: &BTreeMap<String, String>,
    reading: &DemandReading,
    target: &Path,
) -> Result<(), Failure> {
    let demand = reading.demand(file, metrics, only)?;
    write_file(target, &demand_rows(&demand))?;
    let mut output = stdout().lock();
    for remark in metrics.remarks.iter().chain(&demand.series.remarks) {
        writeln!(output, "note: {remark}")?;
    }
    let (even, missing) = (&demand.series, demand.series.missing());
    writeln!(output, "{} rows every {} from {}", even.values.len() - missing, even.interval, instant_text(even.start))?;
    if missing > 0 {
        writeln!(output, "{missing} intervals have no value: a scenario's `gaps` says what they mean")?;
    }
    let (column, value_is) = match demand.meaning {
        Meaning::Counts => ("requests", "count_per"),
        Meaning::PerSecond => ("per_second", "per_second_every"),
    };
    writeln!(
        output,
        "in a scenario: \"format\": {{ \"csv\": {{ \"time\": \"time\", \"value\": \"{column}\", \"time_zone\": \"UTC\" }} }} and \
         \"value_is\": {{ \"{value_is}\": \"{}\" }}",
        even.interval
    )?;
    output.flush()?;
    Ok(())
}
