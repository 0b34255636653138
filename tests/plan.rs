//! `plan`: what it chooses, that it can go on where it was stopped, and that a slow server does not fool it.

use fleetmix::engine::Tables;
use fleetmix::input::{LoadOptions, LoadedScenario, load};
use fleetmix::results::PlanRecord;
use fleetmix::study::{Checkpoint, PlanError, PlanSettings, Progress, Watcher, plan};
use serde_json::{Value, json};
use std::sync::Mutex;

/// Two hours of a fast base instance that may get a slow one beside it, almost for nothing.
fn scenario() -> Value {
    json!({
        "format": 1, "name": "slow-server", "clock": { "start": "2016-03-07T00:00:00Z", "horizon": "12h" },
        "run": { "seed": 3, "replications": 1, "warm_up": "10m" },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 0.4 }] } },
        "service": { "work": { "exponential": { "mean": "1s" } }, "discipline": "fifo-fastest" },
        "objective": { "latency": "6s", "late_share": 0.04, "error_share": 0.001 },
        "instance_types": {
            "fast": { "slots": 1, "drain_limit": "60s", "boot": { "stages": [{ "os": { "constant": "10s" } }] } },
            "slow": { "slots": 1, "speed": 0.2, "drain_limit": "60s", "boot": { "stages": [{ "os": { "constant": "10s" } }] } }
        },
        "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "a test", "types": {
            "fast": { "on_demand": "1 USD/h" }, "slow": { "on_demand": "0.002 USD/h" } } } },
        "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": { "price_sampling": "instance_hour_start" } } },
        "markets": { "m": { "instance_type": "slow", "price": { "constant": "0.001 USD/h" }, "notice": "120s",
            "interruptions": "price_only", "fulfilment": { "constant": "10s" } } },
        "pools": { "reserved": { "instance_type": "fast" }, "spot": { "markets": ["m"] },
            "on_demand": { "instance_type": "fast" } },
        "scaling": { "min_total": 0, "max_total": 3,
            "metrics": { "period": "60s", "published_after": "60s" }, "alarms": {}, "policies": {} },
        "search": { "reserved": { "from": 1, "to": 2 }, "spot": { "from": 0, "to": 1 }, "on_demand_max": { "from": 0, "to": 0 } },
        "mixes": [{ "mix": "1 reserved" }]
    })
}

fn loaded(document: &Value) -> LoadedScenario {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.json");
    std::fs::write(&file, document.to_string()).unwrap();
    let options = LoadOptions { search: true, ..LoadOptions::default() };
    load(&file, &options).unwrap_or_else(|diagnostic| panic!("{:?}", diagnostic.problems))
}

/// Keeps every checkpoint.
#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl Progress for Kept {
    fn advance(&self, _finished: u64) {}
}

impl Watcher for Kept {
    fn stage(&self, _words: &str, _steps: u64) {}

    fn keep(&self, checkpoint: &Checkpoint) {
        self.0.lock().unwrap().push(serde_json::to_string(checkpoint).unwrap());
    }
}

fn planned(input: &LoadedScenario, earlier: Option<&str>, threads: usize) -> (PlanRecord, Vec<String>) {
    let settings = PlanSettings { raced: 6, distribution_free: false, segments: false };
    let earlier = earlier.map(|text| serde_json::from_str(text).unwrap());
    let kept = Kept::default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let record = pool.install(|| plan(input, settings, earlier, &kept)).unwrap();
    (record, kept.0.into_inner().unwrap())
}

/// A server of a fifth of the speed, added to one at load 0.4, makes requests later (6 s: 2.7 % without it, more than 4 % with it).
#[test]
fn a_slow_server_that_makes_requests_late_is_not_in_the_plan() {
    let input = loaded(&scenario());
    let (record, _) = planned(&input, None, 2);
    let plan = record.plan.expect("a plan");
    assert_eq!((plan.mix.as_str(), plan.certified.as_str()), ("1 reserved", "t"));
    assert!((0.02..0.035).contains(&plan.late_share), "{}", plan.late_share);
    // By the minute, too, the candidate with more capacity is the later one.
    let with_slow = record.raced.iter().find(|raced| raced.name.starts_with("1 reserved + 1 spot"));
    assert!(with_slow.is_none_or(|raced| raced.late_share > 0.04), "{with_slow:?}");
}

#[test]
fn a_plan_that_was_killed_ends_with_the_same_record() {
    let input = loaded(&scenario());
    let (whole, checkpoints) = planned(&input, None, 2);
    assert!(checkpoints.len() > 3, "{} checkpoints", checkpoints.len());
    for checkpoint in [&checkpoints[0], &checkpoints[checkpoints.len() / 2], &checkpoints[checkpoints.len() - 1]] {
        assert_eq!(planned(&input, Some(checkpoint), 1).0, whole);
    }
    // One of another plan is not used.
    let mut other = scenario();
    other["run"]["seed"] = json!(4);
    let other = loaded(&other);
    assert_eq!(planned(&other, Some(&checkpoints[0]), 2).0, planned(&other, None, 2).0);
}

/// One server is overloaded, so that its run is given up; what is planned is not.
#[test]
fn hopeless_candidates_are_given_up_early() {
    let mut document = scenario();
    document["demand"]["steps"]["steps"][0]["per_second"] = json!(1.2);
    document["pools"].as_object_mut().unwrap().remove("spot");
    document["search"] = json!({ "reserved": { "from": 1, "to": 4 }, "on_demand_max": { "from": 0, "to": 0 } });
    let (record, checkpoints) = planned(&loaded(&document), None, 2);
    let plan = record.plan.clone().expect("a plan");
    assert!(plan.mix.starts_with("2 reserved"), "{}", plan.mix);
    assert!(record.replications.given_up >= 1, "{:?}", record.replications);
    assert!(record.candidates.put_aside >= record.replications.given_up, "{:?}", record.candidates);
    assert!(record.frontier.iter().all(|mix| mix.cost > 0.0 && !mix.name.starts_with("1 reserved")));
    // What was given up is kept, too.
    assert_eq!(planned(&loaded(&document), Some(&checkpoints[0]), 1).0, record);
}

/// Where nothing comes near the objective, no run is cut short: one wants to know how near the best mixes come.
#[test]
fn an_objective_out_of_reach_is_held_against_whole_runs() {
    let mut document = scenario();
    document["objective"]["latency"] = json!("1ms");
    let (record, _) = planned(&loaded(&document), None, 2);
    assert!(record.plan.is_none() && record.raced.is_empty());
    assert_eq!(record.replications.given_up, 0);
    assert!(record.frontier.iter().any(|mix| mix.late_share > 0.9 && mix.cost > 0.0), "{:?}", record.frontier);
}

/// Why minutes cannot stand for the requests of a scenario with this setting.
fn refusal(discipline: &str, pointer: &str, value: Value) -> String {
    let mut document = scenario();
    document["service"]["discipline"] = json!(discipline);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[key] = value;
    let input = loaded(&document);
    let whys = input.candidates.iter().filter_map(|candidate| Tables::check(&candidate.scenario).err());
    whys.into_iter().next().unwrap_or_else(|| panic!("{pointer} is not refused"))
}

#[test]
fn what_minutes_know_nothing_of_has_a_reason() {
    let chaos = json!({ "instance_failure": { "mean_time": "1d" } });
    let latency = json!({ "slow": { "metric": { "latency": { "percentile": 95 } }, "above": "2s", "period": "180s",
        "datapoints_to_alarm": 1, "evaluation_periods": 1 } });
    let cases = [
        ("fifo", "/chaos", chaos.clone(), "chaos"),
        ("fifo", "/patch_wave", json!({ "at": "1h" }), "patch wave"),
        ("round-robin", "/service/load_balancer", json!({ "health_check": {} }), "health checks"),
        ("round-robin", "/service/load_balancer", json!({ "slow_start": "60s" }), "slowly"),
        ("fifo", "/service/patience", json!({ "exponential": { "mean": "30s" } }), "give up"),
        ("fifo", "/service/on_instance_loss", json!("retry"), "come again"),
        ("fifo", "/service/work", json!({ "exponential": { "mean": "20s" } }), "too long"),
        ("processor-sharing", "/service/timeout", json!("20s"), "clients leave"),
        ("fifo", "/scaling/metrics/period", json!("90s"), "whole minutes"),
        ("fifo", "/scaling/alarms", latency, "several periods"),
        // A setting that is searched counts, too.
        ("fifo", "/search/set", json!({ "/chaos": [chaos] }), "chaos"),
    ];
    for (discipline, pointer, value, words) in cases {
        let why = refusal(discipline, pointer, value);
        assert!(why.contains(words), "{pointer}: {why}");
    }
}

/// Where minutes cannot stand for requests the same plan is found by the request, and it says so.
#[test]
fn what_minutes_know_nothing_of_is_screened_by_the_request() {
    let mut document = scenario();
    document["search"]["set"] = json!({ "/service/on_instance_loss": ["lost", "retry"] });
    let (record, _) = planned(&loaded(&document), None, 2);
    let claim = record.claims.iter().find(|claim| claim.contains("request by request")).expect("it is said");
    assert!(claim.starts_with(&format!("{} candidates", record.candidates.searched / 2)), "{claim}");
    assert!(claim.contains("come again"), "{claim}");
    assert_eq!(record.plan.expect("a plan").mix, "1 reserved");
    document["service"]["on_instance_loss"] = json!("retry");
    document["search"].as_object_mut().unwrap().remove("set");
    let (record, checkpoints) = planned(&loaded(&document), None, 2);
    let error = record.screening_error.expect("it is measured");
    // The race counts late requests over the mean number of requests, the screening over those of the replication.
    assert!(error.cost == 0.0 && error.late_share < 0.002, "the same requests come to the same: {error:?}");
    assert_eq!(planned(&loaded(&document), Some(&checkpoints[1]), 1).0, record);
}

/// The bound is below the plan, and is refused with its reason where no proof covers the scenario.
#[test]
fn a_plan_has_its_bound_or_the_reason_why_not() {
    let (record, _) = planned(&loaded(&scenario()), None, 2);
    let (plan, bound) = (record.plan.expect("a plan"), record.bound.expect("a bound"));
    assert!(bound.cost > 0.0 && bound.cost <= plan.cost, "{bound:?} {plan:?}");
    let gap = plan.cost_upper.expect("a certificate") / bound.cost - 1.0;
    assert!((bound.gap.unwrap() - gap).abs() < 1e-12 && bound.assumptions.len() >= 3);
    let mut document = scenario();
    document["billing"]["sustained_use"] = json!({ "multipliers": [1.0, 0.8, 0.6, 0.4] });
    let (record, _) = planned(&loaded(&document), None, 2);
    let reason = record.no_bound.expect("a reason");
    assert!(record.bound.is_none() && record.plan.is_some() && reason.contains("sustained use"), "{reason}");
}

/// One host serves the requests, two serve them and have two places for work that can wait: what that costs elsewhere decides.
#[test]
fn background_work_is_put_in_where_that_is_cheaper_than_elsewhere() {
    let mut document = scenario();
    document["demand"]["steps"]["steps"][0]["per_second"] = json!(2.0);
    document["clock"]["horizon"] = json!("4h");
    document["service"]["discipline"] = json!("fifo");
    document["instance_types"]["fast"]["slots"] = json!(4);
    document["search"] = json!({
        "reserved": { "from": 1, "to": 2 }, "spot": { "from": 0, "to": 0 }, "on_demand_max": { "from": 0, "to": 0 },
        "set": { "/background/tasks": [0, null] }
    });
    let mut chosen = |price: &str| {
        document["background"] = json!({
            "task": { "constant": "10m" },
            "containers": { "start": { "constant": "4s" }, "policy": { "fixed": { "background": 2 } } },
            "elsewhere": { "work_per_hour": 2, "price": price }
        });
        let (record, _) = planned(&loaded(&document), None, 2);
        let plan = record.plan.expect("a plan");
        assert!(record.claims.iter().any(|claim| claim.contains("elsewhere")), "{:?}", record.claims);
        (plan.mix, plan.set["/background/tasks"].clone(), plan.cost)
    };
    // A host costs $1 an hour, and two hours of work $0.40 or $2 elsewhere.
    let (mix, tasks, cost) = chosen("0.2 USD/h");
    assert_eq!((mix.as_str(), tasks), ("1 reserved", json!(0)));
    assert!((cost - 4.0 * 1.4).abs() < 0.01, "{cost}");
    let (mix, tasks, cost) = chosen("1 USD/h");
    assert_eq!((mix.as_str(), tasks), ("2 reserved", Value::Null));
    assert!((8.0..8.1).contains(&cost), "{cost}");
}

/// A plan chooses by requests; who has jobs is told where these are decided on.
#[test]
fn jobs_are_no_part_of_a_plan_and_it_says_so() {
    let mut document = scenario();
    document["clock"]["horizon"] = json!("2h");
    document["instance_types"]["slow"]["speed"] = json!(1);
    document["jobs"] = json!({
        "source": { "list": [{ "release": "0s", "work": "30m", "deadline": "1h" }] }, "restart": "1m", "step": "1m"
    });
    let (record, _) = planned(&loaded(&document), None, 2);
    assert!(record.claims.iter().any(|claim| claim.contains("batch --reserved")), "{:?}", record.claims);
    document["demand"]["steps"]["steps"][0]["per_second"] = json!(0.0);
    let settings = PlanSettings { raced: 4, distribution_free: false, segments: false };
    let refused = plan(&loaded(&document), settings, None, &Kept::default());
    assert_eq!(refused.unwrap_err(), PlanError::OnlyJobs);
}

#[test]
fn the_command_points_from_jobs_to_the_search_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = assert_cmd::Command::cargo_bin("fleetmix").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["plan", "scenarios/batch-deadlines/scenario.json", "--quiet", "-o"]).arg(folder.path());
    let told = command.assert().code(2).get_output().stderr.clone();
    let told = String::from_utf8(told).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("no requests") && told.contains("--reserved"), "{told}");
}
