//! What the cost of a mix depends on, factor by factor.

use super::canvas::{Align, Area, Canvas};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Chart, LABEL, SMALL, Size, empty, sheet};
use crate::report::font;
use crate::report::view::{money, share, signed_money};
use crate::results::{FactorRecord, SensitivityRecord, Variation};

/// Height of the axis below.
const FOOT: f64 = 40.0;
/// Room beside a bar for what it stands for.
const BESIDE: f64 = 74.0;
/// Sheets narrower than this leave out the late shares.
const ROOM_FOR_LATE: f64 = 620.0;

/// Bars of the change in cost for each factor lower and higher, the largest first.
pub fn tornado(record: &SensitivityRecord, size: Size) -> Chart {
    let title = finding(record);
    let subtitle = format!(
        "Change of the cost for 730 h of {} when one thing changes; {} replications each, with the same random numbers",
        record.mix.name, record.replications
    );
    let largest = record.factors.iter().map(FactorRecord::largest_effect).fold(0.0, f64::max);
    if !(largest.is_finite() && largest > 0.0) {
        return empty(size, &title, &subtitle);
    }
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let names = record.factors.iter().map(|factor| LABEL.width(factor.factor.name())).fold(0.0, f64::max);
    let names = names.min(room.width() * 0.3) + 12.0;
    let late = if size.width < ROOM_FOR_LATE { 0.0 } else { 130.0 };
    let area = Area {
        left: room.left + names + BESIDE,
        right: room.right - late - BESIDE,
        top: room.top + 22.0,
        bottom: room.bottom - FOOT,
    };
    let ends = record
        .factors
        .iter()
        .flat_map(changes)
        .fold((0.0f64, 0.0f64), |(low, high), change| (low.min(change), high.max(change)));
    let scale = Scale::linear(ends.0, ends.1);
    let x = |value: f64| area.left + scale.place(value) * area.width();
    axis(&mut canvas, record, area, scale);
    let height = area.height() / record.factors.len() as f64;
    if late > 0.0 {
        canvas.text("Late requests", (room.right, room.top + 10.0), Align::Right, SMALL);
    }
    for (row, factor) in record.factors.iter().enumerate() {
        let top = area.top + height * row as f64;
        let name = font::shortened(factor.factor.name(), LABEL.size, false, names - 12.0);
        canvas.text(&name, (room.left, top + height / 2.0 + 4.5), Align::Left, LABEL);
        for (side, (variation, ink)) in
            [(&factor.low, Ink::Spot), (&factor.high, Ink::OnDemand)].into_iter().enumerate()
        {
            let thick = (height * 0.36).min(16.0);
            let middle = top + height * (0.29 + 0.42 * side as f64);
            bar(&mut canvas, variation, [x(0.0), x(variation.mix.cost_change.mean)], (middle, thick), ink);
            if late > 0.0 {
                let words = share(variation.mix.late_share.mean);
                let beyond = variation.mix.late_share.mean > record.objective.late_share;
                let lettering = if beyond { super::Lettering { ink: Ink::Problem, ..SMALL } } else { SMALL };
                canvas.text(&words, (room.right, middle + 4.0), Align::Right, lettering);
            }
        }
    }
    canvas.line((x(0.0), area.top), (x(0.0), area.bottom), Ink::Axis, 1.0);
    Chart { title, subtitle, canvas }
}

fn changes(factor: &FactorRecord) -> [f64; 2] {
    [factor.low.mix.cost_change.mean, factor.high.mix.cost_change.mean]
}

/// Grid and marks of the change in cost.
fn axis(canvas: &mut Canvas, record: &SensitivityRecord, area: Area, scale: Scale) {
    let marks = ticks(scale, Measure::Money(record.currency), (area.width() / 90.0).clamp(2.0, 8.0) as usize);
    let mut free = f64::NEG_INFINITY;
    for mark in &marks {
        let x = area.left + scale.place(mark.value) * area.width();
        canvas.line((x, area.top), (x, area.bottom), Ink::Grid, 1.0);
        let half = SMALL.width(&mark.label) / 2.0;
        if x - half >= free {
            canvas.text(&mark.label, (x, area.bottom + 16.0), Align::Middle, SMALL);
            free = x + half + 10.0;
        }
    }
    let caption = format!("Change from {} a month", money(record.mix.per_month.mean, record.currency));
    canvas.text(&caption, ((area.left + area.right) / 2.0, area.bottom + 34.0), Align::Middle, SMALL);
}

/// A bar from no change to the change, with its interval and what it stands for at its end.
fn bar(canvas: &mut Canvas, variation: &Variation, [zero, end]: [f64; 2], (middle, thick): (f64, f64), ink: Ink) {
    let area =
        Area { left: zero.min(end), right: zero.max(end), top: middle - thick / 2.0, bottom: middle + thick / 2.0 };
    if area.width() > 0.0 {
        canvas.rectangle(area, ink, 1.0);
    }
    let (at, align) = if end < zero { (end - 6.0, Align::Right) } else { (end + 6.0, Align::Left) };
    canvas.text(&variation.change, (at, middle + 4.0), align, SMALL);
}

fn finding(record: &SensitivityRecord) -> String {
    let Some(first) = record.factors.first() else { return "Nothing was varied".into() };
    let [low, high] = changes(first);
    let (variation, change) = if low.abs() > high.abs() { (&first.low, low) } else { (&first.high, high) };
    format!(
        "Cost depends most on {}: {} a month at {}",
        first.factor.name(),
        signed_money(change, record.currency),
        variation.change
    )
}
