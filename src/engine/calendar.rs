//! The calendar of control events: small, cold and ordinary.

use crate::units::SimTime;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What happens at a control event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Control {
    /// A metric period ends.
    Tick,
    /// The oldest unpublished datapoints become visible.
    Publish,
    /// A scheduled action or an hour of a forecast is due.
    Decide,
    /// Standing alarms act again between two publications.
    DecideAgain,
    /// A change that the policies of another run asked for.
    Followed { change: i32 },
    /// Patience with missing spot ends.
    CoverSpot,
    /// An instance starts to run.
    Running(u32),
    /// An instance enters service.
    InService(u32),
    /// An instance's warm-up is over.
    Warm(u32),
    /// A draining instance is empty, or its limit has come.
    DrainEnd(u32),
    /// The cloud takes an instance away.
    TakenAway(u32),
    /// A step of a market's price.
    PriceStep { market: usize, step: usize },
    /// A slot of the spot pool asks for an instance.
    SpotRequest { slot: u32 },
    /// A market delivers.
    SpotFulfilled { slot: u32, market: usize },
    /// A shock hits a whole market.
    Shock { market: usize },
    /// A slot of the spot pool is hit alone.
    SlotHazard { market: usize, slot: u32 },
    /// A shock hits several markets.
    CommonShock,
    /// A step of a market's capacity.
    CapacityStep { market: usize, step: usize },
    /// A market says that an instance is at risk: one slot's, or those that would not fit a capacity.
    RebalanceSignal { market: usize, at_risk: AtRisk },
    /// An instance is said to be at risk and is not.
    FalseAlarm { market: usize, slot: u32 },
    /// An instance fails by itself.
    Failure(u32),
    /// An on-demand instance is requested in the place of one that failed.
    Replace,
    /// A zone goes down.
    ZoneDown { outage: usize },
    /// Markets take back many instances.
    MassInterruption { number: usize },
    /// A base instance whose launch failed is requested again.
    ReservedRequest,
    /// A vulnerability becomes known.
    WaveKnown,
    /// Instances can be launched with the updates.
    WaveReady,
    /// The balancer cuts what a leaving instance still has.
    Deregistered(u32),
    /// Enough checks of a failed instance have failed.
    FoundFailed(u32),
    /// Containers are decided on.
    Containers,
    /// A container serves requests from now on.
    ContainerReady(u32),
    /// A container has finished its last request.
    ContainerEmpty(u32),
    /// A container has completed its task.
    TaskDone(u32),
    /// Simulated time ends.
    Horizon,
}

/// Whose risk a signal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AtRisk {
    /// The instance of one slot.
    Slot(u32),
    /// Every instance beyond this many.
    Beyond(u32),
}

/// When an event is due, and how many were scheduled before it.
type Due = (SimTime, u64);

const NEVER: Due = (SimTime::NEVER, u64::MAX);

/// Control events in order of time; at equal times in the order in which they were scheduled.
#[derive(Debug)]
pub(super) struct Calendar {
    events: BinaryHeap<Reverse<(SimTime, u64, Control)>>,
    /// When the first of these is due.
    event: Due,
    /// The end of the metric period, of which there is one, and publications, each later than the one before: most of all events.
    tick: Due,
    publication: Due,
    later_publications: VecDeque<Due>,
    scheduled: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            events: BinaryHeap::new(),
            event: NEVER,
            tick: NEVER,
            publication: NEVER,
            later_publications: VecDeque::new(),
            scheduled: 0,
        }
    }
}

impl Calendar {
    pub(super) fn schedule(&mut self, time: SimTime, control: Control) {
        let due = (time, self.scheduled);
        self.scheduled += 1;
        match control {
            Control::Tick if self.tick == NEVER => self.tick = due,
            Control::Publish if self.publication == NEVER => self.publication = due,
            Control::Publish if self.later_publications.back().unwrap_or(&self.publication).0 <= time => {
                self.later_publications.push_back(due);
            }
            _ => {
                self.events.push(Reverse((time, due.1, control)));
                self.event = self.event.min(due);
            }
        }
    }

    /// The time of the next event, if there is one.
    #[inline]
    pub(super) fn next_time(&self) -> Option<SimTime> {
        let next = self.tick.min(self.publication).min(self.event);
        (next != NEVER).then_some(next.0)
    }

    pub(super) fn pop(&mut self) -> Option<(SimTime, Control)> {
        if self.tick < self.publication && self.tick < self.event {
            let (time, _) = std::mem::replace(&mut self.tick, NEVER);
            return Some((time, Control::Tick));
        }
        if self.publication < self.event {
            let next = self.later_publications.pop_front().unwrap_or(NEVER);
            let (time, _) = std::mem::replace(&mut self.publication, next);
            return Some((time, Control::Publish));
        }
        let Reverse((time, _, control)) = self.events.pop()?;
        self.event = self.events.peek().map_or(NEVER, |Reverse((time, number, _))| (*time, *number));
        Some((time, control))
    }

    pub(super) fn clear(&mut self) {
        *self = Self { scheduled: self.scheduled, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_then_as_they_were_scheduled() {
        let at = SimTime::from_secs;
        let mut calendar = Calendar::default();
        let scheduled = [
            (60, Control::Publish),
            (60, Control::Tick),
            (60, Control::Decide),
            (30, Control::Running(1)),
            (120, Control::Publish),
            (90, Control::Publish),
            (60, Control::Running(2)),
            (120, Control::Tick),
        ];
        scheduled.iter().for_each(|(second, control)| calendar.schedule(at(*second), *control));
        let mut expected: Vec<(SimTime, Control)> = scheduled.iter().map(|(second, c)| (at(*second), *c)).collect();
        expected.sort_by_key(|(time, _)| *time);
        for (time, control) in expected {
            assert_eq!((calendar.next_time(), calendar.pop()), (Some(time), Some((time, control))));
        }
        assert_eq!((calendar.next_time(), calendar.pop()), (None, None));
        calendar.schedule(at(1), Control::Tick);
        calendar.clear();
        assert_eq!(calendar.pop(), None);
    }
}
