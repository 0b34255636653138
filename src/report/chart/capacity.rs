//! Demand above, the capacity that served it below: two panels over one time axis.

use super::canvas::Area;
use super::key::{self, Entry, Swatch};
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::{Scale, largest};
use super::series::{Step, draw_area, draw_line, span, steps};
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Chart, Size, empty, sheet};
use crate::report::view::{Calendar, count, duration, share};
use crate::results::{Results, Timeline, TimelinePoint};

/// Instances in service by pool, against the demand.
pub fn capacity(results: &Results, timeline: &Timeline, size: Size) -> Chart {
    let title = finding(timeline);
    let interval = timeline.points.first().map_or(0.0, |point| (point.end - point.start).as_secs_f64());
    let subtitle = format!(
        "Requests per second, and instances in service by pool; means of {}; {}; replication {}",
        duration(interval),
        timeline.mix,
        timeline.replication
    );
    let Some((from, to)) = span(timeline) else { return empty(size, &title, &subtitle) };
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let room = key::draw(&mut canvas, room, &entries(timeline));
    let split = room.top + (room.height() - FOOT) * 0.4;
    let upper = Area { bottom: split - 8.0, ..room };
    let lower = Area { top: split + 8.0, bottom: room.bottom - FOOT, ..room };
    let demand = steps(timeline, rate);
    let stack = [0, 1, 2].map(|top| steps(timeline, |point| parts(point)[..=top].iter().sum()));
    let scales = [&demand, &stack[2]].map(|steps| Scale::from_zero(steps.iter().map(|step| step.value)));
    let marks = [(scales[0], upper), (scales[1], lower)]
        .map(|(scale, room)| ticks(scale, Measure::Count, marks_for_height(room.height())));
    let left = margin(&marks[0]).max(margin(&marks[1]));
    let time = Scale::linear(from, to);
    let upright = Upright { scale: scales[0], ticks: &marks[0], caption: "Requests per second" };
    let above = Panel::new(&mut canvas, upper, left, time, upright);
    canvas.window(above.area, |canvas| draw_line(canvas, &above, &demand, Ink::Text, 1.25));
    above.base_line(&mut canvas);
    let upright = Upright { scale: scales[1], ticks: &marks[1], caption: "Instances in service" };
    let below = Panel::new(&mut canvas, lower, left, time, upright);
    let layers: [(&Vec<Step>, Ink); 3] =
        [(&stack[2], Ink::OnDemand), (&stack[1], Ink::Spot), (&stack[0], Ink::Reserved)];
    canvas.window(below.area, |canvas| {
        layers.into_iter().for_each(|(steps, ink)| draw_area(canvas, &below, steps, ink));
    });
    below.time_foot(&mut canvas, &Calendar::new(&results.scenario));
    canvas.tell_axis("capacity", Area { top: above.area.top, ..below.area }, (from, to));
    Chart { title, subtitle, canvas }
}

fn rate(point: &TimelinePoint) -> f64 {
    point.offered as f64 / (point.end - point.start).as_secs_f64()
}

pub(super) fn parts(point: &TimelinePoint) -> [f64; 3] {
    [point.reserved, point.spot, point.on_demand].map(|part| if part.is_finite() { part } else { 0.0 })
}

/// Instance-hours in service by pool.
fn hours(timeline: &Timeline) -> [f64; 3] {
    std::array::from_fn(|pool| {
        let hours = |point: &TimelinePoint| parts(point)[pool] * (point.end - point.start).as_hours_f64();
        timeline.points.iter().map(hours).sum()
    })
}

fn entries(timeline: &Timeline) -> Vec<Entry> {
    let hours = hours(timeline);
    let all: f64 = hours.iter().sum();
    let peak = largest(timeline.points.iter().map(rate)).unwrap_or(0.0);
    let demand = Entry {
        ink: Ink::Text,
        swatch: Swatch::Line,
        name: "Demand".into(),
        value: format!("peak {}/s", count(peak.round())),
    };
    let pools = [("Reserved", Ink::Reserved), ("Spot", Ink::Spot), ("On-demand", Ink::OnDemand)];
    let entry = |((name, ink), hours): ((&str, Ink), &f64)| Entry {
        ink,
        swatch: Swatch::Field,
        name: name.into(),
        value: format!("{} of hours", share(((hours / all) * 100.0).round() / 100.0)),
    };
    let used = pools.into_iter().zip(&hours).rev().filter(|(_, hours)| **hours > 0.0);
    [demand].into_iter().chain(used.map(entry)).collect()
}

fn finding(timeline: &Timeline) -> String {
    let total = |point: &TimelinePoint| parts(point).iter().sum::<f64>();
    let most = largest(timeline.points.iter().map(total)).unwrap_or(0.0);
    let least = timeline.points.iter().map(total).fold(f64::INFINITY, f64::min);
    let hours = hours(timeline);
    let all: f64 = hours.iter().sum();
    if all <= 0.0 {
        return "No instance was in service".into();
    }
    let base = share((hours[0] / all * 100.0).round() / 100.0);
    if most - least < 0.5 {
        return format!("{} instances in service throughout; reserved covers {base} of the hours", count(most.round()));
    }
    format!(
        "Between {} and {} instances in service; reserved covers {base} of the hours",
        count(least.round()),
        count(most.round())
    )
}
