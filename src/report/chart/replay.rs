//! What was measured against what was simulated, over time.

use super::key::{self, Entry, Swatch};
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::Scale;
use super::series::{Step, draw_line, span};
use super::theme::Ink;
use super::ticks::ticks;
use super::{Chart, Size, empty, sheet};
use crate::report::replay::{Compared, Replayed};
use crate::report::view::{Calendar, duration, share};
use crate::results::{Results, Timeline};

pub use super::ticks::Measure;

/// Two lines: a figure as simulated and as measured, NaN where there is none.
pub fn replay(results: &Results, timeline: &Timeline, figure: &Replayed, measure: Measure) -> Chart {
    let values = figure.on_timeline(timeline);
    let values = [values[0].as_slice(), values[1].as_slice()];
    let caption = figure.of.words();
    let interval = timeline.points.first().map_or(0.0, |point| (point.end - point.start).as_secs_f64());
    let title = finding(figure);
    let of = match figure.of {
        Compared::Cost => "Sums of 24 h, amortised".to_string(),
        Compared::Cpu | Compared::Latency | Compared::Instances => format!("Means of {}", duration(interval)),
    };
    let subtitle = format!("{of}; {}; replication {}", timeline.mix, timeline.replication);
    let Some((from, to)) = span(timeline) else { return empty(Size::PICTURE, &title, &subtitle) };
    let (mut canvas, room) = sheet(Size::PICTURE, &title, &subtitle);
    let line = |ink, name: &str| Entry { ink, swatch: Swatch::Line, name: name.into(), value: String::new() };
    let entries = [line(Ink::Accent, "Simulated"), line(Ink::Text, "Measured")];
    let mut room = key::draw(&mut canvas, room, &entries);
    room.bottom -= FOOT;
    let all = values.iter().flat_map(|values| values.iter().copied()).filter(|value| value.is_finite());
    let scale = Scale::from_zero(all);
    let marks = ticks(scale, measure, marks_for_height(room.height()));
    let upright = Upright { scale, ticks: &marks, caption };
    let panel = Panel::new(&mut canvas, room, margin(&marks), Scale::linear(from, to), upright);
    // What is simulated lies above what was measured, which is the wilder of the two.
    for (values, ink) in values.into_iter().zip([Ink::Accent, Ink::Text]).rev() {
        let points = timeline.points.iter().zip(values);
        let steps: Vec<Step> = points
            .map(|(point, value)| Step { from: point.start.as_secs_f64(), to: point.end.as_secs_f64(), value: *value })
            .collect();
        draw_line(&mut canvas, &panel, &steps, ink, 1.25);
    }
    panel.time_foot(&mut canvas, &Calendar::new(&results.scenario));
    Chart { title, subtitle, canvas }
}

/// How far the means are apart, over the intervals that have both.
fn finding(figure: &Replayed) -> String {
    let caption = figure.of.words();
    let apart = figure.difference().map_or(f64::NAN, |found| found.simulated / found.measured - 1.0);
    match apart.is_finite() {
        true if apart.abs() < 0.0005 => format!("{caption}: simulated as measured on average"),
        true => {
            let side = if apart > 0.0 { "above" } else { "below" };
            format!("{caption}: simulated {} {side} measured on average", share(apart.abs()))
        }
        false => format!("{caption}: simulated and measured"),
    }
}
