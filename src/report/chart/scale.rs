//! From values to places on an axis.

/// How values spread over an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// Equal steps are equally far apart.
    Linear {
        /// Value at the beginning.
        low: f64,
        /// Value at the end.
        high: f64,
    },
    /// Equal factors are equally far apart; both ends are positive.
    Log {
        /// Value at the beginning.
        low: f64,
        /// Value at the end.
        high: f64,
    },
}

impl Scale {
    /// A linear scale over these ends; ends that coincide are spread.
    pub fn linear(low: f64, high: f64) -> Self {
        if low < high {
            return Scale::Linear { low, high };
        }
        let spread = if low == 0.0 { 1.0 } else { low.abs() * 0.5 };
        Scale::Linear { low: (low - spread).max(if low >= 0.0 { 0.0 } else { f64::MIN }), high: low + spread }
    }

    /// A linear scale from zero to a little above the largest value.
    pub fn from_zero(values: impl Iterator<Item = f64>) -> Self {
        let most = largest(values).unwrap_or(0.0);
        Scale::linear(0.0, if most > 0.0 { most * 1.06 } else { 1.0 })
    }

    /// A logarithmic scale that holds all positive values, with a little air.
    pub fn log(values: impl Iterator<Item = f64> + Clone) -> Self {
        let positive = values.filter(|value| value.is_finite() && *value > 0.0);
        let low = positive.clone().fold(f64::INFINITY, f64::min);
        let high = positive.fold(0.0, f64::max);
        if high <= 0.0 {
            return Scale::Log { low: 0.1, high: 10.0 };
        }
        let air = (high / low).powf(0.06).max(1.15);
        Scale::Log { low: low / air, high: high * air }
    }

    /// The place of a value, 0 at the beginning and 1 at the end; values beyond are brought to the nearer end.
    pub fn place(&self, value: f64) -> f64 {
        let place = match *self {
            Scale::Linear { low, high } => (value - low) / (high - low),
            Scale::Log { .. } if value <= 0.0 => 0.0,
            Scale::Log { low, high } => (value / low).ln() / (high / low).ln(),
        };
        if place.is_nan() { 0.0 } else { place.clamp(0.0, 1.0) }
    }

    /// The values at both ends.
    pub fn ends(&self) -> (f64, f64) {
        match *self {
            Scale::Linear { low, high } | Scale::Log { low, high } => (low, high),
        }
    }
}

/// The largest finite value.
pub fn largest(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.filter(|value| value.is_finite()).reduce(f64::max)
}
