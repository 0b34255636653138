//! The report as one page that needs nothing else: no network, no script, its font inside.

mod figures;
mod tables;

#[cfg(test)]
mod tests;

use super::answer::{Answer, answer};
use super::causes::{CauseRow, by_work_alone};
use super::chart::declarations;
use super::font::face_rules;
use super::patch_wave::WaveRow;
use super::ranking::{chosen, named, ranked};
use super::view::{Calendar, NONE, duration, money, objective, percent_change, plural, share, signed_money};
use crate::results::{MixRecord, ObjectiveMet, Results, SourceRecord, Timeline};
use askama::Template;
use figures::Figure;
use rayon::prelude::*;
use tables::{CommitmentRow, ComparisonRow, DayRow, EstimateGroup, MixRow, RequestRow};

/// What a report has to say beside the results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportContext {
    /// The command that makes these results again.
    pub command: String,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    light: String,
    dark: String,
    fonts: String,
    scenario: &'a str,
    description: &'a str,
    scope: String,
    answer: Answer,
    numbers: Vec<Number>,
    frontier: Figure,
    objective: String,
    baseline: String,
    mixes: Vec<MixRow>,
    names: Vec<String>,
    estimates: Vec<EstimateGroup>,
    sections: Vec<MixSection>,
    comparisons: Vec<ComparisonRow>,
    probabilities: bool,
    requests: Vec<RequestRow>,
    waves: Vec<WaveRow>,
    causes: Option<Causes>,
    facts: Vec<(&'static str, String)>,
    assumptions: &'a [String],
    warnings: &'a [String],
    sources: &'a [SourceRecord],
    command: &'a str,
    limit: String,
    late: String,
    version: &'a str,
}

/// A number that is set large, with what it is.
struct Number {
    label: String,
    value: String,
    note: String,
}

/// Why requests of a mix are late.
struct Causes {
    mix: String,
    figure: Option<Figure>,
    rows: Vec<CauseRow>,
    note: String,
}

/// What is told of one mix.
struct MixSection {
    name: String,
    summary: String,
    open: bool,
    pools: Vec<[String; 3]>,
    commitments: Vec<CommitmentRow>,
    invoice: String,
    figures: Vec<Figure>,
    days: Vec<DayRow>,
}

/// The report: everything in `results`, with charts over time for the mixes that have a time line.
pub fn html(results: &Results, timelines: &[Timeline], context: &ReportContext) -> String {
    let scenario = &results.scenario;
    let mixes = ranked(results);
    let page = Page {
        light: declarations(false),
        dark: declarations(true),
        fonts: face_rules(),
        scenario: &scenario.name,
        description: &scenario.description,
        scope: scope(results),
        answer: answer(results),
        numbers: numbers(results),
        frontier: figures::frontier(results),
        objective: objective(&results.objective),
        baseline: match &results.baseline {
            Some(name) => format!("The baseline is {name}."),
            None => "No baseline was named.".to_string(),
        },
        mixes: tables::mixes(results),
        names: mixes.iter().map(|mix| mix.name.clone()).collect(),
        estimates: tables::estimates(results),
        sections: sections(results, timelines),
        comparisons: tables::comparisons(results),
        probabilities: results.demand_or_market_varied,
        requests: tables::requests(results),
        waves: super::patch_wave::rows(results),
        causes: causes(results),
        facts: facts(results),
        assumptions: &results.assumptions,
        warnings: &results.warnings,
        sources: &results.sources,
        command: &context.command,
        limit: duration(results.objective.latency_seconds),
        late: share(results.objective.late_share),
        version: &results.fleetmix_version,
    };
    page.render().expect("a page is rendered into memory")
}

/// What was simulated, in a line.
fn scope(results: &Results) -> String {
    let scenario = &results.scenario;
    let calendar = Calendar::new(scenario);
    format!(
        "{} from {} ({}) · {} · {} · fidelity {}",
        duration(scenario.horizon_seconds),
        calendar.date(0.0),
        calendar.zone_name,
        plural(results.mixes.len() as u64, "mixe").replace("1 mixe", "1 mix"),
        plural(u64::from(scenario.replications), "replication"),
        scenario.fidelity
    )
}

/// The three numbers of the best mix, or of the one that comes nearest.
fn numbers(results: &Results) -> Vec<Number> {
    let Some(mix) = chosen(results) else { return Vec::new() };
    let usd = |amount: f64| money(amount, results.currency);
    let range = |ends: Option<[f64; 2]>, say: &dyn Fn(f64) -> String| match ends {
        Some([low, high]) if low != high => format!("95 % interval {} to {}", say(low), say(high)),
        _ => "no interval".into(),
    };
    let cost = &mix.cost.per_month;
    let late = &mix.late_share;
    vec![
        Number { label: "a month".into(), value: usd(cost.mean), note: range(cost.ci95, &usd) },
        saving(results, mix),
        Number {
            label: format!("of requests later than {}", duration(results.objective.latency_seconds)),
            value: share(late.mean),
            note: format!("{}; {} allowed", range(late.ci95, &share), share(results.objective.late_share)),
        },
    ]
}

fn saving(results: &Results, mix: &MixRecord) -> Number {
    let Some(base) = named(results, results.baseline.as_deref()) else {
        let note = "name one in the scenario to see the difference".into();
        return Number { label: "no baseline".into(), value: NONE.into(), note };
    };
    if base.name == mix.name {
        let note = "the other mixes are compared with this one".into();
        return Number { label: "baseline".into(), value: NONE.into(), note };
    }
    let difference = mix.cost.per_month.mean - base.cost.per_month.mean;
    Number {
        label: format!("against {}", base.name),
        value: percent_change(mix.cost.per_month.mean, base.cost.per_month.mean),
        note: format!("{} a month", signed_money(difference, results.currency)),
    }
}

/// One section a time line, in the order of the ranking, the first one open.
fn sections(results: &Results, timelines: &[Timeline]) -> Vec<MixSection> {
    let section = |mix: &MixRecord| {
        let timeline = timelines.iter().find(|timeline| timeline.mix == mix.name)?;
        let pool = |pool: &crate::results::PoolRecord| {
            [pool.pool.replace('_', "-"), pool.instance_type.clone(), pool.terms.clone()]
        };
        Some(MixSection {
            name: mix.name.clone(),
            summary: format!("{} a month, {}", money(mix.cost.per_month.mean, results.currency), met_words(mix)),
            open: false,
            pools: mix.pools.iter().map(pool).collect(),
            commitments: tables::commitments(mix, results.currency),
            invoice: format!(
                "Charts show replication {}, the one of median cost; it costs {} {} over {}.",
                timeline.replication,
                tables::cents(&mix.named_replication.total),
                results.currency,
                duration(results.scenario.horizon_seconds)
            ),
            figures: figures::over_time(results, timeline),
            days: tables::days(results, timeline),
        })
    };
    let mut sections: Vec<MixSection> = ranked(results).into_par_iter().filter_map(section).collect();
    if let Some(first) = sections.first_mut() {
        first.open = true;
    }
    sections
}

fn causes(results: &Results) -> Option<Causes> {
    let (mix, causes) = super::causes::explained(results)?;
    Some(Causes {
        mix: mix.name.clone(),
        figure: (causes.late.total.mean > 0.0).then(|| figures::causes(results)),
        rows: super::causes::rows(causes),
        note: by_work_alone(causes).map_or(String::new(), |words| format!("Of all late requests {words}.")),
    })
}

fn met_words(mix: &MixRecord) -> &'static str {
    match mix.objective_met {
        ObjectiveMet::Met => "objective met",
        ObjectiveMet::Missed => "objective missed",
        ObjectiveMet::Unclear => "unclear whether the objective is met",
    }
}

fn facts(results: &Results) -> Vec<(&'static str, String)> {
    let scenario = &results.scenario;
    let varied = match results.varied_between_replications.as_slice() {
        [] => "nothing".to_string(),
        varied => varied.join("; "),
    };
    vec![
        ("Objective", objective(&results.objective)),
        ("Prices", results.prices.clone()),
        ("Start", scenario.start.to_string()),
        ("Varied between replications", varied),
        ("Seed", scenario.seed.to_string()),
    ]
}
