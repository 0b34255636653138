//! Metrics that are named on the command line: a file, and which of its series.

use super::condition;
use crate::cli::exit::Failure;
use crate::input::{MetricSeries, Metrics, Quantity, TableReading, measured, read_metrics};
use crate::units::Duration;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// `FILE`, or `FILE#name=value,name=value` for one of several series.
#[derive(Debug, Clone)]
pub(in crate::cli) struct MetricFile {
    file: PathBuf,
    only: BTreeMap<String, String>,
}

impl FromStr for MetricFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (file, chosen) = text.split_once('#').unwrap_or((text, ""));
        let only = chosen.split(',').filter(|part| !part.is_empty()).map(condition).collect::<Result<_, _>>()?;
        Ok(Self { file: file.into(), only })
    }
}

impl MetricFile {
    pub(in crate::cli) fn path(&self) -> &Path {
        &self.file
    }

    pub(in crate::cli) fn only(&self) -> &BTreeMap<String, String> {
        &self.only
    }

    pub(in crate::cli) fn read(&self) -> Result<Metrics, Failure> {
        Ok(read_metrics(&self.file, &TableReading::default())?)
    }

    /// The series that is meant.
    pub(in crate::cli) fn series(&self, quantity: Quantity, every: Duration) -> Result<MetricSeries, Failure> {
        measured(&self.read()?, &self.only, quantity, every).map_err(|message| {
            let help = "choose with FILE#name=value, as in metrics.csv#column=cpu; `fleetmix trace inspect` lists what there is";
            Failure::new(format!("{}: {message}", self.file.display()), help)
        })
    }
}
