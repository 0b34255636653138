//! What happens next at each place of a fleet, and where it is due.
//!
//! A few places are all looked at; of many the next times stand in a [`Wheel`].

use super::wheel::{self, Wheel, step_of};

/// As many places are looked at one by one.
pub(super) const FEW: usize = 8;

/// When something happens next, for each place.
#[derive(Debug, Default)]
pub(super) struct Upcoming {
    /// The times of a few places.
    few: [Key; FEW],
    /// The times by place, if there are more than a few; infinite where nothing happens. What happens may be later than that, never
    /// earlier.
    times: Vec<f64>,
    /// The steps of the same times. An entry whose step is not that of its place's time is void.
    wheel: Wheel,
}

/// A time as an integer that is larger for a later time.
///
/// A few integers are compared one by one, a few times all at once, and then the processor has to wait until the time that was set
/// last has come so far that it can be read together with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(i64);

impl Key {
    const NEVER: Key = Key(f64::INFINITY.to_bits() as i64);

    #[inline(always)]
    pub(super) fn of(time: f64) -> Self {
        let bits = time.to_bits() as i64;
        // Negative numbers are ordered the other way round by their bits.
        Self(bits ^ ((bits >> 63) as u64 >> 1) as i64)
    }

    pub(super) fn time(self) -> f64 {
        f64::from_bits(Self::of(f64::from_bits(self.0 as u64)).0 as u64)
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::NEVER
    }
}

/// What is being taken.
#[derive(Debug)]
pub(super) enum Taking {
    /// A bit for each place.
    Few(u32),
    Many(wheel::Taking),
}

/// Where something may happen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) place: u32,
    /// The low half of its step, of many places.
    step: Option<u32>,
}

impl Upcoming {
    /// Makes room for places below `places`.
    pub(super) fn grow(&mut self, places: usize) {
        if places <= self.times.len().max(FEW) {
            return;
        }
        let were_few = self.times.is_empty();
        self.times.resize(places, f64::INFINITY);
        if were_few {
            let few = std::mem::take(&mut self.few);
            (0..).zip(few).filter(|(_, key)| *key != Key::NEVER).for_each(|(place, key)| self.set(place, key.time()));
        }
    }

    /// Something happens at `time` at a place, and nothing before.
    #[inline(always)]
    pub(super) fn set(&mut self, place: u32, time: f64) {
        if self.times.is_empty() {
            self.few[place as usize % FEW] = Key::of(time);
            return;
        }
        let noted = &mut self.times[place as usize];
        if time < *noted {
            *noted = time;
            self.wheel.add(time, place);
        }
    }

    /// Nothing happens at a place any more.
    pub(super) fn forget(&mut self, place: u32) {
        match self.times.get_mut(place as usize) {
            Some(noted) => *noted = f64::INFINITY,
            None => self.few[place as usize % FEW] = Key::NEVER,
        }
    }

    /// Begins to take what is due at `now` (finite); [`Upcoming::next_due`] has to be called until nothing is left.
    #[inline(always)]
    pub(super) fn begin_to_take(&mut self, now: f64) -> Taking {
        if !self.times.is_empty() {
            return Taking::Many(self.wheel.begin_to_take(now));
        }
        let now = Key::of(now);
        let bits = (0..).zip(&self.few).map(|(place, key)| u32::from(*key <= now) << place);
        Taking::Few(bits.fold(0, |places, place| places | place))
    }

    /// A place where something may happen by then, if that is not [`Upcoming::is_void`]; some where it happens within a step of the
    /// grid after are among them. What happens next there has to be [`Upcoming::put`].
    #[inline(always)]
    pub(super) fn next_due(&mut self, taking: &mut Taking) -> Option<Due> {
        match taking {
            Taking::Few(0) => None,
            Taking::Few(places) => {
                let place = places.trailing_zeros();
                *places &= *places - 1;
                Some(Due { place, step: None })
            }
            Taking::Many(taking) => {
                let (step, place) = self.wheel.next_due(taking)?;
                Some(Due { place, step: Some(step) })
            }
        }
    }

    /// Whether something was noted that has been put off or brought forward since.
    #[inline(always)]
    pub(super) fn is_void(&self, due: Due) -> bool {
        due.step.is_some_and(|step| step != step_of(self.times[due.place as usize]) as u32)
    }

    /// At a place that was due something happens at `time`; infinite if nothing does.
    #[inline(always)]
    pub(super) fn put(&mut self, place: u32, time: f64) {
        if self.times.is_empty() {
            self.few[place as usize % FEW] = Key::of(time);
            return;
        }
        self.times[place as usize] = time;
        if time < f64::INFINITY {
            self.wheel.add(time, place);
        }
    }

    /// Requests come `gap` seconds apart.
    pub(super) fn fit(&mut self, gap: f64) {
        if !self.times.is_empty() {
            self.wheel.fit(gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    #[test]
    fn keys_are_ordered_as_times_are() {
        let times = [-1e9, -1.5, -1.0, -0.0, 0.0, 1e-300, 1.0, 1.5, 1e9, f64::INFINITY];
        assert!(times.windows(2).all(|pair| Key::of(pair[0]) < Key::of(pair[1])));
        assert!(times.iter().all(|time| Key::of(*time).time().to_bits() == time.to_bits()));
    }

    /// Against a plain list, while few places become many; some things are put off after they were noted.
    #[test]
    fn nothing_is_missed_at_few_places_or_many() {
        let numbers = Stream::new(4, Purpose::Request);
        let (mut upcoming, mut list, mut now) = (Upcoming::default(), vec![f64::INFINITY; 5], -20.0);
        for i in 0..20_000u64 {
            if i % 400 == 0 {
                list.push(f64::INFINITY);
                upcoming.grow(list.len());
                upcoming.fit(0.3);
            }
            let [gap, which] = numbers.uniforms(0, i, 0);
            let [length, what] = numbers.uniforms(0, i, 1);
            now += gap;
            let mut happened = Vec::new();
            let mut taking = upcoming.begin_to_take(now);
            while let Some(due) = upcoming.next_due(&mut taking) {
                if upcoming.is_void(due) {
                    continue;
                }
                let place = due.place;
                let time = &mut list[place as usize];
                if *time <= now {
                    happened.push((place, *time));
                    *time = if *time < now - 0.2 { f64::INFINITY } else { now + 2.0 };
                }
                upcoming.put(place, *time);
            }
            assert!(list.iter().all(|time| *time > now), "{now}: {list:?}");
            assert!(happened.iter().all(|(_, time)| *time > now - 1.0), "late at {now}: {happened:?}");
            let place = (which * list.len() as f64) as usize;
            if what < 0.05 {
                list[place] = f64::INFINITY;
                upcoming.forget(place as u32);
            } else {
                list[place] = now - 8.0 * length.ln();
                upcoming.set(place as u32, list[place]);
            }
        }
    }
}
