//! `fleetmix sweep` and `fleetmix merge`: the same bytes whatever is simulated where.

mod support;

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};

/// A quarter of an hour of one small instance, as two mixes.
fn scenario(folder: &Path) -> PathBuf {
    let text = r#"{
        "format": 1, "name": "small",
        "clock": { "start": "2026-01-05T00:00:00Z", "horizon": "15m" },
        "run": { "seed": 1, "replications": 3 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 4.0 }] } },
        "service": { "work": { "exponential": { "mean": "200ms" } }, "timeout": "5s" },
        "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "m": { "slots": 1, "boot": { "preset": "baked-image" }, "drain_limit": "60s" } },
        "prices": { "inline": { "currency": "USD", "date": "2026", "source": "test", "types": { "m": { "on_demand": "0.1 USD/h" } } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": {} } },
        "pools": { "on_demand": { "instance_type": "m" } },
        "scaling": {
            "min_total": 1, "max_total": 6, "metrics": { "period": "60s" },
            "policies": { "cpu": { "target_tracking": { "metric": { "cpu": "average" }, "target": 0.5, "warm_up": "60s" } } }
        },
        "mixes": [{ "mix": "on-demand" }, { "mix": "2 on-demand" }]
    }"#;
    let file = folder.join("scenario.json");
    fs::write(&file, text).unwrap();
    file
}

const VARY: [&str; 2] = ["--vary", r#"/service/timeout=["5s","6s","7s","8s","9s","10s"]"#];

fn fleetmix(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.args(arguments);
    command
}

fn sweep(scenario: &Path, output: &Path, more: &[&str]) -> Command {
    let mut command = fleetmix(&["sweep", scenario.to_str().unwrap(), "--quiet", "-o", output.to_str().unwrap()]);
    command.args(VARY).args(more);
    command
}

fn merge(folder: &Path) -> Command {
    fleetmix(&["merge", folder.to_str().unwrap()])
}

fn written(folder: &Path) -> [Vec<u8>; 2] {
    ["sweep.json", "sweep.csv"]
        .map(|name| fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn shards_come_to_the_bytes_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = scenario(folder.path());
    let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
    sweep(&scenario, &whole, &["--threads", "2"]).assert().success();
    for shard in ["2/5", "1/5", "5/5"] {
        sweep(&scenario, &parts, &["--shard", shard, "--threads", "1"]).assert().success();
    }
    let missing = merge(&parts).assert().code(1);
    let said = String::from_utf8_lossy(&missing.get_output().stdout).into_owned();
    assert!(said.contains("4 of 12 points are missing: 2-3, 7-8"), "{said}");
    assert!(!parts.join("sweep.json").exists());
    sweep(&scenario, &parts, &["--shard", "auto"])
        .env("AWS_BATCH_JOB_ARRAY_INDEX", "2")
        .env("AWS_BATCH_JOB_ARRAY_SIZE", "5")
        .assert()
        .success();
    sweep(&scenario, &parts, &["--shard", "auto"])
        .env("JOB_COMPLETION_INDEX", "3")
        .env("FLEETMIX_SHARDS", "5")
        .assert()
        .success();
    merge(&parts).assert().success();
    assert!(written(&whole) == written(&parts));
    let record: serde_json::Value = serde_json::from_slice(&written(&whole)[0]).unwrap();
    let points = record["points"].as_array().unwrap();
    let indices: Vec<u64> = points.iter().map(|point| point["index"].as_u64().unwrap()).collect();
    assert_eq!(indices, (0..12).collect::<Vec<_>>());
    assert_eq!(points[7]["record"]["set"]["/service/timeout"], "6s");
}

#[test]
fn finished_points_are_kept_and_others_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = scenario(folder.path());
    let output = folder.path().join("out");
    sweep(&scenario, &output, &["--shard", "1/6"]).assert().success();
    let again = sweep(&scenario, &output, &["--shard", "1/6"]).assert().success();
    assert!(String::from_utf8_lossy(&again.get_output().stdout).contains("2 of them were there already"));
    // A point of another plan, or half of one, is simulated anew.
    let point = output.join("points/000006.json");
    let good = fs::read(&point).unwrap();
    fs::write(&point, &good[..good.len() / 2]).unwrap();
    let again = sweep(&scenario, &output, &["--shard", "1/6"]).assert().success();
    assert!(String::from_utf8_lossy(&again.get_output().stdout).contains("1 of them were there already"));
    assert!(fs::read(&point).unwrap() == good);
    sweep(&scenario, &output, &["--shard", "2/6", "--seed", "2"]).assert().success();
    let refused = merge(&output).assert().code(2);
    let error = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(error.contains("are of different sweeps") && error.contains("the plan"), "{error}");
}

#[test]
fn what_is_no_sweep_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = scenario(folder.path());
    let refused = |command: &mut Command, part: &str| {
        let assert = command.assert().code(2);
        let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(error.contains(part), "{part}: {error}");
    };
    let output = folder.path().join("out");
    refused(&mut sweep(&scenario, &output, &["--shard", "7/6"]), "of 6 shards");
    refused(&mut sweep(&scenario, &output, &["--shard", "auto"]), "no scheduler says");
    refused(&mut sweep(&scenario, &output, &["--vary", "/run/seed=3"]), "a list of values");
    refused(&mut sweep(&scenario, &output, &["--vary", "/run/sede=[3]"]), "sede");
    refused(&mut merge(folder.path()), "points");
    let many = format!("/run/seed={:?}", (0..20_000).collect::<Vec<_>>());
    refused(&mut sweep(&scenario, &output, &["--vary", &many]), "at most");
}

#[test]
fn a_real_slurm_runs_it() {
    if !support::repeatable::long() {
        println!("skipped: Slurm takes minutes; FLEETMIX_LONG_TESTS=1 runs it");
        return;
    }
    let there = |program: &str| {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&paths).chain(["/usr/sbin".into()]).any(|folder| folder.join(program).is_file())
    };
    if let Some(missing) =
        ["slurmctld", "slurmd", "sbatch", "munged", "python3"].into_iter().find(|program| !there(program))
    {
        assert!(
            std::env::var_os("FLEETMIX_REQUIRE_CLIENTS").is_none_or(|value| value != "1"),
            "{missing} is not installed"
        );
        println!("skipped: {missing} is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scenario = scenario(folder.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/slurm.sh");
    let binary = assert_cmd::cargo::cargo_bin("fleetmix");
    let cluster = folder.path().join("cluster");
    let ran = std::process::Command::new("sh").arg(script).args([&binary, &scenario, &cluster]).status().expect("sh");
    assert!(ran.success());
    let third = fs::read_to_string(cluster.join("log/task-3.log")).unwrap();
    assert!(third.contains("task 3, start 0") && third.contains("task 3, start 1"), "{third}");
    merge(&cluster.join("sweep")).assert().success();
    let whole = folder.path().join("whole");
    sweep(&scenario, &whole, &[]).assert().success();
    assert!(written(&whole) == written(&cluster.join("sweep")));
}
