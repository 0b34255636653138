//! Groups whose instances count for several units of capacity.

use crate::units::Rate;

/// Instances of `weight` units that cover `units`: rounded up.
///
/// # Panics
/// If the weight is zero.
pub fn instances_for(units: u32, weight: u32) -> u32 {
    units.div_ceil(weight)
}

/// By how many units the instances for `units` are more than that (RULES R42): 5 units in instances of 12 are 7 too many.
///
/// # Panics
/// If the weight is zero.
pub fn overshoot(units: u32, weight: u32) -> u32 {
    (weight - units % weight) % weight
}

/// Capacity of a group after a scale-out to `desired` from `current` units with instances of `weight`: the last one may overshoot, so
/// that a group may hold up to its maximum and its largest weight, less one (RULES R42).
///
/// # Panics
/// If the weight is zero.
pub fn units_after(current: u32, desired: u32, weight: u32) -> u32 {
    let missing = desired.saturating_sub(current);
    current.saturating_add(missing).saturating_add(overshoot(missing, weight))
}

/// Price of one unit of capacity, by which instance types of different size are compared (RULES R42).
///
/// # Panics
/// If the weight is zero.
pub fn unit_price(price: Rate, weight: u32) -> Rate {
    let (nano, weight) = (price.nano_per_hour(), i64::from(weight));
    Rate::from_nano_per_hour((nano + weight / 2).div_euclid(weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_instance_may_overshoot() {
        assert_eq!((instances_for(5, 12), overshoot(5, 12)), (1, 7));
        assert_eq!((instances_for(24, 6), overshoot(24, 6)), (4, 0));
        assert_eq!(units_after(10, 12, 6), 16);
        assert_eq!(units_after(10, 9, 6), 10);
    }

    #[test]
    fn prices_of_units_are_compared() {
        let price = |nano| Rate::from_nano_per_hour(nano);
        assert_eq!(unit_price(price(779_000_000), 12), price(64_916_667));
    }
}
