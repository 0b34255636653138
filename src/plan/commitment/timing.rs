//! When to buy: what waiting is worth, and purchases spread so that terms do not end together.

use super::situation::{Growth, MONTH, Situation, hours_of};
use super::{Bought, Purchase, Search};
use crate::plan::linear::LinearError;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What buying a month later costs, in the currency over the time that is planned. Reservations alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Waiting {
    /// The least cost if bought now.
    pub now: f64,
    /// The least cost if bought a month later, when nothing more is known.
    pub later: f64,
    /// The least expected cost if bought a month later, when it is known how usage grows.
    pub later_and_wiser: f64,
}

impl Waiting {
    /// What waiting costs, or saves if negative, when the growth is known after a month.
    pub fn cost(&self) -> f64 {
        self.later_and_wiser - self.now
    }

    /// What knowing the growth is worth a month from now: the value of the option to wait.
    pub fn option_value(&self) -> f64 {
        self.later - self.later_and_wiser
    }
}

/// Compares buying now and a month later; `None` if fewer than two months are planned.
///
/// After the month the growth is taken as known, which is the most that waiting can be worth: a month tells less. Money is the mean over
/// the courses, without the weight of worst cases.
///
/// # Errors
/// If a linear programme cannot be solved.
pub fn waiting(situation: &Situation) -> Result<Option<Waiting>, LinearError> {
    if situation.settings.hours < 2 * MONTH {
        return Ok(None);
    }
    let least = |date: usize, growth: Vec<Growth>| {
        let mut one = situation.clone();
        one.settings.dates = vec![date];
        one.settings.decide_again = None;
        one.settings.growth = growth;
        one.settings.risk = super::Risk::NEUTRAL;
        Search::new(&one).reservations().map(|choice| choice.objective)
    };
    let growth = situation.growth();
    let mut wiser = 0.0;
    for one in &growth {
        wiser += one.probability * least(MONTH, vec![Growth { probability: 1.0, ..*one }])?;
    }
    Ok(Some(Waiting { now: least(0, growth.clone())?, later: least(MONTH, growth)?, later_and_wiser: wiser }))
}

/// Reservations bought over several months, so that few terms end together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Ladder {
    /// Months over which they are spread.
    pub months: usize,
    /// What is bought when, in order of time.
    pub rungs: Vec<Rung>,
    /// What the purchase costs more than the recommended one, in the currency over the time that is planned.
    pub extra_cost: f64,
    /// The largest number of reservations whose terms end together, and how many do as recommended.
    pub end_together: [u32; 2],
}

/// Reservations that are bought together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rung {
    /// Months after the start.
    pub month: usize,
    /// Name of the offer.
    pub name: String,
    /// Instance type.
    pub instance_type: String,
    /// How many.
    pub count: u32,
}

/// The cheapest purchase of which no month has more than an even share.
///
/// `recommended` says how much of each group of usage is to be covered: in no month more than its part of that over `months` is bought, so
/// no more can end together. Which offers, how many and when is optimised under this limit, which leaves the linear programme whole: a
/// month that is not worth its part buys less. What is decided when the growth is known is decided then as well, without a limit.
///
/// # Errors
/// If the linear programme cannot be solved.
pub fn ladder(
    situation: &Situation,
    (search, recommended): (&Search, &Bought),
    months: usize,
) -> Result<Ladder, LinearError> {
    let months = months.clamp(1, (situation.settings.hours / MONTH).max(1));
    let bought = first_stage_of(search, &recommended.counts);
    let levels = |group: usize| -> u32 {
        let of_group = search.problem().purchases.iter().zip(&bought).filter(|(one, _)| one.group == group);
        of_group.map(|(one, count)| one.covers * count).sum()
    };
    let mut spread = situation.clone();
    spread.settings.dates.extend((0..months).map(|month| month * MONTH));
    spread.settings.dates.sort_unstable();
    spread.settings.dates.dedup();
    let part = |one: &Purchase| levels(one.group).div_ceil(one.covers.max(1) * months as u32);
    let limited = Search::new(&spread).limited(part);
    let counts = limited.reservations()?.counts;
    let mean = |search: &Search, counts: &[u32]| -> f64 {
        let bought = Bought { counts: counts.to_vec(), ..search.nothing() };
        search.costs(&bought).iter().map(|(cost, probability)| cost * probability).sum()
    };
    let at_start = first_stage_of(&limited, &counts);
    let rungs = limited.origins().iter().zip(&at_start).filter(|(_, count)| **count > 0);
    let mut rungs: Vec<Rung> = rungs
        .map(|(origin, count)| {
            let offered = &situation.reserved[origin.offer];
            let (name, instance_type) = (offered.name.clone(), offered.instance_type.clone());
            Rung { month: origin.date / MONTH, name, instance_type, count: *count }
        })
        .collect();
    rungs.sort_by_key(|rung| rung.month);
    Ok(Ladder {
        months,
        rungs,
        extra_cost: mean(&limited, &counts) - mean(search, &recommended.counts),
        end_together: [
            most_that_end_together(situation, &limited, &at_start),
            most_that_end_together(situation, search, &bought),
        ],
    })
}

/// The same without what is decided when the growth is known.
fn first_stage_of(search: &Search, counts: &[u32]) -> Vec<u32> {
    let all = search.origins().iter().zip(counts);
    all.map(|(origin, count)| if origin.growth.is_none() { *count } else { 0 }).collect()
}

/// The largest number of terms that end at the same time.
fn most_that_end_together(situation: &Situation, search: &Search, counts: &[u32]) -> u32 {
    let mut ends: BTreeMap<usize, u32> = BTreeMap::new();
    for (origin, count) in search.origins().iter().zip(counts) {
        *ends.entry(origin.date + hours_of(situation.reserved[origin.offer].offer.term)).or_default() += count;
    }
    ends.into_values().max().unwrap_or(0)
}

/// Reservations that are bought once the growth is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct SecondStage {
    /// Months after the start when the growth is known.
    pub month: usize,
    /// What is minimised if everything is decided at the start, purchases of that month included.
    pub decided_at_start: f64,
    /// How much lower it is with the purchases that depend on the growth.
    pub value: f64,
}

/// What it is worth that some of a purchase is decided when the growth is known; `None` if nothing is.
///
/// # Errors
/// If a linear programme cannot be solved.
pub fn second_stage(situation: &Situation, best: &Bought) -> Result<Option<SecondStage>, LinearError> {
    let Some(date) = situation.settings.decide_again else { return Ok(None) };
    let mut at_start = situation.clone();
    at_start.settings.decide_again = None;
    at_start.settings.dates.push(date);
    at_start.settings.dates.sort_unstable();
    at_start.settings.dates.dedup();
    let decided_at_start = Search::new(&at_start).best()?.objective;
    let value = (decided_at_start - best.objective).max(0.0);
    Ok(Some(SecondStage { month: date / MONTH, decided_at_start, value }))
}
