//! What the speed of starting is worth: late requests against the time that a container takes to start.

use super::canvas::{Area, Canvas, Stroke};
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Align, Chart, SMALL, Size, empty, sheet};
use crate::report::view::{duration, plural, share};
use crate::results::{Estimate, MixRecord, Results};

/// Half the width of a whisker's cap.
const CAP: f64 = 3.5;
const DOT: f64 = 4.5;
/// Fewer are no curve.
const FEWEST: usize = 3;
/// The setting in which the mixes of the curve differ.
const SETTING: &str = "/background/containers/start";

/// Whether there is such a curve: three mixes that differ in the start only.
pub fn has_start_times(results: &Results) -> bool {
    curve(results).len() >= FEWEST
}

/// The late share of mixes that differ in the time that a container takes to start and in nothing else.
pub fn start_time(results: &Results, size: Size) -> Chart {
    let points = curve(results);
    let (Some(&(first, quick)), Some(&(last, slow))) = (points.first(), points.last()) else {
        return empty(size, "No mix has containers", "Late share against the mean time of a start");
    };
    let title = format!(
        "{} late with containers that start in {}, {} with {}",
        share(quick.mean),
        duration(first),
        share(slow.mean),
        duration(last)
    );
    let replications = plural(u64::from(results.scenario.replications), "replication");
    let subtitle =
        format!("Late share against the mean time of a start, all else equal; 95 % intervals over {replications}");
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let room = Area { bottom: room.bottom - FOOT - 18.0, ..room };
    let highest = points.iter().map(|(_, late)| ends(late)[1]).chain([results.objective.late_share]);
    let scale = Scale::from_zero(highest);
    let marks = ticks(scale, Measure::Share, marks_for_height(room.height()));
    let caption = format!("Requests later than {}", duration(results.objective.latency_seconds));
    let upright = Upright { scale, ticks: &marks, caption: &caption };
    let panel = Panel::new(&mut canvas, room, margin(&marks), Scale::linear(0.0, last * 1.04), upright);
    let y = panel.y(results.objective.late_share);
    canvas.line((panel.area.left, y), (panel.area.right, y), Ink::Problem, 1.5);
    let places: Vec<(f64, f64)> = points.iter().map(|(start, late)| (panel.x(*start), panel.y(late.mean))).collect();
    canvas.path(&places, Stroke { ink: Ink::Accent, width: 1.5, opacity: 1.0 });
    for ((_, late), at) in points.iter().zip(&places) {
        whisker(&mut canvas, &panel, at.0, ends(late));
        canvas.dot(*at, DOT, Ink::Accent);
    }
    let most = (panel.area.width() / 90.0).clamp(2.0, 8.0) as usize;
    panel.foot(&mut canvas, &ticks(panel.x, Measure::Seconds, most));
    let below = (panel.area.right, panel.area.bottom + FOOT + 14.0);
    canvas.text("Mean time until a container serves", below, Align::Right, SMALL);
    Chart { title, subtitle, canvas }
}

/// Start times and late shares of the largest group of mixes that differ in the start only, the quickest first.
fn curve(results: &Results) -> Vec<(f64, Estimate)> {
    let alike = |a: &MixRecord, b: &MixRecord| {
        let rest = |mix: &MixRecord| -> Vec<(String, serde_json::Value)> {
            let set = mix.set.iter().filter(|(pointer, _)| !pointer.starts_with(SETTING));
            set.map(|(pointer, value)| (pointer.clone(), value.clone())).collect()
        };
        a.mix == b.mix && rest(a) == rest(b)
    };
    let of = |mix: &MixRecord| Some((mix.background.as_ref()?.container_start_seconds, mix.late_share));
    let groups = results.mixes.iter().map(|mix| {
        let mut points: Vec<(f64, Estimate)> =
            results.mixes.iter().filter(|other| alike(mix, other)).filter_map(of).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by(|later, earlier| later.0 == earlier.0);
        points
    });
    groups.fold(Vec::new(), |best, group| if group.len() > best.len() { group } else { best })
}

fn ends(estimate: &Estimate) -> [f64; 2] {
    estimate.ci95.unwrap_or([estimate.mean, estimate.mean])
}

fn whisker(canvas: &mut Canvas, panel: &Panel, x: f64, [low, high]: [f64; 2]) {
    let (low, high) = (panel.y(low), panel.y(high));
    canvas.line((x, low), (x, high), Ink::Accent, 1.0);
    for y in [low, high] {
        canvas.line((x - CAP, y), (x + CAP, y), Ink::Accent, 1.0);
    }
}
