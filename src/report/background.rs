//! What came of work that could wait, in words.

use super::ranking::ranked;
use super::view::{count, decimal, duration, money, money_estimate, share};
use crate::results::{BackgroundRecord, MixRecord, Results};

/// Headings of the cells, for a narrow table in two lines.
pub const HEADINGS: [&str; 9] = [
    "start of a\ncontainer",
    "p95",
    "late",
    "work done\nin an hour",
    "work\nlost",
    "kills\nan hour",
    "hosts\nused",
    "a month",
    "an hour of\nuseful work",
];

/// A mix and what came of its work that could wait, in cells.
pub struct BackgroundRow {
    /// Name of the mix.
    pub name: String,
    /// What the headings say.
    pub cells: [String; 9],
}

/// A row for each mix that had such work, in the order of the ranking.
pub fn rows(results: &Results) -> Vec<BackgroundRow> {
    let mixes = ranked(results).into_iter().filter_map(|mix| Some((mix, mix.background.as_ref()?)));
    mixes.map(|(mix, work)| BackgroundRow { name: mix.name.clone(), cells: cells(results, mix, work) }).collect()
}

fn cells(results: &Results, mix: &MixRecord, work: &BackgroundRecord) -> [String; 9] {
    let hours = results.scenario.horizon_seconds / 3600.0;
    let (done, lost) = (work.work_done_seconds.mean, work.work_lost_seconds.mean);
    [
        duration(work.container_start_seconds),
        duration(mix.latency_seconds.p95.mean),
        share(mix.late_share.mean),
        format!("{} slot-h", decimal(work.work_per_hour.mean)),
        share(if done + lost > 0.0 { lost / (done + lost) } else { 0.0 }),
        count(work.containers_killed.mean / hours),
        share(work.host_utilization.mean),
        money_estimate(&mix.cost.per_month, results.currency),
        money(work.cost_per_useful_hour.mean, results.currency),
    ]
}
