//! Simple scaling: one change, then a pause (RULES R46).

use crate::scaling::adjust::change_in_instances;
use crate::scenario::SimplePolicy;
use crate::units::SimTime;

/// Whether the pause since the last activity is over: it begins when the last instance finished launching or terminating, and not while one
/// is still on its way.
pub fn rested(policy: &SimplePolicy, now: SimTime, in_progress: bool, last_activity_end: Option<SimTime>) -> bool {
    !in_progress && last_activity_end.is_none_or(|end| now >= end + policy.cooldown)
}

/// The capacity that the policy asks for when its alarm stands and it has rested.
pub fn propose(policy: &SimplePolicy, warm_total: u32, total: u32) -> i64 {
    i64::from(total) + change_in_instances(policy.change, policy.adjust, warm_total)
}
