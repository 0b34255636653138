//! What a plan claims, sentence by sentence.

use super::record::{Findings, SetAside};
use super::{ERROR, FRESH};
use crate::engine::Tables;
use crate::plan::race::Fate;
use crate::results::{PlannedMix, ScreeningError};

impl Findings<'_> {
    pub(super) fn claims(
        &self,
        plan: Option<&PlannedMix>,
        error: Option<ScreeningError>,
        aside: SetAside,
        stopped: bool,
    ) -> Vec<String> {
        if stopped {
            return vec![
                "Stopped early: this is the best that was known by then, and nothing is claimed of it.".to_string(),
            ];
        }
        let Some(plan) = plan else {
            let searched = self.all.len();
            let mut claims = vec![format!("None of {searched} candidates was shown to meet the objective.")];
            claims.extend(self.by_request());
            return claims;
        };
        let raced = self.screening.raced.len();
        let open = self.outcome.fates.iter().filter(|fate| matches!(fate, Fate::Unresolved { .. })).count();
        let but = if open > 0 { format!(", {open} unresolved ones left out") } else { String::new() };
        let mut claims = vec![format!(
            "With {:.0} % confidence, of the {raced} raced candidates{but}, \"{}\" meets the objective and none that meets it by a tenth of its limits \
             costs less by more than {:.1} %.",
            100.0 * (1.0 - ERROR),
            plan.name,
            100.0 * self.rules.cost_tolerance / plan.cost.max(f64::MIN_POSITIVE),
        )];
        claims.push(self.of_the_certificate());
        if aside.too_dear > 0 {
            claims.push(format!(
                "{} candidates were not simulated at all: their commitments alone cost more than the plan's upper limit.",
                aside.too_dear
            ));
        }
        if let Some(error) = error {
            claims.push(format!(
                "Weaker: {} candidates were put aside by the screening alone. By the minute they are dearer or miss the objective by more than the \
                 screening's largest error on the raced ones ({:.2} % of cost, {:.4} of late requests, {:.5} of failed ones). Most of them were \
                 screened on one replication or the beginning of it only, and how much replications differ is no part of that error.",
                aside.surely,
                100.0 * error.cost,
                error.late_share,
                error.error_share
            ));
        }
        if aside.within_error > 0 {
            claims.push(format!(
                "{} more were put aside though they are within that error of the plan; nothing is claimed of them.",
                aside.within_error
            ));
        }
        claims.extend(self.by_request());
        if self.input().scenario.background.as_ref().is_some_and(|background| background.elsewhere.is_some()) {
            claims.push(
                "Costs include what background work costs elsewhere that came due and was not done on these instances."
                    .to_string(),
            );
        }
        if self.input().scenario.jobs.is_some() {
            claims.push(
                "It is a plan for the requests: the scenario's jobs are no part of it. `fleetmix batch --reserved FROM..TO` finds how many reserved \
                 instances are worth buying for them."
                    .to_string(),
            );
        }
        if self.settings.segments {
            claims.push(
                "Race and certificate simulated every request of a sample of days, all critical ones among them, and took the other days from the \
                 screening's tables, corrected by what these were off by on the sampled days. A sampled day begins with the fleet that tables \
                 led to: what that is off by is in no interval."
                    .to_string(),
            );
        }
        claims.push(
            "All of it is given the model and its traces: that the future resembles them is assumed, not shown."
                .to_string(),
        );
        claims
    }

    fn of_the_certificate(&self) -> String {
        let (fresh, sure) = (self.certificate.samples.len(), 100.0 * (1.0 - ERROR));
        match (self.certificate.kept, self.settings.distribution_free) {
            (true, false) => format!(
                "On {fresh} fresh replications that chose nothing it meets the objective with {sure:.0} % confidence (one-sided t limits, for means of \
                 replications that are about normal)."
            ),
            (true, true) => format!(
                "On {fresh} fresh replications that chose nothing it meets the objective with {sure:.0} % confidence, whatever the law of the \
                 replications."
            ),
            (false, _) => {
                let fresh = fresh.max(FRESH as usize);
                format!("On {fresh} fresh replications it could not be certified that it meets the objective.")
            }
        }
    }

    /// Which candidates were screened request by request, and why.
    fn by_request(&self) -> Option<String> {
        let outside: Vec<_> = self.all.iter().filter(|candidate| !self.screener.by_minutes(candidate)).collect();
        let first = outside.first()?;
        let reason = Tables::check(&self.input().scenario).and_then(|()| Tables::check(&first.scenario)).err()?;
        Some(format!(
            "{} candidates were screened request by request, since minutes cannot stand for their requests: {reason}.",
            outside.len()
        ))
    }
}
