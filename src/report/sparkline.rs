//! Demand and capacity over time in two lines of a terminal.

use super::ranking::{named, nearest};
use super::view::{Calendar, count};
use crate::results::{Results, Timeline, TimelinePoint};

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Longer lines say no more.
const MOST_MARKS: usize = 72;

/// How demand and the instances in service went in the named replication of the best mix; empty without its time line.
pub fn sparklines(results: &Results, timelines: &[Timeline], width: u16) -> String {
    let mix = named(results, results.best.as_deref()).or_else(|| nearest(results));
    let Some(line) = mix.and_then(|mix| timelines.iter().find(|line| line.mix == mix.name)) else {
        return String::new();
    };
    let (Some(first), Some(last)) = (line.points.first(), line.points.last()) else { return String::new() };
    let rate = |point: &TimelinePoint| point.offered as f64 / (point.end - point.start).as_secs_f64();
    let part = |part: f64| if part.is_finite() { part } else { 0.0 };
    let instances = |point: &TimelinePoint| part(point.reserved) + part(point.spot) + part(point.on_demand);
    let demand: Vec<f64> = line.points.iter().map(rate).collect();
    let capacity: Vec<f64> = line.points.iter().map(instances).collect();
    let calendar = Calendar::new(&results.scenario);
    let (from, to) = (calendar.day(first.start.as_secs_f64()), calendar.day(last.end.as_secs_f64()));
    let rows = [("Demand", demand, "requests/s"), ("Instances", capacity, "in service")];
    let words: Vec<String> = rows.iter().map(|(_, values, unit)| words(values, unit)).collect();
    let longest = words.iter().map(|words| words.chars().count()).max().unwrap_or(0);
    let room = usize::from(width).saturating_sub(longest + 12).clamp(8, MOST_MARKS);
    let head = format!("Best mix, replication {}, {from} to {to}, peaks of each mark:", line.replication);
    let row = |((name, values, _), words): (&(&str, Vec<f64>, &str), &String)| {
        format!("{name:<10}{}  {words}", marks(values, room))
    };
    let rows: Vec<String> = rows.iter().zip(&words).map(row).collect();
    format!("{head}\n{}\n", rows.join("\n"))
}

fn words(values: &[f64], unit: &str) -> String {
    let (low, high) = ends(values);
    format!("{} to {} {unit}", count(low.round()), count(high.round()))
}

fn ends(values: &[f64]) -> (f64, f64) {
    (values.iter().copied().fold(f64::INFINITY, f64::min), values.iter().copied().fold(0.0, f64::max))
}

/// A mark for each stretch, as high as its largest value against the largest of all.
fn marks(values: &[f64], room: usize) -> String {
    let (_, most) = ends(values);
    let count = room.min(values.len());
    let stretch = |index: usize| &values[index * values.len() / count..(index + 1) * values.len() / count];
    let mark = |index: usize| {
        let high = stretch(index).iter().copied().fold(0.0, f64::max);
        let level = if most > 0.0 { (high / most * 7.0).round() as usize } else { 0 };
        LEVELS[level.min(7)]
    };
    (0..count).map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn peaks_are_never_lost_and_lines_fit() {
        let (results, timelines) = sample::week();
        for width in [80, 120, 200] {
            let text = sparklines(&results, &timelines, width);
            println!("{text}");
            assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{text}");
            assert!(text.matches('█').count() >= 2, "{text}");
        }
        let mut values = vec![1.0; 1000];
        values[777] = 8.0;
        assert_eq!(marks(&values, 10), "▂▂▂▂▂▂▂█▂▂");
        assert_eq!(marks(&[0.0, 0.0], 10), "▁▁");
        assert_eq!(sparklines(&results, &[], 80), "");
    }
}
