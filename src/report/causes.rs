//! Why requests are late, in words.

use super::view::{NONE, count, interval, plural};
use crate::results::{CauseSplit, CausesRecord, Estimate, MixRecord, Results};

/// A cause, and what it comes to, in cells.
pub struct CauseRow {
    /// Name of the cause.
    pub name: &'static str,
    /// What was switched off.
    pub meaning: &'static str,
    /// Late requests, their share of all late ones, failed requests, their share.
    pub cells: [Counted; 4],
}

/// A number and its interval, in words.
pub struct Counted {
    /// The number.
    pub mean: String,
    /// Its interval; empty if there is none.
    pub interval: String,
}

/// The mix whose causes are known, and its causes.
pub fn explained(results: &Results) -> Option<(&MixRecord, &CausesRecord)> {
    results.mixes.iter().find_map(|mix| Some((mix, mix.causes.as_ref()?)))
}

/// What is switched off for each part, in their order.
const MEANINGS: [&str; 5] = [
    "saved if spot were always to be had and nothing failed",
    "saved if instances served when they are asked for",
    "saved if alarms acted when the breach began",
    "left without these three",
    "the rest: below zero what is counted twice, above what takes either of two causes",
];

/// A row for each part, and their sum.
pub fn rows(causes: &CausesRecord) -> Vec<CauseRow> {
    let row = |name, meaning, late: Estimate, failed: Estimate| CauseRow {
        name,
        meaning,
        cells: [
            counted(&late),
            Counted { mean: part_of(late.mean, causes.late.total.mean), interval: String::new() },
            counted(&failed),
            Counted { mean: part_of(failed.mean, causes.failed.total.mean), interval: String::new() },
        ],
    };
    let parts = causes.late.parts().into_iter().zip(causes.failed.parts()).zip(MEANINGS);
    let parts = parts.map(|(((name, late), (_, failed)), meaning)| row(name, meaning, late, failed));
    parts.chain([row("all", "as it is", causes.late.total, causes.failed.total)]).collect()
}

fn counted(estimate: &Estimate) -> Counted {
    Counted { mean: signed(estimate.mean), interval: interval(estimate, signed).unwrap_or_default() }
}

/// How many, with a minus sign that is one.
pub fn signed(value: f64) -> String {
    if value < 0.0 { format!("−{}", count(-value)) } else { count(value) }
}

/// A part of a total in percent, possibly below zero or above all.
pub fn part_of(part: f64, total: f64) -> String {
    if total <= 0.0 {
        return NONE.to_string();
    }
    let percent = part / total * 100.0;
    let digits = if percent.abs() < 9.95 && percent != 0.0 { 1 } else { 0 };
    format!("{}{:.digits$} %", if percent < 0.0 { "−" } else { "" }, percent.abs())
}

/// What can be said of the late requests in a sentence.
pub fn finding(results: &Results) -> Option<String> {
    let (mix, causes) = explained(results)?;
    let total = causes.late.total.mean;
    if total <= 0.0 {
        return Some(format!("No request of {} is late", mix.name));
    }
    let (name, most) = causes.late.parts().into_iter().fold(
        ("", Estimate { mean: f64::NEG_INFINITY, ..causes.late.total }),
        |best, part| {
            if part.1.mean > best.1.mean { part } else { best }
        },
    );
    let asked = match name {
        "interaction" => "Several causes together make".to_string(),
        name => format!("{}{} makes", name[..1].to_uppercase(), &name[1..]),
    };
    Some(format!("{asked} {} of the late requests of {}", part_of(most.mean, total), mix.name))
}

/// What of the fleet's part no fleet could mend.
pub fn by_work_alone(causes: &CausesRecord) -> Option<String> {
    let alone = causes.late_by_work_alone.mean;
    let share = part_of(alone, causes.late.total.mean);
    (alone > 0.0).then(|| format!("{share} of all late requests take too long by their own work: no larger fleet of this kind serves them in time"))
}

/// A line for the terminal: the late requests of the mix that was asked about.
pub fn line(results: &Results) -> Option<String> {
    let (mix, causes) = explained(results)?;
    let CauseSplit { total, .. } = causes.late;
    let parts = causes.late.parts().map(|(name, part)| format!("{name} {}", part_of(part.mean, total.mean)));
    let replications = plural(u64::from(total.n), "replication");
    let alone = by_work_alone(causes).map_or(String::new(), |words| format!("; {words}"));
    Some(match total.mean {
        0.0 => format!("Why late · {}: no request was late in {replications}", mix.name),
        mean => format!(
            "Why late · {}: {} late requests in a run, mean of {replications} · {}{alone}",
            mix.name,
            count(mean),
            parts.join(", ")
        ),
    })
}
