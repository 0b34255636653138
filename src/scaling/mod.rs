//! Alarms and scaling policies: (observations, state) -> decisions. Pure: nothing here knows that it is simulated.
//!
//! A [`Controller`] is told each period's datapoints and the state of the group, and answers how many on-demand instances to launch
//! or to terminate, and why. A real controller would read the datapoints from its monitor and carry the decision out by API calls.

mod adjust;
mod alarm;
mod controller;

pub use adjust::{rounded_change, step_change};
pub use alarm::{AlarmState, evaluate_alarm};
pub use controller::{AlarmChange, Controller, Decision, GroupView};
