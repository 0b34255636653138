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
    let percent = (part / total * 100.0).abs();
    let sign = if part < 0.0 { "−" } else { "" };
    match percent {
        0.0 => "0 %".to_string(),
        tiny if tiny < 0.05 => format!("{sign}<0.1 %"),
        small if small < 9.95 => format!("{sign}{small:.1} %"),
        large => format!("{sign}{large:.0} %"),
    }
}

/// What can be said of the late requests in a sentence.
pub fn finding(results: &Results) -> Option<String> {
    let (mix, causes) = explained(results)?;
    let total = causes.late.total.mean;
    if total <= 0.0 {
        return Some(format!("No request of {} is late", mix.name));
    }
    let alone = causes.late_by_work_alone.mean;
    let [interruption, boot, alarm, fleet, interaction] = causes.late.parts().map(|(_, part)| part.mean);
    let size =
        if alone > fleet / 2.0 { ("Their own work alone makes", alone) } else { ("Too small a fleet makes", fleet) };
    let subjects = [
        ("Interruption makes", interruption),
        ("Boot delay makes", boot),
        ("Alarm delay makes", alarm),
        size,
        ("Several causes together make", interaction),
    ];
    let (subject, most) = subjects.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    Some(format!("{subject} {} of the late requests of {}", part_of(most, total), mix.name))
}

/// What of the fleet's part no fleet could mend.
pub fn by_work_alone(causes: &CausesRecord) -> Option<String> {
    let alone = causes.late_by_work_alone.mean;
    let share = part_of(alone, causes.late.total.mean);
    (alone > 0.0).then(|| format!("{share} take too long by their own work alone, whatever the size of the fleet"))
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
