//! Requests in blocks: arrival times and works.
//!
//! The i-th request's gap and work are the two uniform numbers of one block of the generator, addressed by (replication, i): every
//! mix meets the same requests. A unit-rate arrival process is drawn and stretched by the rate path (time change), so that a
//! request keeps its number when the rate changes.

use super::RatePath;
use crate::rng::{Purpose, Sampler, Stream};
use crate::scenario::Arrivals;

/// Requests in a block.
pub const BLOCK: usize = 1024;

/// Consecutive requests, in order of arrival.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestBlock {
    /// Arrival times in seconds since the start (negative during the warm-up).
    pub arrivals: Vec<f64>,
    /// Work in seconds on an instance of speed 1.
    pub works: Vec<f64>,
    /// How long each client waits, in seconds; empty when all wait equally long.
    pub patiences: Vec<f64>,
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
    piece: usize,
    clock: f64,
    ended: bool,
    offered_by_minute: Vec<u32>,
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
    pub(super) fn draw(&mut self, replication: u32, first: u64, patiences: &mut Vec<f64>) {
        patiences.resize(BLOCK, 0.0);
        self.numbers.fill_uniforms(replication, first, patiences, &mut self.spare);
        self.law.draw_all(patiences);
    }
}

impl<'a> RequestStream<'a> {
    /// The requests of `replication` along `path`, with works drawn from `works`.
    pub fn new(path: &'a RatePath, arrivals: Arrivals, works: Sampler, seed: u32, replication: u32) -> Self {
        let gaps = match arrivals {
            Arrivals::Poisson => Sampler::Exponential { mean: 1.0 },
            Arrivals::Deterministic => Sampler::Constant(1.0),
            Arrivals::Gamma { cv } => Sampler::gamma(1.0, cv),
        };
        Self {
            path,
            gaps,
            works,
            patiences: None,
            numbers: Stream::new(seed, Purpose::Request),
            replication,
            next_request: 0,
            piece: 0,
            clock: path.pieces()[0].from,
            ended: false,
            offered_by_minute: vec![0; (path.end() / 60.0).ceil().max(0.0) as usize],
        }
    }

    /// The same requests, each with a patience drawn from `law`.
    pub fn with_patience(mut self, law: Sampler, seed: u32) -> Self {
        self.patiences = Some(Patiences::new(law, seed));
        self
    }

    /// Fills `block` with the next requests; false when there are none.
    pub fn next_block(&mut self, block: &mut RequestBlock) -> bool {
        if self.ended {
            return false;
        }
        block.arrivals.resize(BLOCK, 0.0);
        block.works.resize(BLOCK, 0.0);
        self.numbers.fill_uniforms(self.replication, self.next_request, &mut block.arrivals, &mut block.works);
        self.gaps.draw_all(&mut block.arrivals);
        self.works.draw_all(&mut block.works);
        if let Some(patiences) = &mut self.patiences {
            patiences.draw(self.replication, self.next_request, &mut block.patiences);
        }
        self.next_request += BLOCK as u64;
        let length = self.place(&mut block.arrivals);
        block.arrivals.truncate(length);
        block.works.truncate(length);
        block.patiences.truncate(length);
        length > 0
    }

    /// Turns unit-rate gaps into arrival times; returns how many arrive before the end.
    fn place(&mut self, gaps: &mut [f64]) -> usize {
        let pieces = self.path.pieces();
        let (mut clock, mut piece) = (self.clock, self.piece);
        let end_of = |piece: usize| pieces.get(piece + 1).map_or(self.path.end(), |next| next.from);
        let (mut rate, mut piece_end) = (pieces[piece].per_second, end_of(piece));
        for (i, place) in gaps.iter_mut().enumerate() {
            let mut gap = *place;
            loop {
                let arrival = clock + gap / rate;
                if arrival < piece_end {
                    clock = arrival;
                    break;
                }
                gap = (gap - rate * (piece_end - clock)).max(0.0);
                clock = piece_end;
                piece += 1;
                if piece == pieces.len() {
                    self.ended = true;
                    return i;
                }
                (rate, piece_end) = (pieces[piece].per_second, end_of(piece));
            }
            *place = clock;
            if clock >= 0.0 {
                self.offered_by_minute[(clock / 60.0) as usize] += 1;
            }
        }
        (self.clock, self.piece) = (clock, piece);
        gaps.len()
    }

    /// Requests that arrived in each minute since the start; complete when the stream has ended.
    pub fn offered_by_minute(&self) -> &[u32] {
        &self.offered_by_minute
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
        assert_eq!(plain.patiences[5], Stream::new(1, Purpose::Patience).uniform(3, 5, 0));
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
