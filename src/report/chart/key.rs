//! Direct labels of series: a column beside the plot, or rows above it where the sheet is narrow.

use super::canvas::{Align, Area, Canvas, Lettering};
use super::theme::Ink;
use super::{LABEL, SMALL};
use crate::report::font;

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swatch {
    Field,
    Line,
    Dot,
}

/// One series of a chart.
pub(super) struct Entry {
    pub(super) ink: Ink,
    pub(super) swatch: Swatch,
    pub(super) name: String,
    /// What the series comes to, in words; may be empty.
    pub(super) value: String,
}

const NAME: Lettering = Lettering { bold: true, ..LABEL };
const BOX: f64 = 11.0;
const GAP: f64 = 8.0;
/// Sheets narrower than this have their key above the plot.
const ROOM_FOR_A_COLUMN: f64 = 560.0;

/// Draws the key and gives the room that is left for the plot.
pub(super) fn draw(canvas: &mut Canvas, room: Area, entries: &[Entry]) -> Area {
    if room.width() < ROOM_FOR_A_COLUMN { above(canvas, room, entries) } else { beside(canvas, room, entries) }
}

fn beside(canvas: &mut Canvas, room: Area, entries: &[Entry]) -> Area {
    let widest = |entry: &Entry| NAME.width(&entry.name).max(SMALL.width(&entry.value));
    let text = entries.iter().map(widest).fold(0.0, f64::max).min(room.width() * 0.28).ceil();
    let left = room.right - text - BOX - GAP;
    let mut y = room.top + 34.0;
    for entry in entries.iter().take(((room.height() - 34.0) / 46.0).max(1.0) as usize) {
        swatch(canvas, (left, y), entry);
        let name = font::shortened(&entry.name, NAME.size, true, text);
        canvas.text(&name, (left + BOX + GAP, y), Align::Left, NAME);
        let value = font::shortened(&entry.value, SMALL.size, false, text);
        canvas.text(&value, (left + BOX + GAP, y + 17.0), Align::Left, SMALL);
        y += if entry.value.is_empty() { 28.0 } else { 46.0 };
    }
    Area { right: left - 18.0, ..room }
}

fn above(canvas: &mut Canvas, room: Area, entries: &[Entry]) -> Area {
    let (mut x, mut y) = (room.left, room.top + 12.0);
    for entry in entries {
        let most = room.width() - BOX - GAP;
        let name = font::shortened(&entry.name, NAME.size, true, most);
        let value = font::shortened(&entry.value, SMALL.size, false, most - NAME.width(&name) - GAP);
        let width = BOX + GAP + NAME.width(&name) + GAP + SMALL.width(&value);
        if x > room.left && x + width > room.right {
            (x, y) = (room.left, y + 20.0);
        }
        swatch(canvas, (x, y), entry);
        canvas.text(&name, (x + BOX + GAP, y), Align::Left, NAME);
        canvas.text(&value, (x + BOX + 2.0 * GAP + NAME.width(&name), y), Align::Left, SMALL);
        x += width + 18.0;
    }
    Area { top: y + 16.0, ..room }
}

fn swatch(canvas: &mut Canvas, at: (f64, f64), entry: &Entry) {
    let half = match entry.swatch {
        Swatch::Field => BOX / 2.0,
        Swatch::Line => 1.25,
        Swatch::Dot => return canvas.dot((at.0 + BOX / 2.0, at.1 - 4.5), 4.0, entry.ink),
    };
    let middle = at.1 - 4.5;
    let area = Area { left: at.0, right: at.0 + BOX, top: middle - half, bottom: middle + half };
    canvas.rectangle(area, entry.ink, 1.0);
}
