//! Why requests are late: a bar for each cause, on both sides of zero.

use super::canvas::{Align, Area, Stroke};
use super::scale::Scale;
use super::theme::Ink;
use super::{Chart, LABEL, Lettering, SMALL, Size, empty, sheet};
use crate::report::causes::{explained, finding, part_of, signed};
use crate::report::font;
use crate::report::view::plural;
use crate::results::{Estimate, Results};

/// Least height of a bar with its words above it.
const ROW: f64 = 30.0;
/// Largest height of a bar.
const BAR: f64 = 18.0;
/// Half the height of a whisker's cap.
const CAP: f64 = 3.5;
const NAME: Lettering = Lettering { bold: true, ..LABEL };

/// The late requests of the mix that was asked about, by cause.
pub fn causes(results: &Results, size: Size) -> Chart {
    let title = finding(results).unwrap_or_default();
    let Some((_, causes)) = explained(results).filter(|(_, causes)| causes.late.total.mean > 0.0) else {
        return empty(size, &title, "");
    };
    let split = &causes.late;
    let replications = u64::from(split.total.n);
    let whiskers = match replications {
        1 => "one run, no intervals".to_string(),
        _ => format!("means and 95 % intervals over {}", plural(replications, "replication")),
    };
    let alone = causes.late_by_work_alone.mean;
    let grey = if alone > 0.0 { "; grey: late by their own work alone" } else { "" };
    let subtitle = format!("Late requests of a run by cause; {whiskers}{grey}");
    let (mut canvas, room) = sheet(size, &title, &subtitle);
    let fit = ((room.height() / ROW) as usize).min(split.parts().len());
    let step = (room.height() / fit.max(1) as f64).min(64.0);
    let ends = |part: &Estimate| part.ci95.unwrap_or([part.mean; 2]);
    let reach = split.parts().map(|(_, part)| [ends(&part), [part.mean, 0.0]].concat()).concat();
    let scale = Scale::linear(reach.iter().copied().fold(0.0, f64::min), reach.iter().copied().fold(0.0, f64::max));
    let x = |value: f64| room.left + 4.0 + scale.place(value) * (room.width() - 8.0);
    let rows = split.parts().into_iter().take(fit).enumerate();
    for (row, (name, part)) in rows {
        let top = room.top + row as f64 * step;
        let value = format!("{} · {}", signed(part.mean), part_of(part.mean, split.total.mean));
        canvas.text(&value, (room.right, top + 13.0), Align::Right, SMALL);
        let left = room.width() - SMALL.width(&value) - 12.0;
        canvas.text(&font::shortened(name, NAME.size, true, left), (room.left, top + 13.0), Align::Left, NAME);
        let (from, to) = (x(part.mean.min(0.0)), x(part.mean.max(0.0)));
        let bar = Area { left: from, right: to, top: top + 18.0, bottom: top + 18.0 + (step - 20.0).min(BAR) };
        if bar.width() > 0.0 {
            canvas.rectangle(bar, Ink::Accent, 1.0);
        }
        if name == "too small a fleet" && alone > 0.0 {
            canvas.rectangle(Area { right: x(alone.min(part.mean)), ..bar }, Ink::Muted, 1.0);
        }
        canvas.line((x(0.0), bar.top - 1.0), (x(0.0), bar.bottom + 3.0), Ink::Axis, 1.0);
        if let Some([low, high]) = part.ci95.filter(|[low, high]| low != high) {
            let (low, high, middle) = (x(low), x(high), (bar.top + bar.bottom) / 2.0);
            let mut line = |from, to| canvas.path(&[from, to], Stroke { ink: Ink::Text, width: 1.25, opacity: 0.75 });
            line((low, middle), (high, middle));
            [low, high].into_iter().for_each(|x| line((x, middle - CAP), (x, middle + CAP)));
        }
    }
    Chart { title, subtitle, canvas }
}
