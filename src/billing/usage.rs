//! The usage log: who ran when, and who ended it.

use crate::fleet::PurchaseOption;
use crate::units::{Duration, SimTime};

/// One uninterrupted run of an instance within the horizon.
///
/// A run that began before the start of the horizon is counted from the start; one that goes on at the horizon ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Number of the instance in its replication.
    pub instance: u32,
    /// How it is paid for.
    pub option: PurchaseOption,
    /// Index of its market, for spot.
    pub market: Option<usize>,
    /// Running from.
    pub from: SimTime,
    /// Running until.
    pub until: SimTime,
    /// Who ended it.
    pub ended_by: EndedBy,
}

impl Usage {
    /// How long it ran.
    pub fn length(&self) -> Duration {
        self.until - self.from
    }
}

/// Who ended a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// The team: scale-in. Billed as such also when the horizon cuts the run.
    Owner,
    /// The cloud: a spot interruption.
    Cloud,
    /// Nobody: the horizon came.
    Horizon,
}
