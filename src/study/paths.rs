//! Demand and prices of one replication, cut from the traces.

use crate::input::{Candidate, LoadedScenario};
use crate::market::{MarketPath, PricePath, StepPath};
use crate::rng::{Purpose, Stream};
use crate::scenario::{BetweenReplications, Demand, PriceProcess, Resampled, Scenario, SpotCapacity};
use crate::trace::{AfterEnd, ArrivalSeries, BlockSource, Blocks, DemandSeries, RateSeries, StepSeries};
use crate::units::{Duration, SimTime};
use crate::workload::{DemandPath, RatePath, RatePiece, RecordedPath, RecordedPiece};
use std::sync::Arc;

/// Where each replication takes its demand and its prices from.
#[derive(Debug, Clone)]
pub(super) struct Sampling {
    horizon: SimTime,
    begin: SimTime,
    seed: u32,
    /// Block length and extent of the traces, if anything is resampled.
    blocks: Option<(Duration, (SimTime, SimTime))>,
    pub(super) demand: bool,
    pub(super) markets: bool,
}

impl Sampling {
    /// What the scenario asks for.
    pub(super) fn new(input: &LoadedScenario) -> Self {
        let scenario = &input.scenario;
        let horizon = SimTime::START + scenario.clock.horizon;
        let begin = SimTime::START - scenario.run.warm_up;
        let mut sampling =
            Self { horizon, begin, seed: scenario.run.seed, blocks: None, demand: false, markets: false };
        if let BetweenReplications::ResampleBlocks(blocks) = &scenario.run.between_replications {
            sampling.demand = blocks.of.contains(&Resampled::Demand);
            sampling.markets = blocks.of.contains(&Resampled::Markets);
            sampling.blocks = Some((blocks.block, sampling.extent(input)));
        }
        sampling
    }

    /// The time that every resampled trace covers.
    fn extent(&self, input: &LoadedScenario) -> (SimTime, SimTime) {
        let mut extent = (SimTime::from_nanos(i64::MIN / 4), SimTime::from_nanos(i64::MAX / 4));
        let mut narrow = |from: SimTime, to: SimTime| extent = (extent.0.max(from), extent.1.min(to));
        if self.demand && !matches!(input.scenario.demand, Demand::Steps { .. }) {
            narrow(input.demand.start(), input.demand.end());
        }
        if self.markets {
            for candidate in &input.candidates {
                for (name, series) in &candidate.markets {
                    if is_trace(&candidate.scenario, name) {
                        narrow(series.steps[0].0, series.end);
                    }
                }
                for (name, series) in &candidate.capacities {
                    if matches!(candidate.scenario.markets[name].capacity, SpotCapacity::Trace(_)) {
                        narrow(series.steps[0].0, series.end);
                    }
                }
            }
        }
        extent
    }

    /// Whether demand or prices vary between replications.
    pub(super) fn varies(&self) -> bool {
        (self.demand || self.markets) && self.sources_per_block() > 1.0
    }

    /// How many different sources the blocks of the horizon have in the mean: 1 when nothing can vary.
    pub(super) fn sources_per_block(&self) -> f64 {
        let Some((block, extent)) = self.blocks else { return 1.0 };
        let week = 7.0 * 86_400.0;
        let block = block.min(self.horizon.since_start());
        let spare = (extent.1 - extent.0).as_secs_f64() - block.as_secs_f64();
        (spare / week).floor() + 1.0
    }

    /// The blocks of a replication; one block, the horizon itself, when nothing is resampled.
    fn blocks(&self, replication: u32, resampled: bool) -> Vec<BlockSource> {
        match self.blocks {
            Some((block, available)) if resampled => {
                let blocks = Blocks { end: self.horizon, block, step: Duration::DAY.times(7), available };
                blocks.draw(&Stream::new(self.seed, Purpose::Resample), replication)
            }
            _ => vec![BlockSource { start: SimTime::START, end: self.horizon, source: SimTime::START }],
        }
    }

    /// The demand of a replication.
    pub(super) fn demand_path<'a>(&self, input: &'a LoadedScenario, replication: u32) -> DemandPath<'a> {
        match &*input.demand {
            DemandSeries::Rates(series) => DemandPath::Rates(self.rate_path(series, replication)),
            DemandSeries::Arrivals(series) => DemandPath::Recorded(self.recorded_path(series, replication)),
        }
    }

    /// Recorded requests of a replication. Those of the first block fill the warm-up, too.
    fn recorded_path<'a>(&self, series: &'a ArrivalSeries, replication: u32) -> RecordedPath<'a> {
        let blocks = self.blocks(replication, self.demand);
        let first = blocks[0];
        let length = first.end - first.start;
        let mut before = Vec::new();
        let mut start = self.begin;
        while start < first.start {
            let end = (start + length).min(first.start);
            before.push(BlockSource { start, end, source: first.source });
            start = end;
        }
        let mut pieces = Vec::new();
        for block in before.iter().chain(&blocks) {
            let to = block.source + (block.end - block.start);
            for (from, to, moved) in rounds(series, block.source, to) {
                let range = series.within(from, to);
                pieces.push(RecordedPiece {
                    arrivals: &series.arrivals[range.clone()],
                    works: series.works.as_ref().map(|works| &works[range]),
                    shift: moved + (block.start - block.source),
                });
            }
        }
        RecordedPath::new(pieces, self.horizon)
    }

    /// Rates of a replication; during the warm-up the first one holds.
    fn rate_path(&self, series: &RateSeries, replication: u32) -> RatePath {
        let mut pieces = Vec::new();
        for block in self.blocks(replication, self.demand) {
            let mut time = block.start;
            while time < block.end {
                let source = block.source + (time - block.start);
                pieces.push(RatePiece { from: time.as_secs_f64(), per_second: series.at(source) });
                // The next boundary of the trace's grid.
                let into = (source - series.start).nanos().rem_euclid(series.interval.nanos());
                time = time + (series.interval - Duration::from_nanos(into));
            }
        }
        pieces[0].from = self.begin.as_secs_f64();
        RatePath::new(pieces, self.horizon)
    }

    /// The price or capacity of a market in a replication; during the warm-up the first value holds.
    pub(super) fn step_path<T: Copy + PartialEq>(&self, series: &StepSeries<T>, replication: u32) -> StepPath<T> {
        let mut steps = Vec::new();
        for block in self.blocks(replication, self.markets) {
            steps.push((block.start, series.at(block.source)));
            let source_end = block.source + (block.end - block.start);
            steps_within(series, block.source, source_end)
                .for_each(|(time, value)| steps.push((block.start + (time - block.source), value)));
        }
        steps[0].0 = self.begin;
        StepPath::new(steps)
    }

    /// Prices and capacities of the markets that the spot pool of each candidate uses in a replication, in the order of the pool. What
    /// several of them need is cut once.
    pub(super) fn market_paths<'a>(
        &self,
        wanted: impl IntoIterator<Item = (&'a Candidate, u32)>,
    ) -> Vec<Vec<MarketPath>> {
        let (mut prices, mut capacities) = (Cut::default(), Cut::default());
        let mut paths = Vec::new();
        for (candidate, replication) in wanted {
            let of_market = |name: &String| MarketPath {
                price: prices.path(self, &candidate.markets[name], replication),
                capacity: candidate.capacities.get(name).map(|series| capacities.path(self, series, replication)),
            };
            paths.push(used_markets(candidate).iter().map(of_market).collect());
        }
        paths
    }

    /// The prices alone.
    pub(super) fn price_paths<'a>(
        &self,
        wanted: impl IntoIterator<Item = (&'a Candidate, u32)>,
    ) -> Vec<Vec<Arc<PricePath>>> {
        let prices = |markets: Vec<MarketPath>| markets.into_iter().map(|market| market.price).collect();
        self.market_paths(wanted).into_iter().map(prices).collect()
    }
}

/// Paths that were cut already: of one series and replication only one.
struct Cut<'a, T>(Vec<OfSeries<'a, T>>);

/// A series, a replication and its path.
type OfSeries<'a, T> = (&'a Arc<StepSeries<T>>, u32, Arc<StepPath<T>>);

impl<T> Default for Cut<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'a, T: Copy + PartialEq> Cut<'a, T> {
    fn path(&mut self, sampling: &Sampling, series: &'a Arc<StepSeries<T>>, replication: u32) -> Arc<StepPath<T>> {
        let same = |(other, of, _): &&OfSeries<T>| Arc::ptr_eq(other, series) && *of == replication;
        if let Some((_, _, path)) = self.0.iter().find(same) {
            return Arc::clone(path);
        }
        let path = Arc::new(sampling.step_path(series, replication));
        self.0.push((series, replication, Arc::clone(&path)));
        path
    }
}

fn used_markets(candidate: &Candidate) -> &[String] {
    candidate.spot_pool().map_or(&[], |pool| &pool.markets)
}

fn is_trace(scenario: &Scenario, market: &str) -> bool {
    scenario.markets.get(market).is_some_and(|market| matches!(market.price, PriceProcess::Trace(_)))
}

/// The time from `from` to `to` as stretches of the series itself, each with the time by which its repetition is later.
fn rounds(series: &ArrivalSeries, from: SimTime, to: SimTime) -> Vec<(SimTime, SimTime, Duration)> {
    if series.after_end != AfterEnd::Repeat || to <= series.end {
        return vec![(from, to, Duration::ZERO)];
    }
    let length = series.end - series.start;
    let round = |time: SimTime| (time - series.start).nanos().div_euclid(length.nanos()).max(0);
    let stretch = |round: i64| {
        let moved = length.times(round);
        ((from - moved).max(series.start), (to - moved).min(series.end), moved)
    };
    (round(from)..=round(to)).map(stretch).collect()
}

/// The steps of a series strictly after `from` and before `to`, repeated where the series repeats.
fn steps_within<T: Copy>(
    series: &StepSeries<T>,
    from: SimTime,
    to: SimTime,
) -> impl Iterator<Item = (SimTime, T)> + '_ {
    let first = series.steps[0].0;
    let length = series.end - first;
    let repeats = series.after_end == AfterEnd::Repeat && length.is_positive();
    let rounds = if repeats && to > series.end { (to - first).nanos() / length.nanos() } else { 0 };
    (0..=rounds)
        .flat_map(move |round| series.steps.iter().map(move |(time, value)| (*time + length.times(round), *value)))
        .filter(move |(time, _)| *time > from && *time < to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::PriceSeries;
    use crate::units::Rate;

    fn sampling(horizon: i64) -> Sampling {
        Sampling {
            horizon: SimTime::from_secs(horizon),
            begin: SimTime::from_secs(-10),
            seed: 1,
            blocks: None,
            demand: false,
            markets: false,
        }
    }

    #[test]
    fn demand_is_cut_at_the_horizon_and_held_before_the_start() {
        let series = RateSeries {
            start: SimTime::from_secs(-90),
            interval: Duration::from_secs(60),
            per_second: vec![1.0, 2.0, 3.0, 4.0],
            after_end: AfterEnd::Undefined,
        };
        let path = sampling(100).rate_path(&series, 0);
        let pieces: Vec<(f64, f64)> = path.pieces().iter().map(|p| (p.from, p.per_second)).collect();
        assert_eq!(pieces, [(-10.0, 2.0), (30.0, 3.0), (90.0, 4.0)]);
    }

    fn recorded(seconds: &[i64], end: i64, after_end: AfterEnd) -> ArrivalSeries {
        let arrivals = seconds.iter().map(|second| SimTime::from_secs(*second)).collect();
        let works = Some(seconds.iter().map(|second| *second as f64).collect());
        ArrivalSeries { arrivals, works, start: SimTime::from_secs(-90), end: SimTime::from_secs(end), after_end }
    }

    /// Seconds at which requests arrive, and their works.
    fn requests(path: &RecordedPath) -> Vec<(f64, f64)> {
        let pieces = path.pieces().iter();
        pieces
            .flat_map(|piece| {
                let works = piece.works.unwrap_or_default().iter();
                piece.arrivals.iter().map(|time| (*time + piece.shift).as_secs_f64()).zip(works.copied())
            })
            .collect()
    }

    #[test]
    fn recorded_requests_are_cut_at_the_horizon_and_come_before_the_start_too() {
        let series = recorded(&[-5, 0, 3, 30, 99, 100], 101, AfterEnd::Undefined);
        let found = requests(&sampling(100).recorded_path(&series, 0));
        assert_eq!(found, [(-10.0, 0.0), (-7.0, 3.0), (0.0, 0.0), (3.0, 3.0), (30.0, 30.0), (99.0, 99.0)]);
        // A warm-up longer than a block takes it several times.
        let found = requests(&sampling(4).recorded_path(&series, 0));
        let before = [(-10.0, 0.0), (-7.0, 3.0), (-6.0, 0.0), (-3.0, 3.0), (-2.0, 0.0)];
        assert_eq!((&found[..5], &found[5..]), (&before[..], &[(0.0, 0.0), (3.0, 3.0)][..]));
    }

    #[test]
    fn recorded_requests_are_repeated_with_what_the_file_covers() {
        let series = recorded(&[-90, 5, 9], 10, AfterEnd::Repeat);
        let found = requests(&sampling(211).recorded_path(&series, 0));
        let times: Vec<f64> = found.iter().map(|(time, _)| *time).collect();
        assert_eq!(times, [-5.0, -1.0, 5.0, 9.0, 10.0, 105.0, 109.0, 110.0, 205.0, 209.0, 210.0]);
        assert_eq!((found[0].1, found[4].1, found[10].1), (5.0, -90.0, -90.0));
    }

    #[test]
    fn recorded_days_are_resampled_like_days_of_rates() {
        let day = |day: i64| SimTime::from_secs(day * 86_400);
        // One request at noon of each of 21 days; its work is the number of its day.
        let arrivals = (0..21).map(|n| day(n) + Duration::HOUR.times(12)).collect();
        let works = Some((0..21).map(f64::from).collect());
        let series = ArrivalSeries { arrivals, works, start: day(0), end: day(21), after_end: AfterEnd::Undefined };
        let horizon = day(7);
        let sampling =
            Sampling { blocks: Some((Duration::DAY, (day(0), day(21)))), demand: true, horizon, ..sampling(1) };
        let path = |replication| sampling.recorded_path(&series, replication);
        let blocks = sampling.blocks(3, true);
        for (number, ((time, work), block)) in requests(&path(3)).into_iter().zip(blocks).enumerate() {
            assert_eq!(time, number as f64 * 86_400.0 + 43_200.0);
            assert_eq!(day(work as i64), block.source);
            assert_eq!(work as usize % 7, number);
        }
        assert_eq!(requests(&path(3)).len(), 7);
        assert_ne!(requests(&path(3)), requests(&path(4)));
    }

    #[test]
    fn a_repeated_price_goes_on() {
        let at = |t: i64, p: i64| (SimTime::from_secs(t), Rate::from_nano_per_hour(p));
        let series =
            PriceSeries { steps: vec![at(0, 5), at(40, 7)], end: SimTime::from_secs(100), after_end: AfterEnd::Repeat };
        let path = sampling(250).step_path(&series, 0);
        assert_eq!(path.steps(), [at(-10, 5), at(40, 7), at(100, 5), at(140, 7), at(200, 5), at(240, 7)]);
    }
}
