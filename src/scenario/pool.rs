//! What the parts of a mix are made of.

use super::CommitmentScope;
use crate::units::HourlyPrice;
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

fn is_default(scope: &CommitmentScope) -> bool {
    *scope == CommitmentScope::default()
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
}

/// Who replaces a lost spot instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnLoss {
    /// Nobody until the alarms on CPU and latency start on-demand instances.
    #[default]
    AlarmOnly,
}

/// When a lost spot instance is asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnReturn {
    /// At once, then every 60 s until the market accepts.
    #[default]
    RequestAtOnce,
}

/// On-demand instances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnDemandPool {
    /// Instance type.
    pub instance_type: String,
    /// Zone of the instances, for zonal commitments.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
}
