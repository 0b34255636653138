//! Slots that serve one queue, and which of them takes the next request.
//!
//! Slots stand in a [`WideTree`] by the time at which they become free, so its winner is the one that has been idle longest, else
//! the one that is free first. With several trees, one for each speed, the fastest tree that has an idle slot is asked.

use super::client::{Client, earlier, later, service_time};
use super::wide::WideTree;
use super::{Booking, SlotClass};
use crate::units::{grid_at_or_after, grid_at_or_before};
use std::collections::{BTreeMap, BTreeSet};

/// Who of several idle slots takes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Choice {
    /// The one that has been idle longest.
    LongestIdle,
    /// The fastest; of equally fast ones the one that has been idle longest.
    Fastest,
}

/// A slot, and its request in service or the last one served and not booked yet.
#[derive(Debug, Clone, Copy)]
struct Slot {
    client: Client,
    /// Since when its busy time is not booked.
    busy_from: f64,
    /// When it is free again.
    finish: f64,
    seconds_per_work: f64,
    tree: u32,
    class: SlotClass,
    occupied: bool,
}

/// The slots of a fleet.
#[derive(Debug)]
pub(super) struct SlotPool {
    /// Speeds of the instances that may come.
    speeds: Vec<f64>,
    slots: Vec<Slot>,
    unused: BTreeSet<u32>,
    /// The fastest first; one for all speeds if the longest idle slot is chosen.
    trees: Vec<WideTree>,
    /// Slots of each instance.
    instances: BTreeMap<u32, Vec<u32>>,
}

impl SlotPool {
    /// For instances of the given speeds, each of which stands there once, in increasing order.
    pub(super) fn new(choice: Choice, speeds: &[f64]) -> Self {
        let trees = if choice == Choice::Fastest { speeds.len() } else { 1 };
        Self {
            speeds: speeds.to_vec(),
            slots: Vec::new(),
            unused: BTreeSet::new(),
            trees: (0..trees).map(|_| WideTree::default()).collect(),
            instances: BTreeMap::new(),
        }
    }

    /// Where a request that comes at `since` starts, and when: infinite without slots.
    #[inline(always)]
    pub(super) fn next(&self, since: f64) -> (usize, f64) {
        let mut best = (0, f64::INFINITY);
        for (tree, free) in self.trees.iter().enumerate() {
            let start = later(since, free.smallest());
            // Only an earlier start beats a faster slot; with one at `since` nothing does.
            if start < best.1 {
                best = (tree, start);
                if start == since {
                    break;
                }
            }
        }
        best
    }

    /// Gives a slot of a tree, as [`SlotPool::next`] found it, its request; books the one it had before.
    #[inline(always)]
    pub(super) fn serve(&mut self, tree: usize, start: f64, client: Client, book: &mut impl Booking) {
        let free = &mut self.trees[tree];
        let number = free.winner();
        let slot = &mut self.slots[number as usize];
        if slot.occupied {
            book.busy(slot.class, slot.finish - slot.busy_from);
            book.completed(slot.client.arrival, slot.finish);
        }
        let finish = start + service_time(client.work, slot.seconds_per_work);
        slot.client = client;
        slot.busy_from = start;
        slot.finish = finish;
        slot.occupied = true;
        free.set(number, finish);
    }

    /// An instance whose slots are free from `now` on. Their numbers are the lowest unused ones that stand for its speed.
    pub(super) fn add(&mut self, instance: u32, slots: u32, speed: f64, class: SlotClass, now: f64) {
        let now = grid_at_or_after(now);
        let speeds = self.speeds.len();
        let place = self.speeds.iter().position(|known| *known == speed).expect("the speed is among the mix's");
        let tree = if self.trees.len() == 1 { 0 } else { speeds - 1 - place };
        let nobody = Client { number: 0, attempt: 0, arrival: now, since: now, work: 0.0, patience: 0.0 };
        let fresh = Slot {
            client: nobody,
            busy_from: now,
            finish: now,
            seconds_per_work: 1.0 / speed,
            tree: tree as u32,
            class,
            occupied: false,
        };
        let mut numbers = Vec::new();
        for _ in 0..slots {
            let known = self.unused.iter().copied().find(|number| *number as usize % speeds == place);
            let number = known.unwrap_or_else(|| {
                let first = self.slots.len() as u32;
                self.slots.resize(self.slots.len() + speeds, fresh);
                self.unused.extend(first..first + speeds as u32);
                first + place as u32
            });
            self.unused.remove(&number);
            self.slots[number as usize] = fresh;
            numbers.push(number);
        }
        let free = &mut self.trees[tree];
        free.grow(self.slots.len());
        numbers.iter().for_each(|&number| free.set(number, now));
        self.instances.insert(instance, numbers);
    }

    /// Books busy time up to `now` and requests completed by then.
    pub(super) fn settle(&mut self, now: f64, book: &mut impl Booking) {
        self.slots.iter_mut().for_each(|slot| slot.settle(now, book));
    }

    /// Slots with a request, once what is complete is settled.
    pub(super) fn busy(&self) -> u32 {
        self.slots.iter().filter(|slot| slot.occupied).count() as u32
    }

    fn slots_of(&self, instance: u32) -> impl Iterator<Item = usize> + use<> {
        let numbers = self.instances.get(&instance).cloned().unwrap_or_default();
        numbers.into_iter().map(|number| number as usize)
    }

    /// Changes what an instance's busy time counts for, from `now` on.
    pub(super) fn reclassify(&mut self, instance: u32, class: SlotClass, now: f64, book: &mut impl Booking) {
        for number in self.slots_of(instance) {
            self.slots[number].settle(now, book);
            self.slots[number].class = class;
        }
    }

    /// No new requests for an instance; returns when its last will be complete.
    pub(super) fn retire(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> f64 {
        let mut last = now;
        for number in self.slots_of(instance) {
            let slot = &mut self.slots[number];
            slot.settle(now, book);
            slot.class = SlotClass::Draining;
            self.trees[slot.tree as usize].set(number as u32, f64::INFINITY);
            if slot.occupied {
                last = later(last, slot.finish);
            }
        }
        last
    }

    /// Takes an instance away; returns the requests that it had not completed.
    pub(super) fn remove(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> Vec<Client> {
        let mut cut_off = Vec::new();
        for number in self.slots_of(instance) {
            let slot = &mut self.slots[number];
            slot.settle(now, book);
            self.trees[slot.tree as usize].set(number as u32, f64::INFINITY);
            if slot.occupied {
                slot.occupied = false;
                cut_off.push(slot.client);
            }
            self.unused.insert(number as u32);
        }
        self.instances.remove(&instance);
        cut_off
    }
}

impl Slot {
    fn settle(&mut self, now: f64, book: &mut impl Booking) {
        if !self.occupied {
            return;
        }
        let until = earlier(self.finish, grid_at_or_before(now));
        if until > self.busy_from {
            book.busy(self.class, until - self.busy_from);
            self.busy_from = until;
        }
        if self.finish <= now {
            self.occupied = false;
            book.completed(self.client.arrival, self.finish);
        }
    }
}
