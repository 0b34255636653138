//! When to buy: what waiting is worth, and purchases spread so that terms do not end together.

use super::situation::{Growth, MONTH, Situation};
use super::{Search, solve};
use crate::plan::linear::LinearError;
use serde::Serialize;

/// What buying a month later costs, in the currency over the time that is planned. Reservations alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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
        one.settings.growth = growth;
        one.settings.risk = super::Risk::NEUTRAL;
        solve(Search::new(&one).problem()).map(|choice| choice.objective)
    };
    let growth = situation.growth();
    let mut wiser = 0.0;
    for one in &growth {
        wiser += one.probability * least(MONTH, vec![Growth { probability: 1.0, ..*one }])?;
    }
    Ok(Some(Waiting { now: least(0, growth.clone())?, later: least(MONTH, growth)?, later_and_wiser: wiser }))
}

/// The same reservations bought over several months.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ladder {
    /// What is bought in each month from the first on: counts in the order of the offers.
    pub months: Vec<Vec<u32>>,
    /// What the purchase costs more than all at once, in the currency over the time that is planned.
    pub extra_cost: f64,
    /// The largest number of reservations whose terms end together, and how many would if all were bought at once.
    pub end_together: [u32; 2],
}

/// Spreads what was bought of each offer evenly over months, more in the first ones, where covering is needed anyway.
///
/// `counts` are in the order of the situation's offers. The extra cost is what waiting for the later parts costs until the ladder
/// stands; from then on a part of the purchase can be decided anew each month.
pub fn ladder(situation: &Situation, counts: &[u32], months: usize) -> Ladder {
    let months = months.clamp(1, (situation.settings.hours / MONTH).max(1));
    let part = |count: u32, month: usize| {
        let (count, month, months) = (count as usize, month, months);
        ((count * (month + 1)).div_ceil(months) - (count * month).div_ceil(months)) as u32
    };
    let steps: Vec<Vec<u32>> =
        (0..months).map(|month| counts.iter().map(|count| part(*count, month)).collect()).collect();
    let mut spread = situation.clone();
    spread.settings.dates = (0..months).map(|month| month * MONTH).collect();
    let search = Search::new(&spread);
    let count_of = |at_once: bool| -> Vec<u32> {
        let of = |(offer, date): &(usize, usize)| match at_once {
            true if *date == 0 => counts[*offer],
            true => 0,
            false => steps[date / MONTH][*offer],
        };
        search.origins().iter().map(of).collect()
    };
    let problem = search.problem();
    let mean = |counts: &[u32]| problem.costs(counts).iter().map(|(cost, probability)| cost * probability).sum::<f64>();
    let extra_cost = mean(&count_of(false)) - mean(&count_of(true));
    let most = |counts: &[Vec<u32>]| {
        // Terms of a length that are bought together end together.
        let terms = |one: &Vec<u32>| {
            let ends = situation.reserved.iter().map(|offered| offered.offer.term);
            let of = |term| {
                let these = situation.reserved.iter().zip(one).filter(|(offered, _)| offered.offer.term == term);
                these.map(|(_, count)| *count).sum::<u32>()
            };
            ends.map(of).max().unwrap_or(0)
        };
        counts.iter().map(terms).max().unwrap_or(0)
    };
    let end_together = [most(&steps), most(&[counts.to_vec()])];
    Ladder { months: steps, extra_cost, end_together }
}
