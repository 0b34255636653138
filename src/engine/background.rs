//! Microscaling within a replication: containers on hosts, for requests and for work that can wait.
//!
//! A container that serves requests is to the kernel what an instance is elsewhere, with one slot. So hosts enter and leave the
//! kernel container by container, and requests know nothing of it. Work that can wait touches no request: it is time of places that
//! the kernel does not have, counted when it ends.

use super::Simulation;
use super::calendar::Control;
use super::event::What;
use super::kernel::SlotClass;
use crate::fleet::{BackgroundTally, Backlog, Worker};
use crate::rng::{Purpose, Sampler, Stream};
use crate::scaling::{ContainerAction, ContainerController, Place, PlaceUse, RequestLoad, actions};
use crate::scenario::{Background, Containers};
use crate::units::{Duration, SimTime};
use crate::workload::sampler;
use std::collections::BTreeMap;

/// Containers have numbers from here on, instances below.
const FIRST_CONTAINER: u32 = 1 << 31;

/// Background work made ready.
#[derive(Debug, Clone)]
pub struct BackgroundPlan {
    task: Sampler,
    tasks: Option<u64>,
    checkpoint_every: Option<Duration>,
    restart: Duration,
    start: Sampler,
    containers: Containers,
    starts: Stream,
}

impl BackgroundPlan {
    /// The work described by `background`.
    pub fn new(background: &Background, seed: u32) -> Self {
        Self {
            task: sampler(&background.task),
            tasks: background.tasks,
            checkpoint_every: background.checkpoint_every,
            restart: background.restart,
            start: sampler(&background.containers.start),
            containers: background.containers.clone(),
            starts: Stream::new(seed, Purpose::ContainerStart),
        }
    }
}

/// What came of work that can wait in one replication.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackgroundRecord {
    /// Work, times and tasks.
    pub tally: BackgroundTally,
    /// Containers that were started for requests.
    pub starts: u64,
    /// Seconds for which requests were served.
    pub served_seconds: f64,
}

/// What is at a place.
#[derive(Debug, Clone, Copy)]
enum Held {
    Nothing,
    /// A container for requests that is on its way.
    Starting(u32),
    Serving(u32),
    /// A container that finishes its last request.
    Leaving(u32),
    Working(u32, Worker),
}

#[derive(Debug)]
struct Host {
    speed: f64,
    /// It gets no new containers.
    leaves: bool,
    places: Vec<Held>,
}

/// All hosts and their containers.
#[derive(Debug)]
pub(super) struct Hosts {
    controller: ContainerController,
    backlog: Backlog,
    tally: BackgroundTally,
    of_instance: BTreeMap<u32, Host>,
    /// Where each container is.
    place_of: BTreeMap<u32, Place>,
    /// How many containers there have been.
    containers: u32,
    starts: u64,
}

impl Hosts {
    pub(super) fn new(plan: &BackgroundPlan, seed: u32, replication: u32) -> Self {
        Self {
            controller: ContainerController::new(&plan.containers),
            backlog: Backlog::new(plan.task.clone(), plan.tasks, seed, replication),
            tally: BackgroundTally::default(),
            of_instance: BTreeMap::new(),
            place_of: BTreeMap::new(),
            containers: 0,
            starts: 0,
        }
    }

    pub(super) fn record(self, served_seconds: f64) -> BackgroundRecord {
        BackgroundRecord { tally: self.tally, starts: self.starts, served_seconds }
    }

    fn new_container(&mut self, place: Place) -> u32 {
        // Numbers that were used long ago may come again.
        let number = FIRST_CONTAINER | self.containers;
        self.containers = self.containers.wrapping_add(1) % FIRST_CONTAINER;
        self.place_of.insert(number, place);
        number
    }

    /// What is at a place; `None` if its host is gone.
    fn at(&mut self, place: Place) -> Option<&mut Held> {
        self.of_instance.get_mut(&place.host)?.places.get_mut(place.slot as usize)
    }

    /// Puts something at a place; returns what was there.
    fn put(&mut self, place: Place, held: Held) -> Held {
        self.at(place).map_or(Held::Nothing, |there| std::mem::replace(there, held))
    }

    /// Kills a container with work that can wait.
    fn kill(&mut self, container: u32, worker: Worker, now: SimTime) {
        let (tally, task) = worker.kill(now);
        self.tally.add(&tally);
        self.backlog.put_back(task);
        self.place_of.remove(&container);
    }

    /// Places of hosts that stay, and what is there.
    fn view(&self, now: SimTime) -> Vec<(Place, PlaceUse)> {
        let stays = self.of_instance.iter().filter(|(_, host)| !host.leaves);
        let places = stays.flat_map(|(&number, host)| (0..).zip(&host.places).map(move |at| (number, at)));
        let found = |held: &Held| match held {
            Held::Nothing => PlaceUse::Free,
            Held::Starting(_) => PlaceUse::Starting,
            Held::Serving(_) => PlaceUse::Serving,
            Held::Leaving(_) => PlaceUse::Leaving,
            Held::Working(_, worker) => PlaceUse::Background { unsaved: worker.unsaved(now) },
        };
        places.map(|(host, (slot, held))| (Place { host, slot }, found(held))).collect()
    }

    /// Whether any task is not complete.
    fn have_work(&self) -> bool {
        let mut held = self.of_instance.values().flat_map(|host| &host.places);
        self.backlog.waiting() > 0 || held.any(|held| matches!(held, Held::Working(..)))
    }

    /// Containers of an instance that serve or finish requests.
    fn serving_on(&self, number: u32) -> Vec<u32> {
        let places = self.of_instance.get(&number).map_or(&[][..], |host| &host.places);
        let serving = places.iter().filter_map(|held| match held {
            Held::Serving(container) | Held::Leaving(container) => Some(*container),
            _ => None,
        });
        serving.collect()
    }
}

impl Simulation<'_> {
    /// What the kernel knows an instance by: itself, or its containers that serve.
    fn members(&self, number: u32) -> Vec<u32> {
        self.hosts.as_ref().map_or_else(|| vec![number], |hosts| hosts.serving_on(number))
    }

    /// What the busy time of an instance in service counts for.
    pub(super) fn class_of(&self, number: u32) -> SlotClass {
        if self.fleet[number as usize].warm { SlotClass::Warm } else { SlotClass::Warming }
    }

    /// Changes what an instance's busy time counts for.
    pub(super) fn reclassify(&mut self, number: u32, class: SlotClass) {
        for member in self.members(number) {
            self.kernel.reclassify(member, class, self.now.as_secs_f64(), &mut self.meter);
        }
    }

    /// No new requests for an instance, and no new containers; returns when its last request will be complete, in seconds.
    pub(super) fn retire(&mut self, number: u32) -> f64 {
        let now = self.now.as_secs_f64();
        let members = self.members(number);
        let lasts = members.into_iter().map(|member| self.kernel.retire(member, now, &mut self.meter));
        let last = lasts.fold(now, f64::max);
        let Some(hosts) = &mut self.hosts else { return last };
        if let Some(host) = hosts.of_instance.get_mut(&number) {
            host.leaves = true;
            for held in &mut host.places {
                match *held {
                    Held::Starting(container) => {
                        hosts.place_of.remove(&container);
                        *held = Held::Nothing;
                    }
                    Held::Serving(container) => *held = Held::Leaving(container),
                    _ => {}
                }
            }
            self.place_containers();
        }
        last
    }

    /// Takes the requests of an instance away; returns how many it had not completed.
    pub(super) fn cut_off(&mut self, number: u32) -> u32 {
        let members = self.members(number);
        self.kernel.remove_together(&members, self.now.as_secs_f64(), &mut self.meter)
    }

    /// An instance is gone, with its containers; returns how many requests it had not completed.
    pub(super) fn close(&mut self, number: u32) -> u32 {
        let lost = self.cut_off(number);
        let Some(hosts) = &mut self.hosts else { return lost };
        for held in hosts.of_instance.remove(&number).map_or_else(Vec::new, |host| host.places) {
            match held {
                Held::Working(container, worker) => hosts.kill(container, worker, self.now),
                Held::Starting(container) | Held::Serving(container) | Held::Leaving(container) => {
                    hosts.place_of.remove(&container);
                }
                Held::Nothing => {}
            }
        }
        self.place_containers();
        lost
    }

    /// An instance enters service: its places can have containers.
    pub(super) fn open_host(&mut self, number: u32) {
        let kind = self.kind_of(number);
        let host = Host { speed: kind.speed, leaves: false, places: vec![Held::Nothing; kind.slots as usize] };
        if let Some(hosts) = &mut self.hosts {
            hosts.of_instance.insert(number, host);
        }
        self.place_containers();
    }

    /// The first decision, one period after the beginning, if any will be needed.
    pub(super) fn schedule_containers(&mut self) {
        let (Some(plan), Some(hosts)) = (&self.plan.background, &self.hosts) else { return };
        if hosts.controller.looks() && hosts.have_work() {
            self.calendar.schedule(self.now + plan.containers.every, Control::Containers);
        }
    }

    /// The controller sees the load of requests and decides; it need not once nothing else wants the places.
    pub(super) fn decide_on_containers(&mut self) {
        let Some(plan) = &self.plan.background else { return };
        self.kernel.settle(self.now.as_secs_f64(), &mut self.meter);
        self.meter.book_pending();
        let [busy, waiting] = self.kernel.in_system(self.now.as_secs_f64()).unwrap_or_default();
        let Some(hosts) = &mut self.hosts else { return };
        let view = hosts.view(self.now);
        let count = |wanted: PlaceUse| view.iter().filter(|(_, found)| *found == wanted).count() as u32;
        let latency = hosts.controller.percentile().map(|q| self.meter.period_latency().quantile(q));
        hosts.controller.observe(&RequestLoad {
            now: self.now,
            serving: count(PlaceUse::Serving),
            starting: count(PlaceUse::Starting),
            busy,
            waiting,
            latency: latency.filter(|seconds| !seconds.is_nan()),
        });
        self.place_containers();
        if self.hosts.as_ref().is_some_and(Hosts::have_work) {
            self.calendar.schedule(self.now + plan.containers.every, Control::Containers);
        }
    }

    /// Starts and stops containers so that as many serve as are wanted, and every other place works.
    fn place_containers(&mut self) {
        let Some(hosts) = &mut self.hosts else { return };
        let view = hosts.view(self.now);
        let wanted = hosts.controller.wanted(view.len() as u32);
        for action in actions(&view, wanted, hosts.backlog.waiting()) {
            match action {
                ContainerAction::Serve(place) => self.start_serving(place),
                ContainerAction::Stop(place) => self.stop_container(place),
                ContainerAction::Work(place) => self.start_working(place),
            }
        }
    }

    /// Draws how long a container takes to start.
    fn draw_start(&self, container: u32) -> Duration {
        let Some(plan) = &self.plan.background else { return Duration::ZERO };
        let u = plan.starts.uniform(self.replication, u64::from(container), 0);
        Duration::from_secs_f64_rounded_to_millis(plan.start.draw(u))
    }

    fn start_serving(&mut self, place: Place) {
        let begins = self.now == SimTime::START - self.plan.warm_up;
        let Some(hosts) = &mut self.hosts else { return };
        let container = hosts.new_container(place);
        if let Held::Working(killed, worker) = hosts.put(place, Held::Starting(container)) {
            hosts.kill(killed, worker, self.now);
            self.log(What::WorkKilled, Some(place.host), || format!("slot {} is needed for requests", place.slot));
        }
        let Some(hosts) = &mut self.hosts else { return };
        hosts.starts += u64::from(self.now >= SimTime::START);
        let time = if begins { Duration::ZERO } else { self.draw_start(container) };
        if time == Duration::ZERO {
            self.container_ready(container);
        } else {
            self.calendar.schedule(self.now + time, Control::ContainerReady(container));
        }
    }

    /// A container for requests has started.
    pub(super) fn container_ready(&mut self, container: u32) {
        let Some(hosts) = &mut self.hosts else { return };
        let Some(&place) = hosts.place_of.get(&container) else { return };
        let Some(host) = hosts.of_instance.get_mut(&place.host) else { return };
        host.places[place.slot as usize] = Held::Serving(container);
        let speed = host.speed;
        self.kernel.add(container, 1, speed, self.class_of(place.host), self.now.as_secs_f64());
    }

    /// A container for requests is not needed any more.
    fn stop_container(&mut self, place: Place) {
        let Some(hosts) = &mut self.hosts else { return };
        match hosts.put(place, Held::Nothing) {
            Held::Starting(container) => {
                hosts.place_of.remove(&container);
                self.start_working(place);
            }
            Held::Serving(container) => {
                hosts.put(place, Held::Leaving(container));
                let last = self.kernel.retire(container, self.now.as_secs_f64(), &mut self.meter);
                let empty = super::simulation::first_instant_at_or_after(last).max(self.now);
                self.calendar.schedule(empty, Control::ContainerEmpty(container));
            }
            other => {
                hosts.put(place, other);
            }
        }
    }

    /// A container that was stopped has finished its last request.
    pub(super) fn container_empty(&mut self, container: u32) {
        let Some(hosts) = &mut self.hosts else { return };
        let Some(place) = hosts.place_of.remove(&container) else { return };
        self.kernel.remove(container, self.now.as_secs_f64(), &mut self.meter);
        hosts.put(place, Held::Nothing);
        self.place_containers();
    }

    fn start_working(&mut self, place: Place) {
        let Some(plan) = &self.plan.background else { return };
        let Some(hosts) = &mut self.hosts else { return };
        let Some(speed) = hosts.of_instance.get(&place.host).map(|host| host.speed) else { return };
        let Some(task) = hosts.backlog.take() else { return };
        let container = hosts.new_container(place);
        let works_from = self.now + self.draw_start(container) + plan.restart;
        let worker = Worker::new(task, speed, plan.checkpoint_every, self.now, works_from);
        if let Some(hosts) = &mut self.hosts {
            hosts.put(place, Held::Working(container, worker));
        }
        self.calendar.schedule(worker.completes_at(), Control::TaskDone(container));
    }

    /// A container has completed its task and goes on with the next, if there is one.
    pub(super) fn task_done(&mut self, container: u32) {
        let Some(hosts) = &mut self.hosts else { return };
        let Some(&place) = hosts.place_of.get(&container) else { return };
        let leaves = hosts.of_instance.get(&place.host).is_none_or(|host| host.leaves);
        let next = hosts.backlog.take();
        let Some(Held::Working(_, worker)) = hosts.at(place) else { return };
        let tally = worker.complete(self.now, next);
        let completes_at = worker.completes_at();
        hosts.tally.add(&tally);
        if next.is_some() {
            self.calendar.schedule(completes_at, Control::TaskDone(container));
            return;
        }
        hosts.put(place, Held::Nothing);
        hosts.place_of.remove(&container);
        if !leaves {
            self.place_containers();
        }
    }

    /// Simulated time ends: background work is counted, containers that serve stay for what has arrived.
    pub(super) fn end_background(&mut self) {
        let Some(hosts) = &mut self.hosts else { return };
        for held in hosts.of_instance.values().flat_map(|host| &host.places) {
            if let Held::Working(_, worker) = held {
                hosts.tally.add(&worker.end(self.now));
            }
        }
    }
}
