//! When a job runs, and on what: (what is known now) -> (where it is in this step).
//!
//! Idle reserved instances are a kind of spot to all of them: the cheapest, since they are paid for.
//!
//! *No wait* takes the cheapest that is there at the moment, and on-demand to the end where nothing is: what it pays beyond a policy that
//! waits is what waiting is worth.
//!
//! *No wait*, *greedy* and *uniform progress* promise deadlines: each step they choose only what leaves time to complete the job on on-demand even
//! if spot is taken away at its end with all that is not saved. On-demand that is begun at a step that the step before left safe
//! completes in time, so by induction no deadline is missed that could be met at the release.
//!
//! *Uniform progress* is the policy of Wu et al., *Can't Be Late: Optimizing Spot Instance Savings under Deadlines* (NSDI 2024): on spot
//! whenever there is some; without it, on on-demand while the progress is behind a straight line from the release to the deadline; and
//! on-demand, once begun, is held until the progress is ahead of the line by two restarts.

/// A policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// On on-demand from the release on.
    OnDemand,
    /// On what is the cheapest now, and once on on-demand to the end.
    NoWait,
    /// On spot alone.
    SpotOnly,
    /// On spot while there is time, then on on-demand to the end.
    Greedy,
    /// On spot, and on on-demand while behind even progress.
    UniformProgress,
}

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Nothing,
    Spot,
    OnDemand,
}

/// What a policy knows of a job at the beginning of a step, in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) now: u32,
    pub(super) release: u32,
    pub(super) deadline: u32,
    pub(super) work: u32,
    /// Work that is done, saved or not.
    pub(super) progress: u32,
    pub(super) restart: u32,
    pub(super) held: Held,
    /// Whether it holds spot or could have some.
    pub(super) spot: bool,
    /// What would be saved at the end of this step on spot.
    pub(super) saved_after_spot: u32,
}

impl View {
    /// Whether on-demand completes the job in time if it begins after this step with so much work saved.
    fn is_safe_with(&self, saved: u32) -> bool {
        let left = i64::from(self.deadline) - i64::from(self.now) - 1;
        saved == self.work || left >= i64::from(self.restart) + i64::from(self.work - saved)
    }

    /// Whether the progress is behind even progress at step `at`.
    fn is_behind(&self, at: u32) -> bool {
        let passed = u64::from(at.saturating_sub(self.release));
        let all = u64::from(self.deadline.saturating_sub(self.release));
        u64::from(self.progress) * all < passed * u64::from(self.work)
    }

    fn stays_safe_on_spot(&self) -> bool {
        self.spot && self.is_safe_with(self.saved_after_spot)
    }
}

impl Policy {
    /// Whether it promises to meet deadlines that on-demand alone can meet.
    pub fn promises_deadlines(self) -> bool {
        self != Policy::SpotOnly
    }

    /// Where the job is in this step.
    pub(super) fn decide(self, view: &View) -> Held {
        match self {
            Policy::OnDemand => Held::OnDemand,
            Policy::NoWait if view.held != Held::OnDemand && view.stays_safe_on_spot() => Held::Spot,
            Policy::NoWait => Held::OnDemand,
            Policy::SpotOnly if view.spot => Held::Spot,
            Policy::SpotOnly => Held::Nothing,
            Policy::Greedy if view.held == Held::OnDemand => Held::OnDemand,
            Policy::Greedy if view.stays_safe_on_spot() => Held::Spot,
            Policy::Greedy if !view.spot && view.is_safe_with(view.progress) => Held::Nothing,
            Policy::Greedy => Held::OnDemand,
            Policy::UniformProgress => uniform_progress(view),
        }
    }
}

fn uniform_progress(view: &View) -> Held {
    let ahead = |steps: u32| !view.is_behind(view.now.saturating_add(steps));
    let may_leave = view.held != Held::OnDemand || ahead(view.restart.saturating_mul(2));
    if may_leave && view.stays_safe_on_spot() {
        return Held::Spot;
    }
    if !view.spot && may_leave && ahead(0) && view.is_safe_with(view.progress) {
        return Held::Nothing;
    }
    Held::OnDemand
}
