//! Random small systems against the literal simulation, request by request.

#[path = "../../../tests/support/literal.rs"]
pub(super) mod literal;

use super::{Booking, Choice, Kernel, LeastOutstanding, PowerOf, RoundRobin, Rules, SharedKernel, SlotClass};
use crate::rng::repeatable::long;
use crate::rng::{Purpose, Stream};
use crate::units::on_grid;
use crate::workload::RequestBlock;
use literal::{Change, Client, Fate, Rule, Setting, serve};
use std::collections::BTreeMap;

const SEED: u32 = 5;
const SPEEDS: [f64; 3] = [0.5, 1.0, 1.75];
const RULES: [Rule; 6] =
    [Rule::Fifo, Rule::FifoFastest, Rule::LeastOutstanding, Rule::RoundRobin, Rule::PowerOf, Rule::ProcessorSharing];
const CHOICES: u32 = 5;

/// What was booked, by arrival.
#[derive(Default)]
pub(super) struct Diary {
    pub(super) fates: BTreeMap<u64, Fate>,
    pub(super) busy: f64,
}

impl Diary {
    fn note(&mut self, arrival: f64, fate: Fate) {
        assert_eq!(self.fates.insert(arrival.to_bits(), fate), None, "booked twice: {arrival}");
    }
}

impl Booking for Diary {
    fn completed(&mut self, arrival: f64, finish: f64) {
        self.note(arrival, Fate::Served(finish));
    }
    fn lost(&mut self, arrival: f64) {
        self.note(arrival, Fate::Lost);
    }
    fn rejected(&mut self, arrival: f64) {
        self.note(arrival, Fate::Rejected);
    }
    fn timed_out(&mut self, arrival: f64) {
        self.note(arrival, Fate::TimedOut);
    }
    fn in_system_at_end(&mut self, arrival: f64) {
        self.note(arrival, Fate::Waiting);
    }
    fn busy(&mut self, class: SlotClass, seconds: f64) {
        assert!(seconds >= 0.0);
        self.busy += if class == SlotClass::Draining { 0.0 } else { seconds };
    }
}

/// Numbers of a case, one after the other.
struct Dice {
    case: u64,
    thrown: u32,
}

impl Dice {
    fn unit(&mut self) -> f64 {
        self.thrown += 1;
        Stream::new(SEED, Purpose::Resample).uniform(0, self.case, self.thrown)
    }

    fn below(&mut self, n: u32) -> u32 {
        (self.unit() * f64::from(n)) as u32
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }
}

#[derive(Debug)]
struct Case {
    rule: Rule,
    queue_limit: Option<u32>,
    retry: bool,
    /// Times of the control plane at which nothing of the fleet changes.
    ticks: Vec<f64>,
    changes: Vec<(f64, Change)>,
    clients: Vec<Client>,
    /// One for all.
    timeout: Option<f64>,
}

fn case(number: u64) -> Case {
    let mut dice = Dice { case: number, thrown: 0 };
    let rule = RULES[(number % 6) as usize];
    // Half of the cases keep to a coarse grid, so that things happen at the same time; shared speeds would then round differently.
    let coarse = dice.one_in(2) && rule != Rule::ProcessorSharing;
    let place = move |time: f64| if coarse { (4.0 * time).ceil() / 4.0 } else { on_grid(time) };
    let (mean_gap, mean_work) = ([0.1, 0.4, 1.0][dice.below(3) as usize], 0.3 + 2.0 * dice.unit());
    let timeout = dice.one_in(2).then(|| place(0.01 + 6.0 * dice.unit()));
    let random_patience = timeout.is_none() && dice.one_in(2);
    let mut now = -10.0;
    let clients = (0..150)
        .map(|_| {
            now += on_grid(1e-6 - mean_gap * dice.unit().ln());
            let work = place(1e-3 - mean_work * dice.unit().ln());
            let random = if random_patience { place(-3.0 * dice.unit().ln()) } else { f64::INFINITY };
            // All arrivals differ, so that each request has a name.
            Client { arrival: now, work, patience: timeout.unwrap_or(random) }
        })
        .collect();
    let end = now + 20.0;
    let mut changes = Vec::new();
    let initial = dice.below(4);
    for instance in 0..initial + 2 + dice.below(12) {
        let begin = if instance < initial { -10.0 } else { -10.0 + dice.unit() * (end + 10.0) };
        // Instants of the control plane need not fall on the grid.
        let instant = |time: f64| if coarse { place(time) } else { (1e9 * time).round() / 1e9 };
        let (slots, speed) = (1 + dice.below(3), SPEEDS[dice.below(3) as usize]);
        let enter = instant(begin);
        changes.push((enter, Change::Enter { instance, slots, speed }));
        if dice.one_in(3) {
            continue;
        }
        let mut stop = instant(enter + 0.1 + 20.0 * dice.unit());
        if dice.one_in(2) {
            changes.push((stop, Change::Drain { instance }));
            stop = instant(stop + 5.0 * dice.unit());
        }
        changes.push((stop, Change::Gone { instance }));
    }
    changes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ticks = (0..8).map(|_| -10.0 + dice.unit() * (end + 10.0)).collect();
    let queue_limit = dice.one_in(2).then(|| dice.below(5));
    Case { rule, queue_limit, retry: dice.one_in(2), ticks, changes, clients, timeout }
}

fn kernel(case: &Case) -> Kernel {
    let rules = Rules::new(case.queue_limit, case.timeout.unwrap_or(f64::INFINITY), case.retry);
    match case.rule {
        Rule::Fifo => Kernel::Shared(Box::new(SharedKernel::new(rules, Choice::LongestIdle, &SPEEDS))),
        Rule::FifoFastest => Kernel::Shared(Box::new(SharedKernel::new(rules, Choice::Fastest, &SPEEDS))),
        Rule::LeastOutstanding => Kernel::queues(rules, LeastOutstanding::default()),
        Rule::RoundRobin => Kernel::queues(rules, RoundRobin::default()),
        Rule::PowerOf => Kernel::queues(rules, PowerOf::new(CHOICES, SEED, 3)),
        Rule::ProcessorSharing => Kernel::sharing(rules),
    }
}

/// The draws of `power-of`, from the generator itself.
fn draw(number: u64, attempt: u32, instances: usize) -> Vec<usize> {
    let words = |block: u32| Stream::new(SEED, Purpose::Request).words(3, number, 1 + 2 * attempt + block);
    let all: Vec<u32> = words(0).into_iter().chain(words(1)).collect();
    all[..CHOICES as usize].iter().map(|word| ((u64::from(*word) * instances as u64) >> 32) as usize).collect()
}

/// Runs a kernel through a case, in blocks, with what `retire` promises.
fn run(case: &Case) -> (Diary, Vec<(u32, f64)>) {
    enum Event {
        Tick,
        Change(Change),
    }
    let mut events: Vec<(f64, Event)> = case.ticks.iter().map(|time| (*time, Event::Tick)).collect();
    events.extend(case.changes.iter().map(|(time, change)| (*time, Event::Change(*change))));
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut kernel, mut diary, mut promises) = (kernel(case), Diary::default(), Vec::new());
    let mut events = events.into_iter().peekable();
    let mut control = |kernel: &mut Kernel, diary: &mut Diary, now: f64, event: Event| match event {
        Event::Tick => kernel.settle(now, diary),
        Event::Change(Change::Enter { instance, slots, speed }) => {
            kernel.add(instance, slots, speed, SlotClass::Warming, now);
            kernel.reclassify(instance, SlotClass::Warm, now, diary);
        }
        Event::Change(Change::Drain { instance }) => promises.push((instance, kernel.retire(instance, now, diary))),
        Event::Change(Change::Gone { instance }) => {
            kernel.remove(instance, now, diary);
        }
    };
    for clients in case.clients.chunks(40) {
        let block = RequestBlock {
            arrivals: clients.iter().map(|client| client.arrival).collect(),
            works: clients.iter().map(|client| client.work).collect(),
            patiences: match case.timeout {
                Some(_) => Vec::new(),
                None => clients.iter().map(|client| client.patience).collect(),
            },
        };
        let mut next = 0;
        loop {
            let until = events.peek().map_or(f64::INFINITY, |event| event.0);
            next = kernel.take(&block, next, until, &mut diary);
            if next == clients.len() {
                break;
            }
            let (now, event) = events.next().expect("it waits for an event");
            control(&mut kernel, &mut diary, now, event);
        }
    }
    for (now, event) in events {
        control(&mut kernel, &mut diary, now, event);
    }
    kernel.finish(&mut diary);
    (diary, promises)
}

/// Returns how often each fate was met.
fn check(number: u64) -> [u32; 5] {
    let case = case(number);
    let (diary, promises) = run(&case);
    let setting = Setting {
        rule: case.rule,
        queue_limit: case.queue_limit.map(|limit| limit as usize),
        retry: case.retry,
        window: [f64::NEG_INFINITY, f64::INFINITY],
        draw: &draw,
    };
    let tally = serve(&case.clients, &case.changes, &setting);
    // Shared speeds are rounded differently.
    let precision = if case.rule == Rule::ProcessorSharing { 5e-6 } else { 0.0 };
    let mut seen = [0; 5];
    for (client, fate) in case.clients.iter().zip(&tally.fates) {
        let found = diary.fates.get(&client.arrival.to_bits());
        let same = match (found, fate) {
            (Some(Fate::Served(a)), Fate::Served(b)) => (a - b).abs() <= precision,
            (found, fate) => found == Some(fate),
        };
        assert!(same, "case {number}: {client:?} has {found:?} instead of {fate:?}\n{case:#?}");
        seen[match fate {
            Fate::Served(_) => 0,
            Fate::Rejected => 1,
            Fate::TimedOut => 2,
            Fate::Lost => 3,
            Fate::Waiting => 4,
        }] += 1;
    }
    assert_eq!(diary.fates.len(), case.clients.len());
    assert!((diary.busy - tally.busy).abs() < 1e-4, "case {number}: busy {} instead of {}", diary.busy, tally.busy);
    for (instance, last) in promises {
        let gone = case.changes.iter().find(|(_, change)| *change == Change::Gone { instance }).map(|(time, _)| *time);
        assert!(last.is_finite() && gone.is_some());
    }
    seen
}

#[test]
fn every_discipline_serves_as_a_literal_simulation_does() {
    let cases = if long() { 60_000 } else { 3000 };
    let mut seen = [[0; 5]; 6];
    for number in 0..cases {
        let found = check(number);
        seen[(number % 6) as usize].iter_mut().zip(found).for_each(|(sum, count)| *sum += count);
    }
    println!("served, rejected, timed out, lost, waiting: {seen:?}");
    assert!(seen.iter().flatten().all(|count| *count > 0), "every discipline has met everything: {seen:?}");
}
