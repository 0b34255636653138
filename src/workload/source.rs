//! Where the requests of a replication come from.

use super::stream::unit_gaps;
use super::{RatePath, RecordedPath, RecordedStream, RequestBlock, RequestStream, sampler};
use crate::rng::Sampler;
use crate::scenario::{Arrivals, Service};

/// The laws of requests, ready to be drawn from. Some are tabulated, so this is made once and used for all replications.
#[derive(Debug, Clone)]
pub struct RequestLaws {
    /// Gaps between arrivals at a rate of one; of no use where arrivals are recorded.
    gaps: Sampler,
    works: Sampler,
    patience: Option<Sampler>,
}

impl RequestLaws {
    /// The laws of a service whose requests arrive like this (`None` where they are recorded).
    pub fn new(arrivals: Option<Arrivals>, service: &Service) -> Self {
        Self {
            gaps: unit_gaps(arrivals.unwrap_or(Arrivals::Poisson)),
            works: sampler(&service.work),
            patience: service.patience.as_ref().map(sampler),
        }
    }
}

/// The demand of one replication.
#[derive(Debug, Clone, PartialEq)]
pub enum DemandPath<'a> {
    /// A rate.
    Rates(RatePath),
    /// Recorded requests.
    Recorded(RecordedPath<'a>),
}

impl DemandPath<'_> {
    /// How many requests are to be expected, those of the warm-up included.
    pub fn expected_requests(&self) -> f64 {
        match self {
            DemandPath::Rates(path) => path.stretches().map(|(piece, end)| piece.per_second * (end - piece.from)).sum(),
            DemandPath::Recorded(path) => path.pieces().iter().map(|piece| piece.arrivals.len() as f64).sum(),
        }
    }

    /// The requests of a replication with their works and patiences.
    pub fn requests(&self, laws: &RequestLaws, seed: u32, replication: u32) -> RequestSource<'_> {
        let (works, patience) = (laws.works.clone(), laws.patience.clone());
        match self {
            DemandPath::Rates(path) => {
                let stream = RequestStream::with_gaps(path, laws.gaps.clone(), works, seed, replication);
                RequestSource::Drawn(match patience {
                    Some(law) => stream.with_patience(law, seed),
                    None => stream,
                })
            }
            DemandPath::Recorded(path) => {
                let stream = RecordedStream::new(path, works, seed, replication);
                RequestSource::Recorded(match patience {
                    Some(law) => stream.with_patience(law, seed),
                    None => stream,
                })
            }
        }
    }
}

/// The requests of one replication, drawn or recorded.
#[derive(Debug)]
pub enum RequestSource<'a> {
    /// Drawn along a rate.
    Drawn(RequestStream<'a>),
    /// From a trace of requests.
    Recorded(RecordedStream<'a>),
}

impl RequestSource<'_> {
    /// Fills `block` with the next requests; false when there are none.
    pub fn next_block(&mut self, block: &mut RequestBlock) -> bool {
        match self {
            RequestSource::Drawn(stream) => stream.next_block(block),
            RequestSource::Recorded(stream) => stream.next_block(block),
        }
    }

    /// Requests that arrived in each minute since the start; complete when there are no more.
    pub fn offered_by_minute(&self) -> &[u32] {
        match self {
            RequestSource::Drawn(stream) => stream.offered_by_minute(),
            RequestSource::Recorded(stream) => stream.offered_by_minute(),
        }
    }
}
