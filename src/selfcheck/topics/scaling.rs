//! Alarms' answers: adjustments, steps, target tracking, prediction.

use crate::scaling::policy::predictive::{capacity_of_hour, effective_maximum};
use crate::scaling::policy::step::{BoundedStep, bounded_change};
use crate::scaling::policy::target_tracking;
use crate::scaling::{Adjustment, adjusted, change_in_instances, rounded_change, within_limits};
use crate::scenario::Adjust;
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use serde_json::{Map, Value, json};

/// The capacity after an adjustment.
pub(super) fn adjustment(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["current", "type", "value", "min_adjustment_magnitude"])?;
    let value = inputs.signed("value")?;
    let at_least = inputs.count_or("min_adjustment_magnitude", 0)?;
    let adjustment = match inputs.text("type")? {
        "ChangeInCapacity" => Adjustment::Change(value),
        "ExactCapacity" => Adjustment::Exact(value),
        "PercentChangeInCapacity" => Adjustment::Percent { change: value, at_least },
        other => return Err(NoModel(format!("no model for `type` = {other:?}"))),
    };
    Ok(json!({ "desired": adjusted(inputs.count("current")?, adjustment) }))
}

/// A raw change as it is carried out.
pub(super) fn rounding(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["raw"])?;
    Ok(json!({ "rounded": rounded_change(inputs.signed("raw")?) }))
}

/// A change within the limits of a group.
pub(super) fn limits(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["min", "max", "current", "delta"])?;
    let desired = adjusted(inputs.count("current")?, Adjustment::Change(inputs.signed("delta")?));
    Ok(json!({ "desired": within_limits(desired, inputs.count_or("min", 0)?, inputs.count("max")?) }))
}

/// Steps above and below a threshold, in percent.
struct Steps {
    threshold: f64,
    steps: Vec<BoundedStep>,
}

impl Steps {
    fn read(inputs: &Inputs) -> Result<Self, NoModel> {
        let mut steps = Vec::new();
        for key in ["out_steps", "in_steps"] {
            for step in inputs.list_or_none(key)? {
                let wrong = || NoModel(format!("no model for the step {step}"));
                let [lower, upper, change] = step.as_array().map(Vec::as_slice).unwrap_or_default() else {
                    return Err(wrong());
                };
                let bound = |value: &Value| match value {
                    Value::Null => Ok(None),
                    value => value.as_f64().map(Some).ok_or_else(wrong),
                };
                let change = change.as_f64().ok_or_else(wrong)?;
                steps.push(BoundedStep { lower: bound(lower)?, upper: bound(upper)?, change });
            }
        }
        Ok(Self { threshold: inputs.signed("threshold")?, steps })
    }

    fn percent(&self, metric: f64) -> f64 {
        bounded_change(&self.steps, metric - self.threshold).unwrap_or(0.0)
    }
}

/// The change of the step that holds.
pub(super) fn step_bound(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["threshold", "out_steps", "in_steps", "metric"])?;
    Ok(json!({ "adjustment_pct": as_number(Steps::read(&inputs)?.percent(inputs.signed("metric")?)) }))
}

/// A sequence of evaluations, with every instance warm before the next.
pub(super) fn step_sequence(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let known = ["threshold", "out_steps", "in_steps", "desired", "metric_sequence", "all_warm"];
    let inputs = Inputs::new(inputs, &known)?;
    if inputs.has("all_warm") && !inputs.flag("all_warm")? {
        return Err(NoModel("no model for a sequence of which nobody says when instances are warm".to_string()));
    }
    let steps = Steps::read(&inputs)?;
    let mut desired = inputs.count("desired")?;
    let mut sequence = Vec::new();
    for metric in inputs.signed_numbers("metric_sequence")? {
        let change = change_in_instances(steps.percent(metric), Adjust::Percent, desired);
        desired = within_limits(i64::from(desired) + change, 0, u32::MAX);
        sequence.push(desired);
    }
    Ok(json!({ "desired_sequence": sequence }))
}

/// Of several policies the largest capacity.
pub(super) fn largest(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["current", "proposed"])?;
    let current = f64::from(inputs.count("current")?);
    let largest = inputs.numbers("proposed")?.into_iter().reduce(f64::max).unwrap_or(current);
    Ok(json!({ "desired": as_number(largest) }))
}

/// The hidden alarms of target tracking.
pub(super) fn tracking_alarms(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["service", "target"])?;
    let share = match inputs.text("service")? {
        "asg" => target_tracking::GROUP_LOW,
        "ecs" => target_tracking::APPLICATION_LOW,
        other => return Err(NoModel(format!("no model for `service` = {other:?}"))),
    };
    let target = inputs.number("target")?;
    let all_of = |n: u32, sign: &str| format!("{n} of {n} x 60 s, {sign}");
    Ok(json!({
        "high_threshold": as_number(target),
        "high": all_of(target_tracking::OUT_DATAPOINTS, ">"),
        "low_threshold": as_number(target_tracking::low_threshold(target, share)),
        "low": all_of(target_tracking::IN_DATAPOINTS, "<"),
    }))
}

/// A raw change by target tracking.
pub(super) fn tracking_delta(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["raw_delta"])?;
    Ok(json!({ "delta": target_tracking::rounded_delta(inputs.signed("raw_delta")?) }))
}

/// A queue of messages as the metric.
pub(super) fn tracking_backlog(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["instances", "messages", "latency_s", "service_s"])?;
    let (instances, service) = (inputs.count("instances")?, inputs.number("service_s")?);
    if instances == 0 || service <= 0.0 {
        return Err(NoModel("no model for a backlog without instances or without service".to_string()));
    }
    let target = target_tracking::backlog_target(inputs.number("latency_s")?, service);
    let backlog = inputs.number("messages")? / f64::from(instances);
    let desired = target_tracking::proportional_capacity(instances, backlog, target);
    Ok(json!({ "target": as_number(target), "backlog": as_number(backlog), "desired": desired }))
}

/// How far a forecast may pass the maximum.
pub(super) fn predicted_maximum(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["predicted", "max", "buffer_pct"])?;
    let buffer = if inputs.has("buffer_pct") { Some(inputs.number("buffer_pct")? / 100.0) } else { None };
    Ok(json!({ "effective_max": effective_maximum(inputs.number("predicted")?, inputs.count("max")?, buffer) }))
}

/// The capacity at the beginning of an hour.
pub(super) fn predicted_hour(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["actual", "predicted", "min", "max"])?;
    let (actual, predicted) = (inputs.count("actual")?, inputs.count("predicted")?);
    let desired = capacity_of_hour(actual, predicted, inputs.count_or("min", 0)?, inputs.count_or("max", u32::MAX)?);
    Ok(json!({ "desired": desired }))
}
