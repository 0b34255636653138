//! A plot area with its two axes: hairline grid, marks, captions.

use super::SMALL;
use super::canvas::{Align, Area, Canvas, text_area};
use super::scale::Scale;
use super::theme::Ink;
use super::ticks::{Tick, time_ticks};
use crate::report::font;
use crate::report::view::Calendar;

/// Height that the marks of a horizontal axis take.
pub(super) const FOOT: f64 = 24.0;
/// Height that a caption above a plot area takes.
const HEAD: f64 = 24.0;

/// A plot area.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panel {
    pub(super) area: Area,
    pub(super) x: Scale,
    pub(super) y: Scale,
}

/// The vertical axis of a panel.
pub(super) struct Upright<'a> {
    pub(super) scale: Scale,
    pub(super) ticks: &'a [Tick],
    pub(super) caption: &'a str,
}

/// The width that the marks of a vertical axis take.
pub(super) fn margin(ticks: &[Tick]) -> f64 {
    ticks.iter().map(|tick| SMALL.width(&tick.label)).fold(0.0, f64::max) + 10.0
}

/// How many marks a vertical axis of this height takes.
pub(super) fn marks_for_height(height: f64) -> usize {
    ((height - HEAD) / 40.0).clamp(3.0, 7.0) as usize
}

impl Panel {
    /// Draws caption, grid and marks of the vertical axis into the room; `margin` is the width left of the plot area.
    pub(super) fn new(canvas: &mut Canvas, room: Area, margin: f64, x: Scale, upright: Upright) -> Self {
        let area = Area { left: room.left + margin, top: room.top + HEAD, ..room };
        let panel = Self { area, x, y: upright.scale };
        let caption = font::shortened(upright.caption, SMALL.size, false, room.width());
        canvas.text(&caption, (room.left, room.top + 10.0), Align::Left, SMALL);
        let mut above = f64::INFINITY;
        for tick in upright.ticks {
            let y = panel.y(tick.value);
            canvas.line((area.left, y), (area.right, y), Ink::Grid, 1.0);
            let baseline = y + 0.36 * SMALL.size;
            let space = text_area(&tick.label, (area.left - 8.0, baseline), Align::Right, SMALL);
            if space.bottom + 2.0 < above && space.left >= 0.0 {
                canvas.text(&tick.label, (area.left - 8.0, baseline), Align::Right, SMALL);
                above = space.top;
            }
        }
        panel
    }

    /// The place of a value along the horizontal axis.
    pub(super) fn x(&self, value: f64) -> f64 {
        self.area.left + self.x.place(value) * self.area.width()
    }

    /// The place of a value along the vertical axis.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.area.bottom - self.y.place(value) * self.area.height()
    }

    /// Draws the base line.
    pub(super) fn base_line(&self, canvas: &mut Canvas) {
        let Area { left, right, bottom, .. } = self.area;
        canvas.line((left, bottom), (right, bottom), Ink::Axis, 1.0);
    }

    /// Draws the marks of the horizontal axis; those that would meet another are left out.
    pub(super) fn foot(&self, canvas: &mut Canvas, ticks: &[Tick]) {
        self.base_line(canvas);
        let mut free = f64::NEG_INFINITY;
        for tick in ticks {
            let x = self.x(tick.value);
            canvas.line((x, self.area.bottom), (x, self.area.bottom + 4.0), Ink::Axis, 1.0);
            let space = self.foot_space(canvas, tick);
            if space.left >= free {
                canvas.text(&tick.label, (space.left, self.area.bottom + 18.0), Align::Left, SMALL);
                free = space.right + 10.0;
            }
        }
    }

    /// Where the label of a mark of the horizontal axis stands: below the mark, but inside the sheet.
    fn foot_space(&self, canvas: &Canvas, tick: &Tick) -> Area {
        let at = (self.x(tick.value), self.area.bottom + 18.0);
        let space = text_area(&tick.label, at, Align::Middle, SMALL);
        let sheet = canvas.area();
        let shift = (sheet.left - space.left).max(0.0) - (space.right - sheet.right).max(0.0);
        Area { left: space.left + shift, right: space.right + shift, ..space }
    }

    /// Draws a time axis: the finest marks whose labels have room.
    pub(super) fn time_foot(&self, canvas: &mut Canvas, calendar: &Calendar) {
        let (from, to) = self.x.ends();
        let fits = |ticks: &[Tick]| {
            let spaces: Vec<Area> = ticks.iter().map(|tick| self.foot_space(canvas, tick)).collect();
            spaces.windows(2).all(|pair| pair[0].right + 14.0 <= pair[1].left)
        };
        let ticks = time_ticks(calendar, from, to, fits);
        canvas.group("foot", |canvas| self.foot(canvas, &ticks));
    }
}
