//! What arrives in each minute of a replication.

use super::MINUTE;
use crate::rng::math::normal_quantile;
use crate::rng::{Purpose, Stream};
use crate::scenario::Scenario;
use crate::workload::{RatePath, RequestBlock, RequestSource};

/// What arrives in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::engine) struct MinuteLoad {
    /// Requests.
    pub(in crate::engine) requests: f64,
    /// Their work together, in seconds at speed 1.
    pub(in crate::engine) work: f64,
}

/// What the sums of many requests depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Coefficient of variation of the gaps between requests.
    pub gap_cv: f64,
    /// Mean work, in seconds at speed 1.
    pub mean_work: f64,
    /// Coefficient of variation of the work.
    pub work_cv: f64,
}

impl Moments {
    /// Those of a scenario's requests; `None` if its demand is no rate.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let work = &scenario.service.work;
        let gap_cv = scenario.demand.arrivals()?.cv();
        Some(Self { gap_cv, mean_work: work.mean_seconds(), work_cv: work.cv() })
    }
}

/// What arrives in each minute of a replication, the warm-up included.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MinuteLoads {
    /// Minutes before the start.
    before: usize,
    minutes: Vec<MinuteLoad>,
    offered: Vec<u32>,
}

impl MinuteLoads {
    /// Counts the requests of a replication that warms up for `warm_up` seconds before its start.
    pub fn of(mut requests: RequestSource, warm_up: f64) -> Self {
        let mut loads = Self::before(warm_up);
        let mut block = RequestBlock::default();
        while requests.next_block(&mut block) {
            loads.count(&block);
        }
        loads.offered = requests.offered_by_minute().to_vec();
        loads
    }

    /// What is to be expected of a demand: in each minute as many requests as its rate says, to the nearest whole number since the
    /// beginning, each of them of mean work.
    pub fn expected(path: &RatePath, moments: &Moments, warm_up: f64) -> Self {
        let mut loads = Self::before(warm_up);
        let (mut sum, mut counted) = (0.0f64, 0.0);
        for expected in loads.expected_by_minute(path) {
            sum += expected;
            let requests = sum.round() - counted;
            counted += requests;
            loads.push(requests, requests * moments.mean_work);
        }
        loads
    }

    /// What may arrive: numbers of requests, and sums of their works, that are drawn for each minute as a whole. They are normal with the mean and the
    /// variance that those of single requests have, as sums of many are; without any requests to go with them.
    pub fn drawn(path: &RatePath, moments: &Moments, seed: u32, replication: u32, warm_up: f64) -> Self {
        let mut loads = Self::before(warm_up);
        let numbers = Stream::new(seed, Purpose::Minute);
        for (minute, expected) in (0..).zip(loads.expected_by_minute(path)) {
            let [count, work] = numbers.uniforms(replication, minute, 0).map(normal_quantile);
            let requests = (expected + moments.gap_cv * expected.sqrt() * count).round().max(0.0);
            let scatter = moments.work_cv * requests.sqrt() * work;
            loads.push(requests, moments.mean_work * (requests + scatter).max(0.0));
        }
        loads
    }

    /// How many requests a demand has in each minute, the warm-up's first, in the mean.
    fn expected_by_minute(&self, path: &RatePath) -> Vec<f64> {
        let before = self.before as i64;
        let mut expected = vec![0.0; ((path.end() / MINUTE).ceil() as i64 + before).max(0) as usize];
        for (piece, end) in path.stretches() {
            for minute in (piece.from / MINUTE).floor() as i64..(end / MINUTE).ceil() as i64 {
                let (from, to) = (minute as f64 * MINUTE, (minute + 1) as f64 * MINUTE);
                expected[(minute + before) as usize] += piece.per_second * (end.min(to) - piece.from.max(from));
            }
        }
        expected
    }

    /// The next minute.
    fn push(&mut self, requests: f64, work: f64) {
        if self.minutes.len() >= self.before {
            self.offered.push(requests as u32);
        }
        self.minutes.push(MinuteLoad { requests, work });
    }

    /// No requests yet, after a warm-up of this many seconds.
    pub(super) fn before(warm_up: f64) -> Self {
        Self { before: (warm_up / MINUTE).ceil() as usize, ..Self::default() }
    }

    pub(super) fn count(&mut self, block: &RequestBlock) {
        let before = self.before as f64;
        for (arrival, work) in block.arrivals.iter().zip(&block.works) {
            let minute = (arrival / MINUTE + before).max(0.0) as usize;
            if minute >= self.minutes.len() {
                self.minutes.resize(minute + 1, MinuteLoad::default());
            }
            self.minutes[minute].requests += 1.0;
            self.minutes[minute].work += work;
        }
    }

    /// What arrives in the minute that begins `minute` minutes after the start.
    pub(super) fn at(&self, minute: i64) -> MinuteLoad {
        let index = usize::try_from(minute + self.before as i64).unwrap_or(0);
        self.minutes.get(index).copied().unwrap_or_default()
    }

    /// Requests of each minute since the start.
    pub fn offered_by_minute(&self) -> &[u32] {
        &self.offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Arrivals, Law, Service};
    use crate::units::{Duration, SimTime};
    use crate::workload::{DemandPath, RatePiece, RequestLaws};
    use serde_json::json;

    fn piece(from: f64, per_second: f64) -> RatePiece {
        RatePiece { from, per_second }
    }

    /// By hand: 1 a second in the minute of warm-up and for 90 s, 0.025 from then to 200 s, when it ends within a minute.
    #[test]
    fn expected_loads_are_the_rate_minute_by_minute() {
        let path =
            RatePath::new(vec![piece(-60.0, 1.0), piece(90.0, 0.025)], SimTime::START + Duration::from_secs(200));
        let moments = Moments { gap_cv: 1.0, mean_work: 0.5, work_cv: 1.0 };
        let loads = MinuteLoads::expected(&path, &moments, 60.0);
        assert_eq!(loads.offered_by_minute(), [60, 31, 1, 1]);
        assert_eq!(loads.at(-1), MinuteLoad { requests: 60.0, work: 30.0 });
        assert_eq!(loads.at(1), MinuteLoad { requests: 31.0, work: 15.5 });
        assert_eq!(loads.minutes.len(), 5);
    }

    /// Mean and standard deviation of a figure over the minutes from the first full one on.
    fn spread(loads: &MinuteLoads, figure: fn(&MinuteLoad) -> f64) -> [f64; 2] {
        let values: Vec<f64> = loads.minutes.iter().map(figure).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        [mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()]
    }

    /// Whole minutes scatter as their requests do: 2,000 minutes of 20 requests a second, drawn both ways.
    #[test]
    fn drawn_minutes_scatter_like_their_requests() {
        let minutes = 2000;
        let path = RatePath::new(vec![piece(0.0, 20.0)], SimTime::START + Duration::from_secs(60 * minutes));
        for (arrivals, law) in [
            (Arrivals::Poisson, json!({ "lognormal": { "mean": "320ms", "cv": 0.6 } })),
            (Arrivals::Gamma { cv: 2.0 }, json!({ "hyperexponential": { "mean": "100ms", "cv": 2.0 } })),
        ] {
            let law: Law = serde_json::from_value(law).unwrap();
            let service: Service = serde_json::from_value(json!({ "work": law, "discipline": "fifo" })).unwrap();
            let laws = RequestLaws::new(Some(arrivals), &service);
            let moments = Moments { gap_cv: arrivals.cv(), mean_work: law.mean_seconds(), work_cv: law.cv() };
            let one_by_one = MinuteLoads::of(DemandPath::Rates(path.clone()).requests(&laws, 7, 3), 0.0);
            let drawn = MinuteLoads::drawn(&path, &moments, 7, 3, 0.0);
            assert_eq!(drawn.offered_by_minute().len(), minutes as usize);
            for figure in [|load: &MinuteLoad| load.requests, |load: &MinuteLoad| load.work] {
                let [[mean, deviation], [expected, scatter]] = [&drawn, &one_by_one].map(|loads| spread(loads, figure));
                let error = 4.0 * scatter * (2.0 / minutes as f64).sqrt();
                assert!((mean - expected).abs() < error, "{arrivals:?}: {mean} and {expected}");
                assert!((deviation / scatter - 1.0).abs() < 0.1, "{arrivals:?}: {deviation} and {scatter}");
            }
        }
    }
}
