//! Health of instances and hooks in their life (RULES R53, R54).

use crate::units::Duration;

/// Longest time that hooks may hold an instance back, whatever their heartbeats say.
const LONGEST_HOOK: Duration = Duration::from_secs(48 * 3600);

/// Longest time that an instance may wait in a hook: a hundred heartbeats, at most 48 hours (RULES R54).
pub fn hook_timeout(heartbeat: Duration) -> Duration {
    if heartbeat > LONGEST_HOOK { LONGEST_HOOK } else { heartbeat.times(100).min(LONGEST_HOOK) }
}

/// What is known of the health of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// All checks pass.
    Healthy,
    /// It does not run any more: stopped, terminated, taken away.
    NotRunning,
    /// Its status checks or those of the balancer fail.
    Failing,
}

/// Whether an instance that entered service `since` ago is to be replaced: at once when it does not run, even within the grace period;
/// for failing checks only after it (RULES R53).
pub fn must_replace(health: Health, since: Duration, grace: Duration) -> bool {
    match health {
        Health::Healthy => false,
        Health::NotRunning => true,
        Health::Failing => since >= grace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_is_for_failing_checks_only() {
        let (early, grace) = (Duration::from_secs(10), Duration::from_secs(300));
        assert!(must_replace(Health::NotRunning, early, grace) && !must_replace(Health::Failing, early, grace));
        assert!(must_replace(Health::Failing, grace, grace) && !must_replace(Health::Healthy, grace, grace));
        assert_eq!(hook_timeout(Duration::from_secs(600)), Duration::from_secs(60_000));
        assert_eq!(hook_timeout(Duration::HOUR), Duration::from_secs(172_800));
    }
}
