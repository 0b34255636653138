//! The state of an alarm from its recent datapoints.

use crate::scenario::MissingData;

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// The metric is within the threshold.
    Ok,
    /// Enough datapoints breach.
    Alarm,
    /// There is nothing to judge from.
    InsufficientData,
}

/// How a datapoint is held against a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Beyond it upwards.
    Greater,
    /// At it or beyond.
    GreaterOrEqual,
    /// Beyond it downwards.
    Less,
    /// At it or beyond.
    LessOrEqual,
}

impl Comparison {
    /// Whether `value` breaches `threshold`.
    pub fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Comparison::Greater => value > threshold,
            Comparison::GreaterOrEqual => value >= threshold,
            Comparison::Less => value < threshold,
            Comparison::LessOrEqual => value <= threshold,
        }
    }
}

/// Datapoints that are looked at for an alarm of `evaluation_periods`: N + 2 (RULES R72: 5 is published for N = 3).
pub fn evaluation_range(evaluation_periods: u32) -> usize {
    evaluation_periods as usize + 2
}

/// Missing datapoints that are filled by the treatment: as many as real ones are short of N.
pub fn points_to_fill(points: &[Option<bool>], evaluation_periods: u32) -> usize {
    (evaluation_periods as usize).saturating_sub(points.iter().flatten().count())
}

/// Evaluates an alarm by the rules of RULES R72.
///
/// `points` are the datapoints of the evaluation range, oldest first: breaching, not breaching, or missing (`None`).
/// With at least N real ones the most recent N decide and the treatment of missing data is irrelevant. With fewer, missing ones are
/// filled up to N by the treatment; under `missing`, breaching points alone raise the alarm once the oldest is M periods old.
pub fn evaluate_alarm(
    points: &[Option<bool>],
    datapoints_to_alarm: u32,
    evaluation_periods: u32,
    treatment: MissingData,
    previous: AlarmState,
) -> AlarmState {
    let (m, n) = (datapoints_to_alarm as usize, evaluation_periods as usize);
    let recent = points.iter().rev().filter_map(|point| *point).take(n);
    let (recent, breaching) =
        recent.fold((0, 0), |(all, breaching), breach| (all + 1, breaching + usize::from(breach)));
    let filled = points_to_fill(points, evaluation_periods);
    let alarm_if = |yes: bool| if yes { AlarmState::Alarm } else { AlarmState::Ok };
    if filled == 0 || breaching >= m {
        return alarm_if(breaching >= m);
    }
    let only_breaching = breaching == recent;
    match treatment {
        MissingData::Breaching => alarm_if(breaching + filled >= m),
        MissingData::NotBreaching => AlarmState::Ok,
        MissingData::Ignore if only_breaching => previous,
        MissingData::Missing if recent == 0 => AlarmState::InsufficientData,
        MissingData::Missing if only_breaching => {
            let oldest_age = points.len() - points.iter().position(Option::is_some).unwrap_or(points.len());
            if oldest_age >= m { AlarmState::Alarm } else { previous }
        }
        MissingData::Ignore | MissingData::Missing => AlarmState::Ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(points: &str, m: u32, n: u32) -> [AlarmState; 4] {
        let points: Vec<Option<bool>> = points
            .split(' ')
            .map(|p| match p {
                "X" => Some(true),
                "0" => Some(false),
                _ => None,
            })
            .collect();
        [MissingData::Missing, MissingData::Ignore, MissingData::Breaching, MissingData::NotBreaching]
            .map(|treatment| evaluate_alarm(&points, m, n, treatment, AlarmState::InsufficientData))
    }

    /// The published tables (RULES R72); `InsufficientData` is the previous state, which `ignore` keeps.
    #[test]
    fn the_published_tables_come_out() {
        use AlarmState::{Alarm as A, InsufficientData as I, Ok as O};
        assert_eq!(states("0 - X - X", 3, 3), [O, O, O, O]);
        assert_eq!(states("0 - - - -", 3, 3), [O, O, O, O]);
        assert_eq!(states("- - - - -", 3, 3), [I, I, A, O]);
        assert_eq!(states("0 X X - X", 3, 3), [A, A, A, A]);
        assert_eq!(states("- - X - -", 3, 3), [A, I, A, O]);
        assert_eq!(states("0 - X - X", 2, 3), [A, A, A, A]);
        assert_eq!(states("0 0 X 0 X", 2, 3), [A, A, A, A]);
        assert_eq!(states("0 - X - -", 2, 3), [O, O, A, O]);
        assert_eq!(states("- - - - 0", 2, 3), [O, O, A, O]);
        assert_eq!(states("- - - X -", 2, 3), [A, I, A, O]);
        // Too young to raise the alarm under `missing`.
        assert_ne!(states("- - - - X", 3, 3)[0], A);
        assert_ne!(states("- - - X -", 3, 3)[0], A);
    }
}
