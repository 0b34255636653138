//! Instances that have booted before they are needed (RULES R62).

/// Instances that a warm pool holds beside a group of `desired`: what is missing up to `max_prepared`, or else up to the group's
/// maximum.
pub fn warm_pool_size(desired: u32, max: u32, max_prepared: Option<u32>) -> u32 {
    max_prepared.unwrap_or(max).saturating_sub(desired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_fills_up_to_what_may_be_needed() {
        assert_eq!(warm_pool_size(6, 10, None), 4);
        assert_eq!(warm_pool_size(6, 10, Some(8)), 2);
        assert_eq!(warm_pool_size(9, 10, Some(8)), 0);
    }
}
