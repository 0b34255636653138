//! How many reserved instances are worth buying for jobs: every number of a range, on the same jobs and markets.

use super::record::Scale;
use super::sums::Sums;
use super::{Encounter, policy, reserved, type_of};
use crate::batch::simulate;
use crate::billing::Offer;
use crate::input::{Candidate, LoadedScenario};
use crate::plan::waiting::cheapest_without_waiting;
use crate::results::{CheapestReserved, ErlangRecord, ReservedPoint, ReservedSearch};
use crate::scenario::{CountRange, JobPolicy, JobSource, Jobs};
use crate::study::Progress;
use crate::study::summary::{mean_of, ratio};

/// What may be bought.
pub(super) struct Search {
    range: CountRange,
    /// Name of the offer.
    commitment: String,
    /// What an hour of an instance costs, used or not, with the upfront payment spread over the term.
    hourly: f64,
    /// Hours of the horizon.
    hours: f64,
}

/// What was bought.
pub(super) struct Bought {
    pub(super) count: u32,
    pub(super) commitment: String,
    /// What an hour of each costs, used or not.
    pub(super) hourly: f64,
}

/// One replication: by count, then by policy.
pub(super) struct Searched {
    /// Steps of work of all jobs, and jobs.
    work: u64,
    jobs: usize,
    sums: Vec<Vec<Sums>>,
}

impl Search {
    /// A search among so many reserved instances of the on-demand pool's type.
    pub(super) fn new(candidate: &Candidate, range: CountRange) -> Result<Self, String> {
        let wanted = type_of(candidate);
        let offered = candidate.scenario.pools.reserved.as_ref().filter(|pool| pool.instance_type == *wanted);
        let named = offered.and_then(|pool| pool.commitment.as_ref());
        let commitment = named.ok_or_else(|| {
            format!("`/pools/reserved` does not name a commitment for {wanted}, the type of on-demand")
        })?;
        let offer = Offer::from(&candidate.prices.types[wanted].reserved[commitment]);
        Ok(Self {
            range,
            commitment: commitment.clone(),
            hourly: offer.effective_hourly(),
            hours: candidate.scenario.clock.horizon.as_hours_f64(),
        })
    }

    /// Whether there is more than one number to choose.
    pub(super) fn is_a_choice(&self) -> bool {
        self.range.to > self.range.from
    }

    fn counts(&self) -> impl Iterator<Item = u32> {
        self.range.from..=self.range.to
    }

    /// Every number with every policy; `None` if it was cancelled.
    pub(super) fn run(&self, jobs: &Jobs, encounter: &Encounter, progress: &dyn Progress) -> Option<Searched> {
        let Encounter { situation, idle, within, .. } = encounter;
        let of_count = |count| {
            let situation = reserved::with_reserved(situation, idle, count);
            let sums = |named: &JobPolicy| {
                let done = || Sums::of(within, &simulate(&situation, within, policy(*named)));
                if progress.cancelled() { None } else { Some(done()) }
            };
            jobs.policies.iter().map(sums).collect()
        };
        Some(Searched {
            work: within.iter().map(|job| u64::from(job.work)).sum(),
            jobs: within.len(),
            sums: self.counts().map(of_count).collect::<Option<_>>()?,
        })
    }

    /// The number with the least mean cost under the best policy that promises deadlines; under any if none does.
    pub(super) fn cheapest(&self, jobs: &Jobs, searched: Option<&[Searched]>) -> Bought {
        let promises = |index: &usize| policy(jobs.policies[*index]).promises_deadlines();
        let mut among: Vec<usize> = (0..jobs.policies.len()).filter(promises).collect();
        if among.is_empty() {
            among = (0..jobs.policies.len()).collect();
        }
        let least = |place: usize| {
            let totals = among.iter().map(|index| self.totals(searched.unwrap_or(&[]), place, *index).iter().sum());
            totals.fold(f64::INFINITY, f64::min)
        };
        let best = (0..self.counts().count()).min_by(|a, b| least(*a).total_cmp(&least(*b))).unwrap_or(0);
        Bought { count: self.range.from + best as u32, commitment: self.commitment.clone(), hourly: self.hourly }
    }

    /// What a number of instances and the jobs under a policy cost in each replication.
    fn totals(&self, searched: &[Searched], place: usize, policy: usize) -> Vec<f64> {
        let paid = self.hourly * f64::from(self.range.from + place as u32) * self.hours;
        searched.iter().map(|one| paid + one.sums[place][policy].cost.to_f64()).collect()
    }

    /// Everything that was tried.
    pub(super) fn record(&self, input: &LoadedScenario, jobs: &Jobs, searched: &[Searched]) -> ReservedSearch {
        let scale = Scale::new(jobs.step);
        let works: Vec<f64> = searched.iter().map(|one| scale.hours(one.work)).collect();
        let counts: Vec<f64> = searched.iter().map(|one| one.jobs as f64).collect();
        let mut points = Vec::new();
        for (place, instances) in self.counts().enumerate() {
            for (index, named) in jobs.policies.iter().enumerate() {
                let of = |value: &dyn Fn(&Sums) -> f64| -> Vec<f64> {
                    searched.iter().map(|one| value(&one.sums[place][index])).collect()
                };
                let [over, under] = [0, 1].map(|part| of(&|sums| sums.on_demand_of_held()[part]));
                let totals = self.totals(searched, place, index);
                points.push(ReservedPoint {
                    instances,
                    policy: named.name().to_string(),
                    total: mean_of(&totals),
                    per_work_hour: ratio(&totals, &works),
                    on_demand_share: ratio(&over, &under),
                    delay_seconds: ratio(&of(&|sums| scale.seconds(sums.delay)), &of(&|sums| sums.completed as f64)),
                    missed_share: ratio(&of(&|sums| sums.missed as f64), &counts),
                });
            }
        }
        let cheapest = |named: &JobPolicy| {
            let of_policy = points.iter().filter(|point| point.policy == named.name());
            let best = of_policy.min_by(|a, b| a.total.mean.total_cmp(&b.total.mean))?;
            let (policy, instances) = (best.policy.clone(), best.instances);
            Some(CheapestReserved { policy, instances, per_work_hour: best.per_work_hour })
        };
        let cheapest = jobs.policies.iter().filter_map(cheapest).collect();
        ReservedSearch { points, cheapest, formula: self.formula(input, jobs) }
    }

    /// What Erlang's formula says of jobs that do not wait: where they come at random times, and have reserved instances and on-demand
    /// alone. It holds for any law of the work.
    fn formula(&self, input: &LoadedScenario, jobs: &Jobs) -> Option<ErlangRecord> {
        let JobSource::Poisson { per_hour, work, .. } = &jobs.source else { return None };
        let candidate = &input.candidates[0];
        if candidate.mix.spot_count() > 0 || !reserved::owned(candidate).is_empty() {
            return None;
        }
        let works = work.mean_seconds() / 3600.0;
        let load = per_hour * (works + jobs.restart.as_hours_f64());
        let on_demand = candidate.prices.types[type_of(candidate)].on_demand.rate.to_f64();
        let best = cheapest_without_waiting(load, self.hourly, on_demand)?;
        Some(ErlangRecord {
            load,
            instances: best.servers,
            on_demand_share: best.on_demand_share,
            per_work_hour: best.price * load / (per_hour * works),
        })
    }
}
