//! Which instance has the fewest requests, kept up to date as they come and go.
//!
//! For each number of requests there is a bit set of the places that have as many, with a summary of the words that are not
//! zero; a pointer stands at or below the smallest number that occurs. A few places are simply compared.

use std::hint::select_unpredictable;

/// Places by their number of requests.
#[derive(Debug, Default)]
pub(super) struct Levels {
    /// Words of a level: a bit for each place. As many as a power of two.
    words: usize,
    /// From one level to the next it is two to this power words: those of the places, then the summary, then as many that are not used.
    shift: u32,
    /// A bit of the summary stands for two to this power words, so that one word of summary is enough.
    grouping: u32,
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
        let (shift, grouping) = (words.ilog2() + 1, (words / 64).max(1).ilog2());
        let old = std::mem::replace(self, Self { words, shift, grouping, ..Self::default() });
        for (level, bits) in old.bits.chunks_exact(1 << old.shift).enumerate() {
            for (index, word) in bits[..old.words].iter().enumerate() {
                (0..64).filter(|bit| word >> bit & 1 == 1).for_each(|bit| self.enter(64 * index as u32 + bit, level));
            }
        }
    }

    /// Adds a place that has `level` requests.
    pub(super) fn enter(&mut self, place: u32, level: usize) {
        if !self.has_room(place, level) {
            self.make_room(place, level);
        }
        let (start, word) = (level << self.shift, place as usize / 64);
        self.bits[start + word] |= 1 << (place % 64);
        self.bits[start + self.words] |= 1 << (word >> self.grouping);
        self.lowest = self.lowest.min(level);
    }

    #[inline(always)]
    fn has_room(&self, place: u32, level: usize) -> bool {
        (place as usize / 64) < self.words && (level + 1) << self.shift <= self.bits.len()
    }

    /// Makes room for a place that has `level` requests.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, place: u32, level: usize) {
        self.grow(place as usize + 1);
        let length = (level + 1) << self.shift;
        if length > self.bits.len() {
            self.bits.resize(length, 0);
        }
    }

    /// Takes out a place that has `level` requests.
    pub(super) fn leave(&mut self, place: u32, level: usize) {
        let (start, word) = (level << self.shift, place as usize / 64);
        self.bits[start + word] &= !(1 << (place % 64));
        let group = word >> self.grouping;
        let left = self.bits[start + (group << self.grouping)..][..1 << self.grouping].iter().any(|word| *word != 0);
        self.bits[start + self.words] &= !(u64::from(!left) << group);
    }

    /// Moves a place that has `from` requests to those that have `to`.
    #[inline(always)]
    pub(super) fn change(&mut self, place: u32, from: usize, to: usize) {
        if !self.has_room(place, from.max(to)) || self.grouping > 0 {
            return self.change_any(place, from, to);
        }
        self.lowest = self.lowest.min(to);
        let (word, summary, bit) = (place as usize / 64, self.words, 1 << (place % 64));
        // SAFETY: there is room for the higher of the two levels, hence for both; a level has more words than its places need, so its
        // summary is inside.
        unsafe {
            let bits = self.bits.as_mut_ptr();
            let (from, to) = (bits.add(from << self.shift), bits.add(to << self.shift));
            let left = *from.add(word) & !bit;
            *from.add(word) = left;
            *from.add(summary) &= !(u64::from(left == 0) << word);
            *to.add(word) |= bit;
            *to.add(summary) |= 1 << word;
        }
    }

    #[cold]
    #[inline(never)]
    fn change_any(&mut self, place: u32, from: usize, to: usize) {
        if !self.has_room(place, from) {
            self.make_room(place, from);
        }
        self.leave(place, from);
        self.enter(place, to);
    }

    /// The smallest number of requests and the lowest place that has it.
    #[inline(always)]
    pub(super) fn first(&mut self) -> Option<(usize, u32)> {
        loop {
            let start = self.lowest << self.shift;
            let summary = *self.bits.get(start + self.words)?;
            if summary != 0 {
                let mut word = (summary.trailing_zeros() as usize) << self.grouping;
                while self.grouping > 0 && self.bits[start + word] == 0 {
                    word += 1;
                }
                return Some((self.lowest, 64 * word as u32 + self.bits[start + word].trailing_zeros()));
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
    /// Loads by rank, see [`Few::weigh`], [`NOBODY`] behind the last; the largest capacity first, then the lowest place.
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
        self.set_all(&requests);
    }

    /// Gives the members their ranks, and their requests in the order of these.
    fn set_all(&mut self, requests: &[u32]) {
        self.loads = [NOBODY; FEW];
        for (rank, load) in requests.iter().enumerate() {
            self.loads[rank] = self.weigh(rank, *load);
            self.ranks[self.members[rank].1 as usize] = rank as u8;
        }
    }

    /// The requests of the members.
    fn requests(&self) -> impl Iterator<Item = u32> {
        let of = |(capacity, load): (f64, u64)| match self.equal {
            true => (load / FEW as u64) as u32,
            false => (f64::from_bits(load) * capacity).round() as u32,
        };
        self.members.iter().map(|member| member.0).zip(self.loads).map(of)
    }

    /// A load as an integer of the same order: the requests with the rank in the lowest bits, or the bits of the requests for each unit
    /// of capacity.
    #[inline(always)]
    fn weigh(&self, rank: usize, requests: u32) -> u64 {
        if self.equal {
            u64::from(requests) * FEW as u64 + rank as u64
        } else {
            (f64::from(requests) / self.members[rank].0).to_bits()
        }
    }

    fn leave(&mut self, place: u32) {
        let rank = usize::from(self.ranks[place as usize % FEW]);
        let mut requests: Vec<u32> = self.requests().collect();
        requests.remove(rank);
        self.members.remove(rank);
        self.set_all(&requests);
    }

    #[inline(always)]
    fn change(&mut self, place: u32, to: u32) {
        let rank = usize::from(self.ranks[place as usize % FEW]) % FEW;
        self.loads[rank] = self.weigh(rank, to);
    }

    #[inline(always)]
    fn first(&self) -> Option<u32> {
        let rank = if self.equal { self.first_of_equals() } else { self.first_of_all() };
        self.members.get(rank).map(|(_, place)| *place)
    }

    #[inline(always)]
    fn first_of_equals(&self) -> usize {
        let [a, b, c, d, e, f, g, h] = self.loads;
        let least = a.min(b).min(c.min(d)).min(e.min(f).min(g.min(h)));
        (least % FEW as u64) as usize
    }

    fn first_of_all(&self) -> usize {
        // A tournament whose matches nobody could foresee.
        let play = |a: (u64, usize), b: (u64, usize)| {
            let second_wins = b.0 < a.0;
            (select_unpredictable(second_wins, b.0, a.0), select_unpredictable(second_wins, b.1, a.1))
        };
        let one = |rank: usize| (self.loads[rank], rank);
        let two = |rank| play(one(rank), one(rank + 1));
        play(play(two(0), two(2)), play(two(4), two(6))).1
    }
}

/// Places by their number of requests for each unit of capacity.
///
/// Which kind it is, is asked several times a request, so that stands in a byte of its own.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum LeastLoaded {
    Few(Few),
    /// All of one capacity.
    Equal(f64, Levels),
    Many(Many),
}

impl Default for LeastLoaded {
    fn default() -> Self {
        Self::Few(Few { loads: [NOBODY; FEW], equal: true, members: Vec::new(), ranks: [0; FEW] })
    }
}

/// Places of several capacities.
#[derive(Debug, Default)]
pub(super) struct Many {
    /// Capacities, the largest first, and the places that have them.
    classes: Vec<(f64, Levels)>,
    /// The capacity of each place that is there.
    capacities: Vec<f64>,
}

impl Many {
    fn enter(&mut self, place: u32, capacity: f64, load: u32) {
        let index = self.classes.partition_point(|class| class.0 > capacity);
        if self.classes.get(index).is_none_or(|class| class.0 != capacity) {
            self.classes.insert(index, (capacity, Levels::default()));
        }
        self.classes[index].1.enter(place, load as usize);
        if self.capacities.len() <= place as usize {
            self.capacities.resize(place as usize + 1, capacity);
        }
        self.capacities[place as usize] = capacity;
    }

    /// The places of the same capacity as this one.
    fn levels_of(&mut self, place: u32) -> &mut Levels {
        let capacity = self.capacities[place as usize];
        let mut index = 0;
        while self.classes[index].0 != capacity {
            index += 1;
        }
        &mut self.classes[index].1
    }
}

impl LeastLoaded {
    /// A place of this capacity begins to take requests; it has `load`.
    pub(super) fn enter(&mut self, place: u32, capacity: f64, load: u32) {
        match self {
            Self::Few(few) if (place as usize) < FEW => few.enter(place, capacity, load),
            Self::Few(few) => {
                let members: Vec<_> = few.members.iter().copied().zip(few.requests()).collect();
                *self = Self::Equal(capacity, Levels::default());
                members.into_iter().for_each(|((capacity, place), load)| self.enter(place, capacity, load));
                self.enter(place, capacity, load);
            }
            Self::Equal(same, levels) if *same == capacity => levels.enter(place, load as usize),
            Self::Equal(same, levels) => {
                let (capacities, classes) = (vec![*same; 64 * levels.words], vec![(*same, std::mem::take(levels))]);
                *self = Self::Many(Many { classes, capacities });
                self.enter(place, capacity, load);
            }
            Self::Many(many) => many.enter(place, capacity, load),
        }
    }

    /// A place takes no more requests.
    pub(super) fn leave(&mut self, place: u32, load: u32) {
        match self {
            Self::Few(few) => few.leave(place),
            Self::Equal(_, levels) => levels.leave(place, load as usize),
            Self::Many(many) => many.levels_of(place).leave(place, load as usize),
        }
    }

    /// The number of a place's requests changes.
    #[inline(always)]
    pub(super) fn change(&mut self, place: u32, from: u32, to: u32) {
        let levels = match self {
            Self::Few(few) => return few.change(place, to),
            Self::Equal(_, levels) => levels,
            Self::Many(many) => many.levels_of(place),
        };
        levels.change(place, from as usize, to as usize);
    }

    /// The place with the fewest requests for its capacity; of equals one with the largest capacity, of these the lowest.
    #[inline(always)]
    pub(super) fn first(&mut self) -> Option<u32> {
        match self {
            Self::Few(few) => few.first(),
            Self::Equal(_, levels) => levels.first().map(|(_, place)| place),
            Self::Many(many) => first_of(&mut many.classes),
        }
    }
}

/// Where there are several capacities.
fn first_of(classes: &mut [(f64, Levels)]) -> Option<u32> {
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
        loads.change(1, 0, 3);
        assert_eq!(loads.first(), Some(0));
        loads.change(0, 0, 1);
        // 3 of 4 against 1 of 1, then a tie.
        assert_eq!(loads.first(), Some(1));
        loads.change(1, 3, 4);
        assert_eq!(loads.first(), Some(1));
        loads.leave(1, 4);
        assert_eq!(loads.first(), Some(0));
        loads.leave(0, 1);
        assert_eq!(loads.first(), None);
    }

    const CAPACITIES: [f64; 3] = [1.0, 2.5, 2.0];

    /// Against a search through all places, whose capacities are these in turn.
    fn finds_what_a_search_finds(places: usize, capacities: [f64; 3]) {
        let steps = if places > 1000 { 3000 } else { 30_000 };
        let numbers = Stream::new(2, Purpose::Request);
        let (mut loads, mut places): (LeastLoaded, Vec<Option<u32>>) = (LeastLoaded::default(), vec![None; places]);
        for i in 0..steps {
            let [which, what] = numbers.uniforms(0, i, 0);
            let place = (which * places.len() as f64) as usize;
            let capacity = capacities[place % 3];
            match places[place] {
                None => {
                    loads.enter(place as u32, capacity, 0);
                    places[place] = Some(0);
                }
                Some(load) if what < 0.1 => {
                    loads.leave(place as u32, load);
                    places[place] = None;
                }
                Some(load) => {
                    let to = if what < 0.55 { load + 1 } else { load.saturating_sub(1) };
                    loads.change(place as u32, load, to);
                    places[place] = Some(to);
                }
            }
            let order =
                |place: usize| (f64::from(places[place].unwrap()) / capacities[place % 3], -capacities[place % 3]);
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
        finds_what_a_search_finds(FEW, CAPACITIES);
        finds_what_a_search_finds(300, CAPACITIES);
        finds_what_a_search_finds(FEW, [2.0; 3]);
        finds_what_a_search_finds(300, [2.0; 3]);
        // Their summary's bits stand for several words.
        finds_what_a_search_finds(9000, [1.0; 3]);
    }
}
