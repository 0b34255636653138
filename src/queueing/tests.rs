//! Formulas against each other, against limits and integrals, and with arguments far out.

use super::*;

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} is not {b}");
}

/// ∫ f over (0, end) by Simpson's rule.
fn integral(f: impl Fn(f64) -> f64, end: f64, steps: u32) -> f64 {
    let step = end / f64::from(steps);
    let weight = |i: u32| if i == 0 || i == steps { 1.0 } else { 2.0 + 2.0 * f64::from(i % 2) };
    (0..=steps).map(|i| weight(i) * f(f64::from(i) * step)).sum::<f64>() * step / 3.0
}

#[test]
fn one_exponential_server_is_known_in_full() {
    let queue = ErlangC::new(1, 0.8);
    near(queue.wait_probability(), 0.8, 1e-14);
    near(queue.mean_requests(), 4.0, 1e-13);
    near(queue.mean_queue(), 3.2, 1e-13);
    near(queue.sojourn_tail(3.0), (-0.6f64).exp(), 1e-14);
    near(queue.sojourn_quantile(0.9), 10f64.ln() / 0.2, 1e-12);
    near(queue.wait_quantile(0.9), 8f64.ln() / 0.2, 1e-12);
    assert_eq!(queue.wait_quantile(0.1), 0.0);
}

#[test]
fn sojourns_of_several_servers_add_up_also_in_the_singular_case() {
    for (servers, load) in [(5, 3.0), (5, 4.0), (5, 4.0 + 1e-9), (5, 4.7), (1, 0.5)] {
        let queue = ErlangC::new(servers, load);
        near(integral(|t| queue.sojourn_tail(t), 200.0, 200_000), queue.mean_sojourn(), 1e-9);
        near(queue.sojourn_tail(queue.sojourn_quantile(0.99)), 0.01, 1e-12);
        near(queue.wait_tail(queue.wait_quantile(0.99)), 0.01, 1e-12);
    }
    assert_eq!(ErlangC::new(5, 4.5).sojourn_tail(1e6), 0.0);
}

#[test]
fn an_overloaded_queue_grows_for_ever() {
    let queue = ErlangC::new(2, 2.0);
    assert_eq!((queue.mean_wait(), queue.sojourn_tail(9.0)), (f64::INFINITY, 1.0));
    assert_eq!((queue.wait_quantile(0.5), queue.sojourn_quantile(0.5)), (f64::INFINITY, f64::INFINITY));
}

#[test]
fn limited_room_lies_between_no_queue_and_endless_room() {
    near(LimitedRoom::new(8.0, 2.0, 5, 5).unwrap().block_probability(), erlang_b(5, 4.0), 1e-14);
    let (wide, endless) = (LimitedRoom::new(8.0, 2.0, 5, 500).unwrap(), ErlangC::new(5, 4.0));
    near(wide.wait_probability(), endless.wait_probability(), 1e-12);
    near(wide.mean_sojourn(), endless.mean_sojourn() / 2.0, 1e-12);
    near(wide.wait_tail(0.7).unwrap(), endless.wait_tail(1.4), 1e-12);
    let tight = LimitedRoom::new(30.0, 2.0, 5, 9).unwrap();
    near(integral(|t| tight.wait_tail(t).unwrap(), 10.0, 4000), tight.mean_wait(), 1e-9);
    near(tight.mean_requests(), 30.0 * (1.0 - tight.block_probability()) * tight.mean_sojourn(), 1e-12);
    assert_eq!(LimitedRoom::new(8.0, 2.0, 5, 4), Err(OutOfRange::Argument));
}

#[test]
fn impatience_meets_its_limits() {
    // As patient as services are long: as if all were served at once.
    let like_service = Impatient::new(7.0, 1.0, 9, 1.0).unwrap();
    let below: f64 = (0..9).map(|n| (0..n).fold((-7f64).exp(), |p, k| p * 7.0 / f64::from(k + 1))).sum();
    near(like_service.wait_probability(), 1.0 - below, 1e-13);
    let (patient, endless) = (Impatient::new(7.0, 1.0, 9, 1e-9).unwrap(), ErlangC::new(9, 7.0));
    near(patient.offered_wait_tail(0.6), endless.wait_tail(0.6), 1e-7);
    near(patient.mean_wait(), endless.mean_wait(), 1e-7);
    let queue = Impatient::new(12.0, 1.0, 9, 0.4).unwrap();
    near(integral(|t| queue.wait_tail(t), 60.0, 60_000), queue.mean_wait(), 1e-9);
    near(queue.offered_wait_tail(0.0), queue.wait_probability(), 1e-13);
    assert!(queue.abandon_probability() > 0.25 && queue.abandon_probability() < 0.3);
}

#[test]
fn constant_services_agree_with_pollaczek_and_khinchine_and_with_erlang() {
    let one = DeterministicService::new(0.8, 1.0, 1).unwrap();
    near(one.mean_wait(), wait_mean(0.8, Moments::constant(1.0)).unwrap(), 1e-12);
    // Erlang's alternating sum for one server.
    let term = |j: i32| {
        let x: f64 = 0.8 * (2.5 - f64::from(j));
        (1..=j).fold(1.0, |product, k| product * -x / f64::from(k)) * x.exp()
    };
    near(1.0 - one.wait_tail(2.5).unwrap(), 0.2 * (0..3).map(term).sum::<f64>(), 1e-12);
    for (arrivals, servers) in [(1.6, 2), (4.5, 5), (19.0, 20)] {
        let queue = DeterministicService::new(arrivals, 1.0, servers).unwrap();
        let mean: f64 = (0..400)
            .map(|piece| {
                let from = 0.1 * f64::from(piece);
                integral(|t| queue.wait_tail(from + t * 0.999_999_999_999).unwrap(), 0.1, 20)
            })
            .sum();
        near(mean, queue.mean_wait(), 1e-8);
        let decay = decay_rate(arrivals, servers, &ServiceLaw::Constant(1.0)).unwrap();
        let slope = (queue.wait_tail(9.0).unwrap() / queue.wait_tail(10.0).unwrap()).ln();
        near(slope, decay, 1e-6);
        near(queue.sojourn_tail(1.5).unwrap(), queue.wait_tail(0.5).unwrap(), 1e-14);
    }
}

#[test]
fn phases_agree_with_erlang_and_with_pollaczek_and_khinchine() {
    for law in [TwoPhases::exponential(0.5), TwoPhases::balanced(0.5, 1.0)] {
        let (queue, known) = (PhaseQueue::new(9.0, 6, law.unwrap()).unwrap(), ErlangC::new(6, 4.5));
        near(queue.wait_probability(), known.wait_probability(), 1e-12);
        near(queue.mean_wait(), 0.5 * known.mean_wait(), 1e-12);
        near(decay_rate(9.0, 6, &ServiceLaw::Phases(law.unwrap())).unwrap(), 3.0, 1e-12);
    }
    for (law, variability) in [(TwoPhases::erlang(2.0), 0.5), (TwoPhases::balanced(2.0, 6.0), 6.0)] {
        let service = Moments { mean: 2.0, second: 4.0 * (1.0 + variability) };
        let queue = PhaseQueue::new(0.4, 1, law.unwrap()).unwrap();
        near(queue.mean_wait(), wait_mean(0.4, service).unwrap(), 1e-12);
        near(queue.wait_probability(), 0.8, 1e-12);
    }
    assert_eq!(TwoPhases::balanced(1.0, 0.9), Err(OutOfRange::Argument));
    // The variance of exponential services: T is exponential, so W² = E[T²] - 2 E[W] E[S] - E[S²].
    near(wait_variance(0.5, Moments::exponential(1.0), 6.0).unwrap(), 3.0, 1e-13);
}

#[test]
fn approximations_are_exact_where_they_should_be() {
    let exponential = Variability { arrivals: 1.0, services: 1.0 };
    let exact = ErlangC::new(7, 6.0).mean_wait();
    near(allen_cunneen(7, 6.0, exponential).unwrap(), exact, 1e-13);
    near(whitt(7, 6.0, exponential).unwrap(), exact, 1e-13);
    let general = Variability { arrivals: 1.0, services: 3.0 };
    near(qna(0.7, general).unwrap(), 0.7 / 0.3 * 2.0, 1e-13);
    near(sakasegawa(1, 0.7, exponential).unwrap(), 0.7 / 0.3, 1e-13);
    let constant = Variability { arrivals: 1.0, services: 0.0 };
    let exact = DeterministicService::new(9.0, 1.0, 10).unwrap().mean_wait();
    near(whitt(10, 9.0, constant).unwrap() / exact, 1.0, 0.005);
    let nothing = Variability { arrivals: 0.0, services: 0.0 };
    assert_eq!((whitt(3, 2.0, nothing), qna(0.5, nothing)), (Ok(0.0), Ok(0.0)));
}

#[test]
fn square_roots_staff_large_systems() {
    near(ErlangC::new(1_000_000, 1e6 - 1e3).wait_probability(), halfin_whitt(1e3 / (1e6f64 - 1e3).sqrt()), 1e-3);
    for target in [0.9, 0.3, 0.01] {
        near(halfin_whitt(safety_factor(target).unwrap()), target, 1e-13);
        let servers = least_servers(50.0, target).unwrap();
        assert!(ErlangC::new(servers, 50.0).wait_probability() <= target);
        assert!(ErlangC::new(servers - 1, 50.0).wait_probability() > target);
    }
}

#[test]
fn queues_come_to_their_stationary_state() {
    let slot = Slot { arrivals: 3.0, servers: 5, time: 400.0 };
    let law = requests_after(&slot, 1.0).unwrap();
    near(law.iter().sum(), 1.0, 1e-12);
    let mean: f64 = (0..).zip(&law).map(|(n, share)| f64::from(n) * share).sum();
    near(mean, ErlangC::new(5, 3.0).mean_requests(), 1e-10);
    let late = late_shares(&[slot, slot], 1.0, 0.5).unwrap();
    near(late[1], ErlangC::new(5, 3.0).wait_tail(0.5), 1e-10);
    // With servers for all, the number is Poisson with mean a (1 - e^(-t)).
    let law = requests_after(&Slot { arrivals: 2.0, servers: 60, time: 0.7 }, 1.0).unwrap();
    near(law[0], (-2.0 * (1.0 - (-0.7f64).exp())).exp(), 1e-13);
    assert_eq!(late_shares(&[Slot { arrivals: 0.0, servers: 0, time: 1.0 }], 1.0, 0.5), Ok(vec![1.0]));
}

#[test]
fn shared_sojourns_have_their_moments() {
    let one = SharedServers::new(0.5, 1.0, 1).unwrap();
    let tail = |t: f64| one.sojourn_tail(t).unwrap();
    near(integral(tail, 120.0, 3000), one.mean_sojourn(), 1e-6);
    let second = integral(|t| 2.0 * t * tail(t), 120.0, 3000);
    near(second - one.mean_sojourn().powi(2), one.variance_of_one().unwrap(), 1e-5);
    let several = SharedServers::new(3.2, 1.0, 4).unwrap();
    near(integral(|t| several.sojourn_tail(t).unwrap(), 80.0, 800), several.mean_sojourn(), 1e-5);
    assert!(several.variance_of_one().is_err());
}

#[test]
fn two_choices_and_two_speeds() {
    near(power_of_choices(0.9, 1).unwrap(), 10.0, 1e-12);
    near(power_of_choices(0.9, 2).unwrap(), (0..6).map(|i| 0.9f64.powi((1 << (i + 1)) - 2)).sum(), 1e-3);
    near(two_servers_sojourn(1.2, 1.0, 1.0).unwrap(), ErlangC::new(2, 1.2).mean_sojourn(), 1e-13);
    assert!(two_servers_sojourn(0.4, 1.0, 0.2).unwrap() > 1.0 / 0.6, "a slow server can do harm");
    assert_eq!(two_servers_sojourn(0.4, 0.2, 1.0), Err(OutOfRange::Argument));
}

#[test]
fn interruptions_cost_what_they_take() {
    near(setup_delay(0.5, Moments::exponential(10.0)).unwrap(), 10.0, 1e-14);
    near(setup_delay(1e-9, Moments::constant(10.0)).unwrap(), 10.0, 1e-7);
    let service = with_breakdowns(Moments::exponential(1.0), 0.1, Moments::exponential(1.0)).unwrap();
    near(service.mean, 1.1, 1e-14);
    near(service.second, 2.62, 1e-14);
    near(restarted_service(1.0, 1e-9, 5.0).unwrap(), 1.0, 1e-8);
    // The share of time lost with checkpoints of 0.01 after each stretch of work, and failures at 0.05.
    let lost = |work: f64| restarted_service(work + 0.01, 0.05, 0.0).unwrap() / work;
    let best = checkpoint_interval(0.01, 0.05).unwrap();
    assert!(lost(best) < lost(0.9 * best) && lost(best) < lost(1.1 * best));
}

#[test]
fn what_is_far_out_ends_and_is_refused() {
    let far = [0.0, f64::MIN_POSITIVE, 0.999_999_999, 1e9, f64::MAX, f64::INFINITY, f64::NAN, -1.0];
    for a in far {
        for b in far {
            for servers in [0, 3, 1_000_000] {
                let _ = LimitedRoom::new(a, b, servers, 1_000_000).map(|queue| queue.wait_tail(b));
                let _ = Impatient::new(a, b, servers, b).map(|queue| queue.offered_wait_tail(a));
                let _ = DeterministicService::new(a, b, servers).map(|queue| queue.wait_tail(a));
                let _ = TwoPhases::balanced(b, 4.0).and_then(|law| PhaseQueue::new(a, servers, law));
                let _ = SharedServers::new(a, b, servers).map(|queue| queue.sojourn_tail(b));
                let slot = Slot { arrivals: a, servers, time: b };
                let _ = (late_shares(&[slot, slot], 1.0, b), requests_after(&slot, a));
            }
            let _ = (least_servers(a, b), safety_factor(a), power_of_choices(a, 2), two_servers_sojourn(a, b, b));
            let _ = (restarted_service(a, b, a), checkpoint_interval(a, b), setup_delay(a, Moments::constant(b)));
            let variability = Variability { arrivals: a, services: b };
            for servers in [0, 1, 100] {
                let _ = (whitt(servers, 0.9, variability), sakasegawa(servers, a, variability), qna(a, variability));
            }
        }
    }
}
