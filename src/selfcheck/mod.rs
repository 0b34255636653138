//! Cases with known results, recomputed with the functions of the product.
//!
//! A case states a topic, inputs and what is expected. Nothing is calculated here: a topic's file reads the inputs, calls the domain
//! function and says what came out. A case with a topic, an input or a wanted output that no function is known for is named as
//! such and not guessed at. To add a topic: a function in a file of `topics`, and its line in `topics::MODELS`.

mod case;
mod compare;
mod inputs;
mod topics;
mod wanted;

pub use case::{Case, CaseError, read_cases};

use compare::{Verdict, compare};
use serde::Serialize;
use serde_json::Value;

/// The cases that are checked when no file is given: small ones from public rules, computed by hand.
pub const BUILT_IN: &str = include_str!("cases.json");

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// What came out is what was expected.
    Pass,
    /// It is not.
    Fail,
    /// Nothing here computes it; no failure.
    NoModel,
}

/// A case and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Its id.
    pub id: String,
    /// Its topic.
    pub topic: String,
    /// What became of it.
    pub status: Status,
    /// What was expected.
    pub expected: Value,
    /// What came out, as far as it was expected; null without a model.
    pub got: Value,
    /// Where they differ, or what there is no model for; empty if they agree.
    pub remark: String,
}

/// Why a case cannot be computed: the sentence says what is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
struct NoModel(String);

/// Computes cases and compares. An input that is the id of another case stands for the inputs of that case.
pub fn run(cases: &[Case]) -> Vec<Outcome> {
    cases.iter().map(|case| check(&with_references(case, cases))).collect()
}

fn with_references(case: &Case, cases: &[Case]) -> Case {
    let mut case = case.clone();
    for value in case.inputs.values_mut() {
        let id = value.as_str().unwrap_or_default();
        if let Some(meant) = cases.iter().find(|other| other.id == id && other.id != case.id) {
            *value = Value::Object(meant.inputs.clone());
        }
    }
    case
}

fn check(case: &Case) -> Outcome {
    let outcome = |status, got, remark: String| Outcome {
        id: case.id.clone(),
        topic: case.topic.clone(),
        status,
        expected: case.expected.clone(),
        got,
        remark,
    };
    match topics::compute(case) {
        Ok(got) => match compare(&case.expected, &got, case.tolerance) {
            Verdict::Same(got) => outcome(Status::Pass, got, String::new()),
            Verdict::Different(got, remark) => outcome(Status::Fail, got, remark),
            Verdict::NotComputed(remark) => outcome(Status::NoModel, Value::Null, remark),
        },
        Err(NoModel(remark)) => outcome(Status::NoModel, Value::Null, remark),
    }
}

#[cfg(test)]
mod tests;
