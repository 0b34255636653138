//! What came of work that can wait, over replications.

use super::replicate::Outcome;
use super::summary::{mean_of, ratio};
use crate::engine::{BackgroundRecord as OfRun, RunRecord};
use crate::results::{BackgroundRecord, Estimate};
use crate::scenario::Scenario;

/// The record of a mix; `None` if the scenario has no such work.
pub(super) fn background(scenario: &Scenario, outcomes: &[Outcome]) -> Option<BackgroundRecord> {
    let start = &scenario.background.as_ref()?.containers.start;
    let runs: Vec<(&Outcome, &OfRun)> =
        outcomes.iter().filter_map(|outcome| Some((outcome, outcome.run.background.as_ref()?))).collect();
    let mean = |value: &dyn Fn(&OfRun) -> f64| mean_of(&runs.iter().map(|(_, run)| value(run)).collect::<Vec<_>>());
    let share = |parts: &dyn Fn(&Outcome, &OfRun) -> (f64, f64)| -> Estimate {
        let (over, under): (Vec<f64>, Vec<f64>) = runs.iter().map(|(outcome, run)| parts(outcome, run)).unzip();
        ratio(&over, &under)
    };
    let hours = scenario.clock.horizon.as_hours_f64();
    let used = |outcome: &Outcome, run: &OfRun| {
        let capacity = outcome.run.busy_and_capacity[1];
        ((run.served_seconds + seconds(run.tally.working)).min(capacity), capacity)
    };
    let useful_hours = |run: &OfRun| (run.served_seconds + seconds(run.tally.done)) / 3600.0;
    Some(BackgroundRecord {
        work_done_seconds: mean(&|run| seconds(run.tally.done)),
        work_lost_seconds: mean(&|run| seconds(run.tally.lost)),
        starting_seconds: mean(&|run| seconds(run.tally.starting)),
        tasks_done: mean(&|run| run.tally.tasks as f64),
        containers_killed: mean(&|run| run.tally.killed as f64),
        containers_started_for_requests: mean(&|run| run.starts as f64),
        container_start_seconds: start.mean_seconds(),
        work_per_hour: mean(&|run| seconds(run.tally.done) / 3600.0 / hours),
        host_utilization: share(&used),
        cost_elsewhere: scenario.background.as_ref().and_then(|background| background.elsewhere).map(|_| {
            let left: Vec<f64> = outcomes.iter().map(|outcome| left_elsewhere(scenario, &outcome.run)).collect();
            mean_of(&left)
        }),
        cost_per_useful_hour: share(&|outcome, run| (outcome.ledger.total().to_f64(), useful_hours(run))),
    })
}

/// What the work costs elsewhere that a run has left undone of what came due, in currency units; 0 if nothing has to be done.
pub(super) fn left_elsewhere(scenario: &Scenario, run: &RunRecord) -> f64 {
    let Some(elsewhere) = scenario.background.as_ref().and_then(|background| background.elsewhere) else { return 0.0 };
    let due = elsewhere.work_per_hour * scenario.clock.horizon.as_hours_f64();
    let done = run.background.as_ref().map_or(0.0, |record| seconds(record.tally.done) / 3600.0);
    (due - done).max(0.0) * elsewhere.price.rate.to_f64()
}

/// Nanoseconds in seconds.
fn seconds(nanos: i128) -> f64 {
    nanos as f64 / 1e9
}

/// What is assumed of work that can wait.
pub(super) fn assumptions(scenario: &Scenario) -> Vec<String> {
    let Some(background) = &scenario.background else { return Vec::new() };
    let saves = match background.checkpoint_every {
        Some(every) => format!("after every {every} of work"),
        None => "only when it is complete".to_string(),
    };
    let elsewhere = background.elsewhere.map(|elsewhere| {
        format!(
            "{} h of background work come due in an hour; what is not done here costs {} elsewhere, which `plan` counts and the mixes' costs \
             do not.",
            elsewhere.work_per_hour, elsewhere.price
        )
    });
    let mut words = vec![
        "Every slot of an instance is a place for one container. Alarms see requests only; containers on one host do not slow each \
         other down."
            .to_string(),
        format!(
            "A task that can wait saves {saves}; it works on until its host is gone, also after a notice, and loses what is not saved then."
        ),
    ];
    words.extend(elsewhere);
    words
}
