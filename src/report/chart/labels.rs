//! Labels beside points: eight places around each point, the first that is free.

use super::LABEL;
use super::canvas::{Align, Area, Canvas, Lettering, text_area};
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

/// Draws the labels, the most important first, and says how many found no place.
pub(super) fn place(canvas: &mut Canvas, wishes: &[Wish], mut obstacles: Obstacles) -> usize {
    let widest = (obstacles.room.width() * 0.42).min(230.0);
    let mut homeless = 0;
    for wish in wishes {
        let lettering = Lettering { ink: wish.ink, bold: wish.bold, ..LABEL };
        let lines = font::wrapped(&wish.name, LABEL.size, wish.bold, widest, 2);
        match best(wish.at, &lines, lettering, &obstacles) {
            Some((at, align)) => {
                for (index, line) in lines.iter().enumerate() {
                    let at = (at.0, at.1 + LINE * index as f64);
                    canvas.text(line, at, align, lettering);
                    obstacles.solid.push(text_area(line, at, align, lettering));
                }
            }
            None => homeless += 1,
        }
    }
    homeless
}

/// The place that crosses the fewest lines; `None` if each would cover something solid.
fn best(at: (f64, f64), lines: &[String], lettering: Lettering, obstacles: &Obstacles) -> Option<((f64, f64), Align)> {
    let mut found: Option<(usize, ((f64, f64), Align))> = None;
    for distance in [9.0, 20.0] {
        for candidate in anchors(at, lines.len(), distance) {
            let spaces = lines.iter().enumerate().map(|(index, line)| {
                text_area(line, (candidate.0.0, candidate.0.1 + LINE * index as f64), candidate.1, lettering)
            });
            let spaces: Vec<Area> = spaces.map(|space| space.grown(1.5)).collect();
            let blocked = spaces
                .iter()
                .any(|space| !obstacles.room.holds(space) || obstacles.solid.iter().any(|solid| solid.meets(space)));
            if blocked {
                continue;
            }
            let crossed = obstacles.soft.iter().filter(|soft| spaces.iter().any(|space| soft.meets(space))).count();
            if crossed == 0 {
                return Some(candidate);
            }
            if found.is_none_or(|(fewest, _)| crossed < fewest) {
                found = Some((crossed, candidate));
            }
        }
    }
    found.map(|(_, candidate)| candidate)
}

/// The baseline of a label's first line at each of the eight places.
fn anchors(at: (f64, f64), lines: usize, distance: f64) -> [((f64, f64), Align); 8] {
    let (x, y) = at;
    let below_first = LINE * (lines as f64 - 1.0);
    let (above, level, below) = (y - distance - below_first, y + 4.5 - below_first / 2.0, y + distance + 9.0);
    let aside = distance + 1.0;
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
