//! Microscaling: which places of a fleet have a container that serves requests, and which do work that can wait.
//!
//! [`ContainerController`] says how many containers serve, [`actions`] which ones start and stop. Work that can wait is on the oldest
//! hosts, which stay longest; requests are served on the newest. Where a container of work that can wait has to go, it is the one with
//! the least work that is not saved. What nobody else wants serves requests.

use crate::scenario::{ContainerPolicy, Containers};
use crate::units::{Duration, SimTime};
use std::cmp::Reverse;
use std::collections::VecDeque;

/// The load of requests at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestLoad {
    /// When.
    pub now: SimTime,
    /// Containers that serve, busy or idle.
    pub serving: u32,
    /// Containers on their way.
    pub starting: u32,
    /// Requests in service.
    pub busy: u32,
    /// Requests that wait.
    pub waiting: u32,
    /// The percentile that the policy watches, in seconds; `None` without completed requests.
    pub latency: Option<f64>,
}

/// What is at a place of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceUse {
    /// Nothing.
    Free,
    /// A container for requests that is on its way.
    Starting,
    /// A container for requests.
    Serving,
    /// A container that finishes its last request.
    Leaving,
    /// A container with work that can wait, and how long it has worked since it saved.
    Background {
        /// What would be lost.
        unsaved: Duration,
    },
}

/// A place for a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the host: older hosts have smaller ones.
    pub host: u32,
    /// Its slot, from 0.
    pub slot: u32,
}

/// What is done at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerAction {
    /// A container for requests starts; work that can wait is killed there.
    Serve(Place),
    /// A container for requests takes no more.
    Stop(Place),
    /// A container with work that can wait starts.
    Work(Place),
}

/// Says how many containers serve requests.
#[derive(Debug, Clone)]
pub struct ContainerController {
    policy: ContainerPolicy,
    at_least: u32,
    scale_in_after: Duration,
    wanted: u32,
    /// Loads of the last time, of which none is larger than one before it.
    largest: VecDeque<(SimTime, u32)>,
}

/// Below this share of the target a latency is low.
const LOW_LATENCY: f64 = 0.8;

impl ContainerController {
    /// Before it has seen a load it wants the fewest.
    pub fn new(containers: &Containers) -> Self {
        Self {
            policy: containers.policy,
            at_least: containers.at_least,
            scale_in_after: containers.scale_in_after,
            wanted: containers.at_least,
            largest: VecDeque::new(),
        }
    }

    /// Whether loads matter to it.
    pub fn looks(&self) -> bool {
        !matches!(self.policy, ContainerPolicy::Fixed { .. })
    }

    /// The percentile of latencies that it watches, from 0 to 1.
    pub fn percentile(&self) -> Option<f64> {
        match self.policy {
            ContainerPolicy::Latency { percentile, .. } => Some(percentile / 100.0),
            _ => None,
        }
    }

    /// How many containers of `places` serve requests.
    pub fn wanted(&self, places: u32) -> u32 {
        match self.policy {
            ContainerPolicy::Fixed { background } => places.saturating_sub(background),
            _ => self.wanted.min(places),
        }
    }

    /// Sees a load.
    pub fn observe(&mut self, load: &RequestLoad) {
        let RequestLoad { now, serving, starting, busy, waiting, latency } = *load;
        let there = serving + starting;
        let wanted = match self.policy {
            ContainerPolicy::Concurrency { target } => {
                let in_system = self.largest_lately(now, busy.saturating_add(waiting));
                (f64::from(in_system) / target).ceil() as u32
            }
            ContainerPolicy::Queue { waiting_per_container, spare } => {
                let kept = self.largest_lately(now, busy).saturating_add(spare);
                match waiting {
                    0 => kept,
                    _ => kept.max(serving.saturating_add(waiting.div_ceil(waiting_per_container))),
                }
            }
            ContainerPolicy::Latency { target, .. } => {
                let kept = self.largest_lately(now, busy);
                let target = target.as_secs_f64();
                match latency {
                    Some(latency) if latency > target && starting == 0 => there + there.div_ceil(2).max(1),
                    Some(latency) if latency >= LOW_LATENCY * target => there.max(kept),
                    _ if waiting > 0 => there.max(kept).max(1),
                    _ => there.saturating_sub(1).max(kept),
                }
            }
            ContainerPolicy::Fixed { .. } => return,
        };
        self.wanted = wanted.max(self.at_least);
    }

    /// The largest load of the time for which containers stay, now included.
    fn largest_lately(&mut self, now: SimTime, load: u32) -> u32 {
        while self.largest.back().is_some_and(|(_, other)| *other <= load) {
            self.largest.pop_back();
        }
        self.largest.push_back((now, load));
        while self.largest.front().is_some_and(|(time, _)| *time + self.scale_in_after < now) {
            self.largest.pop_front();
        }
        self.largest.front().map_or(load, |(_, load)| *load)
    }
}

/// What has to be done so that `wanted` places serve requests and up to `tasks` more containers do what can wait.
///
/// Without tasks every place serves requests: nobody else wants it.
pub fn actions(places: &[(Place, PlaceUse)], wanted: u32, tasks: u64) -> Vec<ContainerAction> {
    let of = |wanted_use: fn(&PlaceUse) -> bool| {
        places.iter().filter(move |(_, found)| wanted_use(found)).map(|(place, _)| *place)
    };
    let mut free: Vec<Place> = of(|found| *found == PlaceUse::Free).collect();
    free.sort_unstable_by_key(|place| (place.host, Reverse(place.slot)));
    let there = of(|found| matches!(found, PlaceUse::Starting | PlaceUse::Serving)).count();
    let mut actions = Vec::new();
    let missing = (wanted as usize).saturating_sub(there);
    // The newest host stands last, its first slot at the end.
    let served: Vec<Place> = free.split_off(free.len() - missing.min(free.len())).into_iter().rev().collect();
    let killed = killed(places, missing - served.len());
    actions.extend(served.into_iter().chain(killed).map(ContainerAction::Serve));
    if tasks > free.len() as u64 {
        let spare =
            there.saturating_sub(wanted as usize).min((tasks - free.len() as u64).min(usize::MAX as u64) as usize);
        actions.extend(stopped(places, spare).into_iter().map(ContainerAction::Stop));
    }
    for (place, work) in free.into_iter().zip((0..tasks).map(|_| true).chain(std::iter::repeat(false))) {
        actions.push(if work { ContainerAction::Work(place) } else { ContainerAction::Serve(place) });
    }
    actions
}

/// Places whose background work is killed: the least unsaved work first, of equal ones the newest host's.
fn killed(places: &[(Place, PlaceUse)], count: usize) -> Vec<Place> {
    let mut working: Vec<(Duration, Reverse<Place>)> = places
        .iter()
        .filter_map(|(place, found)| match found {
            PlaceUse::Background { unsaved } => Some((*unsaved, Reverse(*place))),
            _ => None,
        })
        .collect();
    working.sort_unstable();
    working.into_iter().take(count).map(|(_, Reverse(place))| place).collect()
}

/// Places whose containers stop serving: those on their way first, then the oldest host's.
fn stopped(places: &[(Place, PlaceUse)], count: usize) -> Vec<Place> {
    let mut serving: Vec<(bool, Place)> = places
        .iter()
        .filter(|(_, found)| matches!(found, PlaceUse::Starting | PlaceUse::Serving))
        .map(|(place, found)| (*found == PlaceUse::Serving, *place))
        .collect();
    serving.sort_unstable();
    serving.into_iter().take(count).map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::ContainerAction::{Serve, Stop, Work};
    use super::*;

    fn controller(policy: ContainerPolicy) -> ContainerController {
        let start = crate::scenario::Law::Constant(Duration::from_secs(4));
        let seconds = Duration::from_secs;
        ContainerController::new(&Containers {
            start,
            policy,
            every: seconds(5),
            scale_in_after: seconds(60),
            at_least: 1,
        })
    }

    fn load(second: i64, serving: u32, starting: u32, busy: u32, waiting: u32) -> RequestLoad {
        RequestLoad { now: SimTime::from_secs(second), serving, starting, busy, waiting, latency: None }
    }

    fn place(host: u32, slot: u32) -> Place {
        Place { host, slot }
    }

    #[test]
    fn concurrency_follows_a_rise_at_once_and_a_fall_after_its_time() {
        let mut controller = controller(ContainerPolicy::Concurrency { target: 0.5 });
        assert_eq!(controller.wanted(24), 1);
        controller.observe(&load(0, 1, 0, 1, 2));
        assert_eq!(controller.wanted(24), 6);
        controller.observe(&load(5, 6, 0, 1, 0));
        controller.observe(&load(60, 6, 0, 1, 0));
        assert_eq!(controller.wanted(24), 6, "three requests were there within the last minute");
        controller.observe(&load(65, 6, 0, 1, 0));
        assert_eq!(controller.wanted(24), 2);
        controller.observe(&load(70, 2, 0, 2, 50));
        assert_eq!(controller.wanted(24), 24, "no more than there are places");
    }

    #[test]
    fn a_queue_starts_containers_beside_those_that_serve() {
        let mut controller = controller(ContainerPolicy::Queue { waiting_per_container: 4, spare: 1 });
        controller.observe(&load(0, 3, 0, 2, 0));
        assert_eq!(controller.wanted(24), 3);
        controller.observe(&load(5, 3, 0, 3, 9));
        assert_eq!(controller.wanted(24), 6);
        controller.observe(&load(10, 3, 3, 3, 9));
        assert_eq!(controller.wanted(24), 6, "three are on their way already");
        controller.observe(&load(15, 9, 0, 2, 0));
        assert_eq!(controller.wanted(24), 4, "three were busy within the last minute");
    }

    #[test]
    fn latency_grows_by_half_and_shrinks_by_one() {
        let target = Duration::from_millis(500);
        let mut controller = controller(ContainerPolicy::Latency { percentile: 95.0, target });
        let mut see = |second, serving, starting, busy, latency| {
            controller.observe(&RequestLoad { latency, ..load(second, serving, starting, busy, 0) });
            controller.wanted(24)
        };
        assert_eq!(see(0, 4, 0, 2, Some(0.6)), 6);
        assert_eq!(see(5, 4, 2, 2, Some(0.7)), 6, "nothing more while some are on their way");
        assert_eq!(see(10, 6, 0, 2, Some(0.45)), 6);
        assert_eq!(see(15, 6, 0, 2, Some(0.3)), 5);
        assert_eq!(see(20, 3, 0, 3, None), 3, "busy ones stay");
    }

    #[test]
    fn a_fixed_split_leaves_what_is_set_apart() {
        let controller = controller(ContainerPolicy::Fixed { background: 8 });
        assert!(!controller.looks());
        assert_eq!([controller.wanted(24), controller.wanted(4)], [16, 0]);
    }

    #[test]
    fn requests_are_served_on_the_newest_host_and_the_oldest_works() {
        let free: Vec<_> = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(h, s)| (place(h, s), PlaceUse::Free)).into();
        assert_eq!(
            actions(&free, 1, u64::MAX),
            [Serve(place(1, 0)), Work(place(0, 1)), Work(place(0, 0)), Work(place(1, 1))]
        );
        let all = actions(&free, 1, 0);
        assert!(all.len() == 4 && all.iter().all(|action| matches!(action, Serve(_))), "{all:?}");
        let one = actions(&free, 1, 1);
        assert_eq!(one.iter().filter(|action| matches!(action, Work(_))).count(), 1);
    }

    #[test]
    fn the_least_unsaved_work_is_killed_and_what_is_on_its_way_stops_first() {
        let busy = |seconds| PlaceUse::Background { unsaved: Duration::from_secs(seconds) };
        let places = [(place(0, 0), busy(9)), (place(0, 1), busy(2)), (place(1, 0), PlaceUse::Serving)];
        assert_eq!(actions(&places, 2, 5), [Serve(place(0, 1))]);
        let places = [
            (place(0, 0), PlaceUse::Serving),
            (place(0, 1), PlaceUse::Leaving),
            (place(1, 0), PlaceUse::Serving),
            (place(1, 1), PlaceUse::Starting),
        ];
        assert_eq!(actions(&places, 1, u64::MAX), [Stop(place(1, 1)), Stop(place(0, 0))]);
        assert_eq!(actions(&places, 1, 1), [Stop(place(1, 1))], "one task needs one place");
        assert_eq!(actions(&places, 1, 0), []);
    }
}
