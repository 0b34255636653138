//! From all on-demand to a mix, step by step.

use super::canvas::{Align, Area, Canvas, Stroke};
use super::scale::Scale;
use super::theme::Ink;
use super::{Chart, LABEL, Lettering, SMALL, Size, sheet};
use crate::report::font;
use crate::report::saving::{Saving, Step};
use crate::report::view::{money, percent_change, signed_money};
use crate::results::{MixRecord, Results};

/// Sheets narrower than this have names above their bars.
const ROOM_FOR_A_COLUMN: f64 = 560.0;

/// A bar: its name, what it says, where it begins and ends, and its colour.
struct Bar {
    name: String,
    value: String,
    from: f64,
    to: f64,
    ink: Ink,
}

/// What hours, commitments and spot add to or take from the cost of buying everything on-demand.
pub fn waterfall(results: &Results, mix: &MixRecord, saving: &Saving, size: Size) -> Chart {
    let title = finding(results, mix, saving);
    let subtitle = format!(
        "Cost per month of 730 h, {}, means over replications; from {} to {}",
        results.currency, saving.reference.name, mix.name
    );
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let bars = bars(results, mix, saving);
    let narrow = room.width() < ROOM_FOR_A_COLUMN;
    let names = bars.iter().map(|bar| LABEL.width(&bar.name)).fold(0.0, f64::max).min(room.width() * 0.4);
    let values = bars.iter().map(|bar| LABEL.width(&bar.value)).fold(0.0, f64::max) + 10.0;
    let left = if narrow { room.left } else { room.left + names + 16.0 };
    let scale = Scale::from_zero(bars.iter().flat_map(|bar| [bar.from, bar.to]));
    let x = |value: f64| left + scale.place(value) * (room.right - values - left);
    let height = room.height() / bars.len() as f64;
    let mut before: Option<(f64, f64)> = None;
    for (index, bar) in bars.iter().enumerate() {
        let top = room.top + height * index as f64;
        let head = if narrow { 17.0 } else { 0.0 };
        let (from, to) = (x(bar.from.min(bar.to)), x(bar.from.max(bar.to)));
        let area = Area { left: from, right: to.max(from + 1.0), top: top + head + 3.0, bottom: top + height - 6.0 };
        if let Some((at, bottom)) = before {
            canvas.line((at, bottom), (at, area.bottom), Ink::Axis, 1.0);
        }
        canvas.rectangle(area, bar.ink, 1.0);
        name(&mut canvas, bar, area, (room.left, names), narrow);
        canvas.text(&bar.value, (area.right + 8.0, (area.top + area.bottom) / 2.0 + 4.5), Align::Left, LABEL);
        before = Some((x(bar.to), area.bottom));
    }
    canvas.path(&[(left, room.top), (left, room.bottom)], Stroke { ink: Ink::Axis, width: 1.0, opacity: 1.0 });
    Chart { title, subtitle, canvas }
}

fn name(canvas: &mut Canvas, bar: &Bar, area: Area, (left, width): (f64, f64), narrow: bool) {
    if narrow {
        let text = font::shortened(&bar.name, SMALL.size, false, canvas.area().width());
        canvas.text(&text, (left, area.top - 5.0), Align::Left, Lettering { ink: Ink::Text, ..SMALL });
    } else {
        let text = font::shortened(&bar.name, LABEL.size, false, width);
        canvas.text(&text, (left + width, (area.top + area.bottom) / 2.0 + 4.5), Align::Right, LABEL);
    }
}

fn bars(results: &Results, mix: &MixRecord, saving: &Saving) -> Vec<Bar> {
    let usd = |amount: f64| money(amount, results.currency);
    let whole = |name: &str, cost: f64, ink| Bar { name: name.into(), value: usd(cost), from: 0.0, to: cost, ink };
    let mut at = saving.reference.cost.per_month.mean;
    let mut bars = vec![whole(&saving.reference.name, at, Ink::Caption)];
    for (step, amount) in &saving.steps {
        let (name, ink) = match step {
            Step::Hours if *amount < 0.0 => ("Fewer hours, on-demand prices", Ink::Muted),
            Step::Hours => ("More hours, on-demand prices", Ink::Muted),
            Step::Committed => ("Commitments instead", Ink::Reserved),
            Step::Spot => ("Spot instead", Ink::Spot),
            Step::Other => ("Other", Ink::Muted),
        };
        let value = signed_money(*amount, results.currency);
        bars.push(Bar { name: name.into(), value, from: at, to: at + amount, ink });
        at += amount;
    }
    bars.push(whole(&mix.name, mix.cost.per_month.mean, Ink::Caption));
    bars
}

fn finding(results: &Results, mix: &MixRecord, saving: &Saving) -> String {
    let of = |wanted: Step| saving.steps.iter().find(|(step, _)| *step == wanted).map_or(0.0, |(_, amount)| *amount);
    let word = |name: &str, amount: f64| {
        let size = money(amount.abs(), results.currency);
        (amount != 0.0).then(|| format!("{name} {} {size}", if amount < 0.0 { "save" } else { "add" }))
    };
    let parts: Vec<String> =
        [word("commitments", of(Step::Committed)), word("spot prices", of(Step::Spot))].into_iter().flatten().collect();
    let (cost, base) = (mix.cost.per_month.mean, saving.reference.cost.per_month.mean);
    let change = percent_change(cost, base);
    let against = format!("{change} against {}", saving.reference.name);
    if parts.is_empty() {
        return format!("{}: {against}", mix.name);
    }
    let mut text = parts.join(", ");
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    format!("{text} a month: {against}")
}
