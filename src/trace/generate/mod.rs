//! Generators: from a profile and a seed to a synthetic trace.
//!
//! Same profile, settings and seed give the same series on every platform: only `rng` and plain arithmetic are used.

mod capacity;
mod demand;
mod price;
mod requests;

pub use capacity::generate_capacity;
pub use demand::{DemandRequest, generate_demand};
pub use price::{PriceRequest, generate_price};

pub(super) use demand::rhythm_at;
pub use requests::generate_requests;
