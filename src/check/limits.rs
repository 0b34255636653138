//! What may change before a check fails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits of a check (`--limits`). What is left out has its default; `null` switches a limit off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// By which share of itself a mix's cost may rise (0.02 is 2 %).
    pub cost_rise: Option<f64>,
    /// By how much the late share may rise (0.005 is half a percentage point).
    pub late_share_rise: Option<f64>,
    /// By how much the error share may rise.
    pub error_share_rise: Option<f64>,
    /// Whether mixes that met the objective in the baseline must not miss it.
    pub objective: bool,
    /// Most that a mix may cost in a month of 730 h, in the currency of the results.
    pub cost_per_month: Option<f64>,
    /// Largest late share of any mix.
    pub late_share: Option<f64>,
    /// Largest error share of any mix.
    pub error_share: Option<f64>,
    /// How often a check may fail although nothing became worse than the limits allow (0.05 is one in twenty), all figures together.
    pub false_alarms: f64,
}

impl Default for Limits {
    /// Small enough to notice what a team would mind, large enough to let what is nothing pass.
    fn default() -> Self {
        Self {
            cost_rise: Some(0.02),
            late_share_rise: Some(0.005),
            error_share_rise: Some(0.0005),
            objective: true,
            cost_per_month: None,
            late_share: None,
            error_share: None,
            false_alarms: 0.05,
        }
    }
}

impl Limits {
    /// Limits from the text of a file.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let limits: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let shares = [
            ("cost_rise", limits.cost_rise, 100.0),
            ("late_share_rise", limits.late_share_rise, 1.0),
            ("error_share_rise", limits.error_share_rise, 1.0),
            ("late_share", limits.late_share, 1.0),
            ("error_share", limits.error_share, 1.0),
            ("cost_per_month", limits.cost_per_month, 1e15),
        ];
        for (name, value, most) in shares {
            if let Some(value) = value.filter(|value| !(0.0..=most).contains(value)) {
                return Err(format!("`{name}` must be 0 to {most}, found {value}"));
            }
        }
        if !(limits.false_alarms > 0.0 && limits.false_alarms <= 0.5) {
            return Err(format!("`false_alarms` must be above 0 and at most 0.5, found {}", limits.false_alarms));
        }
        Ok(limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_checked() {
        assert_eq!(Limits::parse("{}"), Ok(Limits::default()));
        let off = Limits::parse(r#"{"cost_rise": null, "false_alarms": 0.01}"#).unwrap();
        assert_eq!((off.cost_rise, off.false_alarms), (None, 0.01));
        for (text, part) in [
            (r#"{"cost_rise": -1}"#, "`cost_rise` must be"),
            (r#"{"false_alarms": 0}"#, "`false_alarms` must be"),
            (r#"{"late": 1}"#, "unknown field `late`"),
            ("[", "EOF"),
        ] {
            let error = Limits::parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
