//! Checks of jobs with deadlines.

use super::{Findings, MAX_JOBS};
use crate::scenario::{JobSource, Jobs, Scenario};
use crate::units::Duration;

/// Most steps within the horizon.
const MAX_STEPS: i64 = 10_000_000;
/// Longest deadline, in times of the work.
const MAX_SLACK: f64 = 1000.0;

/// The jobs, if there are any.
pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let Some(Jobs { source, restart, checkpoint_every, step, policies }) = &scenario.jobs else { return };
    let horizon = scenario.clock.horizon;
    findings.time("/jobs/restart", *restart);
    if let Some(every) = checkpoint_every {
        findings.positive_time("/jobs/checkpoint_every", *every);
    }
    let steps = horizon.nanos() / step.nanos().max(1);
    let right = (Duration::from_secs(1)..=Duration::HOUR).contains(step) && (1..=MAX_STEPS).contains(&steps);
    findings.require(right, "/jobs/step", || {
        format!("a step is 1s to 1h, with 1 to {MAX_STEPS} steps within the horizon of {horizon}, found {step}")
    });
    findings.require(!policies.is_empty(), "/jobs/policies", || "at least one policy is needed".to_string());
    for (index, policy) in policies.iter().enumerate() {
        findings.require(!policies[..index].contains(policy), format!("/jobs/policies/{index}"), || {
            format!("\"{}\" stands there twice", policy.name())
        });
    }
    check_source(source, horizon, findings);
    let pools = &scenario.pools;
    let markets = pools.spot.iter().flat_map(|pool| &pool.markets).filter_map(|name| scenario.markets.get(name));
    let types = markets.map(|market| &market.instance_type).chain([&pools.on_demand.instance_type]);
    let mut speeds = types.filter_map(|name| scenario.instance_types.get(name)).map(|kind| kind.speed);
    if let Some(first) = speeds.next() {
        findings.require(speeds.all(|speed| speed == first), "/jobs", || {
            "a job runs equally long wherever it runs: the types of the spot markets and of on-demand must have one speed"
                .to_string()
        });
    }
}

fn check_source(source: &JobSource, horizon: Duration, findings: &mut Findings) {
    let slack = |findings: &mut Findings, pointer: &str, slack: f64| {
        findings.require((0.0..=MAX_SLACK).contains(&slack), pointer, || {
            format!("a slack is 0 to {MAX_SLACK} times the work, found {slack}")
        });
    };
    match source {
        JobSource::List(jobs) => {
            findings.require((1..=MAX_JOBS).contains(&jobs.len()), "/jobs/source/list", || {
                format!("1 to {MAX_JOBS} jobs, found {}", jobs.len())
            });
            for (index, job) in jobs.iter().enumerate() {
                let here = format!("/jobs/source/list/{index}");
                findings.time(format!("{here}/release"), job.release);
                findings.positive_time(format!("{here}/work"), job.work);
                findings.require(
                    job.deadline > job.release && job.deadline <= horizon,
                    format!("{here}/deadline"),
                    || {
                        format!(
                            "a deadline lies after the release ({}) and within the horizon of {horizon}, found {}",
                            job.release, job.deadline
                        )
                    },
                );
            }
        }
        JobSource::Poisson { per_hour, work, slack: found } => {
            let expected = per_hour * horizon.as_hours_f64();
            let right = *per_hour > 0.0 && expected <= MAX_JOBS as f64;
            findings.require(right, "/jobs/source/poisson/per_hour", || {
                format!("above 0, and at most {MAX_JOBS} jobs within the horizon of {horizon}, found {per_hour}")
            });
            findings.law("/jobs/source/poisson/work", work, true);
            slack(findings, "/jobs/source/poisson/slack", *found);
        }
        JobSource::Trace(trace) => {
            slack(findings, "/jobs/source/trace/slack", trace.slack);
            findings.time("/jobs/source/trace/shortest", trace.shortest);
        }
    }
}
