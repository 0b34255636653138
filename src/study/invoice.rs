//! Tariffs of candidates, and the charges of their named replications, one by one.

use super::paths::Sampling;
use super::replicate::{Outcome, Prepared};
use crate::billing::focus::{COLUMNS, Context, rows};
use crate::billing::{Tariff, invoice};
use crate::input::{Candidate, LoadedScenario};
use crate::market::PricePath;
use crate::results::{MixRecord, charges_csv};
use std::sync::Arc;

/// The tariff of a candidate in a replication with these prices of its markets.
pub(super) fn tariff(candidate: &Candidate, markets: &[Arc<PricePath>]) -> Tariff {
    Tariff::new(&candidate.scenario, &candidate.prices, &candidate.mix, markets)
}

/// `charges.csv`: the charges of each mix's named replication as FOCUS rows. Mixes, outcomes and records are in one order.
pub(super) fn charges(
    input: &LoadedScenario,
    sampling: &Sampling,
    mixes: &[Prepared],
    outcomes: &[Vec<Outcome>],
    records: &[MixRecord],
) -> String {
    let header: Vec<(&str, bool)> = COLUMNS.iter().map(|column| (column.name, column.named)).collect();
    let rows = mixes.iter().zip(outcomes).zip(records).flat_map(|((mix, outcomes), record)| {
        let replication = record.named_replication.index;
        let candidate = mix.candidate;
        let tariff = tariff(candidate, &sampling.price_paths(candidate, replication));
        let usage = &outcomes[replication as usize].run.usage;
        let context = Context {
            account: input.scenario.name.clone(),
            mix: candidate.name.clone(),
            replication,
            currency: candidate.prices.currency,
            start: tariff.start,
        };
        let rows = rows(&invoice(usage, &tariff), usage, &tariff);
        rows.into_iter().map(move |row| row.cells(&context).into_iter())
    });
    charges_csv(&header, rows)
}
