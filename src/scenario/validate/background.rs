//! Checks of background work.

use super::{Findings, MAX_INSTANCES};
use crate::scenario::{Background, ContainerPolicy, Containers, Discipline, Elsewhere, Scenario};
use crate::units::Duration;

/// Tasks are events of their own, so that they should not be shorter in the mean.
const SHORTEST_TASK: f64 = 1.0;
/// Most tasks of a backlog that ends.
const MAX_TASKS: u64 = 1_000_000_000;
/// Most work that comes due in an hour: more than any fleet does.
const MAX_WORK_PER_HOUR: f64 = 1e6;
/// Shortest time between two decisions.
const SHORTEST_STEP: Duration = Duration::from_secs(1);

/// Background work, if there is any.
pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let Some(background) = &scenario.background else { return };
    let Background { task, tasks, checkpoint_every, restart, containers, elsewhere } = background;
    findings.law("/background/task", task, true);
    let mean = task.mean_seconds();
    findings.require(mean.is_nan() || mean >= SHORTEST_TASK, "/background/task", || {
        format!("a task needs at least {SHORTEST_TASK} s of work in the mean, found {mean} s; join shorter ones")
    });
    if let Some(tasks) = tasks {
        findings.require(*tasks <= MAX_TASKS, "/background/tasks", || {
            format!("at most {MAX_TASKS} tasks, found {tasks}; without `tasks` they are endless")
        });
    }
    if let Some(every) = checkpoint_every {
        findings.positive_time("/background/checkpoint_every", *every);
    }
    findings.time("/background/restart", *restart);
    check_containers(containers, findings);
    if let Some(Elsewhere { work_per_hour, price }) = elsewhere {
        let right = *work_per_hour > 0.0 && *work_per_hour <= MAX_WORK_PER_HOUR;
        findings.require(right, "/background/elsewhere/work_per_hour", || {
            format!("above 0 and at most {MAX_WORK_PER_HOUR} hours in an hour, found {work_per_hour}")
        });
        findings.hourly_price("/background/elsewhere/price", *price, scenario.prices.currency(), true);
    }
    let shared = matches!(scenario.service.discipline, Discipline::Fifo | Discipline::FifoFastest);
    findings.require(shared, "/service/discipline", || {
        "containers come and go behind one queue: with `background` the discipline must be \"fifo\" or \"fifo-fastest\""
            .to_string()
    });
}

fn check_containers(containers: &Containers, findings: &mut Findings) {
    const HERE: &str = "/background/containers";
    let Containers { start, policy, every, scale_in_after, at_least } = containers;
    findings.law(&format!("{HERE}/start"), start, false);
    findings.require(*every >= SHORTEST_STEP && *every <= Duration::HOUR, format!("{HERE}/every"), || {
        format!("decisions are {SHORTEST_STEP} to {} apart, found {every}", Duration::HOUR)
    });
    let right = *scale_in_after >= Duration::ZERO && *scale_in_after <= Duration::DAY;
    findings.require(right, format!("{HERE}/scale_in_after"), || format!("from 0s to 1d, found {scale_in_after}"));
    let most = |findings: &mut Findings, pointer: String, count: u32| {
        findings
            .require(count <= MAX_INSTANCES, pointer, || format!("at most {MAX_INSTANCES} containers, found {count}"));
    };
    most(findings, format!("{HERE}/at_least"), *at_least);
    match *policy {
        ContainerPolicy::Concurrency { target } => {
            findings.require(target > 0.0 && target <= 100.0, format!("{HERE}/policy/concurrency/target"), || {
                format!("above 0 and at most 100 requests for each container, found {target}")
            });
        }
        ContainerPolicy::Queue { waiting_per_container, spare } => {
            let right = (1..=1_000_000).contains(&waiting_per_container);
            findings.require(right, format!("{HERE}/policy/queue/waiting_per_container"), || {
                format!("1 to 1000000 waiting requests, found {waiting_per_container}")
            });
            most(findings, format!("{HERE}/policy/queue/spare"), spare);
        }
        ContainerPolicy::Latency { percentile, target } => {
            let right = percentile > 0.0 && percentile < 100.0;
            findings.require(right, format!("{HERE}/policy/latency/percentile"), || {
                format!("a percentile is above 0 and below 100, found {percentile}")
            });
            findings.positive_time(format!("{HERE}/policy/latency/target"), target);
        }
        ContainerPolicy::Fixed { background } => most(findings, format!("{HERE}/policy/fixed/background"), background),
    }
}
