//! A queue at each instance.
//!
//! At its instance a request is first come, first served, so all that follows is known when it is sent: it starts when the first
//! slot is free, or leaves before. Only the end of its instance can change that. So what ends before the next control event is
//! booked at once, and the rest is kept in a list until it ends.
//!
//! The queue limit holds at each instance. An instance that drains serves whom it has, waiting requests included; with one that
//! disappears they are lost. How many requests an instance has includes those that wait.

use super::balancer::{Entering, Fleet};
use super::client::{Client, Rules, earlier, later, service_time};
use super::leaving::Leaving;
use super::router::Router;
use super::wheel::Wheel;
use super::{Booking, SlotClass, book_busy};
use crate::units::{GRID, grid_at_or_before};

/// An instance.
#[derive(Debug)]
struct Station {
    /// When its first slot is free.
    first_free: f64,
    /// When its other slots are free: a heap with the smallest first.
    other_free: Box<[f64]>,
    seconds_per_work: f64,
    slots: u32,
    class: SlotClass,
}

/// What is looked at whenever a request leaves: apart from the rest, so that all of it stays at hand.
#[derive(Debug, Clone, Copy)]
struct Watched {
    /// Requests that the instance has, if the router watches.
    load: u32,
    in_service: bool,
}

/// A request that ends at the next control event or later.
#[derive(Debug, Clone, Copy)]
struct Open {
    client: Client,
    place: u32,
    /// When it starts, and when it is complete; infinite if it leaves before.
    start: f64,
    finish: f64,
}

/// Instances with their queues.
#[derive(Debug)]
pub(in crate::engine) struct Queues<R> {
    rules: Rules,
    router: R,
    stations: Vec<Station>,
    watched: Vec<Watched>,
    /// When the requests of each place leave, where that is noticed only when somebody looks.
    leaving: Vec<Leaving>,
    /// When requests leave, if the router watches.
    calendar: Wheel,
    open: Vec<Open>,
    /// Up to when the busy time of these is booked.
    settled: f64,
    /// Arrivals and completions of requests that are being settled.
    complete: Vec<[f64; 2]>,
}

impl<R: Router> Queues<R> {
    pub(super) fn new(rules: Rules, router: R) -> Self {
        Self {
            rules,
            router,
            stations: Vec::new(),
            watched: Vec::new(),
            leaving: Vec::new(),
            calendar: Wheel::default(),
            open: Vec::new(),
            settled: f64::NEG_INFINITY,
            complete: Vec::new(),
        }
    }
}

impl<R: Router> Fleet for Queues<R> {
    fn fit(&mut self, gap: f64) {
        if R::WATCHES {
            self.calendar.fit(gap);
        }
    }

    #[inline(always)]
    fn send(&mut self, client: Client, now: f64, until: f64, book: &mut impl Booking) {
        let Self { calendar, stations, watched, leaving, router, .. } = self;
        if R::WATCHES {
            let mut leaving = calendar.begin_to_take(now);
            while let Some((_, place)) = calendar.next_due(&mut leaving) {
                let Watched { load, in_service } = &mut watched[place as usize];
                *load -= 1;
                if *in_service {
                    router.change(place, *load + 1, *load);
                }
            }
        }
        let Some(place) = router.choose(&client, now, |place| leaving[place as usize].load_at(now)) else { return };
        let station = &mut stations[place as usize];
        let start = later(now, station.first_free);
        if start > now
            && let Some(limit) = self.rules.queue_limit
        {
            let load = if R::WATCHES { watched[place as usize].load } else { leaving[place as usize].load_at(now) };
            if load >= station.slots.saturating_add(limit) {
                return book.rejected(client.arrival);
            }
        }
        let deadline = client.deadline();
        let (finish, exit) = if start <= deadline {
            let finish = start + service_time(client.work, station.seconds_per_work);
            station.occupy(finish);
            (finish, finish)
        } else {
            (f64::INFINITY, deadline)
        };
        if R::WATCHES {
            let load = &mut watched[place as usize].load;
            router.change(place, *load, *load + 1);
            *load += 1;
            calendar.add(exit, place);
        } else if R::COUNTS || self.rules.queue_limit.is_some() {
            leaving[place as usize].add(exit);
        }
        if finish <= until && finish < f64::INFINITY {
            book.busy(station.class, finish - start);
            book.completed(client.arrival, finish);
        } else if finish == f64::INFINITY && deadline < until {
            book.timed_out(client.arrival);
        } else {
            let start = if finish < f64::INFINITY { start } else { f64::INFINITY };
            self.open.push(Open { client, place, start, finish });
        }
    }

    fn expect(&mut self, instances: usize) {
        self.stations.reserve(instances);
        self.watched.reserve(instances);
        self.leaving.reserve(instances);
    }

    fn enter(&mut self, place: u32, new: &Entering) {
        let station = Station {
            first_free: new.now,
            other_free: vec![new.now; new.slots.saturating_sub(1) as usize].into(),
            seconds_per_work: 1.0 / new.speed,
            slots: new.slots,
            class: new.class,
        };
        let watched = Watched { load: 0, in_service: true };
        if place as usize == self.stations.len() {
            self.stations.push(station);
            self.watched.push(watched);
            self.leaving.push(Leaving::default());
        } else {
            self.stations[place as usize] = station;
            self.watched[place as usize] = watched;
            self.leaving[place as usize] = Leaving::default();
        }
        // What stands for a failed instance takes the requests that this had.
        self.router.enter(place, new.now, new.class == SlotClass::Draining);
    }

    fn settle(&mut self, now: f64, book: &mut impl Booking) {
        let until = grid_at_or_before(now);
        self.complete.resize(self.open.len(), [0.0; 2]);
        let (mut kept, mut complete, mut busy) = (0, 0, [0.0; 3]);
        for index in 0..self.open.len() {
            let open = self.open[index];
            let seconds = earlier(open.finish, until) - later(open.start, self.settled);
            busy[self.stations[open.place as usize].class as usize] += later(seconds, 0.0);
            // Nobody could foresee which are complete.
            self.complete[complete] = [open.client.arrival, open.finish];
            self.open[kept] = open;
            let served = open.finish < f64::INFINITY;
            let stays = if served { open.finish > now } else { open.client.deadline() >= now };
            complete += usize::from(served & !stays);
            kept += usize::from(stays);
            if !served && !stays {
                book.timed_out(open.client.arrival);
            }
        }
        self.open.truncate(kept);
        self.settled = until;
        self.complete[..complete].iter().for_each(|[arrival, finish]| book.completed(*arrival, *finish));
        book_busy(busy, book);
    }

    fn reclassify(&mut self, place: u32, class: SlotClass) {
        self.stations[place as usize].class = class;
    }

    fn stop_sending(&mut self, place: u32) {
        let watched = &mut self.watched[place as usize];
        watched.in_service = false;
        self.router.leave(place, watched.load);
    }

    fn last_exit(&self, place: u32, now: f64) -> f64 {
        let its = self.open.iter().filter(|open| open.place == place);
        its.fold(now, |last, open| later(last, open.exit()))
    }

    fn remove(&mut self, place: u32) -> Vec<Client> {
        if R::WATCHES {
            self.calendar.forget(place);
        }
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
}
