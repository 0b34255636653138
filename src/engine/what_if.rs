//! The same mix with a cause of late requests switched off, under the same random numbers: no interruptions, boots that take no time,
//! alarms that act when their breach begins.

use super::calendar::Control;
use super::chaos::ChaosPlan;
use super::patch_wave::WavePlan;
use super::plan::{MarketPlan, SpotPlan, TypePlan, WarmPlan};
use super::{MixPlan, Simulation};
use crate::fleet::BootPlan;
use crate::market::HazardRates;
use crate::rng::Sampler;
use crate::scenario::LoadBalancer;
use crate::units::{Rate, SimTime};

/// On-demand that the policies asked for, or let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub at: SimTime,
    /// When what caused it began.
    pub since: SimTime,
    /// Instances launched, or drained if negative.
    pub change: i32,
}

impl MixPlan {
    /// The mix where spot is always to be had and nothing fails: no market refuses or takes back, no chaos. Whoever runs it gives it
    /// markets without a path of their capacity.
    pub fn without_interruptions(&self) -> Self {
        let market = |market: &MarketPlan| MarketPlan {
            max_price: Rate::from_nano_per_hour(i64::MAX),
            capacity: u32::MAX,
            hazard: HazardRates::default(),
            common_share: 0.0,
            signals: None,
            ..market.clone()
        };
        let spot = self.spot.as_ref().map(|spot| SpotPlan {
            markets: spot.markets.iter().map(market).collect(),
            common_shocks: 0.0,
            ..spot.clone()
        });
        Self { spot, chaos: ChaosPlan::default(), ..self.clone() }
    }

    /// The mix where an instance serves at the moment in which it is asked for: no fulfilment, no launch that fails, no boot, no updates
    /// of a patch wave, no slow start.
    pub fn with_instant_boots(&self) -> Self {
        let at_once = Sampler::Constant(0.0);
        let kind = |kind: &TypePlan| TypePlan { boot: BootPlan::instant(self.seed), ..kind.clone() };
        let market = |market: &MarketPlan| MarketPlan {
            kind: kind(&market.kind),
            fulfilment: at_once.clone(),
            undelivered: 0.0,
            ..market.clone()
        };
        let spot = |spot: &SpotPlan| SpotPlan { markets: spot.markets.iter().map(market).collect(), ..spot.clone() };
        Self {
            reserved: self.reserved.as_ref().map(|(count, base)| (*count, kind(base))),
            spot: self.spot.as_ref().map(spot),
            on_demand: kind(&self.on_demand),
            warm_pool: self.warm_pool.as_ref().map(|pool| WarmPlan { start: at_once.clone(), ..pool.clone() }),
            patch_wave: self.patch_wave.as_ref().map(WavePlan::without_updates),
            balancer: LoadBalancer { slow_start: None, ..self.balancer },
            ..self.clone()
        }
    }
}

/// What is asked for when no alarm takes time: each launch comes when its breach began, what is let go leaves when it did. Changes in order
/// of time.
///
/// At no time there are more than the policies had asked for by the end of the delays that this moment lies in, so that the limits of
/// the group hold.
fn without_delays(asked: &[Asked], begin: SimTime) -> Vec<(SimTime, i32)> {
    // The number that is asked for after each change, and when it holds at the earliest.
    let mut number = 0i64;
    let mut pieces: Vec<(SimTime, SimTime, i64)> = Vec::new();
    for (index, one) in asked.iter().enumerate() {
        number += i64::from(one.change);
        let from = if one.change > 0 { one.since.max(begin).min(one.at) } else { one.at };
        let until = asked.get(index + 1).map_or(SimTime::NEVER, |next| next.at);
        pieces.push((from, until, number));
    }
    let mut times: Vec<SimTime> = pieces.iter().flat_map(|(from, until, _)| [*from, *until]).collect();
    times.sort_unstable();
    times.dedup();
    pieces.sort_unstable();
    let (mut next, mut holding, mut before) = (0, Vec::new(), 0i64);
    let mut changes = Vec::new();
    for time in times.into_iter().filter(|time| *time < SimTime::NEVER) {
        while let Some(piece) = pieces.get(next).filter(|piece| piece.0 <= time) {
            holding.push(*piece);
            next += 1;
        }
        holding.retain(|(_, until, _)| *until > time);
        let now = holding.iter().map(|(.., number)| *number).max().unwrap_or(0);
        if now != before {
            changes.push((time, (now - before) as i32));
        }
        before = now;
    }
    changes
}

impl Simulation<'_> {
    /// Lets the changes that the policies asked for in another run happen here, each launch when its breach began. The policies
    /// themselves are not followed.
    pub fn follow(&mut self, asked: &[Asked]) {
        self.follows = true;
        for (time, change) in without_delays(asked, self.now) {
            self.calendar.schedule(time, Control::Followed { change });
        }
        self.look_ahead();
    }

    /// A change that the policies of another run asked for.
    pub(super) fn followed(&mut self, change: i32) {
        const WHY: &str = "asked for in the same run with alarms that take their time";
        if change < 0 {
            self.scale_in(change.unsigned_abs(), WHY);
            return;
        }
        for _ in 0..change {
            self.launch_on_demand(WHY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(at: i64, since: i64, change: i32) -> Asked {
        Asked { at: SimTime::from_secs(at), since: SimTime::from_secs(since), change }
    }

    fn changes(list: &[Asked]) -> Vec<(i64, i32)> {
        let begin = SimTime::from_secs(-60);
        let seconds = |time: SimTime| time.since_start().nanos() / 1_000_000_000;
        without_delays(list, begin).into_iter().map(|(time, change)| (seconds(time), change)).collect()
    }

    #[test]
    fn launches_come_sooner_and_departures_when_they_did() {
        assert_eq!(changes(&[]), []);
        let list = [asked(300, 100, 2), asked(360, 160, 1), asked(900, 700, -2), asked(1200, 1200, 1)];
        assert_eq!(changes(&list), [(100, 2), (160, 1), (900, -2), (1200, 1)]);
        assert_eq!(changes(&[asked(0, -500, 1)]), [(-60, 1)], "not before the run begins");
    }

    /// Two leave at 400 while three more have been needed since 300: there never are more than the three that were asked for.
    #[test]
    fn limits_hold_while_delays_overlap() {
        let list = [asked(200, 100, 3), asked(400, 350, -2), asked(500, 300, 2)];
        assert_eq!(changes(&list), [(100, 3)]);
    }
}
