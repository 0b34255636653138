//! The description of a planning question: types, validation and the mix notation.
//!
//! Pure data: nothing here reads a file or draws a random number. `input` turns files into these
//! types, `engine` runs them.

mod background;
mod balancing;
mod boot_preset;
mod chaos;
mod commitment;
mod cron;
mod demand;
mod instance;
mod issue;
mod jobs;
mod law;
mod market;
mod mix;
mod nearest;
mod objective;
mod patch_wave;
mod policy;
mod pool;
mod price;
mod run;
mod scaling;
mod search;
mod service;
mod trace_ref;
mod validate;

pub use background::{Background, ContainerPolicy, Containers, Elsewhere};
pub use balancing::{HealthCheck, LoadBalancer};
pub use boot_preset::BootPreset;
pub use chaos::{Chaos, InstanceFailure, MassInterruption, ZoneOutage};
pub use commitment::{
    CapacityReservation, CommitmentScope, OfferClass, OwnedCommitment, OwnedReservation, PlanCoverage, SavingsPlan,
};
pub use cron::{Cron, CronError};
pub use demand::{ArrivalTrace, Arrivals, Demand, RateStep, RateTrace, Sizes, Span, Transform, ValueIs};
pub use instance::{Boot, BootStage, InstanceType};
pub use issue::{Issue, pointer_child};
pub use jobs::{JobPolicy, JobSource, JobTimeUnit, JobTrace, Jobs, ListedJob};
pub use law::{Empirical, Law};
pub use market::{
    BandHazard, CapacityStep, Hazard, InterruptionBand, Interruptions, Market, PriceProcess, PriceStep,
    RebalanceSignals, SpotCapacity,
};
pub use mix::{Mix, MixError, OnDemandPart, SpotPart};
pub use nearest::{nearest, suggestion};
pub use objective::{Objective, ObjectiveSpan};
pub use patch_wave::{PatchWave, Replace};
pub use policy::{
    Adjust, Policy, PredictivePolicy, ScheduledPolicy, SimplePolicy, Step, StepPolicy, TargetTrackingPolicy,
    TrackedMetric,
};
pub use pool::{
    Allocation, CapacityRebalancing, OnDemandPool, OnLoss, OnReturn, Pools, ReservedPool, SpotPool, WarmPool, WarmState,
};
pub use price::{
    Bid2015Billing, Billing, InlinePrices, ModernSpotBilling, OnDemandBilling, PriceListFormat, PriceListRef,
    PriceSampling, Prices, ReservedOffer, SpotBilling, SustainedUse, TypePrices,
};
pub use run::{AfterHorizon, BetweenReplications, Clock, Fidelity, InitialFleet, ResampleBlocks, Resampled, Run};
pub use scaling::{
    Alarm, AlarmMetric, CpuStatistic, LatencyStatistic, LowSamples, MetricSettings, MissingData, Scaling,
    ScalingTarget, Termination, Threshold,
};
pub use search::{CountRange, MAX_CANDIDATES, Search, named};
pub use service::{Discipline, OnInstanceLoss, Service};
pub use trace_ref::{
    AtEnd, CsvColumns, Gaps, MetricSelection, Placement, SpotFeedSelection, SpotPriceSelection, TraceFormat, TraceRef,
};
pub use validate::{
    MAX_EVALUATION_PERIODS, MAX_HORIZON, MAX_INSTANCES, MAX_JOBS, MAX_MEASURED, MAX_RATE, MAX_REPLICATIONS, MAX_SLOTS,
    MAX_TIME, validate, validate_mix, validate_prices,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the scenario format that this crate reads.
pub const FORMAT: u32 = 1;

/// One planning question: demand, service, prices, markets, scaling, objective and the candidate mixes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Where the JSON Schema of this file is, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Version of the scenario format: 1.
    pub format: u32,
    /// Short name; the default output folder is `reports/<name>`.
    pub name: String,
    /// What the scenario is about, in a sentence or two.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// When simulated time starts and how long it lasts.
    pub clock: Clock,
    /// Seed, replications and what varies between them.
    pub run: Run,
    /// The requests that arrive.
    pub demand: Demand,
    /// What a request needs and how it is served.
    pub service: Service,
    /// What must hold over the horizon.
    pub objective: Objective,
    /// Instance types by name.
    pub instance_types: BTreeMap<String, InstanceType>,
    /// On-demand and reserved prices.
    pub prices: Prices,
    /// How running time becomes money.
    pub billing: Billing,
    /// Spot markets by name.
    #[serde(default)]
    pub markets: BTreeMap<String, Market>,
    /// What the parts of a mix are made of.
    pub pools: Pools,
    /// Commitments that were bought before: sunk money, but coverage that counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments_owned: Vec<OwnedCommitment>,
    /// Capacity that is held, and paid whether it is used or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capacity_reservations: Vec<CapacityReservation>,
    /// Savings plans that are bought at the start, beside the commitments of the mix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub savings_plans: Vec<SavingsPlan>,
    /// Annual cost of capital, for what payments at different times are worth (0.08 for 8 %).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_rate: Option<f64>,
    /// Things that go wrong on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chaos: Option<Chaos>,
    /// Alarms and policies that act on the on-demand pool.
    pub scaling: Scaling,
    /// All instances are replaced because of a vulnerability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch_wave: Option<PatchWave>,
    /// Work that can wait, done on the slots that requests leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Jobs with deadlines, for `fleetmix batch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Jobs>,
    /// What `plan` may choose among; ranges that are not given follow from the demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// The candidate mixes.
    pub mixes: Vec<MixEntry>,
    /// Name of the mix that all others are compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
}

/// One candidate: a mix, its name, and settings that differ from the rest of the scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MixEntry {
    /// The mix, e.g. `3 reserved + 2 spot(max 0.40 USD/h) + 0..4 on-demand`.
    pub mix: Mix,
    /// Name in reports; the mix itself unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Settings of the scenario that this candidate overrides, by JSON pointer (`/pools/spot/max_price`).
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub set: serde_json::Map<String, serde_json::Value>,
}

impl MixEntry {
    /// The name in reports.
    pub fn display_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.mix.to_string())
    }
}
