//! Alarms and metrics of a monitor.

use crate::scaling::metric::{SeriesGrid, Window, fewest_samples, parse_value, query_start, stamp, window};
use crate::scaling::{AlarmState, Comparison, evaluate_alarm, points_to_fill};
use crate::scenario::MissingData;
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use crate::units::{Duration, Instant, SimTime};
use serde_json::{Map, Value, json};

const TREATMENTS: [(&str, MissingData); 4] = [
    ("missing", MissingData::Missing),
    ("ignore", MissingData::Ignore),
    ("breaching", MissingData::Breaching),
    ("notBreaching", MissingData::NotBreaching),
];

fn name(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Ok => "OK",
        AlarmState::Alarm => "ALARM",
        AlarmState::InsufficientData => "INSUFFICIENT_DATA",
    }
}

/// The points of an evaluation range, and M and N.
fn points(inputs: &Inputs) -> Result<(Vec<Option<bool>>, u32, u32), NoModel> {
    let mut points = Vec::new();
    for point in inputs.list("points_oldest_first")? {
        points.push(match point.as_str() {
            Some("0") => Some(false),
            Some("X") => Some(true),
            Some("-") => None,
            _ => return Err(NoModel(format!("no model for the datapoint {point}"))),
        });
    }
    let (m, n) = m_of_n(inputs, "datapoints_to_alarm", "evaluation_periods")?;
    let range = inputs.count_or("evaluation_range", points.len() as u32)? as usize;
    points.drain(..points.len().saturating_sub(range));
    Ok((points, m, n))
}

fn m_of_n(inputs: &Inputs, m: &str, n: &str) -> Result<(u32, u32), NoModel> {
    match (inputs.count(m)?, inputs.count(n)?) {
        (m, n) if m >= 1 && m <= n => Ok((m, n)),
        (m, n) => Err(NoModel(format!("no model for {m} of {n} datapoints"))),
    }
}

const MISSING_INPUTS: [&str; 4] =
    ["points_oldest_first", "evaluation_periods", "datapoints_to_alarm", "evaluation_range"];

/// The state under each treatment of missing data; `KEEP` where the state stays as it was.
pub(super) fn missing_data(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let (points, m, n) = points(&Inputs::new(inputs, &MISSING_INPUTS)?)?;
    let mut states = Map::from_iter([("to_fill".to_string(), json!(points_to_fill(&points, n)))]);
    for (key, treatment) in TREATMENTS {
        let state = |previous| evaluate_alarm(&points, m, n, treatment, previous);
        let (from_ok, from_alarm) = (state(AlarmState::Ok), state(AlarmState::Alarm));
        let kept = from_ok != from_alarm;
        states.insert(key.to_string(), json!(if kept { "KEEP" } else { name(from_ok) }));
    }
    Ok(Value::Object(states))
}

/// Whether an alarm would be premature.
pub(super) fn not_alarm(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let (points, m, n) = points(&Inputs::new(inputs, &MISSING_INPUTS)?)?;
    let state = evaluate_alarm(&points, m, n, MissingData::Missing, AlarmState::Ok);
    let quiet = (state != AlarmState::Alarm).then_some("missing");
    Ok(json!({ "not_alarm_when": quiet }))
}

/// The state after each period.
pub(super) fn sequence(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["breach_by_period", "evaluation_periods", "datapoints_to_alarm"])?;
    let (m, n) = m_of_n(&inputs, "datapoints_to_alarm", "evaluation_periods")?;
    let breaches: Vec<Option<bool>> =
        inputs.numbers("breach_by_period")?.into_iter().map(|breach| Some(breach > 0.0)).collect();
    let mut state = AlarmState::Ok;
    let states = (1..=breaches.len()).map(|until| {
        state = evaluate_alarm(&breaches[..until], m, n, MissingData::Missing, state);
        name(state)
    });
    Ok(json!({ "state_by_period": states.collect::<Vec<_>>() }))
}

/// The state from values and a threshold.
pub(super) fn threshold(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["values", "op", "threshold", "n", "m"])?;
    let comparison = match inputs.text("op")? {
        "GreaterThanThreshold" => Comparison::Greater,
        "GreaterThanOrEqualToThreshold" => Comparison::GreaterOrEqual,
        "LessThanThreshold" => Comparison::Less,
        "LessThanOrEqualToThreshold" => Comparison::LessOrEqual,
        other => return Err(NoModel(format!("no model for `op` = {other:?}"))),
    };
    let threshold = inputs.signed("threshold")?;
    let points: Vec<Option<bool>> =
        inputs.signed_numbers("values")?.into_iter().map(|v| Some(comparison.breaches(v, threshold))).collect();
    let (m, n) = m_of_n(&inputs, "m", "n")?;
    let state = evaluate_alarm(&points, m, n, MissingData::Missing, AlarmState::InsufficientData);
    Ok(json!({ "state": name(state) }))
}

/// The stretch of time that an alarm judges.
pub(super) fn interval(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["n", "period_s"])?;
    let window = window(SimTime::START, inputs.seconds("period_s")?, inputs.count("n")?);
    Ok(json!({ "interval_s": as_number((window.until - window.from).as_secs_f64()) }))
}

/// The first and the last minute that an evaluation looks at.
pub(super) fn sliding_window(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["period_s", "evaluation_periods", "evaluate_at_min"])?;
    let now = SimTime::START + Duration::from_secs(60).times(i64::from(inputs.count("evaluate_at_min")?));
    let Window { from, until } = window(now, inputs.seconds("period_s")?, inputs.count("evaluation_periods")?);
    let minute = |time: SimTime| time.as_secs_f64() / 60.0;
    Ok(json!({ "window_min": [as_number(minute(from) + 1.0), as_number(minute(until))] }))
}

/// Fewest samples of a percentile.
pub(super) fn low_samples(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["percentile"])?;
    let percentile = inputs.number("percentile")?;
    if percentile <= 0.0 || percentile >= 1.0 {
        return Err(NoModel(format!("no model for a percentile of {percentile}")));
    }
    Ok(json!({ "min_samples": as_number(fewest_samples(percentile)) }))
}

/// Seconds of a time of day `HH:MM` or `HH:MM:SS`.
fn time_of_day(text: &str) -> Result<i64, NoModel> {
    let wrong = || NoModel(format!("no model for the time {text:?}"));
    let mut parts = text.split(':').map(|part| part.parse::<i64>().ok().filter(|part| (0..60).contains(part)));
    let mut seconds = 0;
    for (index, unit) in [3600, 60, 1].into_iter().enumerate() {
        match parts.next() {
            Some(part) => seconds += part.ok_or_else(wrong)? * unit,
            None if index == 2 => {}
            None => return Err(wrong()),
        }
    }
    if parts.next().is_some() { Err(wrong()) } else { Ok(seconds) }
}

/// Where a query begins.
pub(super) fn rounded_start(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["time", "age_days"])?;
    let time = SimTime::from_secs(time_of_day(inputs.text("time")?)?);
    let age = inputs.hours("age_days")?.times(24);
    let seconds = query_start(time, age).since_start().as_secs_f64() as i64;
    Ok(json!({ "rounded": format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60) }))
}

/// The stamp of a period.
pub(super) fn period_stamp(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["start", "end"])?;
    let (start, end) = (inputs.text("start")?, inputs.text("end")?);
    let at = |text| time_of_day(text).map(SimTime::from_secs);
    let period = Window { from: at(start)?, until: at(end)? };
    Ok(json!({ "stamp": if stamp(period) == period.from { start } else { end } }))
}

/// Statistics by period: in order, with what is absent named.
pub(super) fn statistics(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["datapoints", "period_s", "start", "end"])?;
    let instant = |text: &str| text.parse::<Instant>().map_err(|_| NoModel(format!("no model for the time {text:?}")));
    let mut points = Vec::new();
    for point in inputs.list("datapoints")? {
        let wrong = || NoModel(format!("no model for the datapoint {point}"));
        let [time, value] = point.as_array().map(Vec::as_slice).unwrap_or_default() else { return Err(wrong()) };
        points.push((instant(time.as_str().ok_or_else(wrong)?)?, value.as_f64().ok_or_else(wrong)?));
    }
    points.sort_by_key(|(time, _)| *time);
    let (Some(first), Some(maximum)) = (points.first(), points.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))) else {
        return Err(NoModel("no model without datapoints".to_string()));
    };
    let seconds = |time: Instant| time.unix_seconds() as f64;
    let (start, end) = (instant(inputs.text("start")?)?, instant(inputs.text("end")?)?);
    let period = inputs.seconds("period_s")?;
    if !period.is_positive() {
        return Err(NoModel("no model for a period of no length".to_string()));
    }
    let times: Vec<f64> = points.iter().map(|(time, _)| seconds(*time)).collect();
    let missing = missing(&SeriesGrid::of_periods(seconds(start), seconds(end), period), &times)?;
    let missing: Vec<String> = missing
        .into_iter()
        .filter_map(|time| Instant::from_unix_seconds(time as i64))
        .map(|time| time.to_string())
        .collect();
    let pair = |(time, value): &(Instant, f64)| json!([time.to_string(), as_number(*value)]);
    Ok(json!({ "count": points.len(), "first": pair(first), "maximum": pair(maximum), "missing": missing }))
}

/// Values at instants, as text.
pub(super) fn query_range(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["start", "end", "step_s", "values"])?;
    let step = inputs.seconds("step_s")?;
    if !step.is_positive() {
        return Err(NoModel("no model for a step of no length".to_string()));
    }
    let (mut parsed, mut times) = (Vec::new(), Vec::new());
    for value in inputs.list("values")? {
        let wrong = || NoModel(format!("no model for the value {value}"));
        let [time, text] = value.as_array().map(Vec::as_slice).unwrap_or_default() else { return Err(wrong()) };
        times.push(time.as_f64().ok_or_else(wrong)?);
        let text = text.as_str().ok_or_else(wrong)?;
        let number = parse_value(text).ok_or_else(wrong)?;
        // JSON has no number for what is not finite: it stays text.
        parsed.push(if number.is_finite() { json!(number) } else { json!(text) });
    }
    let grid = SeriesGrid::of_instants(inputs.number("start")?, inputs.number("end")?, step);
    Ok(json!({ "points": grid.count, "parsed": parsed, "missing": missing(&grid, &times)? }))
}

/// Most instants of a series.
const MOST_INSTANTS: usize = 1_000_000;

fn missing(grid: &SeriesGrid, times: &[f64]) -> Result<Vec<f64>, NoModel> {
    if grid.count > MOST_INSTANTS {
        return Err(NoModel(format!("no model for a series of {} datapoints", grid.count)));
    }
    Ok(grid.missing(times))
}
