//! Recorded requests in blocks: arrival times from a trace, works from it or drawn.
//!
//! The trace is not copied: a replication is a list of stretches of it, each moved in time.

use super::stream::{BLOCK, Minutes, Patiences, RequestBlock, round_to_nearest};
use crate::rng::{Purpose, Sampler, Stream};
use crate::simd::Isa;
use crate::units::{Duration, SimTime};

/// A stretch of a trace of requests and where it lies in a replication.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecordedPiece<'a> {
    /// Arrivals in the trace's time, in order.
    pub arrivals: &'a [SimTime],
    /// The work of each in seconds, where it was recorded.
    pub works: Option<&'a [f64]>,
    /// From the trace's time to the replication's.
    pub shift: Duration,
}

/// The requests of a whole replication, in pieces that follow each other.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedPath<'a> {
    pieces: Vec<RecordedPiece<'a>>,
    end: SimTime,
}

impl<'a> RecordedPath<'a> {
    /// A path of `pieces` in order of time, all of whose requests arrive before `end`.
    pub fn new(pieces: Vec<RecordedPiece<'a>>, end: SimTime) -> Self {
        Self { pieces, end }
    }

    /// The pieces in order of time.
    pub fn pieces(&self) -> &[RecordedPiece<'a>] {
        &self.pieces
    }
}

/// The recorded requests of one replication.
#[derive(Debug)]
pub struct RecordedStream<'a> {
    path: &'a RecordedPath<'a>,
    works: Sampler,
    numbers: Stream,
    /// The first number of each request's block of the generator, which a recorded arrival does not need.
    spare: Vec<f64>,
    patiences: Option<Patiences>,
    replication: u32,
    next_request: u64,
    piece: usize,
    /// Requests of the piece that were given out.
    taken: usize,
    isa: Isa,
    minutes: Minutes,
}

impl<'a> RecordedStream<'a> {
    /// The requests of `path`; works that it does not hold are drawn from `works`.
    pub fn new(path: &'a RecordedPath<'a>, works: Sampler, seed: u32, replication: u32) -> Self {
        Self {
            path,
            works,
            numbers: Stream::new(seed, Purpose::Request),
            spare: vec![0.0; BLOCK],
            patiences: None,
            replication,
            next_request: 0,
            piece: 0,
            taken: 0,
            isa: Isa::best(),
            minutes: Minutes::new(path.end.as_secs_f64()),
        }
    }

    /// The same requests, each with a patience drawn from `law`.
    pub fn with_patience(mut self, law: Sampler, seed: u32) -> Self {
        self.patiences = Some(Patiences::new(law, seed));
        self
    }

    /// Fills `block` with the next requests; false when there are none.
    pub fn next_block(&mut self, block: &mut RequestBlock) -> bool {
        let RequestBlock { arrivals, works, patiences } = block;
        arrivals.clear();
        works.clear();
        while let Some(piece) = self.path.pieces.get(self.piece).filter(|_| arrivals.len() < BLOCK) {
            let end = piece.arrivals.len().min(self.taken + BLOCK - arrivals.len());
            arrivals
                .extend(piece.arrivals[self.taken..end].iter().map(|time| (*time + piece.shift).grid_at_or_before()));
            works.extend_from_slice(piece.works.map_or(&[][..], |works| &works[self.taken..end]));
            self.taken = end;
            if end == piece.arrivals.len() {
                (self.piece, self.taken) = (self.piece + 1, 0);
            }
        }
        arrivals.iter().for_each(|arrival| self.minutes.add_at(*arrival));
        if works.is_empty() {
            works.resize(BLOCK, 0.0);
            self.numbers.fill_uniforms(self.isa, self.replication, self.next_request, &mut self.spare, works);
            self.works.draw_all(self.isa, works);
            works.truncate(arrivals.len());
        }
        round_to_nearest(self.isa, works);
        if let Some(drawn) = &mut self.patiences {
            drawn.draw(self.isa, self.replication, self.next_request, patiences);
            patiences.truncate(arrivals.len());
        }
        self.next_request += BLOCK as u64;
        !arrivals.is_empty()
    }

    /// Requests that arrived in each minute since the start; complete when the stream has ended.
    pub fn offered_by_minute(&self) -> &[u32] {
        &self.minutes.requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{GRID, on_grid};

    fn times(nanos: &[i64]) -> Vec<SimTime> {
        nanos.iter().map(|nanos| SimTime::from_nanos(*nanos)).collect()
    }

    fn all(mut stream: RecordedStream) -> (Vec<f64>, Vec<f64>, Vec<f64>, Vec<u32>) {
        let (mut arrivals, mut works, mut patiences) = (Vec::new(), Vec::new(), Vec::new());
        let mut block = RequestBlock::default();
        while stream.next_block(&mut block) {
            arrivals.append(&mut block.arrivals);
            works.append(&mut block.works);
            patiences.append(&mut block.patiences);
        }
        (arrivals, works, patiences, stream.offered_by_minute().to_vec())
    }

    #[test]
    fn pieces_follow_each_other_moved_in_time() {
        let second = 1_000_000_000;
        let (first, later) = (times(&[100 * second, 100 * second, 101 * second + 1]), times(&[second]));
        let (works, last) = ([0.5, 0.25, 1e-9], [3.0]);
        let pieces = vec![
            RecordedPiece { arrivals: &first, works: Some(&works), shift: Duration::from_secs(-102) },
            RecordedPiece { arrivals: &[], works: Some(&[]), shift: Duration::ZERO },
            RecordedPiece { arrivals: &later, works: Some(&last), shift: Duration::from_secs(60) },
        ];
        let path = RecordedPath::new(pieces, SimTime::from_secs(90));
        let (arrivals, works, patiences, by_minute) = all(RecordedStream::new(&path, Sampler::Constant(9.0), 1, 0));
        assert_eq!(arrivals, [-2.0, -2.0, -1.0, 61.0]);
        assert_eq!((works, by_minute), (vec![0.5, 0.25, 0.0, 3.0], vec![0, 1]));
        assert!(patiences.is_empty());
    }

    #[test]
    fn times_lie_on_the_grid_and_before_the_end() {
        // The last nanosecond of ten years, which is the next second as a double.
        let end = SimTime::from_secs(315_360_000);
        let last = [SimTime::from_nanos(end.nanos() - 1)];
        let piece = RecordedPiece { arrivals: &last, works: Some(&[0.3]), shift: Duration::ZERO };
        let (arrivals, works, _, by_minute) =
            all(RecordedStream::new(&RecordedPath::new(vec![piece], end), Sampler::Constant(1.0), 1, 0));
        assert_eq!((arrivals[0], works[0] / GRID), (315_360_000.0 - GRID, 314_573.0));
        assert_eq!(by_minute.last(), Some(&1));
    }

    #[test]
    fn drawn_works_belong_to_replication_and_number() {
        let arrivals = times(&(0..3000).map(|i| i * 1000).collect::<Vec<_>>());
        let (head, tail) = arrivals.split_at(10);
        let piece = |arrivals| RecordedPiece { arrivals, works: None, shift: Duration::ZERO };
        let end = SimTime::from_secs(1);
        let (whole, parts) =
            (RecordedPath::new(vec![piece(&arrivals)], end), RecordedPath::new(vec![piece(head), piece(tail)], end));
        let law = Sampler::Uniform { min: 0.0, max: 1.0 };
        let draw = |path, replication| {
            all(RecordedStream::new(path, law.clone(), 7, replication).with_patience(law.clone(), 7))
        };
        assert_eq!(draw(&whole, 2), draw(&parts, 2));
        let (times, works, patiences, _) = draw(&whole, 3);
        assert_eq!((times.len(), works.len(), patiences.len()), (3000, 3000, 3000));
        assert_ne!(works, draw(&whole, 2).1);
        assert_eq!(patiences[2500], on_grid(Stream::new(7, Purpose::Patience).uniform(3, 2500, 0)));
    }
}
