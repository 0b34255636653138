//! The warm pool of a replication: instances that boot before they are needed, and wait.

use super::Simulation;
use super::calendar::Control;
use super::event::What;
use crate::billing::EndedBy;
use crate::fleet::{Instance, PurchaseOption, State};
use crate::rng::{Purpose, Stream};
use crate::scaling::group::warm_pool_size;
use crate::units::Duration;

/// The draw of a launch that its start from the pool takes; stages of the boot come before it.
const START_DRAW: u32 = 1 << 17;

impl Simulation<'_> {
    /// Launches what the pool is short of, and ends what it has too many (RULES R62).
    pub(super) fn fill_warm_pool(&mut self) {
        let Some(pool) = &self.plan.warm_pool else { return };
        let total = self.group().total;
        let wanted = warm_pool_size(total, self.controller.limits().max_total, pool.max_prepared);
        let members: Vec<u32> = self.pool_members().collect();
        for _ in members.len() as u32..wanted {
            let launch = self.next_on_demand_launch();
            let instance = Instance { in_pool: true, ..Instance::pending(PurchaseOption::OnDemand, None, None) };
            self.request(instance, launch, "fills the warm pool");
        }
        for number in members.into_iter().skip(wanted as usize) {
            if self.fleet[number as usize].state == State::Waiting {
                self.terminate(number, EndedBy::Owner, "the warm pool has too many");
            }
        }
    }

    fn pool_members(&self) -> impl Iterator<Item = u32> {
        self.alive.iter().copied().filter(|&number| self.fleet[number as usize].in_pool)
    }

    /// An instance of the pool has booted: it waits, stopped or running.
    pub(super) fn join_warm_pool(&mut self, number: u32) {
        self.fleet[number as usize].state = State::Waiting;
        let runs = self.plan.warm_pool.as_ref().is_some_and(|pool| pool.runs);
        if !runs {
            self.log_usage(number, EndedBy::Owner);
            self.fleet[number as usize].running_since = None;
            self.count_running(-1);
        }
        self.log(What::Prepared, Some(number), || if runs { "runs" } else { "stopped" }.to_string());
        self.wave_looks(number);
    }

    /// An instance that waits becomes one of the group; `None` if none waits.
    pub(super) fn take_from_warm_pool(&mut self, why: &str) -> Option<u32> {
        let pool = self.plan.warm_pool.as_ref()?;
        let waits = |number: &u32| self.fleet[*number as usize].state == State::Waiting;
        let number = self.pool_members().find(waits)?;
        let launch = self.fleet[number as usize].launch;
        let u = Stream::new(self.plan.seed, Purpose::Boot).uniform(self.replication, launch, START_DRAW);
        let start = Duration::from_secs_f64_rounded_to_millis(pool.start.draw(u));
        let instance = &mut self.fleet[number as usize];
        (instance.in_pool, instance.prepared) = (false, true);
        self.log(What::Requested, Some(number), || format!("from the warm pool: {why}"));
        if pool.runs {
            self.fleet[number as usize].state = State::Booting;
            let check = self.boot_of(number).check;
            self.calendar.schedule(self.now + start + check, Control::InService(number));
        } else {
            self.fleet[number as usize].state = State::Pending;
            self.calendar.schedule(self.now + start, Control::Running(number));
        }
        Some(number)
    }

    /// Waiting instances without the updates of a patch wave are of no use any more.
    pub(super) fn empty_warm_pool_of_vulnerable(&mut self) {
        let old = |number: &u32| {
            let instance = &self.fleet[*number as usize];
            instance.state == State::Waiting && !instance.patched
        };
        for number in self.pool_members().filter(old).collect::<Vec<_>>() {
            self.terminate(number, EndedBy::Owner, "patch wave: the warm pool is renewed");
        }
    }
}
