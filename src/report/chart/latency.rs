//! Latency percentiles over time against the objective.

use super::canvas::Area;
use super::key::{self, Entry, Swatch};
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::Scale;
use super::series::{draw_line, span, steps};
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Axis, Canvas, Chart, Size, empty, sheet};
use crate::report::ranking::named;
use crate::report::view::{Calendar, duration, plural, share};
use crate::results::{Results, Timeline, TimelinePoint};

/// p50, p95 and p99 of each interval; intervals whose p95 is above the objective are shaded.
pub fn latency(results: &Results, timeline: &Timeline, size: Size, axis: Axis) -> Chart {
    let limit = results.objective.latency_seconds;
    let title = finding(timeline, limit);
    let interval = timeline.points.first().map_or(0.0, |point| (point.end - point.start).as_secs_f64());
    let subtitle = format!(
        "Response time of requests completed in each interval of {}{}; shaded: p95 above {}; {}; replication {}",
        duration(interval),
        if axis == Axis::Linear { "" } else { " (log scale)" },
        duration(limit),
        timeline.mix,
        timeline.replication
    );
    let Some((from, to)) = span(timeline) else { return empty(size, &title, &subtitle) };
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let mut room = key::draw(&mut canvas, room, &entries(results, timeline));
    room.bottom -= FOOT;
    let values = timeline.points.iter().flat_map(|point| [point.p50, point.p95, point.p99]).chain([limit]);
    let (scale, caption) = match axis {
        Axis::Linear => (Scale::from_zero(values), "Response time"),
        Axis::Fitting | Axis::Log => (Scale::log(values), "Response time (log scale)"),
    };
    let marks = ticks(scale, Measure::Seconds, marks_for_height(room.height()));
    let upright = Upright { scale, ticks: &marks, caption };
    let panel = Panel::new(&mut canvas, room, margin(&marks), Scale::linear(from, to), upright);
    canvas.window(panel.area, |canvas| {
        shade(canvas, &panel, timeline, limit);
        draw_line(canvas, &panel, &steps(timeline, |point| point.p99), Ink::Muted, 1.0);
        draw_line(canvas, &panel, &steps(timeline, |point| point.p50), Ink::Spot, 1.25);
        draw_line(canvas, &panel, &steps(timeline, |point| point.p95), Ink::Accent, 1.5);
    });
    let y = panel.y(limit);
    canvas.line((panel.area.left, y), (panel.area.right, y), Ink::Problem, 1.5);
    panel.time_foot(&mut canvas, &Calendar::new(&results.scenario));
    canvas.tell_axis("latency", panel.area, (from, to));
    Chart { title, subtitle, canvas }
}

fn breached(point: &TimelinePoint, limit: f64) -> bool {
    point.p95 > limit
}

/// Shades runs of intervals in which the objective was breached, each at least a pixel wide.
pub(super) fn shade(canvas: &mut Canvas, panel: &Panel, timeline: &Timeline, limit: f64) {
    let mut open: Option<Area> = None;
    for point in timeline.points.iter().filter(|point| breached(point, limit)) {
        let left = panel.x(point.start.as_secs_f64());
        let right = panel.x(point.end.as_secs_f64()).max(left + 1.0);
        match &mut open {
            Some(area) if left <= area.right + 0.5 => area.right = area.right.max(right),
            _ => {
                let next = Area { left, right, ..panel.area };
                if let Some(done) = open.replace(next) {
                    canvas.rectangle(done, Ink::Problem, 0.16);
                }
            }
        }
    }
    if let Some(last) = open {
        canvas.rectangle(last, Ink::Problem, 0.16);
    }
}

fn entries(results: &Results, timeline: &Timeline) -> Vec<Entry> {
    let mix = named(results, Some(&timeline.mix));
    let overall = |pick: fn(&crate::results::Latency) -> f64| {
        mix.map_or(String::new(), |mix| format!("{} over all", duration(pick(&mix.latency_seconds))))
    };
    let line = |ink, name: &str, value: String| Entry { ink, swatch: Swatch::Line, name: name.into(), value };
    vec![
        line(Ink::Muted, "p99", overall(|latency| latency.p99.mean)),
        line(Ink::Accent, "p95", overall(|latency| latency.p95.mean)),
        line(Ink::Spot, "p50", overall(|latency| latency.p50.mean)),
        line(Ink::Problem, "Objective", duration(results.objective.latency_seconds)),
    ]
}

fn finding(timeline: &Timeline, limit: f64) -> String {
    let served = timeline.points.iter().filter(|point| point.p95.is_finite()).count();
    let above = timeline.points.iter().filter(|point| breached(point, limit)).count();
    if served == 0 {
        return "No request was completed".into();
    }
    if above == 0 {
        return format!("p95 stays within {} throughout", duration(limit));
    }
    format!(
        "p95 is above {} in {} of {} ({})",
        duration(limit),
        crate::report::view::count(above as f64),
        plural(served as u64, "interval"),
        share(above as f64 / served as f64)
    )
}
