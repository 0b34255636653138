//! What happens next at each place of a fleet, and where it is due.
//!
//! A few places are all looked at; of many the next times stand in a [`Wheel`].

use super::wheel::Wheel;

/// As many places are looked at one by one.
pub(super) const FEW: usize = 8;

/// When something happens next, for each place.
#[derive(Debug)]
pub(super) struct Upcoming {
    /// The times by place, infinite where nothing happens. With many places what happens may be later than that, never earlier.
    times: Vec<f64>,
    /// The same times, if there are many places. An entry whose time is not that of its place is void.
    wheel: Wheel,
}

impl Default for Upcoming {
    fn default() -> Self {
        Self { times: vec![f64::INFINITY; FEW], wheel: Wheel::default() }
    }
}

impl Upcoming {
    /// Makes room for places below `places`.
    pub(super) fn grow(&mut self, places: usize) {
        if places <= self.times.len() {
            return;
        }
        let were_few = self.times.len() == FEW;
        self.times.resize(places, f64::INFINITY);
        if were_few {
            let times = (0..).zip(&self.times).filter(|(_, time)| time.is_finite());
            times.for_each(|(place, time)| self.wheel.add(*time, place));
        }
    }

    /// Something happens at `time` at a place, and nothing before.
    #[inline(always)]
    pub(super) fn set(&mut self, place: u32, time: f64) {
        let few = self.times.len() == FEW;
        let noted = &mut self.times[place as usize];
        if few {
            *noted = time;
        } else if time < *noted {
            *noted = time;
            self.wheel.add(time, place);
        }
    }

    /// Nothing happens at a place any more.
    pub(super) fn forget(&mut self, place: u32) {
        self.times[place as usize] = f64::INFINITY;
    }

    /// Calls `due` for each place where something may happen by `now` (finite); it returns when the next thing happens there.
    #[inline(always)]
    pub(super) fn take_due(&mut self, now: f64, mut due: impl FnMut(u32) -> f64) {
        if let Ok(few) = <&mut [f64; FEW]>::try_from(&mut self.times[..]) {
            let mut places = 0u32;
            for (place, time) in few.iter().enumerate() {
                places |= u32::from(*time <= now) << place;
            }
            while places != 0 {
                let place = places.trailing_zeros();
                places &= places - 1;
                few[place as usize % FEW] = due(place);
            }
            return;
        }
        let mut taking = self.wheel.begin_to_take(now);
        while let Some((time, place)) = self.wheel.next_due(&mut taking) {
            let noted = &mut self.times[place as usize];
            if time == *noted {
                *noted = due(place);
                if *noted < f64::INFINITY {
                    self.wheel.add(*noted, place);
                }
            }
        }
    }

    /// Requests come `gap` seconds apart.
    pub(super) fn fit(&mut self, gap: f64) {
        if self.times.len() > FEW {
            self.wheel.fit(gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

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
            upcoming.take_due(now, |place| {
                let time = &mut list[place as usize];
                if *time <= now {
                    happened.push((place, *time));
                    *time = if *time < now - 0.2 { f64::INFINITY } else { now + 2.0 };
                }
                *time
            });
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
