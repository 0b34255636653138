//! Lines and letters in the words of the plotters backend.

use super::canvas::{Align, Lettering};
use super::theme::Ink;
use crate::report::font;
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, FontFamily, FontStyle, FontTransform,
};
use std::convert::Infallible;

/// Units of the drawing per pixel: the backend counts in whole units, and a quarter of a pixel is fine enough.
pub(super) const SCALE: f64 = 4.0;

/// The look of a line.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// Colour.
    pub ink: Ink,
    /// Width in pixels.
    pub width: f64,
    /// From 0, invisible, to 1.
    pub opacity: f64,
}

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        let colour = self.ink.rgb();
        BackendColor { alpha: self.opacity, rgb: (colour.0, colour.1, colour.2) }
    }
    fn stroke_width(&self) -> u32 {
        (self.width * SCALE).round() as u32
    }
}

/// The look of a text.
pub(super) struct SvgLettering {
    pub(super) lettering: Lettering,
    pub(super) align: Align,
}

impl BackendTextStyle for SvgLettering {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        Stroke { ink: self.lettering.ink, width: 0.0, opacity: 1.0 }.color()
    }
    fn size(&self) -> f64 {
        // The backend divides by 1.24 to go from a line's height to the size of its letters.
        self.lettering.size * SCALE * 1.24
    }
    fn transform(&self) -> FontTransform {
        FontTransform::None
    }
    fn style(&self) -> FontStyle {
        if self.lettering.bold { FontStyle::Bold } else { FontStyle::Normal }
    }
    fn anchor(&self) -> Pos {
        let across = match self.align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        Pos::new(across, VPos::Center)
    }
    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(font::FAMILY)
    }
    fn layout_box(&self, _text: &str) -> Result<((i32, i32), (i32, i32)), Infallible> {
        Ok(((0, 0), (0, 0)))
    }
    fn draw<E, DrawFunc: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _text: &str,
        _at: BackendCoord,
        _draw: DrawFunc,
    ) -> Result<Result<(), E>, Infallible> {
        Ok(Ok(()))
    }
}
