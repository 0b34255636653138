//! One replication of one mix, every request simulated.
//!
//! # How it works
//!
//! Between two *control events* (a metric tick, an instance entering service, a price change, …) the set of serving slots is fixed,
//! so a shared FIFO queue needs no event calendar: the next request starts at `max(arrival, smallest free time)` and its slot is free
//! again at `start + work / speed` (the recursion of Kiefer and Wolfowitz). `kernel/fifo/` holds that recursion, its heart in `sorted.rs` and `tree.rs`.
//!
//! A request is committed only while it leaves the queue *before* the next control event; else the event is handled first and
//! the request is looked at again. At equal times control comes first, and control events of the same instant happen in the order
//! in which they were scheduled. Because the queue is first-come, first-served, everything that happens before a control event is
//! known when it is due, however far behind the arrivals the queue is: the waiting requests need no structure at all.
//!
//! A client that waits longer than its patience leaves without having occupied a slot, so it does not enter the recursion. Its
//! exit, `min(start, arrival + patience)`, is what has to come before the next control event. With a random patience exits are not
//! in order of arrival, but starts still are, which is what the argument needs: while a request is held back by a control event at
//! T, no slot is free before T, so later requests start at T or after it, whatever the event does to the slots. One of them
//! that leaves before T is looked at after the event and leaves at its deadline all the same; all that is booked of it is its
//! minute of arrival. Only the queue limit needs exits in order, so that with random patience another kernel serves.
//!
//! Other disciplines, and requests that come again after a loss, have kernels of their own behind the same functions: see
//! `kernel/dispatch.rs`.
//!
//! What became of requests is booked after a stretch of them has been served, before the control event that ended it. Those that
//! are complete by then cannot be touched any more; the others, at most one a slot, are kept by name until they are complete, or
//! until their instance is taken away and they are lost.
//!
//! Periods of metrics hold what was *completed* in them, minutes of the objective what *arrived* in them. A request is rejected when
//! the queue is full at its arrival, and counts in the minute of its arrival, as one does that is lost or gives up.
//!
//! Several simulations advance together in [`Lockstep`], with the bits of each alone.
//!
//! The engine knows no file, no clock of the wall and no chart. `study` feeds it and bills its usage log.

mod background;
mod calendar;
mod chaos;
mod control;
mod event;
mod failed;
mod interruption;
mod interval;
mod kernel;
mod lifecycle;
mod lockstep;
mod meter;
mod metrics;
mod patch_wave;
mod plan;
mod rebalancing;
mod record;
mod segments;
mod simulation;
mod spot;
#[cfg(test)]
mod theory;
mod warm_pool;
mod what_if;

pub use background::{BackgroundPlan, BackgroundRecord};
pub use chaos::ChaosPlan;
pub use event::{Event, What};
pub use interval::{MinuteLoads, Moments, Tables};
pub use lockstep::Lockstep;
pub use patch_wave::WavePlan;
pub use plan::{MarketPlan, MixPlan, SignalPlan, SpotPlan, TypePlan, WarmPlan};
pub use record::{Bucket, Counts, Overrun, RunRecord, WaveRecord};
pub use segments::Segmented;
pub use simulation::Simulation;
pub use what_if::Asked;
