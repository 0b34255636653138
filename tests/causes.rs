//! Why requests are late: scenarios in which one cause acts alone have it to a hundred percent, and two that need each other show their
//! interaction. A request every two seconds takes one; what waits longer than five is late.

use fleetmix::input::{Document, LoadOptions, load_document};
use fleetmix::results::{CauseSplit, CausesRecord};
use fleetmix::study::{causes, run};
use serde_json::{Value, json};
use std::path::Path;

fn scenario(mix: &str) -> Value {
    json!({
        "format": 1, "name": "causes",
        "clock": { "start": "2021-03-02T00:00:00Z", "horizon": "1h" },
        "run": { "seed": 1, "replications": 2 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 0.5 }], "arrivals": "deterministic" } },
        "service": { "work": { "constant": "1s" } },
        "objective": { "latency": "5s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "small": { "slots": 1, "boot": { "stages": [] }, "drain_limit": "60s" } },
        "prices": { "inline": { "currency": "USD", "date": "2021-03-02", "source": "made up", "types": {
            "small": { "on_demand": "0.36 USD/h" }
        } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": {} } },
        "markets": { "m": {
            "instance_type": "small", "zone": "x", "price": { "constant": "0.1 USD/h" }, "interruptions": "price_only",
            "capacity": { "steps": [{ "from": "0s", "instances": 5 }] }, "notice": "0s"
        } },
        "pools": {
            "reserved": { "instance_type": "small", "zone": "y" },
            "spot": { "markets": ["m"] },
            "on_demand": { "instance_type": "small", "zone": "y" }
        },
        "scaling": { "min_total": 0, "max_total": 20, "metrics": { "period": "60s", "published_after": "60s" } },
        "mixes": [{ "mix": mix }]
    })
}

fn with(mut tree: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        tree.pointer_mut(parent).unwrap_or_else(|| panic!("{parent}"))[key] = value.clone();
    }
    tree
}

fn record(tree: &Value) -> CausesRecord {
    let document = Document::parse("causes", &tree.to_string()).unwrap_or_else(|e| panic!("{e}"));
    let input = load_document(&document, Path::new("."), &LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let record = causes(&input, &input.candidates[0].name, 2, &()).expect("nothing cancels it");
    let study = run(&input, false, &()).unwrap_or_else(|e| panic!("{e}"));
    let mix = &study.results.mixes[0];
    let late = mix.late_share.mean * mix.requests.offered.mean;
    assert!((record.late.total.mean - late).abs() < 1e-6, "{} of {late}", record.late.total.mean);
    record
}

/// Total, interruption, boot delay, alarm delay, too small a fleet, interaction.
fn means(split: &CauseSplit) -> [f64; 6] {
    let [a, b, c, d, e] = split.parts().map(|(_, part)| part.mean);
    assert_eq!(split.total.mean, a + b + c + d + e);
    [split.total.mean, a, b, c, d, e]
}

fn late(tree: &Value) -> [f64; 6] {
    let means = means(&record(tree).late);
    assert!(means[0] > 20.0, "enough is late: {means:?}");
    means
}

#[test]
fn interruptions_alone() {
    let gone =
        json!([{ "from": "0s", "instances": 5 }, { "from": "10m", "instances": 0 }, { "from": "15m", "instances": 5 }]);
    let [total, rest @ ..] = late(&with(scenario("1 spot"), &[("/markets/m/capacity", json!({ "steps": gone }))]));
    assert_eq!(rest, [total, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn failures_on_purpose_count_as_interruptions() {
    let outage = json!({ "zone_outages": [{ "zone": "x", "from": "10m", "lasts": "5m" }] });
    let [total, rest @ ..] = late(&with(scenario("1 spot"), &[("/chaos", outage)]));
    assert_eq!(rest, [total, 0.0, 0.0, 0.0, 0.0]);
    let mass = json!({ "mass_interruptions": [{ "at": "10m", "closed_for": "5m" }] });
    let [total, rest @ ..] = late(&with(scenario("1 spot"), &[("/chaos", mass)]));
    assert_eq!(rest, [total, 0.0, 0.0, 0.0, 0.0]);
}

/// The schedule knows of the higher demand; the boot of five minutes is what is late.
#[test]
fn boots_alone() {
    let tree = with(
        scenario("1 reserved + on-demand"),
        &[
            ("/demand/steps/steps", json!([{ "from": "0s", "per_second": 0.5 }, { "from": "10m", "per_second": 1.5 }])),
            (
                "/instance_types/small/boot/stages",
                json!([{ "provisioning": { "constant": "1m" } }, { "os": { "constant": "4m" } }]),
            ),
            ("/scaling/policies", json!({ "known": { "scheduled": { "cron": "10 0 * * *", "desired_total": 3 } } })),
        ],
    );
    let [total, rest @ ..] = late(&tree);
    assert_eq!(rest, [0.0, total, 0.0, 0.0, 0.0]);
}

fn watched(tree: Value) -> Value {
    with(
        tree,
        &[
            (
                "/scaling/alarms",
                json!({ "hot": {
                "metric": { "cpu": "average" }, "above": 0.8, "datapoints_to_alarm": 3, "evaluation_periods": 3
            } }),
            ),
            (
                "/scaling/policies",
                json!({ "out": {
                "step": { "alarm": "hot", "steps": [{ "from": 0, "change": 1 }], "warm_up": "60s" }
            } }),
            ),
        ],
    )
}

/// Three minutes of breach and one until they are seen; an instance that comes at once is enough.
#[test]
fn alarms_alone() {
    let steps = json!([{ "from": "0s", "per_second": 0.5 }, { "from": "10m", "per_second": 1.5 }]);
    let tree = watched(with(scenario("1 reserved + on-demand"), &[("/demand/steps/steps", steps)]));
    let [total, rest @ ..] = late(&tree);
    assert_eq!(rest, [0.0, 0.0, total, 0.0, 0.0]);
}

#[test]
fn too_small_a_fleet_alone() {
    let [total, rest @ ..] = late(&with(scenario("1 reserved"), &[("/demand/steps/steps/0/per_second", json!(1.1))]));
    assert_eq!(rest, [0.0, 0.0, 0.0, total, 0.0]);
    let works = with(scenario("3 reserved"), &[("/service/work", json!({ "constant": "6s" }))]);
    let record = record(&works);
    assert!(record.late.total.mean > 1790.0);
    assert_eq!(record.late_by_work_alone.mean, record.late.total.mean, "no fleet is fast enough");
}

/// A loss that is replaced at once would harm nobody, nor does a boot of five minutes where nothing is lost.
#[test]
fn two_causes_that_need_each_other_are_counted_twice_and_say_so() {
    let tree = with(
        scenario("1 spot"),
        &[
            ("/chaos", json!({ "mass_interruptions": [{ "at": "10m" }] })),
            ("/instance_types/small/boot/stages", json!([{ "os": { "constant": "5m" } }])),
        ],
    );
    let [total, rest @ ..] = late(&tree);
    assert_eq!(rest, [total, total, 0.0, 0.0, -total]);
}

/// On-demand comes in the place of lost spot, after the alarms and after its boot: all three causes act.
#[test]
fn everything_together_adds_up() {
    let tree = watched(with(
        scenario("1 spot + 0..2 on-demand"),
        &[
            ("/demand/steps/steps", json!([{ "from": "0s", "per_second": 0.5 }, { "from": "30m", "per_second": 2.5 }])),
            ("/chaos", json!({ "mass_interruptions": [{ "at": "10m", "closed_for": "15m" }] })),
            ("/instance_types/small/boot/stages", json!([{ "os": { "constant": "2m" } }])),
            ("/service/queue_limit", json!(60)),
        ],
    ));
    let record = record(&tree);
    let [_, interruption, boot, alarm, fleet, _] = means(&record.late);
    assert!(interruption > 0.0 && boot > 0.0 && alarm > 0.0, "{interruption} {boot} {alarm}");
    assert!(
        fleet > 0.0,
        "2.5 a second are more than three instances can serve together with what spot leaves: {fleet}"
    );
    assert!(means(&record.failed)[0] > 0.0, "a full queue turns requests away");
}
