//! How cells look, and rows of them.

use crate::units::Currency;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

/// Formats of cells.
pub(super) struct Looks {
    pub(super) title: Format,
    pub(super) heading: Format,
    pub(super) text: Format,
    pub(super) wrapped: Format,
    /// To the cent.
    pub(super) money: Format,
    /// To the cent, in bold under a line.
    pub(super) total: Format,
    /// A price of an hour.
    pub(super) price: Format,
    pub(super) number: Format,
    pub(super) share: Format,
    pub(super) seconds: Format,
}

impl Looks {
    pub(super) fn new(currency: Currency) -> Self {
        let base = || Format::new().set_font_name("Calibri").set_font_size(11).set_align(FormatAlign::Top);
        let unit = if currency == Currency::USD { "$".to_string() } else { format!("\"{currency}\" ") };
        let cents = format!("{unit}#,##0.00;[Red]-{unit}#,##0.00");
        Self {
            title: base().set_bold().set_font_size(14),
            heading: base()
                .set_bold()
                .set_text_wrap()
                .set_background_color(Color::RGB(0xEE_F2_F6))
                .set_border_bottom(FormatBorder::Thin),
            text: base(),
            wrapped: base().set_text_wrap(),
            money: base().set_num_format(&cents),
            total: base().set_bold().set_num_format(&cents).set_border_top(FormatBorder::Thin),
            price: base().set_num_format(format!("{unit}#,##0.000000")),
            number: base().set_num_format("#,##0.##"),
            share: base().set_num_format("0.00%"),
            seconds: base().set_num_format("0.000"),
        }
    }
}

/// Writes a heading row, and keeps it in sight.
pub(super) fn heading(sheet: &mut Worksheet, looks: &Looks, row: u32, names: &[&str]) -> Result<(), XlsxError> {
    for (column, name) in (0..).zip(names) {
        sheet.write_with_format(row, column, *name, &looks.heading)?;
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    Ok(())
}

/// Sets the widths of columns, in characters.
pub(super) fn widths(sheet: &mut Worksheet, widths: &[f64]) -> Result<(), XlsxError> {
    (0..).zip(widths).try_for_each(|(column, width)| sheet.set_column_width(column, *width).map(|_| ()))
}

/// Writes a number; what is none leaves its cell empty.
pub(super) fn number(
    sheet: &mut Worksheet,
    at: (u32, u16),
    value: impl Into<Option<f64>>,
    look: &Format,
) -> Result<(), XlsxError> {
    match value.into().filter(|value| value.is_finite()) {
        Some(value) => sheet.write_number_with_format(at.0, at.1, value, look).map(|_| ()),
        None => sheet.write_blank(at.0, at.1, look).map(|_| ()),
    }
}
