//! The one palette of all charts: told apart by colour-blind readers and in grey.

use plotters::style::RGBColor;

/// What a mark means; the meaning decides the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Reserved instances.
    Reserved,
    /// Spot instances.
    Spot,
    /// On-demand instances.
    OnDemand,
    /// Late requests, limits, interruptions.
    Problem,
    /// The series that the reader should look at.
    Accent,
    /// What stands back.
    Muted,
    /// Words and numbers.
    Text,
    /// Words and numbers of less weight.
    Caption,
    /// Hairlines of the grid.
    Grid,
    /// The base line of an axis.
    Axis,
    /// The page behind the chart.
    Surface,
}

impl Ink {
    /// Every ink, in the order of the style sheet.
    pub const ALL: [Ink; 11] = [
        Ink::Reserved,
        Ink::Spot,
        Ink::OnDemand,
        Ink::Problem,
        Ink::Accent,
        Ink::Muted,
        Ink::Text,
        Ink::Caption,
        Ink::Grid,
        Ink::Axis,
        Ink::Surface,
    ];

    /// The name of the style sheet's variable, without the leading dashes.
    pub const fn variable(self) -> &'static str {
        match self {
            Ink::Reserved => "reserved",
            Ink::Spot => "spot",
            Ink::OnDemand => "on-demand",
            Ink::Problem => "problem",
            Ink::Accent => "accent",
            Ink::Muted => "muted",
            Ink::Text => "text",
            Ink::Caption => "caption",
            Ink::Grid => "grid",
            Ink::Axis => "axis",
            Ink::Surface => "surface",
        }
    }

    /// The colour on a light page. No two inks share one, so that a drawn colour names its ink.
    pub const fn light(self) -> u32 {
        match self {
            Ink::Reserved => 0x2D_5D_8A,
            Ink::Spot => 0x6B_A5_A0,
            Ink::OnDemand => 0xE0_A0_40,
            Ink::Problem => 0xB8_3A_3A,
            Ink::Accent => 0x2C_5C_89,
            Ink::Muted => 0xA0_A6_AE,
            Ink::Text => 0x1F_23_28,
            Ink::Caption => 0x59_63_6E,
            Ink::Grid => 0xE4_E7_EA,
            Ink::Axis => 0x7A_86_94,
            Ink::Surface => 0xFF_FF_FF,
        }
    }

    /// The colour on a dark page.
    pub const fn dark(self) -> u32 {
        match self {
            Ink::Reserved => 0x4C_86_BF,
            Ink::Spot => 0x7C_C4_BC,
            Ink::OnDemand => 0xE8_B2_5C,
            Ink::Problem => 0xF0_7B_72,
            Ink::Accent => 0x6F_AE_E8,
            Ink::Muted => 0x6C_76_82,
            Ink::Text => 0xE8_EB_EE,
            Ink::Caption => 0xA3_AD_B8,
            Ink::Grid => 0x2B_32_3A,
            Ink::Axis => 0x75_80_8C,
            Ink::Surface => 0x14_18_1D,
        }
    }

    pub(super) fn rgb(self) -> RGBColor {
        let [_, red, green, blue] = self.light().to_be_bytes();
        RGBColor(red, green, blue)
    }

    /// The colour as plotters writes it into an SVG document.
    pub(super) fn written(self) -> String {
        format!("#{:06X}", self.light())
    }
}

/// Declarations of the palette for a style sheet, light or dark.
pub fn declarations(dark: bool) -> String {
    let line = |ink: &Ink| {
        let colour = if dark { ink.dark() } else { ink.light() };
        format!("--{}:#{colour:06X};", ink.variable())
    };
    Ink::ALL.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: u32) -> f64 {
        let channel = |byte: u8| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let [_, red, green, blue] = colour.to_be_bytes();
        0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn no_two_inks_share_a_colour() {
        for (index, ink) in Ink::ALL.iter().enumerate() {
            assert!(Ink::ALL[index + 1..].iter().all(|other| other.light() != ink.light()), "{ink:?}");
        }
    }

    #[test]
    fn words_have_the_contrast_that_wcag_asks_for() {
        for ink in [Ink::Text, Ink::Caption, Ink::Problem] {
            assert!(contrast(ink.light(), Ink::Surface.light()) >= 4.5, "{ink:?} light");
            assert!(contrast(ink.dark(), Ink::Surface.dark()) >= 4.5, "{ink:?} dark");
        }
    }

    #[test]
    fn purchase_options_differ_in_grey() {
        for dark in [false, true] {
            let grey = |ink: Ink| luminance(if dark { ink.dark() } else { ink.light() });
            assert!(grey(Ink::Spot) - grey(Ink::Reserved) > 0.12);
            assert!((grey(Ink::OnDemand) - grey(Ink::Spot)).abs() > 0.02);
        }
    }
}
