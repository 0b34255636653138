//! The story that the tool exists for, scripted so that every time follows by hand: deterministic arrivals, constant work of one
//! second, constant boot (10 s unbilled, then 50 s), instances of two slots, metrics of 60 s that are visible 60 s later.

use fleetmix::engine::{Event, What};
use fleetmix::fleet::PurchaseOption;
use fleetmix::input::{Document, LoadOptions, load_document};
use fleetmix::study::{Study, run};
use serde_json::{Value, json};
use std::path::Path;

fn scenario(mix: &str, horizon: &str, max_total: u32, demand: Value, price: Value) -> Value {
    let step = |alarm: &str, from: Value| json!({ "step": { "alarm": alarm, "steps": [{ "from": from, "change": 1 }], "warm_up": "60s" } });
    json!({
        "format": 1,
        "name": "story",
        "clock": { "start": "2016-03-07T00:00:00Z", "horizon": horizon },
        "run": { "seed": 1, "replications": 1 },
        "demand": { "steps": { "steps": demand, "arrivals": "deterministic" } },
        "service": { "work": { "constant": "1s" } },
        "objective": { "latency": "5s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "small": {
            "slots": 2,
            "boot": { "stages": [{ "provisioning": { "constant": "10s" } }, { "os": { "constant": "50s" } }] },
            "drain_limit": "60s"
        } },
        "prices": { "inline": { "currency": "USD", "date": "2016-03-07", "source": "made up", "types": { "small": {
            "on_demand": "0.36 USD/h",
            "reserved": { "1y": { "term": "1y", "upfront": "0 USD", "hourly": "0.2 USD/h" } }
        } } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "bid-2015": {} } },
        "markets": { "m": {
            "instance_type": "small",
            "price": { "steps": price },
            "interruptions": "price_only",
            "fulfilment": { "constant": "60s" }
        } },
        "pools": {
            "reserved": { "instance_type": "small", "commitment": "1y" },
            "spot": { "markets": ["m"], "max_price": "0.2 USD/h" },
            "on_demand": { "instance_type": "small" }
        },
        "scaling": {
            "min_total": 1,
            "max_total": max_total,
            "metrics": { "period": "60s", "published_after": "60s" },
            "alarms": {
                "cpu-high": { "metric": { "cpu": "average" }, "above": 0.7, "datapoints_to_alarm": 2, "evaluation_periods": 2 },
                "cpu-low": { "metric": { "cpu": "average" }, "below": 0.45, "datapoints_to_alarm": 3, "evaluation_periods": 3 },
                "latency-high": {
                    "metric": { "latency": { "percentile": 95 } }, "above": "5s",
                    "datapoints_to_alarm": 2, "evaluation_periods": 2, "treat_missing_data": "notBreaching"
                }
            },
            "policies": {
                "out-on-cpu": step("cpu-high", json!(0)),
                "out-on-latency": step("latency-high", json!("0s")),
                "in-on-cpu": { "simple": {
                    "alarm": "cpu-low", "unless_alarm": ["latency-high"], "change": -1, "cooldown": "300s"
                } }
            }
        },
        "mixes": [{ "mix": mix }]
    })
}

fn study(scenario: &Value) -> Study {
    let document = Document::parse("story", &scenario.to_string()).unwrap_or_else(|e| panic!("{e}"));
    let input = load_document(&document, Path::new("."), &LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    run(&input, true, &()).unwrap_or_else(|e| panic!("{e}"))
}

/// The time of the first event of a kind after `from` that belongs to `pool` (or to none), and whose reason contains `why`.
fn time_of(events: &[Event], from: f64, what: What, pool: Option<PurchaseOption>, why: &str) -> f64 {
    let found = events.iter().find(|event| {
        event.time.as_secs_f64() >= from && event.what == what && event.pool == pool && event.why.contains(why)
    });
    found
        .unwrap_or_else(|| panic!("no {what:?} of {pool:?} about {why:?} after {from} s in {events:#?}"))
        .time
        .as_secs_f64()
}

/// A peak. Two reserved instances (4 slots) serve 4 requests/s.
///
/// * Until 600 s come 2/s: CPU 0.5. From 600 s on come 5/s: CPU is 1 in the periods that begin at 600 and 660. They are visible at 720
///   and 780; two of two are needed, so both alarms (waiting grows by 0.2 s a second) are raised at 780.
/// * +1 on-demand: requested at 780, running and billed at 790, in service at 840. The group may have three instances, so the alarm,
///   which goes on, starts no more.
/// * At 840 the request that starts has waited 0.2·240 = 48 s. With 6 slots waiting falls by 0.2 s a second and ends at 1080. The
///   period that begins at 1080 is the first with latency 1 s; it is visible at 1200: the latency alarm is cleared.
/// * From 1800 s on comes 1/s: CPU 1/6. The periods that begin at 1800, 1860 and 1920 are low; the third is visible at 2040: one
///   instance leaves. The request of 2039 s ends at 2040 s exactly, so that nothing is in flight: it is gone at once.
/// * It ran from 790 to 2040: 1250 s at 0.36 USD/h are 0.125 USD. Two reserved for an hour are 0.40 USD.
#[test]
fn a_peak_raises_the_alarm_and_on_demand_comes_and_goes() {
    let demand = json!([
        { "from": "0s", "per_second": 2 }, { "from": "600s", "per_second": 5 }, { "from": "1800s", "per_second": 1 }
    ]);
    let price = json!([{ "from": "0s", "price": "0.1 USD/h" }]);
    let study = study(&scenario("2 reserved + on-demand", "1h", 3, demand, price));
    let events = &study.events[0].events;
    let at = |from, what, why| time_of(events, from, what, None, why);
    let on_demand = |what| time_of(events, 0.0, what, Some(PurchaseOption::OnDemand), "");
    assert_eq!(at(0.0, What::AlarmRaised, "cpu-high"), 780.0);
    assert_eq!(at(0.0, What::AlarmRaised, "latency-high"), 780.0);
    assert_eq!(at(0.0, What::ScaleOut, "alarm cpu-high"), 780.0);
    assert_eq!(on_demand(What::Requested), 780.0);
    assert_eq!(on_demand(What::Running), 790.0);
    assert_eq!(on_demand(What::InService), 840.0);
    assert_eq!(at(840.0, What::AlarmCleared, "latency-high"), 1200.0);
    assert_eq!(at(1200.0, What::AlarmRaised, "cpu-low"), 2040.0);
    assert_eq!(at(1200.0, What::ScaleIn, "alarm cpu-low"), 2040.0);
    assert_eq!(on_demand(What::Draining), 2040.0);
    assert_eq!(on_demand(What::Terminated), 2040.0);
    let launched = events.iter().filter(|event| event.what == What::Requested).count();
    assert_eq!(launched, 1, "the group's maximum holds");

    // The story is told in this order.
    let order: Vec<What> = events.iter().filter(|e| e.time.as_secs_f64() >= 600.0).map(|e| e.what).collect();
    let chapters = [
        What::AlarmRaised,
        What::ScaleOut,
        What::Requested,
        What::Running,
        What::InService,
        What::AlarmCleared,
        What::ScaleIn,
        What::Draining,
        What::Terminated,
    ];
    let mut told = order.iter();
    assert!(chapters.iter().all(|chapter| told.any(|what| what == chapter)), "{order:?}");

    let mix = &study.results.mixes[0];
    assert_eq!(mix.named_replication.total, "0.525");
    // Latency is one second outside the backlog; the largest is that of the request that starts at 840 s.
    assert!((mix.latency_seconds.max.mean - 49.0).abs() < 0.3, "{}", mix.latency_seconds.max.mean);
    let points = &study.timelines[0].points;
    let p95_of = |from: f64| points.iter().find(|p| p.start.as_secs_f64() == from).unwrap().p95;
    assert!(p95_of(300.0) < 1.02 && p95_of(600.0) > 5.0 && p95_of(1200.0) < 1.02, "{points:?}");
}

/// Spot is taken away and comes back. One reserved and one spot instance (4 slots) serve 2.5 requests/s: CPU 0.625.
///
/// * At 600 s the price passes the maximum: notice, and the spot instance drains. It is taken away 120 s later, at 720 s, and asked for
///   again at once: refused, then every 60 s.
/// * The reserved instance alone serves 2/s: CPU is 1 in the periods that begin at 600 and 660, the second visible at 780: one
///   on-demand is requested (the lost spot has freed its room under the maximum of two), runs at 790 and serves at 840.
/// * At 1800 s the price falls back; the request that is due at 1800 (720 + 18·60) is accepted, delivered 60 s later, at 1860, runs
///   at 1870 and serves at 1920. Now there are 6 slots: the load of each is 2.5/6 = 0.417, below 0.45.
/// * The periods that begin at 1920, 1980 and 2040 are low; the third is visible at 2160: on-demand leaves, at once, because from 2100 s
///   on comes 1/s and the request of 2159 s ends at 2160 s.
/// * Money: on-demand 790..2160 = 1370 s at 0.36/h = 0.137; the first spot run was broken within its first hour and is free, the second
///   began at 1870 s at 0.10/h and costs its started hour; one reserved hour 0.20: together 0.437 USD.
#[test]
fn on_demand_replaces_lost_spot_and_leaves_when_it_is_back() {
    let demand = json!([{ "from": "0s", "per_second": 2.5 }, { "from": "2100s", "per_second": 1 }]);
    let price = json!([
        { "from": "0s", "price": "0.1 USD/h" }, { "from": "600s", "price": "0.5 USD/h" }, { "from": "1800s", "price": "0.1 USD/h" }
    ]);
    let study = study(&scenario("1 reserved + 1 spot + on-demand", "1h", 2, demand, price));
    let events = &study.events[0].events;
    let of = |pool, from, what| time_of(events, from, what, Some(pool), "");
    let (spot, on_demand) = (PurchaseOption::Spot, PurchaseOption::OnDemand);
    assert_eq!(time_of(events, 0.0, What::PriceAboveMaximum, None, "price 0.5, maximum 0.2"), 600.0);
    assert_eq!(of(spot, 1.0, What::Notice), 600.0);
    assert_eq!(of(spot, 1.0, What::Draining), 600.0);
    assert_eq!(of(spot, 1.0, What::Terminated), 720.0);
    assert_eq!(time_of(events, 0.0, What::SpotRefused, None, ""), 720.0);
    assert_eq!(time_of(events, 600.0, What::AlarmRaised, None, "cpu-high"), 780.0);
    assert_eq!(of(on_demand, 0.0, What::Requested), 780.0);
    assert_eq!(of(on_demand, 0.0, What::Running), 790.0);
    assert_eq!(of(on_demand, 0.0, What::InService), 840.0);
    assert_eq!(time_of(events, 840.0, What::PriceWithinMaximum, None, ""), 1800.0);
    assert_eq!(of(spot, 1000.0, What::Requested), 1860.0);
    assert_eq!(of(spot, 1000.0, What::Running), 1870.0);
    assert_eq!(of(spot, 1000.0, What::InService), 1920.0);
    assert_eq!(time_of(events, 1920.0, What::AlarmRaised, None, "cpu-low"), 2160.0);
    assert_eq!(time_of(events, 1920.0, What::ScaleIn, None, "alarm cpu-low"), 2160.0);
    assert_eq!(of(on_demand, 1000.0, What::Terminated), 2160.0);

    let mix = &study.results.mixes[0];
    assert_eq!(mix.instances.interruptions.mean, 1.0);
    assert_eq!((mix.requests.lost.mean, mix.requests.timed_out.mean), (0.0, 0.0), "two minutes of notice lose nothing");
    assert_eq!(mix.named_replication.total, "0.437");
    let amounts = [mix.cost.reserved, mix.cost.spot, mix.cost.on_demand].map(|cost| cost.mean);
    assert_eq!(amounts, [0.2, 0.1, 0.137]);
}

/// Without notice the requests in flight are lost, and nothing else is.
///
/// At 600 s the spot instance goes at once. Arrivals come every 0.4 s and take 1 s: those of 599.2 and 599.6 s are in flight (that of
/// 600 s comes after the control event), on which of the four slots depends on the order; at most both are lost.
#[test]
fn without_notice_requests_in_flight_are_lost() {
    let demand = json!([{ "from": "0s", "per_second": 2.5 }]);
    let price = json!([{ "from": "0s", "price": "0.1 USD/h" }, { "from": "600s", "price": "0.5 USD/h" }]);
    let mut scenario = scenario("1 reserved + 1 spot + on-demand", "20m", 2, demand, price);
    scenario["markets"]["m"]["notice"] = json!("0s");
    let study = study(&scenario);
    let events = &study.events[0].events;
    assert_eq!(time_of(events, 1.0, What::Terminated, Some(PurchaseOption::Spot), ""), 600.0);
    let requests = &study.results.mixes[0].requests;
    assert!((1.0..=2.0).contains(&requests.lost.mean), "{}", requests.lost.mean);
    assert_eq!(requests.served.mean + requests.lost.mean, requests.offered.mean);
}
