//! Disciplines: random small scenarios against a literal simulation of every request, and queueing theory.
//!
//! The kernels themselves are held against the literal simulation request by request in `src/engine/kernel/literal_tests.rs`.

mod support;

use fleetmix::rng::{Purpose, Stream};
use fleetmix::stats::Histogram;
use fleetmix::units::GRID;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use support::literal::{Change, Client, Fate, Rule, Setting, serve};
use support::queueing::{Mmc, Mmck};
use support::random::runner;
use support::small::{Small, scenario};
use support::stationary::{Checks, Outcome, System};

const CHOICES: u32 = 2;
const RULES: [Rule; 6] =
    [Rule::Fifo, Rule::FifoFastest, Rule::LeastOutstanding, Rule::RoundRobin, Rule::PowerOf, Rule::ProcessorSharing];

fn discipline(rule: Rule) -> Value {
    match rule {
        Rule::Fifo => json!("fifo"),
        Rule::FifoFastest => json!("fifo-fastest"),
        Rule::LeastOutstanding => json!("least-outstanding"),
        Rule::RoundRobin => json!("round-robin"),
        Rule::PowerOf => json!({ "power-of": { "choices": CHOICES } }),
        Rule::ProcessorSharing => json!("processor-sharing"),
    }
}

/// What the literal simulation makes of the requests of a run.
fn literally(small: &Small, rule: Rule, clients: &[Client], changes: &[(f64, Change)]) -> ([u64; 5], Vec<f64>, f64) {
    let service = &small.scenario.service;
    let numbers = Stream::new(small.scenario.run.seed, Purpose::Request);
    let draw = |number: u64, attempt: u32, instances: usize| {
        let words = numbers.words(0, number, 1 + attempt);
        words[..CHOICES as usize].iter().map(|word| ((u64::from(*word) * instances as u64) >> 32) as usize).collect()
    };
    let setting = Setting {
        rule,
        queue_limit: service.queue_limit.map(|limit| limit as usize),
        retry: service.on_instance_loss == fleetmix::scenario::OnInstanceLoss::Retry,
        window: [0.0, small.horizon()],
        draw: &draw,
    };
    let tally = serve(clients, changes, &setting);
    let (mut counts, mut latencies) = ([0; 5], Vec::new());
    for (client, fate) in clients.iter().zip(&tally.fates).filter(|(client, _)| client.arrival >= 0.0) {
        counts[match fate {
            Fate::Served(finish) => {
                latencies.push(finish - client.arrival);
                0
            }
            Fate::Rejected => 1,
            Fate::TimedOut => 2,
            Fate::Lost => 3,
            Fate::Waiting => 4,
        }] += 1;
    }
    (counts, latencies, tally.busy)
}

/// Any scenario, any fleet: when instances come and go is taken from the engine's events, what becomes of requests is not.
#[test]
fn every_discipline_serves_as_a_literal_simulation_does() {
    let mut runner = runner(120, 11);
    let seen = RefCell::new([[0u64; 5]; 6]);
    let outcome = runner.run(&(scenario(), 0..6usize, any::<bool>()), |(mut tree, which, retry)| {
        let rule = RULES[which];
        tree["service"]["discipline"] = discipline(rule);
        tree["service"]["on_instance_loss"] = json!(if retry { "retry" } else { "lost" });
        let small = Small::new(&tree);
        let run = small.run(0);
        let counts = run.record.counts;
        assert!(counts.conserved(), "{counts:?}");
        if small.any_leaves_at_once(&run.record) {
            return Ok(());
        }
        let (expected, latencies, busy) = literally(&small, rule, &run.clients, &small.changes(&run.record));
        let found = [counts.served, counts.rejected, counts.timed_out, counts.lost, counts.in_system_at_end];
        assert_eq!(found, expected, "served, rejected, timed out, lost, in system under {rule:?}\n{tree:#}");
        assert!(!retry || counts.lost == 0, "what comes again is not lost");
        // Completions of requests that share an instance are booked at the nearest time of the grid.
        let rounding = GRID / 2.0 * latencies.len() as f64;
        let close = |found: f64, exact: f64| (found - exact).abs() <= rounding + 1e-5 * exact.abs().max(1.0);
        let sum: f64 = latencies.iter().sum();
        assert!(close(run.record.latency_sum, sum), "{} instead of {sum}", run.record.latency_sum);
        if rule != Rule::ProcessorSharing {
            let mut histogram = Histogram::default();
            latencies.iter().for_each(|latency| histogram.add(*latency));
            assert!(run.record.latency == histogram, "histograms of latency differ under {rule:?}\n{tree:#}");
            assert_eq!(run.record.latency_max, latencies.iter().copied().fold(0.0, f64::max));
        }
        let found = run.record.busy_and_capacity[0];
        assert!(close(found, busy), "busy {found} instead of {busy} under {rule:?}\n{tree:#}");
        seen.borrow_mut()[which].iter_mut().zip(expected).for_each(|(sum, count)| *sum += count);
        Ok(())
    });
    outcome.unwrap();
    println!("served, rejected, timed out, lost, in system: {seen:?}");
    assert!(seen.borrow().iter().all(|counts| counts[..3].iter().all(|count| *count > 20)), "{seen:?}");
}

/// A queue whose requests may come again is the plain one as long as none is lost.
#[test]
fn without_a_loss_retries_change_nothing() {
    let mut runner = runner(120, 12);
    let compared = RefCell::new(0);
    let outcome = runner.run(&scenario(), |mut tree| {
        let plain = Small::new(&tree).run(0).record;
        if plain.counts.lost > 0 || plain.events.iter().any(|event| event.what == fleetmix::engine::What::RequestsLost)
        {
            return Ok(());
        }
        tree["service"]["on_instance_loss"] = json!("retry");
        let retried = Small::new(&tree).run(0).record;
        assert_eq!(plain.counts, retried.counts, "{tree:#}");
        assert!(plain.latency == retried.latency);
        assert_eq!((plain.latency_sum, plain.latency_max), (retried.latency_sum, retried.latency_max));
        assert_eq!(plain.busy_and_capacity, retried.busy_and_capacity, "{tree:#}");
        assert!(plain.events == retried.events && plain.usage == retried.usage);
        assert_eq!(format!("{:?}", plain.buckets), format!("{:?}", retried.buckets));
        *compared.borrow_mut() += u64::from(plain.counts.served > 0);
        Ok(())
    });
    outcome.unwrap();
    assert!(*compared.borrow() > 40, "{compared:?}");
}

// Theory.

fn expected(id: &str, name: &str) -> f64 {
    let all: Vec<Value> = serde_json::from_str(include_str!("vectors/science.json")).unwrap();
    let vector = all.iter().find(|vector| vector["id"] == id).unwrap_or_else(|| panic!("no vector {id}"));
    vector["expected"][name].as_f64().unwrap_or_else(|| panic!("{id} has no {name}"))
}

fn system(discipline: Value, lambda: f64, servers: u32, instances: u32, warm_up: f64) -> System {
    let mut system = System::new(lambda, servers, warm_up);
    system.instances = instances;
    system.service = json!({ "discipline": discipline });
    system.seed += 7919 * instances;
    system
}

fn sojourns(outcomes: &[Outcome]) -> impl Iterator<Item = f64> {
    outcomes.iter().map(Outcome::mean_latency)
}

/// The mean sojourn time, the number in system by Little's law, depends on the law of work through its mean alone.
#[test]
fn processor_sharing_is_insensitive_to_the_law_of_work() {
    let mut checks = Checks::default();
    for (work, name) in [
        (json!({"exponential": {"mean": "1s"}}), "exponential"),
        (json!({"constant": "1s"}), "constant"),
        (json!({"hyperexponential": {"mean": "1s", "cv": 2.0}}), "hyperexponential"),
    ] {
        for (lambda, slots, id) in [(0.5, 1, "mm1ps"), (3.2, 4, "mmcps")] {
            let mut system = system(json!("processor-sharing"), lambda, slots, 1, 400.0);
            system.work = work.clone();
            system.thresholds = vec![if slots == 1 { 5.0 } else { 3.0 }];
            let outcomes = system.run();
            let what = format!("M/{name}/{slots}-PS");
            checks.holds(&format!("{what}, mean"), sojourns(&outcomes), expected(id, "mean"), 0.05);
            let busy = outcomes.iter().map(Outcome::utilisation);
            checks.holds(&format!("{what}, utilisation"), busy, lambda / f64::from(slots), 0.02);
            if name == "exponential" {
                let tail = expected(id, if slots == 1 { "P_T_gt_5" } else { "P_T_gt_3" });
                let exceeding = outcomes.iter().map(|outcome| outcome.exceeding(0));
                checks.holds(&format!("{what}, tail"), exceeding, tail, 0.05);
            }
        }
        // With a limit, what is rejected is the loss of M/M/c/K for any law, too.
        let queue = Mmck::new(5.0, 1.0, 5, 9);
        let mut limited = system(json!("processor-sharing"), 5.0, 5, 1, 200.0);
        limited.work = work.clone();
        limited.service["queue_limit"] = json!(4);
        let outcomes = limited.run();
        let rejected = outcomes.iter().map(|outcome| outcome.share(outcome.record.counts.rejected));
        checks.holds(&format!("M/{name}/5/9-PS, rejected"), rejected, queue.block_probability(), 0.03);
        checks.holds(&format!("M/{name}/5/9-PS, mean"), sojourns(&outcomes), queue.mean_sojourn(), 0.02);
    }
    checks.finish();
}

/// One draw splits the stream into independent ones, so each instance is M/M/1; with more the figures are those of infinitely many
/// instances, from which 500 of them differ by less than a percent.
#[test]
fn power_of_d_choices_is_mitzenmachers() {
    let mut checks = Checks::default();
    for load in [0.7, 0.9] {
        for choices in [1u32, 2, 3, 5] {
            let instances = 500;
            let lambda = load * f64::from(instances);
            let power = system(json!({"power-of": {"choices": choices}}), lambda, 1, instances, 400.0);
            let outcomes = power.run();
            let exact = expected(&format!("power-of-d-{load}"), &format!("d{choices}"));
            let what = format!("power of {choices} at {load}");
            if choices == 1 {
                checks.holds(&what, sojourns(&outcomes), exact, 0.05);
            } else {
                let mean = sojourns(&outcomes).sum::<f64>() / outcomes.len() as f64;
                println!("{what}: {mean} of {exact}");
                assert!((mean / exact - 1.0).abs() < 0.01, "{what}: {mean} is not {exact}");
            }
        }
    }
    checks.finish();
}

/// Each instance sees every n-th arrival: Erlang arrivals, whose queue has a geometric number of waiting requests (G/M/1).
#[test]
fn round_robin_is_an_erlang_queue_at_each_instance() {
    let mut checks = Checks::default();
    for (instances, load) in [(2, 0.8), (5, 0.7), (10, 0.9)] {
        let lambda = load * f64::from(instances);
        let transform = |s: f64| (lambda / (lambda + s)).powi(instances as i32);
        // The root of σ = A(μ(1 − σ)) below 1.
        let sigma = (0..10_000).fold(0.5, |sigma: f64, _| transform(1.0 - sigma));
        let outcomes = system(json!("round-robin"), lambda, 1, instances, 400.0).run();
        checks.holds(&format!("round robin, {instances} at {load}"), sojourns(&outcomes), 1.0 / (1.0 - sigma), 0.05);
    }
    checks.finish();
}

/// The shortest queue is better than the better of two, and no better than one queue for all.
#[test]
fn least_outstanding_lies_between_one_queue_and_two_choices() {
    for (instances, load) in [(2, 0.8), (10, 0.9), (50, 0.95)] {
        let lambda = load * f64::from(instances);
        let mean = |discipline: Value| {
            let outcomes = system(discipline, lambda, 1, instances, 400.0).run();
            sojourns(&outcomes).sum::<f64>() / outcomes.len() as f64
        };
        let shortest = mean(json!("least-outstanding"));
        let (one, two) =
            (Mmc { lambda, mu: 1.0, servers: instances }.mean_sojourn(), mean(json!({"power-of": {"choices": 2}})));
        println!("{instances} at {load}: {one} < {shortest} < {two}");
        assert!(one < shortest && shortest < two, "{one} < {shortest} < {two}");
    }
}

/// A slow server beside a fast one makes things worse: 1.67 s alone, 1.95 s if the fastest idle one is taken.
#[test]
fn a_slow_server_hurts() {
    let mut checks = Checks::default();
    let alone = system(json!("fifo-fastest"), 0.4, 1, 1, 200.0).run();
    checks.holds("fast server alone", sojourns(&alone), expected("slow-server", "W_one"), 0.03);
    let mut both = system(json!("fifo-fastest"), 0.4, 1, 1, 200.0);
    both.another = Some(0.2);
    checks.holds("slow server beside it", sojourns(&both.run()), expected("slow-server", "W_two"), 0.03);
    // Trivedi: E[N] = 1 / (A (1 − ρ)²), at a load where both work.
    let (lambda, fast, slow) = (1.2, 1.0, 0.5);
    let rho: f64 = lambda / (fast + slow);
    let a = fast * slow * (1.0 + 2.0 * rho) / (lambda * (lambda + slow)) + 1.0 / (1.0 - rho);
    let mut loaded = system(json!("fifo-fastest"), lambda, 1, 1, 400.0);
    loaded.another = Some(slow);
    let exact = 1.0 / (a * (1.0 - rho) * (1.0 - rho)) / lambda;
    checks.holds("two servers of different speed", sojourns(&loaded.run()), exact, 0.05);
    checks.finish();
}
