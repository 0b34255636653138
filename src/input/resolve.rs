//! Files that scenarios refer to, each read once.

use super::prices::read_price_list;
use super::source::FileError;
use super::trace::{
    Axis, capacity_steps_as_series, price_steps_as_series, read_arrival_trace, read_capacity_trace, read_jobs,
    read_price_trace, read_rate_trace, steps_as_series,
};
use super::{Candidate, Problem, Source};
use crate::scenario::{
    Demand, InlinePrices, Issue, JobSource, ListedJob, MixEntry, PriceListRef, PriceProcess, PriceStep, Prices,
    Scenario, SpotCapacity, TraceRef, pointer_child,
};
use crate::trace::{CountSeries, DemandSeries, PriceSeries};
use crate::units::Duration;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

type Read<T> = Result<(Arc<T>, Source), FileError>;

/// Reads what scenarios refer to and remembers it.
pub(super) struct Resolver<'a> {
    folder: &'a Path,
    base: Arc<Scenario>,
    axis: Axis,
    /// By the serialised reference.
    price_lists: HashMap<String, Read<InlinePrices>>,
    price_traces: HashMap<String, Read<PriceSeries>>,
    capacity_traces: HashMap<String, Read<CountSeries>>,
    pub(super) sources: Vec<Source>,
    pub(super) notes: Vec<String>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(folder: &'a Path, base: &Arc<Scenario>) -> Self {
        Self {
            folder,
            base: base.clone(),
            axis: Axis::new(&base.clock),
            price_lists: HashMap::new(),
            price_traces: HashMap::new(),
            capacity_traces: HashMap::new(),
            sources: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The scenario with a price list in a file replaced by what it holds.
    pub(super) fn with_prices<'s>(&mut self, scenario: &'s Scenario) -> Result<Cow<'s, Scenario>, Problem> {
        let Prices::List(_) = &scenario.prices else { return Ok(Cow::Borrowed(scenario)) };
        let prices = self.prices(&scenario.prices)?;
        Ok(Cow::Owned(Scenario { prices: Prices::Inline(prices.as_ref().clone()), ..scenario.clone() }))
    }

    /// Prices of one mix in another currency than the others' cannot be compared.
    pub(super) fn currency_issue(&self, scenario: &Scenario) -> Option<Issue> {
        let (expected, found) = (self.base.prices.currency(), scenario.prices.currency());
        (expected != found).then(|| {
            let message = format!("all mixes must be priced in one currency: {expected} elsewhere, {found} here");
            Issue::new("/prices", message)
        })
    }

    fn prices(&mut self, prices: &Prices) -> Result<Arc<InlinePrices>, Problem> {
        match prices {
            Prices::Inline(prices) => Ok(Arc::new(prices.clone())),
            Prices::List(list) => self.price_list(list).map_err(|error| file_problem("/prices/list/file", &error)),
        }
    }

    fn price_list(&mut self, list: &PriceListRef) -> Result<Arc<InlinePrices>, FileError> {
        let folder = self.folder;
        let read = self.price_lists.entry(key(list)).or_insert_with(|| {
            let (prices, source) = read_price_list(folder, list)?;
            Ok((Arc::new(prices), source))
        });
        let (prices, source) = read.clone()?;
        self.add_source(source);
        Ok(prices)
    }

    /// The requests that arrive.
    pub(super) fn demand(&mut self) -> Result<DemandSeries, Problem> {
        let base = self.base.clone();
        match &base.demand {
            Demand::RateTrace(demand) => {
                let read = read_rate_trace(self.folder, demand, &self.axis);
                let (series, source) = read.map_err(|error| file_problem("/demand/rate_trace/trace/file", &error))?;
                self.add_source(source);
                self.add_placement("demand", &demand.trace);
                Ok(DemandSeries::Rates(series))
            }
            Demand::ArrivalTrace(demand) => {
                let read = read_arrival_trace(self.folder, demand, &self.axis);
                let (series, source) =
                    read.map_err(|error| file_problem("/demand/arrival_trace/trace/file", &error))?;
                self.add_source(source);
                self.add_placement("demand", &demand.trace);
                Ok(DemandSeries::Arrivals(series))
            }
            Demand::Steps { steps, .. } => steps_as_series(steps, base.clock.horizon)
                .map(DemandSeries::Rates)
                .map_err(|message| Problem::at("/demand/steps/steps", message)),
        }
    }

    /// Recorded jobs in order of release; none where jobs are no trace.
    pub(super) fn jobs(&mut self) -> Result<Vec<ListedJob>, Problem> {
        let base = self.base.clone();
        let Some(JobSource::Trace(trace)) = base.jobs.as_ref().map(|jobs| &jobs.source) else { return Ok(Vec::new()) };
        let read = read_jobs(self.folder, trace, &base.clock);
        let (jobs, source) = read.map_err(|error| file_problem("/jobs/source/trace/file", &error))?;
        self.notes.push(format!("jobs: {} of {} happens at the start", trace.trace_start, trace.file));
        self.add_source(source);
        Ok(jobs)
    }

    /// One mix with its prices and markets.
    pub(super) fn candidate(&mut self, entry: &MixEntry, scenario: Arc<Scenario>) -> Result<Candidate, Vec<Problem>> {
        let mut problems = Vec::new();
        let (mut markets, mut capacities) = (BTreeMap::new(), BTreeMap::new());
        for (name, market) in &scenario.markets {
            match self.market_price(name, &market.price) {
                Ok(series) => {
                    markets.insert(name.clone(), series);
                }
                Err(error) => {
                    let pointer = format!("{}/price/trace/file", pointer_child("/markets", name));
                    problems.push(file_problem(&pointer, &error));
                }
            }
            match self.market_capacity(name, &market.capacity) {
                Ok(series) => capacities.extend(series.map(|series| (name.clone(), series))),
                Err(error) => {
                    let pointer = format!("{}/capacity/trace/file", pointer_child("/markets", name));
                    problems.push(file_problem(&pointer, &error));
                }
            }
        }
        match self.prices(&scenario.prices) {
            Ok(prices) if problems.is_empty() => Ok(Candidate {
                name: entry.display_name(),
                mix: entry.mix,
                set: entry.set.clone(),
                scenario,
                prices,
                markets,
                capacities,
            }),
            Ok(_) => Err(problems),
            Err(problem) => {
                problems.push(problem);
                Err(problems)
            }
        }
    }

    fn market_price(&mut self, name: &str, price: &PriceProcess) -> Result<Arc<PriceSeries>, FileError> {
        match price {
            PriceProcess::Trace(trace) => self.price_trace(name, trace),
            PriceProcess::Constant(price) => {
                let steps = [PriceStep { from: Duration::ZERO, price: *price }];
                Ok(Arc::new(price_steps_as_series(&steps, &self.axis)))
            }
            PriceProcess::Steps(steps) => Ok(Arc::new(price_steps_as_series(steps, &self.axis))),
        }
    }

    fn price_trace(&mut self, name: &str, trace: &TraceRef) -> Result<Arc<PriceSeries>, FileError> {
        let (folder, axis) = (self.folder, self.axis);
        let read = self.price_traces.entry(key(trace)).or_insert_with(|| {
            let (series, source) = read_price_trace(folder, trace, &axis)?;
            Ok((Arc::new(series), source))
        });
        let (series, source) = read.clone()?;
        let role = format!("market {name}");
        self.add_placement(&role, trace);
        self.add_source(Source { role, ..source });
        Ok(series)
    }

    /// The capacity of a market, unless it is always the same.
    fn market_capacity(&mut self, name: &str, capacity: &SpotCapacity) -> Result<Option<Arc<CountSeries>>, FileError> {
        let trace = match capacity {
            SpotCapacity::Unlimited | SpotCapacity::Limit(_) => return Ok(None),
            SpotCapacity::Steps(steps) => return Ok(Some(Arc::new(capacity_steps_as_series(steps, &self.axis)))),
            SpotCapacity::Trace(trace) => trace,
        };
        let (folder, axis) = (self.folder, self.axis);
        let read = self.capacity_traces.entry(key(trace)).or_insert_with(|| {
            let (series, source) = read_capacity_trace(folder, trace, &axis)?;
            Ok((Arc::new(series), source))
        });
        let (series, source) = read.clone()?;
        let role = format!("capacity of market {name}");
        self.add_placement(&role, trace);
        self.add_source(Source { role, ..source });
        Ok(Some(series))
    }

    fn add_source(&mut self, source: Source) {
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
    }

    /// Notes where a trace was placed when that is not its own time.
    fn add_placement(&mut self, role: &str, trace: &TraceRef) {
        let Some(place) = trace.place.filter(|place| place.trace_time != place.at) else { return };
        let note = format!("{role}: {} of the trace {} happens at {}", place.trace_time, trace.file, place.at);
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

fn key<T: serde::Serialize>(reference: &T) -> String {
    serde_json::to_string(reference).unwrap_or_default()
}

/// A problem with a file, at the place that names it.
fn file_problem(pointer: &str, error: &FileError) -> Problem {
    Problem::at(pointer, error.to_string())
}
