//! State changes of a replication, for people: what happened, when, and why.

use crate::fleet::PurchaseOption;
use crate::units::{Instant, SimTime};
use serde::{Serialize, Serializer};

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An alarm was raised.
    AlarmRaised,
    /// An alarm went back to OK.
    AlarmCleared,
    /// An alarm lost its data.
    AlarmWithoutData,
    /// The controller starts on-demand instances.
    ScaleOut,
    /// The controller stops on-demand instances.
    ScaleIn,
    /// An instance was requested.
    Requested,
    /// An instance runs and is billed.
    Running,
    /// A launch failed.
    LaunchFailed,
    /// An instance takes requests.
    InService,
    /// An instance takes no new requests.
    Draining,
    /// An instance is gone.
    Terminated,
    /// A market's price rose above the maximum.
    PriceAboveMaximum,
    /// A market's price fell to the maximum or below.
    PriceWithinMaximum,
    /// No market accepts a spot request; it is repeated every 60 s.
    SpotRefused,
    /// The cloud announces that it takes an instance away.
    Notice,
    /// The cloud says that a spot instance is at risk, before any notice.
    RebalanceSignal,
    /// Another is asked for in the place of an instance that is at risk or has its notice.
    Replaced,
    /// The capacity of a market fell below what the pool holds.
    CapacityFell,
    /// A market accepted a request and did not deliver.
    Undelivered,
    /// An instance failed by itself.
    InstanceFailed,
    /// A zone went down.
    ZoneDown,
    /// Markets took back many instances at once.
    MassInterruption,
    /// Requests were lost with their instance.
    RequestsLost,
    /// An instance has failed; the balancer does not know yet.
    Failed,
    /// An instance waits in the warm pool.
    Prepared,
    /// A patch wave begins or is over.
    PatchWave,
    /// A container with work that can wait made room for one that serves requests.
    WorkKilled,
    /// Simulated time ended.
    Horizon,
}

/// One state change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Seconds since the start.
    #[serde(rename = "seconds", serialize_with = "as_seconds")]
    pub time: SimTime,
    /// What changed.
    pub what: What,
    /// Number of the instance, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<u32>,
    /// Its purchase option.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_name")]
    pub pool: Option<PurchaseOption>,
    /// The observation or decision that caused it.
    pub why: String,
    /// Instances in service afterwards: reserved, spot, on-demand.
    pub in_service: [u32; 3],
}

impl What {
    /// What happened, in words.
    fn words(self) -> &'static str {
        match self {
            What::AlarmRaised => "alarm raised",
            What::AlarmCleared => "alarm cleared",
            What::AlarmWithoutData => "alarm without data",
            What::ScaleOut => "scale-out",
            What::ScaleIn => "scale-in",
            What::Requested => "requested",
            What::Running => "runs",
            What::LaunchFailed => "launch failed",
            What::InService => "in service",
            What::Draining => "drains",
            What::Terminated => "gone",
            What::PriceAboveMaximum => "price above maximum",
            What::PriceWithinMaximum => "price within maximum",
            What::SpotRefused => "spot refused",
            What::Notice => "has notice",
            What::RequestsLost => "loses requests",
            What::RebalanceSignal => "is at risk",
            What::Replaced => "is replaced",
            What::CapacityFell => "capacity fell",
            What::Undelivered => "not delivered",
            What::InstanceFailed => "fails",
            What::ZoneDown => "zone down",
            What::MassInterruption => "mass interruption",
            What::Failed => "failed",
            What::Prepared => "waits in the warm pool",
            What::PatchWave => "patch wave",
            What::WorkKilled => "kills background work",
            What::Horizon => "horizon",
        }
    }
}

impl Event {
    /// The event in a line, with the time of day when simulated time 0 is `start`:
    /// `2016-03-07 14:03:00 UTC on-demand 7 requested: out-on-cpu: alarm cpu-high, cpu 0.830 (limit: above 0.7 in 2 of 3), …`.
    pub fn line(&self, start: Instant) -> String {
        let time = (start + self.time.since_start()).timestamp().strftime("%Y-%m-%d %H:%M:%S UTC");
        let who = match (self.pool, self.instance) {
            (Some(pool), Some(number)) => format!("{} {number} ", pool.name().replace('_', "-")),
            _ => String::new(),
        };
        format!("{time} {who}{}: {}", self.what.words(), self.why)
    }
}

fn as_seconds<S: Serializer>(time: &SimTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

fn as_name<S: Serializer>(option: &Option<PurchaseOption>, serializer: S) -> Result<S::Ok, S::Error> {
    option.map(PurchaseOption::name).serialize(serializer)
}
