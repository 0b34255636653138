//! The life of instances: from request to termination.

mod background;
mod boot;
mod instance;
pub mod target;

pub use background::{BackgroundTally, Backlog, Task, Worker};
pub use boot::{BootDraw, BootPlan};
pub use instance::{Instance, PurchaseOption, State};
