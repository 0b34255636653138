//! The race: looks at ever more replications of ever fewer candidates.

use super::{LIMITS, student_upper};
use std::ops::Range;

/// One replication of one candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Its cost.
    pub cost: f64,
    /// By how much it passes each limit; zero or below where it keeps it.
    pub slacks: [f64; LIMITS],
}

/// Where samples come from.
pub trait Runs {
    /// Why there are no more.
    type Stop;

    /// These replications of these candidates: a list for each candidate, in their order.
    ///
    /// # Errors
    /// If they cannot be had.
    fn run(&mut self, candidates: &[usize], replications: Range<u32>) -> Result<Vec<Vec<Sample>>, Self::Stop>;

    /// Control variates for these candidates and replications, if there are any; for all or none of a race.
    ///
    /// # Errors
    /// If they cannot be had.
    fn controls(&mut self, _candidates: &[usize], _replications: Range<u32>) -> Result<Option<Controls>, Self::Stop> {
        Ok(None)
    }
}

/// Samples of something that is cheap to simulate and resembles the candidates: a list for each candidate.
///
/// What a candidate and its control differ by is estimated from few replications, the control's mean from many others:
/// the sum is without bias however the two resemble each other, and sharp if they do (control variates with a coefficient of 1, as
/// in multi-level Monte Carlo: Giles, *Multilevel Monte Carlo path simulation*, 2008).
#[derive(Debug, Clone, PartialEq)]
pub struct Controls {
    /// On the replications of the candidates.
    pub paired: Vec<Vec<Sample>>,
    /// On others, at least as many, that are independent of those; each candidate has the same.
    pub others: Vec<Vec<Sample>>,
}

/// How a race is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Probability of a wrong statement about any candidate at any look.
    pub error: f64,
    /// A difference in cost that does not matter.
    pub cost_tolerance: f64,
    /// An excess over each limit that does not matter.
    pub slack_tolerance: [f64; LIMITS],
    /// Replications of the first look; each look doubles them.
    pub first: u32,
    /// Looks.
    pub looks: u32,
}

/// How many standard errors a statement needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// About a limit.
    pub limit: f64,
    /// About the difference of two costs.
    pub cost: f64,
}

impl Thresholds {
    /// For `candidates` with so many `limits` each, at a look after `replications`, one of `looks`.
    ///
    /// Half of the error goes to limits, of which a look can misjudge each in one way only, half to ordered pairs of candidates.
    pub fn new(error: f64, candidates: usize, limits: usize, looks: u32, replications: u32) -> Self {
        let (k, looks, freedom) = (candidates as f64, f64::from(looks), f64::from(replications) - 1.0);
        let pairs = (k * (k - 1.0)).max(1.0);
        Self {
            limit: student_upper(0.5 * error / (k * limits as f64 * looks), freedom),
            cost: student_upper(0.5 * error / (pairs * looks), freedom),
        }
    }
}

/// What a race says of a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// It is the cheapest.
    Winner,
    /// It misses this limit.
    Misses {
        /// Which.
        limit: usize,
        /// Replications of the look that said so.
        after: u32,
    },
    /// It is not cheaper than another by more than the tolerance.
    NotCheaper {
        /// The other.
        than: usize,
        /// By how much it is dearer, in the mean.
        by: f64,
        /// Replications of the look that said so.
        after: u32,
    },
    /// The race ended before anything could be said.
    Unresolved {
        /// By how much the winner may be dearer, at most; `None` without a winner.
        winner_dearer_by: Option<f64>,
        /// Whether it is known to keep its limits.
        feasible: bool,
    },
}

/// How a race ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The cheapest candidate that keeps its limits, if one was found.
    pub winner: Option<usize>,
    /// What was said of each candidate.
    pub fates: Vec<Fate>,
    /// The samples of each.
    pub samples: Vec<Vec<Sample>>,
    /// The means of each, by its samples and controls.
    pub means: Vec<Sample>,
}

/// Mean and standard error.
pub(super) fn mean_and_error(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares: f64 = values.map(|value| (value - mean) * (value - mean)).sum();
    (mean, (squares / (n - 1.0).max(1.0) / n).sqrt())
}

/// Races candidates `0..count`.
///
/// If the means of replications are normal, with probability 1 - `error` the winner keeps its limits, and costs no more than the
/// cheapest candidate that keeps them by the slack tolerance, plus the cost tolerance. Candidates that stay unresolved are left out
/// of that. That candidates share random numbers makes differences sharper and changes nothing in the statement.
///
/// With [`Controls`] an estimate has two independent parts, and the degrees of freedom of the one with fewer replications: for means that are
/// normal that errs on the safe side (Mickey and Brown, *Bounds on the distribution functions of the Behrens-Fisher statistic*, 1966).
///
/// If samples cannot be had any more, it ends with what was said by the last complete look, and with the reason.
pub fn race<R: Runs>(count: usize, rules: &Rules, runs: &mut R) -> (Outcome, Option<R::Stop>) {
    let mut race = Race {
        rules,
        samples: vec![Vec::new(); count],
        paired: vec![Vec::new(); count],
        others: vec![Vec::new(); count],
        fates: vec![None; count],
        feasible: vec![false; count],
        incumbent: None,
    };
    for look in 0..rules.looks {
        let live = race.live();
        if live.is_empty() || race.incumbent.is_some() && live.len() == 1 {
            break;
        }
        let from = if look == 0 { 0 } else { rules.first << (look - 1) };
        let to = rules.first << look;
        let new = runs.run(&live, from..to).and_then(|new| Ok((new, runs.controls(&live, from..to)?)));
        let (new, controls) = match new {
            Ok(new) => new,
            Err(stop) => return (race.end(), Some(stop)),
        };
        extend(&mut race.samples, &live, new);
        if let Some(controls) = controls {
            extend(&mut race.paired, &live, controls.paired);
            extend(&mut race.others, &live, controls.others);
        }
        race.look(Thresholds::new(rules.error, count, LIMITS, rules.looks, to), to);
    }
    (race.end(), None)
}

fn extend(samples: &mut [Vec<Sample>], candidates: &[usize], new: Vec<Vec<Sample>>) {
    candidates.iter().zip(new).for_each(|(candidate, new)| samples[*candidate].extend(new));
}

struct Race<'a> {
    rules: &'a Rules,
    samples: Vec<Vec<Sample>>,
    /// Controls, if there are any: on the replications of the samples, and on others.
    paired: Vec<Vec<Sample>>,
    others: Vec<Vec<Sample>>,
    /// Of those that have left.
    fates: Vec<Option<Fate>>,
    feasible: Vec<bool>,
    incumbent: Option<usize>,
}

impl Race<'_> {
    /// Candidates that have not left.
    fn live(&self) -> Vec<usize> {
        (0..self.fates.len()).filter(|candidate| self.fates[*candidate].is_none()).collect()
    }

    /// Mean and standard error of a figure of a candidate.
    fn estimate(&self, candidate: usize, figure: impl Fn(&Sample) -> f64) -> (f64, f64) {
        self.combine(|samples| samples[candidate].iter().map(&figure).collect())
    }

    /// Mean and standard error of the difference in cost, on the replications that both have.
    fn dearer_by(&self, one: usize, other: usize) -> (f64, f64) {
        let difference = |(one, other): (&Sample, &Sample)| one.cost - other.cost;
        self.combine(|samples| samples[one].iter().zip(&samples[other]).map(difference).collect())
    }

    /// Mean and standard error of what `figures` makes of samples, paired controls and others.
    fn combine(&self, figures: impl Fn(&[Vec<Sample>]) -> Vec<f64>) -> (f64, f64) {
        let [samples, paired, others] = [&self.samples, &self.paired, &self.others].map(|all| figures(all));
        if others.is_empty() {
            return mean_and_error(samples.into_iter());
        }
        let (beyond, error) = mean_and_error(samples.iter().zip(&paired).map(|(sample, control)| sample - control));
        let (control, control_error) = mean_and_error(others.into_iter());
        (beyond + control, error.hypot(control_error))
    }

    fn look(&mut self, needed: Thresholds, after: u32) {
        for candidate in self.live() {
            self.judge_limits(candidate, needed.limit, after);
        }
        let mut feasible: Vec<usize> = self.live().into_iter().filter(|candidate| self.feasible[*candidate]).collect();
        let cost = |candidate: usize| self.estimate(candidate, |sample| sample.cost).0;
        feasible.sort_by(|a, b| cost(*a).total_cmp(&cost(*b)).then(a.cmp(b)));
        self.incumbent = self.incumbent.or(feasible.first().copied());
        // Only strict evidence replaces the incumbent, so that tolerances do not add up along a chain.
        for candidate in feasible {
            let Some(incumbent) = self.incumbent.filter(|incumbent| *incumbent != candidate) else { continue };
            let (difference, error) = self.dearer_by(candidate, incumbent);
            if difference + needed.cost * error < 0.0 {
                self.incumbent = Some(candidate);
            }
        }
        let Some(incumbent) = self.incumbent else { return };
        for candidate in self.live().into_iter().filter(|candidate| *candidate != incumbent) {
            let (by, error) = self.dearer_by(candidate, incumbent);
            if by - needed.cost * error > -self.rules.cost_tolerance {
                self.fates[candidate] = Some(Fate::NotCheaper { than: incumbent, by, after });
            }
        }
    }

    /// Decides whether a candidate keeps its limits; that it does takes precedence, and holds for good.
    fn judge_limits(&mut self, candidate: usize, needed: f64, after: u32) {
        if self.feasible[candidate] {
            return;
        }
        let slack = |limit: usize| self.estimate(candidate, move |sample| sample.slacks[limit]);
        let slacks: [(f64, f64); LIMITS] = std::array::from_fn(slack);
        if slacks.iter().all(|(mean, error)| mean + needed * error <= 0.0) {
            self.feasible[candidate] = true;
            return;
        }
        let missed = (0..LIMITS).find(|limit| {
            let (mean, error) = slacks[*limit];
            let kept = mean + needed * error <= 0.0;
            !kept && mean - needed * error > -self.rules.slack_tolerance[*limit]
        });
        if let Some(limit) = missed {
            self.fates[candidate] = Some(Fate::Misses { limit, after });
        }
    }

    fn end(self) -> Outcome {
        let count = self.fates.len();
        let fates = (0..count).map(|candidate| {
            if self.incumbent == Some(candidate) {
                return Fate::Winner;
            }
            self.fates[candidate].unwrap_or_else(|| {
                let winner_dearer_by = self.incumbent.map(|incumbent| {
                    let (difference, error) = self.dearer_by(incumbent, candidate);
                    let n = self.samples[candidate].len().min(self.samples[incumbent].len()) as u32;
                    let needed = Thresholds::new(self.rules.error, count, LIMITS, self.rules.looks, n.max(2));
                    difference + needed.cost * error
                });
                Fate::Unresolved { winner_dearer_by, feasible: self.feasible[candidate] }
            })
        });
        let means = (0..count).map(|candidate| Sample {
            cost: self.estimate(candidate, |sample| sample.cost).0,
            slacks: std::array::from_fn(|limit| self.estimate(candidate, move |sample| sample.slacks[limit]).0),
        });
        Outcome { winner: self.incumbent, fates: fates.collect(), means: means.collect(), samples: self.samples }
    }
}
