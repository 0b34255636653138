//! On-demand instances that stand in for missing spot.
//!
//! A scaling group of a cloud never does this by itself: it goes on asking for spot (RULES R33). It is a rule of the team's own
//! controller, one of [`OnLoss`]:
//!
//! * `alarm-only`: nobody stands in; the alarms see the load on the rest;
//! * `on-notice`: one on-demand instance for each spot instance, from the notice on;
//! * `after`: the same, but only for what is still missing after a time;
//! * `overprovision`: more spot than is needed, and on-demand for as many as are not ready, at most as many as are needed. This is the
//!   dynamic fallback of SpotHedge (Mao et al., *SkyServe: Serving AI Models across Regions and Clouds with Spot Instances*, 2024):
//!   of N wanted, with E extra and S ready, min(N, N + E - S) run on-demand.

use crate::scenario::OnLoss;
use crate::units::{Duration, SimTime};

/// How the number of stand-ins changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CoverChange {
    /// So many more are needed.
    Launch(u32),
    /// So many may go.
    Release(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Its first instance has been asked for.
    Awaited,
    Missing {
        since: SimTime,
    },
    Ready,
}

/// Watches the slots of a spot pool and says how many on-demand instances stand in.
#[derive(Debug, Clone)]
pub struct SpotCover {
    slots: Vec<Slot>,
    /// Missing for so long, a slot is covered; `None` if none ever is.
    patience: Option<Duration>,
    /// Most stand-ins: the spot instances that are needed.
    needed: u32,
    standing_in: u32,
}

impl SpotCover {
    /// A pool of which nothing is ready yet. With `overprovision` the extra instances are among its `slots`.
    pub fn new(rule: OnLoss, slots: u32, now: SimTime) -> Self {
        let missing = Slot::Missing { since: now };
        let (patience, extra, first) = match rule {
            OnLoss::AlarmOnly => (None, 0, Slot::Awaited),
            OnLoss::OnNotice => (Some(Duration::ZERO), 0, Slot::Awaited),
            OnLoss::After(patience) => (Some(patience), 0, missing),
            OnLoss::Overprovision { extra } => (Some(Duration::ZERO), extra, missing),
        };
        Self { slots: vec![first; slots as usize], patience, needed: slots.saturating_sub(extra), standing_in: 0 }
    }

    /// A slot has lost its instance, has notice of it, or was refused one.
    ///
    /// # Panics
    /// If there is no such slot.
    pub fn lost(&mut self, slot: u32, now: SimTime) {
        let slot = &mut self.slots[slot as usize];
        if !matches!(slot, Slot::Missing { .. }) {
            *slot = Slot::Missing { since: now };
        }
    }

    /// A slot's instance is in service.
    ///
    /// # Panics
    /// If there is no such slot.
    pub fn ready(&mut self, slot: u32) {
        self.slots[slot as usize] = Slot::Ready;
    }

    /// On-demand instances that stand in now.
    pub fn standing_in(&self) -> u32 {
        self.standing_in
    }

    /// Slots that have nothing ready.
    pub fn missing(&self) -> u32 {
        self.slots.iter().filter(|slot| matches!(slot, Slot::Missing { .. })).count() as u32
    }

    /// What is to be done at `now`.
    pub fn decide(&mut self, now: SimTime) -> Option<CoverChange> {
        let patience = self.patience?;
        let covered = |slot: &&Slot| matches!(slot, Slot::Missing { since } if now >= *since + patience);
        let wanted = (self.slots.iter().filter(covered).count() as u32).min(self.needed);
        let before = std::mem::replace(&mut self.standing_in, wanted);
        match wanted.cmp(&before) {
            std::cmp::Ordering::Greater => Some(CoverChange::Launch(wanted - before)),
            std::cmp::Ordering::Less => Some(CoverChange::Release(before - wanted)),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// When patience with another slot ends, after `now`.
    pub fn next_time(&self, now: SimTime) -> Option<SimTime> {
        let patience = self.patience?;
        let ends = self.slots.iter().filter_map(|slot| match slot {
            Slot::Missing { since } => Some(*since + patience),
            Slot::Awaited | Slot::Ready => None,
        });
        ends.filter(|end| *end > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    fn all_ready(rule: OnLoss, slots: u32) -> SpotCover {
        let mut cover = SpotCover::new(rule, slots, at(0));
        (0..slots).for_each(|slot| cover.ready(slot));
        cover
    }

    #[test]
    fn nobody_stands_in_when_alarms_decide() {
        let mut cover = all_ready(OnLoss::AlarmOnly, 2);
        cover.lost(0, at(10));
        assert_eq!((cover.decide(at(10)), cover.decide(at(9999)), cover.next_time(at(10))), (None, None, None));
    }

    #[test]
    fn a_notice_is_answered_at_once_and_the_return_too() {
        let mut cover = all_ready(OnLoss::OnNotice, 3);
        cover.lost(1, at(10));
        cover.lost(2, at(10));
        assert_eq!(cover.decide(at(10)), Some(CoverChange::Launch(2)));
        cover.lost(1, at(130));
        assert_eq!((cover.decide(at(130)), cover.standing_in()), (None, 2), "the end of a notice is no new loss");
        cover.ready(1);
        assert_eq!(cover.decide(at(200)), Some(CoverChange::Release(1)));
    }

    #[test]
    fn patience_is_waited_out() {
        let mut cover = all_ready(OnLoss::After(Duration::from_secs(300)), 2);
        cover.lost(0, at(10));
        assert_eq!((cover.decide(at(10)), cover.next_time(at(10))), (None, Some(at(310))));
        cover.lost(1, at(100));
        assert_eq!(cover.decide(at(310)), Some(CoverChange::Launch(1)));
        cover.ready(1);
        assert_eq!((cover.decide(at(400)), cover.next_time(at(310))), (None, None));
    }

    /// Of two wanted with one extra: one missing is covered by the extra one only in part, as the rule says min(N, N + E - S).
    #[test]
    fn as_many_as_are_not_ready_at_most_as_many_as_are_needed() {
        let mut cover = SpotCover::new(OnLoss::Overprovision { extra: 1 }, 3, at(0));
        assert_eq!(cover.decide(at(0)), Some(CoverChange::Launch(2)));
        cover.ready(0);
        assert_eq!(cover.decide(at(60)), None, "two are still missing");
        cover.ready(1);
        assert_eq!(cover.decide(at(60)), Some(CoverChange::Release(1)));
        cover.ready(2);
        assert_eq!(cover.decide(at(60)), Some(CoverChange::Release(1)));
    }
}
