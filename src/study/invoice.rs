//! Tariffs of candidates, and the charges of their named replications, one by one.

use super::replicate::{Outcome, Prepared};
use crate::billing::focus::{COLUMNS, Context, by_day, rows};
use crate::billing::{Tariff, invoice};
use crate::input::{Candidate, LoadedScenario};
use crate::market::PricePath;
use crate::results::{MixRecord, charges_header, charges_rows};
use crate::units::Duration;
use rayon::prelude::*;
use std::sync::Arc;

/// Longer horizons have charges by the day: a year by the hour would be files of gigabytes.
const LONGEST_BY_THE_HOUR: Duration = Duration::from_secs(62 * 86_400);

/// The tariff of a candidate in a replication with these prices of its markets.
pub(super) fn tariff(candidate: &Candidate, markets: &[Arc<PricePath>]) -> Tariff {
    Tariff::new(&candidate.scenario, &candidate.prices, &candidate.mix, markets)
}

/// `charges.csv`: the charges of each mix's named replication as FOCUS rows. Mixes, outcomes, records and the prices of the named
/// replications are in one order.
pub(super) fn charges(
    input: &LoadedScenario,
    mixes: &[Prepared],
    outcomes: &[Vec<Outcome>],
    records: &[MixRecord],
    prices: &[Vec<Arc<PricePath>>],
) -> String {
    let header: Vec<(&str, bool)> = COLUMNS.iter().map(|column| (column.name, column.named)).collect();
    let of_mixes = mixes.par_iter().zip(outcomes).zip(records).zip(prices);
    let texts: Vec<String> = of_mixes
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
            charges_rows(&header, rows.into_iter().map(|row| row.cells(&context)))
        })
        .collect();
    charges_header(&header) + &texts.concat()
}
