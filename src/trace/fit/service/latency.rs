//! Which work, variation and slots explain how a percentile of latency rises with the load.

use super::response::Work;
use super::{Fitted, ServiceQuestion};
use crate::rng::math::{exp, ln};
use crate::stats::f_upper;
use std::collections::BTreeMap;

/// What was seen in one interval.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observed {
    pub(super) per_second: f64,
    pub(super) instances: f64,
    /// In seconds.
    pub(super) latency: f64,
}

/// The values that fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    pub(super) work: Fitted,
    pub(super) variation: Fitted,
    pub(super) slots: Fitted,
    /// Typical relative error of the best fit.
    pub(super) error: f64,
}

/// Slots that are tried.
const SLOTS: [u32; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 64];
/// Coefficients of variation that are tried: from nearly constant to heavy tails, a tenth apart.
const VARIATIONS: [f64; 17] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 2.0, 2.5, 3.0];
/// Loads, by their numbers of twentieths, that are looked at apart.
const CLASSES: f64 = 20.0;

/// Intervals with about the same load and as many instances.
struct Class {
    per_second: f64,
    instances: f64,
    /// Mean logarithm of the latency.
    latency: f64,
    count: f64,
}

/// Slots, variation, work, and the sum of squares.
type Candidate = (u32, f64, f64, f64);

impl Region {
    /// Tries all values; `work_per_slot` is what CPU says of work / slots.
    pub(super) fn search(
        observed: &[Observed],
        question: &ServiceQuestion,
        work_per_slot: Option<f64>,
    ) -> Option<Self> {
        let classes = classes(observed);
        let slots: Vec<u32> = question.slots.map_or(SLOTS.to_vec(), |slots| vec![slots]);
        let mut found: Vec<Candidate> = Vec::new();
        for variation in VARIATIONS {
            let work = Work::new(variation);
            for slots in &slots {
                for mean in works(observed, *slots, work_per_slot) {
                    if let Some(squares) = squares(&classes, &work, *slots, mean, question.quantile) {
                        found.push((*slots, variation, mean, squares));
                    }
                }
            }
        }
        let best = *found.iter().min_by(|a, b| a.3.total_cmp(&b.3))?;
        let searched = 1 + usize::from(question.slots.is_none()) + usize::from(work_per_slot.is_none());
        let freedom = classes.len().saturating_sub(searched).max(1) as f64;
        let count: f64 = classes.iter().map(|class| class.count).sum();
        // The grid itself is no finer than a few per cent, which counts as an error, too.
        let floor = GRID_ERROR * GRID_ERROR * count;
        let allowed = best.3.max(floor) * (1.0 + searched as f64 / freedom * f_upper(0.05, searched as f64, freedom));
        let fits: Vec<&Candidate> = found.iter().filter(|candidate| candidate.3 <= allowed).collect();
        let range = |pick: fn(&Candidate) -> f64| {
            let values = || fits.iter().map(|candidate| pick(candidate));
            Fitted { value: pick(&best), ci95: [values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max)] }
        };
        let widened = |fitted: Fitted, by: f64| Fitted { ci95: [fitted.ci95[0] / by, fitted.ci95[1] * by], ..fitted };
        Some(Self {
            work: widened(range(|candidate| candidate.2), 1.0 + GRID_ERROR),
            // Half of the way to the next value that was tried.
            variation: widened(range(|candidate| candidate.1), 1.06),
            slots: range(|candidate| f64::from(candidate.0)),
            error: (best.3 / count).sqrt(),
        })
    }
}

/// Relative error of a percentile that lies between two values that are tried.
const GRID_ERROR: f64 = 0.03;

/// The works that are tried with this many slots: what CPU says, or any up to where the busiest interval overwhelms them.
fn works(observed: &[Observed], slots: u32, work_per_slot: Option<f64>) -> Vec<f64> {
    if let Some(work) = work_per_slot {
        return vec![work * f64::from(slots)];
    }
    let busiest = observed.iter().map(|sample| sample.per_second / sample.instances).fold(0.0, f64::max);
    let most = 0.98 * f64::from(slots) / busiest;
    (0..48).map(|step| most * exp(-0.06 * f64::from(step))).collect()
}

fn classes(observed: &[Observed]) -> Vec<Class> {
    let busiest = observed.iter().map(|sample| sample.per_second / sample.instances).fold(0.0, f64::max);
    let mut sorted: BTreeMap<(i64, i64), Vec<&Observed>> = BTreeMap::new();
    for sample in observed {
        let load = sample.per_second / sample.instances / busiest;
        sorted.entry((sample.instances.round() as i64, (load * CLASSES) as i64)).or_default().push(sample);
    }
    let class = |samples: Vec<&Observed>| {
        let count = samples.len() as f64;
        let mean = |pick: &dyn Fn(&Observed) -> f64| samples.iter().map(|sample| pick(sample)).sum::<f64>() / count;
        Class {
            per_second: mean(&|sample| sample.per_second),
            instances: mean(&|sample| sample.instances),
            latency: mean(&|sample| ln(sample.latency)),
            count,
        }
    };
    sorted.into_values().filter(|samples| samples.len() >= 3).map(class).collect()
}

/// How far the logarithms of the percentiles are off, squared and weighted; `None` if some load cannot be served.
fn squares(classes: &[Class], work: &Work, slots: u32, mean: f64, quantile: f64) -> Option<f64> {
    let mut sum = 0.0;
    for class in classes {
        let servers = (class.instances * f64::from(slots)).round().max(1.0);
        let response = work.response(servers as u32, class.per_second * mean / servers, quantile)?;
        let off = class.latency - ln(mean * response);
        sum += class.count * off * off;
    }
    (!classes.is_empty()).then_some(sum)
}
