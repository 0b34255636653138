//! Poisson arrivals and exponential services.

use super::{known, or_one, outputs, quantile, servers};
use crate::queueing::{ErlangC, Impatient, LimitedRoom, SharedServers, erlang_b};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use crate::selfcheck::wanted::{Time, Wanted};
use serde_json::{Map, Value};

/// Erlang B and C.
pub(in crate::selfcheck::topics) fn erlang(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["c", "a", "lam", "mu"])?;
    let servers = inputs.count("c")?;
    let load = if inputs.has("a") { inputs.number("a")? } else { inputs.number("lam")? / inputs.positive("mu")? };
    let waits = ErlangC::new(servers, load).wait_probability();
    wanted.answer(outputs([("B", erlang_b(servers, load)), ("C", waits)]), "C")
}

/// M/M/c.
pub(in crate::selfcheck::topics) fn exponential(
    inputs: &Map<String, Value>,
    wanted: &Wanted,
) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "c", "t"])?;
    let (arrivals, rate, servers) = (inputs.number("lam")?, inputs.positive("mu")?, servers(&inputs)?);
    let queue = stable(servers, arrivals / rate)?;
    let mut out = outputs([
        ("P_wait", queue.wait_probability()),
        ("Lq", queue.mean_queue()),
        ("L", queue.mean_requests()),
        ("Wq", queue.mean_wait() / rate),
        ("W", queue.mean_sojourn() / rate),
        ("T", queue.mean_sojourn() / rate),
    ]);
    let wait = Time {
        names: &["", "W", "Wq"],
        tail: &|time| Ok(queue.wait_tail(rate * time)),
        quantile: &|share| Ok(queue.wait_quantile(share) / rate),
    };
    let sojourn = Time {
        names: &["T"],
        tail: &|time| Ok(queue.sojourn_tail(rate * time)),
        quantile: &|share| Ok(queue.sojourn_quantile(share) / rate),
    };
    wanted.add_figures(&mut out, &inputs, &[wait, sojourn])?;
    wanted.answer(out, "Wq")
}

/// M/M/c/K.
pub(in crate::selfcheck::topics) fn limited_room(
    inputs: &Map<String, Value>,
    wanted: &Wanted,
) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "c", "K", "t"])?;
    let (arrivals, rate) = (inputs.number("lam")?, inputs.number("mu")?);
    let queue = known(LimitedRoom::new(arrivals, rate, servers(&inputs)?, inputs.count("K")?))?;
    let mut out = outputs([
        ("P_block", queue.block_probability()),
        ("P_wait", queue.wait_probability()),
        ("Lq", queue.mean_queue()),
        ("L", queue.mean_requests()),
        ("Wq", queue.mean_wait()),
        ("W", queue.mean_sojourn()),
    ]);
    let tail = |time| queue.wait_tail(time);
    let wait = Time { names: &["", "W", "Wq"], tail: &tail, quantile: &|share| quantile(&tail, share) };
    wanted.add_figures(&mut out, &inputs, &[wait])?;
    wanted.answer(out, "P_block")
}

/// M/M/c+M: without a name the probability of waiting, or of waiting longer than `t` when nothing makes one leave.
pub(in crate::selfcheck::topics) fn impatient(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "c", "theta", "t"])?;
    let (arrivals, rate) = (inputs.number("lam")?, inputs.number("mu")?);
    let queue = known(Impatient::new(arrivals, rate, servers(&inputs)?, inputs.number("theta")?))?;
    let mut out = outputs([
        ("P_wait", queue.wait_probability()),
        ("P_ab", queue.abandon_probability()),
        ("Lq", queue.mean_queue()),
        ("Wq", queue.mean_wait()),
    ]);
    let without_name = if inputs.has("t") { "P_V_gt_t" } else { "P_wait" };
    if inputs.has("t") {
        out.insert("P_V_gt_t".to_string(), as_number(queue.offered_wait_tail(inputs.number("t")?)));
    }
    let (offered, actual) = (|time| Ok(queue.offered_wait_tail(time)), |time| Ok(queue.wait_tail(time)));
    let offered = Time { names: &["V"], tail: &offered, quantile: &|share| quantile(&offered, share) };
    let actual = Time { names: &["", "W", "Wq"], tail: &actual, quantile: &|share| quantile(&actual, share) };
    wanted.add_figures(&mut out, &inputs, &[offered, actual])?;
    wanted.answer(out, without_name)
}

/// M/M/c with shared servers, and in order of arrival for comparison.
pub(in crate::selfcheck::topics) fn shared(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "c", "t"])?;
    let (arrivals, rate, servers) = (inputs.positive("lam")?, or_one(&inputs, "mu")?, servers(&inputs)?);
    let queue = known(SharedServers::new(arrivals, rate, servers))?;
    let in_order = stable(servers, arrivals / rate)?;
    let mut out = outputs([("mean", queue.mean_sojourn())]);
    if servers == 1 {
        out.insert("var".to_string(), as_number(known(queue.variance_of_one())?));
    }
    let tail = |time| queue.sojourn_tail(time);
    let sojourn = Time { names: &["T"], tail: &tail, quantile: &|share| quantile(&tail, share) };
    let fifo = |time| Ok(in_order.sojourn_tail(rate * time));
    wanted.add_figures(&mut out, &inputs, &[sojourn])?;
    for name in wanted.names() {
        let Some(alike) = name.strip_suffix("_FIFO") else { continue };
        let of_order = Time { names: &["T"], tail: &fifo, quantile: &|share| quantile(&fifo, share) };
        let mut figures = Map::new();
        Wanted::one(alike).add_figures(&mut figures, &inputs, &[of_order])?;
        out.extend(figures.into_values().map(|value| (name.to_string(), value)));
    }
    wanted.answer(out, "mean")
}

/// M/M/c, if it has a stationary state.
pub(super) fn stable(servers: u32, load: f64) -> Result<ErlangC, NoModel> {
    if load < f64::from(servers) {
        Ok(ErlangC::new(servers, load))
    } else {
        Err(NoModel("no model: the servers cannot keep up".to_string()))
    }
}
