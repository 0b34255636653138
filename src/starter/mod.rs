//! A first scenario out of a demand and an instance type, with everything that nobody said marked as assumed.

mod prices;
mod sizing;

pub use prices::{Discount, KnownPrices, PriceError};
pub use sizing::{Sizing, virtual_cpus};

use crate::scenario::InlinePrices;
use crate::units::{Duration, HourlyPrice, Instant};
use askama::Template;

/// What is known of a service. What is `None` is assumed, and the scenario says so.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Name of the scenario.
    pub name: String,
    /// Where the demand is from, in words.
    pub origin: String,
    /// The demand's file as the scenario names it: a CSV with the column `time`.
    pub demand_file: String,
    /// Its column of values.
    pub demand_column: &'static str,
    /// `count_per` or `per_second_every`.
    pub value_is: &'static str,
    /// Length of an interval.
    pub interval: Duration,
    /// What missing rows mean: `error`, `hold` or `zero`.
    pub gaps: &'static str,
    /// Beginning of the first and end of the last interval.
    pub covers: [Instant; 2],
    /// Requests per second in each interval.
    pub per_second: Vec<f64>,
    /// Instance type.
    pub instance_type: String,
    /// Its prices.
    pub prices: InlinePrices,
    /// Requests that an instance serves at once.
    pub slots: Option<u32>,
    /// Mean time that a request takes.
    pub work: Option<Duration>,
    /// What users may wait.
    pub latency: Option<Duration>,
    /// Instances that run today.
    pub running: Option<u32>,
}

impl Facts {
    /// The mean of all intervals; 0 of none.
    pub fn mean_per_second(&self) -> f64 {
        self.per_second.iter().sum::<f64>() / self.per_second.len().max(1) as f64
    }
}

/// A scenario in the making.
#[derive(Template)]
#[template(path = "starter.jsonc", escape = "none")]
struct Starter {
    name: String,
    description: String,
    start: Instant,
    horizon: Duration,
    replications: u32,
    warm_up: Duration,
    resampled: bool,
    demand_file: String,
    demand_column: &'static str,
    gaps: &'static str,
    value_is: &'static str,
    interval: Duration,
    work_origin: String,
    work: Duration,
    timeout: Duration,
    latency_origin: String,
    latency: Duration,
    instance_type: String,
    slots_origin: String,
    slots: u32,
    prices: String,
    spot_price: HourlyPrice,
    reserved: bool,
    offer: &'static str,
    base: u32,
    max_total: u32,
    running_origin: String,
    running: u32,
    spot: u32,
}

/// The offer that base instances are covered by: one year, nothing upfront, the one that is easiest to leave.
const OFFER: &str = "1y-no-upfront";
/// Mean time of a request if nobody says.
const WORK: Duration = Duration::from_millis(100);
/// Times the mean work that users may wait if nobody says: below it nearly all requests stay while nothing waits.
const PATIENCE: i64 = 5;
/// Requests of a replication, about, so that a first comparison takes about a minute.
const REQUESTS: f64 = 20e6;
/// A demand this long has two days for each weekday to draw from.
const LONG_ENOUGH: Duration = Duration::DAY.times(14);

/// The scenario as a text with comments, and how large its fleet is.
pub fn scenario_text(facts: &Facts) -> (String, Sizing) {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let work = facts.work.unwrap_or(WORK);
    let cpus = virtual_cpus(&facts.instance_type);
    let slots = facts.slots.or(cpus).unwrap_or(1);
    let sizing = Sizing::new(&facts.per_second, work, slots, facts.running);
    let latency = facts.latency.unwrap_or(work.times(PATIENCE));
    let (start, horizon) = span(facts);
    let on_demand = facts.prices.types.get(&facts.instance_type).map(|prices| prices.on_demand);
    let reserved =
        facts.prices.types.get(&facts.instance_type).is_some_and(|prices| prices.reserved.contains_key(OFFER));
    let of_spot = |price: HourlyPrice| HourlyPrice { rate: price.rate.scaled(35, 100).unwrap_or(price.rate), ..price };
    let zero = HourlyPrice { rate: crate::units::Rate::ZERO, currency: facts.prices.currency };
    let prices = serde_json::to_string_pretty(&facts.prices).unwrap_or_default().replace('\n', "\n  ");
    let length = facts.interval.times(facts.per_second.len() as i64);
    let starter = Starter {
        name: json(&facts.name),
        description: json(&format!("Demand: {}.", facts.origin)),
        start,
        horizon,
        replications: 5,
        warm_up: Duration::from_secs(3600).min(horizon),
        resampled: length >= LONG_ENOUGH && horizon >= Duration::DAY,
        demand_file: json(&facts.demand_file),
        demand_column: facts.demand_column,
        gaps: facts.gaps,
        value_is: facts.value_is,
        interval: facts.interval,
        work_origin: match facts.work {
            Some(_) => "The mean is as given. ASSUMED: the law and its coefficient of variation.".to_string(),
            None => "ASSUMED: how long a request keeps a slot busy.".to_string(),
        },
        work,
        timeout: latency.times(10).max(Duration::from_secs(10)),
        latency_origin: match facts.latency {
            Some(_) => "The latency is as given.".to_string(),
            None => format!("ASSUMED: users wait {PATIENCE} times the mean work."),
        },
        latency,
        instance_type: json(&facts.instance_type),
        slots_origin: match (facts.slots, cpus) {
            (Some(_), _) => "Requests that it serves at once: as given.".to_string(),
            (None, Some(cpus)) => format!("ASSUMED: one request at once on each of its {cpus} virtual CPUs."),
            (None, None) => "ASSUMED: one request at once.".to_string(),
        },
        slots,
        prices,
        spot_price: of_spot(on_demand.unwrap_or(zero)),
        reserved,
        offer: OFFER,
        base: sizing.base,
        max_total: sizing.most,
        running_origin: match facts.running {
            Some(_) => "As given.".to_string(),
            None => "ASSUMED: as many as keep the busiest hour in a hundred at 60 % CPU.".to_string(),
        },
        running: sizing.running,
        spot: sizing.running.saturating_sub(sizing.base).max(1),
    };
    // The template has no part that can fail.
    (starter.render().unwrap_or_default() + "\n", sizing)
}

/// When the scenario starts and how long it lasts: whole days from midnight where there are any, a week at most, and no longer than a
/// first look shall take.
fn span(facts: &Facts) -> (Instant, Duration) {
    let [first, end] = facts.covers;
    let seconds = |instant: Instant| instant.unix_nanos().div_euclid(1_000_000_000) as i64;
    let midnight = Instant::from_unix_seconds(seconds(first).div_euclid(86_400) * 86_400);
    let midnight = midnight.map(|day| if day < first { day + Duration::DAY } else { day }).filter(|day| *day < end);
    let days = midnight.map_or(0, |day| (seconds(end) - seconds(day)) / 86_400);
    match midnight.filter(|_| days >= 1) {
        Some(day) => {
            let affordable = (REQUESTS / (facts.mean_per_second() * 86_400.0).max(1.0)).clamp(1.0, 7.0) as i64;
            (day, Duration::DAY.times(days.min(affordable)))
        }
        None => (first, facts.interval.times(facts.per_second.len() as i64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Document, LoadOptions, load_document};
    use std::fmt::Write as _;

    fn facts(hours: usize) -> Facts {
        let start: Instant = "2026-01-05T06:30:00Z".parse().unwrap();
        Facts {
            name: "shop".into(),
            origin: "a \"test\"".into(),
            demand_file: "demand.csv".into(),
            demand_column: "requests",
            value_is: "count_per",
            interval: Duration::from_secs(3600),
            gaps: "hold",
            covers: [start, start + Duration::from_secs(3600).times(hours as i64)],
            per_second: (0..hours).map(|hour| if hour % 24 < 12 { 2.0 } else { 30.0 }).collect(),
            instance_type: "m5.large".into(),
            prices: KnownPrices::shipped().of("m5.large", None).unwrap(),
            slots: None,
            work: None,
            latency: None,
            running: None,
        }
    }

    fn loaded(facts: &Facts) -> crate::input::LoadedScenario {
        let folder = tempfile::tempdir().unwrap();
        let mut rows = "time,requests\n".to_string();
        for (hour, rate) in (0..).zip(&facts.per_second) {
            writeln!(rows, "{},{}", facts.covers[0] + facts.interval.times(hour), rate * 3600.0).unwrap();
        }
        std::fs::write(folder.path().join("demand.csv"), rows).unwrap();
        let file = folder.path().join("scenario.json");
        std::fs::write(&file, scenario_text(facts).0).unwrap();
        load_document(&Document::read(&file).unwrap(), folder.path(), &LoadOptions::default())
            .unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[test]
    fn a_scenario_is_whole_days_from_midnight_and_reads_back() {
        let input = loaded(&facts(24 * 20));
        assert_eq!(input.scenario.clock.start.to_string(), "2026-01-06T00:00:00Z");
        assert_eq!(input.scenario.clock.horizon, Duration::DAY.times(7));
        assert_eq!(input.scenario.baseline.as_deref(), Some("what we run today"));
        // 30/s of 100 ms are three busy slots: at 60 % that is five, on three instances of two slots.
        assert_eq!(input.candidates[0].mix.to_string(), "3 on-demand");
        assert_eq!(input.candidates.len(), 5);
    }

    #[test]
    fn short_traces_and_unknown_types_do_as_well() {
        let mut few = facts(5);
        few.instance_type = "x9.vast".into();
        few.prices = KnownPrices::shipped().of("x9.vast", Some("1.5 EUR/h".parse().unwrap())).unwrap();
        few.running = Some(4);
        let input = loaded(&few);
        assert_eq!(input.scenario.clock.horizon, Duration::from_secs(5 * 3600));
        assert_eq!((input.candidates[0].mix.to_string(), input.candidates.len()), ("4 on-demand".to_string(), 3));
    }
}
