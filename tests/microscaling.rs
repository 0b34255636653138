//! Work that can wait beside requests: what must hold exactly, over random small scenarios and by hand.

mod support;

use fleetmix::engine::{BackgroundRecord, RunRecord};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::random::runner;
use support::small::{Small, scenario};

fn background(policy: Value, start: &str) -> Value {
    json!({
        "task": { "exponential": { "mean": "90s" } }, "checkpoint_every": "20s", "restart": "3s",
        "containers": { "start": { "constant": start }, "policy": policy, "every": "5s", "scale_in_after": "30s" }
    })
}

fn with_background(tree: &Value, background: &Value) -> Value {
    let mut tree = tree.clone();
    tree["background"] = background.clone();
    tree
}

/// Everything that a run leaves behind but what came of the background, in words that are equal only if every bit is.
fn words(record: RunRecord) -> String {
    format!("{:?}", RunRecord { background: None, ..record })
}

fn policies() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({ "fixed": { "background": 2 } })),
        Just(json!({ "concurrency": { "target": 0.7 } })),
        Just(json!({ "queue": { "waiting_per_container": 2, "spare": 1 } })),
        Just(json!({ "latency": { "percentile": 95, "target": "2s" } })),
    ]
}

#[test]
fn without_work_that_can_wait_every_bit_is_that_of_the_ordinary_engine() {
    let cases = (scenario(), policies(), any::<bool>());
    runner(150, 27)
        .run(&cases, |(mut tree, policy, retry)| {
            if retry {
                tree["service"]["on_instance_loss"] = json!("retry");
            }
            let mut none = background(policy, "0s");
            none["tasks"] = json!(0);
            let ordinary = Small::new(&tree).run(0);
            let containers = Small::new(&with_background(&tree, &none)).run(0);
            let record = containers.record.background.expect("there is a background");
            prop_assert_eq!(record.tally.working + record.tally.starting, 0);
            prop_assert_eq!(words(containers.record), words(ordinary.record));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn no_second_of_a_place_is_counted_twice_and_no_work_vanishes() {
    let cases = (scenario(), policies(), 0..20u32);
    runner(150, 27)
        .run(&cases, |(mut tree, policy, start)| {
            for kind in tree["instance_types"].as_object_mut().expect("types").values_mut() {
                kind["speed"] = json!(1.0);
            }
            let small = Small::new(&with_background(&tree, &background(policy, &format!("{start}s"))));
            let run = small.run(0);
            let BackgroundRecord { tally, served_seconds, .. } = run.record.background.expect("there is a background");
            prop_assert_eq!(tally.done + tally.lost, tally.working, "{:?}", tally);
            let slots = |option: fleetmix::fleet::PurchaseOption| {
                let name = ["base", "spot", "more"][option as usize];
                i128::from(small.scenario.instance_types[name].slots)
            };
            let held: i128 =
                run.record.usage.iter().map(|usage| slots(usage.option) * i128::from(usage.length().nanos())).sum();
            // Requests are counted on a grid of a microsecond.
            let used = tally.working + tally.starting + (served_seconds * 1e9) as i128;
            prop_assert!(used <= held + held / 1_000_000, "{} of {}: {:?}", used, held, tally);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Three hosts with eight slots, and no spot; nothing is random but arrivals.
fn three_hosts(per_second: f64, background: &Value) -> Value {
    json!({
        "format": 1, "name": "hosts",
        "clock": { "start": "2019-04-08T00:00:00Z", "horizon": "2h" },
        "run": { "seed": 1, "replications": 1 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": per_second }], "arrivals": "deterministic" } },
        "service": { "work": { "constant": "500ms" } },
        "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.01 },
        "instance_types": { "base": { "slots": 8, "boot": { "stages": [] }, "drain_limit": "60s" } },
        "prices": { "inline": { "currency": "USD", "date": "2019-04-08", "source": "test", "types": { "base": {
            "on_demand": "0.4 USD/h",
            "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": "0.25 USD/h" } }
        } } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": {} } },
        "markets": { "m": {
            "instance_type": "base", "price": { "steps": [{ "from": "0s", "price": "0.1 USD/h" }] },
            "capacity": { "limit": 0 }, "interruptions": "price_only"
        } },
        "pools": {
            "reserved": { "instance_type": "base", "commitment": "r" },
            "spot": { "markets": ["m"] }, "on_demand": { "instance_type": "base" }
        },
        "scaling": { "min_total": 1, "max_total": 3, "metrics": { "period": "60s" } },
        "background": background,
        "mixes": [{ "mix": "3 reserved" }]
    })
}

fn of(tree: &Value) -> (BackgroundRecord, RunRecord) {
    let record = Small::new(tree).run(0).record;
    (record.background.expect("there is a background"), record)
}

fn nanos(seconds: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000
}

#[test]
fn without_requests_work_gets_every_slot_second_but_those_of_the_start() {
    for policy in [json!({ "concurrency": { "target": 1.0 } }), json!({ "fixed": { "background": 24 } })] {
        let mut work = background(policy, "4s");
        work["containers"]["at_least"] = json!(0);
        let (record, _) = of(&three_hosts(0.0, &work));
        // Four seconds until a container is there, three until it has loaded its state; then one task after the other.
        assert_eq!(record.tally.starting, 24 * nanos(7));
        assert_eq!(record.tally.done, 24 * nanos(7200 - 7));
        assert_eq!((record.tally.lost, record.tally.killed, record.starts), (0, 0, 0));
        assert!(record.tally.tasks > 1000);
    }
}

#[test]
fn a_finite_backlog_is_done_and_then_requests_have_every_slot() {
    let mut work = background(json!({ "concurrency": { "target": 1.0 } }), "4s");
    work["task"] = json!({ "constant": "100s" });
    work["tasks"] = json!(70);
    let (record, run) = of(&three_hosts(4.0, &work));
    assert_eq!(record.tally.tasks, 70);
    // What was lost with killed containers was done again.
    assert_eq!(record.tally.done, 70 * nanos(100));
    assert_eq!(run.counts.served, run.counts.offered);
    assert!(run.counts.offered > 4 * 7190);
}

#[test]
fn a_rise_of_demand_kills_work_and_is_served_after_the_start() {
    let work = background(json!({ "concurrency": { "target": 0.5 } }), "4s");
    let mut tree = three_hosts(2.0, &work);
    let steps = json!([{ "from": "0s", "per_second": 2.0 }, { "from": "1h", "per_second": 20.0 }]);
    tree["demand"]["steps"]["steps"] = steps;
    let slowly = |start: &str| {
        let mut tree = tree.clone();
        tree["background"]["containers"]["start"] = json!({ "constant": start });
        of(&tree)
    };
    let (record, quick) = slowly("4s");
    // 20 requests a second keep ten containers busy, of twenty; with those that waited more are wanted for a while.
    assert!((18..=24).contains(&record.tally.killed), "{record:?}");
    assert!(record.tally.lost > 0 && record.tally.lost < record.tally.done / 100);
    // Until the next look after five seconds and the start after four more, requests wait.
    assert!((20..=400).contains(&quick.counts.late), "{:?}", quick.counts);
    assert!(quick.latency_max < 15.0, "{}", quick.latency_max);
    let (_, slow) = slowly("90s");
    assert!(slow.counts.late > 5 * quick.counts.late, "{:?} {:?}", slow.counts, quick.counts);
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let wrong = |pointer: &str, value: Value, place: &str, words: &str| {
        let mut tree = three_hosts(1.0, &background(json!({ "concurrency": { "target": 1.0 } }), "4s"));
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        tree.pointer_mut(parent).expect("a parent")[key] = value;
        let scenario = serde_json::from_value(tree).expect("a scenario");
        let issues = fleetmix::scenario::validate(&scenario);
        let found = issues.iter().find(|issue| issue.pointer == place).unwrap_or_else(|| panic!("{issues:?}"));
        assert!(found.message.contains(words), "{}", found.message);
    };
    wrong("/background/task", json!({ "constant": "10ms" }), "/background/task", "at least 1 s of work");
    wrong("/background/checkpoint_every", json!("0s"), "/background/checkpoint_every", "longer than 0s");
    wrong("/background/containers/every", json!("1ms"), "/background/containers/every", "found 1ms");
    wrong("/service/discipline", json!("round-robin"), "/service/discipline", "\"fifo\"");
    let policy = "/background/containers/policy";
    let concurrency = json!({ "concurrency": { "target": 0.0 } });
    wrong(policy, concurrency, "/background/containers/policy/concurrency/target", "above 0");
    let queue = json!({ "queue": { "waiting_per_container": 0, "spare": 1 } });
    wrong(policy, queue, "/background/containers/policy/queue/waiting_per_container", "found 0");
    let elsewhere = "/background/elsewhere";
    let wrong_price = json!({ "work_per_hour": 0.0, "price": "0 USD/h" });
    wrong(elsewhere, wrong_price.clone(), "/background/elsewhere/work_per_hour", "found 0");
    wrong(elsewhere, wrong_price, "/background/elsewhere/price", "above zero");
    let latency = json!({ "latency": { "percentile": 100, "target": "1s" } });
    wrong(policy, latency, "/background/containers/policy/latency/percentile", "found 100");
}
