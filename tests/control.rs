//! The control plane in simulated runs whose every time follows by hand: constant boots (10 s unbilled, then 50 s), deterministic
//! arrivals, metrics of 60 s that are visible 60 s later.

use fleetmix::engine::{Event, What};
use fleetmix::fleet::PurchaseOption;
use fleetmix::input::{Document, LoadOptions, load_document};
use fleetmix::results::{MixRecord, PatchWaveRecord};
use fleetmix::study::{Study, run};
use serde_json::{Value, json};
use std::path::Path;

/// A service whose spot price is above the maximum from second 600 to second 2400.
fn scenario(mix: &str) -> Value {
    let price = |from: &str, price: &str| json!({ "from": from, "price": price });
    json!({
        "format": 1,
        "name": "control",
        "clock": { "start": "2016-03-07T00:00:00Z", "horizon": "2h" },
        "run": { "seed": 1, "replications": 1 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 0.05 }], "arrivals": "deterministic" } },
        "service": { "work": { "constant": "100s" }, "discipline": "round-robin" },
        "objective": { "latency": "500s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "small": {
            "slots": 10,
            "boot": { "stages": [
                { "provisioning": { "constant": "10s" } }, { "os": { "constant": "45s" } }, { "health_check": { "constant": "5s" } }
            ] },
            "drain_limit": "300s"
        } },
        "prices": { "inline": { "currency": "USD", "date": "2016-03-07", "source": "made up", "types": { "small": {
            "on_demand": "0.36 USD/h",
            "reserved": { "1y": { "term": "1y", "upfront": "0 USD", "hourly": "0.2 USD/h" } }
        } } } },
        "billing": { "on_demand": { "per_second": { "minimum": "0s" } }, "spot": { "bid-2015": {} } },
        "markets": { "m": {
            "instance_type": "small",
            "price": { "steps": [price("0s", "0.1 USD/h"), price("600s", "0.3 USD/h"), price("2400s", "0.1 USD/h")] },
            "interruptions": "price_only"
        } },
        "pools": {
            "reserved": { "instance_type": "small", "commitment": "1y" },
            "spot": { "markets": ["m"], "max_price": "0.2 USD/h" },
            "on_demand": { "instance_type": "small" }
        },
        "scaling": { "min_total": 0, "max_total": 10, "metrics": { "period": "60s", "published_after": "60s" } },
        "mixes": [{ "mix": mix }]
    })
}

fn with(mut tree: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    tree.pointer_mut(parent).unwrap_or_else(|| panic!("{parent}"))[key] = value;
    tree
}

fn study(scenario: &Value) -> Study {
    let document = Document::parse("control", &scenario.to_string()).unwrap_or_else(|e| panic!("{e}"));
    let input = load_document(&document, Path::new("."), &LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    run(&input, true, &()).unwrap_or_else(|e| panic!("{e}"))
}

fn record(study: &Study) -> &MixRecord {
    &study.results.mixes[0]
}

fn lost(study: &Study) -> f64 {
    record(study).requests.lost.mean
}

/// Seconds of the events of a kind that belong to a pool and whose reason contains `why`.
fn times(study: &Study, what: What, pool: Option<PurchaseOption>, why: &str) -> Vec<f64> {
    let events = study.events[0].events.iter();
    let wanted = |event: &&Event| event.what == what && event.pool == pool && event.why.contains(why);
    events.filter(wanted).map(|event| event.time.as_secs_f64()).collect()
}

const ON_DEMAND: Option<PurchaseOption> = Some(PurchaseOption::OnDemand);
const SPOT: Option<PurchaseOption> = Some(PurchaseOption::Spot);

fn wave(replace: &str, batch: u32, min_healthy: f64) -> (PatchWaveRecord, MixRecord) {
    let quiet = with(scenario("5..5 on-demand"), "/demand/steps/steps/0/per_second", json!(0));
    let wave = json!({ "at": "1h", "replace": replace, "batch": batch, "min_healthy": min_healthy });
    let study = study(&with(quiet, "/patch_wave", wave));
    (record(&study).patch_wave.expect("a wave"), record(&study).clone())
}

/// Five instances, each replaced by one that boots for 50 billed seconds: 250 instance-seconds, however many at a time.
#[test]
fn a_surge_costs_exactly_its_instance_seconds() {
    for (surge, batches) in [(1, 5.0), (2, 3.0), (5, 1.0)] {
        let (wave, record) = wave("launch_first", surge, 1.0);
        assert_eq!(wave.extra_instance_seconds.mean, 250.0, "surge {surge}");
        assert!((wave.extra_cost.mean - 250.0 / 3600.0 * 0.36).abs() < 1e-9, "{}", wave.extra_cost.mean);
        assert_eq!(wave.exposure_seconds.mean, batches * 60.0);
        assert_eq!((wave.replaced.mean, wave.fewest_in_service.mean), (5.0, 5.0));
        let hours = record.instances.hours.on_demand.mean;
        assert!((hours * 3600.0 - (5.0 * 7200.0 + 250.0)).abs() < 1e-6, "{hours}");
    }
}

/// The old one leaves while the new one is provisioned: 10 seconds less are paid for each.
#[test]
fn without_a_surge_the_healthy_minimum_holds() {
    let fewest = |batch, min_healthy| wave("terminate_first", batch, min_healthy).0.fewest_in_service.mean;
    assert_eq!(
        [fewest(1, 0.0), fewest(2, 0.6), fewest(2, 0.8), fewest(5, 0.5), fewest(1, 1.0)],
        [4.0, 3.0, 4.0, 3.0, 4.0]
    );
    let (wave, _) = wave("terminate_first", 1, 0.8);
    assert_eq!(wave.extra_instance_seconds.mean, -50.0);
    assert_eq!(wave.exposure_seconds.mean, 4.0 * 60.0, "the fifth goes when the fourth replacement serves");
    assert_eq!(wave.capacity_dip.mean, 1.0 - 4.0 / 5.0);
}

#[test]
fn updates_are_installed_at_boot_and_spot_is_replaced_too() {
    let wave = json!({ "at": "1h", "updates": { "constant": "40s" }, "min_healthy": 0 });
    let study = study(&with(scenario("1 reserved + 1 spot"), "/patch_wave", wave));
    let running = times(&study, What::Running, Some(PurchaseOption::Reserved), "boots for 1m30s");
    assert_eq!(running, [3610.0], "45 s, 5 s and 40 s");
    assert_eq!(times(&study, What::Draining, SPOT, "patch wave").len(), 1);
    assert_eq!(record(&study).patch_wave.expect("a wave").replaced.mean, 2.0);
    assert_eq!(record(&study).instances.interruptions.mean, 1.0, "only the price interrupted");
}

/// A request every 20 s, every other one to spot, each for 100 s: what is in flight when the notice comes ends within 100 s.
#[test]
fn requests_in_flight_end_with_the_shorter_of_delay_and_notice() {
    let lost_with = |notice: &str, delay: Option<&str>| {
        let mut tree = with(scenario("1 reserved + 1 spot"), "/markets/m/notice", json!(notice));
        if let Some(delay) = delay {
            tree = with(tree, "/service/load_balancer", json!({ "deregistration_delay": delay }));
        }
        let study = study(&tree);
        (lost(&study), times(&study, What::RequestsLost, SPOT, ""))
    };
    assert_eq!(lost_with("120s", None), (0.0, vec![]), "everything ends within the notice");
    assert_eq!(lost_with("120s", Some("300s")), (0.0, vec![]));
    let (cut, at) = lost_with("120s", Some("30s"));
    assert!(cut >= 1.0 && at == [630.0], "{cut} {at:?}: the delay is shorter than the notice");
    let (short, at) = lost_with("50s", Some("300s"));
    assert!(short >= 1.0 && short <= cut && at == [650.0], "{short} {at:?}: the notice is shorter than the delay");
    assert_eq!(lost_with("50s", None).0, short);
}

/// Without notice the balancer goes on sending to the instance until two checks, 30 s apart, have failed.
#[test]
fn a_failure_is_found_by_health_checks() {
    let sudden = with(scenario("1 reserved + 1 spot"), "/markets/m/notice", json!("0s"));
    let busy = with(sudden, "/demand/steps/steps/0/per_second", json!(0.2));
    let busy = with(busy, "/service/work", json!({ "constant": "20s" }));
    let known = study(&busy);
    let checked = study(&with(busy, "/service/load_balancer", json!({ "health_check": {} })));
    assert_eq!(times(&checked, What::Failed, SPOT, "found by health checks"), [600.0]);
    let found = times(&checked, What::RequestsLost, SPOT, "sent to a failed instance");
    assert!(matches!(found[..], [at] if (635.0..=665.0).contains(&at)), "{found:?}");
    // Every other request of 35 to 65 s at one in 5 s.
    let more = lost(&checked) - lost(&known);
    assert!(lost(&known) > 0.0 && (3.0..=7.0).contains(&more), "{more}");
}

/// A zone is down for half a minute. What fails there is replaced a minute later, and not before its failure is found.
#[test]
fn failures_on_purpose_are_found_by_health_checks_too() {
    let zone = with(scenario("1 reserved + 1..1 on-demand"), "/pools/on_demand/zone", json!("z"));
    let outage = json!({ "zone_outages": [{ "zone": "z", "from": "10m", "lasts": "30s" }] });
    let busy = with(with(zone, "/chaos", outage), "/demand/steps/steps/0/per_second", json!(0.2));
    let known = study(&busy);
    let again = |study: &Study| times(study, What::Requested, ON_DEMAND, "in the place of one that failed");
    assert_eq!(again(&known), [660.0]);
    let slow = json!({ "health_check": { "interval": "60s", "unhealthy_threshold": 3 } });
    let checked = study(&with(busy, "/service/load_balancer", slow));
    assert_eq!(times(&checked, What::Failed, ON_DEMAND, "found by health checks"), [600.0]);
    let found = times(&checked, What::RequestsLost, ON_DEMAND, "sent to a failed instance");
    assert!(
        matches!(found[..], [at] if (725.0..=785.0).contains(&at)),
        "two minutes and five seconds after the next check: {found:?}"
    );
    assert_eq!(again(&checked), found);
    assert!(lost(&checked) >= lost(&known) + 10.0, "every other request of two minutes: {}", lost(&checked));
}

/// Instance 1 runs from 5:10 on, instance 2 from 50:10 on; one of them leaves.
#[test]
fn the_policy_of_termination_says_who_leaves() {
    let leaver = |rule: &str, cron: &str| {
        let action = |cron: &str, size: u32| json!({ "scheduled": { "cron": cron, "desired_total": size } });
        let policies = json!({ "a": action("5 0 * * *", 2), "b": action("50 0 * * *", 3), "c": action(cron, 2) });
        let tree = with(scenario("1 reserved + on-demand"), "/scaling/policies", policies);
        let study = study(&with(tree, "/scaling/termination", json!(rule)));
        let left: Vec<_> = study.events[0].events.iter().filter(|event| event.what == What::Draining).collect();
        left.iter().filter_map(|event| event.instance).collect::<Vec<_>>()
    };
    // At 0:58 the first has run for 53 minutes, at 1:20 it is in the sixteenth minute of its second hour.
    assert_eq!(["default", "newest-instance"].map(|rule| leaver(rule, "58 0 * * *")), [[1], [2]]);
    assert_eq!(["default", "oldest-instance"].map(|rule| leaver(rule, "20 1 * * *")), [[2], [1]]);
    assert_eq!(leaver("closest-to-next-instance-hour", "20 1 * * *"), [2]);
}

#[test]
fn the_balancer_fails_open_when_nothing_else_is_left() {
    let alone = with(scenario("1 spot"), "/markets/m/notice", json!("0s"));
    let checked = study(&with(alone.clone(), "/service/load_balancer", json!({ "health_check": {} })));
    let times = times(&checked, What::RequestsLost, SPOT, "sent to a failed instance");
    assert!(times.len() > 20 && times.iter().all(|at| (600.0..2600.0).contains(at)), "{times:?}");
    assert!(lost(&checked) > 80.0, "half an hour of requests");
    assert!(lost(&study(&alone)) < 10.0, "who knows lets them wait");
}

/// Spot serves from second 660 to second 720 and is taken away without notice: what was sent to it is lost. Of twelve requests every
/// other one is; with a slow start of two minutes its share grows to a half of that in the minute.
#[test]
fn a_new_instance_comes_in_slowly() {
    let price = |from: &str, price: &str| json!({ "from": from, "price": price });
    let steps = json!([price("0s", "0.3 USD/h"), price("600s", "0.1 USD/h"), price("720s", "0.3 USD/h")]);
    let tree =
        with(with(scenario("1 reserved + 1 spot"), "/markets/m/price/steps", steps), "/markets/m/notice", json!("0s"));
    let tree =
        with(with(tree, "/demand/steps/steps/0/per_second", json!(0.2)), "/instance_types/small/slots", json!(40));
    let quick = study(&tree);
    assert_eq!(times(&quick, What::InService, SPOT, ""), [660.0]);
    assert_eq!(lost(&quick), 6.0);
    let slow = study(&with(tree, "/service/load_balancer", json!({ "slow_start": "2m" })));
    assert!((1.0..=3.0).contains(&lost(&slow)), "{}", lost(&slow));
}

#[test]
fn on_demand_stands_in_from_the_notice_until_spot_serves_again() {
    let study = study(&with(scenario("1 reserved + 2 spot + on-demand"), "/pools/spot/on_loss", json!("on-notice")));
    assert_eq!(times(&study, What::Notice, SPOT, ""), [600.0, 600.0]);
    assert_eq!(times(&study, What::Requested, ON_DEMAND, "stands in for spot"), [600.0, 600.0]);
    let back = times(&study, What::InService, SPOT, "first health check passed");
    assert!(back.len() == 2 && back[0] > 2400.0, "{back:?}");
    assert_eq!(times(&study, What::Draining, ON_DEMAND, "stood in for spot"), back);
}

#[test]
fn patience_with_the_market_is_waited_out() {
    let after = with(scenario("1 reserved + 2 spot + on-demand"), "/pools/spot/on_loss", json!({ "after": "15m" }));
    let study = study(&with(after, "/pools/spot/on_return", json!({ "after": "40m" })));
    assert_eq!(times(&study, What::Requested, ON_DEMAND, "stands in for spot"), [1500.0, 1500.0]);
    let asked = times(&study, What::Requested, SPOT, "market m");
    assert!(asked.iter().all(|at| *at >= 720.0 + 2400.0), "not before 40 min have passed: {asked:?}");
}

#[test]
fn more_spot_than_needed_and_on_demand_for_what_is_not_ready() {
    let rule = json!({ "overprovision": { "extra": 1 } });
    let study = study(&with(scenario("2 spot + on-demand"), "/pools/spot/on_loss", rule));
    let most = |option: usize| study.events[0].events.iter().map(|event| event.in_service[option]).max();
    assert_eq!((most(1), most(2)), (Some(3), Some(2)), "three spot, and two on-demand while none is there");
    assert_eq!(times(&study, What::Requested, ON_DEMAND, "stands in").len(), 2);
}

#[test]
fn a_launch_that_fails_is_tried_again() {
    let unlucky = with(scenario("3..3 on-demand"), "/instance_types/small/boot/failure_probability", json!(0.7));
    let study = study(&with(unlucky, "/run/initial_fleet", json!("empty")));
    let failures = times(&study, What::LaunchFailed, ON_DEMAND, "asked again after 1m").len();
    assert!(failures > 0, "seven of ten launches fail");
    assert_eq!(record(&study).instances.launch_failures.mean, failures as f64);
    assert_eq!(study.events[0].events.last().map(|event| event.in_service[2]), Some(3));
}

/// A schedule launches two at half past; with a warm pool they only start and pass their check.
#[test]
fn a_warm_pool_makes_scheduled_capacity_ready_sooner() {
    let action = json!({ "half-past": { "scheduled": { "cron": "30 0 * * *", "desired_total": 3 } } });
    let cold = with(scenario("1 reserved + on-demand"), "/scaling/policies", action);
    assert_eq!(times(&study(&cold), What::InService, ON_DEMAND, ""), [1860.0, 1860.0]);
    let pool = json!({ "max_prepared": 3, "start": { "constant": "8s" } });
    let warm = study(&with(cold.clone(), "/pools/on_demand/warm_pool", pool.clone()));
    assert_eq!(times(&warm, What::Prepared, ON_DEMAND, "stopped"), [60.0, 60.0]);
    assert_eq!(times(&warm, What::InService, ON_DEMAND, ""), [1813.0, 1813.0]);
    // Each ran for 50 s when it was prepared and from second 1808 on.
    assert_eq!(record(&warm).instances.hours.on_demand.mean, 2.0 * (50.0 + 7200.0 - 1808.0) / 3600.0);
    let running = with(pool, "/state", json!("running"));
    let hours =
        record(&study(&with(cold.clone(), "/pools/on_demand/warm_pool", running))).instances.hours.on_demand.mean;
    assert_eq!(hours, 2.0 * (7200.0 - 10.0) / 3600.0, "running while they wait");
}

#[test]
fn target_tracking_holds_its_target() {
    let tracking = json!({ "hold": { "target_tracking": {
        "metric": { "cpu": "average" }, "target": 0.5, "warm_up": "60s", "scale_in_below": 0.9
    } } });
    let tree = with(scenario("1..10 on-demand"), "/scaling/policies", tracking);
    // 0.4 a second of 100 s are 40 busy slots: eight instances of ten at 50 %. Later 5 slots: one instance.
    let steps = json!([{ "from": "0s", "per_second": 0.4 }, { "from": "1h", "per_second": 0.05 }]);
    let study = study(&with(tree, "/demand/steps/steps", steps));
    let on_demand = |until: f64| {
        let events = study.events[0].events.iter();
        events.take_while(|event| event.time.as_secs_f64() < until).last().map(|event| event.in_service[2])
    };
    assert_eq!(on_demand(3600.0), Some(8), "{:#?}", times(&study, What::ScaleOut, None, ""));
    assert_eq!(on_demand(7200.0), Some(1));
    let first_in = times(&study, What::ScaleIn, None, "hold:").into_iter().find(|at| *at > 3600.0).expect("a scale-in");
    assert!(first_in >= 3600.0 + 15.0 * 60.0, "fifteen minutes well below the target: {first_in}");
}

/// Three days with a peak from eight to four; then the future is another one, and what was done before it stays.
#[test]
fn forecasts_do_not_see_the_future() {
    let policy = json!({ "ahead": { "predictive": { "target_cpu": 0.5, "launch_ahead": "10m" } } });
    let run_with = |third_day: f64| {
        let mut steps = Vec::new();
        for day in 0..3 {
            let peak = if day == 2 { third_day } else { 0.4 };
            for (hour, rate) in [(0, 0.05), (8, peak), (16, 0.05)] {
                steps.push(json!({ "from": format!("{}h", day * 24 + hour), "per_second": rate }));
            }
        }
        let tree = with(scenario("1..10 on-demand"), "/scaling/policies", policy.clone());
        let tree = with(with(tree, "/clock/horizon", json!("3d")), "/demand/steps/steps", json!(steps));
        study(&tree)
    };
    let (usual, other) = (run_with(0.4), run_with(0.01));
    let outs = |study: &Study| times(study, What::ScaleOut, None, "ahead: ");
    let eight_of_third_day = 56.0 * 3600.0;
    let before = |study: &Study| outs(study).into_iter().filter(|at| *at <= eight_of_third_day).collect::<Vec<_>>();
    assert_eq!(before(&usual), before(&other));
    assert!(before(&usual).contains(&(eight_of_third_day - 600.0)), "{:?}", outs(&usual));
}

#[test]
fn every_action_says_in_a_line_what_caused_it() {
    let alarm = json!({ "hot": {
        "metric": { "cpu": "average" }, "above": 0.5, "datapoints_to_alarm": 2, "evaluation_periods": 2
    } });
    let policy =
        json!({ "out": { "step": { "alarm": "hot", "steps": [{ "from": 0, "change": 1 }], "warm_up": "60s" } } });
    let tree = with(with(scenario("1 reserved + on-demand"), "/scaling/alarms", alarm), "/scaling/policies", policy);
    let study = study(&with(tree, "/demand/steps/steps/0/per_second", json!(0.08)));
    let requested = study.events[0].events.iter().find(|event| event.what == What::Requested).expect("a launch");
    let start = study.results.scenario.start;
    let line = requested.line(start);
    assert!(line.contains("UTC on-demand 1 requested: out: alarm hot, cpu 0."), "{line}");
    assert!(line.contains("(limit: above 0.5 in 2 of 2), seen until"), "{line}");
}
