//! The rate of requests in one replication.

use crate::units::SimTime;

/// A rate that holds until the next piece begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatePiece {
    /// Beginning in seconds since the start.
    pub from: f64,
    /// Requests per second.
    pub per_second: f64,
}

/// The rate of requests over a whole replication, piecewise constant.
#[derive(Debug, Clone, PartialEq)]
pub struct RatePath {
    pieces: Vec<RatePiece>,
    end: f64,
}

impl RatePath {
    /// A path of `pieces` in increasing order of time that ends (without further arrivals) at `end`.
    ///
    /// # Panics
    /// If there is no piece.
    pub fn new(mut pieces: Vec<RatePiece>, end: SimTime) -> Self {
        assert!(!pieces.is_empty(), "a rate path has at least one piece");
        let end = end.as_secs_f64();
        pieces.retain(|piece| piece.from < end);
        pieces.dedup_by(|later, earlier| later.per_second == earlier.per_second);
        Self { pieces, end }
    }

    /// The pieces in order of time.
    pub fn pieces(&self) -> &[RatePiece] {
        &self.pieces
    }

    /// The pieces in order of time, each with when it ends, in seconds since the start.
    pub fn stretches(&self) -> impl Iterator<Item = (RatePiece, f64)> {
        let ends = self.pieces.iter().skip(1).map(|piece| piece.from).chain([self.end]);
        self.pieces.iter().copied().zip(ends)
    }

    /// When arrivals end, in seconds since the start.
    pub fn end(&self) -> f64 {
        self.end
    }
}
