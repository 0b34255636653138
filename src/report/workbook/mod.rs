//! `workbook.xlsx`: the study as a spreadsheet that adds up by itself.
//!
//! Totals are live formulas over the lines of the invoice, with the value that they come to stored beside them; a row checks them
//! against the results.

mod invoice;
mod overview;
mod sheet;

use crate::results::{Results, StoredReport};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use sheet::Looks;

/// The workbook's bytes: the same for the same results.
///
/// # Errors
/// If a text or a sheet is larger than the format allows.
pub fn workbook(results: &Results, stored: &StoredReport) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let looks = Looks::new(results.currency);
    // The moment of writing would make each file another one.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let title = format!("{}: fleetmix", results.scenario.name);
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    let lines = invoice::place_lines(&stored.invoices);
    overview::summary(book.add_worksheet(), &looks, results)?;
    overview::mixes(book.add_worksheet(), &looks, results)?;
    invoice::totals(book.add_worksheet(), &looks, results, &lines)?;
    invoice::invoice(book.add_worksheet(), &looks, &lines)?;
    overview::commitments(book.add_worksheet(), &looks, results)?;
    overview::assumptions(book.add_worksheet(), &looks, results, &stored.command)?;
    book.save_to_buffer()
}
