//! Commitments that a scenario states: those owned already, and savings plans to be bought.

use crate::units::{HourlyPrice, Instant, Price, Term};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A commitment that was bought before. Its money is sunk and stays out of the costs; its coverage counts until it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OwnedCommitment {
    /// Reserved instances.
    Reserved(OwnedReservation),
    /// A savings plan.
    SavingsPlan {
        /// The plan.
        plan: SavingsPlan,
        /// When it ends.
        ends: Instant,
    },
}

/// Reserved instances that were bought before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnedReservation {
    /// Instance type.
    pub instance_type: String,
    /// How many.
    pub count: u32,
    /// Length of the commitment.
    pub term: Term,
    /// Paid at the beginning, each.
    pub upfront: Price,
    /// Due for every hour of the term, each.
    pub hourly: HourlyPrice,
    /// Where it applies.
    #[serde(default)]
    pub scope: CommitmentScope,
    /// When it ends.
    pub ends: Instant,
}

/// Capacity that is held for instances of a type: charged at the on-demand price, used or not (RULES R5).
///
/// Base and on-demand instances that run in it are charged as such, and their launches do not fail for want of capacity as long as it has
/// room. Regional reservations and savings plans cover what of it is unused, after all instances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityReservation {
    /// Instance type.
    pub instance_type: String,
    /// Zone; without it, for the type in any zone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// How many instances.
    pub count: u32,
    /// When it begins; before the start of simulated time unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// When it ends; after the horizon unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

/// Where reserved instances apply (RULES R23).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitmentScope {
    /// In any zone, and for other sizes of the family in proportion, the smallest first (Linux, shared tenancy).
    #[default]
    Regional,
    /// In any zone, for exactly the type: platforms and tenancies without size flexibility.
    RegionalFixedSize,
    /// In this zone, for exactly the type.
    Zonal(String),
}

/// Whether reserved instances can be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferClass {
    /// Cheaper, for its family.
    #[default]
    Standard,
    /// Can be exchanged for another family.
    Convertible,
}

/// A commitment to spend money each hour at discounted rates (RULES R30, R32).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavingsPlan {
    /// What it covers.
    pub covers: PlanCoverage,
    /// Name of its rates in the price list, e.g. `compute-1y-no-upfront`; types without such a rate are not covered.
    pub rates: String,
    /// What it commits to spend each hour, at its rates.
    pub commitment: HourlyPrice,
    /// Length of the commitment.
    pub term: Term,
    /// Share of the commitment of the whole term that is paid at the beginning (0 to 1).
    #[serde(default)]
    pub upfront_share: f64,
}

/// What a savings plan covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanCoverage {
    /// All base and on-demand instances that the price list has a rate for.
    Compute,
    /// Those of one family, e.g. `m5`; spent before plans for all.
    InstanceFamily(String),
}
