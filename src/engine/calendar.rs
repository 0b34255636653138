//! The calendar of control events: small, cold and ordinary.

use crate::units::SimTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

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

/// Control events in order of time; at equal times in the order in which they were scheduled.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    events: BinaryHeap<Reverse<(SimTime, u64, Control)>>,
    scheduled: u64,
}

impl Calendar {
    pub(super) fn schedule(&mut self, time: SimTime, control: Control) {
        self.events.push(Reverse((time, self.scheduled, control)));
        self.scheduled += 1;
    }

    /// The time of the next event, if there is one.
    pub(super) fn next_time(&self) -> Option<SimTime> {
        self.events.peek().map(|Reverse((time, _, _))| *time)
    }

    pub(super) fn pop(&mut self) -> Option<(SimTime, Control)> {
        self.events.pop().map(|Reverse((time, _, control))| (time, control))
    }

    pub(super) fn clear(&mut self) {
        self.events.clear();
    }
}
