//! What a backtest found, in sentences.

use super::per_month;
use crate::results::{BacktestRecord, Contender, Fared, ObjectiveMet, Rule};

/// The sentences, the most important first.
pub(super) fn findings(record: &BacktestRecord) -> Vec<String> {
    let of = |rule: Rule| record.contenders.iter().find(|contender| contender.rule == rule);
    let mut words = Vec::new();
    let Some(plan) = of(Rule::Plan) else {
        words.push("On the past no mix was shown to meet the objective, so there is no plan.".to_string());
        return words;
    };
    words.push(format!("Planned on the past alone: {}.", plan.decision));
    words.extend(plan.promised.as_ref().map(|promised| kept(record, promised, &plan.got)));
    words.push(objective(record, plan));
    words.extend(of(Rule::OnDemandOnly).map(|other| against(record, other, "on-demand only")));
    let naive = record.contenders.iter().filter(|one| {
        matches!(one.rule, Rule::OnDemandOnly | Rule::ReservedMinimum | Rule::ReservedMedian)
            && one.got.objective_met != ObjectiveMet::Missed
    });
    let cost = |one: &Contender| one.got.cost.mean;
    if let Some(best) = naive.min_by(|a, b| cost(a).total_cmp(&cost(b))) {
        if best.rule != Rule::OnDemandOnly {
            words.push(against(record, best, &format!("the best naive rule ({})", best.decision)));
        }
    } else {
        words.push("No naive rule met the objective.".to_string());
    }
    match of(Rule::PerfectForesight) {
        Some(best) if best.decision == plan.decision => {
            words.push("Whoever had known the future would have planned the same.".to_string());
        }
        Some(best) => words.push(against(record, best, &format!("perfect foresight ({})", best.decision))),
        None => words.push("With the future known no mix was shown to meet the objective either.".to_string()),
    }
    words
}

/// What was promised of the cost, and whether it was kept.
fn kept(record: &BacktestRecord, promised: &Fared, got: &Fared) -> String {
    let currency = record.currency;
    let change = 100.0 * (got.per_month.mean / promised.per_month.mean - 1.0);
    let told = format!(
        "It promised {:.0} {currency} a month and cost {:.0} ({change:+.1} %)",
        promised.per_month.mean, got.per_month.mean
    );
    match promised.range_per_month {
        Some([low, high]) if (low..=high).contains(&got.per_month.mean) => {
            format!("{told}, within what such periods vary by ({low:.0} to {high:.0}).")
        }
        Some([low, high]) => format!("{told}, outside what such periods vary by ({low:.0} to {high:.0})."),
        None => format!("{told}; how much periods vary was not simulated."),
    }
}

fn objective(record: &BacktestRecord, plan: &Contender) -> String {
    let got = &plan.got;
    let promised = plan.promised.as_ref();
    let told = promised
        .map_or(String::new(), |promised| format!(" ({:.2} % were promised)", 100.0 * promised.late_share.mean));
    let verdict = match got.objective_met {
        ObjectiveMet::Met => "the objective was met",
        ObjectiveMet::Missed => "the objective was missed",
        ObjectiveMet::Unclear => "whether the objective was met is unclear",
    };
    format!(
        "{:.2} % of requests were late{told} and {:.4} % failed, of {:.2} % and {:.4} % allowed: {verdict}.",
        100.0 * got.late_share.mean,
        100.0 * got.error_share.mean,
        100.0 * record.objective.late_share,
        100.0 * record.objective.error_share
    )
}

/// The plan against another decision, in the future.
fn against(record: &BacktestRecord, other: &Contender, name: &str) -> String {
    let Some(difference) = other.cost_above_plan else { return format!("The plan is the same as {name}.") };
    let currency = record.currency;
    let by = per_month(difference.mean, &record.future);
    let share = 100.0 * difference.mean / other.got.cost.mean.max(f64::MIN_POSITIVE);
    let missed = if other.got.objective_met == ObjectiveMet::Missed { ", which missed the objective" } else { "" };
    if by >= 0.0 {
        format!("It cost {by:.0} {currency} a month ({share:.1} %) less than {name}{missed}.")
    } else {
        format!("It cost {:.0} {currency} a month ({:.1} %) more than {name}{missed}.", -by, -share)
    }
}
