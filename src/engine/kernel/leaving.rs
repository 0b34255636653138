//! How many requests an instance has, and when they leave it.

/// The requests of an instance. Those that are gone are noticed when somebody looks.
///
/// When they leave is written here, or elsewhere by whoever keeps a calendar for all instances and only counts here.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    /// A ring whose length is a power of two, in this order from `first` on.
    times: Box<[f64]>,
    first: usize,
    count: usize,
}

impl Leaving {
    #[inline(always)]
    pub(super) fn load(&self) -> u32 {
        self.count as u32
    }

    /// Counts one more or less, whose time is written elsewhere.
    #[inline(always)]
    pub(super) fn change(&mut self, by: isize) {
        self.count = self.count.wrapping_add_signed(by);
    }

    /// When the next one leaves; infinite if there is none.
    #[inline(always)]
    pub(super) fn next(&self) -> f64 {
        if self.count == 0 { f64::INFINITY } else { self.times[self.first & (self.times.len() - 1)] }
    }

    /// Notices who is gone by `now`; returns when the next one leaves.
    #[inline(always)]
    pub(super) fn let_go(&mut self, now: f64) -> f64 {
        while self.count > 0 {
            let next = self.next();
            if next > now {
                return next;
            }
            self.first = self.first.wrapping_add(1);
            self.count -= 1;
        }
        f64::INFINITY
    }

    /// One more leaves at `time`, mostly after all others.
    #[inline(always)]
    pub(super) fn add(&mut self, time: f64) {
        if self.count == self.times.len() {
            self.grow();
        }
        let last = self.times.len() - 1;
        let mut index = self.first.wrapping_add(self.count);
        while index != self.first && self.times[index.wrapping_sub(1) & last] > time {
            self.times[index & last] = self.times[index.wrapping_sub(1) & last];
            index = index.wrapping_sub(1);
        }
        self.times[index & last] = time;
        self.count += 1;
    }

    #[cold]
    fn grow(&mut self) {
        let mut times: Vec<f64> = self.take_times().collect();
        times.resize((2 * times.len()).max(4), f64::INFINITY);
        (self.times, self.first) = (times.into(), 0);
    }

    /// Takes the times out; the requests still count.
    pub(super) fn take_times(&mut self) -> impl Iterator<Item = f64> + use<> {
        let (times, first) = (std::mem::take(&mut self.times), self.first);
        (0..self.count).map(move |index| times[first.wrapping_add(index) & (times.len() - 1)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    /// Against a sorted list; many come after one that leaves later.
    #[test]
    fn requests_leave_in_the_order_of_their_times() {
        let numbers = Stream::new(5, Purpose::Request);
        let (mut leaving, mut list, mut now) = (Leaving::default(), Vec::new(), 0.0);
        for i in 0..5000u64 {
            let [gap, length] = numbers.uniforms(0, i, 0);
            now += if i % 1000 < 500 { 0.1 * gap } else { gap };
            list.retain(|time| *time > now);
            assert_eq!(leaving.let_go(now), list.first().copied().unwrap_or(f64::INFINITY));
            list.push(now - 10.0 * length.ln());
            list.sort_by(f64::total_cmp);
            leaving.add(now - 10.0 * length.ln());
            assert_eq!((leaving.next(), leaving.load() as usize), (list[0], list.len()));
        }
        assert_eq!(leaving.take_times().collect::<Vec<f64>>(), list);
    }
}
