//! Points of a sweep: one candidate after the other, each as if it were alone.

use super::replicate::{Progress, run};
use crate::input::LoadedScenario;
use crate::results::SweepPart;

/// The text that a sweep is known by: all that its points are made from.
pub fn sweep_plan(input: &LoadedScenario) -> String {
    let scenario = serde_json::to_string(&input.scenario).unwrap_or_default();
    let points: Vec<_> = input
        .candidates
        .iter()
        .map(|candidate| serde_json::json!([candidate.name, candidate.mix, candidate.set]).to_string())
        .collect();
    let files: Vec<String> = input.sources.iter().map(|source| format!("{} {}", source.role, source.sha256)).collect();
    [scenario, points.join("\n"), files.join("\n")].join("\n")
}

/// Simulates the point `index` of a sweep with this plan; `None` if it was cancelled.
pub fn sweep_point(input: &LoadedScenario, index: usize, plan: &str, progress: &dyn Progress) -> Option<SweepPart> {
    let mut alone = input.clone();
    alone.candidates = vec![input.candidates[index].clone()];
    alone.scenario.baseline = None;
    let study = run(&alone, false, progress).ok().filter(|study| study.complete)?;
    Some(SweepPart::new(study.results, index as u32, input.candidates.len() as u32, plan))
}
