//! The answer in a sentence, computed from the results, and what has to be said beside it.

use super::ranking::{distance, named, nearest};
use super::view::{duration, money, percent_change, plural, share, signed_money};
use crate::results::{Comparison, Estimate, MixRecord, ObjectiveMet, Results};

/// The answer to "what should we buy?".
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the sentence is about; set in bold.
    pub subject: String,
    /// The rest of the sentence.
    pub sentence: String,
    /// What limits the answer, one sentence each.
    pub caveats: Vec<String>,
}

impl Answer {
    /// The sentence as plain text.
    pub fn text(&self) -> String {
        format!("{} {}", self.subject, self.sentence)
    }
}

/// The answer that these results support, and no more.
pub fn answer(results: &Results) -> Answer {
    let caveats = caveats(results);
    let Some(best) = named(results, results.best.as_deref()) else { return no_best(results, caveats) };
    let price = per_month(results, best);
    let saving = saving(results, best).map_or(String::new(), |saving| format!(", {saving}"));
    let judged = judged_from(results);
    let sentence = match best.objective_met {
        ObjectiveMet::Met => format!("meets the objective at {price}{saving}{judged}."),
        ObjectiveMet::Unclear | ObjectiveMet::Missed => {
            let late = with_interval(&best.late_share, share);
            let limit = share(results.objective.late_share);
            format!(
                "is the cheapest that may meet the objective, at {price}{saving}{judged}: {late} late, {limit} allowed."
            )
        }
    };
    Answer { subject: best.name.clone(), sentence, caveats }
}

/// The same finding as a heading, without intervals.
pub fn finding(results: &Results) -> String {
    let Some(best) = named(results, results.best.as_deref()) else {
        return match nearest(results) {
            Some(mix) => format!("No mix meets the objective; {} comes nearest", mix.name),
            None => "There is no mix to compare".into(),
        };
    };
    let price = money(best.cost.per_month.mean, results.currency);
    if best.objective_met != ObjectiveMet::Met {
        return format!("{} is the cheapest that may meet the objective, at {price} a month", best.name);
    }
    format!("{} is the cheapest that meets the objective, at {price} a month", best.name)
}

fn no_best(results: &Results, caveats: Vec<String>) -> Answer {
    let Some(mix) = nearest(results) else {
        return Answer { subject: "There is no mix".into(), sentence: "to compare.".into(), caveats };
    };
    let objective = &results.objective;
    let late_is_worst = mix.late_share.mean * objective.error_share >= mix.error_share.mean * objective.late_share;
    let (estimate, limit, word) = if late_is_worst {
        (&mix.late_share, objective.late_share, format!("later than {}", duration(objective.latency_seconds)))
    } else {
        (&mix.error_share, objective.error_share, "failed".into())
    };
    let sentence = format!(
        "meets the objective{}; {} comes nearest, at {}, with {} of requests {word} where {} is allowed.",
        judged_from(results),
        mix.name,
        per_month(results, mix),
        with_interval(estimate, share),
        share(limit)
    );
    debug_assert!(distance(results, mix) >= 0.0);
    Answer { subject: "No mix".into(), sentence, caveats }
}

fn with_interval(estimate: &Estimate, say: fn(f64) -> String) -> String {
    match estimate.ci95 {
        Some([low, high]) if low != high => {
            format!("{} (95 % interval {} to {})", say(estimate.mean), say(low), say(high))
        }
        _ => say(estimate.mean),
    }
}

fn per_month(results: &Results, mix: &MixRecord) -> String {
    let estimate = &mix.cost.per_month;
    let say = |amount: f64| money(amount, results.currency);
    match estimate.ci95 {
        Some([low, high]) if low != high => {
            format!("{} a month (95 % interval {} to {})", say(estimate.mean), say(low), say(high))
        }
        _ => format!("{} a month", say(estimate.mean)),
    }
}

/// A short horizon is named in the first sentence.
fn judged_from(results: &Results) -> String {
    let horizon = results.scenario.horizon_seconds;
    if horizon < 28.0 * 86_400.0 { format!(", judged from {}", duration(horizon)) } else { String::new() }
}

/// The paired difference of the costs of `a` and `b`, over the horizon.
pub fn difference(results: &Results, a: &str, b: &str) -> Option<Estimate> {
    let find = |a: &str, b: &str| results.comparisons.iter().find(|c: &&Comparison| c.a == a && c.b == b);
    if let Some(comparison) = find(a, b) {
        return Some(comparison.cost_difference);
    }
    find(b, a).map(|comparison| {
        let estimate = comparison.cost_difference;
        Estimate { mean: -estimate.mean, ci95: estimate.ci95.map(|[low, high]| [-high, -low]), n: estimate.n }
    })
}

/// Whether an interval of a difference leaves both signs open.
fn open(difference: &Estimate) -> bool {
    difference.ci95.is_some_and(|[low, high]| low <= 0.0 && high >= 0.0)
}

/// How the best stands to the baseline, in words.
fn saving(results: &Results, best: &MixRecord) -> Option<String> {
    let base = named(results, results.baseline.as_deref())?;
    if base.name == best.name {
        return Some("the mix that the others are compared with".into());
    }
    if difference(results, &best.name, &base.name).is_some_and(|difference| open(&difference)) {
        return Some(format!("no clear difference from {}", base.name));
    }
    let (cost, base_cost) = (best.cost.per_month.mean, base.cost.per_month.mean);
    let change = percent_change(cost, base_cost);
    let (way, size) = match change.strip_prefix('−') {
        Some(size) => ("below", size),
        None => ("above", change.trim_start_matches(['+', '±'])),
    };
    (base_cost > 0.0).then(|| format!("{size} {way} {}", base.name))
}

fn caveats(results: &Results) -> Vec<String> {
    let mut caveats = Vec::new();
    let replications = results.scenario.replications;
    if replications <= 1 {
        caveats.push("One replication only: there is no interval, and another run would give other numbers.".into());
    }
    if !results.demand_or_market_varied {
        caveats.push(
            "Given exactly these traces: demand and prices were the same in every replication, so nothing here speaks of \
             another week or of risk."
                .into(),
        );
    } else if replications > 1 {
        let varied = results.varied_between_replications.join("; ");
        caveats.push(format!("{} varied: {varied}.", plural(u64::from(replications), "replication")));
    }
    caveats.extend(rivals(results));
    caveats
}

/// Mixes that meet the objective and whose cost cannot be told from the best.
fn rivals(results: &Results) -> Option<String> {
    let best = named(results, results.best.as_deref())?;
    let rival = |mix: &&MixRecord| {
        mix.name != best.name
            && mix.objective_met == ObjectiveMet::Met
            && difference(results, &mix.name, &best.name).is_some_and(|difference| open(&difference))
    };
    let names: Vec<String> = results.mixes.iter().filter(rival).map(|mix| mix.name.clone()).collect();
    (!names.is_empty()).then(|| format!("The cost of {} cannot be told from it.", names.join(", ")))
}

/// A difference with its interval: `−$312 [−$330, −$295]`.
pub fn difference_words(results: &Results, difference: &Estimate) -> String {
    let say = |amount: f64| signed_money(amount, results.currency);
    super::view::estimate(difference, say)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, mix, study};
    use super::*;

    #[test]
    fn the_answer_names_cost_interval_saving_and_horizon() {
        let text = answer(&sample::week().0).text();
        assert_eq!(
            text,
            "3 reserved + 2 spot + on-demand meets the objective at $2,143 a month (95 % interval $2,100 to $2,186), \
             41 % below on-demand only, judged from 7 days."
        );
    }

    #[test]
    fn without_a_mix_that_meets_it_names_the_nearest() {
        let results =
            study(vec![mix("a", 100.0, 0.2, ObjectiveMet::Missed), mix("b", 90.0, 0.3, ObjectiveMet::Missed)]);
        let answer = answer(&results);
        assert_eq!(answer.subject, "No mix");
        assert!(answer.sentence.contains("; a comes nearest, at $100"), "{}", answer.sentence);
        assert!(answer.sentence.contains("later than 1 s where 5 % is allowed"), "{}", answer.sentence);
    }

    #[test]
    fn an_unclear_mix_is_never_a_bare_yes() {
        let mut results = study(vec![mix("a", 100.0, 0.05, ObjectiveMet::Unclear)]);
        results.best = Some("a".into());
        assert!(answer(&results).sentence.contains("may meet the objective"));
    }

    #[test]
    fn fixed_traces_speak_of_no_risk_and_one_run_has_no_interval() {
        let mut results =
            study(vec![mix("a", 100.0, 0.01, ObjectiveMet::Met), mix("b", 200.0, 0.01, ObjectiveMet::Met)]);
        results.demand_or_market_varied = false;
        results.scenario.replications = 1;
        results.mixes.iter_mut().for_each(|mix| mix.cost.per_month.ci95 = None);
        let answer = answer(&results);
        assert!(!answer.text().contains("interval"), "{}", answer.text());
        assert!(answer.caveats.iter().any(|caveat| caveat.contains("Given exactly these traces")));
        assert!(answer.caveats.iter().any(|caveat| caveat.contains("One replication")));
    }

    #[test]
    fn a_difference_inside_the_noise_is_called_so() {
        let mut results =
            study(vec![mix("a", 100.0, 0.01, ObjectiveMet::Met), mix("b", 101.0, 0.01, ObjectiveMet::Met)]);
        results.comparisons[0].cost_difference = Estimate { mean: -0.2, ci95: Some([-1.0, 0.6]), n: 30 };
        let answer = answer(&results);
        assert!(answer.sentence.contains("no clear difference from b"), "{}", answer.sentence);
        assert!(
            answer.caveats.iter().any(|caveat| caveat.contains("cost of b cannot be told")),
            "{:?}",
            answer.caveats
        );
    }

    #[test]
    fn nothing_to_compare_is_no_panic() {
        assert_eq!(answer(&study(Vec::new())).text(), "There is no mix to compare.");
    }
}
