//! How many healthy instances a group keeps while it replaces some (RULES R61).

/// Fewest and most healthy instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthyRange {
    /// Fewest.
    pub low: u32,
    /// Most.
    pub high: u32,
}

/// The range of a maintenance policy for a group of `capacity`: `min_percent` of it rounded up, `max_percent` rounded down.
pub fn healthy_range(capacity: u32, min_percent: f64, max_percent: f64) -> HealthyRange {
    let share = |percent: f64| percent.max(0.0) / 100.0 * f64::from(capacity);
    // The products of percentages are not exact; a hair beside a whole number is that number.
    HealthyRange { low: (share(min_percent) - 1e-9).ceil() as u32, high: (share(max_percent) + 1e-9).floor() as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_end_rounds_up_and_the_upper_down() {
        assert_eq!(healthy_range(10, 90.0, 120.0), HealthyRange { low: 9, high: 12 });
        assert_eq!(healthy_range(5, 90.0, 110.0), HealthyRange { low: 5, high: 5 });
        assert_eq!(healthy_range(100, 29.0, 129.0), HealthyRange { low: 29, high: 129 });
    }
}
