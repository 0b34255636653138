//! How long instances take to boot.

use crate::rng::{Purpose, Sampler, Stream};
use crate::scenario::{Boot, BootStage};
use crate::units::Duration;
use crate::workload::sampler;

/// The boot of an instance type, ready to be drawn from.
#[derive(Debug, Clone)]
pub struct BootPlan {
    provisioning: Option<Sampler>,
    /// Later stages; whether each is a health check.
    later: Vec<(bool, Sampler)>,
    failure_probability: f64,
    boots: Stream,
    failures: Stream,
}

/// One drawn boot, in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootDraw {
    /// From the request to running: not billed.
    pub provisioning: Duration,
    /// From running to in service: billed.
    pub boot: Duration,
    /// Of this, health checks: what an instance that was prepared before still has to pass.
    pub check: Duration,
    /// Whether the launch fails at the end of provisioning.
    pub fails: bool,
}

impl BootPlan {
    /// The boot described by `boot`.
    pub fn new(boot: &Boot, seed: u32) -> Self {
        let is_provisioning = |stage: &&BootStage| matches!(stage, BootStage::Provisioning(_));
        let is_check = |stage: &BootStage| matches!(stage, BootStage::HealthCheck(_));
        let stages = boot.stages();
        let later = stages.iter().filter(|stage| !is_provisioning(stage));
        Self {
            provisioning: stages.iter().find(is_provisioning).map(|stage| sampler(stage.law())),
            later: later.map(|stage| (is_check(stage), sampler(stage.law()))).collect(),
            failure_probability: boot.failure_probability,
            boots: Stream::new(seed, Purpose::Boot),
            failures: Stream::new(seed, Purpose::LaunchFailure),
        }
    }

    /// A boot that takes no time and never fails.
    pub fn instant(seed: u32) -> Self {
        Self::new(&Boot { stages: Some(Vec::new()), preset: None, failure_probability: 0.0 }, seed)
    }

    /// The boot of the launch `entity` in a replication: always the same for the same launch.
    pub fn draw(&self, replication: u32, entity: u64) -> BootDraw {
        let stage = |law: &Sampler, draw: u32| {
            Duration::from_secs_f64_rounded_to_millis(law.draw(self.boots.uniform(replication, entity, draw)))
        };
        BootDraw {
            provisioning: self.provisioning.as_ref().map_or(Duration::ZERO, |law| stage(law, 0)),
            boot: self.later.iter().zip(1..).map(|((_, law), draw)| stage(law, draw)).sum(),
            check: self
                .later
                .iter()
                .zip(1..)
                .filter(|((check, _), _)| *check)
                .map(|((_, law), draw)| stage(law, draw))
                .sum(),
            fails: self.failure_probability > 0.0
                && self.failures.uniform(replication, entity, 0) < self.failure_probability,
        }
    }
}
