//! The invoice, line by line, and the totals that formulas make of it.

use super::sheet::{Looks, heading, number, widths};
use crate::results::{InvoiceLine, MixInvoice, Results};
use crate::units::Money;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

/// Name of the sheet of lines.
const INVOICE: &str = "Invoice";
/// The format has no more rows than this.
const MOST_ROWS: usize = 1_000_000;

/// A line of the invoice and its mix.
pub(super) struct PlacedLine<'a> {
    mix: &'a MixInvoice,
    line: &'a InvoiceLine,
}

/// The lines of all mixes in the order of the sheet, as many as fit into one.
pub(super) fn place_lines(invoices: &[MixInvoice]) -> Vec<PlacedLine<'_>> {
    let of = |mix| {
        let invoice: &MixInvoice = mix;
        invoice.lines.iter().map(move |line| PlacedLine { mix: invoice, line })
    };
    invoices.iter().flat_map(of).take(MOST_ROWS).collect()
}

/// Every line; the price of a unit is a formula.
pub(super) fn invoice(sheet: &mut Worksheet, looks: &Looks, lines: &[PlacedLine]) -> Result<(), XlsxError> {
    sheet.set_name(INVOICE)?;
    widths(sheet, &[38.0, 12.0, 10.0, 46.0, 14.0, 10.0, 14.0, 14.0, 16.0, 16.0, 16.0, 14.0])?;
    let names = [
        "Mix",
        "Replication",
        "Month (UTC)",
        "Item",
        "Bought as",
        "Owned before",
        "Quantity",
        "Unit",
        "Amortised",
        "Billed",
        "At on-demand prices",
        "Amortised a unit",
    ];
    heading(sheet, looks, 0, &names)?;
    for (row, PlacedLine { mix, line }) in (1..).zip(lines) {
        sheet.write_with_format(row, 0, &mix.mix, &looks.text)?;
        number(sheet, (row, 1), f64::from(mix.replication), &looks.number)?;
        let texts = [line.month.as_str(), &line.item, line.option.words(), if line.owned { "yes" } else { "no" }];
        for (column, text) in (2..).zip(texts) {
            sheet.write_with_format(row, column, text, &looks.text)?;
        }
        number(sheet, (row, 6), Some(line.quantity.to_f64()).filter(|quantity| *quantity != 0.0), &looks.number)?;
        sheet.write_with_format(row, 7, &line.unit, &looks.text)?;
        for (column, amount) in (8..).zip([line.amortised, line.billed, line.list]) {
            number(sheet, (row, column), amount.to_f64(), &looks.money)?;
        }
        if line.quantity != Money::ZERO {
            let price = line.amortised.to_f64() / line.quantity.to_f64();
            let formula = Formula::new(format!("=I{0}/G{0}", row + 1)).set_result(price.to_string());
            sheet.write_formula_with_format(row, 11, formula, &looks.price)?;
        }
    }
    if !lines.is_empty() {
        sheet.autofilter(0, 0, lines.len() as u32, 11)?;
    }
    Ok(())
}

/// For each mix and month what the lines come to, and whether that is what the results say.
pub(super) fn totals(
    sheet: &mut Worksheet,
    looks: &Looks,
    results: &Results,
    lines: &[PlacedLine],
) -> Result<(), XlsxError> {
    sheet.set_name("Totals")?;
    widths(sheet, &[38.0, 12.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 18.0, 14.0])?;
    let names = [
        "Mix",
        "Month (UTC)",
        "Reserved",
        "Savings plan",
        "Spot",
        "On-demand",
        "Amortised, total",
        "Billed, total",
        "Owned before, amortised",
        "Total by results.json",
        "Difference",
    ];
    heading(sheet, looks, 0, &names)?;
    let mut row = 1;
    for of_mix in lines.chunk_by(|a, b| a.mix.mix == b.mix.mix) {
        let invoice = of_mix[0].mix;
        let first = row;
        for month in invoice.months() {
            sheet.write_with_format(row, 0, &invoice.mix, &looks.text)?;
            sheet.write_with_format(row, 1, month, &looks.text)?;
            month_row(sheet, looks, row, lines.len(), (invoice, month))?;
            row += 1;
        }
        sheet.write_with_format(row, 0, &invoice.mix, &looks.total)?;
        sheet.write_with_format(row, 1, "all", &looks.total)?;
        let sums = [
            by_option(invoice, None, "Reserved"),
            by_option(invoice, None, "Savings plan"),
            by_option(invoice, None, "Spot"),
            by_option(invoice, None, "On-demand"),
            invoice.sum(false, |line| line.amortised),
            invoice.sum(false, |line| line.billed),
            invoice.sum(true, |line| line.amortised),
        ];
        for ((column, letter), sum) in (2..).zip('C'..='I').zip(sums) {
            let formula = format!("=SUM({letter}{}:{letter}{row})", first + 1);
            write(sheet, looks, (row, column), &formula, sum, true)?;
        }
        check(sheet, looks, row, results, invoice)?;
        row += 2;
    }
    Ok(())
}

/// The total by the results, and what the formulas differ from it.
fn check(
    sheet: &mut Worksheet,
    looks: &Looks,
    row: u32,
    results: &Results,
    invoice: &MixInvoice,
) -> Result<(), XlsxError> {
    let record = results.mixes.iter().find(|mix| mix.name == invoice.mix);
    let Some(total) = record.and_then(|mix| mix.named_replication.total.parse::<f64>().ok()) else { return Ok(()) };
    number(sheet, (row, 9), total, &looks.total)?;
    let difference = invoice.sum(false, |line| line.amortised).to_f64() - total;
    let formula = Formula::new(format!("=ROUND(G{0}-J{0},2)", row + 1)).set_result(format!("{:.2}", difference + 0.0));
    sheet.write_formula_with_format(row, 10, formula, &looks.total)?;
    Ok(())
}

fn by_option(invoice: &MixInvoice, month: Option<&str>, option: &str) -> Money {
    let counts = |line: &&InvoiceLine| {
        !line.owned && line.option.words() == option && month.is_none_or(|month| line.month == month)
    };
    invoice.lines.iter().filter(counts).map(|line| line.amortised).sum()
}

fn month_row(
    sheet: &mut Worksheet,
    looks: &Looks,
    row: u32,
    lines: usize,
    (invoice, month): (&MixInvoice, &str),
) -> Result<(), XlsxError> {
    let of = |letter: char| format!("{INVOICE}!${letter}$2:${letter}${}", lines + 1);
    let here = row + 1;
    let sum = |of_column: char, criteria: &str| {
        format!("=SUMIFS({},{},$A{here},{},$B{here}{criteria})", of(of_column), of('A'), of('C'))
    };
    for (column, name) in (2..).zip(["Reserved", "Savings plan", "Spot", "On-demand"]) {
        let formula = sum('I', &format!(",{},\"{name}\",{},\"no\"", of('E'), of('F')));
        write(sheet, looks, (row, column), &formula, by_option(invoice, Some(month), name), false)?;
    }
    let lines_of = |owned: bool, column: fn(&InvoiceLine) -> Money| -> Money {
        invoice.lines.iter().filter(|line| line.month == month && line.owned == owned).map(column).sum()
    };
    let amortised = lines_of(false, |line| line.amortised);
    write(sheet, looks, (row, 6), &format!("=SUM(C{here}:F{here})"), amortised, false)?;
    let owned = |word: &str| format!(",{},\"{word}\"", of('F'));
    write(sheet, looks, (row, 7), &sum('J', &owned("no")), lines_of(false, |line| line.billed), false)?;
    write(sheet, looks, (row, 8), &sum('I', &owned("yes")), lines_of(true, |line| line.amortised), false)
}

/// A formula with the amount that it comes to.
fn write(
    sheet: &mut Worksheet,
    looks: &Looks,
    at: (u32, u16),
    formula: &str,
    amount: Money,
    total: bool,
) -> Result<(), XlsxError> {
    let formula = Formula::new(formula).set_result(amount.to_string());
    let look = if total { &looks.total } else { &looks.money };
    sheet.write_formula_with_format(at.0, at.1, formula, look).map(|_| ())
}
