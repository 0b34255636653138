//! The life of instances within a replication: requested, running, in service, gone.

use super::Simulation;
use super::calendar::Control;
use super::event::What;
use super::spot::RETRY_AFTER;
use crate::billing::{EndedBy, Usage};
use crate::fleet::{BootDraw, Instance, PurchaseOption, State};
use crate::units::{Duration, SimTime};

impl Simulation<'_> {
    /// Requests an instance; `launch` addresses its random boot.
    pub(super) fn request(&mut self, instance: Instance, launch: u64, why: &str) -> u32 {
        let number = self.add(instance);
        let boot = self.kind_of(number).boot.draw(self.replication, launch);
        let patched = self.is_patched_now();
        let asked = &mut self.fleet[number as usize];
        (asked.launch, asked.patched) = (launch, patched);
        self.log(What::Requested, Some(number), || why.to_string());
        self.calendar.schedule(self.now + boot.provisioning, Control::Running(number));
        number
    }

    /// Puts an instance into service at once, running since now.
    pub(super) fn start_in_service(&mut self, instance: Instance) -> u32 {
        let number = self.add(instance);
        self.fleet[number as usize].running_since = Some(self.now);
        self.fleet[number as usize].warm = true;
        self.count_running(1);
        self.enter_service(number, "initial fleet");
        self.schedule_failure(number);
        number
    }

    fn add(&mut self, instance: Instance) -> u32 {
        let number = self.fleet.len() as u32;
        self.fleet.push(instance);
        self.alive.push(number);
        number
    }

    /// The updates that an instance installs at boot.
    fn updates_of(&self, number: u32) -> Duration {
        let Instance { launch, patched, .. } = self.fleet[number as usize];
        let wave = self.plan.patch_wave.as_ref().filter(|_| patched);
        wave.map_or(Duration::ZERO, |wave| wave.updates(self.replication, launch))
    }

    pub(super) fn boot_of(&self, number: u32) -> BootDraw {
        self.kind_of(number).boot.draw(self.replication, self.fleet[number as usize].launch)
    }

    /// Provisioning is over: the instance runs and is billed, or the launch has failed.
    pub(super) fn running(&mut self, number: u32) {
        if self.fleet[number as usize].state != State::Pending {
            return;
        }
        let counted = u64::from(self.now >= SimTime::START);
        let boot = self.boot_of(number);
        let prepared = self.fleet[number as usize].prepared;
        if (boot.fails && !prepared && !self.in_reserved_capacity(number)) || self.is_zone_down(number) {
            self.launch_failures += counted;
            self.launch_failed(number);
            return;
        }
        // An instance from the warm pool has been launched before.
        self.launches += if prepared { 0 } else { counted };
        self.fleet[number as usize].state = State::Booting;
        self.fleet[number as usize].running_since = Some(self.now);
        self.count_running(1);
        let time = if prepared { boot.check } else { boot.boot + self.updates_of(number) };
        self.log(What::Running, Some(number), || format!("boots for {time}"));
        self.calendar.schedule(self.now + time, Control::InService(number));
        self.schedule_failure(number);
    }

    /// A launch has failed for want of capacity: it is tried again. The instance goes on counting as requested meanwhile, as the desired
    /// size of a group does (RULES R11); a spot slot is empty again.
    fn launch_failed(&mut self, number: u32) {
        self.log(What::LaunchFailed, Some(number), || format!("no capacity; asked again after {RETRY_AFTER}"));
        let Instance { option, spot_slot, .. } = self.fleet[number as usize];
        match (option, spot_slot) {
            (PurchaseOption::OnDemand | PurchaseOption::Reserved, _) => {
                let launch = match option {
                    PurchaseOption::Reserved => self.next_reserved_launch(),
                    _ => self.next_on_demand_launch(),
                };
                self.fleet[number as usize].launch = launch;
                let again = self.now + RETRY_AFTER + self.boot_of(number).provisioning;
                self.calendar.schedule(again, Control::Running(number));
            }
            (PurchaseOption::Spot, slot) => {
                self.forget(number);
                slot.into_iter().for_each(|slot| self.spot_slot_is_empty(slot, RETRY_AFTER));
            }
        }
    }

    /// Whether reserved capacity has room for an instance that is about to run.
    fn in_reserved_capacity(&self, number: u32) -> bool {
        let place = |number: u32| match self.fleet[number as usize].option {
            PurchaseOption::Reserved => Some(0),
            PurchaseOption::OnDemand => Some(1),
            PurchaseOption::Spot => None,
        };
        let Some(own) = place(number) else { return false };
        let held = self.plan.capacity.iter().filter(|one| one.from <= self.now && self.now < one.until);
        let (mut room, mut shared) = (0u32, [false; 2]);
        for one in held.filter(|one| one.base_and_on_demand[own]) {
            room = one.count.saturating_add(room);
            shared.iter_mut().zip(one.base_and_on_demand).for_each(|(any, this)| *any |= this);
        }
        let runs = |other: &&u32| {
            let is_running = self.fleet[**other as usize].running_since.is_some();
            is_running && place(**other).is_some_and(|place| shared[place])
        };
        (self.alive.iter().filter(runs).count() as u32) < room
    }

    /// The boot is over.
    pub(super) fn in_service(&mut self, number: u32) {
        if self.fleet[number as usize].state != State::Booting {
            return;
        }
        if self.fleet[number as usize].in_pool {
            self.join_warm_pool(number);
            return;
        }
        let warm_up = self.warm_up();
        self.fleet[number as usize].warm = warm_up == Duration::ZERO;
        self.enter_service(number, "first health check passed");
        self.launch_finished(number);
        self.cover_spot();
        if warm_up.is_positive() {
            self.calendar.schedule(self.now + warm_up, Control::Warm(number));
        }
    }

    fn enter_service(&mut self, number: u32, why: &str) {
        let kind = self.kind_of(number);
        let class = self.class_of(number);
        self.fleet[number as usize].state = State::InService;
        self.change_service(number, true);
        self.log(What::InService, Some(number), || why.to_string());
        match self.hosts {
            None => self.kernel.add(number, kind.slots, kind.speed, class, self.now.as_secs_f64()),
            Some(_) => self.open_host(number),
        }
        if let Some(slot) = self.slot_of(number) {
            self.cover.ready(slot);
        }
        if let Some(slot) = self.fleet[number as usize].spot_slot {
            self.let_replaced_go(slot);
        }
        self.wave_looks(number);
    }

    /// Adds an instance to what is in service, or takes it out.
    pub(super) fn change_service(&mut self, number: u32, enters: bool) {
        let kind = self.kind_of(number);
        let instance = &self.fleet[number as usize];
        let serving = &mut self.meter.in_service;
        let (class, option) = (usize::from(instance.warm), instance.option as usize);
        let slots = f64::from(kind.slots);
        if enters {
            serving.slots[class] += slots;
            serving.idle[class] += slots * kind.idle_cpu;
            serving.instances[option] += 1;
        } else {
            serving.slots[class] -= slots;
            serving.idle[class] -= slots * kind.idle_cpu;
            serving.instances[option] -= 1;
        }
    }

    /// An instance is gone: requests that it did not complete are lost.
    pub(super) fn terminate(&mut self, number: u32, ended_by: EndedBy, why: &str) {
        let lost = self.close(number);
        if lost > 0 {
            self.log(What::RequestsLost, Some(number), || format!("{lost} in flight"));
        }
        self.log_usage(number, ended_by);
        if self.fleet[number as usize].running_since.is_some() {
            self.count_running(-1);
        }
        self.log(What::Terminated, Some(number), || why.to_string());
        self.forget(number);
    }

    /// Marks an instance as gone.
    pub(super) fn forget(&mut self, number: u32) {
        self.fleet[number as usize].state = State::Terminated;
        self.alive.retain(|&other| other != number);
        self.spot.replaced.retain(|replaced| replaced.number != number);
        self.wave_looks(number);
    }

    /// Writes the run of an instance into the usage log, cut at the start of the horizon.
    pub(super) fn log_usage(&mut self, number: u32, ended_by: EndedBy) {
        let instance = &self.fleet[number as usize];
        let Some(since) = instance.running_since else { return };
        let from = since.max(SimTime::START);
        if self.now > from {
            self.usage.push(Usage {
                instance: number,
                option: instance.option,
                market: instance.market,
                from,
                until: self.now,
                ended_by,
            });
        }
    }
}
