//! Instance-hours of a bill by type, zone and clock hour.

use super::{Bill, BillSelection, Paid, read_bill};
use crate::input::{Diagnostic, Problem};
use crate::units::Instant;
use std::collections::BTreeMap;
use std::path::Path;

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;
/// Most hours between the first and the last row: ten years.
const MOST_HOURS: i64 = 87_672;

/// What ran in each whole clock hour of a bill.
#[derive(Debug, Clone, PartialEq)]
pub struct BilledHours {
    /// The file.
    pub bill: Bill,
    /// Beginning of the first hour.
    pub start: Instant,
    /// Instances by type and zone, on the mean of each hour.
    pub instances: BTreeMap<(String, String), Vec<f64>>,
    /// Instance-hours by how they were paid, those that were left out included.
    pub by_payment: BTreeMap<Paid, f64>,
    /// Rows that cover more than an hour: within them instances were spread evenly.
    pub spread: u64,
}

impl BilledHours {
    /// Gathers the hours of a bill: those on-demand, and those that commitments covered if they count. Spot is left out, since no
    /// commitment covers it (RULES R26, R30).
    ///
    /// # Errors
    /// If the bill cannot be read, or holds no whole clock hour of such usage.
    pub fn read(file: &Path, selection: &BillSelection, covered: bool) -> Result<Self, Diagnostic> {
        let mut rows: BTreeMap<(String, String), BTreeMap<i64, f64>> = BTreeMap::new();
        let mut by_payment: BTreeMap<Paid, f64> = BTreeMap::new();
        let mut spread = 0;
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let mut too_long = false;
        let bill = read_bill(file, selection, |charge| {
            if charge.hours == 0.0 {
                return;
            }
            *by_payment.entry(charge.paid).or_default() += charge.hours;
            (first, last) = (first.min(charge.start), last.max(charge.end));
            let counts =
                charge.paid == Paid::OnDemand || covered && matches!(charge.paid, Paid::Reserved | Paid::SavingsPlan);
            too_long |= last.saturating_sub(first) > MOST_HOURS * HOUR;
            if !counts || too_long {
                return;
            }
            // Stamps are rounded to seconds.
            spread += u64::from(charge.end - charge.start > HOUR + 2 * SECOND);
            let place = rows.entry((charge.instance_type, charge.zone)).or_default();
            let length = (charge.end - charge.start) as f64;
            let mut from = charge.start;
            while from < charge.end {
                let hour = from.div_euclid(HOUR);
                let until = charge.end.min((hour + 1) * HOUR);
                *place.entry(hour).or_default() += charge.hours * (until - from) as f64 / length;
                from = until;
            }
        })?;
        let wrong = |message: &str| Diagnostic::without_text(file.to_string_lossy(), Problem::new(message));
        if too_long {
            return Err(wrong("the rows cover more than ten years"));
        }
        let whole = first.saturating_add(HOUR - 1).div_euclid(HOUR)..last.div_euclid(HOUR);
        if rows.is_empty() || whole.is_empty() {
            return Err(wrong(
                "the bill has no whole clock hour of on-demand usage, which is what commitments are applied to",
            ));
        }
        let start = Instant::from_unix_seconds(whole.start * 3600);
        let start = start.ok_or_else(|| wrong("the first row is outside the calendar"))?;
        let of = |hours: BTreeMap<i64, f64>| -> Vec<f64> {
            whole.clone().map(|hour| hours.get(&hour).copied().unwrap_or(0.0).max(0.0)).collect()
        };
        let instances = rows.into_iter().map(|(place, hours)| (place, of(hours))).collect();
        Ok(Self { bill, start, instances, by_payment, spread })
    }
}
