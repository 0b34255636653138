//! How a figure of each mix changed from one study to another, with intervals around zero.

use super::canvas::{Align, Area, Canvas, Stroke};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Chart, LABEL, SMALL, Size, sheet};
use crate::difference::{Change, Difference, Finding, MixDifference};
use crate::report::font;
use crate::report::view::{plural, signed_money};

/// More mixes than this are left to the table.
pub const MOST_CHANGES: usize = 20;
/// Height below the rows for the marks of the axis.
const FOOT: f64 = 34.0;
/// Sheets narrower than this have names above their rows.
const ROOM_FOR_A_COLUMN: f64 = 560.0;

/// A figure of a mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Cost of a month.
    Cost,
    /// Share of late requests, in percentage points.
    Late,
}

/// The change of each mix, new less old: a dot with its interval, red where it is worse by more than noise, blue where better.
pub fn changes(difference: &Difference, figure: Figure, size: Size) -> Chart {
    let title = title(difference, figure);
    let mixes = &difference.mixes[..difference.mixes.len().min(MOST_CHANGES)];
    let unit = match figure {
        Figure::Cost => format!("Change of the cost per month, {}", difference.currency),
        Figure::Late => "Change of the late share, percentage points".to_string(),
    };
    let more = match difference.mixes.len() - mixes.len() {
        0 => String::new(),
        more => format!("; {more} more in the table"),
    };
    let subtitle =
        format!("{unit}, new less old, with 95 % intervals; red: worse, blue: better by more than noise{more}");
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let narrow = room.width() < ROOM_FOR_A_COLUMN;
    let names = mixes.iter().map(|mix| LABEL.width(&mix.name)).fold(0.0, f64::max).min(room.width() * 0.4);
    let plot = Area {
        left: if narrow { room.left + 8.0 } else { room.left + names + 20.0 },
        right: room.right - 12.0,
        bottom: room.bottom - FOOT,
        ..room
    };
    let scale = scale(mixes, figure);
    let x = |value: f64| plot.left + scale.place(value) * plot.width();
    for mark in marks(difference, figure, scale, plot.width()) {
        let at = x(mark.value);
        canvas.line((at, plot.top), (at, plot.bottom), if mark.value == 0.0 { Ink::Axis } else { Ink::Grid }, 1.0);
        let half = SMALL.width(&mark.label) / 2.0;
        let place = at.clamp(half + 0.5, canvas.area().right - half - 0.5);
        canvas.text(&mark.label, (place, plot.bottom + 18.0), Align::Middle, SMALL);
    }
    let height = plot.height() / mixes.len().max(1) as f64;
    for (index, mix) in mixes.iter().enumerate() {
        let top = plot.top + height * index as f64;
        let middle = if narrow { top + height * 0.72 } else { top + height / 2.0 };
        let name = font::shortened(&mix.name, LABEL.size, false, if narrow { room.width() } else { names });
        if narrow {
            canvas.text(&name, (room.left, top + 14.0), Align::Left, LABEL);
        } else {
            canvas.text(&name, (room.left + names, middle + 4.5), Align::Right, LABEL);
        }
        draw(&mut canvas, change_of(mix, figure), middle, x, figure);
    }
    Chart { title, subtitle, canvas }
}

/// The change of this figure of a mix.
pub fn change_of(mix: &MixDifference, figure: Figure) -> &Change {
    match figure {
        Figure::Cost => &mix.cost_per_month,
        Figure::Late => &mix.late_share,
    }
}

/// What the axis counts: money, or percentage points.
fn value(amount: f64, figure: Figure) -> f64 {
    if figure == Figure::Late { amount * 100.0 } else { amount }
}

fn draw(canvas: &mut Canvas, change: &Change, y: f64, x: impl Fn(f64) -> f64, figure: Figure) {
    let ink = match change.finding {
        Finding::Rose => Ink::Problem,
        Finding::Fell => Ink::Accent,
        _ => Ink::Muted,
    };
    if let Some(ends) = change.ci95 {
        let [low, high] = ends.map(|end| x(value(end, figure)));
        for (from, to) in [((low, y), (high, y)), ((low, y - 4.0), (low, y + 4.0)), ((high, y - 4.0), (high, y + 4.0))]
        {
            canvas.path(&[from, to], Stroke { ink, width: 1.5, opacity: 1.0 });
        }
    }
    canvas.dot((x(value(change.difference, figure)), y), 4.5, ink);
}

/// All intervals and zero.
fn scale(mixes: &[MixDifference], figure: Figure) -> Scale {
    let ends = |mix: &MixDifference| {
        let change = change_of(mix, figure);
        let [low, high] = change.ci95.unwrap_or([change.difference; 2]);
        [low, high, change.difference].map(|end| value(end, figure))
    };
    let values = || mixes.iter().flat_map(ends).chain([0.0]).filter(|value| value.is_finite());
    let (low, high) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    if low == high {
        return Scale::Linear { low: -1.0, high: 1.0 };
    }
    let air = (high - low) * 0.05;
    Scale::Linear { low: low - air, high: high + air }
}

fn marks(difference: &Difference, figure: Figure, scale: Scale, width: f64) -> Vec<super::ticks::Tick> {
    let most = (width / 100.0).clamp(2.0, 8.0) as usize;
    let mut marks = ticks(scale, Measure::Count, most);
    for mark in &mut marks {
        mark.label = match figure {
            Figure::Cost => signed_money(mark.value, difference.currency),
            Figure::Late if mark.value > 0.0 => format!("+{}", crate::report::view::decimal(mark.value)),
            Figure::Late => crate::report::view::decimal(mark.value),
        };
    }
    marks
}

fn title(difference: &Difference, figure: Figure) -> String {
    let count = |finding: Finding| {
        difference.mixes.iter().filter(|mix| change_of(mix, figure).finding == finding).count() as u64
    };
    let what = if figure == Figure::Cost { "Cost" } else { "The late share" };
    let mixes = |count: u64| if count == 1 { "1 mix".to_string() } else { plural(count, "mixe") };
    match (count(Finding::Rose), count(Finding::Fell)) {
        (0, 0) => format!("{what} changed by no more than noise"),
        (rose, 0) => format!("{what} rose in {}", mixes(rose)),
        (0, fell) => format!("{what} fell in {}", mixes(fell)),
        (rose, fell) => format!("{what} rose in {} and fell in {}", mixes(rose), mixes(fell)),
    }
}
