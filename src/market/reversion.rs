//! A price that goes back to its level.

/// An Ornstein-Uhlenbeck process: dX = κ(θ - X) dt + σ dW (G. E. Uhlenbeck and L. S. Ornstein, 1930).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanReversion {
    /// κ, per unit of time.
    pub speed: f64,
    /// θ.
    pub level: f64,
    /// σ, per square root of the unit of time.
    pub volatility: f64,
}

impl MeanReversion {
    /// The process whose values at distances of `step` are x' = `constant` + `slope`·x + e, where e has the standard deviation `error`:
    /// the exact discretisation. None unless 0 < `slope` < 1 and `step` > 0.
    pub fn from_autoregression(constant: f64, slope: f64, error: f64, step: f64) -> Option<Self> {
        if !(slope > 0.0 && slope < 1.0 && step > 0.0) {
            return None;
        }
        let speed = -libm::log(slope) / step;
        let volatility = error * (2.0 * speed / (1.0 - slope * slope)).sqrt();
        Some(Self { speed, level: constant / (1.0 - slope), volatility })
    }

    /// The time in which half of a distance from the level is gone.
    pub fn half_life(&self) -> f64 {
        std::f64::consts::LN_2 / self.speed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_the_process_are_the_autoregression() {
        let process = MeanReversion::from_autoregression(0.3, 0.9, 0.5, 0.25).unwrap();
        let decay = (-process.speed * 0.25).exp();
        assert!((decay - 0.9).abs() < 1e-15 && (process.level * (1.0 - decay) - 0.3).abs() < 1e-15);
        let variance = process.volatility.powi(2) * (1.0 - decay * decay) / (2.0 * process.speed);
        assert!((variance - 0.25).abs() < 1e-14);
        assert!(((-process.speed * process.half_life()).exp() - 0.5).abs() < 1e-15);
        for slope in [-0.1, 0.0, 1.0, f64::NAN] {
            assert_eq!(MeanReversion::from_autoregression(0.3, slope, 0.5, 0.25), None);
        }
    }
}
