//! How long each further instance runs, and from which share of the time on committing to it pays.

use super::canvas::{Align, Area, Stroke};
use super::key::{self, Entry, Swatch};
use super::panel::{FOOT, Panel, Upright, margin, marks_for_height};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Measure, Tick, ticks};
use super::{Chart, SMALL, Size, sheet};
use crate::report::view::{plural, share};
use crate::results::{CommitmentRecord, MixRecord, Timeline};

/// The share of time for which the first, second, … instance runs, and the break-even of a commitment.
///
/// `None` where instances cannot be counted like this: without a reservation, or with base and on-demand of different types.
pub fn commitment_curve(mix: &MixRecord, timeline: &Timeline, size: Size) -> Option<Chart> {
    let (offer, break_even) = offer(mix)?;
    let shares = shares(timeline)?;
    let committed: u32 = mix.commitments.iter().filter(|one| is_reservation(one)).map(|one| one.count).sum();
    let pays = shares.iter().take_while(|share| **share > break_even).count();
    let title = finding(pays, committed as usize, break_even);
    let subtitle = format!(
        "Share of the time in which so many base and on-demand instances were in service; {}; replication {}",
        mix.name, timeline.replication
    );
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let room = key::draw(&mut canvas, room, &entries(offer, break_even, committed));
    let room = Area { bottom: room.bottom - FOOT - 18.0, ..room };
    let scale = Scale::linear(0.0, 1.0);
    let marks = ticks(scale, Measure::Share, marks_for_height(room.height()));
    let across = Scale::linear(0.5, shares.len() as f64 + 0.5);
    let upright = Upright { scale, ticks: &marks, caption: "Share of the time in service" };
    let panel = Panel::new(&mut canvas, room, margin(&marks), across, upright);
    for (index, share) in shares.iter().enumerate() {
        let (left, right) = (panel.x(index as f64 + 0.5), panel.x(index as f64 + 1.5));
        let gap = ((right - left) * 0.12).clamp(0.25, 8.0);
        let ink = if index < committed as usize { Ink::Reserved } else { Ink::OnDemand };
        let area = Area { left: left + gap, right: right - gap, top: panel.y(*share), bottom: panel.area.bottom };
        canvas.rectangle(area, ink, 1.0);
    }
    let (y, Area { left, right, .. }) = (panel.y(break_even), panel.area);
    canvas.dashes((left, y), (right, y), Stroke { ink: Ink::Problem, width: 1.5, opacity: 1.0 });
    let step = shares.len().div_ceil((panel.area.width() / 40.0).clamp(2.0, 16.0) as usize);
    let numbers = (step..=shares.len()).step_by(step);
    let numbers: Vec<Tick> = numbers.map(|rank| Tick { value: rank as f64, label: rank.to_string() }).collect();
    panel.foot(&mut canvas, &numbers);
    canvas.text("Instances", (panel.area.right, panel.area.bottom + FOOT + 14.0), Align::Right, SMALL);
    Some(Chart { title, subtitle, canvas })
}

fn is_reservation(commitment: &CommitmentRecord) -> bool {
    commitment.break_even_utilization.is_some()
}

/// The reservation that the mix buys, or owns, and the share of the time from which on it is cheaper than on-demand.
fn offer(mix: &MixRecord) -> Option<(&str, f64)> {
    let mut types = mix.pools.iter().filter(|pool| pool.pool != "spot").map(|pool| pool.instance_type.as_str());
    let first = types.next()?;
    if types.any(|kind| kind != first) {
        return None;
    }
    let bought = mix.commitments.iter().filter(|one| is_reservation(one));
    let one = bought.min_by_key(|one| one.owned)?;
    Some((&one.id, one.break_even_utilization.filter(|share| share.is_finite())?))
}

/// The share of the time in which at least 1, 2, … base and on-demand instances are in service.
fn shares(timeline: &Timeline) -> Option<Vec<f64>> {
    let count = |part: f64| if part.is_finite() { part } else { 0.0 };
    let steps = || {
        timeline
            .points
            .iter()
            .map(|point| (count(point.reserved) + count(point.on_demand), (point.end - point.start).as_secs_f64()))
    };
    let all: f64 = steps().map(|(_, time)| time).sum();
    let most = steps().map(|(number, _)| number).fold(0.0, f64::max).ceil();
    // A mean of 2.4 over an interval counts as two instances and the third for 40 % of it.
    let share =
        |rank: u32| steps().map(|(number, time)| (number - f64::from(rank)).clamp(0.0, 1.0) * time).sum::<f64>();
    (all > 0.0 && (1.0..=2000.0).contains(&most)).then(|| (0..most as u32).map(|rank| share(rank) / all).collect())
}

fn entries(offer: &str, break_even: f64, committed: u32) -> Vec<Entry> {
    let entry = |ink, swatch, name: &str, value: String| Entry { ink, swatch, name: name.into(), value };
    let mut entries = vec![entry(Ink::OnDemand, Swatch::Field, "Not committed", String::new())];
    if committed > 0 {
        entries.push(entry(Ink::Reserved, Swatch::Field, "Committed", format!("{committed} × {offer}")));
    }
    entries.push(entry(Ink::Problem, Swatch::Line, "Pays above", share(break_even)));
    entries
}

fn finding(pays: usize, committed: usize, break_even: f64) -> String {
    let limit = share(break_even);
    let held = match committed {
        0 => "none is committed".to_string(),
        some => format!("{some} {} committed", if some == 1 { "is" } else { "are" }),
    };
    match pays {
        0 => format!("No instance runs more than {limit} of the time; {held}"),
        some => {
            let verb = if some == 1 { "runs" } else { "run" };
            format!(
                "{} {verb} more than the {limit} of the time from which on committing pays; {held}",
                plural(some as u64, "instance")
            )
        }
    }
}
