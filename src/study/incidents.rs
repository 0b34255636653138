//! Incidents: when the objective did not hold or spot was taken away, cut from a time line by the minute.

use crate::results::{Incidents, Timeline, TimelinePoint};
use crate::scenario::Objective;
use crate::units::Duration;
use std::cmp::Reverse;
use std::ops::Range;

/// What is shown before an incident and after it.
const AROUND: Duration = Duration::from_secs(600);
/// So much time without trouble parts two incidents.
const APART: Duration = Duration::from_secs(1800);
/// Of a longer incident the beginning is shown.
const LONGEST: Duration = Duration::from_secs(6 * 3600);
/// So many intervals are kept, of the worst incidents: a day by the minute, which a page bears.
const MOST_KEPT: usize = 1440;

/// The incidents of a time line by the minute.
pub(super) fn incidents(line: &Timeline, objective: &Objective) -> Incidents {
    let Some(length) = line.points.first().map(|point| point.end - point.start) else { return Incidents::default() };
    let in_intervals = |time: Duration| (time.nanos() / length.nanos().max(1)) as usize;
    let (around, longest) = (in_intervals(AROUND).max(1), in_intervals(LONGEST).max(1));
    let shown = |(first, last): (usize, usize)| {
        let from = first.saturating_sub(around);
        let to = (last + 1 + around).min(line.points.len()).min(from + longest);
        let hurt: u64 = line.points[first..to].iter().map(|point| point.late + point.failed).sum();
        (hurt, from..to)
    };
    let mut found: Vec<(u64, Range<usize>)> =
        stretches(line, objective, in_intervals(APART)).into_iter().map(shown).collect();
    let count = found.len();
    found.sort_by_key(|(hurt, range)| (Reverse(*hurt), range.start));
    let mut left = MOST_KEPT;
    found.retain(|(_, range)| {
        let fits = range.len() <= left;
        left = if fits { left - range.len() } else { 0 };
        fits
    });
    found.sort_by_key(|(_, range)| range.start);
    let worst = found.into_iter().map(|(_, range)| cut(line, &line.points[range])).collect();
    Incidents { found: count as u32, worst }
}

/// The first and the last interval of runs of trouble, none of them closer to the next than `apart` intervals.
fn stretches(line: &Timeline, objective: &Objective, apart: usize) -> Vec<(usize, usize)> {
    let mut taken = line.interruptions.iter().map(|mark| mark.at).peekable();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (index, point) in line.points.iter().enumerate() {
        let mut trouble = point.beyond(objective.late_share, objective.error_share);
        while taken.next_if(|at| *at < point.end).is_some() {
            trouble = true;
        }
        if !trouble {
            continue;
        }
        match found.last_mut() {
            Some((_, last)) if index - *last <= apart => *last = index,
            _ => found.push((index, index)),
        }
    }
    found
}

/// These intervals of the time line as one of their own.
fn cut(line: &Timeline, points: &[TimelinePoint]) -> Timeline {
    let (from, to) = (points.first().map(|point| point.start), points.last().map(|point| point.end));
    let marks = line.interruptions.iter().filter(|mark| Some(mark.at) >= from && Some(mark.at) < to);
    Timeline {
        mix: line.mix.clone(),
        replication: line.replication,
        points: points.to_vec(),
        markets: Vec::new(),
        interruptions: marks.cloned().collect(),
        cost_by_day: Vec::new(),
        incidents: Incidents::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::InterruptionMark;
    use crate::units::SimTime;

    /// So many minutes, of which these have so many late requests of a hundred.
    fn minutes_with(minutes: i64, late: &[(i64, u64)]) -> Timeline {
        let point = |minute: i64| TimelinePoint {
            start: SimTime::from_secs(60 * minute),
            end: SimTime::from_secs(60 * minute + 60),
            offered: 100,
            late: late.iter().find(|(at, _)| *at == minute).map_or(0, |(_, late)| *late),
            failed: 0,
            p50: 0.1,
            p95: 0.5,
            p99: 0.9,
            cpu: 0.5,
            reserved: 3.0,
            spot: 0.0,
            on_demand: 0.0,
        };
        Timeline {
            mix: "3 reserved".into(),
            replication: 0,
            points: (0..minutes).map(point).collect(),
            markets: Vec::new(),
            interruptions: Vec::new(),
            cost_by_day: Vec::new(),
            incidents: Incidents::default(),
        }
    }

    fn day(late: &[(i64, u64)]) -> Timeline {
        minutes_with(1440, late)
    }

    fn objective() -> Objective {
        serde_json::from_str(r#"{ "latency": "1s", "late_share": 0.05, "error_share": 0.001 }"#).unwrap()
    }

    fn ends(incident: &Timeline) -> [i64; 2] {
        let (first, last) = (incident.points.first().unwrap(), incident.points.last().unwrap());
        [first.start, last.end].map(|time| time.nanos() / 60_000_000_000)
    }

    #[test]
    fn trouble_within_half_an_hour_is_one_incident() {
        let found = incidents(&day(&[(100, 6), (130, 9), (161, 6), (600, 5), (1439, 40)]), &objective());
        assert_eq!(found.found, 3, "five of a hundred are allowed");
        let places: Vec<[i64; 2]> = found.worst.iter().map(ends).collect();
        assert_eq!(places, [[90, 141], [151, 172], [1429, 1440]]);
    }

    #[test]
    fn an_instance_taken_away_is_an_incident() {
        let mut line = day(&[]);
        let mark = |second| InterruptionMark { at: SimTime::from_secs(second), market: "use1b".into() };
        line.interruptions = vec![mark(0), mark(36_059), mark(36_060)];
        let found = incidents(&line, &objective());
        assert_eq!(found.worst.iter().map(ends).collect::<Vec<_>>(), [[0, 11], [590, 612]]);
        assert_eq!(found.worst[1].interruptions.len(), 2);
    }

    #[test]
    fn the_worst_are_kept() {
        let late: Vec<(i64, u64)> = (0..1440).map(|minute| (minute, 20)).collect();
        let long = incidents(&day(&late), &objective());
        assert_eq!((long.found, long.worst.len()), (1, 1));
        assert_eq!(long.worst[0].points.len(), 360, "the first six hours");
        // Thirty-six of a hundred minutes each, the later the worse: with the minutes around them twelve fit.
        let bad = |incident: i64| (0..100).map(move |minute| (200 * incident + 50 + minute, 6 + incident as u64));
        let line = minutes_with(7300, &(0..36).flat_map(bad).collect::<Vec<_>>());
        let found = incidents(&line, &objective());
        assert_eq!((found.found, found.worst.len()), (36, 12));
        assert_eq!(ends(&found.worst[0]), [200 * 24 + 40, 200 * 24 + 160]);
        assert_eq!(ends(&found.worst[11]), [200 * 35 + 40, 200 * 35 + 160]);
        assert!(incidents(&Timeline { points: Vec::new(), ..line }, &objective()).is_empty());
    }
}
