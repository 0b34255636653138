//! What a month costs in each replication: the spread behind the means.

use super::canvas::{Align, Area, Canvas, Stroke};
use super::panel::{FOOT, Panel, Upright};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Chart, LABEL, Lettering, SMALL, Size, sheet};
use crate::report::font;
use crate::report::ranking::{named, nearest, ranked};
use crate::report::risk::{FEWEST_FOR_TAILS, Risk, monthly_costs, risk};
use crate::report::view::{money, plural};
use crate::results::{MixRecord, Results};

/// Mixes that are drawn, in the order of the ranking.
const MOST_MIXES: usize = 8;

/// The cost of a month in every replication, a row a mix; `None` unless demand or markets varied and single replications are known.
pub fn spread(results: &Results, size: Size) -> Option<Chart> {
    let rows: Vec<(&MixRecord, Vec<f64>)> = ranked(results)
        .into_iter()
        .take(MOST_MIXES)
        .filter_map(|mix| Some((mix, monthly_costs(results, mix)?)))
        .collect();
    let title = finding(results, &rows)?;
    let count = rows.first()?.1.len();
    let tails = if count >= FEWEST_FOR_TAILS {
        "; line: P50, dashes: P90, up to the mean of the dearest tenth (CVaR)"
    } else {
        "; line: P50; too few replications for P90 and CVaR"
    };
    let left_out = results.mixes.len().saturating_sub(rows.len());
    let more = if left_out > 0 { format!("; {left_out} more in the table") } else { String::new() };
    let subtitle = format!(
        "Cost per month of 730 h, {}, a dot for each of {}{tails}{more}",
        results.currency,
        plural(count as u64, "replication")
    );
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let room = Area { bottom: room.bottom - FOOT, ..room };
    let values = || rows.iter().flat_map(|(_, costs)| costs.iter().copied());
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let air = (high - low) * 0.04;
    let scale = Scale::linear((low - air).max(0.0), high + air);
    let upright = Upright { scale: Scale::linear(0.0, 1.0), ticks: &[], caption: "" };
    let room = Area { top: room.top - 20.0, ..room };
    let panel = Panel::new(&mut canvas, room, 0.0, scale, upright);
    let marks = ticks(scale, Measure::Money(results.currency), (panel.area.width() / 90.0).clamp(2.0, 8.0) as usize);
    let height = panel.area.height() / rows.len() as f64;
    for (index, mark) in (0..rows.len()).flat_map(|index| marks.iter().map(move |mark| (index, mark))) {
        // Not through the words above the dots.
        let (x, top) = (panel.x(mark.value), panel.area.top + height * index as f64);
        canvas.line((x, top + WORDS), (x, top + height), Ink::Grid, 1.0);
    }
    for (index, (mix, costs)) in rows.iter().enumerate() {
        let top = panel.area.top + height * index as f64;
        row(&mut canvas, results, &panel, Area { top, bottom: top + height, ..panel.area }, (mix, costs));
    }
    panel.foot(&mut canvas, &marks);
    Some(Chart { title, subtitle, canvas })
}

/// Height of a row's words.
const WORDS: f64 = 21.0;

fn row(canvas: &mut Canvas, results: &Results, panel: &Panel, area: Area, (mix, costs): (&MixRecord, &[f64])) {
    let best = results.best.as_deref() == Some(mix.name.as_str());
    let Some(risk) = risk(costs) else { return };
    let words = words(results, &risk);
    let beside = SMALL.width(&words) + 20.0;
    let name = Lettering { bold: best, ..LABEL };
    let text = font::shortened(&mix.name, name.size, best, area.width() - beside);
    canvas.text(&text, (area.left, area.top + 15.0), Align::Left, name);
    canvas.text(&words, (area.right, area.top + 15.0), Align::Right, SMALL);
    let (top, bottom) = (area.top + WORDS, area.bottom - 3.0);
    let middle = (top + bottom) / 2.0;
    let ink = if best { Ink::Accent } else { Ink::Muted };
    if let Some((p90, tail)) = risk.tail {
        let bar = Area { left: panel.x(p90), right: panel.x(tail), top: middle - 1.5, bottom: middle + 1.5 };
        canvas.rectangle(bar, Ink::Problem, 0.5);
        let stroke = Stroke { ink: Ink::Problem, width: 1.5, opacity: 1.0 };
        canvas.dashes((panel.x(p90), top), (panel.x(p90), bottom), stroke);
    }
    let lanes = ((bottom - top) / 7.0).clamp(1.0, 5.0) as usize;
    for (index, cost) in costs.iter().enumerate() {
        // The golden ratio spreads neighbours over the lanes without drawing lots.
        let lane = ((index as f64 * 0.618_034).fract() * lanes as f64).floor() - (lanes - 1) as f64 / 2.0;
        canvas.dot((panel.x(*cost), middle + lane * 6.0), 2.75, ink);
    }
    canvas.line((panel.x(risk.median), top), (panel.x(risk.median), bottom), Ink::Text, 2.0);
}

fn words(results: &Results, risk: &Risk) -> String {
    let usd = |amount: f64| money(amount, results.currency);
    match risk.tail {
        Some((p90, tail)) => format!("P50 {} · P90 {} · CVaR {}", usd(risk.median), usd(p90), usd(tail)),
        None => format!("{} to {}", usd(risk.least), usd(risk.most)),
    }
}

fn finding(results: &Results, rows: &[(&MixRecord, Vec<f64>)]) -> Option<String> {
    let mix = named(results, results.best.as_deref()).or_else(|| nearest(results))?;
    let (_, costs) = rows.iter().find(|(row, _)| row.name == mix.name)?;
    let risk = risk(costs)?;
    let usd = |amount: f64| money(amount, results.currency);
    Some(match risk.tail {
        Some((p90, _)) => format!("In nine months of ten {} costs at most {}", mix.name, usd(p90)),
        None => format!("{} cost {} to {} a month in {} runs", mix.name, usd(risk.least), usd(risk.most), costs.len()),
    })
}
