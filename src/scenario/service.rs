//! What a request needs and how it is served.

use super::{Law, LoadBalancer};
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
    ///
    /// The limit is one for all where there is one queue. Where requests are sent to instances it holds at each of them; with
    /// `processor-sharing`, where nobody waits to begin, it is the number of requests that an instance has beyond its slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_limit: Option<u32>,
    /// A waiting client leaves after this time. Never unless given.
    ///
    /// Who is being served stays, except with `processor-sharing`: there the time is for the whole answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Like `timeout`, but each client waits a random time. It excludes `timeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<Law>,
    /// What happens to a request whose instance disappears.
    #[serde(default)]
    pub on_instance_loss: OnInstanceLoss,
    /// The load balancer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancer>,
}

/// Who serves whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Discipline {
    /// One shared queue; the slot that has been idle longest takes the next request.
    #[default]
    Fifo,
    /// One shared queue; of the idle slots the fastest takes the next request, of equally fast ones the one idle longest.
    FifoFastest,
    /// A queue at each instance; a request is sent to the instance that has the fewest, waiting or in service.
    LeastOutstanding,
    /// A queue at each instance; requests are sent to one after the other, in the order in which they entered service.
    RoundRobin,
    /// A queue at each instance; a request is sent to the one with the fewest of some that are drawn at random.
    PowerOf {
        /// How many are drawn, with replacement: 1 to 100.
        choices: u32,
    },
    /// No queue: an instance splits its speed over all of its requests. With `s` slots and `n` requests each runs at
    /// `speed * min(1, s / n)`. A request is sent to the instance with the fewest for its slots and speed.
    ProcessorSharing,
}

/// What happens to a request whose instance disappears, in service or waiting there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInstanceLoss {
    /// It fails.
    #[default]
    Lost,
    /// It is sent again at once: with all of its work, behind those that wait, and with a new patience. Its latency counts from
    /// its first arrival. If there is no room in the queue it is rejected.
    Retry,
}
