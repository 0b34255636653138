//! Recorded requests on the scenario's time axis, and what a demand can be.

use super::{AfterEnd, RateSeries};
use crate::units::SimTime;
use std::ops::Range;

/// Recorded requests in order of arrival.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrivalSeries {
    /// When each request arrives, in order of time; some may arrive at the same time.
    pub arrivals: Vec<SimTime>,
    /// The work of each request in seconds on an instance of speed 1, where it was recorded.
    pub works: Option<Vec<f64>>,
    /// Beginning of the time in which every request was recorded.
    pub start: SimTime,
    /// Its end (exclusive).
    pub end: SimTime,
    /// What follows the end: nothing defined, or the same again.
    pub after_end: AfterEnd,
}

impl ArrivalSeries {
    /// The indices of the requests that arrive from `from` on and before `to`, without repetition.
    pub fn within(&self, from: SimTime, to: SimTime) -> Range<usize> {
        let first = self.arrivals.partition_point(|time| *time < from);
        first..first + self.arrivals[first..].partition_point(|time| *time < to)
    }
}

/// The demand of a scenario, all files read.
#[derive(Debug, Clone, PartialEq)]
pub enum DemandSeries {
    /// Rates from which requests are drawn.
    Rates(RateSeries),
    /// The requests themselves.
    Arrivals(ArrivalSeries),
}

impl DemandSeries {
    /// Where the trace begins.
    pub fn start(&self) -> SimTime {
        match self {
            DemandSeries::Rates(series) => series.start,
            DemandSeries::Arrivals(series) => series.start,
        }
    }

    /// Where the trace ends (exclusive).
    pub fn end(&self) -> SimTime {
        match self {
            DemandSeries::Rates(series) => series.end(),
            DemandSeries::Arrivals(series) => series.end,
        }
    }

    /// The rates, unless the requests themselves are given.
    pub fn rates(&self) -> Option<&RateSeries> {
        match self {
            DemandSeries::Rates(series) => Some(series),
            DemandSeries::Arrivals(_) => None,
        }
    }
}
