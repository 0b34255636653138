//! What a request needs and how it is served.

use super::Law;
use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a request needs and how it is served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Time that a request takes on an instance of speed 1, unless an arrival trace gives it.
    pub work: Law,
    /// Who serves whom.
    #[serde(default)]
    pub discipline: Discipline,
    /// Requests that may wait; one more is rejected. No limit unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_limit: Option<u32>,
    /// A waiting client leaves after this time. Never unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Like `timeout`, but each client waits a random time. It excludes `timeout` and `queue_limit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<Law>,
    /// What happens to a request whose instance disappears.
    #[serde(default)]
    pub on_instance_loss: OnInstanceLoss,
}

/// Who serves whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Discipline {
    /// One shared queue; the slot that has been idle longest takes the next request.
    #[default]
    Fifo,
}

/// What happens to a request whose instance disappears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInstanceLoss {
    /// It fails.
    #[default]
    Lost,
}
