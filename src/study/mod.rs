//! A study: all replications of all candidate mixes, their bills, and the record with its intervals.

mod bootstrap;
mod candidate;
mod paths;
mod replicate;
mod summary;
mod timeline;
mod words;

pub use bootstrap::{BlockSource, draw_blocks};
pub use candidate::{Candidate, StudyInput};
pub use replicate::{MixEvents, Progress, Study, run};
