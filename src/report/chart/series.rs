//! Series over time as points of the sheet: steps, gaps, and thinning that keeps every peak.

use super::canvas::{Canvas, Stroke};
use super::panel::Panel;
use super::theme::Ink;
use crate::results::Timeline;

/// A value that holds from one time to another, in seconds since the start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) value: f64,
}

/// The intervals of a time line with a value of each.
pub(super) fn steps(timeline: &Timeline, value: impl Fn(&crate::results::TimelinePoint) -> f64) -> Vec<Step> {
    let step = |point: &crate::results::TimelinePoint| Step {
        from: point.start.as_secs_f64(),
        to: point.end.as_secs_f64(),
        value: value(point),
    };
    timeline.points.iter().map(step).collect()
}

/// Runs of steps without a gap, as points of the sheet, thinned.
pub(super) fn runs(panel: &Panel, steps: &[Step]) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for step in steps {
        if !step.value.is_finite() {
            runs.push(Vec::new());
            continue;
        }
        let y = panel.y(step.value);
        if let Some(run) = runs.last_mut() {
            run.extend([(panel.x(step.from), y), (panel.x(step.to), y)]);
        }
    }
    runs.into_iter().filter(|run| !run.is_empty()).map(|run| thinned(&run)).collect()
}

/// Draws steps as lines; a lone interval narrower than a pixel still shows.
pub(super) fn draw_line(canvas: &mut Canvas, panel: &Panel, steps: &[Step], ink: Ink, width: f64) {
    for mut run in runs(panel, steps) {
        if let [first, .., last] = run[..]
            && last.0 - first.0 < 1.0
        {
            run.push((first.0 + 1.0, last.1));
        }
        canvas.path(&run, Stroke { ink, width, opacity: 1.0 });
    }
}

/// Fills the area from the base line up to the steps.
pub(super) fn draw_area(canvas: &mut Canvas, panel: &Panel, steps: &[Step], ink: Ink) {
    let base = panel.area.bottom;
    for run in runs(panel, steps) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if run.iter().all(|point| point.1 >= base) {
            continue;
        }
        let mut outline = vec![(first.0, base)];
        outline.extend(&run);
        outline.push((last.0, base));
        canvas.polygon(&outline, ink, 1.0);
    }
}

/// Of the points in each column of a pixel the highest and the lowest, in their order; and both ends.
pub(super) fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        if column.len() <= 4 {
            kept.extend_from_slice(column);
            continue;
        }
        let extreme = |pick: fn(f64, f64) -> bool| {
            (0..column.len()).reduce(|best, index| if pick(column[index].1, column[best].1) { index } else { best })
        };
        let (high, low) = (extreme(|a, b| a < b).unwrap_or(0), extreme(|a, b| a > b).unwrap_or(0));
        kept.extend([column[high.min(low)], column[high.max(low)]]);
    }
    kept.extend(points.last());
    kept
}

/// The time span of a time line in seconds; never empty.
pub(super) fn span(timeline: &Timeline) -> Option<(f64, f64)> {
    let (first, last) = (timeline.points.first()?, timeline.points.last()?);
    let (from, to) = (first.start.as_secs_f64(), last.end.as_secs_f64());
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_every_peak() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|i| (f64::from(i) / 100.0, 50.0)).collect();
        points[4321].1 = 3.0;
        points[4322].1 = 97.0;
        let kept = thinned(&points);
        assert!(kept.len() <= 4 * 101, "{}", kept.len());
        assert!(kept.iter().any(|point| point.1 == 3.0) && kept.iter().any(|point| point.1 == 97.0));
        assert!(kept.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }
}
