//! The spot price against the maximum, with interruptions.

use super::canvas::Stroke;
use super::key::{self, Entry, Swatch};
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::Scale;
use super::series::{Step, draw_line, span};
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Canvas, Chart, Size, empty, sheet};
use crate::report::view::{Calendar, money, plural};
use crate::results::{MarketLine, Results, Timeline};
use crate::units::Rate;

/// The price of one market over time, the maximum that the mix accepts, and the on-demand price.
pub fn spot_price(results: &Results, timeline: &Timeline, market: &MarketLine, size: Size) -> Chart {
    let taken: Vec<f64> = timeline
        .interruptions
        .iter()
        .filter(|mark| mark.market == market.market)
        .map(|mark| mark.at.as_secs_f64())
        .collect();
    let title = finding(market, taken.len());
    let prices = steps(timeline, market);
    let (scale, log) = price_scale(market, &prices);
    let subtitle = format!(
        "{} per instance-hour{} in market {}; {}; replication {}",
        results.currency,
        if log { " (log scale)" } else { "" },
        market.market,
        timeline.mix,
        timeline.replication
    );
    let Some((from, to)) = span(timeline) else { return empty(size, &title, &subtitle) };
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let mut room = key::draw(&mut canvas, room, &entries(results, market, &prices, taken.len()));
    room.bottom -= FOOT;
    let marks = ticks(scale, Measure::Money(results.currency), marks_for_height(room.height()));
    let caption = if log { "Price per hour (log scale)" } else { "Price per hour" };
    let upright = Upright { scale, ticks: &marks, caption };
    let panel = Panel::new(&mut canvas, room, margin(&marks), Scale::linear(from, to), upright);
    for (price, ink) in [(market.on_demand_price, Ink::OnDemand), (market.max_price, Ink::Problem)] {
        let y = panel.y(price.to_f64());
        canvas.line((panel.area.left, y), (panel.area.right, y), ink, 1.5);
    }
    canvas.window(panel.area, |canvas| {
        mark_interruptions(canvas, &panel, &taken);
        draw_line(canvas, &panel, &prices, Ink::Spot, 1.5);
        draw_dots(canvas, &panel, &taken);
    });
    panel.time_foot(&mut canvas, &Calendar::new(&results.scenario));
    canvas.tell_axis("price", panel.area, (from, to));
    canvas.tell("market", &market.market);
    Chart { title, subtitle, canvas }
}

/// The prices inside the time line's span, each until the next.
fn steps(timeline: &Timeline, market: &MarketLine) -> Vec<Step> {
    let Some((start, end)) = span(timeline) else { return Vec::new() };
    let mut steps = Vec::with_capacity(market.prices.len());
    for (index, (from, price)) in market.prices.iter().enumerate() {
        let to = market.prices.get(index + 1).map_or(end, |next| next.0.as_secs_f64());
        let (from, to) = (from.as_secs_f64().max(start), to.min(end));
        if from < to {
            steps.push(Step { from, to, value: price.to_f64() });
        }
    }
    steps
}

/// Linear from zero; logarithmic when spikes would flatten everything else.
fn price_scale(market: &MarketLine, prices: &[Step]) -> (Scale, bool) {
    let limits = [market.max_price, market.on_demand_price].map(Rate::to_f64);
    let values = || prices.iter().map(|step| step.value).chain(limits);
    let most = values().fold(0.0, f64::max);
    let mut sorted: Vec<f64> = prices.iter().map(|step| step.value).filter(|value| *value > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(most);
    let floor = usual / 100.0;
    if most > 12.0 * usual {
        (Scale::log(values().map(move |value| value.max(floor))), true)
    } else {
        (Scale::from_zero(values()), false)
    }
}

/// Hairlines where instances were taken away; those that fall on one pixel are drawn once.
fn mark_interruptions(canvas: &mut Canvas, panel: &Panel, taken: &[f64]) {
    for x in distinct(panel, taken) {
        let stroke = Stroke { ink: Ink::Problem, width: 1.0, opacity: 0.35 };
        canvas.path(&[(x, panel.area.top), (x, panel.area.bottom)], stroke);
    }
}

fn draw_dots(canvas: &mut Canvas, panel: &Panel, taken: &[f64]) {
    let places = distinct(panel, taken);
    let radius = if places.len() > 60 { 2.0 } else { 4.0 };
    for x in places {
        canvas.round_mark((x, panel.area.top + 6.0), radius, Ink::Problem);
    }
}

fn distinct(panel: &Panel, taken: &[f64]) -> Vec<f64> {
    let mut places: Vec<f64> = taken.iter().map(|at| panel.x(*at)).collect();
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| *a - *b < 1.0);
    places
}

fn entries(results: &Results, market: &MarketLine, prices: &[Step], taken: usize) -> Vec<Entry> {
    let hourly = |price: f64| format!("{}/h", money(price, results.currency));
    let time: f64 = prices.iter().map(|step| step.to - step.from).sum();
    let mean = prices.iter().map(|step| step.value * (step.to - step.from)).sum::<f64>() / time;
    let line = |ink, swatch, name: &str, value| Entry { ink, swatch, name: name.into(), value };
    let mut entries = vec![
        line(Ink::OnDemand, Swatch::Line, "On-demand price", hourly(market.on_demand_price.to_f64())),
        line(Ink::Problem, Swatch::Line, "Maximum", hourly(market.max_price.to_f64())),
        line(Ink::Spot, Swatch::Line, "Spot price", format!("{} on average", hourly(mean))),
    ];
    if taken > 0 {
        entries.push(line(Ink::Problem, Swatch::Dot, "Interruption", format!("{taken} taken away")));
    }
    entries
}

fn finding(market: &MarketLine, taken: usize) -> String {
    let above: Vec<bool> = market.prices.iter().map(|(_, price)| *price > market.max_price).collect();
    let crossings =
        above.windows(2).filter(|pair| !pair[0] && pair[1]).count() + usize::from(above.first() == Some(&true));
    let lost = match taken {
        0 => "no instance was taken away".to_string(),
        1 => "1 instance was taken away".into(),
        more => format!("{more} instances were taken away"),
    };
    match crossings {
        0 => format!("The price never passed the maximum; {lost}"),
        some => format!("The price passed the maximum {}; {lost}", plural(some as u64, "time")),
    }
}
