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

use super::balancer::{Entering, Fleet, lowest_unused};
use super::client::{Client, Rules, earlier, later};
use super::least_loaded::LeastLoaded;
use super::upcoming::Upcoming;
use super::{Booking, SlotClass};
use crate::units::{GRID, on_grid};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A request in service.
#[derive(Debug, Clone, Copy)]
struct Job {
    /// The instance's clock when it is complete.
    reading: f64,
    client: Client,
}

/// A time that is a number.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Time(f64);

impl Eq for Time {}
impl Ord for Time {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// An instance.
#[derive(Debug, Clone)]
struct Station {
    slots: f64,
    speed: f64,
    /// 1 / speed, and 1 / (slots · speed).
    seconds_per_work: [f64; 2],
    /// Work given to each request in a second.
    rate: f64,
    /// A heap with the smallest reading first.
    jobs: Vec<Job>,
    /// When clients give up, and which; those that are gone are not taken out before.
    deadlines: BinaryHeap<Reverse<(Time, u64, u32)>>,
    /// Work that each request has been given, at `at`.
    clock: f64,
    at: f64,
    busy_from: f64,
    /// When the next request is complete.
    completes: f64,
    /// When the next request is complete or the next client gives up.
    next: f64,
    class: SlotClass,
    in_service: bool,
}

impl Station {
    fn new(new: &Entering) -> Self {
        let slots = f64::from(new.slots);
        Self {
            slots,
            speed: new.speed,
            seconds_per_work: [1.0 / new.speed, 1.0 / (slots * new.speed)],
            rate: new.speed,
            jobs: Vec::new(),
            deadlines: BinaryHeap::new(),
            clock: 0.0,
            at: new.now,
            busy_from: new.now,
            completes: f64::INFINITY,
            next: f64::INFINITY,
            class: new.class,
            in_service: true,
        }
    }

    fn capacity(&self) -> f64 {
        self.slots * self.speed
    }

    fn load(&self) -> u32 {
        self.jobs.len() as u32
    }

    /// Lets its clock go on to `now`, before the number of its requests changes.
    #[inline(always)]
    fn go_on(&mut self, now: f64, book: &mut impl Booking) {
        self.book_busy(now, book);
        self.clock += (now - self.at) * self.rate;
        self.at = now;
    }

    #[inline(always)]
    fn book_busy(&mut self, now: f64, book: &mut impl Booking) {
        if now > self.busy_from {
            if !self.jobs.is_empty() {
                book.busy(self.class, (now - self.busy_from) * earlier(self.jobs.len() as f64, self.slots));
            }
            self.busy_from = now;
        }
    }

    /// Sees what happens next.
    #[inline(always)]
    fn look_ahead(&mut self) {
        let [alone, together] = self.seconds_per_work;
        let seconds_per_work = later(alone, together * self.jobs.len() as f64);
        self.rate = 1.0 / seconds_per_work;
        self.completes = match self.jobs.first() {
            None => f64::INFINITY,
            // The clock may have come by rounding a little further than the reading.
            Some(first) if first.reading > self.clock => self.at + (first.reading - self.clock) * seconds_per_work,
            Some(_) => self.at,
        };
        let deadline = self.deadlines.peek().map_or(f64::INFINITY, |Reverse((deadline, _, _))| deadline.0);
        self.next = earlier(self.completes, deadline);
    }

    /// Begins a request at `now`, up to which everything has happened.
    #[inline(always)]
    fn begin(&mut self, client: Client, now: f64, book: &mut impl Booking) {
        if self.jobs.is_empty() {
            (self.clock, self.at, self.busy_from) = (0.0, now, now);
        } else {
            self.go_on(now, book);
        }
        self.push(Job { reading: self.clock + client.work, client });
        if client.patience < f64::INFINITY {
            self.deadlines.push(Reverse((Time(client.deadline()), client.number, client.attempt)));
        }
        self.look_ahead();
    }

    /// Completions by `now`, and clients that give up before it, or at it if `inclusive`.
    #[inline(always)]
    fn run(&mut self, now: f64, inclusive: bool, book: &mut impl Booking) {
        while self.next <= now && !self.jobs.is_empty() {
            let at = self.next;
            if self.completes <= at {
                self.book_busy(at, book);
                let job = self.jobs[0];
                (self.clock, self.at) = (later(self.clock, job.reading), at);
                self.remove(0);
                book.completed(job.client.arrival, on_grid(at));
            } else if at < now || inclusive {
                self.give_up(book);
            } else {
                return;
            }
            if self.jobs.is_empty() {
                self.deadlines.clear();
            }
            self.look_ahead();
        }
    }

    /// The client whose deadline is next leaves, if it is still there.
    fn give_up(&mut self, book: &mut impl Booking) {
        let Some(Reverse((deadline, number, attempt))) = self.deadlines.pop() else { return };
        let its = |job: &Job| job.client.number == number && job.client.attempt == attempt;
        if let Some(index) = self.jobs.iter().position(its) {
            book.timed_out(self.jobs[index].client.arrival);
            self.go_on(deadline.0, book);
            self.remove(index);
        }
    }

    fn push(&mut self, job: Job) {
        let mut node = self.jobs.len();
        self.jobs.push(job);
        while node > 0 {
            let parent = (node - 1) / 2;
            if self.jobs[parent].reading <= job.reading {
                break;
            }
            self.jobs[node] = self.jobs[parent];
            node = parent;
        }
        self.jobs[node] = job;
    }

    /// Takes out the job at an index of the heap.
    #[inline(always)]
    fn remove(&mut self, index: usize) {
        let Some(last) = self.jobs.pop() else { return };
        if index == self.jobs.len() {
            return;
        }
        let mut node = index;
        // Up, if it is smaller than the one above, else down.
        while node > 0 && self.jobs[(node - 1) / 2].reading > last.reading {
            self.jobs[node] = self.jobs[(node - 1) / 2];
            node = (node - 1) / 2;
        }
        loop {
            let mut child = 2 * node + 1;
            if child >= self.jobs.len() {
                break;
            }
            if child + 1 < self.jobs.len() && self.jobs[child + 1].reading < self.jobs[child].reading {
                child += 1;
            }
            if last.reading <= self.jobs[child].reading {
                break;
            }
            self.jobs[node] = self.jobs[child];
            node = child;
        }
        self.jobs[node] = last;
    }
}

/// Books nothing.
struct Nobody;

impl Booking for Nobody {
    fn completed(&mut self, _arrival: f64, _finish: f64) {}
    fn lost(&mut self, _arrival: f64) {}
    fn rejected(&mut self, _arrival: f64) {}
    fn timed_out(&mut self, _arrival: f64) {}
    fn in_system_at_end(&mut self, _arrival: f64) {}
    fn busy(&mut self, _class: SlotClass, _seconds: f64) {}
}

/// Instances that share their speed among their requests.
#[derive(Debug)]
pub(in crate::engine) struct Sharing {
    rules: Rules,
    stations: Vec<Station>,
    unused: Vec<u32>,
    places: BTreeMap<u32, u32>,
    serving: u32,
    loads: LeastLoaded,
    /// When something happens next at each place.
    upcoming: Upcoming,
}

impl Sharing {
    pub(in crate::engine) fn new(rules: Rules) -> Self {
        Self {
            rules,
            stations: Vec::new(),
            unused: Vec::new(),
            places: BTreeMap::new(),
            serving: 0,
            loads: LeastLoaded::default(),
            upcoming: Upcoming::default(),
        }
    }

    /// [`Station::run`] wherever something happens by `now`.
    #[inline(always)]
    fn run(&mut self, now: f64, inclusive: bool, book: &mut impl Booking) {
        let Self { stations, loads, upcoming, .. } = self;
        upcoming.take_due(now, |place| {
            let station = &mut stations[place as usize];
            let load = station.load();
            station.run(now, inclusive, book);
            if station.in_service && station.load() != load {
                loads.change(place, station.capacity(), load, station.load());
            }
            station.next
        });
    }

    fn stop_sending(&mut self, place: u32) {
        let station = &mut self.stations[place as usize];
        if station.in_service {
            station.in_service = false;
            self.serving -= 1;
            self.loads.leave(place, station.capacity(), station.load());
        }
    }
}

impl Fleet for Sharing {
    fn in_service(&self) -> bool {
        self.serving > 0
    }

    fn fit(&mut self, gap: f64) {
        self.upcoming.fit(gap);
    }

    #[inline(always)]
    fn send(&mut self, client: Client, now: f64, _until: f64, book: &mut impl Booking) {
        self.run(now, true, book);
        let Some(place) = self.loads.first() else { return };
        let station = &mut self.stations[place as usize];
        let load = station.load();
        if let Some(limit) = self.rules.queue_limit
            && f64::from(load) >= station.slots + f64::from(limit)
        {
            return book.rejected(client.arrival);
        }
        station.begin(client, now, book);
        self.loads.change(place, station.capacity(), load, load + 1);
        self.upcoming.set(place, station.next);
    }

    fn enter(&mut self, new: &Entering) {
        let station = Station::new(new);
        let capacity = station.capacity();
        let place = lowest_unused(&mut self.unused, self.stations.len());
        if place as usize == self.stations.len() {
            self.stations.push(station);
        } else {
            self.stations[place as usize] = station;
        }
        self.places.insert(new.instance, place);
        self.upcoming.grow(self.stations.len());
        self.loads.enter(place, capacity, 0);
        self.serving += 1;
    }

    fn settle(&mut self, now: f64, book: &mut impl Booking) {
        if now < f64::INFINITY {
            self.run(now, false, book);
        } else {
            self.stations.iter_mut().for_each(|station| station.run(now, true, book));
        }
        self.stations.iter_mut().for_each(|station| station.book_busy(now, book));
    }

    fn reclassify(&mut self, instance: u32, class: SlotClass) {
        if let Some(&place) = self.places.get(&instance) {
            self.stations[place as usize].class = class;
        }
    }

    fn retire(&mut self, instance: u32, now: f64) -> f64 {
        let Some(&place) = self.places.get(&instance) else { return now };
        self.stop_sending(place);
        let mut rehearsal = self.stations[place as usize].clone();
        let impatient = !rehearsal.deadlines.is_empty();
        rehearsal.run(f64::INFINITY, true, &mut Nobody);
        // A client that gives up leaves after the control events of that moment.
        later(now, rehearsal.at + if impatient { GRID } else { 0.0 })
    }

    fn remove(&mut self, instance: u32) -> Vec<Client> {
        let Some(place) = self.places.remove(&instance) else { return Vec::new() };
        self.stop_sending(place);
        self.upcoming.forget(place);
        self.unused.push(place);
        let station = &mut self.stations[place as usize];
        station.next = f64::INFINITY;
        station.deadlines.clear();
        station.jobs.drain(..).map(|job| job.client).collect()
    }
}
