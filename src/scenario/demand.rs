//! The requests that arrive.

use super::TraceRef;
use crate::units::{Duration, Instant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where the rate of requests comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Demand {
    /// A trace of counts or rates, constant within each interval.
    RateTrace(RateTrace),
    /// A trace of the requests themselves.
    ArrivalTrace(ArrivalTrace),
    /// A rate that changes at stated times: for small and scripted scenarios.
    Steps {
        /// The steps, in order; the first at `0s`.
        steps: Vec<RateStep>,
        /// Arrivals within a step.
        #[serde(default)]
        arrivals: Arrivals,
    },
}

impl Demand {
    /// How arrivals are spread within an interval of constant rate; `None` where the arrivals themselves are given.
    pub fn arrivals(&self) -> Option<Arrivals> {
        match self {
            Demand::RateTrace(trace) => Some(trace.arrivals),
            Demand::ArrivalTrace(_) => None,
            Demand::Steps { arrivals, .. } => Some(*arrivals),
        }
    }

    /// Whether the work of each request is given rather than drawn from the service's law.
    pub fn gives_sizes(&self) -> bool {
        matches!(self, Demand::ArrivalTrace(trace) if trace.sizes != Sizes::Drawn)
    }
}

/// A rate that holds from a time on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateStep {
    /// Time since the scenario's start.
    pub from: Duration,
    /// Requests per second from then on.
    pub per_second: f64,
}

/// A trace of counts or rates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateTrace {
    /// The file.
    pub trace: TraceRef,
    /// What a value means and how far rows are apart.
    pub value_is: ValueIs,
    /// Changes applied in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transform: Vec<Transform>,
    /// Arrivals within an interval.
    #[serde(default)]
    pub arrivals: Arrivals,
}

/// A trace of requests: one row, one arrival.
///
/// It can be placed in time and repeated. What changes a rate (`scale`, `growth_per_year`, …) has no meaning for single requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivalTrace {
    /// The file, in order of time; requests may arrive at the same time. `gaps` is `zero`, `at_end` is `error` or `repeat`.
    pub trace: TraceRef,
    /// Where the work of each request comes from.
    #[serde(default)]
    pub sizes: Sizes,
    /// The time in which the file holds every request, in its own time stamps. From the first to the last row unless given:
    /// the rows do not tell how long nothing came before and after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Span>,
}

/// Where the work of each request of an arrival trace comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sizes {
    /// It is drawn from `/service/work`.
    #[default]
    Drawn,
    /// The trace's value is the work, in seconds on an instance of speed 1; `/service/work` is not used.
    FromTrace,
    /// The work is a sum over columns of a `csv` file, of what each holds times the work for one: for tokens
    /// `{"ContextTokens": "0.2ms", "GeneratedTokens": "25ms"}`. `/service/work` is not used.
    FromColumns(BTreeMap<String, Duration>),
}

/// A span of real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its beginning.
    pub from: Instant,
    /// Its end, which does not belong to it.
    pub to: Instant,
}

/// What a value of a rate trace means.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ValueIs {
    /// Requests counted in an interval of this length that begins at the time stamp.
    CountPer(Duration),
    /// Requests per second, in an interval of this length that begins at the time stamp.
    PerSecondEvery(Duration),
}

impl ValueIs {
    /// The distance between rows.
    pub fn interval(self) -> Duration {
        match self {
            ValueIs::CountPer(interval) | ValueIs::PerSecondEvery(interval) => interval,
        }
    }
}

/// A change of the rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// Multiply by a factor.
    Scale(f64),
    /// Multiply so that the mean over the whole trace is this many requests per second.
    ScaleToMean(f64),
    /// Grow by this share per year of 365 days, continuously from the scenario's start (0.3 is 30 %).
    GrowthPerYear(f64),
    /// Limit to this many requests per second.
    Clip(f64),
    /// Add a flash crowd: a sudden rise that decays exponentially.
    FlashCrowd {
        /// When it begins, since the scenario's start.
        at: Duration,
        /// Requests per second on top at its beginning.
        peak_per_second: f64,
        /// Time after which it has fallen to 1/e.
        decay: Duration,
    },
}

/// How arrivals are spread within an interval of constant rate.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrivals {
    /// Independent arrivals.
    #[default]
    Poisson,
    /// Equal gaps; the first arrival one gap after the start.
    Deterministic,
    /// Gamma gaps: burstier (cv above 1) or smoother than Poisson.
    Gamma {
        /// Coefficient of variation of the gaps.
        cv: f64,
    },
}

impl Arrivals {
    /// The coefficient of variation of the gaps.
    pub fn cv(self) -> f64 {
        match self {
            Self::Poisson => 1.0,
            Self::Deterministic => 0.0,
            Self::Gamma { cv } => cv,
        }
    }
}
