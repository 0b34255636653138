//! Jobs with deadlines from scenario files to the record: against figures that follow by hand, and on real jobs and spot.

mod support;

use assert_cmd::Command;
use fleetmix::input::{Document, LoadOptions, LoadedScenario, load_document};
use fleetmix::plan::waiting::without_waiting;
use fleetmix::results::{BatchRecord, JobPolicyRecord};
use fleetmix::scenario::CountRange;
use fleetmix::study::{NoBatch, batch};
use serde_json::{Value, json};
use std::path::Path;

/// Two jobs on a market that is there in the first and third of four hours; on-demand costs three times as much.
fn scenario() -> Value {
    json!({
        "format": 1, "name": "batch",
        "clock": { "start": "2019-04-08T00:00:00Z", "horizon": "4h" },
        "run": { "seed": 1, "replications": 1 },
        "jobs": {
            "source": { "list": [
                { "release": "0s", "work": "90m", "deadline": "3h" },
                { "release": "30m", "work": "30m", "deadline": "4h" }
            ] },
            "restart": "10m", "checkpoint_every": "20m", "step": "10m"
        },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 0 }], "arrivals": "poisson" } },
        "service": { "work": { "constant": "1s" } },
        "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
        "scaling": { "min_total": 0, "max_total": 10, "metrics": { "period": "60s" } },
        "instance_types": { "gpu": { "slots": 1, "boot": { "stages": [] }, "drain_limit": "60s" } },
        "prices": { "inline": { "currency": "USD", "date": "2019-04-08", "source": "made up", "types": {
            "gpu": { "on_demand": "3 USD/h" }
        } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": {} } },
        "markets": { "m": {
            "instance_type": "gpu", "price": { "constant": "1 USD/h" }, "interruptions": "price_only",
            "capacity": { "steps": [
                { "from": "0s", "instances": 1 }, { "from": "1h", "instances": 0 },
                { "from": "2h", "instances": 2 }, { "from": "3h", "instances": 0 }
            ] }
        } },
        "pools": { "spot": { "markets": ["m"] }, "on_demand": { "instance_type": "gpu" } },
        "mixes": [{ "mix": "1 spot + on-demand" }]
    })
}

fn load(tree: &Value, folder: &Path) -> LoadedScenario {
    let document = Document::parse("batch", &tree.to_string()).unwrap_or_else(|error| panic!("{error}"));
    load_document(&document, folder, &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn simulated(tree: &Value) -> BatchRecord {
    batch(&load(tree, Path::new(".")), None, &()).unwrap_or_else(|error| panic!("{error}"))
}

fn policy<'a>(record: &'a BatchRecord, name: &str) -> &'a JobPolicyRecord {
    record.policies.iter().find(|policy| policy.policy == name).unwrap_or_else(|| panic!("{name}"))
}

fn close(found: f64, wanted: f64) {
    // Each step is rounded to a billionth of a dollar.
    assert!((found - wanted).abs() < 1e-7, "{found} is not {wanted}");
}

#[test]
fn what_two_jobs_cost_follows_by_hand() {
    let record = simulated(&scenario());
    close(record.work_hours.mean, 2.0);
    let on_demand = policy(&record, "on-demand");
    // A restart of ten minutes each.
    close(on_demand.cost.mean, 3.0 * (100.0 + 40.0) / 60.0);
    close(on_demand.missed.mean, 0.0);
    // The first job runs an hour on spot, of which 50 minutes are work and 40 are saved. At two o'clock there is spot again, but a step
    // on it that saves nothing would be one too many: the last hour is on on-demand. The other job runs on spot from then on.
    let greedy = policy(&record, "greedy");
    close(greedy.spot_hours.mean, 1.0 + 40.0 / 60.0);
    close(greedy.on_demand_hours.mean, 1.0);
    close(greedy.cost.mean, 1.0 + 40.0 / 60.0 + 3.0);
    close(greedy.interruptions_per_job.mean, 0.5);
    close(greedy.lost_work_hours.mean, 10.0 / 60.0);
    close(greedy.missed.mean, 0.0);
    let spot = policy(&record, "spot-only");
    close(spot.spot_hours.mean, 1.0 + 1.0 + 40.0 / 60.0);
    close(spot.cost.mean, spot.spot_hours.mean);
    close(spot.missed.mean, 0.0);
    // Whoever knows loses nothing: 50 minutes of work in the first hour, 40 and a restart in the third; 40 for the other.
    close(record.optimum.expect("an optimum").mean, 1.0 + 50.0 / 60.0 + 40.0 / 60.0);
    assert!(record.policies.iter().all(|policy| policy.above_optimum.expect("an optimum").mean >= -1e-12));
}

#[test]
fn what_is_not_given_or_cannot_be_is_said() {
    let mut tree = scenario();
    tree["jobs"]["source"]["list"][1]["deadline"] = json!("65m");
    let record = simulated(&tree);
    close(record.jobs_impossible.mean, 1.0);
    assert!(record.optimum.is_none() && record.warnings.iter().any(|words| words.contains("no optimum is stated")));
    close(policy(&record, "greedy").missed.mean, 1.0);
    let mut tree = scenario();
    tree["mixes"][0]["mix"] = json!("on-demand");
    assert!(matches!(batch(&load(&tree, Path::new(".")), None, &()), Err(NoBatch::NoSpot(_))));
    let mut tree = scenario();
    tree.as_object_mut().expect("an object").remove("jobs");
    assert!(matches!(batch(&load(&tree, Path::new(".")), None, &()), Err(NoBatch::NoJobs)));
}

#[test]
fn a_price_above_the_maximum_is_no_spot() {
    let mut tree = scenario();
    tree["pools"]["spot"]["max_price"] = json!("0.5 USD/h");
    let record = simulated(&tree);
    close(policy(&record, "spot-only").unfinished.mean, 2.0);
    close(policy(&record, "spot-only").cost.mean, 0.0);
    close(record.optimum.expect("an optimum").mean, policy(&record, "on-demand").cost.mean);
}

#[test]
fn problems_have_their_places() {
    let wrong = |pointer: &str, value: Value, words: &str| {
        let mut tree = scenario();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        tree.pointer_mut(parent).expect("a parent")[key] = value;
        let document = Document::parse("batch", &tree.to_string()).expect("JSON");
        let error = load_document(&document, Path::new("."), &LoadOptions::default()).expect_err("it is wrong");
        assert!(error.to_string().contains(words), "{error}");
    };
    wrong("/jobs/step", json!("1ms"), "found 1ms");
    wrong("/jobs/step", json!("2h"), "a step is 1s to 1h");
    wrong("/jobs/policies", json!([]), "at least one policy");
    wrong("/jobs/policies", json!(["greedy", "greedy"]), "stands there twice");
    wrong("/jobs/source", json!({ "list": [] }), "found 0");
    wrong(
        "/jobs/source",
        json!({ "list": [{ "release": "2h", "work": "1m", "deadline": "1h" }] }),
        "after the release (2h)",
    );
    let poisson = json!({ "poisson": { "per_hour": 0, "work": { "constant": "1h" }, "slack": -1 } });
    wrong("/jobs/source", poisson.clone(), "found 0");
    wrong("/jobs/source", poisson, "found -1");
    let trace = json!({ "trace": {
        "file": "none.csv", "release": "a", "work": "b", "trace_start": "2019-04-08T00:00:00Z", "slack": 1
    } });
    wrong("/jobs/source", trace, "none.csv");
}

#[test]
fn the_command_writes_the_record_whatever_the_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/batch-deadlines/scenario.json");
    let record = |threads: &str| {
        let output = folder.path().join(threads);
        let mut command = Command::cargo_bin("fleetmix").expect("the program");
        command.args(["batch", "--quiet", "--replications", "3", "--threads", threads, "-o"]).arg(&output);
        command.args(["--set", "/jobs/step=10m"]).arg(&scenario).assert().success();
        std::fs::read(output.join("batch.json")).expect("a record")
    };
    let (one, three) = (record("1"), record("3"));
    assert!(one == three, "the number of threads changed something");
    let record: BatchRecord = serde_json::from_slice(&one).expect("a record");
    for policy in record.policies.iter().filter(|policy| policy.promises_deadlines) {
        assert_eq!(policy.missed.mean, 0.0, "{}", policy.policy);
    }
    assert!(policy(&record, "greedy").against_on_demand.mean < -0.2);
}

/// 0.2 jobs a second of 500 s each, on reserved instances at 3.84 and on-demand at 9.6.
fn erlang(policy: &str, horizon: &str) -> Value {
    let mut tree = scenario();
    tree["clock"]["horizon"] = json!(horizon);
    tree["run"]["replications"] = json!(2);
    tree["jobs"] = json!({
        "source": { "poisson": { "per_hour": 720, "work": { "exponential": { "mean": "500s" } }, "slack": 2 } },
        "restart": "0s", "step": "1s", "policies": [policy]
    });
    tree["prices"]["inline"]["types"]["gpu"] = json!({
        "on_demand": "9.6 USD/h",
        "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": "3.84 USD/h" } }
    });
    tree["pools"] = json!({
        "reserved": { "instance_type": "gpu", "commitment": "r" }, "on_demand": { "instance_type": "gpu" }
    });
    tree["mixes"] = json!([{ "mix": "on-demand" }]);
    tree
}

fn with_reserved(tree: &Value, from: u32, to: u32) -> BatchRecord {
    batch(&load(tree, Path::new(".")), Some(CountRange { from, to }), &()).unwrap_or_else(|error| panic!("{error}"))
}

/// Jobs that do not wait overflow to on-demand as Erlang's formula says, and the formula's best number is 108.
#[test]
fn jobs_that_do_not_wait_overflow_as_erlang_says() {
    let record = with_reserved(&erlang("no-wait", "2d"), 106, 110);
    let search = record.reserved_search.expect("five numbers were tried");
    let formula = search.formula.expect("jobs at random times on reserved instances and on-demand");
    assert_eq!(formula.instances, 108);
    assert!((formula.on_demand_share - 0.034944).abs() < 5e-7, "{formula:?}");
    assert!((formula.per_work_hour - 4.482662).abs() < 5e-7, "{formula:?}");
    for point in &search.points {
        // The load that came, with works rounded up to seconds; what is left of the formula is chance.
        let load = record.work_hours.mean / 48.0;
        let share = without_waiting(point.instances, load, 3.84, 9.6).on_demand_share;
        let found = point.on_demand_share.mean;
        assert!((found - share).abs() < 0.006, "{} reserved: {found} against {share}", point.instances);
    }
    let shares: Vec<f64> = search.points.iter().map(|point| point.on_demand_share.mean).collect();
    assert!(shares.windows(2).all(|pair| pair[1] < pair[0]), "{shares:?}");
    let best = &search.cheapest[0];
    assert_eq!(record.bought_reserved.expect("some were bought").instances, best.instances);
    let price = best.per_work_hour.mean;
    assert!((price / 4.482662 - 1.0).abs() < 0.03, "{price}");
}

/// Jobs that all wait do so as long as Erlang's other formula says: 74.232 s behind 104 reserved instances.
#[test]
fn jobs_that_all_wait_wait_as_long_as_erlang_says() {
    let long = std::env::var_os("FLEETMIX_LONG_TESTS").is_some();
    let horizon = if long { "30d" } else { "6d" };
    let record = with_reserved(&erlang("spot-only", horizon), 104, 104);
    assert!(record.reserved_search.is_none());
    let all = policy(&record, "spot-only");
    close(all.on_demand_hours.mean + all.spot_hours.mean, 0.0);
    let hours = record.work_hours.mean / all.reserved_hours.mean;
    assert!((0.999..=1.001).contains(&hours), "{hours}");
    let [low, high] = if long { [60.0, 90.0] } else { [45.0, 110.0] };
    assert!((low..=high).contains(&all.delay_seconds.mean), "{:?}", all.delay_seconds);
}

/// A service that needs two instances in the first two hours and none after them, beside three owned reservations.
#[test]
fn jobs_fill_the_owned_hours_that_the_service_leaves() {
    let mut tree = scenario();
    tree["jobs"]["source"]["list"] = json!([
        { "release": "0s", "work": "60m", "deadline": "4h" }, { "release": "0s", "work": "60m", "deadline": "4h" },
        { "release": "0s", "work": "60m", "deadline": "4h" }
    ]);
    tree["jobs"]["restart"] = json!("0s");
    tree["prices"]["inline"]["types"]["gpu"]["reserved"] =
        json!({ "r": { "term": "1y", "upfront": "0 USD", "hourly": "1.5 USD/h" } });
    tree["pools"]["reserved"] = json!({ "instance_type": "gpu", "commitment": "r" });
    tree["commitments_owned"] = json!([{ "reserved": {
        "instance_type": "gpu", "count": 3, "term": "1y", "upfront": "0 USD", "hourly": "1.5 USD/h",
        "ends": "2019-12-01T00:00:00Z"
    } }]);
    tree["mixes"] = json!([{ "mix": "2 reserved + 1 spot" }]);
    let record = simulated(&tree);
    let idle = record.idle_reserved.as_ref().expect("reservations are owned");
    assert_eq!((idle.owned, idle.mix.as_str()), (3, "2 reserved + 1 spot"));
    // Two of the three always run for requests.
    close(idle.idle_hours.mean, 4.0);
    // One job has the idle one, one the spot of the first hour; the third takes on-demand, or waits for the idle one.
    let held = |name: &str| {
        let of = policy(&record, name);
        [of.reserved_hours.mean, of.spot_hours.mean, of.on_demand_hours.mean]
    };
    assert_eq!((held("no-wait"), held("greedy")), ([1.0, 1.0, 1.0], [2.0, 1.0, 0.0]));
    close(policy(&record, "no-wait").cost.mean, 1.0 + 3.0);
    close(policy(&record, "greedy").cost.mean, 1.0);
    close(policy(&record, "greedy").saved_by_waiting.mean, 3.0);
    close(policy(&record, "greedy").delay_seconds.mean, 1200.0);
}

#[test]
fn the_shipped_jobs_beside_a_service_save_by_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/batch-beside-service/scenario.json");
    let mut command = Command::cargo_bin("fleetmix").expect("the program");
    command.args([
        "batch",
        "--replications",
        "2",
        "--set",
        "/clock/horizon=1d",
        "--set",
        "/jobs/source/poisson/slack=2",
    ]);
    command.args(["--reserved", "0..2", "-o"]).arg(folder.path()).arg(&scenario);
    let done = command.assert().success();
    let said = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    assert!(
        said.contains("Of 10 owned reservations of m5.2xlarge") && said.contains("Reserved instances for the jobs"),
        "{said}"
    );
    let record: BatchRecord =
        serde_json::from_slice(&std::fs::read(folder.path().join("batch.json")).expect("a file")).expect("a record");
    assert!(
        policy(&record, "greedy").saved_by_waiting.mean > 0.0 && policy(&record, "greedy").reserved_hours.mean > 1.0
    );
    close(policy(&record, "no-wait").saved_by_waiting.mean, 0.0);
    let points = record.reserved_search.expect("three numbers were tried").points;
    assert_eq!(points.len(), 3 * record.policies.len());
    let picture = std::fs::read_to_string(folder.path().join("batch.svg")).expect("a picture");
    assert!(picture.contains("keeps every deadline for") && picture.contains("uniform-progress"), "{picture}");
}

#[test]
fn numbers_of_reserved_instances_need_an_offer() {
    let mut tree = erlang("no-wait", "1h");
    tree["pools"]["reserved"]["commitment"] = Value::Null;
    let wanted = Some(CountRange { from: 1, to: 2 });
    let error = batch(&load(&tree, Path::new(".")), wanted, &()).expect_err("nothing can be bought");
    assert!(error.to_string().contains("does not name a commitment for gpu"), "{error}");
}

/// Three weeks of jobs of the SURF cluster, those of at least half a day.
fn real_jobs(data: &Path) -> Value {
    let start = "2022-07-04T00:00:00Z";
    let mut tree = scenario();
    tree["clock"] = json!({ "start": start, "horizon": "21d" });
    tree["jobs"]["source"] = json!({ "trace": {
        "file": data.join("demand/surf_jobs_2022/tasks.csv.gz"), "release": "submission_time", "work": "duration",
        "unit": "milliseconds", "trace_start": start, "slack": 0.5, "shortest": "12h"
    } });
    tree["jobs"]["step"] = json!("10m");
    tree
}

/// What must hold of real jobs on real spot.
fn check_real(record: &BatchRecord) {
    println!("{}", serde_json::to_string_pretty(&record.policies).expect("JSON"));
    assert!(record.jobs.mean > 100.0, "{}", record.jobs.mean);
    for policy in &record.policies {
        assert!(!policy.promises_deadlines || policy.missed.mean == 0.0, "{}", policy.policy);
        let above = policy.above_optimum.expect("an optimum").mean;
        assert!(above >= 0.0 || policy.missed.mean > 0.0, "{} {above}", policy.policy);
    }
    assert!(policy(record, "greedy").against_on_demand.mean < -0.3);
    assert!(policy(record, "greedy").interruptions_per_job.mean > 0.0);
}

/// At a price that changed many times a day and passed that of on-demand now and then.
#[test]
fn real_jobs_keep_their_deadlines_at_real_prices() {
    let Some(data) = support::real_data() else { return };
    let mut tree = real_jobs(&data);
    tree["prices"]["inline"]["types"]["gpu"]["on_demand"] = json!("0.958 USD/h");
    // Prices alone interrupt, as they did then.
    tree["billing"]["spot"] = json!({ "bid-2015": { "price_sampling": "instance_hour_start" } });
    tree["markets"]["m"] = json!({
        "instance_type": "gpu", "interruptions": "price_only",
        "price": { "trace": {
            "file": data.join("spot_price/aws_2016_us-east-1/m4.4xlarge_us-east-1b_linux.csv"),
            "format": { "csv": { "time": "timestamp", "value": "price_usd_per_hour", "time_zone": "UTC" } },
            "place": { "trace_time": "2016-03-07T00:00:00Z", "at": "2022-07-04T00:00:00Z" },
            "gaps": "hold", "at_end": "error"
        } }
    });
    check_real(&simulated(&tree));
}

/// In a zone whose V100 came and went.
#[test]
fn real_jobs_keep_their_deadlines_on_real_spot() {
    let Some(data) = support::real_data() else { return };
    let mut tree = real_jobs(&data);
    let zone =
        data.join("spot_availability/skypilot_cant_be_late/availability_1-node_aws-02-15-2023_us-west-2b_v100_1.csv");
    let rows = support::rows(&zone);
    let steps: Vec<Value> = rows
        .iter()
        .map(|row| {
            let there: u32 = row["available"].parse().expect("a count");
            json!({ "from": format!("{}s", row["start_s"]), "instances": 100_000 * there })
        })
        .collect();
    tree["markets"]["m"]["capacity"] = json!({ "steps": steps });
    check_real(&simulated(&tree));
}
