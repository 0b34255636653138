//! Rows of days instead of hours, for long horizons.

use super::{FocusRow, Quantity};
use crate::units::{Duration, Instant, Money, SimTime};
use std::collections::HashMap;

/// Merges rows that differ in their time and amounts only and begin on one day (UTC): every amount and quantity is the sum, so totals
/// stay exact. `start` is the start of simulated time.
pub fn by_day(rows: Vec<FocusRow>, start: Instant) -> Vec<FocusRow> {
    let mut days: Vec<FocusRow> = Vec::new();
    let mut places: HashMap<FocusRow, usize> = HashMap::new();
    for row in rows {
        match places.get(&alike(&row, start)) {
            Some(place) => add(&mut days[*place], row),
            None => {
                places.insert(alike(&row, start), days.len());
                days.push(row);
            }
        }
    }
    days
}

/// What rows that can be merged have in common: the row without amounts, at the beginning of its day.
fn alike(row: &FocusRow, start: Instant) -> FocusRow {
    let since_midnight = (start.unix_nanos() + i128::from(row.start.nanos())).rem_euclid(Duration::DAY.nanos().into());
    let day = SimTime::from_nanos(row.start.nanos() - since_midnight as i64);
    let mut commitment = row.commitment.clone();
    if let Some(commitment) = &mut commitment {
        commitment.quantity = 0;
    }
    FocusRow {
        start: day,
        end: day,
        billed: Money::ZERO,
        effective: Money::ZERO,
        list: Money::ZERO,
        contracted: Money::ZERO,
        pricing_quantity: row.pricing_quantity.map(|quantity| Quantity { nano: 0, ..quantity }),
        consumed_hours: row.consumed_hours.map(|_| 0),
        commitment,
        ..row.clone()
    }
}

fn add(day: &mut FocusRow, row: FocusRow) {
    day.start = day.start.min(row.start);
    day.end = day.end.max(row.end);
    day.billed += row.billed;
    day.effective += row.effective;
    day.list += row.list;
    day.contracted += row.contracted;
    if let (Some(sum), Some(more)) = (&mut day.pricing_quantity, row.pricing_quantity) {
        sum.nano += more.nano;
    }
    if let (Some(sum), Some(more)) = (&mut day.consumed_hours, row.consumed_hours) {
        *sum += more;
    }
    if let (Some(sum), Some(more)) = (&mut day.commitment, row.commitment) {
        sum.quantity += more.quantity;
    }
}
