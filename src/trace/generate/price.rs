//! A synthetic spot price trace.

use crate::rng::math::{exp, ln, normal_quantile};
use crate::rng::{Purpose, Stream};
use crate::trace::profile::{PriceProfile, PriceSpikes};
use crate::trace::{AfterEnd, PriceSeries};
use crate::units::{Duration, Rate, SimTime};

/// Draws of one calm step: gap and normal score.
const CALM: u32 = 0;
/// Draws of one spike: time until it begins and its duration.
const SPIKE: u32 = 1;
/// Draws of one step within a spike: height and time to the next.
const HEIGHT: u32 = 2;

/// Prices are whole hundredths of a cent, as spot markets quote them.
const TICK_NANO: i64 = 100_000;

/// What price trace is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceRequest {
    /// The on-demand price that the profile's ratios refer to.
    pub on_demand: Rate,
    /// Length.
    pub duration: Duration,
    /// Seed.
    pub seed: u32,
}

/// Draws a price trace of whole seconds from [`SimTime::START`] on, its last record at the end.
///
/// The model is that of [`PriceProfile`]. A change that rounds to the price that holds is no record, and prices of the calm
/// regime stay at or below on-demand, those of spikes at least one tick above.
pub fn generate_price(profile: &PriceProfile, request: &PriceRequest) -> PriceSeries {
    let mut path = Path::new(profile, request);
    path.calm_step();
    while path.now < path.end {
        let spike = profile.spikes.as_ref().filter(|_| path.next_spike <= path.next_change);
        match spike {
            Some(spikes) => path.spike(spikes),
            None => {
                path.now = path.next_change;
                path.calm_step();
            }
        }
    }
    path.finish()
}

/// A price path while it is drawn. Times are in seconds.
struct Path<'a> {
    profile: &'a PriceProfile,
    stream: Stream,
    on_demand: Rate,
    end: f64,
    now: f64,
    /// Normal score of the calm price, and when it was drawn.
    score: Option<(f64, f64)>,
    next_change: f64,
    next_spike: f64,
    calm_steps: u64,
    spikes: u64,
    heights: u64,
    steps: Vec<(SimTime, Rate)>,
}

impl<'a> Path<'a> {
    fn new(profile: &'a PriceProfile, request: &PriceRequest) -> Self {
        let mut path = Self {
            profile,
            stream: Stream::new(request.seed, Purpose::TracePrice),
            on_demand: request.on_demand,
            end: request.duration.as_secs_f64(),
            now: 0.0,
            score: None,
            next_change: 0.0,
            next_spike: f64::INFINITY,
            calm_steps: 0,
            spikes: 0,
            heights: 0,
            steps: Vec::new(),
        };
        path.next_spike = path.time_of_next_spike();
        path
    }

    /// Records a new calm price now and draws when the next change is due.
    fn calm_step(&mut self) {
        let calm = &self.profile.calm;
        let [u, v] = self.stream.uniforms(0, self.calm_steps, CALM);
        self.calm_steps += 1;
        let fresh = normal_quantile(u);
        let score = match self.score {
            None => fresh,
            Some((score, since)) => {
                let keep = exp(-(self.now - since) / (calm.time_constant_hours * 3600.0));
                keep * score + (1.0 - keep * keep).sqrt() * fresh
            }
        };
        self.score = Some((score, self.now));
        let highest = self.on_demand.nano_per_hour() / TICK_NANO * TICK_NANO;
        let drawn = self.rate(calm.quantiles.at(score)).clamp(TICK_NANO, highest.max(TICK_NANO));
        self.record(if self.profile.always_moves { self.moved(drawn, fresh, highest) } else { drawn });
        let sigma = calm.gap_log_sigma;
        let gap = 86_400.0 / calm.changes_per_day * exp(sigma * normal_quantile(v) - 0.5 * sigma * sigma);
        self.next_change = self.now + gap.round().max(1.0);
    }

    /// A price that is not the one that holds: `drawn`, or a tick beside it, toward `fresh` where there is room.
    fn moved(&self, drawn: i64, fresh: f64, highest: i64) -> i64 {
        let holds = self.steps.last().is_some_and(|(_, last)| last.nano_per_hour() == drawn);
        let room_above = drawn + TICK_NANO <= highest;
        match (holds, fresh > 0.0) {
            (false, _) => drawn,
            (true, true) if room_above => drawn + TICK_NANO,
            (true, _) if drawn > TICK_NANO => drawn - TICK_NANO,
            (true, _) => drawn,
        }
    }

    /// Lives through the next spike and returns to calm.
    fn spike(&mut self, spikes: &PriceSpikes) {
        self.now = self.next_spike;
        let z = normal_quantile(self.stream.uniforms(0, self.spikes, SPIKE)[1]);
        let minutes = spikes.durations.as_ref().map_or_else(|| spikes.duration_minutes.at(z), |law| law.at(z));
        let duration = minutes * 60.0;
        let over = self.now + duration.round().max(1.0);
        self.spikes += 1;
        while self.now < over.min(self.end) {
            let [u, v] = self.stream.uniforms(0, self.heights, HEIGHT);
            self.heights += 1;
            let lowest = (self.on_demand.nano_per_hour() / TICK_NANO + 1) * TICK_NANO;
            self.record(self.rate(spikes.quantiles.at(normal_quantile(u))).max(lowest));
            let gap =
                if spikes.changes_per_hour > 0.0 { -ln(v) * 3600.0 / spikes.changes_per_hour } else { f64::INFINITY };
            self.now += gap.round().max(1.0);
        }
        self.now = over;
        if over < self.end {
            self.calm_step();
        }
        self.next_spike = self.time_of_next_spike();
    }

    fn time_of_next_spike(&self) -> f64 {
        match &self.profile.spikes {
            Some(spikes) if spikes.per_day > 0.0 => {
                let wait = -ln(self.stream.uniforms(0, self.spikes, SPIKE)[0]) * 86_400.0 / spikes.per_day;
                self.now + wait.round().max(1.0)
            }
            _ => f64::INFINITY,
        }
    }

    /// The rate of a ratio to on-demand in nano-units per hour, in whole ticks.
    fn rate(&self, ratio: f64) -> i64 {
        let ticks = ratio * self.on_demand.nano_per_hour() as f64 / TICK_NANO as f64;
        (ticks.round() as i64).saturating_mul(TICK_NANO)
    }

    fn record(&mut self, nano: i64) {
        let rate = Rate::from_nano_per_hour(nano);
        if self.now < self.end && self.steps.last().is_none_or(|(_, last)| *last != rate) {
            self.steps.push((SimTime::from_secs(self.now as i64), rate));
        }
    }

    /// Ends the path with a record at its end, so that a file of its rows covers the whole duration.
    fn finish(mut self) -> PriceSeries {
        let end = SimTime::from_secs(self.end as i64);
        let last = self.steps.last().expect("a path begins with a calm step").1;
        if self.steps.last().is_some_and(|(time, _)| *time < end) {
            self.steps.push((end, last));
        }
        PriceSeries { steps: self.steps, end, after_end: AfterEnd::Undefined }
    }
}
