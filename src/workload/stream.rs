//! Requests in blocks: arrival times and works.
//!
//! The i-th request's gap and work are the two uniform numbers of one block of the generator, addressed by (replication, i): every
//! mix meets the same requests. A unit-rate arrival process is drawn and stretched by the rate path (time change), so that a
//! request keeps its number when the rate changes.
//!
//! All times lie on the grid of [`units::GRID`](crate::units::GRID): arrivals are rounded down to it, works and patiences to the
//! nearest of its times. The process itself goes on unrounded.

use super::RatePath;
use crate::rng::{Purpose, Sampler, Stream};
use crate::scenario::Arrivals;
use crate::simd::{Isa, compiled_for_each_isa};
use crate::units::{grid_at_or_after, grid_at_or_before, on_grid};

/// Requests in a block.
pub const BLOCK: usize = 1024;

/// Consecutive requests, in order of arrival.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestBlock {
    /// Arrival times in seconds since the start (negative during the warm-up), on the grid.
    pub arrivals: Vec<f64>,
    /// Work in seconds on an instance of speed 1, on the grid.
    pub works: Vec<f64>,
    /// How long each client waits, in seconds on the grid; empty when all wait equally long.
    pub patiences: Vec<f64>,
}

impl RequestBlock {
    /// Forgets the requests.
    pub fn clear(&mut self) {
        self.arrivals.clear();
        self.works.clear();
        self.patiences.clear();
    }
}

/// The requests of one replication.
#[derive(Debug)]
pub struct RequestStream<'a> {
    path: &'a RatePath,
    gaps: Sampler,
    works: Sampler,
    patiences: Option<Patiences>,
    numbers: Stream,
    replication: u32,
    next_request: u64,
    isa: Isa,
    piece: usize,
    clock: f64,
    ended: bool,
    minutes: Minutes,
}

/// Random patience: a law and numbers of its own, so that arrivals and works are the same with it and without.
#[derive(Debug)]
pub(super) struct Patiences {
    law: Sampler,
    numbers: Stream,
    /// The second number of each block of the generator, which nothing uses.
    spare: Vec<f64>,
}

impl Patiences {
    pub(super) fn new(law: Sampler, seed: u32) -> Self {
        Self { law, numbers: Stream::new(seed, Purpose::Patience), spare: vec![0.0; BLOCK] }
    }

    /// The patiences of a block of requests from number `first` on.
    pub(super) fn draw(&mut self, isa: Isa, replication: u32, first: u64, patiences: &mut Vec<f64>) {
        patiences.resize(BLOCK, 0.0);
        self.numbers.fill_uniforms(isa, replication, first, patiences, &mut self.spare);
        self.law.draw_all(isa, patiences);
        round_to_nearest(isa, patiences);
    }
}

/// The law of the gaps between arrivals at a rate of one. That of gamma arrivals is tabulated, which clones share.
pub(super) fn unit_gaps(arrivals: Arrivals) -> Sampler {
    match arrivals {
        Arrivals::Poisson => Sampler::Exponential { mean: 1.0 },
        Arrivals::Deterministic => Sampler::Constant(1.0),
        Arrivals::Gamma { cv } => Sampler::gamma(1.0, cv),
    }
}

impl<'a> RequestStream<'a> {
    /// The requests of `replication` along `path`, with works drawn from `works`.
    pub fn new(path: &'a RatePath, arrivals: Arrivals, works: Sampler, seed: u32, replication: u32) -> Self {
        Self::with_gaps(path, unit_gaps(arrivals), works, seed, replication)
    }

    /// The same with the law of the gaps between arrivals at a rate of one, which can be used again.
    pub(super) fn with_gaps(path: &'a RatePath, gaps: Sampler, works: Sampler, seed: u32, replication: u32) -> Self {
        Self {
            path,
            gaps,
            works,
            patiences: None,
            numbers: Stream::new(seed, Purpose::Request),
            replication,
            next_request: 0,
            isa: Isa::best(),
            piece: 0,
            clock: grid_at_or_after(path.pieces()[0].from),
            ended: false,
            minutes: Minutes::new(path.end()),
        }
    }

    /// The same requests, each with a patience drawn from `law`.
    pub fn with_patience(mut self, law: Sampler, seed: u32) -> Self {
        self.patiences = Some(Patiences::new(law, seed));
        self
    }

    /// The same requests, drawn with the instructions of `isa` instead of the best ones.
    pub fn with_isa(mut self, isa: Isa) -> Self {
        self.isa = isa;
        self
    }

    /// Fills `block` with the next requests; false, and an empty block, when there are none.
    pub fn next_block(&mut self, block: &mut RequestBlock) -> bool {
        if self.ended {
            block.clear();
            return false;
        }
        block.arrivals.resize(BLOCK, 0.0);
        block.works.resize(BLOCK, 0.0);
        self.numbers.fill_uniforms(
            self.isa,
            self.replication,
            self.next_request,
            &mut block.arrivals,
            &mut block.works,
        );
        self.gaps.draw_all(self.isa, &mut block.arrivals);
        self.works.draw_all(self.isa, &mut block.works);
        round_to_nearest(self.isa, &mut block.works);
        if let Some(patiences) = &mut self.patiences {
            patiences.draw(self.isa, self.replication, self.next_request, &mut block.patiences);
        }
        self.next_request += BLOCK as u64;
        let length = self.place(&mut block.arrivals);
        round_down(self.isa, &mut block.arrivals[..length]);
        block.arrivals.truncate(length);
        block.works.truncate(length);
        block.patiences.truncate(length);
        length > 0
    }

    /// Turns unit-rate gaps into arrival times; returns how many arrive before the end.
    ///
    /// Between two limits, which are changes of the rate and of the minute, one comparison a request is enough.
    fn place(&mut self, gaps: &mut [f64]) -> usize {
        let pieces = self.path.pieces();
        let end_of = |piece: usize| pieces.get(piece + 1).map_or(self.path.end(), |next| next.from);
        let (mut rate, mut piece_end) = (pieces[self.piece].per_second, end_of(self.piece));
        let (mut seconds_per_unit, mut limit) = (rate.recip(), self.minutes.end().min(piece_end));
        let (mut clock, mut counted) = (self.clock, 0);
        for (i, place) in gaps.iter_mut().enumerate() {
            let mut gap = *place;
            let mut arrival = clock + gap * seconds_per_unit;
            loop {
                if arrival < limit {
                    break;
                }
                // A gap of nothing at a rate of zero gives no number at all, which is not below the piece's end either.
                if arrival < piece_end {
                    self.minutes.add(i - counted);
                    self.minutes.go_to(arrival);
                    counted = i;
                } else {
                    gap = (gap - rate * (piece_end - clock)).max(0.0);
                    clock = piece_end;
                    self.piece += 1;
                    if self.piece == pieces.len() {
                        self.minutes.add(i - counted);
                        self.ended = true;
                        return i;
                    }
                    (rate, piece_end) = (pieces[self.piece].per_second, end_of(self.piece));
                    seconds_per_unit = rate.recip();
                    arrival = clock + gap * seconds_per_unit;
                }
                limit = self.minutes.end().min(piece_end);
            }
            clock = arrival;
            *place = arrival;
        }
        self.minutes.add(gaps.len() - counted);
        self.clock = clock;
        gaps.len()
    }

    /// Requests that arrived in each minute since the start; complete when the stream has ended.
    pub fn offered_by_minute(&self) -> &[u32] {
        &self.minutes.requests
    }
}

compiled_for_each_isa! {
    pub(super) fn round_to_nearest(times: &mut [f64]) {
        times.iter_mut().for_each(|time| *time = on_grid(*time));
    }
}

compiled_for_each_isa! {
    fn round_down(times: &mut [f64]) {
        times.iter_mut().for_each(|time| *time = grid_at_or_before(*time));
    }
}

/// Requests by the minute in which they arrived, counted in order of arrival.
#[derive(Debug)]
pub(super) struct Minutes {
    pub(super) requests: Vec<u32>,
    /// The minute that is being counted; none before the start.
    current: Option<usize>,
}

impl Minutes {
    pub(super) fn new(end: f64) -> Self {
        Self { requests: vec![0; (end / 60.0).ceil().max(0.0) as usize], current: None }
    }

    /// The end of the current minute, in seconds.
    fn end(&self) -> f64 {
        self.current.map_or(0.0, |minute| 60.0 * (minute + 1) as f64)
    }

    /// Adds requests of the current minute.
    fn add(&mut self, count: usize) {
        if let Some(minute) = self.current {
            self.requests[minute] += count as u32;
        }
    }

    /// Adds a request that arrives at `seconds`, not before those added already; one before the start does not count.
    pub(super) fn add_at(&mut self, seconds: f64) {
        if seconds >= self.end() {
            self.go_to(seconds);
        }
        self.add(1);
    }

    /// Goes on to the minute of `seconds`, not before the start.
    ///
    /// On the grid a time is too far from the next minute to be rounded to it by the division.
    fn go_to(&mut self, seconds: f64) {
        self.current = Some((grid_at_or_before(seconds) / 60.0) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimTime;
    use crate::workload::RatePiece;

    fn arrivals(path: &RatePath, arrivals: Arrivals) -> (Vec<f64>, Vec<u32>) {
        let mut stream = RequestStream::new(path, arrivals, Sampler::Constant(1.0), 1, 0);
        let (mut block, mut all) = (RequestBlock::default(), Vec::new());
        while stream.next_block(&mut block) {
            all.extend_from_slice(&block.arrivals);
        }
        (all, stream.offered_by_minute().to_vec())
    }

    #[test]
    fn deterministic_arrivals_follow_the_rate() {
        let pieces = vec![
            RatePiece { from: 0.0, per_second: 2.0 },
            RatePiece { from: 2.0, per_second: 0.0 },
            RatePiece { from: 10.0, per_second: 1.0 },
        ];
        let path = RatePath::new(pieces, SimTime::from_secs(13));
        let (times, by_minute) = arrivals(&path, Arrivals::Deterministic);
        // The fourth unit of operational time is complete at 2 s exactly, where the rate becomes zero: it arrives at 10 s.
        assert_eq!(times, [0.5, 1.0, 1.5, 10.0, 11.0, 12.0]);
        assert_eq!(by_minute, [6]);
    }

    #[test]
    fn patience_changes_neither_arrivals_nor_works() {
        let path = RatePath::new(vec![RatePiece { from: 0.0, per_second: 10.0 }], SimTime::from_secs(1000));
        let stream = || RequestStream::new(&path, Arrivals::Poisson, Sampler::Exponential { mean: 1.0 }, 1, 3);
        let (mut plain, mut impatient) = (RequestBlock::default(), RequestBlock::default());
        let (mut without, mut with) = (stream(), stream().with_patience(Sampler::Exponential { mean: 2.0 }, 1));
        let (mut sum, mut count) = (0.0, 0);
        while without.next_block(&mut plain) {
            assert!(with.next_block(&mut impatient));
            assert_eq!((&plain.arrivals, &plain.works), (&impatient.arrivals, &impatient.works));
            assert!(plain.patiences.is_empty());
            assert_eq!(impatient.patiences.len(), impatient.arrivals.len());
            sum += impatient.patiences.iter().sum::<f64>();
            count += impatient.patiences.len();
        }
        // Four standard errors of about 10,000 exponential draws.
        assert!((sum / count as f64 - 2.0).abs() < 0.08, "{sum} {count}");
        // The address of a patience is (replication, request).
        let mut uniform = stream().with_patience(Sampler::Uniform { min: 0.0, max: 1.0 }, 1);
        assert!(uniform.next_block(&mut plain));
        assert_eq!(plain.patiences[5], on_grid(Stream::new(1, Purpose::Patience).uniform(3, 5, 0)));
    }

    #[test]
    fn every_instruction_set_draws_the_same_requests() {
        let pieces = (0..200).map(|i| RatePiece { from: 17.3 * f64::from(i) - 100.0, per_second: f64::from(i % 5) });
        let path = RatePath::new(pieces.collect(), SimTime::from_secs(3500));
        let requests = |isa| {
            let laws = (Sampler::lognormal(0.3, 2.0), Sampler::gamma(3.0, 0.7));
            let stream = RequestStream::new(&path, Arrivals::Gamma { cv: 1.5 }, laws.0, 1, 2);
            let mut stream = stream.with_patience(laws.1, 1).with_isa(isa);
            let (mut block, mut blocks) = (RequestBlock::default(), Vec::new());
            while stream.next_block(&mut block) {
                blocks.push(block.clone());
            }
            (blocks, stream.offered_by_minute().to_vec())
        };
        let expected = requests(Isa::Portable);
        assert!(expected.0.len() > 5);
        for isa in Isa::ALL {
            if isa.is_available() {
                assert_eq!(requests(isa), expected, "{isa}");
            } else {
                eprintln!("not tested: this processor does not have {isa}");
            }
        }
    }

    #[test]
    fn times_lie_on_the_grid_and_arrivals_are_rounded_down() {
        let path = RatePath::new(vec![RatePiece { from: -0.1, per_second: 2e5 }], SimTime::from_secs(1));
        let mut stream = RequestStream::new(&path, Arrivals::Poisson, Sampler::Exponential { mean: 1e-5 }, 1, 0);
        let (mut block, mut exact) = (RequestBlock::default(), grid_at_or_after(-0.1));
        let (numbers, mut request) = (Stream::new(1, Purpose::Request), 0);
        while stream.next_block(&mut block) {
            for (arrival, work) in block.arrivals.iter().zip(&block.works) {
                let [gap, uniform] = numbers.uniforms(0, request, 0);
                exact += Sampler::Exponential { mean: 1.0 }.draw(gap) * 2e5f64.recip();
                assert_eq!(*arrival, grid_at_or_before(exact), "{request}");
                assert_eq!(*work, on_grid(Sampler::Exponential { mean: 1e-5 }.draw(uniform)), "{request}");
                request += 1;
            }
        }
        assert!(request > 200_000, "{request}");
    }

    /// Each request stands in the minute of its arrival, however many minutes or changes of the rate lie between two.
    #[test]
    fn minutes_hold_the_requests_that_arrived_in_them() {
        for per_second in [0.002, 0.05, 3.0, 500.0] {
            let piece =
                |i: i32| RatePiece { from: 45.0 * f64::from(i) - 70.0, per_second: per_second * f64::from(i % 3) };
            let path = RatePath::new((0..300).map(piece).collect(), SimTime::from_secs(13_000));
            let (times, by_minute) = arrivals(&path, Arrivals::Poisson);
            let mut expected = vec![0; 217];
            times.iter().filter(|time| **time >= 0.0).for_each(|time| expected[(time / 60.0) as usize] += 1);
            assert_eq!(by_minute, expected, "{per_second} per second");
        }
    }

    #[test]
    fn poisson_arrivals_have_the_rate_of_each_piece() {
        let pieces = vec![RatePiece { from: -100.0, per_second: 5.0 }, RatePiece { from: 6000.0, per_second: 50.0 }];
        let path = RatePath::new(pieces, SimTime::from_secs(12_000));
        let (times, by_minute) = arrivals(&path, Arrivals::Poisson);
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1]));
        let slow: u32 = by_minute[..100].iter().sum();
        let fast: u32 = by_minute[100..].iter().sum();
        // Means 30,000 and 300,000; four standard deviations.
        assert!((f64::from(slow) - 30_000.0).abs() < 700.0, "{slow}");
        assert!((f64::from(fast) - 300_000.0).abs() < 2200.0, "{fast}");
        assert_eq!(times.iter().filter(|t| **t >= 0.0).count(), (slow + fast) as usize);
    }
}
