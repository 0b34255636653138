//! What a case asks for: the names of its outputs, never their values.

use super::NoModel;
use super::inputs::{Inputs, as_number};
use crate::queueing::OutOfRange;
use serde_json::{Map, Value};

/// The outputs that a case expects, for models that have an output for every number in a name.
#[derive(Debug, Clone)]
pub(super) struct Wanted<'a> {
    /// None if the case expects a value without a name.
    names: Option<Vec<&'a str>>,
}

/// The law of a time, by the names that it has in outputs.
pub(super) struct Time<'a> {
    pub(super) names: &'a [&'a str],
    /// The probability of more.
    pub(super) tail: &'a dyn Fn(f64) -> Result<f64, OutOfRange>,
    /// What is not exceeded with a probability.
    pub(super) quantile: &'a dyn Fn(f64) -> Result<f64, OutOfRange>,
}

/// What the name of an output asks of a time.
#[derive(Debug, Clone, PartialEq)]
enum Figure<'a> {
    /// `P_T_gt_0_3`: the probability of more than 0.3; the place may be the name of an input.
    Tail { of: &'a str, place: &'a str },
    /// `T_P95`: what 95 % do not exceed.
    Quantile { of: &'a str, share: f64 },
}

impl<'a> Wanted<'a> {
    pub(super) fn of(expected: &'a Value) -> Self {
        Self { names: expected.as_object().map(|outputs| outputs.keys().map(String::as_str).collect()) }
    }

    /// One output.
    pub(super) fn one(name: &'a str) -> Self {
        Self { names: Some(vec![name]) }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.names.iter().flatten().copied()
    }

    /// The outputs, or the one that is meant where the case gives no name.
    pub(super) fn answer(&self, outputs: Map<String, Value>, without_name: &str) -> Result<Value, NoModel> {
        if self.names.is_some() {
            return Ok(Value::Object(outputs));
        }
        let value = outputs.get(without_name).cloned();
        value.ok_or_else(|| NoModel("no model for an output without a name".to_string()))
    }

    /// Adds the tails and quantiles of these times that are wanted.
    pub(super) fn add_figures(
        &self,
        outputs: &mut Map<String, Value>,
        inputs: &Inputs,
        times: &[Time],
    ) -> Result<(), NoModel> {
        for name in self.names() {
            let Some(figure) = figure(name) else { continue };
            let (Figure::Tail { of, .. } | Figure::Quantile { of, .. }) = figure;
            let Some(time) = times.iter().find(|time| time.names.contains(&of)) else { continue };
            let value = match figure {
                Figure::Tail { place, .. } if inputs.has(place) => (time.tail)(inputs.number(place)?),
                Figure::Tail { place, .. } => match decimal(place) {
                    Some(place) => (time.tail)(place),
                    None => continue,
                },
                Figure::Quantile { share, .. } => (time.quantile)(share),
            };
            let value = value.map_err(|error| NoModel(format!("no model: {error}")))?;
            outputs.insert(name.to_string(), as_number(value));
        }
        Ok(())
    }
}

fn figure(name: &str) -> Option<Figure<'_>> {
    if let Some((of, place)) = name.strip_prefix("P_").and_then(|rest| rest.split_once("gt_")) {
        return Some(Figure::Tail { of: of.trim_end_matches('_'), place });
    }
    let (of, percent) = name.rsplit_once("_P")?;
    let share = match decimal(percent)? {
        percent if percent < 100.0 => percent / 100.0,
        // As in P999.
        _ => format!("0.{percent}").parse().ok()?,
    };
    Some(Figure::Quantile { of, share })
}

/// A number whose decimal point is an underscore.
fn decimal(text: &str) -> Option<f64> {
    if text == "half" {
        return Some(0.5);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_' || byte == b'.');
    let number = text.replacen('_', ".", 1).parse().ok();
    number.filter(|number: &f64| digits && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_outputs_say_where() {
        assert_eq!(figure("P_gt_half"), Some(Figure::Tail { of: "", place: "half" }));
        assert_eq!(figure("P_Wq_gt_t"), Some(Figure::Tail { of: "Wq", place: "t" }));
        assert_eq!(figure("T_P95"), Some(Figure::Quantile { of: "T", share: 0.95 }));
        assert_eq!(figure("W_P999"), Some(Figure::Quantile { of: "W", share: 0.999 }));
        assert_eq!(figure("T_P99_5"), Some(Figure::Quantile { of: "T", share: 0.995 }));
        assert_eq!((figure("P_wait"), figure("L"), figure("T_Px")), (None, None, None));
        assert_eq!((decimal("1_2"), decimal("2"), decimal("0.5")), (Some(1.2), Some(2.0), Some(0.5)));
        assert_eq!((decimal("inf"), decimal("1_2_3"), decimal("")), (None, None, None));
    }
}
