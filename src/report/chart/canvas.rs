//! A sheet to draw on, measured in pixels of the page; behind it stands plotters' SVG backend.
//!
//! Charts know only this type, so the backend can be replaced. The sheet remembers where text was put, so that
//! no two texts meet and none is cut off.

use super::markup::Markup;
pub(super) use super::stroke::Stroke;
use super::stroke::{SCALE, SvgLettering};
use super::theme::Ink;
use crate::report::font;
use plotters_backend::{BackendCoord, DrawingBackend};
use plotters_svg::SVGBackend;
use std::fmt::Write;

/// A rectangle in pixels, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Area {
    /// Whether two rectangles share more than an edge.
    pub fn meets(&self, other: &Area) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Whether the other rectangle lies inside.
    pub fn holds(&self, other: &Area) -> bool {
        self.left <= other.left && other.right <= self.right && self.top <= other.top && other.bottom <= self.bottom
    }

    /// From edge to edge, left to right.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// From edge to edge, top to bottom.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The rectangle with each edge moved out.
    pub fn grown(&self, by: f64) -> Area {
        Area { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }
}

/// Where a drawing's colours come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Written into the drawing, with its font and a white sheet: a picture that stands alone.
    Fixed,
    /// Variables of the page's style sheet, so that the drawing follows a dark page.
    OfThePage,
}

/// How a text stands to its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Begins there.
    Left,
    /// Is centred there.
    Middle,
    /// Ends there.
    Right,
}

/// The look of a text.
#[derive(Debug, Clone, Copy)]
pub struct Lettering {
    /// Size in pixels.
    pub size: f64,
    /// Whether it is semi-bold.
    pub bold: bool,
    /// Colour.
    pub ink: Ink,
}

impl Lettering {
    /// The width of a text in pixels.
    pub fn width(&self, text: &str) -> f64 {
        font::width(text, self.size, self.bold)
    }
}

/// The sheet.
pub struct Canvas {
    width: f64,
    height: f64,
    body: Markup,
    texts: Vec<Area>,
    left_out: usize,
    /// Attributes of the document for the page's script.
    attributes: String,
}

impl Canvas {
    /// An empty sheet of this size in pixels.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: Markup::default(), texts: Vec::new(), left_out: 0, attributes: String::new() }
    }

    /// The whole sheet.
    pub fn area(&self) -> Area {
        Area { left: 0.0, top: 0.0, right: self.width, bottom: self.height }
    }

    /// Draws through the backend and keeps the elements, without the document around them.
    fn draw(&mut self, action: impl FnOnce(&mut SVGBackend)) {
        let mut document = String::new();
        {
            let mut backend = SVGBackend::with_string(&mut document, (1, 1));
            action(&mut backend);
            backend.present().expect("drawing into memory does not fail");
        }
        let elements = document.split_once('\n').map_or("", |(_, rest)| rest);
        let elements = elements.trim_end().strip_suffix("</svg>").unwrap_or(elements);
        self.body.add(elements);
    }

    /// Draws into a window: what reaches beyond its edges is cut off, and the page's script can stretch it.
    pub fn window(&mut self, area: Area, draw: impl FnOnce(&mut Self)) {
        let [left, top, width, height] = units(area);
        let place = format!("x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"");
        let view = format!("viewBox=\"{left} {top} {width} {height}\" preserveAspectRatio=\"none\"");
        self.body.verbatim(&format!("<svg class=\"window\" {place} {view}>\n"));
        draw(self);
        self.body.verbatim("</svg>\n");
    }

    /// Draws into a group with a name that the page's script knows.
    pub fn group(&mut self, name: &str, draw: impl FnOnce(&mut Self)) {
        self.body.verbatim(&format!("<g class=\"{name}\">\n"));
        draw(self);
        self.body.verbatim("</g>\n");
    }

    /// Tells the page's script what the horizontal axis of a plot area counts, from one end to the other.
    pub fn tell_axis(&mut self, kind: &str, area: Area, ends: (f64, f64)) {
        let [left, top, width, height] = units(area);
        self.attributes += &format!(
            " data-kind=\"{kind}\" data-plot=\"{left} {top} {width} {height}\" data-x=\"{} {}\"",
            ends.0, ends.1
        );
    }

    /// Tells the page's script one thing more.
    pub fn tell(&mut self, name: &str, value: &str) {
        self.attributes += &format!(" data-{name}=\"{}\"", escaped(value));
    }

    /// Tells the page's script where points stand.
    pub fn tell_points(&mut self, kind: &str, points: &[(f64, f64)]) {
        let places: Vec<String> = points.iter().map(|at| unit(*at)).map(|(x, y)| format!("{x},{y}")).collect();
        self.attributes += &format!(" data-kind=\"{kind}\" data-points=\"{}\"", places.join(" "));
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink, width: f64) {
        self.path(&[from, to], Stroke { ink, width, opacity: 1.0 });
    }

    /// A line through points.
    pub fn path(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        let points = simplified(points);
        if points.len() > 1 {
            self.draw(|backend| backend.draw_path(points, &stroke).expect("drawing into memory does not fail"));
        }
    }

    /// A filled polygon.
    pub fn polygon(&mut self, points: &[(f64, f64)], ink: Ink, opacity: f64) {
        let points = simplified(points);
        let style = Stroke { ink, width: 0.0, opacity };
        if points.len() > 2 {
            self.draw(|backend| backend.fill_polygon(points, &style).expect("drawing into memory does not fail"));
        }
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, area: Area, ink: Ink, opacity: f64) {
        let style = Stroke { ink, width: 0.0, opacity };
        let (from, to) = (unit((area.left, area.top)), unit((area.right, area.bottom)));
        self.draw(|backend| backend.draw_rect(from, to, &style, true).expect("drawing into memory does not fail"));
    }

    /// A filled circle with a rim of the page's colour.
    pub fn dot(&mut self, centre: (f64, f64), radius: f64, ink: Ink) {
        for (ink, radius) in [(Ink::Surface, radius + 1.25), (ink, radius)] {
            let style = Stroke { ink, width: 0.0, opacity: 1.0 };
            let (centre, radius) = (unit(centre), (radius * SCALE).round() as u32);
            self.draw(|backend| {
                backend.draw_circle(centre, radius, &style, true).expect("drawing into memory does not fail")
            });
        }
    }

    /// A dot that stays round when its window is stretched.
    pub fn round_mark(&mut self, centre: (f64, f64), radius: f64, ink: Ink) {
        let ((x, y), width) = (unit(centre), (2.0 * radius * SCALE).round());
        let ink = ink.written();
        let look = format!(" class=\"mark\" stroke=\"{ink}\" stroke-width=\"{width}\" stroke-linecap=\"round\"");
        self.body.path(&look, &format!("M{x} {y}h0"));
    }

    /// A dashed line.
    pub fn dashes(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        let dash = 5.0;
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let at = |along: f64| {
            let share = (along / length).min(1.0);
            (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
        };
        for step in 0..(length / (2.0 * dash)).clamp(0.0, 2000.0) as u32 {
            let along = 2.0 * dash * f64::from(step);
            self.path(&[at(along), at(along + dash)], stroke);
        }
    }

    /// A text whose baseline passes through the position.
    ///
    /// Where the sheet is so small that the text would meet another or be cut off, it is left out: a missing mark is
    /// better than one that cannot be read.
    pub fn text(&mut self, text: &str, at: (f64, f64), align: Align, lettering: Lettering) {
        let space = text_area(text, at, align, lettering);
        if text.is_empty() || space.left.is_nan() || space.top.is_nan() {
            return;
        }
        if !self.area().holds(&space) || self.texts.iter().any(|other| other.meets(&space)) {
            self.left_out += 1;
            return;
        }
        self.texts.push(space);
        let style = SvgLettering { lettering, align };
        self.draw(|backend| backend.draw_text(text, &style, unit(at)).expect("drawing into memory does not fail"));
    }

    /// Where text was put.
    pub fn texts(&self) -> &[Area] {
        &self.texts
    }

    /// How many texts found no room.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The document, with a description for those who cannot see it.
    pub fn document(&self, description: &str, colours: Colours) -> String {
        let mut body = self.body.text().to_string();
        for ink in Ink::ALL.into_iter().filter(|_| colours == Colours::OfThePage) {
            let written = ink.written();
            for attribute in ["fill", "stroke"] {
                let variable = format!("{attribute}=\"var(--{})\"", ink.variable());
                body = body.replace(&format!("{attribute}=\"{written}\""), &variable);
            }
        }
        let mut document = String::new();
        let (width, height) = (self.width * SCALE, self.height * SCALE);
        let description = escaped(description);
        let attributes = match colours {
            Colours::OfThePage => self.attributes.clone(),
            Colours::Fixed => format!(" font-family=\"{}\"", escaped(font::FAMILY)),
        };
        let sheet = match colours {
            Colours::Fixed => format!(
                "<style>{}</style>\n<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
                font::face_rules(),
                Ink::Surface.written()
            ),
            Colours::OfThePage => String::new(),
        };
        write!(
            document,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{description}\"{attributes}>\n{sheet}{body}</svg>"
        )
        .expect("writing into a string does not fail");
        document
    }
}

/// The space that a text takes.
pub fn text_area(text: &str, at: (f64, f64), align: Align, lettering: Lettering) -> Area {
    let width = lettering.width(text);
    let left = match align {
        Align::Left => at.0,
        Align::Middle => at.0 - width / 2.0,
        Align::Right => at.0 - width,
    };
    // Inter's ascent of capitals is 0.73 em; descenders reach 0.2 em below.
    Area { left, top: at.1 - 0.78 * lettering.size, right: left + width, bottom: at.1 + 0.22 * lettering.size }
}

/// The text with the characters that mean something in XML replaced.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Left edge, upper edge, width and height in the backend's units.
fn units(area: Area) -> [i32; 4] {
    let ((left, top), (right, bottom)) = (unit((area.left, area.top)), unit((area.right, area.bottom)));
    [left, top, right - left, bottom - top]
}

/// Pixels in the backend's units; what is not a number or far off the sheet is brought to its edge.
fn unit(point: (f64, f64)) -> BackendCoord {
    let one = |value: f64| if value.is_nan() { 0 } else { (value * SCALE).round().clamp(-1e6, 1e6) as i32 };
    (one(point.0), one(point.1))
}

/// The points in the backend's units without those that change nothing: repeated ones and those on a straight run.
fn simplified(points: &[(f64, f64)]) -> Vec<BackendCoord> {
    let mut kept: Vec<BackendCoord> = Vec::with_capacity(points.len());
    for point in points.iter().map(|point| unit(*point)) {
        if kept.last() == Some(&point) {
            continue;
        }
        if let [.., before, last] = kept[..] {
            let between = |a: i32, b: i32, c: i32| (a <= b && b <= c) || (a >= b && b >= c);
            let level = before.1 == last.1 && last.1 == point.1 && between(before.0, last.0, point.0);
            let upright = before.0 == last.0 && last.0 == point.0 && between(before.1, last.1, point.1);
            if level || upright {
                kept.pop();
            }
        }
        kept.push(point);
    }
    kept
}
