//! Other laws than exponential ones.

use super::markov::stable;
use super::{known, or_one, outputs, quantile, servers};
use crate::queueing::{
    DeterministicService, Moments, PhaseQueue, ServiceLaw, TwoPhases, Variability, allen_cunneen, decay_rate, qna,
    sakasegawa, wait_mean, wait_variance, whitt,
};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use crate::selfcheck::wanted::{Time, Wanted};
use serde_json::{Map, Value};

/// M/G/1 from moments of the service time.
pub(in crate::selfcheck::topics) fn any_service(
    inputs: &Map<String, Value>,
    wanted: &Wanted,
) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "ES", "ES2", "ES3"])?;
    let arrivals = inputs.number("lam")?;
    let service = Moments { mean: inputs.number("ES")?, second: inputs.number("ES2")? };
    let wait = known(wait_mean(arrivals, service))?;
    let sojourn = wait + service.mean;
    let mut out = outputs([("Wq", wait), ("W", sojourn), ("Lq", arrivals * wait), ("L", arrivals * sojourn)]);
    if inputs.has("ES3") {
        let variance = known(wait_variance(arrivals, service, inputs.number("ES3")?))?;
        out.insert("VarW".to_string(), as_number(variance));
    }
    wanted.answer(out, "Wq")
}

/// M/D/1: without a name the probability of a wait of at most `t`.
pub(in crate::selfcheck::topics) fn single_constant_service(
    inputs: &Map<String, Value>,
    wanted: &Wanted,
) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "D", "t"])?;
    let queue = known(DeterministicService::new(inputs.number("lam")?, or_one(&inputs, "D")?, 1))?;
    let mut out = constant_outputs(&queue, &inputs, wanted)?;
    if inputs.has("t") {
        out.insert("P_W_le_t".to_string(), as_number(1.0 - known(queue.wait_tail(inputs.number("t")?))?));
    }
    wanted.answer(out, "P_W_le_t")
}

/// M/D/c.
pub(in crate::selfcheck::topics) fn constant_service(
    inputs: &Map<String, Value>,
    wanted: &Wanted,
) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "D", "c", "x", "t"])?;
    let queue = known(DeterministicService::new(inputs.number("lam")?, or_one(&inputs, "D")?, servers(&inputs)?))?;
    wanted.answer(constant_outputs(&queue, &inputs, wanted)?, "Wq")
}

fn constant_outputs(
    queue: &DeterministicService,
    inputs: &Inputs,
    wanted: &Wanted,
) -> Result<Map<String, Value>, NoModel> {
    let mut out = outputs([
        ("Wq", queue.mean_wait()),
        ("W", queue.mean_sojourn()),
        ("Lq", queue.mean_queue()),
        ("P_wait", known(queue.wait_probability())?),
    ]);
    let (wait, sojourn) = (|time| queue.wait_tail(time), |time| queue.sojourn_tail(time));
    let wait = Time { names: &["", "W", "Wq"], tail: &wait, quantile: &|share| quantile(&wait, share) };
    let sojourn = Time { names: &["T"], tail: &sojourn, quantile: &|share| quantile(&sojourn, share) };
    wanted.add_figures(&mut out, inputs, &[wait, sojourn])?;
    Ok(out)
}

/// M/PH/c.
pub(in crate::selfcheck::topics) fn phases(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "c", "ES", "cs2", "service"])?;
    let queue = known(PhaseQueue::new(inputs.number("lam")?, servers(&inputs)?, two_phases(&inputs)?))?;
    let out = outputs([
        ("Wq", queue.mean_wait()),
        ("W", queue.mean_sojourn()),
        ("Lq", queue.mean_queue()),
        ("P_wait", queue.wait_probability()),
    ]);
    wanted.answer(out, "Wq")
}

fn two_phases(inputs: &Inputs) -> Result<TwoPhases, NoModel> {
    let mean = or_one(inputs, "ES")?;
    let varies = |expected: f64| match inputs.has("cs2") {
        true => inputs.number("cs2").map(|given| (given - expected).abs() < 1e-9),
        false => Ok(true),
    };
    let (law, fits) = match inputs.text("service")? {
        "E2" => (known(TwoPhases::erlang(mean))?, varies(0.5)?),
        "M" | "exp" => (known(TwoPhases::exponential(mean))?, varies(1.0)?),
        "H2" | "H2 balanced means" => (known(TwoPhases::balanced(mean, inputs.number("cs2")?))?, true),
        other => return Err(NoModel(format!("no model for the service times `{other}`"))),
    };
    if fits { Ok(law) } else { Err(NoModel("no model: `cs2` is not that of `service`".to_string())) }
}

/// How fast the tail of the wait falls in M/G/c.
pub(in crate::selfcheck::topics) fn tail_decay(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "c", "D", "mu", "ES", "cs2", "service"])?;
    let ways = ["D", "mu", "service"].iter().filter(|key| inputs.has(key)).count();
    let service = match ways {
        1 if inputs.has("D") => ServiceLaw::Constant(inputs.number("D")?),
        1 if inputs.has("mu") => ServiceLaw::Phases(known(TwoPhases::exponential(1.0 / inputs.positive("mu")?))?),
        1 => ServiceLaw::Phases(two_phases(&inputs)?),
        _ => return Err(NoModel("no model without one law of service times".to_string())),
    };
    wanted.answer(outputs([("eta", known(decay_rate(inputs.number("lam")?, servers(&inputs)?, &service))?)]), "eta")
}

fn variability(inputs: &Inputs) -> Result<Variability, NoModel> {
    Ok(Variability { arrivals: inputs.number("ca2")?, services: inputs.number("cs2")? })
}

/// G/G/1.
pub(in crate::selfcheck::topics) fn any_gaps(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "ca2", "cs2"])?;
    let (arrivals, rate) = (inputs.number("lam")?, inputs.positive("mu")?);
    let wait = known(qna(arrivals / rate, variability(&inputs)?))? / rate;
    wanted.answer(outputs([("Wq", wait), ("W", wait + 1.0 / rate)]), "Wq")
}

/// G/G/c by several approximations.
pub(in crate::selfcheck::topics) fn any_gaps_and_servers(
    inputs: &Map<String, Value>,
    wanted: &Wanted,
) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "c", "ca2", "cs2"])?;
    let (rate, servers, variability) = (inputs.positive("mu")?, servers(&inputs)?, variability(&inputs)?);
    let load = inputs.number("lam")? / rate;
    let out = outputs([
        ("MMc", stable(servers, load)?.mean_wait() / rate),
        ("allen_cunneen", known(allen_cunneen(servers, load, variability))? / rate),
        ("sakasegawa", known(sakasegawa(servers, load, variability))? / rate),
        ("whitt93", known(whitt(servers, load, variability))? / rate),
    ]);
    wanted.answer(out, "whitt93")
}
