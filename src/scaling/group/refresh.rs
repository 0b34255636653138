//! Instance refresh: replacing the instances of a group in batches, with checkpoints (RULES R60).

use super::maintenance::healthy_range;
use crate::units::Duration;

/// How a refresh goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct RefreshSettings {
    /// Instances of the group.
    pub size: u32,
    /// Percent of the group that stays healthy; 100 replaces one at a time.
    pub min_healthy_percent: f64,
    /// Percentages of replaced instances at which it pauses, ascending. It ends at the last; without any it replaces all.
    pub checkpoints: Vec<f64>,
    /// How long it pauses.
    pub checkpoint_delay: Duration,
    /// Time from a replacement's service to its counting as healthy.
    pub warm_up: Duration,
}

/// What happens in a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshStep {
    /// Instances are replaced.
    Replace,
    /// Their replacements are warm.
    Warm,
}

/// A step of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshEvent {
    /// Time since its start.
    pub at: Duration,
    /// What happens.
    pub step: RefreshStep,
    /// To how many instances.
    pub count: u32,
}

/// Instances that are replaced at once: as many as may be missing, at least one.
pub fn batch_size(size: u32, min_healthy_percent: f64) -> u32 {
    size.saturating_sub(healthy_range(size, min_healthy_percent, 100.0).low).max(1)
}

/// The steps of a refresh whose replacements are in service at once and then warm up.
///
/// A batch does not go beyond the next checkpoint. At a checkpoint it pauses, except at the last one, where it ends.
pub fn refresh_timeline(settings: &RefreshSettings) -> Vec<RefreshEvent> {
    let batch = batch_size(settings.size, settings.min_healthy_percent);
    let count_at = |percent: &f64| healthy_range(settings.size, *percent, 100.0).low.min(settings.size);
    let mut stops: Vec<u32> = settings.checkpoints.iter().map(count_at).collect();
    if stops.is_empty() {
        stops.push(settings.size);
    }
    let (mut events, mut at, mut done) = (Vec::new(), Duration::ZERO, 0);
    for (index, stop) in stops.iter().enumerate() {
        // A checkpoint that has been passed already is skipped, pause and all.
        if *stop <= done {
            continue;
        }
        while done < *stop {
            let count = batch.min(stop - done);
            events.push(RefreshEvent { at, step: RefreshStep::Replace, count });
            at += settings.warm_up;
            events.push(RefreshEvent { at, step: RefreshStep::Warm, count });
            done += count;
        }
        if index + 1 < stops.len() {
            at += settings.checkpoint_delay;
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_checkpoints_everything_is_replaced() {
        let minutes = |minutes: i64| Duration::from_secs(minutes * 60);
        let settings = RefreshSettings {
            size: 5,
            min_healthy_percent: 60.0,
            checkpoints: Vec::new(),
            checkpoint_delay: minutes(60),
            warm_up: minutes(5),
        };
        let replaced: Vec<u32> = refresh_timeline(&settings)
            .iter()
            .filter(|event| event.step == RefreshStep::Replace)
            .map(|event| event.count)
            .collect();
        assert_eq!(replaced, [2, 2, 1]);
        assert_eq!(refresh_timeline(&settings).last().map(|event| event.at), Some(minutes(15)));
        assert_eq!((batch_size(10, 100.0), batch_size(10, 80.0)), (1, 2));
    }
}
