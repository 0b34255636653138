//! The life of instances: from request to termination.

mod boot;
mod instance;
pub mod target;

pub use boot::{BootDraw, BootPlan};
pub use instance::{Instance, PurchaseOption, State};
