//! Labels beside points: eight places around each point, near ones first, where they cover nothing and cross little.

use super::LABEL;
use super::canvas::{Align, Area, Canvas, Lettering, Stroke, text_area};
use super::theme::Ink;
use crate::report::font;

const LINE: f64 = 15.0;

/// A point that wants a name.
pub(super) struct Wish {
    pub(super) at: (f64, f64),
    pub(super) name: String,
    pub(super) ink: Ink,
    pub(super) bold: bool,
}

/// What labels keep clear of.
pub(super) struct Obstacles {
    /// Where labels may stand.
    pub(super) room: Area,
    /// Never to be covered: points and labels.
    pub(super) solid: Vec<Area>,
    /// Better not crossed: whiskers and lines.
    pub(super) soft: Vec<Area>,
}

/// Distances of a label from its point; from the third on a thin line leads to it.
const RINGS: [f64; 6] = [9.0, 16.0, 34.0, 52.0, 74.0, 100.0];
/// Labels farther than this have a line to their point.
const LEADERLESS: f64 = 20.0;
/// How much farther a label may stand to cross one line less.
const CROSSING: f64 = 22.0;

/// A place for a label: baseline of the first line, alignment, and the spaces of its lines.
struct Place {
    at: (f64, f64),
    align: Align,
    spaces: Vec<Area>,
    leader: Option<(f64, f64)>,
}

/// Draws the labels, the most important first, and says how many found no place.
pub(super) fn place(canvas: &mut Canvas, wishes: &[Wish], mut obstacles: Obstacles) -> usize {
    let widest = (obstacles.room.width() * 0.42).min(230.0);
    let mut homeless = 0;
    for wish in wishes {
        let lettering = Lettering { ink: wish.ink, bold: wish.bold, ..LABEL };
        let lines = font::wrapped(&wish.name, LABEL.size, wish.bold, widest, 2);
        let Some(place) = best(wish.at, &lines, lettering, &obstacles) else {
            homeless += 1;
            continue;
        };
        if let Some(end) = place.leader {
            canvas.path(&[wish.at, end], Stroke { ink: Ink::Axis, width: 0.75, opacity: 1.0 });
            obstacles.soft.push(around(wish.at, end));
        }
        for (index, line) in lines.iter().enumerate() {
            canvas.text(line, (place.at.0, place.at.1 + LINE * index as f64), place.align, lettering);
        }
        obstacles.solid.extend(place.spaces);
    }
    homeless
}

fn around(a: (f64, f64), b: (f64, f64)) -> Area {
    Area { left: a.0.min(b.0), top: a.1.min(b.1), right: a.0.max(b.0), bottom: a.1.max(b.1) }
}

/// The nearest place that crosses few lines; `None` if each would cover something solid.
fn best(at: (f64, f64), lines: &[String], lettering: Lettering, obstacles: &Obstacles) -> Option<Place> {
    let mut found: Option<(f64, Place)> = None;
    for distance in RINGS {
        if found.as_ref().is_some_and(|(cost, _)| *cost <= distance) {
            break;
        }
        for (baseline, align) in anchors(at, lines.len(), distance) {
            let Some(place) = free(at, lines, lettering, (baseline, align, distance), obstacles) else { continue };
            let crossed = obstacles.soft.iter().filter(|soft| place.spaces.iter().any(|space| soft.meets(space)));
            let cost = distance + CROSSING * crossed.count() as f64;
            if found.as_ref().is_none_or(|(least, _)| cost < *least) {
                found = Some((cost, place));
            }
        }
    }
    found.map(|(_, place)| place)
}

/// The place, if neither the label nor its leading line covers something solid.
fn free(
    point: (f64, f64),
    lines: &[String],
    lettering: Lettering,
    (at, align, distance): ((f64, f64), Align, f64),
    obstacles: &Obstacles,
) -> Option<Place> {
    let space = |(index, line): (usize, &String)| {
        text_area(line, (at.0, at.1 + LINE * index as f64), align, lettering).grown(1.5)
    };
    let spaces: Vec<Area> = lines.iter().enumerate().map(space).collect();
    let covers = |space: &Area| obstacles.solid.iter().any(|solid| solid.meets(space));
    if spaces.iter().any(|space| !obstacles.room.holds(space) || covers(space)) {
        return None;
    }
    let leader = (distance > LEADERLESS).then(|| nearest(point, &spaces));
    let touches = |end: (f64, f64)| {
        let steps = 24;
        (1..steps).any(|step| {
            let share = f64::from(step) / f64::from(steps);
            let on = (point.0 + (end.0 - point.0) * share, point.1 + (end.1 - point.1) * share);
            let spot = around(on, on).grown(0.5);
            // The line begins in its own point.
            obstacles.solid.iter().any(|solid| solid.meets(&spot) && !solid.grown(0.1).holds(&around(point, point)))
        })
    };
    if leader.is_some_and(touches) { None } else { Some(Place { at, align, spaces, leader }) }
}

/// The spot of the label that is nearest to its point.
fn nearest(point: (f64, f64), spaces: &[Area]) -> (f64, f64) {
    let spot = |space: &Area| (point.0.clamp(space.left, space.right), point.1.clamp(space.top, space.bottom));
    let far = |spot: &(f64, f64)| (spot.0 - point.0).hypot(spot.1 - point.1);
    spaces.iter().map(spot).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(point)
}

/// The baseline of a label's first line at each of the eight places.
fn anchors(at: (f64, f64), lines: usize, distance: f64) -> [((f64, f64), Align); 8] {
    let (x, y) = at;
    let below_first = LINE * (lines as f64 - 1.0);
    let (above, level, below) = (y - distance - below_first, y + 4.5 - below_first / 2.0, y + distance + 9.0);
    let aside = if distance > LEADERLESS { distance * 0.6 } else { distance + 1.0 };
    [
        ((x + aside, above + 2.0), Align::Left),
        ((x + aside, below - 2.0), Align::Left),
        ((x - aside, above + 2.0), Align::Right),
        ((x - aside, below - 2.0), Align::Right),
        ((x + aside, level), Align::Left),
        ((x - aside, level), Align::Right),
        ((x, above), Align::Middle),
        ((x, below), Align::Middle),
    ]
}
