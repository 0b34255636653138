//! Queues that change, servers that start and fail.

use super::{known, outputs};
use crate::queueing::{
    self, FluidSlot, Moments, Slot, checkpoint_interval, late_by_approximation, late_shares, restarted_service,
    wait_mean,
};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use crate::selfcheck::wanted::Wanted;
use serde_json::{Map, Value, json};

/// Most servers of a queue that is followed through time.
const MOST_SERVERS: u32 = 1_000_000;

/// M/M/1 some time after it was empty: the probabilities of 0, 1 and 5 requests, or of the numbers in `n`.
pub(in crate::selfcheck::topics) fn from_empty(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "t", "n"])?;
    let rate = inputs.number("mu")?;
    let slot = Slot { arrivals: inputs.number("lam")?, servers: 1, time: inputs.number("t")? };
    let law = known(queueing::requests_after(&slot, rate))?;
    let numbers = if inputs.has("n") { inputs.whole_numbers("n", u32::MAX)? } else { vec![0, 1, 5] };
    let share = |number: u32| law.get(number as usize).copied().unwrap_or(0.0);
    Ok(numbers.into_iter().map(|number| as_number(share(number))).collect())
}

/// M(t)/M/s(t) by slots that begin with nobody there.
pub(in crate::selfcheck::topics) fn changing(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lams", "servers", "mu", "slot", "L"])?;
    let (arrivals, servers) = (inputs.series("lams")?, inputs.whole_numbers("servers", MOST_SERVERS)?);
    if arrivals.len() != servers.len() {
        return Err(NoModel("no model for `lams` and `servers` of different lengths".to_string()));
    }
    let time = inputs.number("slot")?;
    let slots: Vec<Slot> =
        arrivals.into_iter().zip(servers).map(|(arrivals, servers)| Slot { arrivals, servers, time }).collect();
    let shares = known(late_shares(&slots, inputs.number("mu")?, inputs.number("L")?))?;
    Ok(shares.into_iter().map(as_number).collect())
}

/// The same as a fluid that begins with `x0`: late shares of slots, and what is there at their ends.
pub(in crate::selfcheck::topics) fn fluid(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lams", "s", "mu", "slot", "L", "x0"])?;
    let (servers, time) = (inputs.count("s")?, inputs.number("slot")?);
    let slots: Vec<Slot> =
        inputs.series("lams")?.into_iter().map(|arrivals| Slot { arrivals, servers, time }).collect();
    let present = if inputs.has("x0") { inputs.number("x0")? } else { 0.0 };
    let found = known(queueing::fluid(&slots, inputs.number("mu")?, inputs.number("L")?, present))?;
    let of = |value: fn(&FluidSlot) -> f64| -> Value { found.iter().map(|slot| as_number(value(slot))).collect() };
    Ok(json!({ "share": of(|slot| slot.late), "x_end": of(|slot| slot.left) }))
}

/// A day of 96 slots of 20 mean services whose load swings by half around `scale`, with half a root more servers than load, but at most
/// `cap` times `scale`: the share of those who wait longer than half a mean service, exactly and by what screening could use.
pub(in crate::selfcheck::topics) fn screening(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    const SLOTS: u32 = 96;
    const LIMIT: f64 = 0.5;
    let inputs = Inputs::new(inputs, &["scale", "cap"])?;
    let scale = inputs.positive("scale")?;
    let most = (inputs.positive("cap")? * scale).floor();
    if !(1.0..=f64::from(MOST_SERVERS)).contains(&most) {
        return Err(NoModel(format!("no model for at most {most} servers")));
    }
    let slot = |number: u32| {
        let turn = std::f64::consts::TAU * (f64::from(number) + 0.5) / f64::from(SLOTS);
        let arrivals = scale * (1.0 + 0.5 * libm::sin(turn));
        let servers = (arrivals + 0.5 * arrivals.sqrt()).ceil().min(most) as u32;
        Slot { arrivals, servers, time: 20.0 }
    };
    let slots: Vec<Slot> = (0..SLOTS).map(slot).collect();
    let by = known(late_by_approximation(&slots, 1.0, LIMIT))?;
    let late = known(late_shares(&slots, 1.0, LIMIT))?;
    let requests: f64 = slots.iter().map(|slot| slot.arrivals).sum();
    let exact = slots.iter().zip(late).map(|(slot, share)| slot.arrivals * share).sum::<f64>() / requests;
    Ok(Value::Object(outputs([
        ("exact", exact),
        ("hybrid", by.hybrid),
        ("fluid", by.fluid),
        ("sipp", by.stationary),
        ("sbc", by.backlog_carryover),
    ])))
}

/// M/M/1 whose server is switched off when nobody is there: without a name the mean sojourn.
pub(in crate::selfcheck::topics) fn setup(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "setup_mean", "setup"])?;
    let (arrivals, service) = (inputs.number("lam")?, Moments::exponential(1.0 / inputs.positive("mu")?));
    let mean = inputs.number("setup_mean")?;
    let setup = match inputs.text("setup")? {
        "exp" => Moments::exponential(mean),
        "D" | "det" | "deterministic" | "constant" => Moments::constant(mean),
        other => return Err(NoModel(format!("no model for the set-up times `{other}`"))),
    };
    let wait = known(wait_mean(arrivals, service))? + known(queueing::setup_delay(arrivals, setup))?;
    wanted.answer(outputs([("T", wait + service.mean), ("Wq", wait)]), "T")
}

/// Checkpoints (`delta`), work that is lost (`S`), or M/M/1 on a server that fails and goes on when it is repaired.
pub(in crate::selfcheck::topics) fn interruptions(
    inputs: &Map<String, Value>,
    wanted: &Wanted,
) -> Result<Value, NoModel> {
    if inputs.contains_key("delta") {
        let inputs = Inputs::new(inputs, &["delta", "xi"])?;
        let interval = known(checkpoint_interval(inputs.number("delta")?, inputs.number("xi")?))?;
        return wanted.answer(outputs([("interval", interval)]), "interval");
    }
    if inputs.contains_key("S") {
        let inputs = Inputs::new(inputs, &["S", "xi", "r"])?;
        let time = known(restarted_service(inputs.number("S")?, inputs.number("xi")?, inputs.number("r")?))?;
        return wanted.answer(outputs([("EC", time)]), "EC");
    }
    let inputs = Inputs::new(inputs, &["lam", "mu", "xi", "r"])?;
    let (arrivals, repair) = (inputs.number("lam")?, Moments::exponential(inputs.number("r")?));
    let service = Moments::exponential(1.0 / inputs.positive("mu")?);
    let service = known(queueing::with_breakdowns(service, inputs.number("xi")?, repair))?;
    let wait = known(wait_mean(arrivals, service))?;
    let out = outputs([("EC", service.mean), ("EC2", service.second), ("Wq", wait), ("T", wait + service.mean)]);
    wanted.answer(out, "T")
}
