//! Slow start: a new target's share of requests grows (RULES R82).

/// The share of a full target's requests that a target gets `since` seconds after it became healthy: it grows in proportion over
/// `duration` seconds, and is whole at once without any.
pub fn slow_start_share(since: f64, duration: f64) -> f64 {
    if since >= duration { 1.0 } else { since.max(0.0) / duration }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_grows_in_proportion() {
        assert_eq!([0.0, 60.0, 120.0, 500.0].map(|since| slow_start_share(since, 120.0)), [0.0, 0.5, 1.0, 1.0]);
        assert_eq!(slow_start_share(0.0, 0.0), 1.0);
    }
}
