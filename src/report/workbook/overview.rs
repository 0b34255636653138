//! Sheets of the results themselves: answer, mixes, commitments, assumptions.

use super::sheet::{Looks, heading, number, widths};
use crate::report::answer::answer;
use crate::report::ranking::{named, ranked};
use crate::report::view::{duration, objective, verdict};
use crate::results::{Estimate, MixRecord, Results};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// The answer, what limits it, and what was simulated.
pub(super) fn summary(sheet: &mut Worksheet, looks: &Looks, results: &Results) -> Result<(), XlsxError> {
    sheet.set_name("Summary")?;
    widths(sheet, &[34.0, 100.0])?;
    let scenario = &results.scenario;
    sheet.write_with_format(0, 0, &scenario.name, &looks.title)?;
    let answer = answer(results);
    let mut rows = vec![("Answer", answer.text())];
    rows.extend(answer.caveats.into_iter().map(|caveat| ("Caveat", caveat)));
    rows.extend(results.warnings.iter().map(|warning| ("Warning", warning.clone())));
    let best = named(results, results.best.as_deref());
    rows.extend(best.map(|mix| {
        (
            "Invoice shown",
            format!(
                "replication {} of each mix, the one of median cost; of {}: {} {}",
                mix.named_replication.index, mix.name, mix.named_replication.total, results.currency
            ),
        )
    }));
    rows.extend([
        ("Objective", objective(&results.objective)),
        ("Baseline", results.baseline.clone().unwrap_or_else(|| "none".into())),
        ("Start", scenario.start.to_string()),
        ("Simulated time", duration(scenario.horizon_seconds)),
        ("Replications", scenario.replications.to_string()),
        ("Seed", scenario.seed.to_string()),
        ("Prices", results.prices.clone()),
        ("Currency", results.currency.to_string()),
        ("fleetmix", results.fleetmix_version.clone()),
    ]);
    for (row, (name, text)) in (2..).zip(rows) {
        sheet.write_with_format(row, 0, name, &looks.text)?;
        sheet.write_with_format(row, 1, text, &looks.wrapped)?;
    }
    Ok(())
}

type Pick = fn(&MixRecord) -> Estimate;

/// Every mix with the estimates that decide, and the ends of their intervals.
pub(super) fn mixes(sheet: &mut Worksheet, looks: &Looks, results: &Results) -> Result<(), XlsxError> {
    sheet.set_name("Mixes")?;
    let columns: [(&str, Pick, &Format); 10] = [
        ("Cost a month", |mix| mix.cost.per_month, &looks.money),
        ("Cost over the horizon", |mix| mix.cost.total, &looks.money),
        ("of which reserved", |mix| mix.cost.reserved, &looks.money),
        ("of which savings plans", |mix| mix.cost.savings_plan, &looks.money),
        ("of which spot", |mix| mix.cost.spot, &looks.money),
        ("of which on-demand", |mix| mix.cost.on_demand, &looks.money),
        ("Commitment unused", |mix| mix.cost.unused_commitment, &looks.money),
        ("p95, seconds", |mix| mix.latency_seconds.p95, &looks.seconds),
        ("Late", |mix| mix.late_share, &looks.share),
        ("Failed", |mix| mix.error_share, &looks.share),
    ];
    let ends = columns.map(|(name, _, _)| [format!("{name}, low"), format!("{name}, high")]);
    let mut names = vec!["Mix", "Notation", "Objective"];
    for ((name, _, _), [low, high]) in columns.iter().zip(&ends) {
        names.extend([name, low.as_str(), high.as_str()]);
    }
    widths(sheet, &[38.0, 38.0, 10.0])?;
    sheet.set_column_range_width(3, 2 + 3 * columns.len() as u16, 14)?;
    heading(sheet, looks, 0, &names)?;
    for (row, mix) in (1..).zip(ranked(results)) {
        for (column, text) in (0..).zip([mix.name.as_str(), &mix.mix, verdict(mix.objective_met)]) {
            sheet.write_with_format(row, column, text, &looks.text)?;
        }
        for (index, (_, pick, look)) in (0..).zip(&columns) {
            let estimate = pick(mix);
            let [low, high] = estimate.ci95.map_or([None, None], |ends| ends.map(Some));
            for (offset, value) in (0..).zip([Some(estimate.mean), low, high]) {
                number(sheet, (row, 3 + 3 * index + offset), value, look)?;
            }
        }
    }
    Ok(())
}

/// Every commitment of every mix.
pub(super) fn commitments(sheet: &mut Worksheet, looks: &Looks, results: &Results) -> Result<(), XlsxError> {
    sheet.set_name("Commitments")?;
    widths(sheet, &[38.0, 30.0, 8.0, 10.0, 8.0, 18.0, 14.0, 14.0, 14.0, 12.0, 14.0, 16.0, 14.0, 14.0])?;
    let names = [
        "Mix",
        "Commitment",
        "Count",
        "Owned before",
        "Term",
        "Payment",
        "Upfront, each",
        "By the hour, each",
        "An hour in all, each",
        "Used",
        "Pays from use of",
        "Upfront earned back, months",
        "Worth today, each",
        "Upfront earns a year",
    ];
    heading(sheet, looks, 0, &names)?;
    let all = ranked(results).into_iter().flat_map(|mix| mix.commitments.iter().map(move |one| (mix, one)));
    for (row, (mix, one)) in (1..).zip(all) {
        let owned = if one.owned { "yes" } else { "no" };
        sheet.write_with_format(row, 0, &mix.name, &looks.text)?;
        sheet.write_with_format(row, 1, &one.id, &looks.text)?;
        number(sheet, (row, 2), f64::from(one.count), &looks.number)?;
        let texts = [owned.to_string(), one.term.to_string(), one.payment.replace('_', " ")];
        for (column, text) in (3..).zip(texts) {
            sheet.write_with_format(row, column, text, &looks.text)?;
        }
        let figures: [(Option<f64>, &Format); 8] = [
            (Some(one.upfront), &looks.money),
            (Some(one.hourly), &looks.price),
            (Some(one.effective_hourly), &looks.price),
            (one.utilization, &looks.share),
            (one.break_even_utilization, &looks.share),
            (one.break_even_months, &looks.number),
            (one.net_present_value, &looks.money),
            (one.return_on_upfront, &looks.share),
        ];
        for (column, (value, look)) in (6..).zip(figures) {
            number(sheet, (row, column), value, look)?;
        }
    }
    Ok(())
}

/// What was assumed, the files that were read, and how to make the numbers again.
pub(super) fn assumptions(
    sheet: &mut Worksheet,
    looks: &Looks,
    results: &Results,
    command: &str,
) -> Result<(), XlsxError> {
    sheet.set_name("Assumptions")?;
    widths(sheet, &[26.0, 70.0, 12.0, 68.0])?;
    let varied = results.varied_between_replications.iter().map(|text| ("Varied between replications", text.as_str()));
    let assumed = results.assumptions.iter().map(|text| ("Assumption", text.as_str()));
    let mut row = 0;
    for (name, text) in assumed.chain(varied).chain([("Command", command)]) {
        sheet.write_with_format(row, 0, name, &looks.text)?;
        sheet.write_with_format(row, 1, text, &looks.wrapped)?;
        row += 1;
    }
    row += 1;
    for (column, name) in (0..).zip(["File used as", "File", "Rows", "SHA-256"]) {
        sheet.write_with_format(row, column, name, &looks.heading)?;
    }
    for (row, source) in (row + 1..).zip(&results.sources) {
        sheet.write_with_format(row, 0, &source.role, &looks.text)?;
        sheet.write_with_format(row, 1, &source.file, &looks.text)?;
        number(sheet, (row, 2), source.rows as f64, &looks.number)?;
        sheet.write_with_format(row, 3, &source.sha256, &looks.text)?;
    }
    Ok(())
}
