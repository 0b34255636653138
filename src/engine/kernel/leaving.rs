//! How many requests an instance has, and when they leave it.

/// The requests of an instance. Those that are gone are noticed when somebody looks.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    /// A ring whose length is a power of two, in this order from `first` on.
    times: Box<[f64]>,
    first: usize,
    count: usize,
}

impl Leaving {
    /// How many are still there at `now`, which does not go back.
    #[inline(always)]
    pub(super) fn load_at(&mut self, now: f64) -> u32 {
        while self.count > 0 && self.times[self.first & (self.times.len() - 1)] <= now {
            self.first = self.first.wrapping_add(1);
            self.count -= 1;
        }
        self.count as u32
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
        let mut times: Vec<f64> = self.times().collect();
        times.resize((2 * times.len()).max(4), f64::INFINITY);
        (self.times, self.first) = (times.into(), 0);
    }

    /// When they leave, in order.
    fn times(&self) -> impl Iterator<Item = f64> {
        (0..self.count).map(|index| self.times[self.first.wrapping_add(index) & (self.times.len() - 1)])
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
            assert_eq!(leaving.load_at(now) as usize, list.len());
            list.push(now - 10.0 * length.ln());
            list.sort_by(f64::total_cmp);
            leaving.add(now - 10.0 * length.ln());
            assert_eq!(leaving.times().collect::<Vec<f64>>(), list);
        }
    }
}
