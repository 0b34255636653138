//! Boots that are known by a name.

use super::{BootStage, Law};
use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A typical boot (RULES R113).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BootPreset {
    /// A base image and a configuration run: two or three minutes until it serves.
    Bootstrap,
    /// Everything is in the image: some tens of seconds.
    BakedImage,
    /// A container on a host that is there already: about four seconds.
    Container,
}

impl BootPreset {
    /// Its stages.
    pub fn stages(self) -> Vec<BootStage> {
        let between =
            |min: i64, max: i64| Law::Uniform { min: Duration::from_millis(min), max: Duration::from_millis(max) };
        let (provisioning, os) =
            (BootStage::Provisioning(between(6_000, 18_000)), BootStage::Os(between(10_000, 25_000)));
        // An instance is checked first up to one interval of 30 s after it is ready.
        let health_check = BootStage::HealthCheck(between(0, 30_000));
        match self {
            BootPreset::Bootstrap => {
                vec![provisioning, os, BootStage::Configuration(between(75_000, 135_000)), health_check]
            }
            BootPreset::BakedImage => vec![provisioning, os, health_check],
            BootPreset::Container => {
                let start = BootStage::Os(between(568, 1_157));
                vec![start, BootStage::HealthCheck(between(2_000, 4_275))]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds from request to service: least, mean, most.
    fn seconds(preset: BootPreset) -> [f64; 3] {
        let sum = |part: &dyn Fn(Duration, Duration) -> f64| {
            let stages = preset.stages();
            let parts = stages.iter().map(|stage| match stage.law() {
                Law::Uniform { min, max } => part(*min, *max),
                other => panic!("{other:?}"),
            });
            parts.sum::<f64>()
        };
        let mean = |min: Duration, max: Duration| f64::midpoint(min.as_secs_f64(), max.as_secs_f64());
        [sum(&|min, _| min.as_secs_f64()), sum(&mean), sum(&|_, max| max.as_secs_f64())]
    }

    #[test]
    fn presets_take_as_long_as_they_say() {
        assert_eq!(seconds(BootPreset::Bootstrap), [91.0, 149.5, 208.0]);
        assert_eq!(seconds(BootPreset::BakedImage), [16.0, 44.5, 73.0]);
        assert_eq!(seconds(BootPreset::Container).map(|s| (s * 100.0).round() / 100.0), [2.57, 4.0, 5.43]);
    }
}
