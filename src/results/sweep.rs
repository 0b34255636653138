//! A sweep: many points, simulated one by one on any number of machines, and put together.

use super::{MixRecord, ObjectiveRecord, Results, ScenarioRecord};
use crate::units::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the shape of `sweep.json` and of its points.
pub const SWEEP_SCHEMA_VERSION: u32 = 1;

/// The record of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SweepRecord {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that simulated every point.
    pub fleetmix_version: String,
    /// Fingerprint of all that the points were made from: scenario, settings, points and files.
    pub plan: String,
    /// What was simulated.
    pub scenario: ScenarioRecord,
    /// The objective that points are held against.
    pub objective: ObjectiveRecord,
    /// Currency of every amount.
    pub currency: Currency,
    /// The points, by their index.
    pub points: Vec<SweepPoint>,
}

/// One point of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepPoint {
    /// Its index, from 0: the same whatever is simulated where.
    pub index: u32,
    /// The record of its mix.
    pub record: MixRecord,
    /// What a reader has to know before believing a number.
    pub warnings: Vec<String>,
}

/// The file of one point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepPart {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that simulated it.
    pub fleetmix_version: String,
    /// Fingerprint of the sweep that it belongs to.
    pub plan: String,
    /// Points of the whole sweep.
    pub points: u32,
    /// What was simulated.
    pub scenario: ScenarioRecord,
    /// The objective.
    pub objective: ObjectiveRecord,
    /// Currency of every amount.
    pub currency: Currency,
    /// The point.
    pub point: SweepPoint,
}

/// Why parts are no sweep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is none.
    #[error("there is not a single point")]
    Nothing,
    /// Two parts are of different sweeps.
    #[error("{first} and {other} are of different sweeps: {what} differs")]
    Different {
        /// A file.
        first: String,
        /// Another file.
        other: String,
        /// What differs.
        what: &'static str,
    },
    /// Points that nobody has simulated yet.
    #[error("{} of {points} points are missing: {}", .missing.len(), ranges(.missing))]
    Missing {
        /// Points of the whole sweep.
        points: u32,
        /// Their indices.
        missing: Vec<u32>,
    },
}

impl SweepPart {
    /// The part that a study of a single mix makes.
    ///
    /// # Panics
    /// If the study has no mix.
    pub fn new(results: Results, index: u32, points: u32, plan: &str) -> Self {
        let Results { fleetmix_version, scenario, objective, currency, mut mixes, warnings, .. } = results;
        let record = mixes.swap_remove(0);
        let point = SweepPoint { index, record, warnings };
        let plan = plan.to_string();
        Self {
            schema_version: SWEEP_SCHEMA_VERSION,
            fleetmix_version,
            plan,
            points,
            scenario,
            objective,
            currency,
            point,
        }
    }
}

/// Puts the parts of a sweep together; each comes with the name of its file.
///
/// # Errors
/// If they are of different sweeps or versions, or some are missing.
pub fn merge(parts: Vec<(String, SweepPart)>) -> Result<SweepRecord, MergeError> {
    let Some((first, head)) = parts.first().cloned() else { return Err(MergeError::Nothing) };
    let mut points: BTreeMap<u32, SweepPoint> = BTreeMap::new();
    for (other, part) in parts {
        let what = if part.schema_version != head.schema_version || part.fleetmix_version != head.fleetmix_version {
            Some("the version of fleetmix")
        } else if part.plan != head.plan || part.points != head.points || part.point.index >= head.points {
            Some("the plan (scenario, settings, points or files)")
        } else {
            None
        };
        if let Some(what) = what {
            return Err(MergeError::Different { first, other, what });
        }
        points.insert(part.point.index, part.point);
    }
    let missing: Vec<u32> = (0..head.points).filter(|index| !points.contains_key(index)).collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing { points: head.points, missing });
    }
    Ok(SweepRecord {
        schema_version: head.schema_version,
        fleetmix_version: head.fleetmix_version,
        plan: head.plan,
        scenario: head.scenario,
        objective: head.objective,
        currency: head.currency,
        points: points.into_values().collect(),
    })
}

/// `0-3, 7`.
fn ranges(indices: &[u32]) -> String {
    let runs = indices.chunk_by(|a, b| a + 1 == *b);
    let words = runs.map(|run| match run {
        [only] => only.to_string(),
        _ => format!("{}-{}", run[0], run[run.len() - 1]),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_points_are_listed_in_runs() {
        let error = MergeError::Missing { points: 12, missing: vec![0, 1, 2, 7, 10, 11] };
        assert_eq!(error.to_string(), "6 of 12 points are missing: 0-2, 7, 10-11");
        assert_eq!(merge(Vec::new()), Err(MergeError::Nothing));
    }
}
