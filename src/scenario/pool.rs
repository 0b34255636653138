//! What the parts of a mix are made of.

use super::{CommitmentScope, Law};
use crate::units::{Duration, HourlyPrice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `reserved`, `spot` and `on-demand` in a mix mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pools {
    /// Base instances and the commitment that covers them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<ReservedPool>,
    /// Spot instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<SpotPool>,
    /// On-demand instances, started and stopped by the scaling policies.
    pub on_demand: OnDemandPool,
}

/// Instances that always run, and the commitment that covers them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservedPool {
    /// Instance type.
    pub instance_type: String,
    /// Name of the reserved offer in the price list that is bought for as many of them as those owned leave uncovered. Without
    /// it nothing is bought: what no owned commitment or savings plan covers costs the on-demand price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// Where the commitment applies.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scope: CommitmentScope,
    /// Zone of the instances, for zonal commitments.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Spot instances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpotPool {
    /// Names of the markets that are used.
    pub markets: Vec<String>,
    /// Which market a new instance is requested in.
    #[serde(default)]
    pub allocation: Allocation,
    /// Highest price that is accepted; the on-demand price unless given (RULES R8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_price: Option<HourlyPrice>,
    /// Who replaces a lost instance.
    #[serde(default)]
    pub on_loss: OnLoss,
    /// When a lost instance is asked for again.
    #[serde(default)]
    pub on_return: OnReturn,
    /// What is done with an instance that is at risk or has its notice.
    #[serde(default, skip_serializing_if = "is_default")]
    pub capacity_rebalancing: CapacityRebalancing,
}

/// Which market a new spot instance is requested in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Allocation {
    /// The market with the lowest price at the time of the request.
    #[default]
    LowestPrice,
    /// Spread evenly: the market with the fewest instances of the pool, the cheapest of these.
    Diversified,
    /// The market with the most to spare: its capacity without what the pool holds there.
    CapacityOptimized,
    /// Of the markets with at least half as much to spare as the one with the most, the cheapest.
    PriceCapacityOptimized,
}

/// What is done with a spot instance that its market says is at risk, or that has its notice (RULES R58).
///
/// A signal is acted on if another market accepts the request, a notice in any case, and never beyond twice the instances that are wanted
/// (RULES R59).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityRebalancing {
    /// Nothing: another is asked for when it is gone.
    #[default]
    Off,
    /// Another is asked for at once; the old one stays, and is paid, until the cloud takes it.
    Launch,
    /// Another is asked for at once; when that is in service the old one drains and is ended by its owner, so that it is paid even in its
    /// first hour.
    LaunchBeforeTerminate,
}

/// Who replaces a lost spot instance. Clouds go on asking for spot (RULES R33); all but the first are rules of the team's own controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OnLoss {
    /// Nobody until the alarms on CPU and latency start on-demand instances.
    #[default]
    AlarmOnly,
    /// An on-demand instance, requested at the notice (or when no market accepts a request); it leaves when spot is in service again.
    OnNotice,
    /// The same, but only if spot is still missing after this time.
    After(Duration),
    /// More spot is asked for than the mix says, and as many on-demand instances run as spot ones are not in service, at most as many as
    /// the mix has spot.
    Overprovision {
        /// Spot instances beyond those of the mix: 1 to 1000.
        extra: u32,
    },
}

impl OnLoss {
    /// Spot instances that are asked for beyond those of the mix.
    pub fn extra(self) -> u32 {
        if let OnLoss::Overprovision { extra } = self { extra } else { 0 }
    }
}

/// When a lost spot instance is asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OnReturn {
    /// At once, then every 60 s until the market accepts.
    #[default]
    RequestAtOnce,
    /// After this time without spot, then every 60 s.
    After(Duration),
}

impl OnReturn {
    /// Time from a loss to the next request.
    pub fn wait(self) -> Duration {
        match self {
            OnReturn::RequestAtOnce => Duration::ZERO,
            OnReturn::After(time) => time,
        }
    }
}

/// On-demand instances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnDemandPool {
    /// Instance type.
    pub instance_type: String,
    /// Zone of the instances, for zonal commitments.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Instances that have booted before they are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_pool: Option<WarmPool>,
}

/// Instances that have booted before they are needed (RULES R62). Not with spot in the mix: clouds do not offer that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WarmPool {
    /// How they wait.
    #[serde(default)]
    pub state: WarmState,
    /// Most instances of the group and its pool together; the group's maximum unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_prepared: Option<u32>,
    /// Time from the request for a waiting instance until it runs; its health check of the boot follows.
    pub start: Law,
}

/// How instances of a warm pool wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarmState {
    /// Stopped: not billed, but for the boot before.
    #[default]
    Stopped,
    /// Running: billed.
    Running,
}
