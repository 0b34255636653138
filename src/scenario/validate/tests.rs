//! Each check on a scenario that is right but for one thing.

use super::validate;
use crate::scenario::Scenario;
use serde_json::{Value, json};

fn base() -> Value {
    json!({
        "format": 1, "name": "small",
        "clock": { "start": "2016-03-07T00:00:00Z", "horizon": "1h" },
        "run": { "seed": 1, "replications": 2 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 5 }, { "from": "10m", "per_second": 9 }] } },
        "service": { "work": { "exponential": { "mean": "300ms" } } },
        "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "m": {
            "slots": 2, "drain_limit": "60s",
            "boot": { "stages": [{ "provisioning": { "constant": "10s" } }, { "os": { "constant": "20s" } }] }
        } },
        "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "test", "types": { "m": {
            "on_demand": "0.9 USD/h",
            "reserved": { "1y-no-upfront": { "term": "1y", "upfront": "0 USD", "hourly": "0.6 USD/h" } }
        } } } },
        "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": {} } },
        "markets": { "a": {
            "instance_type": "m", "price": { "constant": "0.2 USD/h" }, "interruptions": "price_only"
        } },
        "pools": {
            "reserved": { "instance_type": "m", "commitment": "1y-no-upfront" },
            "spot": { "markets": ["a"], "max_price": "0.9 USD/h" },
            "on_demand": { "instance_type": "m" }
        },
        "scaling": {
            "min_total": 1, "max_total": 7, "metrics": { "period": "60s" },
            "alarms": {
                "hot": { "metric": { "cpu": "average" }, "above": 0.7, "datapoints_to_alarm": 1, "evaluation_periods": 2 },
                "slow": {
                    "metric": { "latency": { "percentile": 95 } }, "above": "800ms",
                    "datapoints_to_alarm": 1, "evaluation_periods": 1
                }
            },
            "policies": {
                "out": { "step": {
                    "alarm": "hot", "warm_up": "1m", "steps": [{ "from": 0, "change": 1 }, { "from": 0.2, "change": 2 }]
                } },
                "in": { "simple": { "alarm": "hot", "unless_alarm": ["slow"], "change": -1, "cooldown": "5m" } }
            }
        },
        "mixes": [{ "mix": "3 reserved + 2 spot + on-demand" }, { "mix": "on-demand" }],
        "baseline": "on-demand"
    })
}

fn issues_of(tree: Value) -> Vec<(String, String)> {
    let scenario: Scenario = serde_json::from_value(tree).unwrap();
    validate(&scenario).into_iter().map(|issue| (issue.pointer, issue.message)).collect()
}

/// Changes one value; the only problem must be at `expected` and say `part`.
fn wrong_at(pointer: &str, value: Value, expected: &str, part: &str) {
    let mut tree = base();
    match tree.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            tree.pointer_mut(parent).unwrap()[key] = value;
        }
    }
    let issues = issues_of(tree);
    assert!(issues.iter().any(|(at, message)| at == expected && message.contains(part)), "{pointer}: {issues:?}");
    assert_eq!(issues.len(), 1, "{pointer}: {issues:?}");
}

fn wrong(pointer: &str, value: Value, part: &str) {
    wrong_at(pointer, value, pointer, part);
}

#[test]
fn a_scenario_that_is_right_has_no_issues() {
    assert_eq!(issues_of(base()), []);
}

#[test]
fn identity_clock_and_run_are_checked() {
    wrong("/format", json!(2), "format 1, found 2");
    wrong("/name", json!("../up"), "a folder");
    wrong("/name", json!(""), "a folder");
    wrong("/clock/horizon", json!("0s"), "longer than 0s");
    wrong("/clock/horizon", json!("4000d"), "at most 3650d");
    wrong("/clock/start", json!("9999-01-01T00:00:00Z"), "1970 to 2199");
    wrong("/clock/report_time_zone", json!("Mars/Base"), "unknown time zone \"Mars/Base\"");
    wrong("/run/replications", json!(0), "1 to 1000000, found 0");
    wrong("/run/replications", json!(4_000_000_000_u32), "1 to 1000000");
    wrong("/run/warm_up", json!("-1s"), "must not be negative");
    let resample = |block: &str, of: Value| json!({ "resample_blocks": { "block": block, "of": of } });
    let at = "/run/between_replications";
    let part = |name: &str| format!("{at}/resample_blocks/{name}");
    wrong_at(at, resample("1d", json!([])), &part("of"), "nothing to resample");
    wrong_at(at, resample("1d", json!(["demand"])), &part("of/0"), "in steps cannot be resampled");
    wrong_at(at, resample("1d", json!(["markets"])), &part("of/0"), "no market with a trace of prices");
}

#[test]
fn demand_service_and_objective_are_checked() {
    let steps = "/demand/steps/steps";
    wrong(&format!("{steps}/0/from"), json!("1s"), "first step must be from 0s");
    wrong(&format!("{steps}/1/from"), json!("0s"), "steps must ascend");
    wrong(&format!("{steps}/1/per_second"), json!(-1), "0 to 1e7");
    wrong(steps, json!([]), "at least one step");
    wrong_at("/demand/steps/arrivals", json!({"gamma": {"cv": 0}}), "/demand/steps/arrivals/gamma/cv", "above 0");
    wrong("/service/work/exponential/mean", json!("0s"), "longer than 0s");
    wrong("/service/timeout", json!("-5s"), "must not be negative");
    let patience = "/service/patience";
    wrong_at(patience, json!({"constant": "0s"}), "/service/patience/constant", "longer than 0s");
    let mut service = base()["service"].take();
    service["patience"] = json!({"exponential": {"mean": "2s"}});
    service["timeout"] = json!("5s");
    wrong_at("/service", service, patience, "give one of the two");
    for choices in [0, 101] {
        let discipline = json!({"power-of": {"choices": choices}});
        wrong_at("/service/discipline", discipline, "/service/discipline/power-of/choices", "must be 1 to 100");
    }
    let cv = "/service/work/hyperexponential/cv";
    wrong_at("/service/work", json!({"hyperexponential": {"mean": "1s", "cv": 1.0}}), cv, "above 1");
    let uniform = json!({"uniform": {"min": "2s", "max": "1s"}});
    wrong_at("/service/work", uniform, "/service/work/uniform", "min must not exceed max");
    wrong("/objective/late_share", json!(1.5), "between 0 and 1, found 1.5");
    wrong("/objective/latency", json!("0s"), "longer than 0s");
}

#[test]
fn empirical_laws_are_checked() {
    let work = "/service/work";
    let values = |values: Value, at: &str, part: &str| {
        let law = json!({ "empirical": { "values": values } });
        wrong_at(work, law, &format!("{work}/empirical/values{at}"), part);
    };
    values(json!([]), "", "at least one value");
    values(json!(["1s", "-1s"]), "/1", "must not be negative, found -1s");
    values(json!(["1s", "400d"]), "/1", "longest time allowed");
    values(json!(["0s", "0s"]), "", "at least one time must be longer than 0s");
    values(json!(vec!["1s"; 100_001]), "", "at most 100000 values are allowed, found 100001");
    let quantiles = |quantiles: Value, at: &str, part: &str| {
        let law = json!({ "empirical": { "quantiles": quantiles } });
        wrong_at(work, law, &format!("{work}/empirical/quantiles{at}"), part);
    };
    quantiles(json!([[0, "1s"]]), "", "the quantiles of 0 (the shortest time) and 1 (the longest)");
    quantiles(
        json!([[0.1, "1s"], [1, "2s"]]),
        "/0/0",
        "first quantile must be that of 0, the shortest time, found 0.1",
    );
    quantiles(
        json!([[0, "1s"], [0.99, "2s"]]),
        "/1/0",
        "last quantile must be that of 1, the longest time, found 0.99",
    );
    quantiles(json!([[0, "1s"], [0.5, "1s"], [0.5, "2s"], [1, "3s"]]), "/2/0", "must rise, found 0.5 after 0.5");
    quantiles(json!([[0, "1s"], [0.5, "3s"], [1, "2s"]]), "/2/1", "must not fall, found 2s after 3s");
    quantiles(json!([[0, "-1s"], [1, "2s"]]), "/0/1", "must not be negative");
    quantiles(json!([[0, "0s"], [1, "0s"]]), "", "at least one time must be longer than 0s");
    let stage = json!([{ "os": { "empirical": { "values": ["0s"] } } }]);
    let mut tree = base();
    tree["instance_types"]["m"]["boot"]["stages"] = stage;
    tree["service"]["work"] = json!({ "empirical": { "quantiles": [[0.0, "10ms"], [0.5, "80ms"], [1.0, "2s"]] } });
    assert_eq!(issues_of(tree), []);
}

#[test]
fn rate_traces_are_checked() {
    let trace = |interval: &str, transform: Value, zone: &str| {
        json!({ "rate_trace": {
            "trace": {
                "file": "t.csv", "format": { "csv": { "time": "t", "value": "v", "time_zone": zone } },
                "gaps": "error", "at_end": "error"
            },
            "value_is": { "count_per": interval }, "transform": [transform]
        } })
    };
    let part = |name: &str| format!("/demand/rate_trace/{name}");
    let scale = json!({"scale": 1});
    wrong_at("/demand", trace("0s", scale.clone(), "UTC"), &part("value_is"), "longer than 0s");
    wrong_at("/demand", trace("1m", scale, "UCT+1"), &part("trace/format/csv/time_zone"), "unknown time zone");
    wrong_at("/demand", trace("1m", json!({"scale": -1}), "UTC"), &part("transform/0/scale"), "found -1");
    let growth = json!({"growth_per_year": -2});
    wrong_at("/demand", trace("1m", growth, "UTC"), &part("transform/0/growth_per_year"), "above -1");
}

#[test]
fn types_markets_and_pools_are_checked() {
    wrong("/instance_types/m/slots", json!(0), "1 to 10000 slots");
    wrong("/instance_types/m/speed", json!(0), "above 0");
    wrong("/instance_types/m/idle_cpu", json!(1), "below 1");
    wrong("/instance_types/m/boot/failure_probability", json!(1), "below 1");
    let late = json!([{ "os": { "constant": "1s" } }, { "provisioning": { "constant": "1s" } }]);
    wrong_at("/instance_types/m/boot/stages", late, "/instance_types/m/boot/stages/1", "must be the first stage");
    wrong("/markets/a/instance_type", json!("n"), "unknown instance type `n`");
    wrong("/markets/a/price/constant", json!("-0.1 USD/h"), "must not be negative, found -0.1 USD/h");
    wrong("/markets/a/price/constant", json!("0.1 EUR/h"), "price list is in USD, found EUR");
    let hazard = json!({"hazard": {"monthly_share": 1.0}});
    wrong_at("/markets/a/interruptions", hazard, "/markets/a/interruptions/hazard/monthly_share", "below 1");
    let interruptions = "/markets/a/interruptions";
    wrong_at("/billing/spot", json!({"modern": {}}), interruptions, "prices alone never interrupt");
    wrong("/pools/reserved/commitment", json!("1y-no-upfrnt"), "did you mean `1y-no-upfront`?");
    wrong("/pools/spot/markets/0", json!("b"), "unknown market `b`");
    wrong("/pools/spot/max_price", json!("0 USD/h"), "would never be bought");
    wrong("/pools/on_demand/instance_type", json!("mm"), "unknown instance type `mm`; did you mean `m`?");
}

#[test]
fn prices_are_checked() {
    let m = "/prices/inline/types/m";
    wrong(&format!("{m}/on_demand"), json!("-0.9 USD/h"), "must not be negative");
    wrong(&format!("{m}/on_demand"), json!("0 USD/h"), "above zero");
    let offer = format!("{m}/reserved/1y-no-upfront");
    wrong(&format!("{offer}/upfront"), json!("-1 USD"), "must not be negative");
    wrong(&format!("{offer}/upfront"), json!("1 EUR"), "found EUR");
    wrong_at(&format!("{offer}/hourly"), json!("0 USD/h"), &offer, "costs nothing");
}

#[test]
fn scaling_is_checked() {
    let hot = "/scaling/alarms/hot";
    wrong("/scaling/min_total", json!(9), "must not exceed max_total");
    wrong("/scaling/metrics/period", json!("0.5s"), "1s to 1d");
    wrong(&format!("{hot}/above"), json!("800ms"), "compared with a ratio");
    wrong("/scaling/alarms/slow/above", json!(0.8), "compared with a duration");
    wrong_at(&format!("{hot}/below"), json!(0.2), hot, "found both");
    wrong_at(&format!("{hot}/above"), json!(null), hot, "needs a threshold");
    wrong(&format!("{hot}/datapoints_to_alarm"), json!(3), "1 to evaluation_periods (2), found 3");
    wrong("/scaling/alarms/slow/metric/latency/percentile", json!(100), "between 0 and 100");
    wrong("/scaling/policies/out/step/alarm", json!("hott"), "unknown alarm `hott`; did you mean `hot`?");
    wrong("/scaling/policies/out/step/steps", json!([]), "at least one step");
    wrong("/scaling/policies/out/step/steps/0/from", json!(0.1), "must be from 0");
    wrong("/scaling/policies/out/step/steps/1/from", json!(0), "must ascend");
    wrong("/scaling/policies/out/step/steps/1/from", json!("1s"), "compared with a ratio");
    wrong("/scaling/policies/in/simple/change", json!(0.5), "whole number");
    wrong("/scaling/policies/in/simple/unless_alarm/0", json!("cold"), "unknown alarm `cold`");
}

#[test]
fn policies_are_checked() {
    let policy = |policy: Value| json!({ "p": policy });
    let wrong_policy = |value: Value, at: &str, part: &str| {
        wrong_at("/scaling/policies", policy(value), &format!("/scaling/policies/p/{at}"), part);
    };
    let tracking = |target: f64, below: f64| json!({ "target_tracking": { "metric": { "cpu": "average" }, "target": target, "scale_in_below": below } });
    wrong_policy(tracking(50.0, 0.7), "target_tracking/target", "above 0 and below 1 (0.5 is 50 %), found 50");
    wrong_policy(tracking(0.5, 1.0), "target_tracking/scale_in_below", "found 1");
    let scheduled = |fields: Value| {
        let mut scheduled = json!({ "cron": "0 8 * * *" });
        scheduled.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "scheduled": scheduled })
    };
    wrong_policy(scheduled(json!({})), "scheduled", "changes nothing");
    let zone = scheduled(json!({ "min_total": 1, "time_zone": "UCT+1" }));
    wrong_policy(zone, "scheduled/time_zone", "unknown time zone");
    let limits = scheduled(json!({ "min_total": 3, "max_total": 2 }));
    wrong_policy(limits, "scheduled/min_total", "found 3 and 2");
    let predictive = |target: f64, ahead: &str, above: f64| json!({ "predictive": { "target_cpu": target, "launch_ahead": ahead, "above_max": above } });
    wrong_policy(predictive(0.0, "5m", 0.1), "predictive/target_cpu", "found 0");
    wrong_policy(predictive(0.5, "2h", 0.1), "predictive/launch_ahead", "at most an hour");
    wrong_policy(predictive(0.5, "5m", 10.0), "predictive/above_max", "between 0 and 1");
    wrong("/scaling/alarms/hot/period", json!("90s"), "multiple of that of the metrics (1m), at most 1d, found 1m30s");
    wrong("/scaling/alarms/hot/low_samples", json!("ignore"), "only percentiles");
}

#[test]
fn boots_losses_pools_waves_and_balancers_are_checked() {
    let boot = "/instance_types/m/boot";
    wrong_at(&format!("{boot}/preset"), json!("container"), boot, "either `stages` or a `preset`, found both");
    wrong_at(&format!("{boot}/stages"), json!(null), boot, "needs `stages`, or a `preset`");
    let extra = json!({ "overprovision": { "extra": 0 } });
    wrong_at("/pools/spot/on_loss", extra, "/pools/spot/on_loss/overprovision/extra", "1 to 1000 spot instances");
    wrong_at("/pools/spot/on_loss", json!({ "after": "0s" }), "/pools/spot/on_loss/after", "longer than 0s");
    wrong_at("/pools/spot/on_return", json!({ "after": "0s" }), "/pools/spot/on_return/after", "longer than 0s");
    let both = json!({ "markets": ["a"], "on_return": { "after": "5m" }, "capacity_rebalancing": "launch" });
    wrong_at("/pools/spot", both, "/pools/spot/on_return", "leave one of them out");
    wrong("/pools/spot/allocation", json!("capacity-optimized"), "none of the pool's markets states a `capacity`");
    let pool = json!({ "start": { "constant": "5s" } });
    wrong_at("/pools/on_demand/warm_pool", pool, "/mixes/0/mix", "a warm pool cannot be combined with them");
    let wave = |at: &str, batch: u32, min_healthy: f64| json!({ "at": at, "batch": batch, "min_healthy": min_healthy });
    wrong_at("/patch_wave", wave("1h", 1, 0.9), "/patch_wave/at", "within the horizon of 1h, found 1h");
    wrong_at("/patch_wave", wave("1m", 0, 0.9), "/patch_wave/batch", "found 0");
    wrong_at("/patch_wave", wave("1m", 1, 90.0), "/patch_wave/min_healthy", "between 0 and 1, found 90");
    let here = "/service/load_balancer";
    let delay = json!({ "deregistration_delay": "2h" });
    wrong_at(here, delay, &format!("{here}/deregistration_delay"), "0s to 1h, found 2h");
    wrong_at(here, json!({ "slow_start": "1m" }), &format!("{here}/slow_start"), "\"round-robin\" only");
    wrong_at(here, json!({ "health_check": {} }), &format!("{here}/health_check"), "set `discipline`");
    let mut tree = base();
    tree["service"]["discipline"] = json!("round-robin");
    tree["service"]["load_balancer"] = json!({ "health_check": { "timeout": "30s", "unhealthy_threshold": 1 } });
    let issues = issues_of(tree);
    assert!(issues.len() == 2 && issues[0].1.contains("shorter than the interval (30s), found 30s"), "{issues:?}");
    assert!(issues[1].1.contains("2 to 10 checks, found 1"), "{issues:?}");
}

#[test]
fn mixes_are_checked() {
    wrong("/mixes/0/mix", json!("0 reserved + 0..0 on-demand"), "never has an instance");
    wrong("/mixes/0/mix", json!("200000 reserved"), "at most 100000 instances");
    wrong("/mixes/0/mix", json!("2 spot(max 0 USD/h)"), "would never be bought");
    wrong("/mixes/0/mix", json!("2 spot(max 1 EUR/h)"), "found EUR");
    wrong_at("/mixes/0/name", json!("on-demand"), "/mixes/1/mix", "mix 0 is named `on-demand` too");
    wrong("/baseline", json!("on-demand only"), "no mix is named `on-demand only`");
    let mut tree = base();
    tree["pools"].as_object_mut().unwrap().remove("spot");
    let issues = issues_of(tree);
    assert!(issues.len() == 1 && issues[0].1.contains("say what they are in `/pools/spot`"), "{issues:?}");
}

#[test]
fn all_problems_are_reported_at_once() {
    let mut tree = base();
    tree["run"]["replications"] = json!(0);
    tree["objective"]["late_share"] = json!(2);
    tree["instance_types"]["m"]["slots"] = json!(0);
    let pointers: Vec<String> = issues_of(tree).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/run/replications", "/objective/late_share", "/instance_types/m/slots"]);
}
