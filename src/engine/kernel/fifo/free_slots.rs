//! The slots of a fleet by the time at which they are free, in the form that the loops want.

use super::key::NumberBits;
use super::sorted::{self, MOST};
use super::tree::WinnerTree;
use crate::engine::kernel::wide::WideTree;

/// Slots in service and when each is free.
#[derive(Debug)]
pub(super) enum FreeSlots {
    /// Few slots: their keys in increasing order, then infinities.
    Sorted { keys: Box<[f64; MOST]>, count: usize },
    /// Many slots, as long as times leave room for their numbers.
    Tree(WinnerTree),
    /// Any number of slots, any time.
    Wide(WideTree),
}

impl Default for FreeSlots {
    fn default() -> Self {
        Self::Sorted { keys: Box::new([f64::INFINITY; MOST]), count: 0 }
    }
}

impl FreeSlots {
    /// Adds slot `number`, free from `time` on.
    pub(super) fn add(&mut self, number: u32, time: f64) {
        if let Self::Sorted { keys, count } = self {
            if *count < MOST && (number as usize) < MOST {
                let key = sorted::NUMBER.key(time, number);
                let place = keys[..*count].partition_point(|other| *other < key);
                keys.copy_within(place..*count, place + 1);
                keys[place] = key;
                *count += 1;
                return;
            }
            self.make_tree();
        }
        match self {
            Self::Sorted { .. } => unreachable!("it has just become a tree"),
            Self::Tree(tree) => {
                if number as usize >= tree.leaves().len() {
                    *tree = tree_of(number as usize + 1, slots_of_tree(tree));
                }
                tree.set(number, time);
            }
            Self::Wide(tree) => {
                tree.grow(number as usize + 1);
                tree.set(number, time);
            }
        }
    }

    /// Takes slot `number` out; false if it was not there.
    pub(super) fn take_out(&mut self, number: u32) -> bool {
        match self {
            Self::Sorted { keys, count } => {
                let place = keys[..*count].iter().position(|key| sorted::NUMBER.number(*key) == number);
                if let Some(place) = place {
                    keys.copy_within(place + 1..*count, place);
                    *count -= 1;
                    keys[*count] = f64::INFINITY;
                }
                place.is_some()
            }
            Self::Tree(tree) => {
                let there = tree.leaves().get(number as usize).is_some_and(|key| key.is_finite());
                if there {
                    tree.set(number, f64::INFINITY);
                }
                there
            }
            Self::Wide(tree) => {
                let there = tree.times().nth(number as usize).is_some_and(|(_, time)| time.is_finite());
                if there {
                    tree.set(number, f64::INFINITY);
                }
                there
            }
        }
    }

    /// The slots and when they are free.
    fn slots(&self) -> Vec<(u32, f64)> {
        match self {
            Self::Sorted { keys, count } => slots_of(sorted::NUMBER, &keys[..*count]),
            Self::Tree(tree) => slots_of_tree(tree),
            Self::Wide(tree) => tree.times().filter(|(_, time)| time.is_finite()).collect(),
        }
    }

    /// The sorted form, if the slots are few and their numbers small.
    pub(super) fn make_sorted(&mut self) -> bool {
        if matches!(self, Self::Sorted { .. }) {
            return true;
        }
        let slots = self.slots();
        if slots.len() > MOST || slots.iter().any(|(number, _)| *number as usize >= MOST) {
            return false;
        }
        let mut keys = Box::new([f64::INFINITY; MOST]);
        for (key, (number, time)) in keys.iter_mut().zip(&slots) {
            *key = sorted::NUMBER.key(*time, *number);
        }
        keys[..slots.len()].sort_unstable_by(f64::total_cmp);
        *self = Self::Sorted { keys, count: slots.len() };
        true
    }

    /// The form of a tree.
    pub(super) fn make_tree(&mut self) {
        if let Self::Sorted { .. } = self {
            *self = Self::Tree(tree_of(MOST, self.slots()));
        }
    }

    /// The form for any time.
    pub(super) fn make_wide(&mut self) -> &mut WideTree {
        if !matches!(self, Self::Wide(_)) {
            let slots = self.slots();
            let mut tree = WideTree::default();
            tree.grow(slots.iter().map(|(number, _)| *number as usize + 1).max().unwrap_or(1));
            slots.iter().for_each(|(number, time)| tree.set(*number, *time));
            *self = Self::Wide(tree);
        }
        match self {
            Self::Wide(tree) => tree,
            _ => unreachable!("it has just become wide"),
        }
    }

    /// Up to which time the form is exact.
    pub(super) fn time_limit(&self) -> f64 {
        match self {
            Self::Sorted { .. } => sorted::NUMBER.time_limit(),
            Self::Tree(tree) => tree.number().time_limit(),
            Self::Wide(_) => f64::INFINITY,
        }
    }

    /// The bits of a key that hold the slot's number; none in the wide form.
    pub(super) fn number(&self) -> NumberBits {
        match self {
            Self::Sorted { .. } => sorted::NUMBER,
            Self::Tree(tree) => tree.number(),
            Self::Wide(_) => NumberBits(0),
        }
    }

    /// When the first slot is free, infinite without slots.
    #[cfg(test)]
    pub(super) fn first(&self) -> f64 {
        match self {
            Self::Sorted { keys, .. } => sorted::NUMBER.time(keys[0]),
            Self::Tree(tree) => tree.number().time(tree.root()),
            Self::Wide(tree) => tree.smallest(),
        }
    }
}

fn slots_of(bits: NumberBits, keys: &[f64]) -> Vec<(u32, f64)> {
    keys.iter().filter(|key| key.is_finite()).map(|key| (bits.number(*key), bits.time(*key))).collect()
}

fn slots_of_tree(tree: &WinnerTree) -> Vec<(u32, f64)> {
    slots_of(tree.number(), tree.leaves())
}

/// A tree with at least `leaves` leaves.
fn tree_of(leaves: usize, slots: Vec<(u32, f64)>) -> WinnerTree {
    let room = slots.iter().map(|(number, _)| *number as usize + 1).max().unwrap_or(0).max(leaves);
    let mut tree = WinnerTree::new(room);
    slots.into_iter().for_each(|(number, time)| tree.set(number, time));
    tree
}
