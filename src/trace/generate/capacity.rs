//! A synthetic capacity trace.

use crate::rng::math::{exp, ln, normal_quantile};
use crate::rng::{Purpose, Stream};
use crate::trace::profile::CapacityProfile;
use crate::trace::{AfterEnd, CountSeries};
use crate::units::{Duration, SimTime};

/// Draws of one time up or down, and of one change of the count.
const TIMES: u32 = 0;
const CHANGE: u32 = 1;

/// Draws counts of whole seconds from [`SimTime::START`] on: times up and down alternate, both drawn from their quantiles.
///
/// While up, a normal score reverts to 0 (Ornstein-Uhlenbeck), the count is the quantile at it, rounded; changes come as a Poisson
/// process. A change that rounds to the same count moves it by one, toward the new score.
pub fn generate_capacity(profile: &CapacityProfile, duration: Duration, seed: u32) -> CountSeries {
    let stream = Stream::new(seed, Purpose::TraceCapacity);
    let end = duration.as_secs_f64();
    let mut steps: Vec<(SimTime, u32)> = Vec::new();
    let mut record = |now: f64, count: u32| {
        if now < end && steps.last().is_none_or(|(_, last)| *last != count) {
            steps.push((SimTime::from_secs(now as i64), count));
        }
    };
    let mut level = Level { profile, stream, score: None, count: 0, draws: 0 };
    let mut now = 0.0;
    let mut up = stream.uniform(0, u64::MAX, TIMES) < profile.measured.share_up;
    for period in 0u64.. {
        if now >= end {
            break;
        }
        let z = normal_quantile(stream.uniform(0, period, TIMES));
        let law = if up { Some(&profile.up_minutes) } else { profile.down_minutes.as_ref() };
        let over = law.map_or(now, |law| now + (law.at(z) * 60.0).round().max(1.0));
        if !up {
            record(now, 0);
            now = over;
        }
        while up && now < over.min(end) {
            record(now, level.next(now));
            now = level.next_change(now).min(over);
        }
        up = !up || profile.down_minutes.is_none();
    }
    CountSeries { steps, end: SimTime::from_secs(end as i64), after_end: AfterEnd::Undefined }
}

/// The count while up.
struct Level<'a> {
    profile: &'a CapacityProfile,
    stream: Stream,
    /// Normal score, and when it was drawn, in seconds.
    score: Option<(f64, f64)>,
    count: u32,
    draws: u64,
}

impl Level<'_> {
    fn next(&mut self, now: f64) -> u32 {
        let level = &self.profile.level;
        let fresh = normal_quantile(self.stream.uniforms(0, self.draws, CHANGE)[0]);
        self.draws += 1;
        let score = self.score.map_or(fresh, |(score, since)| {
            let keep = exp(-(now - since) / (level.time_constant_hours * 3600.0));
            keep * score + (1.0 - keep * keep).sqrt() * fresh
        });
        let rises = self.score.is_some_and(|(before, _)| score > before);
        self.score = Some((score, now));
        let (lowest, most) = (level.counts.at(-10.0).round(), level.counts.at(10.0).round());
        let drawn = level.counts.at(score).round().clamp(lowest.max(1.0), most.max(1.0)) as u32;
        self.count = match drawn {
            drawn if drawn != self.count => drawn,
            drawn if rises && f64::from(drawn) < most => drawn + 1,
            drawn if !rises && f64::from(drawn) > lowest.max(1.0) => drawn - 1,
            drawn => drawn,
        };
        self.count
    }

    /// When the count changes next, in seconds.
    fn next_change(&self, now: f64) -> f64 {
        let rate = self.profile.level.changes_per_hour;
        if rate <= 0.0 {
            return f64::INFINITY;
        }
        now + (-ln(self.stream.uniforms(0, self.draws, CHANGE)[1]) * 3600.0 / rate).round().max(1.0)
    }
}
