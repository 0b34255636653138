//! Which instance has the fewest requests, kept up to date as they come and go.
//!
//! For each number of requests there is a bit set of the places that have as many, with a summary of the words that are not
//! zero; a pointer stands at or below the smallest number that occurs. A few places are simply compared.

use std::hint::select_unpredictable;

/// Places by their number of requests.
#[derive(Debug, Default)]
pub(super) struct Levels {
    /// Words of a level: a bit for each place.
    words: usize,
    /// Words of a level's summary: a bit for each of its words.
    summaries: usize,
    /// Level by level, the summary first.
    bits: Vec<u64>,
    /// No level below has places.
    lowest: usize,
}

impl Levels {
    /// Makes room for places below `places`.
    pub(super) fn grow(&mut self, places: usize) {
        let words = places.div_ceil(64).next_power_of_two();
        if words <= self.words {
            return;
        }
        let old = std::mem::take(self);
        (self.words, self.summaries) = (words, words.div_ceil(64));
        for (level, bits) in old.bits.chunks_exact((old.summaries + old.words).max(1)).enumerate() {
            for (index, word) in bits[old.summaries..].iter().enumerate() {
                (0..64).filter(|bit| word >> bit & 1 == 1).for_each(|bit| self.enter(64 * index as u32 + bit, level));
            }
        }
    }

    /// Adds a place that has `level` requests.
    #[inline(always)]
    pub(super) fn enter(&mut self, place: u32, level: usize) {
        let (start, word) = (level * (self.summaries + self.words), place as usize / 64);
        if start >= self.bits.len() {
            self.bits.resize(start + self.summaries + self.words, 0);
        }
        self.bits[start + self.summaries + word] |= 1 << (place % 64);
        self.bits[start + word / 64] |= 1 << (word % 64);
        self.lowest = self.lowest.min(level);
    }

    /// Takes out a place that has `level` requests.
    #[inline(always)]
    pub(super) fn leave(&mut self, place: u32, level: usize) {
        let (start, word) = (level * (self.summaries + self.words), place as usize / 64);
        let bits = &mut self.bits[start + self.summaries + word];
        *bits &= !(1 << (place % 64));
        let empty = u64::from(*bits == 0);
        self.bits[start + word / 64] &= !(empty << (word % 64));
    }

    /// The smallest number of requests and the lowest place that has it.
    #[inline(always)]
    pub(super) fn first(&mut self) -> Option<(usize, u32)> {
        loop {
            let start = self.lowest * (self.summaries + self.words);
            for part in 0..self.summaries {
                let summary = *self.bits.get(start + part)?;
                if summary != 0 {
                    let word = 64 * part + summary.trailing_zeros() as usize;
                    let bit = self.bits[start + self.summaries + word].trailing_zeros();
                    return Some((self.lowest, 64 * word as u32 + bit));
                }
            }
            if self.summaries == 0 {
                return None;
            }
            self.lowest += 1;
        }
    }
}

/// Places with a lower number than this can be compared one by one.
const FEW: usize = 8;

/// The load of a few places: requests for each unit of capacity.
#[derive(Debug)]
pub(super) struct Few {
    /// Loads by rank, see [`Few::weigh`]; the largest capacity first, then the lowest place.
    loads: [u64; FEW],
    /// Whether all capacities are the same, so that requests need not be divided by them.
    equal: bool,
    /// Bits of the capacities, and the places that have them, in the same order.
    members: Vec<(f64, u32)>,
    /// Where each place stands.
    ranks: [u8; FEW],
}

/// More than any load.
const NOBODY: u64 = u64::MAX;

impl Few {
    fn enter(&mut self, place: u32, capacity: f64, load: u32) {
        let before = |other: &(f64, u32)| other.0 > capacity || other.0 == capacity && other.1 < place;
        let rank = self.members.partition_point(before);
        let mut requests: Vec<u32> = self.requests().collect();
        requests.insert(rank, load);
        self.members.insert(rank, (capacity, place));
        self.equal = self.members.iter().all(|member| member.0 == capacity);
        for (rank, load) in requests.into_iter().enumerate() {
            self.loads[rank] = self.weigh(load, self.members[rank].0);
        }
        self.rank();
    }

    /// The requests of the members.
    fn requests(&self) -> impl Iterator<Item = u32> {
        let of = |(capacity, load): (f64, u64)| match self.equal {
            true => load as u32,
            false => (f64::from_bits(load) * capacity).round() as u32,
        };
        self.members.iter().map(|member| member.0).zip(self.loads).map(of)
    }

    /// A load as an integer of the same order: the requests, or the bits of the requests for each unit of capacity.
    #[inline(always)]
    fn weigh(&self, requests: u32, capacity: f64) -> u64 {
        if self.equal { u64::from(requests) } else { (f64::from(requests) / capacity).to_bits() }
    }

    fn leave(&mut self, place: u32) {
        let rank = usize::from(self.ranks[place as usize % FEW]);
        self.members.remove(rank);
        self.loads.copy_within(rank + 1.., rank);
        self.loads[FEW - 1] = NOBODY;
        self.rank();
    }

    fn rank(&mut self) {
        for (rank, (_, place)) in (0..).zip(&self.members) {
            self.ranks[*place as usize] = rank;
        }
    }

    #[inline(always)]
    fn first(&self) -> Option<u32> {
        // A tournament whose matches nobody could foresee.
        let play = |a: (u64, u32), b: (u64, u32)| {
            let second_wins = b.0 < a.0;
            (select_unpredictable(second_wins, b.0, a.0), select_unpredictable(second_wins, b.1, a.1))
        };
        let one = |rank: u32| (self.loads[rank as usize], rank);
        let two = |rank| play(one(rank), one(rank + 1));
        let (_, rank) = play(play(two(0), two(2)), play(two(4), two(6)));
        self.members.get(rank as usize).map(|(_, place)| *place)
    }
}

/// Places by their number of requests for each unit of capacity.
#[derive(Debug)]
pub(super) enum LeastLoaded {
    Few(Few),
    /// Capacities, the largest first, and the places that have them.
    Many(Vec<(f64, Levels)>),
}

impl Default for LeastLoaded {
    fn default() -> Self {
        Self::Few(Few { loads: [NOBODY; FEW], equal: true, members: Vec::new(), ranks: [0; FEW] })
    }
}

#[inline(always)]
fn levels_of(classes: &mut [(f64, Levels)], capacity: f64) -> &mut Levels {
    let mut index = 0;
    while classes[index].0 != capacity {
        index += 1;
    }
    &mut classes[index].1
}

fn enter_levels(classes: &mut Vec<(f64, Levels)>, place: u32, capacity: f64, load: u32) {
    let index = classes.iter().position(|class| class.0 <= capacity).unwrap_or(classes.len());
    if classes.get(index).is_none_or(|class| class.0 != capacity) {
        classes.insert(index, (capacity, Levels::default()));
    }
    let levels = &mut classes[index].1;
    levels.grow(place as usize + 1);
    levels.enter(place, load as usize);
}

impl LeastLoaded {
    /// A place of this capacity begins to take requests; it has `load`.
    pub(super) fn enter(&mut self, place: u32, capacity: f64, load: u32) {
        if let Self::Few(few) = self {
            if (place as usize) < FEW {
                return few.enter(place, capacity, load);
            }
            let mut classes = Vec::new();
            for ((capacity, place), load) in few.members.iter().zip(few.requests()) {
                enter_levels(&mut classes, *place, *capacity, load);
            }
            *self = Self::Many(classes);
        }
        if let Self::Many(classes) = self {
            enter_levels(classes, place, capacity, load);
        }
    }

    /// A place takes no more requests.
    pub(super) fn leave(&mut self, place: u32, capacity: f64, load: u32) {
        match self {
            Self::Few(few) => few.leave(place),
            Self::Many(classes) => levels_of(classes, capacity).leave(place, load as usize),
        }
    }

    /// The number of a place's requests changes.
    #[inline(always)]
    pub(super) fn change(&mut self, place: u32, capacity: f64, from: u32, to: u32) {
        match self {
            Self::Few(few) => {
                let rank = usize::from(few.ranks[place as usize % FEW]);
                few.loads[rank % FEW] = few.weigh(to, capacity);
            }
            Self::Many(classes) => {
                let levels = levels_of(classes, capacity);
                levels.leave(place, from as usize);
                levels.enter(place, to as usize);
            }
        }
    }

    /// The place with the fewest requests for its capacity; of equals one with the largest capacity, of these the lowest.
    #[inline(always)]
    pub(super) fn first(&mut self) -> Option<u32> {
        let classes = match self {
            Self::Few(few) => return few.first(),
            Self::Many(classes) => classes,
        };
        if let [(_, levels)] = &mut classes[..] {
            return Some(levels.first()?.1);
        }
        let mut best: Option<(f64, u32)> = None;
        for (capacity, levels) in classes {
            let Some((level, place)) = levels.first() else { continue };
            let load = level as f64 / *capacity;
            if best.is_none_or(|(least, _)| load < least) {
                best = Some((load, place));
            }
        }
        best.map(|(_, place)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    #[test]
    fn the_lowest_place_with_the_fewest_requests_comes_first() {
        let mut levels = Levels::default();
        assert_eq!(levels.first(), None);
        levels.grow(3);
        levels.enter(2, 0);
        levels.enter(1, 1);
        assert_eq!(levels.first(), Some((0, 2)));
        levels.leave(2, 0);
        levels.enter(2, 1);
        assert_eq!(levels.first(), Some((1, 1)));
        levels.grow(5000);
        assert_eq!(levels.first(), Some((1, 1)));
        levels.enter(4999, 0);
        assert_eq!(levels.first(), Some((0, 4999)));
    }

    #[test]
    fn capacity_counts() {
        let mut loads = LeastLoaded::default();
        loads.enter(0, 1.0, 0);
        loads.enter(1, 4.0, 0);
        // Both have none: the larger one.
        assert_eq!(loads.first(), Some(1));
        loads.change(1, 4.0, 0, 3);
        assert_eq!(loads.first(), Some(0));
        loads.change(0, 1.0, 0, 1);
        // 3 of 4 against 1 of 1, then a tie.
        assert_eq!(loads.first(), Some(1));
        loads.change(1, 4.0, 3, 4);
        assert_eq!(loads.first(), Some(1));
        loads.leave(1, 4.0, 4);
        assert_eq!(loads.first(), Some(0));
        loads.leave(0, 1.0, 1);
        assert_eq!(loads.first(), None);
    }

    /// Against a search through all places.
    fn finds_what_a_search_finds(places: usize) {
        const CAPACITIES: [f64; 3] = [1.0, 2.5, 2.0];
        let numbers = Stream::new(2, Purpose::Request);
        let (mut loads, mut places): (LeastLoaded, Vec<Option<u32>>) = (LeastLoaded::default(), vec![None; places]);
        for i in 0..30_000 {
            let [which, what] = numbers.uniforms(0, i, 0);
            let place = (which * places.len() as f64) as usize;
            let capacity = CAPACITIES[place % 3];
            match places[place] {
                None => {
                    loads.enter(place as u32, capacity, 0);
                    places[place] = Some(0);
                }
                Some(load) if what < 0.1 => {
                    loads.leave(place as u32, capacity, load);
                    places[place] = None;
                }
                Some(load) => {
                    let to = if what < 0.55 { load + 1 } else { load.saturating_sub(1) };
                    loads.change(place as u32, capacity, load, to);
                    places[place] = Some(to);
                }
            }
            let order =
                |place: usize| (f64::from(places[place].unwrap()) / CAPACITIES[place % 3], -CAPACITIES[place % 3]);
            let mut searched: Option<usize> = None;
            for place in (0..places.len()).filter(|place| places[*place].is_some()) {
                if searched.is_none_or(|best| order(place) < order(best)) {
                    searched = Some(place);
                }
            }
            assert_eq!(loads.first().map(|place| place as usize), searched);
        }
    }
    #[test]
    fn few_places_and_many_are_found_as_by_a_search() {
        finds_what_a_search_finds(FEW);
        finds_what_a_search_finds(300);
    }
}
