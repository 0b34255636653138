//! Cost against lateness over all mixes: what a little more money buys.

use super::canvas::{Area, Canvas, Stroke, text_area};
use super::labels::{Obstacles, Wish, place};
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Measure, Tick, ticks};
use super::{Axis, Chart, SMALL, Size, empty, sheet};
use crate::report::answer;
use crate::report::ranking::{certainly_beaten, ranked};
use crate::report::view::{duration, plural, share};
use crate::results::{Estimate, MixRecord, ObjectiveMet, Results};

/// Half the width of a whisker's cap.
const CAP: f64 = 3.5;
const DOT: f64 = 5.0;

/// The cost of each mix against its late share, with 95 % intervals, the objective, and the mixes that none beats in both.
pub fn frontier(results: &Results, size: Size, axis: Axis) -> Chart {
    match draw(results, size, axis, 0) {
        (chart, 0) => chart,
        // Only a drawing shows how many names find no room; then it is drawn again and says so.
        (_, nameless) => draw(results, size, axis, nameless).0,
    }
}

/// Whether lateness is drawn on a logarithmic axis where that is left to the chart.
pub fn frontier_is_logarithmic(results: &Results) -> bool {
    matches!(lateness(results, Axis::Fitting), Scale::Log { .. })
}

/// The chart, whose sub-title speaks of so many mixes without a name, and how many there are.
fn draw(results: &Results, size: Size, axis: Axis, nameless: usize) -> (Chart, usize) {
    let title = answer::finding(results);
    let subtitle = subtitle(results, nameless);
    if results.mixes.is_empty() {
        return (empty(size, &title, &subtitle), 0);
    }
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let room = Area { bottom: room.bottom - FOOT - 18.0, ..room };
    let late = lateness(results, axis);
    let marks = late_marks(late, marks_for_height(room.height()));
    let caption = format!(
        "Requests later than {}, share of all{}",
        duration(results.objective.latency_seconds),
        scale_words(results, late)
    );
    let upright = Upright { scale: late, ticks: &marks, caption: &caption };
    let panel = Panel::new(&mut canvas, room, margin(&marks), costs(results), upright);
    cost_axis(&mut canvas, &panel, results);
    let mut soft = step_line(&mut canvas, &panel, results);
    let limit = limit_line(&mut canvas, &panel, results);
    soft.push(limit.0);
    soft.extend(whiskers(&mut canvas, &panel, results));
    let points: Vec<(f64, f64)> = results.mixes.iter().map(|mix| place_of(&panel, mix)).collect();
    for (mix, at) in results.mixes.iter().zip(&points) {
        canvas.dot(*at, DOT, ink_of(results, mix));
    }
    let mut solid: Vec<Area> = points.iter().map(|at| around(*at, DOT)).collect();
    solid.extend(limit.1);
    let room = Area { top: panel.area.top - 4.0, left: panel.area.left, right: canvas.area().right, ..panel.area };
    canvas.tell_points("frontier", &points);
    let nameless = place(&mut canvas, &wishes(&panel, results), Obstacles { room, solid, soft });
    (Chart { title, subtitle, canvas }, nameless)
}

fn subtitle(results: &Results, nameless: usize) -> String {
    let replications = u64::from(results.scenario.replications);
    let whiskers = if replications > 1 {
        format!("whiskers: 95 % intervals over {}", plural(replications, "replication"))
    } else {
        "one replication, no intervals".into()
    };
    let nameless = match nameless {
        0 => String::new(),
        1 => "; 1 mix without a name: see the table".into(),
        more => format!("; {more} mixes without a name: see the table"),
    };
    format!("Cost per month against late share; {whiskers}; grey: certainly beaten in both{nameless}")
}

fn ends(estimate: &Estimate) -> [f64; 2] {
    estimate.ci95.unwrap_or([estimate.mean, estimate.mean])
}

/// What has to be said of a logarithmic axis, which has no place for zero.
fn scale_words(results: &Results, scale: Scale) -> &'static str {
    let Scale::Log { low, .. } = scale else { return "" };
    let below = results.mixes.iter().any(|mix| mix.late_share.mean < low);
    if below { " (log scale; on the base line: that or less)" } else { " (log scale)" }
}

/// The scale of cost: all intervals with some air for labels.
fn costs(results: &Results) -> Scale {
    let values = || results.mixes.iter().flat_map(|mix| ends(&mix.cost.per_month)).filter(|value| value.is_finite());
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return Scale::linear(0.0, 1.0);
    }
    let air = (high - low) * 0.08;
    Scale::linear((low - air).max(0.0), high + air)
}

/// The scale of lateness: left to itself, logarithmic when it spans more than a factor of 30.
fn lateness(results: &Results, axis: Axis) -> Scale {
    let limit = results.objective.late_share;
    let means = || results.mixes.iter().map(|mix| mix.late_share.mean).chain([limit]);
    let positive = || means().filter(|value| value.is_finite() && *value > 0.0);
    let low = positive().fold(f64::INFINITY, f64::min);
    let high = positive().fold(0.0, f64::max);
    let most = results.mixes.iter().map(|mix| ends(&mix.late_share)[1]).fold(high, f64::max);
    if axis == Axis::Log && high > 0.0 || axis == Axis::Fitting && high / low > 30.0 {
        let low = low.max(high * 1e-6) / 2.5;
        return Scale::Log { low, high: (most * 1.5).min(1.5) };
    }
    Scale::from_zero([most].into_iter())
}

/// Marks of lateness; on a logarithmic axis the lowest says that it holds everything below.
fn late_marks(scale: Scale, most: usize) -> Vec<Tick> {
    let mut marks = ticks(scale, Measure::Share, most);
    marks.retain(|mark| mark.value <= 1.0);
    marks
}

fn cost_axis(canvas: &mut Canvas, panel: &Panel, results: &Results) {
    let most = (panel.area.width() / 90.0).clamp(2.0, 8.0) as usize;
    let marks = ticks(panel.x, Measure::Money(results.currency), most);
    for mark in &marks {
        let x = panel.x(mark.value);
        canvas.line((x, panel.area.top), (x, panel.area.bottom), Ink::Grid, 1.0);
    }
    panel.foot(canvas, &marks);
    let caption = format!("Cost per month of 730 h, {}", results.currency);
    canvas.text(&caption, (panel.area.right, panel.area.bottom + FOOT + 14.0), super::Align::Right, SMALL);
}

fn place_of(panel: &Panel, mix: &MixRecord) -> (f64, f64) {
    (panel.x(mix.cost.per_month.mean), panel.y(mix.late_share.mean))
}

fn around(at: (f64, f64), reach: f64) -> Area {
    Area { left: at.0 - reach, top: at.1 - reach, right: at.0 + reach, bottom: at.1 + reach }
}

fn ink_of(results: &Results, mix: &MixRecord) -> Ink {
    if certainly_beaten(results, mix) { Ink::Muted } else { Ink::Accent }
}

/// The step through the mixes that none beats in both means.
fn step_line(canvas: &mut Canvas, panel: &Panel, results: &Results) -> Vec<Area> {
    let mut mixes: Vec<&MixRecord> = results.mixes.iter().collect();
    mixes.sort_by(|a, b| {
        let cost = a.cost.per_month.mean.total_cmp(&b.cost.per_month.mean);
        cost.then(a.late_share.mean.total_cmp(&b.late_share.mean))
    });
    let mut lowest = f64::INFINITY;
    mixes.retain(|mix| {
        let better = mix.late_share.mean < lowest;
        lowest = lowest.min(mix.late_share.mean);
        better
    });
    let mut path: Vec<(f64, f64)> = Vec::new();
    for mix in mixes {
        let at = place_of(panel, mix);
        path.extend(path.last().map(|last| (at.0, last.1)));
        path.push(at);
    }
    canvas.path(&path, Stroke { ink: Ink::Accent, width: 2.5, opacity: 0.3 });
    path.windows(2).map(|pair| between(pair[0], pair[1])).collect()
}

fn between(a: (f64, f64), b: (f64, f64)) -> Area {
    let area = Area { left: a.0.min(b.0), top: a.1.min(b.1), right: a.0.max(b.0), bottom: a.1.max(b.1) };
    area.grown(1.0)
}

/// The objective's line and the space of its label.
fn limit_line(canvas: &mut Canvas, panel: &Panel, results: &Results) -> (Area, Vec<Area>) {
    let limit = results.objective.late_share;
    let y = panel.y(limit);
    let (from, to) = ((panel.area.left, y), (panel.area.right, y));
    canvas.line(from, to, Ink::Problem, 1.25);
    let label = format!("objective: at most {} late", share(limit));
    let lettering = super::Lettering { ink: Ink::Problem, ..SMALL };
    let points: Vec<Area> = results.mixes.iter().map(|mix| around(place_of(panel, mix), DOT + 2.0)).collect();
    let above = if y - 18.0 > panel.area.top { y - 6.0 } else { y + 15.0 };
    let spots = [(above, super::Align::Right), (above, super::Align::Left), (y + 15.0, super::Align::Right)];
    for (baseline, align) in spots {
        let x = if align == super::Align::Right { to.0 } else { from.0 + 6.0 };
        let space = text_area(&label, (x, baseline), align, lettering);
        if space.left >= panel.area.left && points.iter().all(|point| !point.meets(&space)) {
            canvas.text(&label, (x, baseline), align, lettering);
            return (between(from, to), vec![space]);
        }
    }
    (between(from, to), Vec::new())
}

/// Draws the intervals and gives their spaces.
fn whiskers(canvas: &mut Canvas, panel: &Panel, results: &Results) -> Vec<Area> {
    let mut spaces = Vec::new();
    for mix in &results.mixes {
        let (x, y) = place_of(panel, mix);
        let ink = ink_of(results, mix);
        let mut line = |from: (f64, f64), to: (f64, f64)| {
            canvas.path(&[from, to], Stroke { ink, width: 1.25, opacity: 0.75 });
            spaces.push(between(from, to));
        };
        if let Some([low, high]) = mix.cost.per_month.ci95 {
            let (low, high) = (panel.x(low), panel.x(high));
            line((low, y), (high, y));
            [low, high].into_iter().for_each(|x| line((x, y - CAP), (x, y + CAP)));
        }
        if let Some([low, high]) = mix.late_share.ci95 {
            let (low, high) = (panel.y(low), panel.y(high));
            line((x, low), (x, high));
            [low, high].into_iter().for_each(|y| line((x - CAP, y), (x + CAP, y)));
        }
    }
    spaces
}

/// The labels, the most important first: the best, the baseline, what meets the objective, the rest.
fn wishes(panel: &Panel, results: &Results) -> Vec<Wish> {
    let mut mixes = ranked(results);
    let is = |name: &Option<String>, mix: &MixRecord| name.as_deref() == Some(mix.name.as_str());
    mixes.sort_by_key(|mix| {
        let rank = [
            is(&results.best, mix),
            is(&results.baseline, mix),
            !certainly_beaten(results, mix),
            mix.objective_met == ObjectiveMet::Met,
        ];
        rank.iter().position(|holds| *holds).unwrap_or(rank.len())
    });
    let wish = |mix: &&MixRecord| Wish {
        at: place_of(panel, mix),
        name: mix.name.clone(),
        ink: if certainly_beaten(results, mix) { Ink::Caption } else { Ink::Text },
        bold: is(&results.best, mix),
    };
    mixes.iter().map(wish).collect()
}
