//! A study: all replications of all candidate mixes, their bills, and the record with its intervals.

mod background;
mod backtest;
mod batch;
mod billed_usage;
mod bound;
mod causes;
mod commitments;
mod incidents;
mod invoice;
mod patch_wave;
mod paths;
mod plan;
mod purchase;
mod reconcile;
mod replicate;
mod segments;
mod sensitivity;
mod summary;
mod sweep;
mod timeline;
mod words;

pub use backtest::{Backtest, BacktestError, NoSplit};
pub use batch::{NoBatch, batch};
pub use billed_usage::purchase_of_bill;
pub use bound::{NO_SHARPER_BOUND, NoBound, ScenarioBound, WHAT_THE_GAP_IS, scenario_bound};
pub use causes::causes;
pub use plan::{Checkpoint, NoSearch, PlanError, PlanSettings, Watcher, plan};
pub use purchase::{CommitRecord, PurchaseStudy, purchase_study};
pub use reconcile::{
    Compared, ComparedDay, ComparedOption, Difference, NotComparable, Reconciliation, Side, billed_by_day, reconcile,
};
pub use replicate::{Interrupted, MixEvents, Progress, Study, expected_requests, run};
pub use sensitivity::{Chosen, sensitivity, sensitivity_of};
pub use sweep::{sweep_plan, sweep_point};
