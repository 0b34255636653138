//! A simulation against a bill: what each cost by day and purchase option, and what explains the difference.
//!
//! On each day, with hours h and cost per hour p of each purchase option and instance type, simulated and billed, and k the billed hours of
//! all over the simulated ones:
//!
//! billed - simulated = Σ (k - 1) h p  (hours)  +  Σ (h' - k h) p  (coverage)  +  Σ h' (p' - p)  (price)
//!
//! exactly, and what has no hours stands beside it. Who ran nothing has no cost per hour: then the other side's counts.

use crate::input::{BillSelection, Charge, Diagnostic, Paid, read_bill};
use crate::units::{Currency, Instant, Money};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{AddAssign, RangeInclusive};
use std::path::Path;

/// Version of the shape of what `reconcile --format json` prints.
const SCHEMA_VERSION: u32 = 1;
const DAY: i64 = 86_400_000_000_000;

/// A simulation held against a bill. Money is amortised.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Reconciliation {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that wrote it.
    pub fleetmix_version: String,
    /// Currency of every amount.
    pub currency: Currency,
    /// Days that both have, which are compared.
    pub days: usize,
    /// Days that only the simulation has.
    pub days_only_simulated: usize,
    /// Days that only the bill has.
    pub days_only_billed: usize,
    /// All options and days.
    pub total: Compared,
    /// By how instance time was paid.
    pub by_option: Vec<ComparedOption>,
    /// By day (UTC).
    pub by_day: Vec<ComparedDay>,
    /// Sentences that a reader has to know.
    pub remarks: Vec<String>,
}

/// Both sides with their difference.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct Compared {
    /// As it was simulated.
    pub simulated: Side,
    /// As it was billed.
    pub billed: Side,
    /// Billed minus simulated.
    pub difference: Difference,
}

/// Hours and money.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct Side {
    /// Instance-hours.
    pub hours: f64,
    /// What they cost.
    pub cost: f64,
}

/// A difference of cost, and its parts, which add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct Difference {
    /// Billed minus simulated.
    pub cost: f64,
    /// More or fewer instance-hours of all, at what they cost as simulated.
    pub hours: f64,
    /// Hours that were paid in another way or ran on another type.
    pub coverage: f64,
    /// Other costs of the same hours.
    pub price: f64,
    /// Commitments that covered nothing.
    pub unused_commitment: f64,
    /// Unused capacity, credits, taxes and what else has no hours.
    pub other: f64,
}

/// One purchase option.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ComparedOption {
    /// How instance time was paid.
    pub option: Paid,
    /// Both sides.
    #[serde(flatten)]
    pub compared: Compared,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComparedDay {
    /// The day, as in `2026-03-01`.
    pub date: String,
    /// All options.
    #[serde(flatten)]
    pub compared: Compared,
    /// Those that either side has.
    pub by_option: Vec<ComparedOption>,
}

/// Why two files cannot be held against each other.
#[derive(Debug, thiserror::Error)]
pub enum NotComparable {
    /// One of them cannot be read.
    #[error(transparent)]
    Input(#[from] Diagnostic),
    /// They do not fit each other.
    #[error("{0}")]
    Apart(String),
}

/// Holds the charges of a simulation against a bill.
///
/// # Errors
/// If one cannot be read, their currencies differ, or they have no day in common.
pub fn reconcile(
    (charges, mix): (&Path, Option<String>),
    (bill, region): (&Path, Option<String>),
) -> Result<Reconciliation, NotComparable> {
    let simulated = Days::read(charges, &BillSelection { mix: mix.clone(), region: None }, 0)?;
    let billed = Days::read(bill, &BillSelection { mix, region }, 0)?;
    if simulated.currency != billed.currency {
        let message = format!("the simulation is in {}, the bill in {}", simulated.currency, billed.currency);
        return Err(NotComparable::Apart(message));
    }
    let (own, others) = (simulated.range(), billed.range());
    let both = *own.start().max(others.start())..=*own.end().min(others.end());
    if both.is_empty() {
        let span = |days: &RangeInclusive<i64>| format!("{} to {}", date(*days.start()), date(*days.end()));
        let message =
            format!("they have no day in common: the simulation covers {}, the bill {}", span(&own), span(&others));
        return Err(NotComparable::Apart(message));
    }
    let mut by_option: BTreeMap<Paid, Compared> = BTreeMap::new();
    let mut total = Compared::default();
    let by_day: Vec<ComparedDay> = both
        .clone()
        .map(|day| {
            let of_day = compare(simulated.days.get(&day), billed.days.get(&day));
            let mut compared = Compared::default();
            for (option, one) in &of_day {
                compared += *one;
                *by_option.entry(*option).or_default() += *one;
            }
            total += compared;
            ComparedDay { date: date(day), compared, by_option: options(of_day) }
        })
        .collect();
    let outside = |days: &RangeInclusive<i64>| days.clone().filter(|day| !both.contains(day)).count();
    let remarks = billed.remarks("bill").chain(simulated.remarks("simulation")).collect();
    Ok(Reconciliation {
        schema_version: SCHEMA_VERSION,
        fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
        currency: billed.currency,
        days: by_day.len(),
        days_only_simulated: outside(&own),
        days_only_billed: outside(&others),
        total,
        by_option: options(by_option),
        by_day,
        remarks,
    })
}

/// What a bill says of each of `days` days since `start`, amortised; NaN before it begins and after it ends. Credits, taxes and what else is
/// about no instance are left out.
///
/// # Errors
/// If it cannot be read, or is in another currency.
pub fn billed_by_day(
    bill: &Path,
    selection: &BillSelection,
    currency: Currency,
    start: Instant,
    days: usize,
) -> Result<Vec<f64>, NotComparable> {
    let billed = Days::read(bill, selection, start.unix_nanos() as i64)?;
    if billed.currency != currency {
        let message = format!("the simulation is in {currency}, the bill in {}", billed.currency);
        return Err(NotComparable::Apart(message));
    }
    let of_instances =
        |day: &Day| day.iter().filter(|((paid, _), _)| *paid != Paid::Other).map(|(_, (_, cost))| *cost).sum::<Money>();
    let covered = billed.range();
    let of_day = |day: i64| match covered.contains(&day) {
        true => billed.days.get(&day).map_or(0.0, |day| of_instances(day).to_f64()),
        false => f64::NAN,
    };
    Ok((0..days as i64).map(of_day).collect())
}

fn options(compared: BTreeMap<Paid, Compared>) -> Vec<ComparedOption> {
    compared.into_iter().map(|(option, compared)| ComparedOption { option, compared }).collect()
}

/// What was paid on a day, by option and instance type.
type Day = BTreeMap<(Paid, String), (f64, Money)>;

/// One file.
struct Days {
    currency: Currency,
    days: BTreeMap<i64, Day>,
    /// Rows that cover more than a day, spread evenly.
    spread: u64,
    /// Whether it begins or ends within a day.
    broken: bool,
}

impl Days {
    /// Days begin at `origin`, in nanoseconds since 1970, and are counted from it.
    fn read(file: &Path, selection: &BillSelection, origin: i64) -> Result<Self, NotComparable> {
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        let (mut spread, mut too_long) = (0, false);
        let (mut first, mut last, mut end) = (i64::MAX, i64::MIN, i64::MIN);
        let bill = read_bill(file, selection, |mut charge| {
            (charge.start, charge.end) = (charge.start.saturating_sub(origin), charge.end.saturating_sub(origin));
            // A payment for years is not what a day costs.
            too_long |= charge.end - charge.start > MOST_DAYS * DAY;
            if too_long {
                return;
            }
            (first, end) = (first.min(charge.start), end.max(charge.end));
            let is_long = charge.end - charge.start > DAY;
            spread += u64::from(is_long);
            last = last.max(if is_long { charge.end - 1 } else { charge.start });
            add(&mut days, charge);
        })?;
        if too_long {
            let message = format!("{}: a charge covers more than {MOST_DAYS} days", file.display());
            return Err(NotComparable::Apart(message));
        }
        // What the last charges add beyond midnight begins no day.
        let last = last.div_euclid(DAY);
        for (key, (hours, cost)) in days.split_off(&(last + 1)).into_values().flatten() {
            let sum = days.entry(last).or_default().entry(key).or_insert((0.0, Money::ZERO));
            sum.0 += hours;
            sum.1 += cost;
        }
        let broken = first.rem_euclid(DAY) != 0 || end < (last + 1) * DAY;
        Ok(Self { currency: bill.currency, days, spread, broken })
    }

    fn range(&self) -> RangeInclusive<i64> {
        let ends = self.days.first_key_value().zip(self.days.last_key_value());
        ends.map_or(RangeInclusive::new(1, 0), |((first, _), (last, _))| *first..=*last)
    }

    fn remarks(&self, name: &str) -> impl Iterator<Item = String> {
        let rows = self.spread;
        let spread = (rows > 0)
            .then(|| format!("{rows} rows of the {name} cover more than a day and were spread evenly over it."));
        let broken =
            self.broken.then(|| format!("The {name} begins or ends within a day: that day is compared as it is."));
        spread.into_iter().chain(broken)
    }
}

/// Longest charge.
const MOST_DAYS: i64 = 366;

/// Cuts a charge at the ends of days; the parts add up exactly.
fn add(days: &mut BTreeMap<i64, Day>, charge: Charge) {
    let length = charge.end - charge.start;
    let so_far = |until: i64| charge.cost.scaled((until - charge.start).into(), length.into());
    let mut from = charge.start;
    while from < charge.end {
        let day = from.div_euclid(DAY);
        let until = charge.end.min((day + 1) * DAY);
        let key = (charge.paid, charge.instance_type.clone());
        let (hours, cost) = days.entry(day).or_default().entry(key).or_insert((0.0, Money::ZERO));
        *hours += charge.hours * (until - from) as f64 / length as f64;
        *cost += so_far(until) - so_far(from);
        from = until;
    }
}

fn compare(simulated: Option<&Day>, billed: Option<&Day>) -> BTreeMap<Paid, Compared> {
    let nothing = Day::new();
    let (simulated, billed) = (simulated.unwrap_or(&nothing), billed.unwrap_or(&nothing));
    let hours = |day: &Day| day.values().map(|(hours, _)| hours).sum::<f64>();
    let (own, others) = (hours(simulated), hours(billed));
    let keys: BTreeSet<&(Paid, String)> = simulated.keys().chain(billed.keys()).collect();
    let mut options: BTreeMap<Paid, Compared> = BTreeMap::new();
    for key in keys {
        let side = |day: &Day| {
            let (hours, cost) = day.get(key).copied().unwrap_or((0.0, Money::ZERO));
            Side { hours, cost: cost.to_f64() }
        };
        let (simulated, billed) = (side(simulated), side(billed));
        let cost = billed.cost - simulated.cost;
        let mut difference = Difference { cost, ..Difference::default() };
        match key.0 {
            Paid::UnusedCommitment => difference.unused_commitment = cost,
            Paid::UnusedCapacity | Paid::Other => difference.other = cost,
            Paid::OnDemand | Paid::Spot | Paid::Reserved | Paid::SavingsPlan => {
                let per_hour = |side: Side| (side.hours != 0.0).then(|| side.cost / side.hours);
                let before = per_hour(simulated).or(per_hour(billed)).unwrap_or(0.0);
                // Without simulated hours nothing could be more or fewer of them: all is coverage.
                let scale = if own > 0.0 { others / own } else { 1.0 };
                difference.hours = (scale - 1.0) * simulated.hours * before;
                difference.coverage = (billed.hours - scale * simulated.hours) * before;
                difference.price = cost - difference.hours - difference.coverage;
            }
        }
        *options.entry(key.0).or_default() += Compared { simulated, billed, difference };
    }
    options
}

fn date(day: i64) -> String {
    let midnight = Instant::from_unix_seconds(day * 86_400);
    midnight.map_or_else(|| day.to_string(), |instant| instant.to_string().chars().take(10).collect())
}

impl AddAssign for Compared {
    fn add_assign(&mut self, other: Self) {
        self.simulated += other.simulated;
        self.billed += other.billed;
        let (sum, one) = (&mut self.difference, other.difference);
        sum.cost += one.cost;
        sum.hours += one.hours;
        sum.coverage += one.coverage;
        sum.price += one.price;
        sum.unused_commitment += one.unused_commitment;
        sum.other += one.other;
    }
}

impl AddAssign for Side {
    fn add_assign(&mut self, other: Self) {
        self.hours += other.hours;
        self.cost += other.cost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(rows: &[(Paid, f64, f64)]) -> Day {
        let row = |(paid, hours, cost): &(Paid, f64, f64)| {
            ((*paid, "m5.large".to_string()), (*hours, Money::from_nano((cost * 1e9) as i128)))
        };
        rows.iter().map(row).collect()
    }

    fn total(compared: &BTreeMap<Paid, Compared>) -> Difference {
        let mut sum = Compared::default();
        compared.values().for_each(|one| sum += *one);
        sum.difference
    }

    /// 10 hours on-demand at 1 and 10 reserved at 0.5 were simulated.
    #[test]
    fn each_cause_alone_is_named() {
        let simulated = day(&[(Paid::OnDemand, 10.0, 10.0), (Paid::Reserved, 10.0, 5.0)]);
        let against = |rows: &[(Paid, f64, f64)]| total(&compare(Some(&simulated), Some(&day(rows))));
        let near = |found: Difference, [hours, coverage, price]: [f64; 3]| {
            let all = [(found.hours, hours), (found.coverage, coverage), (found.price, price)];
            let sum = hours + coverage + price;
            all.iter().all(|(a, b)| (a - b).abs() < 1e-9) && (found.cost - sum - found.unused_commitment).abs() < 1e-9
        };
        assert_eq!(total(&compare(Some(&simulated), Some(&simulated))), Difference::default());
        // A tenth more of everything; the same hours with 2 more reserved; on-demand a fifth dearer.
        assert!(near(against(&[(Paid::OnDemand, 11.0, 11.0), (Paid::Reserved, 11.0, 5.5)]), [1.5, 0.0, 0.0]));
        assert!(near(against(&[(Paid::OnDemand, 8.0, 8.0), (Paid::Reserved, 12.0, 6.0)]), [0.0, -1.0, 0.0]));
        assert!(near(against(&[(Paid::OnDemand, 10.0, 12.0), (Paid::Reserved, 10.0, 5.0)]), [0.0, 0.0, 2.0]));
        // An option that was not simulated costs what it costs.
        assert!(near(against(&[(Paid::OnDemand, 10.0, 10.0), (Paid::Spot, 10.0, 3.0)]), [0.0, -2.0, 0.0]));
        let unused =
            against(&[(Paid::OnDemand, 10.0, 10.0), (Paid::Reserved, 10.0, 5.0), (Paid::UnusedCommitment, 0.0, 4.0)]);
        assert!(near(unused, [0.0; 3]) && (unused.unused_commitment - 4.0).abs() < 1e-9);
        // A bill without a simulated day, and the other way round.
        assert!(near(total(&compare(None, Some(&simulated))), [0.0, 15.0, 0.0]));
        assert!(near(total(&compare(Some(&simulated), None)), [-15.0, 0.0, 0.0]));
    }

    #[test]
    fn charges_are_cut_at_midnight_without_a_rest() {
        let mut days = BTreeMap::new();
        let hour = DAY / 24;
        let charge = Charge {
            start: 23 * hour + hour / 2,
            end: 24 * hour + hour / 2,
            paid: Paid::OnDemand,
            instance_type: "m5.large".into(),
            zone: String::new(),
            hours: 1.0,
            cost: Money::from_nano(7),
        };
        add(&mut days, charge);
        let costs: Vec<Money> = days.values().flat_map(|day| day.values().map(|(_, cost)| *cost)).collect();
        assert_eq!(costs.iter().copied().sum::<Money>(), Money::from_nano(7));
        assert!(days.values().flat_map(Day::values).all(|(hours, _)| *hours == 0.5) && days.len() == 2);
    }
}
