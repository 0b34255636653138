//! The time line of one named replication of one mix: what charts over time are drawn from.

use super::nano;
use super::stored_report::Columns;
use crate::units::{Money, Rate, SimTime};
use serde::{Deserialize, Serialize};

/// How demand, capacity, latency, prices and cost went in one replication of one mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Columns", try_from = "Columns")]
pub struct Timeline {
    /// Name of the mix.
    pub mix: String,
    /// Index of the replication.
    pub replication: u32,
    /// Consecutive intervals of equal length from the start to the horizon, or from the beginning to the end of an incident.
    pub points: Vec<TimelinePoint>,
    /// Prices of the markets that the mix uses; empty without spot.
    pub markets: Vec<MarketLine>,
    /// Spot instances taken away.
    pub interruptions: Vec<InterruptionMark>,
    /// Cost of each day (24 h from the start), amortised, by the day in which each billed interval begins.
    pub cost_by_day: Vec<CostByDay>,
    /// What went wrong, in finer intervals.
    pub incidents: Incidents,
}

/// When the objective did not hold or spot was taken away, in one replication of one mix.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Incidents {
    /// How many there were.
    pub found: u32,
    /// Those with most late and failed requests, in the order of time, each with some quiet time around it.
    pub worst: Vec<Timeline>,
}

impl Incidents {
    /// Whether nothing is known of incidents.
    pub fn is_empty(&self) -> bool {
        self.found == 0 && self.worst.is_empty()
    }
}

/// One interval of a time line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimelinePoint {
    /// Beginning.
    pub start: SimTime,
    /// End.
    pub end: SimTime,
    /// Requests offered (arrived) in the interval.
    pub offered: u64,
    /// Requests of the interval that were late, by arrival.
    pub late: u64,
    /// Requests of the interval that failed, by arrival.
    pub failed: u64,
    /// Median latency of requests completed in the interval, in seconds; NaN when there were none.
    pub p50: f64,
    /// 95th percentile, in seconds.
    pub p95: f64,
    /// 99th percentile, in seconds.
    pub p99: f64,
    /// Mean CPU utilisation of instances in service, 0 to 1; NaN when there were none.
    pub cpu: f64,
    /// Mean number of reserved instances in service.
    pub reserved: f64,
    /// Mean number of spot instances in service.
    pub spot: f64,
    /// Mean number of on-demand instances in service.
    pub on_demand: f64,
}

impl TimelinePoint {
    /// Whether more of its requests were late or failed than these shares of those offered.
    pub fn beyond(&self, late_share: f64, error_share: f64) -> bool {
        let more = |part: u64, share: f64| part as f64 > share * self.offered as f64;
        more(self.late, late_share) || more(self.failed, error_share)
    }
}

/// The price of a market over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketLine {
    /// Name of the market.
    pub market: String,
    /// Steps: from this time on, this price.
    pub prices: Vec<(SimTime, Rate)>,
    /// The highest price that the mix accepts.
    pub max_price: Rate,
    /// The on-demand price of the same type.
    pub on_demand_price: Rate,
}

/// A spot instance that was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterruptionMark {
    /// When the notice came.
    pub at: SimTime,
    /// In which market.
    pub market: String,
}

/// Cost of one day by purchase option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostByDay {
    /// Beginning of the day.
    #[serde(with = "instant")]
    pub start: SimTime,
    /// Reservations.
    #[serde(with = "nano")]
    pub reserved: Money,
    /// Spot.
    #[serde(with = "nano")]
    pub spot: Money,
    /// On-demand.
    #[serde(with = "nano")]
    pub on_demand: Money,
    /// Savings plans.
    #[serde(with = "nano")]
    pub savings_plan: Money,
}

impl CostByDay {
    /// Reservations and savings plans together.
    pub fn committed(&self) -> Money {
        self.reserved + self.savings_plan
    }
}

/// Instants as nanoseconds since the start.
mod instant {
    use crate::units::SimTime;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &SimTime, serializer: S) -> Result<S::Ok, S::Error> {
        time.nanos().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SimTime, D::Error> {
        i64::deserialize(deserializer).map(SimTime::from_nanos)
    }
}
