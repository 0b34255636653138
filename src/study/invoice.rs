//! Tariffs of candidates, and the charges of their named replications, one by one.

use super::replicate::{Outcome, Prepared};
use crate::billing::focus::{
    COLUMNS, ChargeCategory, CommitmentStatus, Context, FocusRow, PricingCategory, by_day, rows,
};
use crate::billing::{Tariff, invoice};
use crate::input::{Candidate, LoadedScenario};
use crate::market::PricePath;
use crate::results::{ChargedAs, InvoiceLine, MixInvoice, MixRecord, charges_header, charges_rows};
use crate::units::{Duration, Instant, Money};
use jiff::tz::TimeZone;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Longer horizons have charges by the day: a year by the hour would be files of gigabytes.
const LONGEST_BY_THE_HOUR: Duration = Duration::from_secs(62 * 86_400);

/// The tariff of a candidate in a replication with these prices of its markets.
pub(super) fn tariff(candidate: &Candidate, markets: &[Arc<PricePath>]) -> Tariff {
    Tariff::new(&candidate.scenario, &candidate.prices, &candidate.mix, markets)
}

/// `charges.csv`, the charges of each mix's named replication as FOCUS rows, and their sums by month and item. Mixes, outcomes, records
/// and the prices of the named replications are in one order.
pub(super) fn charges(
    input: &LoadedScenario,
    mixes: &[Prepared],
    outcomes: &[Vec<Outcome>],
    records: &[MixRecord],
    prices: &[Vec<Arc<PricePath>>],
) -> (String, Vec<MixInvoice>) {
    let header: Vec<(&str, bool)> = COLUMNS.iter().map(|column| (column.name, column.named)).collect();
    let of_mixes = mixes.par_iter().zip(outcomes).zip(records).zip(prices);
    let (texts, invoices): (Vec<String>, Vec<MixInvoice>) = of_mixes
        .map(|(((mix, outcomes), record), prices)| {
            let replication = record.named_replication.index;
            let candidate = mix.candidate;
            let tariff = tariff(candidate, prices);
            let usage = &outcomes[replication as usize].run.usage;
            let context = Context {
                account: input.scenario.name.clone(),
                mix: candidate.name.clone(),
                replication,
                currency: candidate.prices.currency,
                start: tariff.start,
            };
            let mut rows = rows(&invoice(usage, &tariff), usage, &tariff);
            if input.scenario.clock.horizon > LONGEST_BY_THE_HOUR {
                rows = by_day(rows, tariff.start);
            }
            let invoice =
                MixInvoice { mix: candidate.name.clone(), replication, lines: lines(&rows, &tariff, tariff.start) };
            (charges_rows(&header, rows.into_iter().map(|row| row.cells(&context))), invoice)
        })
        .unzip();
    (charges_header(&header) + &texts.concat(), invoices)
}

/// The rows by month and item: every amount is the sum of its rows, so totals stay exact.
fn lines(rows: &[FocusRow], tariff: &Tariff, start: Instant) -> Vec<InvoiceLine> {
    let owned: HashSet<&str> = tariff.commitments.iter().filter(|one| one.owned).map(|one| one.id.as_str()).collect();
    let mut lines: Vec<InvoiceLine> = Vec::new();
    let mut places: HashMap<(String, &str), usize> = HashMap::new();
    for row in rows {
        let begins = (start + row.start.since_start()).timestamp().to_zoned(TimeZone::UTC);
        let month = begins.strftime("%Y-%m").to_string();
        let place = *places.entry((month.clone(), &row.description)).or_insert_with(|| {
            lines.push(InvoiceLine {
                month,
                item: row.description.clone(),
                option: charged_as(row),
                owned: row.commitment.as_ref().is_some_and(|one| owned.contains(one.id.as_str())),
                quantity: Money::ZERO,
                unit: row.pricing_quantity.map_or("", |quantity| quantity.unit).to_string(),
                amortised: Money::ZERO,
                billed: Money::ZERO,
                list: Money::ZERO,
            });
            lines.len() - 1
        });
        let line = &mut lines[place];
        line.quantity += row.pricing_quantity.map_or(Money::ZERO, |quantity| Money::from_nano(quantity.nano));
        line.amortised += row.effective;
        line.billed += row.billed;
        line.list += at_list_price(row);
    }
    lines.sort_by(|a, b| a.month.cmp(&b.month));
    lines
}

fn charged_as(row: &FocusRow) -> ChargedAs {
    match (&row.commitment, row.pricing) {
        (Some(commitment), _) if commitment.spend => ChargedAs::SavingsPlan,
        (Some(_), _) => ChargedAs::Reserved,
        (None, Some(PricingCategory::Dynamic)) => ChargedAs::Spot,
        (None, _) => ChargedAs::OnDemand,
    }
}

/// What the usage of a row costs on-demand; purchases and what nobody used are no usage.
fn at_list_price(row: &FocusRow) -> Money {
    let unused = row.commitment.as_ref().is_some_and(|one| one.status == Some(CommitmentStatus::Unused));
    if row.category == ChargeCategory::Usage && !unused { row.list } else { Money::ZERO }
}
