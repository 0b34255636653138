//! Slow start: a new target's share of requests grows (RULES R82).

use crate::units::Duration;

/// The share of a full target's requests that a target gets `since` it became healthy: it grows in proportion over `duration`, and is
/// whole at once without one.
pub fn slow_start_share(since: Duration, duration: Duration) -> f64 {
    if since >= duration { 1.0 } else { since.as_secs_f64().max(0.0) / duration.as_secs_f64() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_grows_in_proportion() {
        let share = |since| slow_start_share(Duration::from_secs(since), Duration::from_secs(120));
        assert_eq!([share(0), share(60), share(120), share(500)], [0.0, 0.5, 1.0, 1.0]);
        assert_eq!(slow_start_share(Duration::ZERO, Duration::ZERO), 1.0);
    }
}
