//! The planner: what to buy for a usage that is known or drawn.
//!
//! It knows usage, prices and probabilities, but neither the engine nor a file: whoever has simulated hands it the usage.

pub mod bound;
pub mod commitment;
pub mod linear;
pub mod race;
pub mod waiting;
