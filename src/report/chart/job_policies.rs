//! What jobs pay under each policy, and what somebody who knew all would have paid.

use super::canvas::{Align, Area};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Measure, ticks};
use super::{Chart, LABEL, SMALL, Size, empty, sheet};
use crate::report::view::{money, share};
use crate::results::{BatchRecord, JobPolicyRecord};

/// Height of the axis below.
const FOOT: f64 = 40.0;
/// Half the height of a whisker's cap.
const CAP: f64 = 4.0;
/// Room at the right for the share of missed deadlines.
const FOR_MISSED: f64 = 110.0;

/// A bar for each policy, in the order of the record, with its interval; a line where the optimum is.
pub fn job_policies(record: &BatchRecord, size: Size) -> Chart {
    let title = finding(record);
    let subtitle = match &record.bought_reserved {
        Some(bought) => format!(
            "What the jobs pay, beside {} for {} reserved instances; 95 % intervals over {} replications",
            money(bought.cost, record.currency),
            bought.instances,
            record.replications
        ),
        None => format!("What the jobs pay; 95 % intervals over {} replications", record.replications),
    };
    let ends = |policy: &JobPolicyRecord| policy.cost.ci95.unwrap_or([policy.cost.mean; 2]);
    let largest = record.policies.iter().map(|policy| ends(policy)[1]).fold(0.0, f64::max);
    if !(largest.is_finite() && largest > 0.0) {
        return empty(size, &title, &subtitle);
    }
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let names = record.policies.iter().map(|policy| LABEL.width(&policy.policy)).fold(0.0, f64::max) + 12.0;
    let area = Area {
        left: room.left + names,
        right: room.right - FOR_MISSED,
        top: room.top + 22.0,
        bottom: room.bottom - FOOT,
    };
    let scale = Scale::from_zero(std::iter::once(largest));
    let x = |value: f64| area.left + scale.place(value) * area.width();
    for mark in ticks(scale, Measure::Money(record.currency), (area.width() / 90.0).clamp(2.0, 8.0) as usize) {
        canvas.line((x(mark.value), area.top), (x(mark.value), area.bottom), Ink::Grid, 1.0);
        canvas.text(&mark.label, (x(mark.value), area.bottom + 16.0), Align::Middle, SMALL);
    }
    canvas.text("Deadlines missed", (room.right, room.top + 10.0), Align::Right, SMALL);
    let height = area.height() / record.policies.len() as f64;
    for (row, policy) in record.policies.iter().enumerate() {
        let middle = area.top + height * (row as f64 + 0.5);
        let thick = (height * 0.5).min(34.0);
        canvas.text(&policy.policy, (room.left, middle + 4.5), Align::Left, LABEL);
        let bar = Area {
            left: area.left,
            right: x(policy.cost.mean),
            top: middle - thick / 2.0,
            bottom: middle + thick / 2.0,
        };
        if bar.width() > 0.0 {
            canvas.rectangle(bar, Ink::Accent, 1.0);
        }
        if let Some([low, high]) = policy.cost.ci95 {
            canvas.line((x(low.max(0.0)), middle), (x(high), middle), Ink::Text, 1.0);
            for end in [low.max(0.0), high] {
                canvas.line((x(end), middle - CAP), (x(end), middle + CAP), Ink::Text, 1.0);
            }
        }
        let missed = policy.missed_share.mean;
        let lettering = if missed > 0.0 { super::Lettering { ink: Ink::Problem, ..SMALL } } else { SMALL };
        canvas.text(&share(missed), (room.right, middle + 4.0), Align::Right, lettering);
    }
    if let Some(optimum) = record.optimum {
        let at = x(optimum.mean);
        canvas.line((at, area.top), (at, area.bottom), Ink::Axis, 1.5);
        let words = format!("Who knew all: {}", money(optimum.mean, record.currency));
        canvas.text(&words, (at.max(area.left + SMALL.width(&words) / 2.0), area.bottom + 34.0), Align::Middle, SMALL);
    }
    Chart { title, subtitle, canvas }
}

/// The cheapest policy that missed nothing.
fn finding(record: &BatchRecord) -> String {
    let kept = record.policies.iter().filter(|policy| policy.missed.mean == 0.0);
    let best = kept.min_by(|a, b| a.cost.mean.total_cmp(&b.cost.mean));
    match best {
        None => "Every policy missed deadlines".to_string(),
        Some(best) => {
            let cost = money(best.cost.mean, record.currency);
            let against = share(best.against_on_demand.mean.abs());
            let side = if best.against_on_demand.mean < 0.0 { "less" } else { "more" };
            format!("{} keeps every deadline for {cost}, {against} {side} than on-demand alone", best.policy)
        }
    }
}
