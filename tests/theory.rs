//! The engine against queueing theory: constant fleet and rate, independent replications, seeds fixed before looking.
//!
//! Every interval is a Student t interval over 20 replications at 99.99 % (see `support::stationary::LEVEL`), and has to be narrow
//! enough to mean something. Waiting times of M/M/c alone are in the engine's own test `engine::theory`: a record holds sojourn
//! times only. With `FLEETMIX_LONG_TESTS=1` replications are ten times as long and the intervals about a third as wide.

mod support;

use serde_json::{Value, json};
use support::queueing::{Impatient, Mdc, Mmc, Mmck, Patience, birth_death, erlang_b, erlang_c, pollaczek_khinchine};
use support::stationary::{Checks, Outcome, System};

fn vector(id: &str) -> Value {
    let all: Vec<Value> = serde_json::from_str(include_str!("vectors/science.json")).unwrap();
    all.into_iter().find(|vector| vector["id"] == id).unwrap_or_else(|| panic!("no vector {id}"))
}

/// A number of a vector's `expected`.
fn expected(id: &str, name: &str) -> f64 {
    let vector = vector(id);
    let value = if name.is_empty() { &vector["expected"] } else { &vector["expected"][name] };
    value.as_f64().unwrap_or_else(|| panic!("{id} has no {name}"))
}

fn close(value: f64, exact: f64, relative: f64) {
    assert!((value / exact - 1.0).abs() <= relative, "{value} is not {exact}");
}

fn run(mut system: System) -> Vec<Outcome> {
    if support::repeatable::long() {
        system.requests *= 10.0;
    }
    system.run()
}

// The reference formulas themselves.

#[test]
fn erlang_formulas_are_the_published_ones() {
    close(erlang_b(8, 4.0), expected("erlang-bc-8-4", "B"), 1e-12);
    close(erlang_c(8, 4.0), expected("erlang-bc-8-4", "C"), 1e-12);
    close(erlang_c(10_000, 9900.0), expected("erlangc-large-10000", "C"), 1e-10);
    // 100 calls in 30 minutes, 3 minutes each, 14 agents: the published table of several Erlang C packages.
    let queue = Mmc { lambda: 100.0 / 1800.0, mu: 1.0 / 180.0, servers: 14 };
    close(queue.wait_probability(), 0.174_131_933_595_049_8, 1e-12);
    close(queue.mean_wait(), 7.835_937_011_777_24, 1e-12);
    for (id, lambda, servers) in [("mmc-sojourn-5", 4.0, 5), ("mmc-sojourn-10", 8.0, 10)] {
        let queue = Mmc { lambda, mu: 1.0, servers };
        close(queue.sojourn_tail(2.0), expected(id, "P_T_gt_2"), 1e-9);
        for (q, name) in [(0.5, "T_P50"), (0.95, "T_P95"), (0.99, "T_P99")] {
            close(queue.sojourn_quantile(q), expected(id, name), 1e-9);
        }
        close(queue.wait_quantile(0.95), expected(id, "Wq_P95"), 1e-9);
    }
    let hospital = Mmc { lambda: 2.0, mu: 3.0, servers: 2 };
    close(hospital.mean_sojourn(), expected("mmc-hillier-hospital-s2", "W"), 1e-12);
    close(hospital.sojourn_tail(0.5), expected("mmc-hillier-hospital-s2", "P_T_gt_t"), 1e-12);
    let clinic = Mmc { lambda: 6.0, mu: 3.0, servers: 3 };
    close(clinic.mean_sojourn(), expected("mm3-gross-harris", "W"), 1e-12);
}

#[test]
fn loss_formulas_are_the_published_ones() {
    let queue = Mmck::new(8.0, 4.0, 5, 12);
    close(queue.block_probability(), expected("mmck-5-12", "P_block"), 1e-10);
    close(queue.mean_wait(), expected("mmck-5-12", "Wq"), 1e-10);
    close(Mmck::new(4.0, 1.0, 8, 8).block_probability(), erlang_b(8, 4.0), 1e-12);
}

#[test]
fn patience_formulas_agree_with_vectors_and_limits() {
    let call_centre = |mean| Impatient::new(48.0, 1.0, 50, Patience::Exponential { mean });
    close(call_centre(2.0).offered_wait_tail(0.1), expected("erlanga-offered-tail", ""), 1e-8);
    let equal = Impatient::new(100.0, 1.0, 110, Patience::Exponential { mean: 1.0 });
    close(equal.offered_wait_tail(0.0), expected("erlanga-theta-eq-mu", ""), 1e-8);
    // Gans, Koole and Mandelbaum: 3.1 % abandon.
    let abandon = call_centre(2.0).abandon_probability();
    assert_eq!((abandon * 1000.0).round(), 31.0, "{abandon}");
    // The same from the birth-death process: P(abandon) = θ E[queue] / λ.
    let states = birth_death(2000, |_| 48.0, |n| n.min(50) as f64 + 0.5 * n.saturating_sub(50) as f64);
    let queue: f64 = states.iter().enumerate().map(|(n, p)| p * n.saturating_sub(50) as f64).sum();
    close(abandon, 0.5 * queue / 48.0, 1e-8);
    // Constant patience: nothing of it is Erlang B, endless patience Erlang C.
    close(Impatient::new(9.0, 1.0, 10, Patience::Constant(1e-9)).abandon_probability(), erlang_b(10, 9.0), 1e-6);
    let patient = Impatient::new(9.0, 1.0, 10, Patience::Constant(60.0));
    close(patient.offered_wait_tail(0.0), erlang_c(10, 9.0), 1e-8);
    close(patient.served_mean_sojourn(), Mmc { lambda: 9.0, mu: 1.0, servers: 10 }.mean_sojourn(), 1e-8);
    // In closed form (Barrer 1957).
    let (lambda, mu, servers, time) = (11.0f64, 1.0f64, 10, 0.5f64);
    let slack = f64::from(servers) * mu - lambda;
    let before = lambda * -(-slack * time).exp_m1() / slack;
    let after = lambda * (-slack * time).exp() / (f64::from(servers) * mu);
    let exact = after / (1.0 / erlang_b(servers - 1, lambda / mu) + before + after);
    close(Impatient::new(lambda, mu, servers, Patience::Constant(time)).abandon_probability(), exact, 1e-9);
}

#[test]
fn constant_service_formulas_agree_with_vectors() {
    for (id, lambda, servers) in [("mdc-2-0.8", 1.6, 2), ("mdc-5-0.8", 4.0, 5)] {
        let queue = Mdc { lambda, service: 1.0, servers };
        close(queue.mean_wait(), expected(id, "Wq"), 1e-5);
        close(queue.wait_probability(), expected(id, "P_wait"), 1e-5);
    }
    close(Mdc { lambda: 0.8, service: 1.0, servers: 1 }.mean_wait(), expected("mg1-pk-D", ""), 1e-9);
    close(pollaczek_khinchine(0.8, 1.0, 5.0), expected("mg1-pk-H2", ""), 1e-9);
}

// The simulator.

/// Sojourn times and utilisation of M/M/c; the mean service is a second.
fn check_mmc(lambda: f64, servers: u32, checks: &mut Checks) {
    let queue = Mmc { lambda, mu: 1.0, servers };
    let name = |what: &str| format!("M/M/{servers} at {:.2}, {what}", lambda / f64::from(servers));
    let mut system = System::new(lambda, servers, 30.0 * queue.relaxation());
    let quantiles = [0.5, 0.95, 0.99];
    system.thresholds = quantiles.map(|q| queue.sojourn_quantile(q)).to_vec();
    let outcomes = run(system);
    checks.holds(&name("mean"), outcomes.iter().map(Outcome::mean_latency), queue.mean_sojourn(), 0.05);
    for (index, q) in quantiles.into_iter().enumerate() {
        let found = outcomes.iter().map(|outcome| outcome.record.latency.quantile(q));
        checks.holds(&name(&format!("p{}", 100.0 * q)), found, queue.sojourn_quantile(q), 0.06);
        let exceeding = outcomes.iter().map(|outcome| outcome.exceeding(index));
        checks.holds(&name(&format!("share beyond p{}", 100.0 * q)), exceeding, 1.0 - q, 0.25);
    }
    let busy = outcomes.iter().map(Outcome::utilisation);
    checks.holds(&name("utilisation"), busy, lambda / f64::from(servers), 0.01);
}

#[test]
fn sojourn_times_of_mmc_are_erlangs() {
    let mut checks = Checks::default();
    for (servers, load) in [(1, 0.7), (2, 0.8), (5, 0.8), (14, 0.85), (50, 0.9), (200, 0.95)] {
        check_mmc(load * f64::from(servers), servers, &mut checks);
    }
    checks.finish();
}

/// The vectors' own loads, scaled to a mean service of one second.
#[test]
fn textbook_examples_of_mmc_come_out() {
    let mut checks = Checks::default();
    check_mmc(8.0, 10, &mut checks); // mmc-sojourn-10; mmc-sojourn-5 is above
    check_mmc(2.0 / 3.0, 1, &mut checks); // mm1-hillier-hospital-s1
    check_mmc(2.0 / 3.0, 2, &mut checks); // mmc-hillier-hospital-s2
    check_mmc(2.0, 3, &mut checks); // mm3-gross-harris
    checks.finish();
}

/// Waiting times of a queue with constant service are sojourn times less the service.
#[test]
fn waiting_times_of_mdc_are_crommelins() {
    let mut checks = Checks::default();
    for (servers, load) in [(1, 0.8), (2, 0.8), (5, 0.8), (14, 0.85), (50, 0.9), (200, 0.95)] {
        let queue = Mdc { lambda: load * f64::from(servers), service: 1.0, servers };
        let id = format!("mdc-{servers}-0.8");
        // Tails of the wait that are known exactly; the first is P(W > 0), up to a microsecond.
        let mut tails = vec![(1e-6, queue.wait_probability())];
        match servers {
            1 => tails.push((2.5, 1.0 - expected("md1-cdf", ""))),
            2 | 5 => tails.extend([("P_W_gt_0_3", 0.3), ("P_W_gt_1_2", 1.2)].map(|(name, t)| (t, expected(&id, name)))),
            _ => {}
        }
        let mut system =
            System::new(queue.lambda, servers, 30.0 * Mmc { lambda: queue.lambda, mu: 1.0, servers }.relaxation());
        system.work = json!({"constant": "1s"});
        system.thresholds = tails.iter().map(|(t, _)| 1.0 + t).collect();
        let outcomes = run(system);
        let name = |what: &str| format!("M/D/{servers} at {load}, {what}");
        let waits = outcomes.iter().map(|outcome| outcome.mean_latency() - 1.0);
        checks.holds(&name("mean wait"), waits, queue.mean_wait(), 0.15);
        for (index, (t, exact)) in tails.into_iter().enumerate() {
            let found = outcomes.iter().map(|outcome| outcome.exceeding(index));
            checks.holds(&name(&format!("P(W > {t})")), found, exact, 0.1);
        }
    }
    checks.finish();
}

/// General service laws: Pollaczek-Khinchine for one server, exact Markov chains for several.
#[test]
fn mean_waits_of_general_services_are_exact() {
    let hyper = json!({"hyperexponential": {"mean": "1s", "cv": 2.0}});
    let erlang = json!({"gamma": {"mean": "1s", "cv": 0.5f64.sqrt()}});
    let lognormal = json!({"lognormal": {"mean": "1s", "cv": 1.5}});
    let mut checks = Checks::default();
    for (name, work, lambda, servers, exact) in [
        ("M/H2/1", &hyper, 0.8, 1, expected("mg1-pk-H2", "")),
        ("M/LN/1", &lognormal, 0.7, 1, pollaczek_khinchine(0.7, 1.0, 3.25)),
        ("M/E2/1", &erlang, 0.8, 1, pollaczek_khinchine(0.8, 1.0, 1.5)),
        ("M/H2/4", &hyper, 3.2, 4, expected("mgc-H2-4-3.2", "Wq")),
        ("M/E2/8", &erlang, 7.2, 8, expected("mgc-E2-8-7.2", "Wq")),
    ] {
        let relaxation = Mmc { lambda, mu: 1.0, servers }.relaxation();
        let mut system = System::new(lambda, servers, 80.0 * relaxation);
        system.work = work.clone();
        let outcomes = run(system);
        // Mean sojourn less mean service: the latter is the law's exact mean.
        let waits = outcomes.iter().map(|outcome| outcome.mean_latency() - 1.0);
        checks.holds(&format!("{name}, mean wait"), waits, exact, 0.15);
        let busy = outcomes.iter().map(Outcome::utilisation);
        checks.holds(&format!("{name}, utilisation"), busy, lambda / f64::from(servers), 0.02);
    }
    checks.finish();
}

#[test]
fn full_queues_reject_as_the_birth_death_process() {
    let mut checks = Checks::default();
    // Vector mmck-5-12 (mean service 1/4, here 1); then loads at which a tenth and a fifth are rejected, and Erlang's loss system.
    for (lambda, servers, places, precision) in
        [(2.0, 5, 12, 0.6), (5.0, 5, 9, 0.03), (12.0, 10, 14, 0.03), (9.0, 10, 10, 0.03)]
    {
        let queue = Mmck::new(lambda, 1.0, servers, places);
        let mut system = System::new(lambda, servers, 200.0);
        system.service = json!({"queue_limit": places - servers});
        let outcomes = run(system);
        let name = |what: &str| format!("M/M/{servers}/{places} at {lambda}, {what}");
        let rejected = outcomes.iter().map(|outcome| outcome.share(outcome.record.counts.rejected));
        checks.holds(&name("rejected"), rejected, queue.block_probability(), precision);
        checks.holds(&name("mean sojourn"), outcomes.iter().map(Outcome::mean_latency), queue.mean_sojourn(), 0.02);
        let busy = outcomes.iter().map(Outcome::utilisation);
        let exact = lambda * (1.0 - queue.block_probability()) / f64::from(servers);
        checks.holds(&name("utilisation"), busy, exact, 0.02);
    }
    checks.finish();
}

fn check_impatient(name: &str, lambda: f64, servers: u32, patience: Patience, checks: &mut Checks) {
    let queue = Impatient::new(lambda, 1.0, servers, patience);
    let mut system = System::new(lambda, servers, 200.0);
    system.service = match patience {
        Patience::Constant(time) => json!({"timeout": format!("{time}s")}),
        Patience::Exponential { mean } => json!({"patience": {"exponential": {"mean": format!("{mean}s")}}}),
    };
    let tails = [1.0, 2.5, 4.0];
    system.thresholds = tails.to_vec();
    let outcomes = run(system);
    let name = |what: &str| format!("M/M/{servers}+{name} at {lambda}, {what}");
    let left = outcomes.iter().map(|outcome| outcome.share(outcome.record.counts.timed_out));
    checks.holds(&name("timed out"), left, queue.abandon_probability(), 0.1);
    let sojourns = outcomes.iter().map(Outcome::mean_latency);
    checks.holds(&name("mean sojourn of the served"), sojourns, queue.served_mean_sojourn(), 0.02);
    for (index, t) in tails.into_iter().enumerate() {
        let found = outcomes.iter().map(|outcome| outcome.exceeding(index));
        checks.holds(&name(&format!("P(T > {t}) of the served")), found, queue.served_sojourn_tail(t), 0.1);
    }
    let busy = outcomes.iter().map(Outcome::utilisation);
    checks.holds(&name("utilisation"), busy, queue.utilisation(), 0.02);
}

#[test]
fn constant_patience_is_barrers() {
    let mut checks = Checks::default();
    for (lambda, servers, time) in [(0.9, 1, 2.0), (5.5, 5, 1.0), (14.0, 14, 0.5), (55.0, 50, 0.25)] {
        check_impatient("D", lambda, servers, Patience::Constant(time), &mut checks);
    }
    checks.finish();
}

#[test]
fn random_patience_is_erlang_as() {
    let mut checks = Checks::default();
    // The last two: vectors erlanga-theta-eq-mu, and the call centre of Gans, Koole and Mandelbaum (erlanga-offered-tail).
    for (lambda, servers, mean) in [(1.2, 1, 2.0), (6.0, 5, 1.5), (100.0, 110, 1.0), (48.0, 50, 2.0)] {
        check_impatient("M", lambda, servers, Patience::Exponential { mean }, &mut checks);
    }
    checks.finish();
}
