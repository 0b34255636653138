//! Incidents in words: when, how long, and whom they hurt.

use super::view::{Calendar, NONE, count, duration, grouped_whole, plural, share};
use crate::results::{Incidents, Results, Timeline, TimelinePoint};

/// So many incidents are drawn; the table has the others.
pub const MOST_DRAWN: usize = 3;

/// An incident in cells.
pub struct IncidentRow {
    /// When it began.
    pub when: String,
    /// How long it lasted, spot instances taken, requests, late ones, failed ones, worst p95, fewest instances in service.
    pub cells: [String; 7],
}

/// Headings of the cells.
pub const HEADINGS: [&str; 7] =
    ["Lasted", "Spot taken", "Requests", "Late", "Failed", "Worst p95 of a minute", "Fewest in service"];

/// A row for each incident that is kept.
pub fn rows(results: &Results, incidents: &Incidents) -> Vec<IncidentRow> {
    incidents.worst.iter().map(|incident| row(results, incident)).collect()
}

/// The places of the worst `most` of the incidents that are kept, in the order of time.
pub fn worst(results: &Results, incidents: &Incidents, most: usize) -> Vec<usize> {
    let hurt = |place: &usize| {
        let points = from_trouble_on(results, &incidents.worst[*place]);
        std::cmp::Reverse(points.iter().map(|point| point.late + point.failed).sum::<u64>())
    };
    let mut places: Vec<usize> = (0..incidents.worst.len()).collect();
    places.sort_by_key(hurt);
    places.truncate(most);
    places.sort_unstable();
    places
}

/// What is shown of how many.
pub fn scope(incidents: &Incidents) -> String {
    let kept = incidents.worst.len() as u64;
    match (kept, u64::from(incidents.found)) {
        (kept, found) if kept == found => plural(kept, "incident"),
        (1, found) => format!("the worst of {found} incidents"),
        (kept, found) => format!("the worst {kept} of {found} incidents"),
    }
}

/// The intervals from the first with trouble to the last, without those around them.
fn trouble<'a>(results: &Results, incident: &'a Timeline) -> &'a [TimelinePoint] {
    let objective = &results.objective;
    let taken =
        |point: &TimelinePoint| incident.interruptions.iter().any(|mark| point.start <= mark.at && mark.at < point.end);
    let bad = |point: &TimelinePoint| point.beyond(objective.late_share, objective.error_share) || taken(point);
    let points = &incident.points;
    match (points.iter().position(bad), points.iter().rposition(bad)) {
        (Some(first), Some(last)) => &points[first..=last],
        _ => points,
    }
}

/// The intervals from the first with trouble to the end of what is shown: an instance that is gone is missed in the minutes after.
fn from_trouble_on<'a>(results: &Results, incident: &'a Timeline) -> &'a [TimelinePoint] {
    let first = trouble(results, incident).first().map(|point| point.start);
    let place = incident.points.iter().position(|point| Some(point.start) == first).unwrap_or(0);
    &incident.points[place..]
}

/// The incident in a sentence.
pub fn told(results: &Results, incident: &Timeline) -> String {
    let points = from_trouble_on(results, incident);
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return "Nothing happened".into() };
    let when = Calendar::new(&results.scenario).minute(first.start.as_secs_f64());
    let sum = |part: fn(&TimelinePoint) -> u64| points.iter().map(part).sum::<u64>();
    let (late, failed) = (sum(|point| point.late), sum(|point| point.failed));
    let hurt = match (late, failed) {
        (0, 0) => "no request was late".to_string(),
        (late, 0) => format!("{} late", plural(late, "request")),
        (late, failed) => format!("{} late and {} failed", plural(late, "request"), count(failed as f64)),
    };
    let taken = match incident.interruptions.len() as u64 {
        0 => String::new(),
        taken => format!("{} taken away, ", plural(taken, "spot instance")),
    };
    let lasted = duration((last.end - first.start).as_secs_f64());
    format!("{when}: {taken}{hurt} within {lasted}")
}

fn row(results: &Results, incident: &Timeline) -> IncidentRow {
    let ends = trouble(results, incident).first().zip(trouble(results, incident).last());
    let ends = ends.map(|(first, last)| (first.start, last.end));
    let points = from_trouble_on(results, incident);
    let sum = |part: fn(&TimelinePoint) -> u64| points.iter().map(part).sum::<u64>();
    let [offered, late, failed] = [sum(|point| point.offered), sum(|point| point.late), sum(|point| point.failed)];
    let of_offered = |part: u64| match (part, offered) {
        (0, _) | (_, 0) => grouped_whole(part as f64),
        _ => format!("{} ({})", grouped_whole(part as f64), share(part as f64 / offered as f64)),
    };
    let p95 = points.iter().map(|point| point.p95).fold(f64::NAN, f64::max);
    let fewest = points.iter().map(|point| point.reserved + point.spot + point.on_demand).fold(f64::INFINITY, f64::min);
    IncidentRow {
        when: ends.map_or(NONE.into(), |(from, _)| Calendar::new(&results.scenario).minute(from.as_secs_f64())),
        cells: [
            ends.map_or(NONE.into(), |(from, to)| duration((to - from).as_secs_f64())),
            count(incident.interruptions.len() as f64),
            grouped_whole(offered as f64),
            of_offered(late),
            of_offered(failed),
            duration(p95),
            count(fewest),
        ],
    }
}
