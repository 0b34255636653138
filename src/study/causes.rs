//! Why requests are late: the runs of a mix again, with causes switched off.
//!
//! For each replication the mix meets the same requests and the same market six times: as it is, without interruptions, with boots that
//! take no time, with both, and then the first and the last of these again with every launch of the policies asked for when its breach
//! began. A cause's part is what switching off it alone saves; what is left without all three is too small a fleet; the rest is
//! their interaction.

use super::replicate::{Origin, Progress, serve};
use super::summary::mean_of;
use crate::engine::{Asked, MixPlan, Simulation};
use crate::input::{Candidate, LoadedScenario};
use crate::market::MarketPath;
use crate::results::{CauseSplit, CausesRecord};
use crate::workload::RequestBlock;
use rayon::prelude::*;

/// A mix with none, some and all of its interruptions and boots.
struct Plans {
    as_it_is: MixPlan,
    uninterrupted: MixPlan,
    instant: MixPlan,
    neither: MixPlan,
}

impl Plans {
    fn new(candidate: &Candidate) -> Self {
        let as_it_is = MixPlan::new(&candidate.scenario, &candidate.mix, &candidate.prices);
        let uninterrupted = as_it_is.without_interruptions();
        Self {
            instant: as_it_is.with_instant_boots(),
            neither: uninterrupted.with_instant_boots(),
            as_it_is,
            uninterrupted,
        }
    }

    /// The most work that is done in time by an instance that serves nothing else, in seconds on an instance of speed 1.
    fn most_work_in_time(&self) -> f64 {
        self.as_it_is.speeds().last().copied().unwrap_or(1.0) * self.as_it_is.late_after
    }
}

/// Late and failed requests of a replication.
struct Split {
    late: [f64; 6],
    failed: [f64; 6],
    late_by_work_alone: f64,
}

/// Total, interruption, boot delay, alarm delay, too small a fleet, interaction.
fn parts(counts: [u64; 5]) -> [f64; 6] {
    let [total, uninterrupted, instant, undelayed, none] = counts.map(|count| count as f64);
    let causes = [total - uninterrupted, total - instant, total - undelayed, none];
    let [interruption, boot, alarm, fleet] = causes;
    [total, interruption, boot, alarm, fleet, total - causes.iter().sum::<f64>()]
}

/// Why requests of the mix named `mix` are late in the first `replications`; `None` if it was cancelled, or there is no such mix.
pub fn causes(input: &LoadedScenario, mix: &str, replications: u32, progress: &dyn Progress) -> Option<CausesRecord> {
    let candidate = input.candidates.iter().find(|candidate| candidate.name == mix)?;
    let origin = Origin::new(input);
    let plans = Plans::new(candidate);
    let splits: Vec<Option<Split>> = (0..replications)
        .into_par_iter()
        .map(|replication| {
            let split = split(&origin, candidate, &plans, replication, progress);
            progress.advance(1);
            split
        })
        .collect();
    let splits: Vec<Split> = splits.into_iter().collect::<Option<_>>()?;
    let record = |of: &dyn Fn(&Split) -> [f64; 6]| {
        let part = |part: usize| mean_of(&splits.iter().map(|split| of(split)[part]).collect::<Vec<_>>());
        CauseSplit {
            total: part(0),
            interruption: part(1),
            boot_delay: part(2),
            alarm_delay: part(3),
            too_small_a_fleet: part(4),
            interaction: part(5),
        }
    };
    let by_work = mean_of(&splits.iter().map(|split| split.late_by_work_alone).collect::<Vec<_>>());
    Some(CausesRecord::new(record(&|split| split.late), by_work, record(&|split| split.failed)))
}

fn split(
    origin: &Origin,
    candidate: &Candidate,
    plans: &Plans,
    replication: u32,
    progress: &dyn Progress,
) -> Option<Split> {
    let markets = origin.sampling.market_paths([(candidate, replication)]).remove(0);
    let unlimited: Vec<MarketPath> = markets.iter().map(MarketPath::without_limit).collect();
    let simulation = |plan, markets| Simulation::new(plan, markets, replication, None, false);
    let first = vec![
        simulation(&plans.as_it_is, &markets),
        simulation(&plans.uninterrupted, &unlimited),
        simulation(&plans.instant, &markets),
        simulation(&plans.neither, &unlimited),
    ];
    let most_work = plans.most_work_in_time();
    let mut by_work_alone = 0usize;
    let count = |block: &RequestBlock| {
        let requests = block.arrivals.iter().zip(&block.works);
        by_work_alone += requests.filter(|(arrival, work)| **arrival >= 0.0 && **work > most_work).count();
    };
    let (first, _) = serve(origin, replication, first, false, progress, count)?;
    let following = |plan, markets, asked: &[Asked]| {
        let mut simulation = Simulation::new(plan, markets, replication, None, false);
        simulation.follow(asked);
        simulation
    };
    let second = vec![
        following(&plans.as_it_is, &markets, &first[0].asked),
        following(&plans.neither, &unlimited, &first[3].asked),
    ];
    let (second, _) = serve(origin, replication, second, false, progress, |_| {})?;
    let runs = [&first[0], &first[1], &first[2], &second[0], &second[1]];
    Some(Split {
        late: parts(runs.map(|run| run.counts.late)),
        failed: parts(runs.map(|run| run.counts.failed())),
        late_by_work_alone: by_work_alone as f64,
    })
}
