//! Processor sharing: an instance serves all of its requests at once and splits its speed over them.
//!
//! With `s` slots and `n` requests each of them runs at `speed · min(1, s / n)`. A request is sent to the instance with the fewest
//! requests for its slots and speed; of equals to the largest, then to the lowest place.
//!
//! An instance has a clock of its own, which shows how much work each of its requests has been given. A request is complete when
//! the clock has gone on by its work, so requests are complete in the order of these readings, whoever else comes and goes.
//!
//! Nobody waits to begin. A queue limit says how many requests more than its slots an instance has at most; the next one is
//! rejected. A client's patience is for the whole answer: if it is not complete by then, the client leaves and its work stops. An
//! instance that drains completes whom it has; with one that disappears they are lost.
//!
//! Speeds at which requests run are any fractions, so completions do not fall on the grid of request times; they are booked at the
//! nearest time of it.

use super::balancer::{Entering, Fleet};
use super::client::{Client, Rules, earlier, later};
use super::jobs::Jobs;
use super::least_loaded::LeastLoaded;
use super::upcoming::{Key, Upcoming};
use super::{Booking, Nowhere, SlotClass};
use crate::units::{GRID, on_grid};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An instance. What is needed at every request stands in its first lines of the cache.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
struct Station {
    /// Work that each request has been given, at `at`.
    clock: f64,
    at: f64,
    /// When the next request is complete or the next client gives up.
    next: f64,
    /// Work given to each request in a second.
    rate: f64,
    /// 1 / speed, and 1 / (slots · speed).
    seconds_per_work: [f64; 2],
    slots: u32,
    class: SlotClass,
    in_service: bool,
    /// Whether there are deadlines.
    impatient: bool,
    jobs: Jobs,
    /// When clients give up, and which; those that are gone are not taken out before.
    deadlines: BinaryHeap<Reverse<(Key, u64, u32)>>,
}

impl Station {
    fn new(new: &Entering) -> Self {
        Self {
            clock: 0.0,
            at: new.now,
            next: f64::INFINITY,
            rate: new.speed,
            seconds_per_work: [1.0 / new.speed, 1.0 / (f64::from(new.slots) * new.speed)],
            slots: new.slots,
            class: new.class,
            in_service: true,
            impatient: false,
            jobs: Jobs::default(),
            deadlines: BinaryHeap::new(),
        }
    }

    /// Lets its clock go on to `now`, before the number of its requests changes.
    #[inline(always)]
    fn go_on(&mut self, now: f64, settled: f64, book: &mut impl Booking) {
        self.book_busy(now, settled, book);
        self.clock += (now - self.at) * self.rate;
        self.at = now;
    }

    /// Books busy time since its last change, of which that up to `settled` is booked.
    #[inline(always)]
    fn book_busy(&self, now: f64, settled: f64, book: &mut impl Booking) {
        // Nothing without requests: whether there are any, nobody could foresee.
        let busy = f64::from(self.jobs.len().min(self.slots));
        book.busy(self.class, later(now - later(self.at, settled), 0.0) * busy);
    }

    #[inline(always)]
    fn seconds_per_work(&self) -> f64 {
        let [alone, together] = self.seconds_per_work;
        later(alone, together * f64::from(self.jobs.len()))
    }

    /// When the next request is complete if nothing changes before.
    #[inline(always)]
    fn completes(&self, seconds_per_work: f64) -> f64 {
        // The clock may have come by rounding a little further than the reading.
        self.at + later(self.jobs.reading() - self.clock, 0.0) * seconds_per_work
    }

    /// Sees what happens next.
    #[inline(always)]
    fn look_ahead(&mut self) {
        let seconds_per_work = self.seconds_per_work();
        self.rate = 1.0 / seconds_per_work;
        self.next = self.completes(seconds_per_work);
        if self.impatient {
            self.look_for_deadline();
        }
    }

    #[cold]
    #[inline(never)]
    fn look_for_deadline(&mut self) {
        if self.jobs.is_empty() {
            self.deadlines.clear();
        }
        self.impatient = !self.deadlines.is_empty();
        let deadline = self.deadlines.peek().map_or(f64::INFINITY, |Reverse((deadline, _, _))| deadline.time());
        self.next = earlier(self.next, deadline);
    }

    /// Begins a request at `now`, up to which everything has happened.
    #[inline(always)]
    fn begin(&mut self, client: Client, now: f64, settled: f64, book: &mut impl Booking) {
        self.go_on(now, settled, book);
        self.clock = if self.jobs.is_empty() { 0.0 } else { self.clock };
        if client.patience < f64::INFINITY {
            self.deadlines.push(Reverse((Key::of(client.deadline()), client.number, client.attempt)));
            self.impatient = true;
        }
        self.jobs.push(self.clock + client.work, client);
        self.look_ahead();
    }

    /// Completions by `now`, and clients that give up before it, or at it if `inclusive`.
    #[inline(always)]
    fn run(&mut self, now: f64, inclusive: bool, settled: f64, book: &mut impl Booking) {
        while self.next <= now && !self.jobs.is_empty() {
            let at = self.next;
            if !self.impatient || self.completes(self.seconds_per_work()) <= at {
                self.book_busy(at, settled, book);
                (self.clock, self.at) = (later(self.clock, self.jobs.reading()), at);
                book.completed(self.jobs.remove_first().arrival, on_grid(at));
            } else if at < now || inclusive {
                self.give_up(settled, book);
            } else {
                return;
            }
            self.look_ahead();
        }
    }

    /// The client whose deadline is next leaves, if it is still there.
    #[cold]
    #[inline(never)]
    fn give_up(&mut self, settled: f64, book: &mut impl Booking) {
        let Some(Reverse((deadline, number, attempt))) = self.deadlines.pop() else { return };
        let its = |client: &Client| client.number == number && client.attempt == attempt;
        if let Some(index) = self.jobs.position(its) {
            self.go_on(deadline.time(), settled, book);
            book.timed_out(self.jobs.remove(index).arrival);
        }
    }
}

/// Instances that share their speed among their requests.
#[derive(Debug)]
pub(in crate::engine) struct Sharing {
    rules: Rules,
    stations: Vec<Station>,
    loads: LeastLoaded,
    /// When something happens next at each place.
    upcoming: Upcoming,
    /// Up to when all busy time is booked.
    settled: f64,
}

impl Sharing {
    pub(in crate::engine) fn new(rules: Rules) -> Self {
        Self {
            rules,
            stations: Vec::new(),
            loads: LeastLoaded::default(),
            upcoming: Upcoming::default(),
            settled: f64::NEG_INFINITY,
        }
    }

    /// [`Station::run`] wherever something happens by `now`.
    #[inline(always)]
    fn run(&mut self, now: f64, inclusive: bool, book: &mut impl Booking) {
        let Self { stations, loads, upcoming, settled, .. } = self;
        let mut taking = upcoming.begin_to_take(now);
        while let Some(due) = upcoming.next_due(&mut taking) {
            if upcoming.is_void(due) {
                continue;
            }
            let place = due.place;
            let station = &mut stations[place as usize];
            let load = station.jobs.len();
            station.run(now, inclusive, *settled, book);
            upcoming.put(place, station.next);
            if station.in_service && station.jobs.len() != load {
                loads.change(place, load, station.jobs.len());
            }
        }
    }
}

impl Fleet for Sharing {
    fn fit(&mut self, gap: f64) {
        self.upcoming.fit(gap);
    }

    #[inline(always)]
    fn send(&mut self, client: Client, now: f64, _until: f64, book: &mut impl Booking) {
        self.run(now, true, book);
        let Some(place) = self.loads.first() else { return };
        let station = &mut self.stations[place as usize];
        let load = station.jobs.len();
        if let Some(limit) = self.rules.queue_limit
            && load >= station.slots.saturating_add(limit)
        {
            return book.rejected(client.arrival);
        }
        station.begin(client, now, self.settled, book);
        self.loads.change(place, load, load + 1);
        self.upcoming.set(place, station.next);
    }

    fn expect(&mut self, instances: usize) {
        self.stations.reserve(instances);
    }

    fn enter(&mut self, place: u32, new: &Entering) {
        let station = Station::new(new);
        self.loads.enter(place, f64::from(new.slots) * new.speed, 0);
        if place as usize == self.stations.len() {
            self.stations.push(station);
        } else {
            self.stations[place as usize] = station;
        }
        self.upcoming.grow(self.stations.len());
    }

    fn settle(&mut self, now: f64, book: &mut impl Booking) {
        if now < f64::INFINITY {
            self.run(now, false, book);
        } else {
            // Nobody is left whose time would have to be booked.
            return self.stations.iter_mut().for_each(|station| station.run(now, true, self.settled, book));
        }
        self.stations.iter().for_each(|station| station.book_busy(now, self.settled, book));
        self.settled = later(now, self.settled);
    }

    fn reclassify(&mut self, place: u32, class: SlotClass) {
        self.stations[place as usize].class = class;
    }

    fn stop_sending(&mut self, place: u32) {
        let station = &mut self.stations[place as usize];
        station.in_service = false;
        self.loads.leave(place, station.jobs.len());
    }

    fn last_exit(&self, place: u32, now: f64) -> f64 {
        let mut rehearsal = self.stations[place as usize].clone();
        let impatient = rehearsal.impatient;
        rehearsal.run(f64::INFINITY, true, self.settled, &mut Nowhere);
        // A client that gives up leaves after the control events of that moment.
        later(now, rehearsal.at + if impatient { GRID } else { 0.0 })
    }

    fn remove(&mut self, place: u32) -> Vec<Client> {
        self.upcoming.forget(place);
        let station = &mut self.stations[place as usize];
        station.next = f64::INFINITY;
        station.deadlines.clear();
        station.impatient = false;
        station.jobs.drain()
    }
}
