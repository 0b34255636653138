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
mod sweep;
mod timeline;
mod words;

pub use bound::{NoBound, ScenarioBound, scenario_bound};
pub use plan::{Checkpoint, NoSearch, PlanError, PlanSettings, Watcher, plan};
pub use purchase::{CommitRecord, PurchaseStudy, purchase_study};
pub use replicate::{Interrupted, MixEvents, Progress, Study, expected_requests, run};
pub use sweep::{sweep_plan, sweep_point};
