//! A study: all replications of all candidate mixes, their bills, and the record with its intervals.

mod billed_usage;
mod bound;
mod commitments;
mod invoice;
mod patch_wave;
mod paths;
mod plan;
mod purchase;
mod reconcile;
mod replicate;
mod summary;
mod timeline;
mod words;

pub use billed_usage::purchase_of_bill;
pub use bound::{NoBound, ScenarioBound, scenario_bound};
pub use plan::{Checkpoint, NoSearch, PlanError, PlanSettings, Watcher, plan};
pub use purchase::{CommitRecord, PurchaseStudy, purchase_study};
pub use reconcile::{
    Compared, ComparedDay, ComparedOption, Difference, NotComparable, Reconciliation, Side, reconcile,
};
pub use replicate::{Interrupted, MixEvents, Progress, Study, expected_requests, run};
