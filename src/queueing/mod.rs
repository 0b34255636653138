//! Queueing theory in closed form: what screening, floors and checks compute where nothing has to be simulated.

mod erlang;

pub use erlang::{ErlangC, erlang_b};
