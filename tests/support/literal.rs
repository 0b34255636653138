//! Every discipline, simulated event by event with its requests as records: what the engine's kernels are held against.
//!
//! Written for clarity and not for speed. At each instant: first completions, then changes of the fleet, then requests that wait
//! start or are sent, then clients leave, then requests that were cut off come again, then others arrive.

#![allow(dead_code, reason = "each test uses a part of this module")]

/// A request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Client {
    /// When it arrives; before 0 it is served and not counted.
    pub arrival: f64,
    /// Work in seconds at speed 1.
    pub work: f64,
    /// How long it waits.
    pub patience: f64,
}

/// A change of the fleet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// An instance takes requests.
    Enter { instance: u32, slots: u32, speed: f64 },
    /// It takes no new ones.
    Drain { instance: u32 },
    /// It is gone, with what it has.
    Gone { instance: u32 },
}

/// Who serves whom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// One queue; the slot that has been idle longest.
    Fifo,
    /// One queue; the fastest idle slot.
    FifoFastest,
    /// To the instance with the fewest requests.
    LeastOutstanding,
    /// To one instance after the other.
    RoundRobin,
    /// To the least loaded of some that `Setting::draw` draws.
    PowerOf,
    /// An instance splits its speed.
    ProcessorSharing,
}

/// What holds all the time.
pub struct Setting<'a> {
    /// Who serves whom.
    pub rule: Rule,
    /// Requests that may wait.
    pub queue_limit: Option<usize>,
    /// Whether requests that are cut off come again.
    pub retry: bool,
    /// Busy time counts between these times.
    pub window: [f64; 2],
    /// For each number of a request, its attempt and the number of instances: which ones are drawn.
    pub draw: &'a dyn Fn(u64, u32, usize) -> Vec<usize>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// Complete at this time.
    Served(f64),
    /// Turned away.
    Rejected,
    /// Gave up.
    TimedOut,
    /// Lost with its instance.
    Lost,
    /// Waits for ever.
    Waiting,
}

/// What became of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// By request.
    pub fates: Vec<Fate>,
    /// Busy slot-seconds within the window on instances that do not drain.
    pub busy: f64,
}

/// The first time of the grid, 2⁻²⁰ s, that is not before `time`.
fn on_grid(time: f64) -> f64 {
    (time * 1_048_576.0).ceil() / 1_048_576.0
}

/// A request on its way.
#[derive(Debug, Clone, Copy)]
struct Request {
    number: usize,
    attempt: u32,
    since: f64,
}

/// A request in service: alone on a slot, or with others.
#[derive(Debug, Clone, Copy)]
struct Job {
    request: Request,
    /// Alone on a slot: when it is complete.
    finish: f64,
    /// With others: work that is left.
    left: f64,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// The lowest numbers that are not in use, counted apart for each speed.
    number: usize,
    idle_since: f64,
    job: Option<Job>,
}

#[derive(Debug, Clone)]
struct Instance {
    name: u32,
    /// The lowest that is not in use.
    place: usize,
    entered: usize,
    speed: f64,
    slots: Vec<Slot>,
    queue: Vec<Request>,
    /// Under processor sharing.
    jobs: Vec<Job>,
    drains: bool,
}

impl Instance {
    fn load(&self) -> usize {
        self.queue.len() + self.jobs.len() + self.slots.iter().filter(|slot| slot.job.is_some()).count()
    }

    /// Work that each of the requests that share it gets in a second.
    fn rate(&self) -> f64 {
        self.speed * (self.slots.len() as f64 / self.jobs.len() as f64).min(1.0)
    }

    fn requests(&self) -> Vec<Request> {
        let served = self.slots.iter().filter_map(|slot| slot.job).chain(self.jobs.iter().copied());
        served.map(|job| job.request).chain(self.queue.iter().copied()).collect()
    }
}

struct World<'a> {
    setting: &'a Setting<'a>,
    clients: &'a [Client],
    instances: Vec<Instance>,
    /// Before all instances.
    queue: Vec<Request>,
    /// Cut off, and when they come again.
    again: Vec<Request>,
    turn: usize,
    entered: usize,
    now: f64,
    tally: Tally,
}

/// Where an instance that enters belongs; nothing for other changes.
#[derive(Debug, Clone, Default)]
struct Seat {
    /// The lowest place that is not in use.
    place: usize,
    /// The lowest numbers of slots that are not in use, counted apart for each speed.
    numbers: Vec<usize>,
}

/// The seat of each change, in the order of the changes.
fn seats(changes: &[(f64, Change)]) -> Vec<Seat> {
    let mut taken: Vec<(u32, f64, Seat)> = Vec::new();
    let seat = |(_, change): &(f64, Change)| match *change {
        Change::Enter { instance, slots, speed } => {
            let free = |number: &usize| !taken.iter().any(|(_, s, seat)| *s == speed && seat.numbers.contains(number));
            let numbers = (0..).filter(free).take(slots as usize).collect();
            let place = (0..).find(|place| taken.iter().all(|(.., seat)| seat.place != *place)).expect("a place");
            let seat = Seat { place, numbers };
            taken.push((instance, speed, seat.clone()));
            seat
        }
        Change::Drain { .. } => Seat::default(),
        Change::Gone { instance } => {
            taken.retain(|(name, ..)| *name != instance);
            Seat::default()
        }
    };
    changes.iter().map(seat).collect()
}

/// Serves `clients` (in order of arrival) on the fleet that `changes` (in order of time) make.
pub fn serve(clients: &[Client], changes: &[(f64, Change)], setting: &Setting) -> Tally {
    // An instance takes requests from the first time of the grid on; its seat it takes at its own time.
    let seats = seats(changes);
    let on_grid = |&(time, change): &(f64, Change)| match change {
        Change::Enter { .. } => on_grid(time),
        Change::Drain { .. } | Change::Gone { .. } => time,
    };
    let mut changes: Vec<(f64, Change, Seat)> =
        changes.iter().zip(seats).map(|(change, seat)| (on_grid(change), change.1, seat)).collect();
    changes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut world = World {
        setting,
        clients,
        instances: Vec::new(),
        queue: Vec::new(),
        again: Vec::new(),
        turn: 0,
        entered: 0,
        now: f64::NEG_INFINITY,
        tally: Tally { fates: vec![Fate::Waiting; clients.len()], busy: 0.0 },
    };
    let (mut changes, mut arrivals) = (changes.into_iter().peekable(), (0..clients.len()).peekable());
    loop {
        let change = changes.peek().map_or(f64::INFINITY, |change| change.0);
        let arrival = arrivals.peek().map_or(f64::INFINITY, |&number| clients[number].arrival);
        let again = world.again.iter().map(|request| request.since).fold(f64::INFINITY, f64::min);
        let now = world.next_completion().min(change).min(world.next_leave()).min(again).min(arrival);
        if now == f64::INFINITY {
            return world.tally;
        }
        world.pass_until(now);
        world.complete();
        while let Some((_, change, seat)) = changes.next_if(|(time, ..)| *time <= now) {
            world.change(change, seat);
        }
        world.start_waiting();
        world.leave();
        let (due, later) = world.again.drain(..).partition(|request| request.since <= now);
        world.again = later;
        let due: Vec<Request> = due;
        let fresh = std::iter::from_fn(|| arrivals.next_if(|&number| clients[number].arrival <= now));
        let fresh = fresh.map(|number| Request { number, attempt: 0, since: now });
        for request in due.into_iter().chain(fresh) {
            world.arrive(request);
            // Who has no patience at all is gone before the next one of the same instant comes.
            world.leave();
        }
    }
}

impl World<'_> {
    fn shared(&self) -> bool {
        matches!(self.setting.rule, Rule::Fifo | Rule::FifoFastest)
    }

    fn sharing(&self) -> bool {
        self.setting.rule == Rule::ProcessorSharing
    }

    fn deadline(&self, request: &Request) -> f64 {
        request.since + self.clients[request.number].patience
    }

    fn next_completion(&self) -> f64 {
        let alone = self.instances.iter().flat_map(|i| &i.slots).filter_map(|slot| slot.job.map(|job| job.finish));
        let shared = self.instances.iter().flat_map(|i| i.jobs.iter().map(|job| self.now + job.left / i.rate()));
        alone.chain(shared).fold(f64::INFINITY, f64::min)
    }

    fn next_leave(&self) -> f64 {
        let queued = self.queue.iter().chain(self.instances.iter().flat_map(|i| &i.queue));
        let sharing = self.instances.iter().flat_map(|i| &i.jobs).map(|job| &job.request);
        queued.chain(sharing).map(|request| self.deadline(request)).fold(f64::INFINITY, f64::min)
    }

    /// Work is done until `now`; what is complete then has exactly nothing left.
    fn pass_until(&mut self, now: f64) {
        for instance in &mut self.instances {
            let busy = instance.slots.iter().filter(|slot| slot.job.is_some()).count();
            let busy = busy + instance.jobs.len().min(instance.slots.len());
            let [from, until] = self.setting.window;
            let seconds = (now.min(until) - self.now.max(from)).max(0.0);
            if busy > 0 && !instance.drains {
                self.tally.busy += busy as f64 * seconds;
            }
            let rate = instance.rate();
            for job in &mut instance.jobs {
                job.left = if self.now + job.left / rate <= now { 0.0 } else { job.left - rate * (now - self.now) };
            }
        }
        self.now = now;
    }

    fn complete(&mut self) {
        let now = self.now;
        for instance in &mut self.instances {
            for slot in &mut instance.slots {
                if let Some(job) = slot.job.take_if(|job| job.finish <= now) {
                    slot.idle_since = job.finish;
                    self.tally.fates[job.request.number] = Fate::Served(job.finish);
                }
            }
            for job in instance.jobs.extract_if(.., |job| job.left <= 0.0) {
                self.tally.fates[job.request.number] = Fate::Served(now);
            }
        }
    }

    fn change(&mut self, change: Change, seat: Seat) {
        match change {
            Change::Enter { instance, speed, .. } => {
                let slot = |number| Slot { number, idle_since: self.now, job: None };
                let slots = seat.numbers.into_iter().map(slot).collect();
                self.entered += 1;
                self.instances.push(Instance {
                    name: instance,
                    place: seat.place,
                    entered: self.entered,
                    speed,
                    slots,
                    queue: Vec::new(),
                    jobs: Vec::new(),
                    drains: false,
                });
            }
            Change::Drain { instance } => {
                self.leave_circle(instance);
                self.instances.iter_mut().filter(|i| i.name == instance).for_each(|i| i.drains = true);
            }
            Change::Gone { instance } => {
                self.leave_circle(instance);
                let (gone, stay) = self.instances.drain(..).partition(|i| i.name == instance);
                self.instances = stay;
                let gone: Vec<Instance> = gone;
                let mut cut_off: Vec<Request> = gone.iter().flat_map(Instance::requests).collect();
                cut_off.sort_by_key(|request| request.number);
                for request in cut_off {
                    if self.setting.retry {
                        self.again.push(Request { attempt: request.attempt + 1, since: on_grid(self.now), ..request });
                    } else {
                        self.tally.fates[request.number] = Fate::Lost;
                    }
                }
            }
        }
    }

    /// Instances in service, in the order in which they entered it.
    fn circle(&self) -> Vec<usize> {
        let mut serving: Vec<usize> = (0..self.instances.len()).filter(|&i| !self.instances[i].drains).collect();
        serving.sort_by_key(|&i| self.instances[i].entered);
        serving
    }

    /// Those behind an instance that stops taking requests move up.
    fn leave_circle(&mut self, name: u32) {
        let position = self.circle().iter().position(|&i| self.instances[i].name == name);
        self.turn -= usize::from(position.is_some_and(|position| position < self.turn));
    }

    /// The idle slot that takes a request: instance and slot.
    fn idle_slot(&self) -> Option<(usize, usize)> {
        let mut speeds: Vec<f64> = self.instances.iter().map(|i| i.speed).collect();
        speeds.sort_by(f64::total_cmp);
        let mut idle = Vec::new();
        for (i, instance) in self.instances.iter().enumerate().filter(|(_, instance)| !instance.drains) {
            for (s, slot) in instance.slots.iter().enumerate().filter(|(_, slot)| slot.job.is_none()) {
                let by_speed = if self.setting.rule == Rule::FifoFastest { -instance.speed } else { 0.0 };
                let speed = speeds.iter().position(|speed| *speed == instance.speed).expect("its own");
                idle.push(((by_speed, slot.idle_since, slot.number, speed), (i, s)));
            }
        }
        let first = idle.into_iter().min_by(|a, b| a.0.partial_cmp(&b.0).expect("times are numbers"));
        first.map(|(_, found)| found)
    }

    fn occupy(&mut self, i: usize, s: usize, request: Request) {
        let (now, work) = (self.now, self.clients[request.number].work);
        let service = (work * (1.0 / self.instances[i].speed) * 1_048_576.0).round_ties_even() / 1_048_576.0;
        let slot = &mut self.instances[i].slots[s];
        if service > 0.0 {
            slot.job = Some(Job { request, finish: now + service, left: 0.0 });
        } else {
            // A service of no time at all leaves its slot free at the same instant.
            slot.idle_since = now;
            self.tally.fates[request.number] = Fate::Served(now);
        }
    }

    fn start_waiting(&mut self) {
        if self.shared() {
            while !self.queue.is_empty()
                && let Some((i, s)) = self.idle_slot()
            {
                let request = self.queue.remove(0);
                self.occupy(i, s, request);
            }
            return;
        }
        for i in 0..self.instances.len() {
            while !self.instances[i].queue.is_empty()
                && let Some(s) = self.instances[i].slots.iter().position(|slot| slot.job.is_none())
            {
                let request = self.instances[i].queue.remove(0);
                self.occupy(i, s, request);
            }
        }
        if !self.circle().is_empty() {
            std::mem::take(&mut self.queue).into_iter().for_each(|request| self.arrive(request));
        }
    }

    fn leave(&mut self) {
        let now = self.now;
        let gives_up = |request: &mut Request| request.since + self.clients[request.number].patience <= now;
        let mut gone: Vec<Request> = self.queue.extract_if(.., gives_up).collect();
        for instance in &mut self.instances {
            gone.extend(instance.queue.extract_if(.., gives_up));
            gone.extend(instance.jobs.extract_if(.., |job| gives_up(&mut job.request)).map(|job| job.request));
        }
        gone.into_iter().for_each(|request| self.tally.fates[request.number] = Fate::TimedOut);
    }

    /// The instance that a request is sent to.
    fn route(&mut self, request: &Request) -> Option<usize> {
        let circle = self.circle();
        let least = |order: &dyn Fn(&Instance) -> (f64, f64, usize), of: &[usize]| {
            let smaller = |a: &&usize, b: &&usize| {
                order(&self.instances[**a]).partial_cmp(&order(&self.instances[**b])).expect("numbers")
            };
            of.iter().min_by(smaller).copied()
        };
        match self.setting.rule {
            _ if circle.is_empty() => None,
            Rule::Fifo | Rule::FifoFastest => None,
            Rule::LeastOutstanding => least(&|i| (i.load() as f64, 0.0, i.place), &circle),
            Rule::ProcessorSharing => {
                let capacity = |i: &Instance| i.slots.len() as f64 * i.speed;
                least(&|i| (i.load() as f64 / capacity(i), -capacity(i), i.place), &circle)
            }
            Rule::RoundRobin => {
                if self.turn >= circle.len() {
                    self.turn = 0;
                }
                self.turn += 1;
                circle.get(self.turn - 1).copied()
            }
            Rule::PowerOf => {
                let drawn = (self.setting.draw)(request.number as u64, request.attempt, circle.len());
                let drawn: Vec<usize> = drawn.into_iter().map(|index| circle[index]).collect();
                // Of equals the one that was drawn first.
                least(&|i| (i.load() as f64, 0.0, 0), &drawn)
            }
        }
    }

    fn arrive(&mut self, request: Request) {
        let limit = self.setting.queue_limit.unwrap_or(usize::MAX);
        let queue = if self.shared() {
            if self.queue.is_empty()
                && let Some((i, s)) = self.idle_slot()
            {
                return self.occupy(i, s, request);
            }
            &mut self.queue
        } else {
            match self.route(&request) {
                None => &mut self.queue,
                Some(i) if self.sharing() => {
                    let (work, instance) = (self.clients[request.number].work, &mut self.instances[i]);
                    if instance.jobs.len() >= instance.slots.len().saturating_add(limit) {
                        self.tally.fates[request.number] = Fate::Rejected;
                    } else if work <= 0.0 {
                        self.tally.fates[request.number] = Fate::Served(self.now);
                    } else {
                        instance.jobs.push(Job { request, finish: f64::INFINITY, left: work });
                    }
                    return;
                }
                Some(i) => {
                    if let Some(s) = self.instances[i].slots.iter().position(|slot| slot.job.is_none()) {
                        return self.occupy(i, s, request);
                    }
                    &mut self.instances[i].queue
                }
            }
        };
        if queue.len() >= limit {
            self.tally.fates[request.number] = Fate::Rejected;
        } else {
            queue.push(request);
        }
    }
}
