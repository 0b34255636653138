//! The best purchase of commitments for a usage.
//!
//! What happens in a run does not depend on how it is paid for, so one set of usage logs serves every purchase that is tried.
//!
//! - [`Curve`]: what the hours of a time cost on-demand, beyond each number of instances that commitments cover.
//! - [`Problem`]: offers that can be bought, each from one date to another, in worlds of which one will come; solved by a linear
//!   programme whose solution is whole where its columns are intervals.
//! - [`level`]: a single term that covers everything needs no programme.
//! - [`plan_dollars`]: dollars of a savings plan, exactly at a break of the cost.
//! - [`Search`]: reservations and plans together, for a [`Situation`]; [`recommend`] says what the best is worth.
//! - [`waiting`], [`ladder`] and [`second_stage`]: what it costs to buy later or not all at once, and what it is worth to decide
//!   again when the growth is known.
//! - [`Risk`]: expected cost, or a mean of it and of the worst cases.
//! - [`online`]: rules that know only the past, and what they are proved to cost at most.

mod advice;
mod curve;
mod foresight;
mod interval;
mod joint;
mod layout;
pub mod level;
pub mod online;
mod overlap;
pub mod plan_dollars;
mod problem;
mod record;
mod risk;
mod several_plans;
mod situation;
mod split;
mod timing;
mod usage;

pub use advice::{Bought, Effect, Origin, Search};
pub use curve::{Curve, Segment};
pub use foresight::WithoutForesight;
pub use interval::{Purchase, solve};
pub use problem::{Choice, Problem, World};
pub use record::{CommitToPlan, CurveKind, CurvePoint, Recommendation, Reserve, Saved, recommend};
pub use risk::{Risk, conditional_value_at_risk};
pub use situation::{Growth, MONTH, Offered, PlanOffered, Reach, Settings, Situation};
pub use timing::{Ladder, Rung, SecondStage, Waiting, ladder, second_stage, waiting};
pub use usage::{TypeUsage, usage_by_type};

#[cfg(test)]
mod bill_tests;
#[cfg(test)]
mod overlap_tests;
#[cfg(test)]
mod tests;
