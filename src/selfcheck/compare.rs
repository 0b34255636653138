//! Expected against computed.

use serde_json::{Map, Value};

/// How a comparison ended, with what came out as far as it was expected.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// They agree.
    Same(Value),
    /// They differ: where and how.
    Different(Value, String),
    /// An output is expected that was not computed.
    NotComputed(String),
}

/// How near a computed number has to be.
const NEAR: f64 = 1e-9;

/// Compares. Outputs that nobody expects are left out; an expected one that was not computed is no difference, but no model.
pub(super) fn compare(expected: &Value, got: &Value, tolerance: Option<f64>) -> Verdict {
    let got = match wanted(expected, got, "") {
        Ok(got) => got,
        Err(missing) => return Verdict::NotComputed(format!("no model for the output `{missing}`")),
    };
    match difference(expected, &got, tolerance, "") {
        None => Verdict::Same(got),
        Some(remark) => Verdict::Different(got, remark),
    }
}

/// What of `got` is wanted: the expected outputs, and within rows the expected columns. Maps below an output are data and
/// stay whole. An output that is missing is named.
fn wanted(expected: &Value, got: &Value, at: &str) -> Result<Value, String> {
    match (expected, got) {
        (Value::Object(outputs), Value::Object(all)) => {
            let mut chosen = Map::new();
            for (name, expected) in outputs {
                let value = all.get(name).ok_or_else(|| format!("{at}{name}"))?;
                let rows = matches!(expected, Value::Array(_));
                let value = if rows { wanted(expected, value, &format!("{at}{name}/"))? } else { value.clone() };
                chosen.insert(name.clone(), value);
            }
            Ok(Value::Object(chosen))
        }
        (Value::Array(rows), Value::Array(all)) => {
            let chosen = all.iter().enumerate().map(|(index, value)| match rows.get(index) {
                Some(expected @ Value::Object(_)) => wanted(expected, value, at),
                _ => Ok(value.clone()),
            });
            chosen.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        _ => Ok(got.clone()),
    }
}

/// The first place where they differ.
fn difference(expected: &Value, got: &Value, tolerance: Option<f64>, at: &str) -> Option<String> {
    let place = if at.is_empty() { String::new() } else { format!("{at}: ") };
    let differ = || Some(format!("{place}expected {expected}, got {got}"));
    match (expected, got) {
        (Value::Number(wanted), Value::Number(found)) => {
            let (wanted, found) = (wanted.as_f64()?, found.as_f64()?);
            if agree(wanted, found, tolerance) { None } else { differ() }
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            let mut pairs = wanted.iter().zip(found).enumerate();
            pairs.find_map(|(index, (a, b))| difference(a, b, tolerance, &format!("{at}/{index}")))
        }
        (Value::Object(wanted), Value::Object(found)) if wanted.len() == found.len() => {
            wanted.iter().find_map(|(key, a)| match found.get(key) {
                Some(b) => difference(a, b, tolerance, &format!("{at}/{key}")),
                None => differ(),
            })
        }
        _ if expected == got => None,
        _ => differ(),
    }
}

fn agree(expected: f64, got: f64, tolerance: Option<f64>) -> bool {
    let near = |tolerance: f64| (expected - got).abs() <= tolerance * expected.abs().max(1.0);
    match tolerance {
        Some(tolerance) => near(tolerance),
        None => near(NEAR) || rounds_to(expected, got),
    }
}

/// Whether `got` rounds to `expected` as it is printed, with two decimals or more.
fn rounds_to(expected: f64, got: f64) -> bool {
    let printed = expected.to_string();
    let decimals = printed.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    // Half a unit of the last place, and a little for ties that doubles cannot hold.
    decimals >= 2 && (expected - got).abs() <= 0.5 * 10f64.powi(-(decimals as i32)) * (1.0 + 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_agree_as_printed_or_within_the_tolerance() {
        assert!(agree(26.33, 26.3296, None) && !agree(26.33, 26.336, None));
        assert!(!agree(23.0, 22.99, None) && agree(23.0, 22.99, Some(0.01)));
        assert!(!agree(0.5, 0.52, None), "one decimal is no rounding");
    }

    #[test]
    fn only_expected_outputs_count_and_missing_ones_are_named() {
        let got = json!({"a": 1, "b": {"x": 1.0}, "rows": [{"s": "u", "t": 2}]});
        assert!(matches!(compare(&json!({"a": 1.0}), &got, None), Verdict::Same(_)));
        assert!(matches!(compare(&json!({"rows": [{"s": "u"}]}), &got, None), Verdict::Same(_)));
        assert!(matches!(compare(&json!({"rows": []}), &got, None), Verdict::Different(..)));
        assert!(matches!(compare(&json!({"b": {}}), &got, None), Verdict::Different(..)));
        assert_eq!(compare(&json!({"c": 1}), &got, None), Verdict::NotComputed("no model for the output `c`".into()));
        let missing = compare(&json!({"rows": [{"q": 1}]}), &got, None);
        assert_eq!(missing, Verdict::NotComputed("no model for the output `rows/q`".into()));
        assert!(matches!(compare(&json!(2), &json!(3), None), Verdict::Different(..)));
        assert!(matches!(compare(&json!({"a": null}), &got, None), Verdict::Different(..)));
    }
}
