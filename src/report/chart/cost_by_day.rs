//! Cost of each day by purchase option.

use super::canvas::Area;
use super::key::{self, Entry, Swatch};
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Measure, Tick, ticks};
use super::{Chart, SMALL, Size, empty, sheet};
use crate::report::view::{Calendar, money, plural, share};
use crate::results::{CostByDay, Results, Timeline};

const DAY: f64 = 86_400.0;
const OPTIONS: [(&str, Ink); 3] = [("Reserved", Ink::Reserved), ("Spot", Ink::Spot), ("On-demand", Ink::OnDemand)];

/// A bar: its beginning in seconds and the cost of reserved (savings plans included), spot and on-demand.
struct Bar {
    start: f64,
    parts: [f64; 3],
}

/// Stacked bars of cost by purchase option; days, or weeks where there are too many days.
pub fn cost_by_day(results: &Results, timeline: &Timeline, size: Size) -> Chart {
    let days: Vec<Bar> = timeline.cost_by_day.iter().map(bar).collect();
    let most = (size.width / 5.0) as usize;
    let group = [1, 7, 28, 364].into_iter().find(|group| days.len() / group <= most).unwrap_or(3640);
    let bars = grouped(&days, group);
    let title = finding(&days);
    let unit = match group {
        1 => "day",
        7 => "week",
        28 => "four weeks",
        _ => "364 days",
    };
    let subtitle = format!(
        "Cost per {unit} by purchase option, {}, amortised; {}; replication {} ({})",
        results.currency,
        timeline.mix,
        timeline.replication,
        plural(days.len() as u64, "day")
    );
    if bars.is_empty() {
        return empty(size, &title, &subtitle);
    }
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let mut room = key::draw(&mut canvas, room, &entries(results, &days));
    room.bottom -= FOOT;
    let scale = Scale::from_zero(bars.iter().map(|bar| bar.parts.iter().sum()));
    let marks = ticks(scale, Measure::Money(results.currency), marks_for_height(room.height()));
    let width = DAY * group as f64;
    let time = Scale::linear(bars[0].start, bars[bars.len() - 1].start + width);
    let upright = Upright { scale, ticks: &marks, caption: &format!("{} per {unit}", results.currency) };
    let panel = Panel::new(&mut canvas, room, margin(&marks), time, upright);
    draw_bars(&mut canvas, &panel, &bars, width);
    panel.foot(&mut canvas, &dates(&Calendar::new(&results.scenario), &bars, width, &panel));
    canvas.tell_axis("days", panel.area, time.ends());
    Chart { title, subtitle, canvas }
}

/// The dates of bars, below their middles; of as many bars as have room, Mondays if it is one a week.
fn dates(calendar: &Calendar, bars: &[Bar], width: f64, panel: &Panel) -> Vec<Tick> {
    let label = |bar: &Bar| match width {
        DAY => calendar.day(bar.start + DAY / 2.0),
        _ => calendar.date(bar.start),
    };
    let room = panel.x(bars[0].start + width) - panel.x(bars[0].start);
    let wide = bars.iter().map(|bar| SMALL.width(&label(bar)) + 14.0).fold(1.0, f64::max);
    let every = [1, 2, 7, 14, 28].into_iter().find(|every| room * f64::from(*every) >= wide).unwrap_or(56) as usize;
    let first = if every.is_multiple_of(7) {
        bars.iter().position(|bar| label(bar).starts_with("Mon")).unwrap_or(0)
    } else {
        0
    };
    let tick = |bar: &Bar| Tick { value: bar.start + width / 2.0, label: label(bar) };
    bars.iter().skip(first).step_by(every).map(tick).collect()
}

fn bar(day: &CostByDay) -> Bar {
    let parts = [day.committed(), day.spot, day.on_demand].map(|part| part.to_f64());
    Bar { start: day.start.as_secs_f64(), parts }
}

fn grouped(days: &[Bar], group: usize) -> Vec<Bar> {
    let sum = |chunk: &[Bar]| Bar { start: chunk[0].start, parts: totals(chunk) };
    days.chunks(group).map(sum).collect()
}

fn totals(bars: &[Bar]) -> [f64; 3] {
    std::array::from_fn(|option| bars.iter().map(|bar| bar.parts[option]).sum())
}

/// Draws the stacks, one option after the other.
fn draw_bars(canvas: &mut super::Canvas, panel: &Panel, bars: &[Bar], width: f64) {
    for (option, (_, ink)) in OPTIONS.into_iter().enumerate() {
        for bar in bars {
            let (left, right) = (panel.x(bar.start), panel.x(bar.start + width));
            let gap = ((right - left) * 0.09).clamp(0.25, 6.0);
            let below: f64 = bar.parts[..option].iter().sum();
            let (top, bottom) = (panel.y(below + bar.parts[option]), panel.y(below));
            let area = Area { left: left + gap, right: right - gap, top, bottom };
            if area.height() > 0.0 {
                canvas.rectangle(area, ink, 1.0);
            }
        }
    }
}

/// One label an option, the top of the stack first.
fn entries(results: &Results, days: &[Bar]) -> Vec<Entry> {
    let totals = totals(days);
    let all: f64 = totals.iter().sum();
    let entry = |(total, (name, ink)): (&f64, (&str, Ink))| Entry {
        ink,
        swatch: Swatch::Field,
        name: name.into(),
        value: format!("{} · {}", money(*total, results.currency), share_of(*total, all)),
    };
    let used = totals.iter().zip(OPTIONS).rev().filter(|(total, _)| **total != 0.0);
    used.map(entry).collect()
}

fn share_of(part: f64, all: f64) -> String {
    share(((part / all) * 100.0).round() / 100.0)
}

/// What the bill is made of, and what makes it vary.
fn finding(days: &[Bar]) -> String {
    let totals = totals(days);
    let all: f64 = totals.iter().sum();
    if all <= 0.0 {
        return "Nothing was spent".into();
    }
    let largest = (0..3).fold(0, |best, option| if totals[option] > totals[best] { option } else { best });
    let part = |option: usize| share_of(totals[option], all);
    let name = |option: usize| OPTIONS[option].0;
    match variation(days) {
        Some((driver, of_it)) if driver == largest => {
            format!("{} is {} of the bill and {} of its variation", name(driver), part(driver), share_of(of_it, 1.0))
        }
        Some((driver, of_it)) => format!(
            "{} is {} of the bill; {}, {}, makes {} of its variation",
            name(largest),
            part(largest),
            name(driver).to_lowercase(),
            part(driver),
            share_of(of_it, 1.0)
        ),
        None => format!("{} is {} of the bill", name(largest), part(largest)),
    }
}

/// The option that makes most of the days' variation, and how much of it; `None` if days hardly differ.
fn variation(days: &[Bar]) -> Option<(usize, f64)> {
    let count = days.len() as f64;
    let total = |bar: &Bar| bar.parts.iter().sum::<f64>();
    let mean = days.iter().map(total).sum::<f64>() / count;
    let variance = days.iter().map(|day| (total(day) - mean).powi(2)).sum::<f64>() / count;
    if days.len() < 3 || variance.sqrt() < 0.02 * mean {
        return None;
    }
    let together = |option: usize| {
        let own = days.iter().map(|day| day.parts[option]).sum::<f64>() / count;
        days.iter().map(|day| (day.parts[option] - own) * (total(day) - mean)).sum::<f64>() / count / variance
    };
    let most = (0..3).map(|option| (option, together(option))).max_by(|a, b| a.1.total_cmp(&b.1))?;
    (most.1 > 0.5).then_some((most.0, most.1.min(1.0)))
}
