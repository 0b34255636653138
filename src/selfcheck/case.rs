//! Files of cases.

use serde::Deserialize;
use serde_json::{Map, Value};

/// One case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// What it is about; topics have functions.
    pub topic: String,
    /// Which of the topic's functions, where there are several.
    #[serde(default)]
    pub model: String,
    /// What goes in.
    #[serde(default)]
    pub inputs: Map<String, Value>,
    /// What has to come out: a number, or named outputs.
    pub expected: Value,
    /// By how much a number may differ, relative to numbers above 1. Without it a number must be the expected one up to
    /// the rounding of doubles, or round to it if it is printed with two decimals or more.
    #[serde(default)]
    pub tolerance: Option<f64>,
}

/// Why a file is not one of cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a list of cases: {message}")]
pub struct CaseError {
    /// What is wrong, with line and column.
    pub message: String,
}

/// Reads a JSON array of cases. Keys that say nothing about the computation (sources, notes) are passed over.
pub fn read_cases(text: &str) -> Result<Vec<Case>, CaseError> {
    let cases: Vec<Case> = serde_json::from_str(text).map_err(|error| CaseError { message: error.to_string() })?;
    let wrong = cases.iter().find(|case| case.tolerance.is_some_and(|tolerance| tolerance.is_nan() || tolerance < 0.0));
    match wrong {
        Some(case) => Err(CaseError { message: format!("{}: a tolerance must not be negative", case.id) }),
        None => Ok(cases),
    }
}
