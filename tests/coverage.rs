//! Intervals over replications hold the truth as often as they say, on queues whose truth is known.
//!
//! A thousand studies of M/M/2 and M/M/3 on the same requests, of 20 replications each, in their stationary state.

mod support;

use fleetmix::stats::{Interval, mean_interval, ratio_interval};
use support::queueing::Mmc;
use support::stationary::{Outcome, System};

const STUDIES: u32 = 1000;
const ARRIVALS: f64 = 1.2;
/// Latency beyond which a request is late, in mean services.
const LIMIT: f64 = 3.0;

fn study(seed: u32, servers: u32) -> Vec<Outcome> {
    let system = System::new(ARRIVALS, servers, 120.0);
    System { requests: 1000.0, replications: 20, thresholds: vec![LIMIT], seed, ..system }.run()
}

fn holds(interval: Interval, truth: f64) -> u32 {
    u32::from(interval.limits.is_some_and(|[low, high]| low <= truth && truth <= high))
}

#[test]
fn intervals_cover_the_truth_of_queues() {
    let [two, three] = [2, 3].map(|servers| Mmc { lambda: ARRIVALS, mu: 1.0, servers });
    let expected = ARRIVALS * (1000.0 / ARRIVALS).ceil();
    let mut covered = [0; 4];
    for number in 0..STUDIES {
        let seed = 77_000 + number;
        let (slow, fast) = (study(seed, 2), study(seed, 3));
        let each = |of: fn(&Outcome) -> f64| slow.iter().map(of).collect::<Vec<f64>>();
        let sums = each(|one| one.record.latency_sum);
        let (served, offered) =
            (each(|one| one.record.counts.served as f64), each(|one| one.record.counts.offered as f64));
        let late = each(|one| one.exceeding[0] as f64);
        // The number of requests does not depend on the servers, so sums over its mean are means.
        let differences = |of: fn(&Outcome) -> f64| -> Vec<f64> {
            slow.iter().zip(&fast).map(|(slow, fast)| (of(slow) - of(fast)) / expected).collect()
        };
        let latencies = mean_interval(&differences(|one| one.record.latency_sum), 0.95);
        let late_differences = mean_interval(&differences(|one| one.exceeding[0] as f64), 0.95);
        covered[0] += holds(ratio_interval(&sums, &served, 0.95), two.mean_sojourn());
        covered[1] += holds(ratio_interval(&late, &offered, 0.95), two.sojourn_tail(LIMIT));
        covered[2] += holds(latencies, two.mean_sojourn() - three.mean_sojourn());
        covered[3] += holds(late_differences, two.sojourn_tail(LIMIT) - three.sojourn_tail(LIMIT));
    }
    println!("mean, late share, paired differences of both: {covered:?} of {STUDIES}");
    for count in covered {
        let share = f64::from(count) / f64::from(STUDIES);
        assert!((0.93..=0.97).contains(&share), "{covered:?} of {STUDIES}");
    }
}
