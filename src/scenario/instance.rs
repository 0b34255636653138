//! Instance types and how they boot.

use super::{BootPreset, Law};
use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What an instance of a type can do and how long it takes to come and go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceType {
    /// Requests served at once.
    pub slots: u32,
    /// Speed: a request takes work / speed.
    #[serde(default = "one")]
    pub speed: f64,
    /// CPU utilisation of an idle instance (0 to 1), added to what requests use.
    #[serde(default)]
    pub idle_cpu: f64,
    /// From request to service.
    pub boot: Boot,
    /// Longest time that a draining instance waits for its last request.
    pub drain_limit: Duration,
}

fn one() -> f64 {
    1.0
}

/// How an instance gets from request to service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// Stages in order. Provisioning comes first and is not billed; the instance runs and is billed from its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stages: Option<Vec<BootStage>>,
    /// A typical boot, in the place of stages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<BootPreset>,
    /// Probability that a launch fails after provisioning (insufficient capacity).
    #[serde(default)]
    pub failure_probability: f64,
}

impl Boot {
    /// Its stages: those that are stated, else those of the preset.
    pub fn stages(&self) -> Cow<'_, [BootStage]> {
        match (&self.stages, self.preset) {
            (Some(stages), _) => Cow::Borrowed(stages),
            (None, Some(preset)) => Cow::Owned(preset.stages()),
            (None, None) => Cow::Borrowed(&[]),
        }
    }
}

/// One stage of a boot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BootStage {
    /// From the request to the running (billed) instance.
    Provisioning(Law),
    /// The operating system starts.
    Os(Law),
    /// A configuration run on a base image.
    Configuration(Law),
    /// Outstanding security updates are installed.
    SecurityUpdates(Law),
    /// Until the load balancer's first passed health check.
    HealthCheck(Law),
}

impl BootStage {
    /// The law of the stage's duration.
    pub fn law(&self) -> &Law {
        match self {
            BootStage::Provisioning(law)
            | BootStage::Os(law)
            | BootStage::Configuration(law)
            | BootStage::SecurityUpdates(law)
            | BootStage::HealthCheck(law) => law,
        }
    }
}
