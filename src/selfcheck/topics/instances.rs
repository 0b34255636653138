//! Running time of instances, and capacity reservations.

use crate::billing::{RunStates, billed_time, unused_capacity};
use crate::scenario::OnDemandBilling;
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, as_seconds, time};
use crate::units::Duration;
use serde_json::{Map, Value, json};

/// Billed time of runs, each rounded for itself.
pub(super) fn runs(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["granularity", "minimum_s", "runs_s"])?;
    let minimum = if inputs.has("minimum_s") { inputs.seconds("minimum_s")? } else { Duration::ZERO };
    let rule = match inputs.text("granularity")? {
        "second" => OnDemandBilling::PerSecond { minimum },
        "hour" if minimum <= Duration::HOUR => OnDemandBilling::PerHour {},
        other => return Err(NoModel(format!("no model for `granularity` = {other:?}"))),
    };
    let mut billed = Duration::ZERO;
    for run in inputs.numbers("runs_s")? {
        billed += billed_time(time(run)?, rule);
    }
    Ok(json!({ "billed_s": as_seconds(billed) }))
}

/// Which states bill.
pub(super) fn states(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["seconds_in_state", "hibernating"])?;
    let known =
        ["pending", "running", "rebooting", "stopping", "stopped", "shutting-down", "shutting_down", "terminated"];
    let states = Inputs::new(inputs.map("seconds_in_state")?, &known)?;
    let in_state = |name| if states.has(name) { states.seconds(name) } else { Ok(Duration::ZERO) };
    let states = RunStates {
        // A reboot is part of the run (RULES R3).
        running: in_state("running")? + in_state("rebooting")?,
        stopping: in_state("stopping")?,
        hibernating: inputs.has("hibernating") && inputs.flag("hibernating")?,
    };
    Ok(json!({ "billed_s": as_seconds(states.billable()) }))
}

/// Charged hours of a capacity reservation: per second, like on-demand.
pub(super) fn capacity_hours(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["active_s"])?;
    let rule = OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) };
    let charged = billed_time(inputs.seconds("active_s")?, rule);
    Ok(json!({ "reservation_hours": as_number(charged.as_hours_f64()) }))
}

/// What of a capacity reservation is charged without running.
pub(super) fn capacity_unused(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["reserved", "running"])?;
    let (reserved, running) = (inputs.count("reserved")?, inputs.count("running")?);
    let unused = unused_capacity(reserved, running);
    Ok(json!({ "charged_instances": running, "charged_unused": unused }))
}
