//! A plan in words.

use crate::results::{PlanRecord, RacedMix};

/// Raced candidates and mixes of the frontier that are listed.
const LISTED: usize = 12;

/// What the terminal shows.
pub(super) fn text(record: &PlanRecord) -> String {
    let mut text = String::new();
    let currency = record.currency;
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    match &record.plan {
        Some(plan) => {
            let upper =
                plan.cost_upper.map_or(String::new(), |upper| format!(" (at most {upper:.2} with 95 % confidence)"));
            line(format!("Plan: {}", plan.name));
            line(format!(
                "      {:.2} {currency} for {:.0} h{upper}, {:.0} {currency} a month; {:.2} % late, {:.4} % failed",
                plan.cost,
                record.horizon_hours,
                plan.per_month,
                100.0 * plan.late_share,
                100.0 * plan.error_share.max(0.0)
            ));
        }
        None => line("No plan.".to_string()),
    }
    line(String::new());
    record.claims.iter().for_each(|claim| line(claim.clone()));
    bound(record).into_iter().for_each(&mut line);
    let (candidates, used) = (record.candidates, record.replications);
    line(format!(
        "{} candidates ({} behave like another), {} replications by the screening, of which {} had to be simulated; {} raced, {} replications by the \
         request, {} fresh ones.",
        candidates.searched,
        candidates.alike,
        used.screened,
        used.simulated,
        candidates.raced,
        used.raced,
        used.certified
    ));
    if used.given_up > 0 {
        line(format!(
            "{} candidates were given up early: by then more requests were late or failed than twice what is allowed and the error of minutes besides.",
            used.given_up
        ));
    }
    if !record.raced.is_empty() {
        line("\nRaced, the cheapest first:".to_string());
        let width = record.raced.iter().map(|raced| raced.name.chars().count()).max().unwrap_or(0);
        for RacedMix { name, cost, late_share, verdict, .. } in record.raced.iter().take(LISTED) {
            line(format!("  {name:width$}  {cost:>10.2}  {:>5.2} % late  {verdict}", 100.0 * late_share));
        }
    }
    if !record.frontier.is_empty() {
        line("\nFrontier by the minute (cheaper only with more late requests):".to_string());
        for mix in record.frontier.iter().take(LISTED) {
            line(format!("  {:>10.2}  {:>5.2} % late  {}", mix.cost, 100.0 * mix.late_share, mix.name));
        }
    }
    if !record.unresolved.is_empty() {
        line("\nUnresolved:".to_string());
        record.unresolved.iter().for_each(|words| line(format!("  {words}")));
    }
    text
}

/// The bound, what it holds for, and what the gap is made of.
fn bound(record: &PlanRecord) -> Vec<String> {
    let currency = record.currency;
    let Some(bound) = &record.bound else {
        let reason = record.no_bound.as_deref().unwrap_or("no lower bound was computed");
        return vec![format!("Of policies that were not searched nothing is said: {reason}.")];
    };
    let gap = bound.gap.map_or("nothing can be said of the plan's distance to it".to_string(), |gap| {
        format!("the plan is at most {:.0} % above it (each limit at 95 %)", 100.0 * gap)
    });
    let mut words = vec![format!(
        "No policy within these terms costs less than {:.2} {currency} ({:.0} a month): {gap}.",
        bound.cost, bound.per_month
    )];
    words.extend(bound.assumptions.iter().map(|sentence| format!("  {sentence}")));
    words
}
