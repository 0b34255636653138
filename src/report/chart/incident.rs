//! An incident by the minute: response time above, the instances in service below.

use super::canvas::{Area, Stroke};
use super::capacity::parts;
use super::key::{self, Entry, Swatch};
use super::latency::shade;
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::{Scale, largest};
use super::series::{draw_area, draw_line, span, steps};
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Canvas, Chart, Size, empty, sheet};
use crate::report::incidents::told;
use crate::report::view::{Calendar, count, duration};
use crate::results::{Results, Timeline, TimelinePoint};

/// One of the incidents of a time line.
pub fn incident(results: &Results, incident: &Timeline, size: Size) -> Chart {
    let limit = results.objective.latency_seconds;
    let title = told(results, incident);
    let interval = incident.points.first().map_or(0.0, |point| (point.end - point.start).as_secs_f64());
    let subtitle = format!(
        "Response time (log scale) and instances in service by pool, in intervals of {}; shaded: p95 above {}; {}; replication {}",
        duration(interval),
        duration(limit),
        incident.mix,
        incident.replication
    );
    let Some((from, to)) = span(incident) else { return empty(size, &title, &subtitle) };
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let room = key::draw(&mut canvas, room, &entries(incident, limit));
    let split = room.top + (room.height() - FOOT) * 0.58;
    let upper = Area { bottom: split - 8.0, ..room };
    let lower = Area { top: split + 8.0, bottom: room.bottom - FOOT, ..room };
    let latencies = incident.points.iter().flat_map(|point| [point.p95, point.p99]).chain([limit]);
    let stack = [0, 1, 2].map(|top| steps(incident, |point| parts(point)[..=top].iter().sum()));
    let scales = [Scale::log(latencies), Scale::from_zero(stack[2].iter().map(|step| step.value))];
    let marks = [(scales[0], Measure::Seconds, upper), (scales[1], Measure::Count, lower)]
        .map(|(scale, measure, room)| ticks(scale, measure, marks_for_height(room.height())));
    let left = margin(&marks[0]).max(margin(&marks[1]));
    let time = Scale::linear(from, to);
    let taken: Vec<f64> = incident.interruptions.iter().map(|mark| mark.at.as_secs_f64()).collect();

    let upright = Upright { scale: scales[0], ticks: &marks[0], caption: "Response time (log scale)" };
    let above = Panel::new(&mut canvas, upper, left, time, upright);
    canvas.window(above.area, |canvas| {
        shade(canvas, &above, incident, limit);
        hairlines(canvas, &above, &taken);
        draw_line(canvas, &above, &steps(incident, |point| point.p99), Ink::Muted, 1.25);
        draw_line(canvas, &above, &steps(incident, |point| point.p95), Ink::Accent, 1.75);
        taken.iter().for_each(|at| canvas.round_mark((above.x(*at), above.area.top + 6.0), 4.0, Ink::Problem));
    });
    let y = above.y(limit);
    canvas.line((above.area.left, y), (above.area.right, y), Ink::Problem, 1.5);
    above.base_line(&mut canvas);

    let upright = Upright { scale: scales[1], ticks: &marks[1], caption: "Instances in service" };
    let below = Panel::new(&mut canvas, lower, left, time, upright);
    canvas.window(below.area, |canvas| {
        for (steps, ink) in stack.iter().zip([Ink::Reserved, Ink::Spot, Ink::OnDemand]).rev() {
            draw_area(canvas, &below, steps, ink);
        }
        hairlines(canvas, &below, &taken);
    });
    below.time_foot(&mut canvas, &Calendar::new(&results.scenario));
    canvas.tell_axis("incident", Area { top: above.area.top, ..below.area }, (from, to));
    Chart { title, subtitle, canvas }
}

/// When instances were taken away.
fn hairlines(canvas: &mut Canvas, panel: &Panel, taken: &[f64]) {
    for x in taken.iter().map(|at| panel.x(*at)) {
        let stroke = Stroke { ink: Ink::Problem, width: 1.0, opacity: 0.5 };
        canvas.path(&[(x, panel.area.top), (x, panel.area.bottom)], stroke);
    }
}

fn entries(incident: &Timeline, limit: f64) -> Vec<Entry> {
    let points = &incident.points;
    let worst = |value: fn(&TimelinePoint) -> f64| {
        largest(points.iter().map(value)).map_or(String::new(), |worst| format!("up to {}", duration(worst)))
    };
    let entry = |ink, swatch, name: &str, value: String| Entry { ink, swatch, name: name.into(), value };
    let mut entries = vec![
        entry(Ink::Muted, Swatch::Line, "p99", worst(|point| point.p99)),
        entry(Ink::Accent, Swatch::Line, "p95", worst(|point| point.p95)),
        entry(Ink::Problem, Swatch::Line, "Objective", duration(limit)),
    ];
    if !incident.interruptions.is_empty() {
        let taken = count(incident.interruptions.len() as f64);
        entries.push(entry(Ink::Problem, Swatch::Dot, "Interruption", format!("{taken} taken away")));
    }
    let pools = [("On-demand", Ink::OnDemand, 2), ("Spot", Ink::Spot, 1), ("Reserved", Ink::Reserved, 0)];
    for (name, ink, pool) in pools {
        let counts = || points.iter().map(|point| parts(point)[pool].round());
        let (least, most) = (counts().fold(f64::INFINITY, f64::min), counts().fold(0.0, f64::max));
        if most > 0.0 {
            let words = if least < most { format!("{least} to {most}") } else { format!("{most}") };
            entries.push(entry(ink, Swatch::Field, name, words));
        }
    }
    entries
}
