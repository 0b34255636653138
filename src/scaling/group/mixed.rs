//! The split of a mixed group into on-demand and spot.

/// How many instances of a group are on-demand and how many spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MixedSplit {
    /// On-demand instances.
    pub on_demand: u32,
    /// Spot instances.
    pub spot: u32,
}

/// Splits `desired` instances: the base is on-demand, and `percentage` (0 to 100) of what lies above it, rounded up in favour of
/// on-demand (RULES R40).
pub fn mixed_split(desired: u32, base: u32, percentage: f64) -> MixedSplit {
    let above = desired.saturating_sub(base);
    // The products of percentages are not exact; a hair above a whole number is that number.
    let more = (percentage.clamp(0.0, 100.0) / 100.0 * f64::from(above) - 1e-9).ceil().max(0.0) as u32;
    let on_demand = desired.min(base) + more.min(above);
    MixedSplit { on_demand, spot: desired - on_demand }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_comes_first_and_fractions_are_on_demand() {
        let split = |desired, base, percentage| {
            let MixedSplit { on_demand, spot } = mixed_split(desired, base, percentage);
            (on_demand, spot)
        };
        assert_eq!(split(20, 10, 50.0), (15, 5));
        assert_eq!(split(3, 0, 50.0), (2, 1));
        assert_eq!(split(1, 0, 1.0), (1, 0));
        assert_eq!(split(10, 12, 0.0), (10, 0));
        assert_eq!(split(100, 0, 29.0), (29, 71), "a product that is not exact");
    }
}
