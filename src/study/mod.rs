//! A study: all replications of all candidate mixes, their bills, and the record with its intervals.

mod bound;
mod commitments;
mod invoice;
mod patch_wave;
mod paths;
mod plan;
mod purchase;
mod replicate;
mod summary;
mod timeline;
mod words;

pub use bound::{NO_SHARPER_BOUND, NoBound, ScenarioBound, WHAT_THE_GAP_IS, scenario_bound};
pub use plan::{Checkpoint, NoSearch, PlanError, PlanSettings, Watcher, plan};
pub use purchase::{CommitRecord, PurchaseStudy, purchase_study};
pub use replicate::{Interrupted, MixEvents, Progress, Study, expected_requests, run};
