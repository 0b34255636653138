//! What always holds, over random small scenarios; and the engine against a queue simulated event by event.
//!
//! The scenarios are drawn from a fixed seed. With `FLEETMIX_LONG_TESTS=1` there are eight times as many.

mod support;

use fleetmix::billing::focus;
use fleetmix::billing::{CostPart, EndedBy};
use fleetmix::engine::RunRecord;
use fleetmix::fleet::PurchaseOption;
use fleetmix::scenario::{InitialFleet, OnDemandBilling, SpotBilling};
use fleetmix::stats::Histogram;
use fleetmix::units::{Duration, Money, SimTime};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use support::random::runner;
use support::reference::{Change, Client, Tally, serve};
use support::small::{Replication, Small, on_whole_seconds, scenario};

fn check_requests(run: &Replication) {
    let (counts, record) = (run.record.counts, &run.record);
    let offered = run.clients.iter().filter(|client| client.arrival >= 0.0).count() as u64;
    assert_eq!(counts.offered, offered);
    let outcomes = counts.served + counts.rejected + counts.timed_out + counts.lost + counts.in_system_at_end;
    assert_eq!(counts.offered, outcomes, "{counts:?}");
    assert!(counts.late <= counts.served);
    assert_eq!(record.latency.total(), counts.served);
    let [minutes, good] = record.minutes;
    assert!(good <= minutes && record.requests_in_good_minutes <= counts.offered);
    let [busy, capacity] = record.busy_and_capacity;
    assert!(busy >= 0.0 && busy <= capacity * (1.0 + 1e-9), "{busy} of {capacity}");
    // Equal latencies have a mean that is the largest up to the rounding of the sum.
    let (sum, most) = (record.latency_sum, record.latency_max * counts.served as f64);
    assert!(sum <= most * (1.0 + 1e-12 * counts.served as f64), "sum {sum} above {most}");
    let sums = record
        .buckets
        .iter()
        .fold([0; 3], |sums: [u64; 3], bucket| std::array::from_fn(|i| sums[i] + bucket.requests[i]));
    assert_eq!(sums, [counts.offered, counts.late, counts.failed()], "the time line");
}

fn check_usage(small: &Small, record: &RunRecord) {
    let horizon = SimTime::START + small.scenario.clock.horizon;
    let mut seen = BTreeSet::new();
    for run in &record.usage {
        assert!(SimTime::START <= run.from && run.from < run.until && run.until <= horizon, "{run:?}");
        assert!(seen.insert(run.instance), "an instance runs once: {run:?}");
        assert_eq!(run.option == PurchaseOption::Spot, run.market.is_some());
        assert!(run.ended_by != EndedBy::Horizon || run.until == horizon);
    }
    let base = small.scenario.mixes[0].mix.reserved;
    if small.scenario.run.initial_fleet == InitialFleet::MixInService {
        assert!(record.peak >= base, "peak {} of {base} base instances", record.peak);
    }
    // The most at once, from the log alone.
    let at_once = record.usage.iter().map(|run| {
        let moment = run.from;
        record.usage.iter().filter(|other| other.from <= moment && moment < other.until).count()
    });
    let peak = at_once.max().unwrap_or(0);
    assert!(u64::from(record.peak) >= peak as u64, "peak {} below {peak}", record.peak);
}

fn check_money(small: &Small, run: &Replication) {
    let ledger = &run.ledger;
    let total = ledger.total();
    let rows: i128 = ledger.charges.iter().map(|charge| charge.amount.nano()).sum();
    assert_eq!(total.nano(), rows);
    let by_part: Money = CostPart::ALL.into_iter().map(|part| ledger.total_of(part)).sum();
    assert_eq!(by_part, total);
    for days in [1, 3] {
        assert_eq!(ledger.by_day(days).into_iter().flatten().sum::<Money>(), total);
    }
    // The FOCUS rows: amortised they are the total, billed they are the cash; what a commitment costs is what its uses cost.
    let rows = focus::rows(&run.invoice, &run.record.usage, &small.tariff());
    assert_eq!(rows.iter().map(|row| row.effective).sum::<Money>(), total);
    assert_eq!(rows.iter().map(|row| row.billed).sum::<Money>(), ledger.cash);
    let uses: Money = run.invoice.uses.iter().map(|one| one.amount).sum();
    assert_eq!(uses, ledger.total_of(CostPart::Reserved) + ledger.total_of(CostPart::SavingsPlan));
    assert!(Money::ZERO <= ledger.unused_commitment);
    assert!(ledger.unused_commitment <= ledger.total_of(CostPart::Reserved));
    let whole_hours = |time: Duration| time.nanos() % Duration::HOUR.nanos() == 0;
    for usage in run.record.usage.iter().filter(|usage| usage.option != PurchaseOption::Reserved) {
        let charges = ledger.charges.iter().filter(|charge| charge.instance == Some(usage.instance));
        let billed: Duration = charges.map(|charge| charge.quantity).sum();
        let by_cloud = usage.ended_by == EndedBy::Cloud;
        let hourly = match usage.option {
            PurchaseOption::OnDemand => small.scenario.billing.on_demand == OnDemandBilling::PerHour {},
            _ => matches!(small.scenario.billing.spot, SpotBilling::Bid2015(_)),
        };
        if hourly {
            assert!(whole_hours(billed), "{usage:?} billed {billed}");
            let over = billed - usage.length();
            let right = if by_cloud { over <= Duration::ZERO } else { over >= Duration::ZERO && over < Duration::HOUR };
            assert!(right, "{usage:?} billed {billed}");
        } else if !by_cloud {
            assert!(billed >= usage.length(), "{usage:?} billed {billed}");
        }
    }
}

/// A repeated run must be the same to the last bit.
fn check_same(once: &Replication, again: &Replication) {
    let (a, b) = (&once.record, &again.record);
    assert!(once.clients == again.clients && once.ledger == again.ledger);
    assert!(a.counts == b.counts && a.latency == b.latency && a.usage == b.usage && a.events == b.events);
    assert_eq!(
        (a.latency_sum, a.latency_max, a.busy_and_capacity),
        (b.latency_sum, b.latency_max, b.busy_and_capacity)
    );
    assert_eq!((a.minutes, a.requests_in_good_minutes, a.peak), (b.minutes, b.requests_in_good_minutes, b.peak));
    assert_eq!((a.launches, a.launch_failures, &a.interruptions), (b.launches, b.launch_failures, &b.interruptions));
    assert_eq!((a.scale_outs, a.scale_ins), (b.scale_outs, b.scale_ins));
    // In words, because a percentile of nothing is not a number.
    assert_eq!(format!("{:?}", a.buckets), format!("{:?}", b.buckets));
}

#[test]
fn nothing_vanishes_and_everything_is_billed() {
    let mut runner = runner(200, 1);
    let outcome = runner.run(&scenario(), |tree| {
        let small = Small::new(&tree);
        let runs = [0, 1].map(|replication| small.run(replication));
        for run in &runs {
            check_requests(run);
            check_usage(&small, &run.record);
            check_money(&small, run);
        }
        check_same(&runs[0], &small.run(0));
        Ok(())
    });
    outcome.unwrap();
}

/// The engine's record must be what the event-by-event queue says. Returns served, rejected, timed out, lost, in system, late.
fn check_against(tally: &Tally, run: &Replication, late_after: f64) -> [u64; 6] {
    let counts = run.record.counts;
    let late = tally.latencies.iter().filter(|latency| **latency > late_after).count() as u64;
    let expected = [tally.latencies.len() as u64, tally.rejected, tally.timed_out, tally.lost, tally.waiting, late];
    let found = [counts.served, counts.rejected, counts.timed_out, counts.lost, counts.in_system_at_end, counts.late];
    assert_eq!(found, expected, "served, rejected, timed out, lost, in system, late");
    let mut histogram = Histogram::default();
    tally.latencies.iter().for_each(|latency| histogram.add(*latency));
    assert!(run.record.latency == histogram, "histograms of latency differ");
    let close = |found: f64, exact: f64| (found - exact).abs() <= 1e-9 * exact.abs().max(1.0);
    let sum: f64 = tally.latencies.iter().sum();
    assert!(close(run.record.latency_sum, sum), "{} instead of {sum}", run.record.latency_sum);
    assert_eq!(run.record.latency_max, tally.latencies.iter().copied().fold(0.0, f64::max));
    let [busy, capacity] = run.record.busy_and_capacity;
    assert!(close(busy, tally.busy), "busy {busy} instead of {}", tally.busy);
    assert!(close(capacity, tally.capacity), "capacity {capacity} instead of {}", tally.capacity);
    found
}

/// Any fleet: when instances come and go is taken from the engine's events, what becomes of requests is not.
fn check_against_calendar(cases: u32, seed: u64, change: fn(Value) -> Value) {
    let mut runner = runner(cases, seed);
    let seen = RefCell::new([0u64; 6]);
    let outcome = runner.run(&scenario(), |tree| {
        let small = Small::new(&change(tree));
        let run = small.run(0);
        let tally =
            serve(&run.clients, &small.changes(&run.record), small.scenario.service.queue_limit, small.horizon());
        let found = check_against(&tally, &run, small.scenario.objective.latency.as_secs_f64());
        seen.borrow_mut().iter_mut().zip(found).for_each(|(sum, count)| *sum += count);
        Ok(())
    });
    outcome.unwrap();
    // The scenarios must have met everything.
    assert!(seen.borrow().iter().all(|count| *count > 20), "{seen:?}");
}

#[test]
fn the_recursion_serves_as_an_event_calendar_does() {
    check_against_calendar(200, 2, |tree| tree);
}

/// The order of what happens at one instant is the calendar's, too.
#[test]
fn at_equal_times_the_order_is_that_of_an_event_calendar() {
    check_against_calendar(300, 4, on_whole_seconds);
}

/// A base and a spot pool whose price crosses the maximum; every delay constant.
#[derive(Debug, Clone)]
struct Script {
    base: u32,
    spot: u32,
    slots: [u32; 2],
    speeds: [f64; 2],
    /// Times in milliseconds at which the price goes above the maximum, and back, in turn.
    crossings: Vec<i64>,
    notice: i64,
    fulfilment: i64,
    provisioning: i64,
    boot: i64,
    service: Value,
    rate: f64,
    seed: u32,
}

const SCRIPT_HORIZON: i64 = 1_800_000;

fn script() -> impl Strategy<Value = Script> {
    let fleet = (0..3u32, 1..4u32, [1..4u32, 1..4u32], [0.5..2.0f64, 0.5..2.0f64]);
    // Odd milliseconds: no crossing falls on another event.
    let crossings = prop::collection::vec(20_000..300_000i64, 1..9).prop_map(|gaps| {
        let ends = gaps.iter().scan(0, |time, gap| {
            *time += gap;
            Some(*time)
        });
        ends.map(|time| time / 10 * 10 + 7).collect()
    });
    let notice = prop_oneof![2 => Just(0i64), 1 => Just(30_000i64), 1 => Just(120_000i64)];
    let delays = (0..90i64, 0..30i64, 0..60i64).prop_map(|(f, p, b)| (f * 1000, p * 1000, b * 1000));
    let limits = (prop::option::of(0..8u32), prop::option::of(500..9000u32), 200..2500u32);
    (fleet, crossings, notice, delays, limits, 0.3..5.0f64, any::<u16>()).prop_map(
        |((base, spot, slots, speeds), crossings, notice, delays, (limit, timeout, work), rate, seed)| {
            let mut service = json!({ "work": { "lognormal": { "mean": format!("{work}ms"), "cv": 1.2 } } });
            limit.into_iter().for_each(|limit| service["queue_limit"] = json!(limit));
            timeout.into_iter().for_each(|time| service["timeout"] = json!(format!("{time}ms")));
            let (fulfilment, provisioning, boot) = delays;
            let seed = u32::from(seed);
            Script { base, spot, slots, speeds, crossings, notice, fulfilment, provisioning, boot, service, rate, seed }
        },
    )
}

impl Script {
    fn tree(&self) -> Value {
        let mut prices = vec![json!({ "from": "0s", "price": "0.1 USD/h" })];
        for (index, time) in self.crossings.iter().enumerate() {
            let price = if index % 2 == 0 { "0.9 USD/h" } else { "0.1 USD/h" };
            prices.push(json!({ "from": format!("{time}ms"), "price": price }));
        }
        let kind = |which: usize| {
            json!({ "slots": self.slots[which], "speed": self.speeds[which], "drain_limit": "60s", "boot": { "stages": [
                { "provisioning": { "constant": format!("{}ms", self.provisioning) } },
                { "os": { "constant": format!("{}ms", self.boot) } }
            ] } })
        };
        json!({
            "format": 1, "name": "script",
            "clock": { "start": "2016-03-07T00:00:00Z", "horizon": format!("{SCRIPT_HORIZON}ms") },
            "run": { "seed": self.seed, "replications": 1 },
            "demand": { "steps": { "steps": [{ "from": "0s", "per_second": self.rate }] } },
            "service": self.service,
            "objective": { "latency": "1500ms", "late_share": 0.05, "error_share": 0.01 },
            "instance_types": { "base": kind(0), "spot": kind(1), "more": kind(0) },
            "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "test", "types": {
                "base": { "on_demand": "1 USD/h",
                    "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": "0.5 USD/h" } } },
                "spot": { "on_demand": "0.5 USD/h" }, "more": { "on_demand": "1 USD/h" }
            } } },
            "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": {} } },
            "markets": { "a": {
                "instance_type": "spot", "price": { "steps": prices }, "interruptions": "price_only",
                "notice": format!("{}ms", self.notice),
                "fulfilment": { "constant": format!("{}ms", self.fulfilment) }
            } },
            "pools": {
                "reserved": { "instance_type": "base", "commitment": "r" }, "spot": { "markets": ["a"] },
                "on_demand": { "instance_type": "more" }
            },
            "scaling": { "min_total": 0, "max_total": 9, "metrics": { "period": "60s" } },
            "mixes": [{ "mix": format!("{} reserved + {} spot", self.base, self.spot) }]
        })
    }

    fn above(&self, time: i64) -> bool {
        self.crossings.iter().filter(|crossing| **crossing <= time).count() % 2 == 1
    }

    /// The first rise above the maximum after `time`.
    fn next_rise(&self, time: i64) -> i64 {
        self.crossings.iter().copied().step_by(2).find(|rise| *rise > time).unwrap_or(i64::MAX)
    }

    /// When each spot instance enters service and gets its notice, by the rules: a notice once given is carried out; a request
    /// is repeated every 60 s while the price is above the maximum, and so is one whose delivery comes at such a price.
    fn spot_lives(&self) -> Vec<[i64; 2]> {
        let mut lives = vec![[0, self.next_rise(0)]];
        while let Some(&[_, notice]) = lives.last()
            && notice < SCRIPT_HORIZON
        {
            let mut time = notice + self.notice;
            let enters = loop {
                if time > SCRIPT_HORIZON {
                    return lives;
                }
                if self.above(time) {
                    time += 60_000;
                    continue;
                }
                time += self.fulfilment;
                if self.above(time) {
                    time += 60_000;
                    continue;
                }
                let (runs, serves) = (time + self.provisioning, time + self.provisioning + self.boot);
                let rise = self.next_rise(time);
                if rise > serves {
                    break serves;
                }
                // Before it runs there is nothing to give notice of; afterwards there is.
                time = if rise < runs { rise } else { rise + self.notice };
            };
            lives.push([enters, self.next_rise(enters)]);
        }
        lives
    }

    /// The timetable of the fleet, without any help of the engine.
    fn changes(&self) -> Vec<(f64, Change)> {
        let seconds = |time: i64| time as f64 / 1000.0;
        let mut changes = Vec::new();
        for instance in 0..self.base {
            changes.push((0.0, Change::Enter { instance, slots: self.slots[0], speed: self.speeds[0] }));
        }
        let mut next = self.base;
        for [enters, notice] in self.spot_lives() {
            let number = |index: u32| next + index;
            if enters < SCRIPT_HORIZON {
                for index in 0..self.spot {
                    let enter = Change::Enter { instance: number(index), slots: self.slots[1], speed: self.speeds[1] };
                    changes.push((seconds(enters), enter));
                }
            }
            // What would happen at the horizon or after it does not happen.
            for (time, change) in [
                (notice, (|instance| Change::Drain { instance }) as fn(u32) -> Change),
                (notice.saturating_add(self.notice), |instance| Change::Gone { instance }),
            ] {
                if time < SCRIPT_HORIZON {
                    (0..self.spot).for_each(|index| changes.push((seconds(time), change(number(index)))));
                }
            }
            next += self.spot;
        }
        changes
    }
}

/// Spot interruptions with and without notice, against a timetable worked out from the prices alone.
#[test]
fn scripted_interruptions_lose_what_a_timetable_says() {
    let mut runner = runner(150, 3);
    let outcome = runner.run(&script(), |script| {
        let small = Small::new(&script.tree());
        let run = small.run(0);
        let limit = small.scenario.service.queue_limit;
        let clients: &[Client] = &run.clients;
        let tally = serve(clients, &script.changes(), limit, small.horizon());
        check_against(&tally, &run, small.scenario.objective.latency.as_secs_f64());
        Ok(())
    });
    outcome.unwrap();
}
