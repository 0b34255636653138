//! A patch wave within a replication: instances without the updates are replaced, batch by batch.

use super::Simulation;
use super::calendar::Control;
use super::event::What;
use super::record::WaveRecord;
use crate::fleet::{Instance, PurchaseOption, State};
use crate::rng::{Purpose, Sampler, Stream};
use crate::scaling::group::healthy_range;
use crate::scenario::{PatchWave, Replace};
use crate::stats::Histogram;
use crate::units::{Duration, SimTime};
use crate::workload::sampler;

/// A patch wave made ready.
#[derive(Debug, Clone)]
pub struct WavePlan {
    /// When the vulnerability becomes known.
    pub at: SimTime,
    /// When instances can be launched with the updates.
    pub ready: SimTime,
    /// Updates at boot.
    updates: Option<(Sampler, Stream)>,
    launch_first: bool,
    batch: u32,
    min_healthy: f64,
}

/// The draw of a boot that its updates take; stages come before it.
const UPDATES_DRAW: u32 = 1 << 16;

impl WavePlan {
    /// The wave described by `wave`.
    pub fn new(wave: &PatchWave, seed: u32) -> Self {
        let at = SimTime::START + wave.at;
        let updates = wave.updates.as_ref().map(|law| (sampler(law), Stream::new(seed, Purpose::Boot)));
        Self {
            at,
            ready: at + wave.prepare,
            updates,
            launch_first: wave.replace == Replace::LaunchFirst,
            batch: wave.batch,
            min_healthy: wave.min_healthy,
        }
    }

    /// The same wave with updates that take no time.
    pub(super) fn without_updates(&self) -> Self {
        Self { updates: None, ..self.clone() }
    }

    /// How long the updates of a launch take, in whole milliseconds.
    pub(super) fn updates(&self, replication: u32, launch: u64) -> Duration {
        self.updates.as_ref().map_or(Duration::ZERO, |(law, stream)| {
            let seconds = law.draw(stream.uniform(replication, launch, UPDATES_DRAW));
            Duration::from_secs_f64_rounded_to_millis(seconds)
        })
    }
}

/// The wave while it runs.
#[derive(Debug)]
pub(super) struct WaveState {
    /// Instances in service that must stay.
    must_stay: u32,
    /// Replacements that have been launched and are not in service yet.
    on_their_way: Vec<u32>,
    /// Slots of the spot pool whose replacement has not come yet.
    slots: Vec<u32>,
    /// Old instances that leave when the replacements on their way are in service.
    successors_of: Vec<u32>,
    pub(super) record: WaveRecord,
}

impl Simulation<'_> {
    /// Whether a wave is running, and what of it.
    fn running_wave(&mut self) -> Option<&mut WaveState> {
        self.wave.as_mut().filter(|wave| wave.record.settled.is_none())
    }

    /// Schedules the wave, if there is one.
    pub(super) fn schedule_wave(&mut self) {
        if let Some(wave) = &self.plan.patch_wave {
            self.calendar.schedule(wave.at, Control::WaveKnown);
            self.calendar.schedule(wave.ready, Control::WaveReady);
        }
    }

    /// The vulnerability becomes known: from now on time is counted.
    pub(super) fn wave_known(&mut self) {
        let in_service: u32 = self.meter.in_service.instances.iter().sum();
        let size = self.alive.iter().filter(|&&number| self.fleet[number as usize].counts_in_group()).count() as u32;
        let plan = self.plan.patch_wave.as_ref().expect("a wave has been planned");
        self.wave = Some(WaveState {
            must_stay: healthy_range(size, plan.min_healthy * 100.0, 100.0).low,
            on_their_way: Vec::new(),
            slots: Vec::new(),
            successors_of: Vec::new(),
            record: WaveRecord {
                begun: self.now,
                replacing_from: plan.ready,
                exposed_until: None,
                settled: None,
                replaced: 0,
                in_service_before: in_service,
                fewest_in_service: in_service,
                latency: Histogram::default(),
            },
        });
        self.log(What::PatchWave, None, || {
            format!("{size} instances are vulnerable; replaced from {} later on", plan.ready - plan.at)
        });
        self.wave_is_over();
    }

    /// Whether what is requested now has the updates.
    pub(super) fn is_patched_now(&self) -> bool {
        self.plan.patch_wave.as_ref().is_some_and(|wave| self.now >= wave.ready)
    }

    /// The wave goes on, as far as it may.
    pub(super) fn wave_step(&mut self) {
        let Some(plan) = self.plan.patch_wave.as_ref().filter(|plan| self.now >= plan.ready) else { return };
        if self.running_wave().is_none() {
            return;
        }
        self.empty_warm_pool_of_vulnerable();
        if plan.launch_first {
            self.let_predecessors_go();
            self.launch_successors(plan.batch);
        }
        self.replace_in_place(plan);
    }

    /// Old instances of the group in service, the oldest first; with spot or without.
    fn old_in_service(&self, spot: bool) -> Vec<u32> {
        let old = |number: &u32| {
            let instance = &self.fleet[*number as usize];
            instance.state == State::InService && !instance.patched && spot == (instance.option == PurchaseOption::Spot)
        };
        self.alive.iter().copied().filter(old).collect()
    }

    /// The batch that was launched is in service: those that it replaces drain.
    fn let_predecessors_go(&mut self) {
        let Some(wave) = self.wave.as_mut().filter(|wave| wave.on_their_way.is_empty()) else { return };
        for number in std::mem::take(&mut wave.successors_of) {
            if self.fleet[number as usize].state == State::InService {
                self.replaced(number, "patch wave: its replacement is in service");
            }
        }
    }

    /// Launches the next batch, if none is on its way.
    fn launch_successors(&mut self, batch: u32) {
        let idle = self.wave.as_ref().is_some_and(|wave| wave.on_their_way.is_empty() && wave.successors_of.is_empty());
        if !idle {
            return;
        }
        let old: Vec<u32> = self.old_in_service(false).into_iter().take(batch as usize).collect();
        for number in &old {
            self.launch_replacement(*number);
        }
        if let Some(wave) = &mut self.wave {
            wave.successors_of = old;
        }
    }

    /// Drains old instances and replaces each at once, as long as enough stay; with a surge only those of the spot pool.
    fn replace_in_place(&mut self, plan: &WavePlan) {
        let mut old = self.old_in_service(true);
        if !plan.launch_first {
            old.extend(self.old_in_service(false));
            old.sort_unstable();
        }
        for number in old {
            let in_service: u32 = self.meter.in_service.instances.iter().sum();
            let Some(wave) = &self.wave else { return };
            let under_way = (wave.on_their_way.len() + wave.slots.len()) as u32;
            let may_leave = in_service.saturating_sub(wave.must_stay) > 0 || under_way == 0;
            if under_way >= plan.batch || !may_leave {
                return;
            }
            self.replaced(number, "patch wave");
            let Instance { option, spot_slot, .. } = self.fleet[number as usize];
            match spot_slot {
                Some(slot) => self.wave.iter_mut().for_each(|wave| wave.slots.push(slot)),
                // Another is on its way already.
                None if option == PurchaseOption::Spot => {}
                None => self.launch_replacement(number),
            }
        }
    }

    fn replaced(&mut self, number: u32, why: &str) {
        self.wave.iter_mut().for_each(|wave| wave.record.replaced += 1);
        self.drain(number, why);
    }

    fn launch_replacement(&mut self, old: u32) {
        let why = format!("patch wave: replaces instance {old}");
        let number = match self.fleet[old as usize].option {
            PurchaseOption::Reserved => self.launch_reserved(&why),
            PurchaseOption::OnDemand | PurchaseOption::Spot => self.launch_on_demand(&why),
        };
        self.wave.iter_mut().for_each(|wave| wave.on_their_way.push(number));
    }

    /// Something entered service, left it or is gone: the wave may go on, or be over.
    pub(super) fn wave_looks(&mut self, number: u32) {
        if self.running_wave().is_none() {
            return;
        }
        let Instance { state, spot_slot, .. } = self.fleet[number as usize];
        let Some(wave) = self.running_wave() else { return };
        if matches!(state, State::InService | State::Terminated) {
            wave.on_their_way.retain(|other| *other != number);
        }
        if state == State::InService {
            wave.slots.retain(|slot| Some(*slot) != spot_slot);
        }
        self.wave_step();
        self.wave_is_over();
    }

    /// Notes how few are in service.
    pub(super) fn wave_counts(&mut self) {
        let in_service: u32 = self.meter.in_service.instances.iter().sum();
        if let Some(wave) = self.running_wave() {
            wave.record.fewest_in_service = wave.record.fewest_in_service.min(in_service);
        }
    }

    /// Takes in the latencies of a period in which the wave ran.
    pub(super) fn wave_latencies(&mut self) {
        let begin = self.now - self.plan.scaling.metrics.period;
        let now = self.now;
        let ran = |wave: &&mut WaveState| {
            wave.record.replacing_from < now && wave.record.settled.is_none_or(|settled| settled > begin)
        };
        if let Some(wave) = self.wave.as_mut().filter(ran) {
            wave.record.latency.merge(self.meter.period_latency());
        }
    }

    /// A slot of the spot pool is refused: the wave does not wait for it.
    pub(super) fn wave_without_slot(&mut self, slot: u32) {
        if let Some(wave) = self.running_wave() {
            wave.slots.retain(|other| *other != slot);
            self.wave_step();
            self.wave_is_over();
        }
    }

    /// Notes that nothing without the updates is left, and that every replacement serves.
    fn wave_is_over(&mut self) {
        let exposed = self.alive.iter().any(|&number| !self.fleet[number as usize].patched);
        let now = self.now;
        let Some(wave) = self.running_wave().filter(|_| !exposed) else { return };
        let exposed_until = *wave.record.exposed_until.get_or_insert(now);
        if !wave.on_their_way.is_empty() || !wave.slots.is_empty() {
            return;
        }
        wave.record.settled = Some(now);
        let (exposure, replaced) = (exposed_until - wave.record.begun, wave.record.replaced);
        self.log(What::PatchWave, None, || {
            format!("over: {replaced} instances replaced, the last vulnerable one gone after {exposure}")
        });
    }
}
