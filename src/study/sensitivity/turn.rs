//! Where a rising rate turns a decision.

use crate::results::{Estimate, Turn};

/// Where an estimate that was found at rising rates passes `level` for the first time, by straight lines between them.
pub(super) fn turn(points: &[(f64, Estimate)], level: f64) -> Turn {
    let limit = |side: usize| {
        let value = move |estimate: &Estimate| estimate.ci95.map_or(estimate.mean, |limits| limits[side]);
        passes(points, value, level)
    };
    Turn {
        at: passes(points, |estimate| estimate.mean, level),
        between: [limit(1), limit(0)],
        up_to: points.last().map_or(0.0, |(rate, _)| *rate),
    }
}

/// The first rate at which a value is above `level`.
fn passes(points: &[(f64, Estimate)], value: impl Fn(&Estimate) -> f64, level: f64) -> Option<f64> {
    let beyond = points.iter().position(|(_, estimate)| value(estimate) > level)?;
    let Some(before) = beyond.checked_sub(1) else { return Some(points[0].0) };
    let ((from, below), (to, above)) = (&points[before], &points[beyond]);
    let (below, above) = (value(below), value(above));
    Some(from + (to - from) * (level - below) / (above - below))
}

/// The pair of neighbours between which the mean passes `level` first.
pub(super) fn bracket(points: &[(f64, Estimate)], level: f64) -> Option<(f64, f64)> {
    let beyond = points.iter().position(|(_, estimate)| estimate.mean > level)?;
    beyond.checked_sub(1).map(|before| (points[before].0, points[beyond].0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(rate: f64, mean: f64) -> (f64, Estimate) {
        (rate, Estimate { mean, ci95: Some([mean - 1.0, mean + 1.0]), n: 4 })
    }

    #[test]
    fn a_line_turns_where_it_passes_the_level() {
        let points = [point(0.0, -4.0), point(1.0, -2.0), point(3.0, 2.0)];
        let found = turn(&points, 0.0);
        assert_eq!(found, Turn { at: Some(2.0), between: [Some(1.5), Some(2.5)], up_to: 3.0 });
        assert_eq!(bracket(&points, 0.0), Some((1.0, 3.0)));
    }

    #[test]
    fn what_never_turns_and_what_has_turned_already_are_told_apart() {
        let never = turn(&[point(0.0, -4.0), point(1.0, -1.5)], 0.0);
        assert_eq!((never.at, never.between), (None, [None, None]));
        let perhaps = turn(&[point(0.0, -4.0), point(1.0, -0.5)], 0.0);
        assert!(perhaps.at.is_none() && perhaps.between[0].is_some() && perhaps.between[1].is_none());
        let already = turn(&[point(0.0, 4.0), point(1.0, 5.0)], 0.0);
        assert_eq!((already.at, already.between), (Some(0.0), [Some(0.0), Some(0.0)]));
        assert_eq!(bracket(&[point(0.0, 4.0)], 0.0), None);
    }
}
