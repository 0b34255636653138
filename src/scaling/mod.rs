//! Alarms, policies and the rules of groups: (observations, state) -> (actions, state). Pure: nothing here knows that it is simulated.
//!
//! A [`Controller`] is told what a monitor publishes and the state of the group, and answers how many on-demand instances to launch or
//! to terminate, and why. [`SpotCover`] does the same for on-demand instances that stand in for lost spot,
//! [`ContainerController`] for the containers on them. [`group`] holds what does
//! not depend on a metric: splits, weights, allocation, termination, refreshes; [`metric`] how a monitor counts. Whoever wants only one
//! rule calls its function: each is one.
//!
//! # A real controller
//!
//! Time is a number here, so that what runs in a simulation runs in production: a loop reads the datapoints from the monitor, counts the
//! instances of the group, and carries the decision out by calls of the cloud's interface.
//!
//! ```
//! use fleetmix::scaling::{Controller, Datapoint, Decision, GroupView, Observations};
//! use fleetmix::scenario::Scaling;
//! use fleetmix::units::{Instant, SimTime};
//!
//! let scaling: Scaling = serde_json::from_str(r#"{
//!     "min_total": 2, "max_total": 10,
//!     "metrics": { "period": "60s" },
//!     "policies": { "hold": { "target_tracking": { "metric": { "cpu": "average" }, "target": 0.5, "warm_up": "60s" } } }
//! }"#)?;
//! let start: Instant = "2016-03-07T00:00:00Z".parse()?;
//! let mut controller = Controller::new(&scaling, start, SimTime::START);
//! let mut instances = 4;
//! for minute in 1..=3 {
//!     let now = SimTime::from_secs(60 * minute);
//!     // What the monitor says: CPU is at 80 %.
//!     let datapoints = controller.metrics().iter().map(|_| Datapoint { value: Some(0.8), samples: 600 }).collect();
//!     for change in controller.observe(&Observations { until: now, datapoints, load: Some(3.2) }) {
//!         println!("{}: {}", change.alarm, change.why);
//!     }
//!     // What the cloud says: so many instances, all of them warm.
//!     let group = GroupView {
//!         now,
//!         warm_total: instances,
//!         total: instances,
//!         on_demand: instances,
//!         on_demand_limits: (0, 10),
//!         standing_in: 0,
//!         activity_in_progress: false,
//!         last_activity_end: None,
//!     };
//!     match controller.decide(&group) {
//!         Decision::Launch { count, .. } => instances += count,
//!         Decision::Terminate { count, .. } => instances -= count,
//!         Decision::Stay => {}
//!     }
//! }
//! assert_eq!(instances, 7, "three minutes above the target: 4 * 0.8 / 0.5, rounded up");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adjust;
mod alarm;
mod containers;
mod controller;
#[cfg(test)]
mod controller_tests;
pub mod group;
pub mod metric;
pub mod policy;
mod spot_cover;
mod tracker;
mod view;

pub use adjust::{Adjustment, adjusted, change_in_instances, rounded_change, within_limits};
pub use alarm::{AlarmState, Comparison, evaluate_alarm, evaluation_range, points_to_fill};
pub use containers::{ContainerAction, ContainerController, Place, PlaceUse, RequestLoad, actions};
pub use controller::Controller;
pub use spot_cover::{CoverChange, SpotCover};
pub use tracker::{AlarmChange, Datapoint};
pub use view::{Decision, GroupView, MetricWindow, Observations};
