//! Quantities with units: simulated time, money and hourly rates.
//!
//! Everything that carries a unit has its own type, so that seconds are never added to dollars.
//! Each type reads and writes the strings of scenario files (`"250ms"`, `"0.096 USD/h"`).

mod grid;
mod money;
mod text;
mod time;

pub use grid::{GRID, grid_at_or_after, grid_at_or_before, on_grid, steps_of_grid};
pub use money::{Currency, HourlyPrice, Money, Price, Rate};
pub use text::UnitError;
pub use time::{Duration, Instant, MONTH_HOURS, MONTH_SECONDS, SimTime, Term};
