//! Predictive scaling: a forecast of the load by the hour, from what was observed, and the capacity that it needs (RULES R63).
//!
//! # The forecast
//!
//! Load is the mean number of busy instances in each hour of the clock: utilisation times instances in service. Over the last 14 days at
//! most, hour `h` is taken as
//!
//! ```text
//! load(h) = level + trend * (h - middle) + season(h mod P)
//! ```
//!
//! with `P` a week once a week is known and a day before. The level is the mean. The trend is the difference of the means of the second
//! and the first of two whole weeks; before two weeks are known it is zero, since a shorter stretch cannot tell a trend from a weekend.
//! The season is the mean of what is left in the same hours. It is fitted again every 6 h and is good for 48 h. Nothing is known of hours
//! that are not over.

use crate::scenario::PredictivePolicy;
use crate::units::{Duration, Instant, SimTime};
use std::collections::VecDeque;

/// Hours that are remembered: 14 days.
const HISTORY: usize = 14 * 24;
/// Fewest whole hours from which a forecast is made.
const FEWEST: usize = 24;
/// Hours of a day and of a week.
const DAY: i64 = 24;
const WEEK: i64 = 7 * 24;
/// Hours between two fits.
const REFIT: i64 = 6;
/// Hours for which a fit is good.
const GOOD_FOR: i64 = 48;

/// Means of the load by the hour, the latest last. Hours count from 1970.
#[derive(Debug, Clone, Default)]
struct History {
    hours: VecDeque<(i64, Option<f64>)>,
    /// The hour that is not over: its number, sum of load × seconds, seconds.
    open: Option<(i64, f64, f64)>,
}

impl History {
    fn add(&mut self, hour: i64, load: Option<f64>, seconds: f64) {
        if let Some((open, sum, length)) = self.open
            && open != hour
        {
            self.hours.push_back((open, (length > 0.0).then(|| sum / length)));
            // Hours without any observation are known to be missing.
            (open + 1..hour).take(HISTORY).for_each(|missing| self.hours.push_back((missing, None)));
            self.hours.drain(..self.hours.len().saturating_sub(HISTORY));
            self.open = None;
        }
        let (_, sum, length) = self.open.get_or_insert((hour, 0.0, 0.0));
        if let Some(load) = load {
            *sum += load * seconds;
            *length += seconds;
        }
    }
}

/// A fitted forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    level: f64,
    trend: f64,
    middle: f64,
    /// By hour modulo its length: a day or a week.
    season: Vec<f64>,
    /// The first hour that was not known.
    first: i64,
}

impl Forecast {
    /// Fits to means by the hour (`None` where unknown), the first of hour `first`; `None` with fewer than 24 known ones.
    pub fn fit(first: i64, loads: &[Option<f64>]) -> Option<Self> {
        let known = || loads.iter().enumerate().filter_map(|(index, load)| Some((index, (*load)?)));
        if known().count() < FEWEST {
            return None;
        }
        let mean = |from: usize, until: usize| {
            let (sum, count) = known()
                .filter(|(index, _)| (from..until).contains(index))
                .fold((0.0, 0.0), |(sum, count), (_, load)| (sum + load, count + 1.0));
            (count > 0.0).then(|| sum / count)
        };
        let (week, all) = (WEEK as usize, loads.len());
        let trend = if all >= 2 * week {
            mean(all - week, all)
                .zip(mean(all - 2 * week, all - week))
                .map_or(0.0, |(new, old)| (new - old) / WEEK as f64)
        } else {
            0.0
        };
        let (level, middle) = (mean(0, all)?, (all as f64 - 1.0) / 2.0);
        let length = if all >= week { WEEK } else { DAY };
        let mut season = vec![(0.0, 0.0); length as usize];
        for (index, load) in known() {
            let rest = load - level - trend * (index as f64 - middle);
            let (sum, count) = &mut season[(first + index as i64).rem_euclid(length) as usize];
            *sum += rest;
            *count += 1.0;
        }
        let season = season.into_iter().map(|(sum, count)| if count > 0.0 { sum / count } else { 0.0 }).collect();
        Some(Self { level, trend, middle: first as f64 + middle, season, first: first + all as i64 })
    }

    /// The load that is expected in an hour; `None` beyond the 48 h for which the fit is good.
    pub fn load(&self, hour: i64) -> Option<f64> {
        let season = self.season[hour.rem_euclid(self.season.len() as i64) as usize];
        let load = self.level + self.trend * (hour as f64 - self.middle) + season;
        (hour < self.first + GOOD_FOR).then(|| load.max(0.0))
    }
}

/// The most that a forecast may ask for: the group's maximum, or the forecast with a buffer if it may pass that.
pub fn effective_maximum(predicted: f64, max: u32, buffer: Option<f64>) -> u32 {
    match buffer {
        // The products of percentages are not exact; a hair above a whole number is that number.
        Some(buffer) => max.max((predicted * (1.0 + buffer) - 1e-9).ceil().max(0.0) as u32),
        None => max,
    }
}

/// The capacity of an hour: what is there or what is predicted, whichever is more; never less than there is (RULES R63).
pub fn capacity_of_hour(actual: u32, predicted: u32, min: u32, max: u32) -> u32 {
    actual.max(predicted.max(min).min(max))
}

/// What a forecast asks for now.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Instances of all pools.
    pub total: u32,
    /// Busy instances that are expected.
    pub load: f64,
    /// Start of the hour for which they are expected.
    pub hour: SimTime,
}

/// Learns, forecasts and says how many instances an hour needs.
#[derive(Debug, Clone)]
pub struct Predictor {
    policy: PredictivePolicy,
    start: Instant,
    history: History,
    forecast: Option<Forecast>,
    fitted_in: i64,
}

impl Predictor {
    /// A predictor that knows nothing yet. Simulated time 0 is `start`.
    pub fn new(policy: PredictivePolicy, start: Instant) -> Self {
        Self { policy, start, history: History::default(), forecast: None, fitted_in: i64::MIN }
    }

    /// Takes in the load of the period that ended at `until`.
    pub fn observe(&mut self, until: SimTime, period: Duration, load: Option<f64>) {
        let hour = self.hour(until - period);
        self.history.add(hour, load, period.as_secs_f64());
        let due = self.forecast.is_none() || hour.saturating_sub(self.fitted_in) >= REFIT;
        let new = self.history.hours.back().is_some_and(|(last, _)| *last >= self.fitted_in);
        if due && new {
            let loads: Vec<Option<f64>> = self.history.hours.iter().map(|(_, load)| *load).collect();
            let first = self.history.hours[0].0;
            self.fitted_in = hour;
            self.forecast = Forecast::fit(first, &loads).or(self.forecast.take());
        }
    }

    /// What the forecast asks for at `now`, the hour to come included if it is near enough to launch for it.
    pub fn wanted(&self, now: SimTime) -> Option<Wanted> {
        let forecast = self.forecast.as_ref()?;
        let this = self.hour(now);
        let next = self.hour(now + self.policy.launch_ahead);
        (this..=next)
            .filter_map(|hour| {
                let load = forecast.load(hour)?;
                let total = (load / self.policy.target_cpu - 1e-9).ceil().max(0.0) as u32;
                Some(Wanted { total, load, hour: self.start_of(hour) })
            })
            .reduce(|best, next| if next.total > best.total { next } else { best })
    }

    /// The next instant after `now` at which another hour counts.
    pub fn next_time(&self, now: SimTime) -> SimTime {
        let ahead = self.policy.launch_ahead;
        let start_of_next = |time: SimTime| self.start_of(self.hour(time) + 1);
        start_of_next(now).min(start_of_next(now + ahead) - ahead)
    }

    fn hour(&self, time: SimTime) -> i64 {
        let nanos = self.start.unix_nanos() + i128::from(time.nanos());
        nanos.div_euclid(i128::from(Duration::HOUR.nanos())) as i64
    }

    fn start_of(&self, hour: i64) -> SimTime {
        let nanos = i128::from(hour) * i128::from(Duration::HOUR.nanos()) - self.start.unix_nanos();
        SimTime::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(hours: i64, load: impl Fn(i64) -> f64) -> Vec<Option<f64>> {
        (0..hours).map(|hour| Some(load(hour))).collect()
    }

    #[test]
    fn a_day_is_repeated_and_a_week_when_it_is_known() {
        let daily = |hour: i64| if hour % 24 == 14 { 6.0 } else { 2.0 };
        assert_eq!(Forecast::fit(0, &series(23, daily)), None);
        let fit = Forecast::fit(0, &series(48, daily)).unwrap();
        let near = |load: Option<f64>, expected: f64| assert!((load.unwrap() - expected).abs() < 1e-9, "{load:?}");
        near(fit.load(62), 6.0);
        near(fit.load(63), 2.0);
        assert_eq!(fit.load(48 + 48), None, "beyond what a fit is good for");
        let weekly = |hour: i64| if (hour / 24) % 7 < 5 { daily(hour) } else { 1.0 };
        let fit = Forecast::fit(0, &series(7 * 24, weekly)).unwrap();
        near(fit.load(7 * 24 + 14), 6.0);
        near(fit.load(7 * 24 + 15), 2.0);
    }

    #[test]
    fn two_weeks_show_a_trend() {
        let grows = |hour: i64| 3.0 + hour as f64 * 0.01;
        let fit = Forecast::fit(100, &series(2 * WEEK, grows)).unwrap();
        let next = fit.load(100 + 2 * WEEK).unwrap();
        assert!((next - grows(2 * WEEK)).abs() < 1e-6, "{next}");
    }

    #[test]
    fn gaps_are_left_out() {
        let mut loads = series(72, |hour| f64::from(hour % 24 == 5) * 4.0);
        loads[30..50].fill(None);
        let fit = Forecast::fit(0, &loads).unwrap();
        assert!(fit.load(77).unwrap() > 3.5 && fit.load(78).unwrap() < 0.5);
    }

    /// The future is changed, and what was decided before it stays.
    #[test]
    fn the_future_is_not_known() {
        let policy = PredictivePolicy { target_cpu: 0.5, launch_ahead: Duration::from_secs(600), above_max: None };
        let minutes = 4 * 24 * 60;
        let wanted = |future: f64| {
            let mut predictor = Predictor::new(policy, "2016-03-07T00:30:00Z".parse().unwrap());
            let mut wanted = Vec::new();
            for minute in 0..minutes {
                let now = SimTime::from_secs((minute + 1) * 60);
                let past = minute < minutes / 2;
                let load = if past { 2.0 + ((minute / 60) % 24) as f64 / 8.0 } else { future };
                predictor.observe(now, Duration::from_secs(60), Some(load));
                wanted.push(predictor.wanted(now).map(|wanted| wanted.total));
            }
            wanted
        };
        let (low, high) = (wanted(0.0), wanted(50.0));
        let half = low.len() / 2;
        assert_eq!(low[..half], high[..half]);
        assert!(low[..half].iter().any(Option::is_some) && low[half..] != high[half..]);
    }

    #[test]
    fn the_hour_to_come_counts_when_it_is_near() {
        let policy = PredictivePolicy { target_cpu: 0.5, launch_ahead: Duration::from_secs(600), above_max: None };
        let mut predictor = Predictor::new(policy, "2016-03-07T00:00:00Z".parse().unwrap());
        for hour in 0..30 {
            let load = if hour % 24 == 8 { 3.0 } else { 1.0 };
            predictor.observe(SimTime::from_secs((hour + 1) * 3600), Duration::HOUR, Some(load));
        }
        let at = |minutes: i64| predictor.wanted(SimTime::from_secs(30 * 3600 + minutes * 60)).unwrap().total;
        assert_eq!([at(0), at(109), at(110), at(179), at(180)], [2, 2, 6, 6, 2]);
        let next = |minutes: i64| predictor.next_time(SimTime::from_secs(minutes * 60)).as_secs_f64() / 60.0;
        assert_eq!([next(0), next(50), next(59)], [50.0, 60.0, 60.0]);
    }

    #[test]
    fn maxima_hold_unless_they_may_be_passed() {
        assert_eq!([effective_maximum(50.0, 40, None), effective_maximum(50.0, 40, Some(0.0))], [40, 50]);
        assert_eq!(effective_maximum(50.0, 40, Some(0.1)), 55);
        assert_eq!([capacity_of_hour(12, 8, 0, 40), capacity_of_hour(8, 50, 0, 40)], [12, 40]);
    }
}
