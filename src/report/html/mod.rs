//! The report as one page that needs nothing else: no network, its font inside. Its script only adds to it: without one everything is
//! there, and stands still.

mod columns;
mod data;
mod figures;
mod tables;

#[cfg(test)]
mod tests;

use super::answer::{Answer, answer};
use super::background::{self, BackgroundRow};
use super::causes::{CauseRow, by_work_alone};
use super::chart::declarations;
use super::font::face_rules;
use super::incidents::IncidentRow;
use super::patch_wave::WaveRow;
use super::ranking::{chosen, named, ranked};
use super::sensitivity::VariationRow;
use super::view::{Calendar, NONE, duration, money, objective, percent_change, plural, share, signed_money};
use crate::results::{MixRecord, ObjectiveMet, Results, SensitivityRecord, SourceRecord, StoredReport, Timeline};
use askama::Template;
use figures::Figure;
use rayon::prelude::*;
use tables::{CommitmentRow, ComparisonRow, DayRow, EstimateGroup, InvoiceTable, MixRow, RequestRow};

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
    chosen: Option<MixSection>,
    savings: Vec<Figure>,
    spread: Option<Figure>,
    incidents: Option<IncidentSection>,
    incident_headings: [&'static str; 7],
    invoice: Option<InvoiceTable>,
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
    sensitivity: Option<SensitivitySection<'a>>,
    background: Vec<BackgroundRow>,
    start_time: Option<Figure>,
    background_headings: [&'static str; 9],
    facts: Vec<(&'static str, String)>,
    assumptions: &'a [String],
    warnings: &'a [String],
    sources: &'a [SourceRecord],
    command: &'a str,
    limit: String,
    late: String,
    version: &'a str,
    data: String,
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

/// When the objective did not hold or spot was taken away.
struct IncidentSection {
    scope: String,
    figures: Vec<Figure>,
    rows: Vec<IncidentRow>,
}

/// What cost and late requests of a mix depend on.
struct SensitivitySection<'a> {
    mix: &'a str,
    rival: Option<&'a str>,
    figure: Figure,
    findings: &'a [String],
    rows: Vec<VariationRow>,
    assumptions: String,
}

/// What is told of one mix.
struct MixSection {
    name: String,
    anchor: String,
    summary: String,
    pools: Vec<[String; 3]>,
    commitments: Vec<CommitmentRow>,
    invoice: String,
    figures: Vec<Figure>,
    days: Vec<DayRow>,
}

/// The report: everything in `results`, with charts over time for the mixes that have a time line.
pub fn html(results: &Results, stored: &StoredReport) -> String {
    let scenario = &results.scenario;
    let mixes = ranked(results);
    let chosen = chosen(results);
    let timelines = &stored.timelines;
    let of_chosen = chosen.and_then(|mix| timelines.iter().find(|timeline| timeline.mix == mix.name));
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
        chosen: chosen.zip(of_chosen).map(|(mix, timeline)| section(results, mix, timeline, true)),
        savings: chosen.map_or(Vec::new(), |mix| figures::savings(results, mix, of_chosen)),
        spread: figures::spread(results),
        incidents: of_chosen.and_then(|timeline| incidents(results, timeline)),
        incident_headings: super::incidents::HEADINGS,
        invoice: chosen.and_then(|mix| tables::invoice(mix, &stored.invoices)),
        objective: objective(&results.objective),
        baseline: match &results.baseline {
            Some(name) => format!("The baseline is {name}."),
            None => "No baseline was named.".to_string(),
        },
        mixes: tables::mixes(results, |mix| anchor(results, timelines, mix)),
        names: mixes.iter().map(|mix| mix.name.clone()).collect(),
        estimates: tables::estimates(results),
        sections: others(results, timelines, chosen),
        comparisons: tables::comparisons(results),
        probabilities: results.demand_or_market_varied,
        requests: tables::requests(results),
        waves: super::patch_wave::rows(results),
        causes: causes(results),
        sensitivity: results.sensitivity.as_ref().map(sensitivity),
        background: background::rows(results),
        start_time: figures::start_time(results),
        background_headings: background::HEADINGS,
        facts: facts(results),
        assumptions: &results.assumptions,
        warnings: &results.warnings,
        sources: &results.sources,
        command: &stored.command,
        limit: duration(results.objective.latency_seconds),
        late: share(results.objective.late_share),
        version: &results.fleetmix_version,
        data: data::json(results, timelines, |mix| anchor(results, timelines, mix)),
    };
    page.render().expect("a page is rendered into memory")
}

/// The element that tells more of a mix; empty if none does.
fn anchor(results: &Results, timelines: &[Timeline], mix: &MixRecord) -> String {
    let drawn = timelines.iter().any(|timeline| timeline.mix == mix.name);
    let place = results.mixes.iter().position(|other| other.name == mix.name).filter(|_| drawn);
    place.map_or(String::new(), |place| format!("mix-{}", place + 1))
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

/// The mixes that have a time line, in the order of the ranking, without the one that stands above them.
fn others(results: &Results, timelines: &[Timeline], chosen: Option<&MixRecord>) -> Vec<MixSection> {
    let of = |mix: &MixRecord| {
        let timeline = timelines.iter().find(|timeline| timeline.mix == mix.name)?;
        Some(section(results, mix, timeline, false))
    };
    let others = |mix: &&MixRecord| chosen.is_none_or(|chosen| chosen.name != mix.name);
    ranked(results).into_par_iter().filter(others).filter_map(of).collect()
}

fn section(results: &Results, mix: &MixRecord, timeline: &Timeline, in_full: bool) -> MixSection {
    let pool = |pool: &crate::results::PoolRecord| {
        [pool.pool.replace('_', "-"), pool.instance_type.clone(), pool.terms.clone()]
    };
    MixSection {
        name: mix.name.clone(),
        anchor: anchor(results, std::slice::from_ref(timeline), mix),
        summary: format!("{} a month, {}", money(mix.cost.per_month.mean, results.currency), met_words(mix)),
        pools: mix.pools.iter().map(pool).collect(),
        commitments: tables::commitments(mix, results.currency),
        invoice: format!(
            "Charts over time show replication {}, the one of median cost; it costs {} {} over {}.",
            timeline.replication,
            tables::cents(&mix.named_replication.total),
            results.currency,
            duration(results.scenario.horizon_seconds)
        ),
        figures: figures::over_time(results, timeline, in_full),
        days: tables::days(results, timeline),
    }
}

fn incidents(results: &Results, timeline: &Timeline) -> Option<IncidentSection> {
    let incidents = &timeline.incidents;
    (!incidents.is_empty()).then(|| IncidentSection {
        scope: super::incidents::scope(incidents),
        figures: figures::incidents(results, timeline),
        rows: super::incidents::rows(results, incidents),
    })
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

fn sensitivity(record: &SensitivityRecord) -> SensitivitySection<'_> {
    SensitivitySection {
        mix: &record.mix.name,
        rival: record.rival.as_ref().map(|rival| rival.name.as_str()),
        figure: figures::sensitivity(record),
        findings: &record.findings,
        rows: super::sensitivity::rows(record),
        assumptions: record.assumptions.join(" "),
    }
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
