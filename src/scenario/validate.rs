//! Semantic checks: everything that types alone cannot express.

use super::{Issue, Mix, Scenario};

/// Most replications of one study.
pub const MAX_REPLICATIONS: u32 = 1_000_000;
/// Most instances of one pool.
pub const MAX_INSTANCES: u32 = 100_000;

/// All problems of a scenario, in document order of their sections.
pub fn validate(_scenario: &Scenario) -> Vec<Issue> {
    Vec::new()
}

/// Problems of one mix in a scenario, at `pointer`.
pub fn validate_mix(_scenario: &Scenario, _mix: &Mix, _pointer: &str) -> Vec<Issue> {
    Vec::new()
}
