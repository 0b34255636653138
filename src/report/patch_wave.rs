//! What patch waves did, in words.

use super::ranking::ranked;
use super::view::{count, decimal, duration, share, signed_money};
use crate::results::{PatchWaveRecord, Results};

/// A mix and what its wave did, in cells.
pub struct WaveRow {
    /// Name of the mix.
    pub name: String,
    /// Exposure, instances replaced, in service at worst, p95, late, failed, extra instance time, extra cost, verdict.
    pub cells: [String; 9],
}

/// A row for each mix that had a wave, in the order of the ranking.
pub fn rows(results: &Results) -> Vec<WaveRow> {
    let waves = ranked(results).into_iter().filter_map(|mix| Some((mix.name.clone(), mix.patch_wave.as_ref()?)));
    waves.map(|(name, wave)| WaveRow { name, cells: cells(results, wave) }).collect()
}

fn cells(results: &Results, wave: &PatchWaveRecord) -> [String; 9] {
    let against = |with: f64, without: f64| format!("{} ({} without)", share(with), share(without));
    [
        duration(wave.exposure_seconds.mean),
        count(wave.replaced.mean),
        format!("{} of {}", count(wave.fewest_in_service.mean), count(wave.in_service_before.mean)),
        duration(wave.p95_seconds.mean),
        against(wave.late_share.mean, wave.late_share_without.mean),
        against(wave.error_share.mean, wave.error_share_without.mean),
        format!("{} h", count(wave.extra_instance_seconds.mean / 3600.0)),
        signed_money(wave.extra_cost.mean, results.currency),
        verdict(wave),
    ]
}

fn verdict(wave: &PatchWaveRecord) -> String {
    if wave.keeps_objective() {
        return "objective kept".to_string();
    }
    let beyond = |what: &str, share_of: f64| {
        (share_of > 0.0).then(|| format!("{} points too many {what}", decimal(share_of * 100.0)))
    };
    let parts = [beyond("late", wave.late_beyond_objective), beyond("failed", wave.error_beyond_objective)];
    format!("objective broken: {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// A line for each mix that had a wave.
pub fn lines(results: &Results) -> Vec<String> {
    let line = |row: WaveRow| {
        let [exposure, replaced, in_service, p95, late, failed, _, cost, verdict] = row.cells;
        format!(
            "Patch wave · {}: {replaced} replaced, exposed for {exposure}, {in_service} in service at worst, p95 {p95}, late {late}, \
             failed {failed}, {cost} · {verdict}",
            row.name
        )
    };
    rows(results).into_iter().map(line).collect()
}
