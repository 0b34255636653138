//! Jobs with deadlines on spot and on-demand: policies, what they cost, and the least that could have been paid.
//!
//! Time goes in steps. At the beginning of a step a market gives what its capacity says for the whole step; what does not fit is taken
//! away, with the work that is not saved. Then each job, in order of release, chooses where it is in this step. A job pays for every
//! step that it holds an instance, also for those of the restart.
//!
//! A job that leaves an instance by itself saves first, so it loses nothing. The clairvoyant [`optimum`] never loses anything: it leaves
//! in time.
//!
//! Hours that are paid for and that nobody else needs are a market like spot, for nothing: its capacity is what is idle. Who gives them back
//! does so in order, and saves first.

mod optimum;
mod policy;
mod simulate;
#[cfg(test)]
mod tests;

pub use optimum::{cells, is_too_large, optimum};
pub use policy::Policy;
pub use simulate::{JobOutcome, simulate};

/// A job, in steps since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// The first step in which it can hold an instance.
    pub release: u32,
    /// It must be complete before this step begins.
    pub deadline: u32,
    /// Steps that it runs.
    pub work: u32,
}

impl Job {
    /// Whether on-demand alone, begun at once, completes it in time.
    pub fn is_possible(&self, restart: u32) -> bool {
        u64::from(self.release) + u64::from(restart) + u64::from(self.work) <= u64::from(self.deadline)
    }
}

/// A spot market, by step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Market {
    /// What an instance costs in the step, in nano-units of the currency.
    pub cost: Vec<i64>,
    /// How many instances it gives for the whole step.
    pub capacity: Vec<u32>,
    /// Whether they are paid for already: reserved instances that are idle. What is taken away of them loses nothing.
    pub reserved: bool,
}

/// What jobs can run on, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// Spot, for as many steps as are simulated.
    pub markets: Vec<Market>,
    /// How many steps are simulated.
    pub steps: u32,
    /// What an on-demand instance costs for a step, in nano-units of the currency.
    pub on_demand: i64,
    /// Steps that a job holds an instance before it goes on.
    pub restart: u32,
    /// Steps of work after which a job saves; `None`: only when it leaves by itself.
    pub checkpoint: Option<u32>,
}
