//! A queue at each instance.
//!
//! At its instance a request is first come, first served, so all that follows is known when it is sent: it starts when the first
//! slot is free, or leaves before. Only the end of its instance can change that. So what ends before the next control event is
//! booked at once, and the rest is kept in a list until it ends.
//!
//! The queue limit holds at each instance. An instance that drains serves whom it has, waiting requests included; with one that
//! disappears they are lost. How many requests an instance has includes those that wait.

use super::balancer::{Entering, Fleet, lowest_unused};
use super::client::{Client, Rules, earlier, later, service_time};
use super::leaving::Leaving;
use super::router::Router;
use super::upcoming::{FEW, Upcoming};
use super::wheel::Wheel;
use super::{Booking, SlotClass};
use crate::units::{GRID, grid_at_or_before};
use std::collections::BTreeMap;

/// An instance.
#[derive(Debug)]
struct Station {
    /// When its first slot is free.
    first_free: f64,
    /// When its other slots are free: a heap with the smallest first.
    other_free: Vec<f64>,
    seconds_per_work: f64,
    slots: u32,
    /// Requests that it has, where somebody has to know how many.
    leaving: Leaving,
    class: SlotClass,
    in_service: bool,
}

/// A request that ends at the next control event or later.
#[derive(Debug, Clone, Copy)]
struct Open {
    client: Client,
    place: u32,
    /// Since when its busy time is not booked: its start at first.
    busy_from: f64,
    /// When it is complete; infinite if it leaves before.
    finish: f64,
}

/// Instances with their queues.
#[derive(Debug)]
pub(in crate::engine) struct Queues {
    rules: Rules,
    router: Router,
    /// Whether it is noted when requests leave.
    counts: bool,
    /// Whether that is noticed as soon as anybody comes.
    watches: bool,
    stations: Vec<Station>,
    unused: Vec<u32>,
    places: BTreeMap<u32, u32>,
    serving: u32,
    /// When the next request leaves each place, if there are a few places to be watched.
    upcoming: Upcoming,
    /// When each request leaves, if there are many.
    calendar: Option<Wheel>,
    open: Vec<Open>,
}

impl Queues {
    pub(super) fn new(rules: Rules, router: Router) -> Self {
        Self {
            rules,
            counts: router.counts() || rules.queue_limit.is_some(),
            watches: router.watches(),
            router,
            stations: Vec::new(),
            unused: Vec::new(),
            places: BTreeMap::new(),
            serving: 0,
            upcoming: Upcoming::default(),
            calendar: None,
            open: Vec::new(),
        }
    }

    fn stop_sending(&mut self, place: u32) {
        let station = &mut self.stations[place as usize];
        if station.in_service {
            station.in_service = false;
            self.serving -= 1;
            self.router.leave(place, station.leaving.load());
        }
    }
}

impl Fleet for Queues {
    fn in_service(&self) -> bool {
        self.serving > 0
    }

    fn fit(&mut self, gap: f64) {
        if let Some(calendar) = &mut self.calendar {
            calendar.fit(gap);
        }
    }

    #[inline(always)]
    fn send(&mut self, client: Client, now: f64, until: f64, book: &mut impl Booking) {
        let Self { upcoming, calendar, stations, router, .. } = self;
        if let Some(calendar) = calendar {
            calendar.take_due(now, |_, _, place| {
                let station = &mut stations[place as usize];
                let load = station.leaving.load();
                station.leaving.change(-1);
                if station.in_service {
                    router.change(place, load, load - 1);
                }
            });
        } else if self.watches {
            upcoming.take_due(now, |place| {
                let station = &mut stations[place as usize];
                let load = station.leaving.load();
                let next = station.leaving.let_go(now);
                if station.in_service {
                    router.change(place, load, station.leaving.load());
                }
                next
            });
        }
        let load_of = |place| {
            let leaving = &mut stations[place as usize].leaving;
            leaving.let_go(now);
            leaving.load()
        };
        let Some(place) = router.choose(&client, now, load_of) else { return };
        let station = &mut stations[place as usize];
        let start = later(now, station.first_free);
        if start > now
            && let Some(limit) = self.rules.queue_limit
        {
            if !self.watches {
                station.leaving.let_go(now);
            }
            if station.leaving.load() >= station.slots.saturating_add(limit) {
                return book.rejected(client.arrival);
            }
        }
        let deadline = client.deadline();
        let served = start <= deadline;
        let (finish, exit) = if served {
            let finish = start + service_time(client.work, station.seconds_per_work);
            station.occupy(finish);
            (finish, finish)
        } else {
            (f64::INFINITY, deadline)
        };
        if self.counts {
            let load = station.leaving.load();
            router.change(place, load, load + 1);
            if let Some(calendar) = calendar {
                station.leaving.change(1);
                calendar.add(exit, place);
            } else {
                station.leaving.add(exit);
            }
            if self.watches && calendar.is_none() {
                upcoming.set(place, station.leaving.next());
            }
        }
        if served && finish <= until {
            book.busy(station.class, finish - start);
            book.completed(client.arrival, finish);
        } else if !served && deadline < until {
            book.timed_out(client.arrival);
        } else {
            self.open.push(Open { client, place, busy_from: start, finish });
        }
    }

    fn enter(&mut self, new: &Entering) {
        let station = Station {
            first_free: new.now,
            other_free: vec![new.now; new.slots.saturating_sub(1) as usize],
            seconds_per_work: 1.0 / new.speed,
            slots: new.slots,
            leaving: Leaving::default(),
            class: new.class,
            in_service: true,
        };
        let place = lowest_unused(&mut self.unused, self.stations.len());
        if place as usize == self.stations.len() {
            self.stations.push(station);
        } else {
            self.stations[place as usize] = station;
        }
        self.places.insert(new.instance, place);
        if self.watches && self.stations.len() > FEW && self.calendar.is_none() {
            let mut calendar = Wheel::default();
            for (place, station) in (0..).zip(&mut self.stations) {
                station.leaving.take_times().for_each(|time| calendar.add(time, place));
            }
            self.calendar = Some(calendar);
        }
        // What stands for a failed instance takes the requests that this had.
        self.router.enter(place, 0, new.now, new.class == SlotClass::Draining);
        self.serving += 1;
    }

    fn settle(&mut self, now: f64, book: &mut impl Booking) {
        let mut kept = 0;
        for index in 0..self.open.len() {
            let mut open = self.open[index];
            let stays = open.settle(self.stations[open.place as usize].class, now, book);
            self.open[kept] = open;
            kept += usize::from(stays);
        }
        self.open.truncate(kept);
    }

    fn reclassify(&mut self, instance: u32, class: SlotClass) {
        if let Some(&place) = self.places.get(&instance) {
            self.stations[place as usize].class = class;
        }
    }

    fn retire(&mut self, instance: u32, now: f64) -> f64 {
        let Some(&place) = self.places.get(&instance) else { return now };
        self.stop_sending(place);
        let its = self.open.iter().filter(|open| open.place == place);
        its.fold(now, |last, open| later(last, open.exit()))
    }

    fn remove(&mut self, instance: u32) -> Vec<Client> {
        let Some(place) = self.places.remove(&instance) else { return Vec::new() };
        self.stop_sending(place);
        match &mut self.calendar {
            Some(calendar) => calendar.forget(place),
            None if self.watches => self.upcoming.forget(place),
            None => {}
        }
        self.unused.push(place);
        self.open.extract_if(.., |open| open.place == place).map(|open| open.client).collect()
    }
}

impl Station {
    /// The slot that is free first is busy until `finish`.
    #[inline(always)]
    fn occupy(&mut self, finish: f64) {
        match self.other_free.first() {
            Some(&other) if other < finish => {
                self.first_free = other;
                replace_smallest(&mut self.other_free, finish);
            }
            _ => self.first_free = finish,
        }
    }
}

/// Puts `time` in the place of a heap's smallest: it sinks until no child is smaller.
fn replace_smallest(heap: &mut [f64], time: f64) {
    let mut node = 0;
    loop {
        let mut child = 2 * node + 1;
        if child >= heap.len() {
            break;
        }
        if child + 1 < heap.len() && heap[child + 1] < heap[child] {
            child += 1;
        }
        if time <= heap[child] {
            break;
        }
        heap[node] = heap[child];
        node = child;
    }
    heap[node] = time;
}

impl Open {
    /// When it is gone: who gives up leaves after the control events of that moment.
    fn exit(&self) -> f64 {
        if self.finish == f64::INFINITY { self.client.deadline() + GRID } else { self.finish }
    }

    /// Books what has happened by `now`; whether it stays open.
    fn settle(&mut self, class: SlotClass, now: f64, book: &mut impl Booking) -> bool {
        if self.finish == f64::INFINITY {
            let stays = self.client.deadline() >= now;
            if !stays {
                book.timed_out(self.client.arrival);
            }
            return stays;
        }
        let until = earlier(self.finish, grid_at_or_before(now));
        if until > self.busy_from {
            book.busy(class, until - self.busy_from);
            self.busy_from = until;
        }
        if self.finish <= now {
            book.completed(self.client.arrival, self.finish);
        }
        self.finish > now
    }
}
