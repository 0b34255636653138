//! Markets as they behave: capacity, common shocks, undelivered requests, signals before notices; and what goes wrong on purpose.
//! Boots take no time here unless a test says so, so that times follow by hand.

use fleetmix::engine::{Event, What};
use fleetmix::input::{Document, LoadOptions, LoadedScenario, load_document};
use fleetmix::study::{Study, run};
use serde_json::{Value, json};
use std::path::Path;

fn scenario(mix: &str, horizon: &str, markets: Value) -> Value {
    let names: Vec<String> = markets.as_object().expect("markets").keys().cloned().collect();
    json!({
        "format": 1, "name": "markets",
        "clock": { "start": "2021-03-02T00:00:00Z", "horizon": horizon },
        "run": { "seed": 3, "replications": 1 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 0.1 }], "arrivals": "deterministic" } },
        "service": { "work": { "constant": "1s" } },
        "objective": { "latency": "5s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "small": { "slots": 2, "boot": { "stages": [] }, "drain_limit": "60s" } },
        "prices": { "inline": { "currency": "USD", "date": "2021-03-02", "source": "made up", "types": {
            "small": { "on_demand": "0.36 USD/h" }
        } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": {} } },
        "markets": markets,
        "pools": {
            "reserved": { "instance_type": "small", "zone": "x" },
            "spot": { "markets": names },
            "on_demand": { "instance_type": "small", "zone": "y" }
        },
        "scaling": { "min_total": 0, "max_total": 20, "metrics": { "period": "60s", "published_after": "60s" },
            "alarms": {}, "policies": {} },
        "mixes": [{ "mix": mix }]
    })
}

fn market(changes: Value) -> Value {
    let mut market = json!({
        "instance_type": "small", "zone": "x", "price": { "constant": "0.1 USD/h" }, "interruptions": "price_only",
        "capacity": { "limit": 100 }, "notice": "120s"
    });
    for (key, value) in changes.as_object().expect("changes") {
        market[key] = value.clone();
    }
    market
}

fn load(tree: &Value, folder: &Path) -> LoadedScenario {
    let document = Document::parse("markets", &tree.to_string()).unwrap_or_else(|e| panic!("{e}"));
    load_document(&document, folder, &LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn study(tree: &Value) -> Study {
    run(&load(tree, Path::new(".")), true, &()).unwrap_or_else(|e| panic!("{e}"))
}

/// Seconds and instance of each event of a kind.
fn all(events: &[Event], what: What) -> Vec<(f64, Option<u32>)> {
    events.iter().filter(|e| e.what == what).map(|e| (e.time.as_secs_f64(), e.instance)).collect()
}

fn times(events: &[Event], what: What) -> Vec<f64> {
    all(events, what).into_iter().map(|(time, _)| time).collect()
}

/// Instances in service after the last event up to `time`.
fn in_service(events: &[Event], time: f64) -> [u32; 3] {
    events.iter().take_while(|e| e.time.as_secs_f64() <= time).last().expect("an event").in_service
}

#[test]
fn spot_is_granted_up_to_the_capacity_and_taken_back_when_it_falls() {
    let folder = tempfile::tempdir().unwrap();
    // Three for 10 minutes, one for 10, then four.
    let data: Vec<u32> = [3; 4].into_iter().chain([1; 4]).chain([4; 8]).collect();
    let ticks = json!({ "metadata": { "gap_seconds": 150 }, "data": data });
    std::fs::write(folder.path().join("ticks.json"), ticks.to_string()).unwrap();
    let capacity = json!({ "trace": {
        "file": "ticks.json", "format": { "counts": {} }, "gaps": "hold", "at_end": "error",
        "place": { "trace_time": "1970-01-01T00:00:00Z", "at": "2021-03-02T00:00:00Z" }
    } });
    let tree = scenario("4 spot + 0..0 on-demand", "40m", json!({ "m": market(json!({ "capacity": capacity })) }));
    let input = load(&tree, folder.path());
    assert_eq!(input.sources[0].role, "capacity of market m");
    let study = run(&input, true, &()).unwrap();
    let events = &study.events[0].events;
    assert_eq!(in_service(events, 0.0), [0, 3, 0]);
    // Two of three must go: those of the highest places, with notice.
    assert_eq!(all(events, What::Notice), [(600.0, Some(1)), (600.0, Some(2))]);
    assert_eq!(times(events, What::Terminated), [720.0, 720.0]);
    assert_eq!(in_service(events, 1199.0), [0, 1, 0]);
    // Open requests come back within their minute.
    assert_eq!(in_service(events, 1260.0), [0, 4, 0]);
    assert_eq!(study.results.mixes[0].instances.interruptions.mean, 2.0);
}

#[test]
fn a_price_history_is_read_as_it_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let record = |time: &str, zone: &str, price: &str| {
        json!({ "Timestamp": time, "ProductDescription": "Linux/UNIX", "InstanceType": "m5.large", "SpotPrice": price,
            "AvailabilityZone": zone })
    };
    // Newest first; the oldest is from before the start and holds from there on.
    let history = json!({ "SpotPriceHistory": [
        record("2021-03-02T02:00:00+00:00", "b", "0.500000"), record("2021-03-02T01:00:00.000Z", "a", "0.400000"),
        record("2021-03-02T00:30:00.000Z", "a", "0.100000"), record("2021-03-01T09:00:00+00:00", "a", "0.100000"),
    ] });
    std::fs::write(folder.path().join("history.json"), history.to_string()).unwrap();
    let price = |zone: Value| json!({ "trace": { "file": "history.json", "format": { "spot_price_history": zone }, "gaps": "hold", "at_end": "hold" } });
    let market = market(json!({ "price": price(json!({ "zone": "a" })) }));
    let tree = scenario("1 spot + 0..0 on-demand", "2h", json!({ "m": market }));
    let events = run(&load(&tree, folder.path()), true, &()).unwrap().events.remove(0).events;
    assert_eq!(times(&events, What::PriceAboveMaximum), [3600.0]);
    let mut both = tree.clone();
    both["markets"]["m"]["price"] = price(json!({}));
    let document = Document::parse("markets", &both.to_string()).unwrap();
    let error = load_document(&document, folder.path(), &LoadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("state zone"), "{error}");
}

#[test]
fn a_delivery_that_no_longer_fits_is_dropped() {
    let capacity = json!({ "steps": [{ "from": "0s", "instances": 2 }, { "from": "100s", "instances": 1 }] });
    let market = market(json!({ "capacity": capacity, "fulfilment": { "constant": "200s" } }));
    let mut tree = scenario("2 spot + 0..0 on-demand", "20m", json!({ "m": market }));
    tree["run"]["initial_fleet"] = json!("empty");
    let study = study(&tree);
    assert_eq!(in_service(&study.events[0].events, 1100.0), [0, 1, 0]);
    assert!(times(&study.events[0].events, What::Notice).is_empty(), "what never ran needs no notice");
}

#[test]
fn a_common_shock_hits_the_rarer_market_only_with_the_other() {
    let hazard = |share: f64| {
        market(
            json!({ "interruptions": { "hazard": { "monthly_share": share, "shared": 1.0, "across_markets": 1.0 } } }),
        )
    };
    let mut tree = scenario("8 spot + 0..0 on-demand", "3000d", json!({ "a": hazard(0.9), "b": hazard(0.5) }));
    tree["pools"]["spot"]["allocation"] = json!("diversified");
    tree["demand"]["steps"]["steps"][0]["per_second"] = json!(0.0);
    tree["scaling"]["metrics"]["period"] = json!("1d");
    let study = study(&tree);
    let line = &study.timelines[0].interruptions;
    let at = |market: &str| -> Vec<_> {
        let mut times: Vec<_> = line.iter().filter(|m| m.market == market).map(|m| m.at).collect();
        times.dedup();
        times
    };
    let (often, seldom) = (at("a"), at("b"));
    assert!(seldom.iter().all(|time| often.contains(time)));
    // ln 10 and ln 2 in a month of 730 h: 227 and 68 in 3000 days, a third either way is above four standard deviations.
    assert!((170..290).contains(&often.len()) && (35..100).contains(&seldom.len()), "{} {}", often.len(), seldom.len());
}

#[test]
fn bands_are_hazards() {
    let months = |interruptions: Value| {
        let market = market(json!({ "interruptions": interruptions, "notice": "0s" }));
        let mut tree = scenario("20 spot + 0..0 on-demand", "3000d", json!({ "m": market }));
        tree["demand"]["steps"]["steps"][0]["per_second"] = json!(0.0);
        tree["scaling"]["metrics"]["period"] = json!("1d");
        study(&tree).results.mixes[0].instances.interruptions.mean
    };
    // -ln(1 - 0.175) in each of 98.6 months for each of 20 instances: 379, with a standard deviation of 19.5.
    let found = months(json!({ "band": { "of": "15-20%" } }));
    assert!((found - 379.4).abs() < 80.0, "{found}");
    assert_eq!(found, months(json!({ "hazard": { "monthly_share": 0.175 } })));
}

#[test]
fn undelivered_requests_are_repeated() {
    let market = market(json!({ "undelivered": 0.5 }));
    let mut tree = scenario("50 spot + 0..0 on-demand", "2h", json!({ "m": market }));
    tree["run"]["initial_fleet"] = json!("empty");
    let study = study(&tree);
    let undelivered = times(&study.events[0].events, What::Undelivered);
    // One request fails with 1/2, so 50 places need about 50 more.
    assert!((20..90).contains(&undelivered.len()), "{}", undelivered.len());
    assert!(undelivered.iter().all(|time| time % 60.0 == 0.0));
    assert_eq!(in_service(&study.events[0].events, 3600.0), [0, 50, 0]);
}

#[test]
fn signals_come_before_notices_and_some_are_wrong() {
    let capacity = json!({ "steps": [{ "from": "0s", "instances": 4 }, { "from": "20m", "instances": 3 },
        { "from": "21m", "instances": 2 }] });
    let signals = |announced: f64, often: f64| json!({ "lead_time": { "constant": "5m" }, "announced": announced, "false_alarms_per_month": often });
    let events = |capacity: &Value, signals: Value| {
        let market = market(json!({ "capacity": capacity, "rebalance_signals": signals }));
        study(&scenario("4 spot + 0..0 on-demand", "2h", json!({ "m": market }))).events.remove(0).events
    };
    let found = events(&capacity, signals(1.0, 0.0));
    assert_eq!(all(&found, What::RebalanceSignal), [(900.0, Some(3)), (960.0, Some(2))]);
    assert_eq!(all(&found, What::Notice), [(1200.0, Some(3)), (1260.0, Some(2))]);
    assert!(all(&events(&capacity, signals(0.0, 0.0)), What::RebalanceSignal).is_empty());
    let wrong = events(&json!({ "limit": 9 }), signals(1.0, 10_000.0));
    // 13.7 an hour for each: every instance is signalled once, none goes.
    assert_eq!(all(&wrong, What::RebalanceSignal).len(), 4);
    assert!(all(&wrong, What::Notice).is_empty());
    // A lead longer than the time that there is: at once.
    let early = json!({ "lead_time": { "constant": "3h" } });
    assert_eq!(times(&events(&capacity, early), What::RebalanceSignal), [0.0, 0.0]);
}

#[test]
fn a_zone_that_is_down_takes_its_instances_and_gives_none() {
    let markets = json!({ "a": market(json!({})), "b": market(json!({ "zone": "y" })) });
    let mut tree = scenario("2 reserved + 4 spot + 1..2 on-demand", "2h", markets);
    tree["pools"]["spot"]["allocation"] = json!("diversified");
    tree["chaos"] = json!({ "zone_outages": [{ "zone": "x", "from": "10m", "lasts": "30m" }] });
    let study = study(&tree);
    let events = &study.events[0].events;
    assert_eq!(in_service(events, 0.0), [2, 4, 1]);
    // Base and the market a are in x, on-demand and b are not. Lost spot goes to b after a minute.
    assert_eq!(in_service(events, 600.0), [0, 2, 1]);
    assert_eq!(in_service(events, 665.0), [0, 4, 1]);
    assert_eq!(times(events, What::InstanceFailed), [600.0; 4]);
    assert!(times(events, What::Notice).is_empty(), "there is no notice");
    assert_eq!(in_service(events, 2399.0), [0, 4, 1]);
    assert_eq!(in_service(events, 2400.0 + 60.0), [2, 4, 1]);
}

#[test]
fn a_mass_interruption_takes_its_share_and_closes_the_market() {
    let mut tree = scenario("5 spot + 0..0 on-demand", "2h", json!({ "a": market(json!({})) }));
    tree["chaos"] = json!({ "mass_interruptions": [{ "at": "10m", "share": 0.5, "closed_for": "20m" }] });
    let events = study(&tree).events.remove(0).events;
    // Half of five, rounded up.
    assert_eq!(all(&events, What::Notice), [(600.0, Some(2)), (600.0, Some(3)), (600.0, Some(4))]);
    assert_eq!(in_service(&events, 1799.0), [0, 2, 0]);
    assert_eq!(in_service(&events, 1860.0), [0, 5, 0]);
}

#[test]
fn instances_fail_at_the_rate_and_are_replaced() {
    let mut tree = scenario("4 reserved + 4 spot + 2..2 on-demand", "1000d", json!({ "a": market(json!({})) }));
    tree["demand"]["steps"]["steps"][0]["per_second"] = json!(0.0);
    tree["scaling"]["metrics"]["period"] = json!("1d");
    tree["chaos"] = json!({ "instance_failure": { "mean_time": "20d" }, "replaced_after": "90s" });
    let study = study(&tree);
    let failures = times(&study.events[0].events, What::InstanceFailed);
    // Ten instances for 1000 days: 500 failures, four standard deviations are 90.
    assert!((410..590).contains(&failures.len()), "{}", failures.len());
    let first = failures[0];
    assert!(in_service(&study.events[0].events, first).iter().sum::<u32>() == 9);
    assert!(in_service(&study.events[0].events, first + 90.0).iter().sum::<u32>() == 10);
    assert_eq!(in_service(&study.events[0].events, 86_399_000.0).iter().sum::<u32>(), 10);
}

/// Market a gives nothing from second 1200 on and says so five minutes before; b is dearer. A boot takes a minute.
fn announced(rule: &str) -> Study {
    let steps = json!([{ "from": "0s", "instances": 9 }, { "from": "20m", "instances": 0 }]);
    let signals = json!({ "lead_time": { "constant": "5m" } });
    let a = market(json!({ "capacity": { "steps": steps }, "rebalance_signals": signals }));
    let b = market(json!({ "price": { "constant": "0.2 USD/h" } }));
    let mut tree = scenario("2 spot + 0..0 on-demand", "1h", json!({ "a": a, "b": b }));
    tree["instance_types"]["small"]["boot"]["stages"] = json!([{ "os": { "constant": "1m" } }]);
    tree["pools"]["spot"]["capacity_rebalancing"] = json!(rule);
    study(&tree)
}

#[test]
fn an_instance_at_risk_leaves_when_its_replacement_serves() {
    let study = announced("launch-before-terminate");
    let events = &study.events[0].events;
    assert_eq!(times(events, What::Replaced), [900.0, 900.0]);
    let asked: Vec<&Event> = events.iter().filter(|event| event.what == What::Requested).collect();
    assert!(asked.len() == 2 && asked[0].why.contains("market b at 0.2"), "{asked:?}");
    assert!(asked[0].why.ends_with("in the place of 0") && asked[1].why.ends_with("in the place of 1"), "{asked:?}");
    assert_eq!(in_service(events, 959.0), [0, 2, 0], "the old ones serve on");
    assert_eq!(all(events, What::InService)[2..], [(960.0, Some(2)), (960.0, Some(3))]);
    assert_eq!(all(events, What::Draining), [(960.0, Some(0)), (960.0, Some(1))]);
    assert_eq!(in_service(events, 960.0), [0, 2, 0]);
    assert_eq!(times(events, What::Notice), [0.0; 0], "what the market takes back has left");
    assert_eq!(study.results.mixes[0].requests.lost.mean, 0.0);
}

#[test]
fn without_rebalancing_the_pool_waits_for_the_end_of_the_notice() {
    let study = announced("off");
    let events = &study.events[0].events;
    assert_eq!(times(events, What::RebalanceSignal), [900.0, 900.0]);
    assert_eq!(times(events, What::Requested), [1320.0, 1320.0]);
    let study = announced("launch");
    let events = &study.events[0].events;
    assert_eq!(in_service(events, 1100.0), [0, 4, 0], "the old ones stay until they are taken");
    assert_eq!(times(events, What::Notice), [1200.0, 1200.0]);
    assert_eq!(times(events, What::Requested), [900.0, 900.0]);
    assert_eq!(in_service(events, 1300.0), [0, 2, 0]);
}

#[test]
fn a_notice_is_answered_in_the_same_market_and_a_signal_is_not() {
    let signals = json!({ "lead_time": { "constant": "5m" }, "false_alarms_per_month": 10_000 });
    let mut tree =
        scenario("2 spot + 0..0 on-demand", "1h", json!({ "a": market(json!({ "rebalance_signals": signals })) }));
    tree["pools"]["spot"]["capacity_rebalancing"] = json!("launch-before-terminate");
    tree["chaos"] = json!({ "mass_interruptions": [{ "at": "30m" }] });
    let events = study(&tree).events.remove(0).events;
    assert!(times(&events, What::RebalanceSignal).first().is_some_and(|at| *at < 1800.0), "false alarms came before");
    assert_eq!(times(&events, What::Replaced), [1800.0, 1800.0], "at the notice, which ends at 1920");
    assert_eq!(times(&events, What::Requested), [1800.0, 1800.0]);
    assert_eq!(times(&events, What::Terminated), [1920.0, 1920.0]);
}

#[test]
fn each_allocation_strategy_asks_its_market() {
    let of =
        |price: &str, limit: u32| market(json!({ "price": { "constant": price }, "capacity": { "limit": limit } }));
    let markets = json!({ "a": of("0.1 USD/h", 3), "b": of("0.2 USD/h", 10), "c": of("0.15 USD/h", 6) });
    let asked = |strategy: &str, mix: &str| {
        let mut tree = scenario(mix, "1h", markets.clone());
        tree["run"]["initial_fleet"] = json!("empty");
        tree["pools"]["spot"]["allocation"] = json!(strategy);
        let events = study(&tree).events.remove(0).events;
        let requested = events.iter().filter(|event| event.what == What::Requested);
        requested.map(|event| event.why["market ".len()..][..1].to_string()).collect::<String>()
    };
    assert_eq!(asked("lowest-price", "4 spot"), "aaac");
    assert_eq!(asked("diversified", "4 spot"), "acba");
    // Ten to spare, then nine, …: after five c has more.
    assert_eq!(asked("capacity-optimized", "6 spot"), "bbbbbc");
    // Of those with at least half as much to spare as b, c is cheaper, while it has five or more.
    assert_eq!(asked("price-capacity-optimized", "4 spot"), "ccbb");
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let refused = |pointer: &str, value: Value| {
        let mut tree = scenario("1 spot + 0..0 on-demand", "2h", json!({ "a": market(json!({})) }));
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        tree.pointer_mut(parent).unwrap()[key] = value;
        let document = Document::parse("markets", &tree.to_string()).unwrap();
        load_document(&document, Path::new("."), &LoadOptions::default()).unwrap_err().to_string()
    };
    for (pointer, value, says) in [
        (
            "/chaos",
            json!({ "zone_outages": [{ "zone": "z", "from": "0s", "lasts": "1m" }] }),
            "no pool or market is in the zone",
        ),
        ("/chaos", json!({ "zone_outages": [{ "zone": "x", "from": "3h", "lasts": "1m" }] }), "within the horizon"),
        ("/chaos", json!({ "mass_interruptions": [{ "at": "1m", "markets": ["b"] }] }), "unknown market"),
        ("/chaos", json!({ "mass_interruptions": [{ "at": "1m", "share": 0.0 }] }), "above 0 and at most 1"),
        ("/chaos", json!({ "instance_failure": { "mean_time": "1s" } }), "mean time until an instance fails"),
        ("/markets/a/undelivered", json!(1.0), "below 1"),
        ("/markets/a/interruptions", json!({ "band": { "of": "3%" } }), "5-10%"),
        (
            "/markets/a/interruptions",
            json!({ "hazard": { "monthly_share": 0.1, "across_markets": 2.0 } }),
            "between 0 and 1",
        ),
        ("/pools/spot/capacity_rebalancing", json!("on"), "launch-before-terminate"),
        ("/markets/a/capacity", json!({ "steps": [] }), "at least one step"),
        (
            "/markets/a/capacity",
            json!({ "steps": [{ "from": "0s", "instances": 200_000 }] }),
            "at most 100000 instances",
        ),
        ("/markets/a/rebalance_signals", json!({ "lead_time": { "constant": "-1s" } }), "negative"),
        (
            "/markets/a/capacity",
            json!({ "trace": { "file": "Cargo.toml", "format": { "counts": {} }, "gaps": "hold", "at_end": "hold" } }),
            "no counts of instances",
        ),
        (
            "/markets/a/price",
            json!({ "trace": { "file": "Cargo.toml", "format": { "counts": {} }, "gaps": "hold", "at_end": "hold" } }),
            "numbers of instances",
        ),
        (
            "/markets/a/price",
            json!({ "trace": { "file": "Cargo.toml", "format": { "spot_price_history": {} }, "gaps": "hold", "at_end": "hold" } }),
            "describe-spot-price-history",
        ),
    ] {
        let message = refused(pointer, value);
        assert!(message.contains(says), "{pointer}: {message}");
    }
}
