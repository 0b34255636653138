//! Charts: one file a kind, drawn with our own canvas, scales, marks and labels.
//!
//! Each function takes stored results and a [`Size`] and gives a [`Chart`]: a title that says the finding, a sub-title with
//! unit and scope, and an SVG drawing of always the same bytes.

mod canvas;
mod capacity;
mod causes;
mod changes;
mod commitment_curve;
mod cost_by_day;
mod frontier;
mod incident;
mod job_policies;
mod key;
mod labels;
mod latency;
mod markup;
mod panel;
mod replay;
mod scale;
mod series;
mod spot_price;
mod spread;
mod start_time;
mod stroke;
mod theme;
mod ticks;
mod tornado;
mod waterfall;

#[cfg(test)]
mod tests;

pub use canvas::{Area, Colours};
pub use capacity::capacity;
pub use causes::causes;
pub use changes::{Figure, MOST_CHANGES, change_of, changes};
pub use commitment_curve::commitment_curve;
pub use cost_by_day::cost_by_day;
pub use frontier::{frontier, frontier_is_logarithmic};
pub use incident::incident;
pub use job_policies::job_policies;
pub use latency::latency;
pub use replay::{Measure, replay};
pub use spot_price::spot_price;
pub use spread::spread;
pub use start_time::{has_start_times, start_time};
pub use theme::{Ink, declarations};
pub use tornado::tornado;
pub use waterfall::waterfall;

use crate::report::font;
use canvas::{Align, Canvas, Lettering};

/// How large a drawing is, in pixels of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Whether title and sub-title are part of the drawing; a page sets them itself, a picture that stands alone needs them.
    pub heading: bool,
}

impl Size {
    /// For a page on a large screen or on paper.
    pub const WIDE: Size = Size { width: 960.0, height: 400.0, heading: false };
    /// For a page on a phone.
    pub const NARROW: Size = Size { width: 380.0, height: 340.0, heading: false };
    /// A picture that stands alone.
    pub const PICTURE: Size = Size { width: 1040.0, height: 560.0, heading: true };
}

/// How an axis spreads its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// As fits the values.
    Fitting,
    /// Equal steps are equally far apart.
    Linear,
    /// Equal factors are equally far apart.
    Log,
}

/// A finished chart.
pub struct Chart {
    /// The finding.
    pub title: String,
    /// Unit, scope and number of replications.
    pub subtitle: String,
    canvas: Canvas,
}

impl Chart {
    /// The drawing as an SVG document.
    pub fn svg(&self, colours: Colours) -> String {
        self.canvas.document(&format!("{}. {}", self.title, self.subtitle), colours)
    }

    /// The space of every text of the drawing.
    pub fn texts(&self) -> &[Area] {
        self.canvas.texts()
    }

    /// How many texts found no room; none at sensible sizes.
    pub fn texts_left_out(&self) -> usize {
        self.canvas.left_out()
    }

    /// The whole drawing.
    pub fn area(&self) -> Area {
        self.canvas.area()
    }
}

/// Lettering of marks and captions.
const SMALL: Lettering = Lettering { size: 12.0, bold: false, ink: Ink::Caption };
/// Lettering of direct labels.
const LABEL: Lettering = Lettering { size: 12.5, bold: false, ink: Ink::Text };

/// An empty sheet with its heading, if it is to have one, and the room that is left for the chart.
fn sheet(size: Size, title: &str, subtitle: &str) -> (Canvas, Area) {
    const MARGIN: f64 = 24.0;
    let mut canvas = Canvas::new(size.width, size.height);
    if !size.heading {
        return (canvas, Area { left: 0.0, top: 2.0, right: size.width, bottom: size.height - 2.0 });
    }
    let room = size.width - 2.0 * MARGIN;
    let lines = if size.width < 500.0 { 3 } else { 2 };
    let mut y = MARGIN;
    let bold = Lettering { size: 20.0, bold: true, ink: Ink::Text };
    for line in font::wrapped(title, bold.size, true, room, lines) {
        y += 20.0;
        canvas.text(&line, (MARGIN, y), Align::Left, bold);
        y += 6.0;
    }
    let quiet = Lettering { size: 13.5, ..SMALL };
    for line in font::wrapped(subtitle, quiet.size, false, room, lines) {
        y += 16.0;
        canvas.text(&line, (MARGIN, y), Align::Left, quiet);
        y += 3.0;
    }
    let area = Area { left: MARGIN, top: y + 18.0, right: size.width - MARGIN, bottom: size.height - MARGIN };
    (canvas, area)
}

/// A chart that has nothing to show says so.
fn empty(size: Size, title: &str, subtitle: &str) -> Chart {
    let (mut canvas, room) = sheet(size, title, subtitle);
    let middle = ((room.left + room.right) / 2.0, (room.top + room.bottom) / 2.0);
    let text = font::shortened("Nothing to show", LABEL.size, false, room.width());
    canvas.text(&text, middle, Align::Middle, Lettering { ink: Ink::Caption, ..LABEL });
    Chart { title: title.into(), subtitle: subtitle.into(), canvas }
}
