//! `fleetmix trace fit service` on the time line of a simulated fleet, whose truth is known, and on real metrics.

mod support;

use assert_cmd::Command;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn fleetmix(arguments: &[&str]) -> (bool, String) {
    let output = Command::cargo_bin("fleetmix").expect("the binary").args(arguments).output().expect("it runs");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), said)
}

/// A fleet of three instances through two days whose load goes from 10 to 85 %; idle instances show 4 % of CPU.
fn scenario(folder: &Path, work: &str, cv: f64, slots: u32) -> PathBuf {
    let mean: f64 = work.trim_end_matches("ms").parse::<f64>().unwrap() / 1e3;
    let mut steps = String::new();
    for quarter in 0..192 {
        let load = 0.1 + 0.75 * (0.5 - 0.5 * (f64::from(quarter) / 96.0 * std::f64::consts::TAU).cos());
        let rate = load * 3.0 * f64::from(slots) / mean;
        let comma = if quarter > 0 { "," } else { "" };
        write!(steps, "{comma}{{ \"from\": \"{}m\", \"per_second\": {rate:.3} }}", quarter * 15).unwrap();
    }
    let text = format!(
        r#"{{
        "format": 1, "name": "known",
        "clock": {{ "start": "2026-01-05T00:00:00Z", "horizon": "2d" }},
        "run": {{ "seed": 1, "replications": 2 }},
        "demand": {{ "steps": {{ "steps": [{steps}] }} }},
        "service": {{ "work": {{ "lognormal": {{ "mean": "{work}", "cv": {cv} }} }} }},
        "objective": {{ "latency": "5s", "late_share": 0.05, "error_share": 0.001 }},
        "instance_types": {{ "m": {{ "slots": {slots}, "idle_cpu": 0.04, "boot": {{ "preset": "baked-image" }}, "drain_limit": "60s" }} }},
        "prices": {{ "inline": {{ "currency": "USD", "date": "2026", "source": "test", "types": {{ "m": {{ "on_demand": "0.1 USD/h" }} }} }} }},
        "billing": {{ "on_demand": {{ "per_second": {{}} }}, "spot": {{ "modern": {{}} }} }},
        "pools": {{ "on_demand": {{ "instance_type": "m" }} }},
        "scaling": {{ "min_total": 3, "max_total": 3, "metrics": {{ "period": "60s" }} }},
        "mixes": [{{ "mix": "3 on-demand" }}], "baseline": "3 on-demand"
    }}"#
    );
    let file = folder.join("scenario.json");
    fs::write(&file, text).unwrap();
    file
}

/// The limits of a figure.
fn limits(said: &str, name: &str) -> Option<[f64; 2]> {
    let line = said.lines().find(|line| line.starts_with(name))?;
    let inner = line.split_once('(').filter(|_| !line.contains("not learned"))?;
    // The name of the variation has a parenthesis, too.
    let inner = inner.1.strip_prefix("cv)").map_or(inner.1, |rest| rest.split_once('(').map_or("", |pair| pair.1));
    let mut numbers = inner.split([' ', ')']).filter_map(|word| word.parse().ok());
    Some([numbers.next()?, numbers.next()?])
}

fn assert_holds(said: &str, name: &str, truth: f64) {
    let found = limits(said, name).unwrap_or_else(|| panic!("{name} was not learned:\n{said}"));
    assert!(found[0] <= truth && truth <= found[1], "{name}: {truth} is not in {found:?}\n{said}");
    assert!(found[1] - found[0] <= 1.5 * truth, "{name}: {found:?} says nothing\n{said}");
}

#[test]
fn the_truth_of_a_simulated_fleet_is_recovered() {
    for (work, cv, slots) in [("200ms", 1.0, 4), ("60ms", 0.5, 2)] {
        let folder = tempfile::tempdir().unwrap();
        let file = scenario(folder.path(), work, cv, slots);
        let out = folder.path().join("measured");
        let (done, said) = fleetmix(&["compare", file.to_str().unwrap(), "--quiet", "-o", out.to_str().unwrap()]);
        assert!(done, "{said}");
        let metric = |column: &str| format!("{}#column={column}", out.join("timeline.csv").display());
        let (requests, cpu, instances, p95) = (metric("offered"), metric("cpu"), metric("on_demand"), metric("p95"));
        let fit = |more: &[&str]| {
            let (done, said) = fleetmix(&[&["trace", "fit", "service", "--requests", &requests][..], more].concat());
            assert!(done, "{said}");
            println!("{work}, cv {cv}, {slots} slots {more:?}\n{said}");
            said
        };
        let ms: f64 = work.trim_end_matches("ms").parse().unwrap();
        let slots_text = slots.to_string();
        let all = fit(&["--cpu", &cpu, "--instances", &instances, "--latency", &p95]);
        assert_holds(&all, "work  ", ms);
        assert_holds(&all, "variation", cv);
        assert_holds(&all, "slots", f64::from(slots));
        assert_holds(&all, "idle CPU", 4.0);
        assert_holds(&all, "work / slots", ms / f64::from(slots));
        let cpu_only = fit(&["--cpu", &cpu, "--instances", &instances]);
        assert_holds(&cpu_only, "work / slots", ms / f64::from(slots));
        assert_holds(&cpu_only, "idle CPU", 4.0);
        assert!(cpu_only.contains("without latency"), "{cpu_only}");
        let no_cpu = fit(&["--instances", &instances, "--latency", &p95, "--slots", &slots_text]);
        assert_holds(&no_cpu, "work  ", ms);
        let in_all = (3 * slots).to_string();
        let no_count = fit(&["--cpu", &cpu, "--latency", &p95, "--slots", &in_all]);
        assert_holds(&no_count, "work  ", ms);
        // The scenario that was measured, on another seed, is told apart from its double only by chance.
        let replay = [
            "replay",
            file.to_str().unwrap(),
            "--seed",
            "2",
            "--cpu",
            &cpu,
            "--latency",
            &p95,
            "--instances",
            &instances,
        ];
        let (done, said) = fleetmix(&[&replay[..], &["--quiet", "-o", out.to_str().unwrap()]].concat());
        assert!(
            done && said.contains("CPU: ") && said.contains("instance-hours: 144 simulated, 144 measured (±0 %)"),
            "{said}"
        );
        assert!(out.join("replay-cpu.svg").is_file() && out.join("replay.csv").is_file());
    }
}

#[test]
fn metrics_of_different_times_teach_nothing() {
    let Some(data) = support::real_data() else { return };
    let file = |name: &str| data.join("demand/nab_cloudwatch").join(name).to_str().unwrap().to_string();
    let requests = file("elb_request_count_8c0756.csv");
    // Real series, but no two of one service at one time: requests of April, CPU of February and May, latency of March.
    for (option, name) in [
        ("--cpu", "ec2_cpu_utilization_5f5533.csv"),
        ("--cpu", "cpu_utilization_asg_misconfiguration.csv"),
        ("--latency", "ec2_request_latency_system_failure.csv"),
    ] {
        let (done, said) = fleetmix(&["trace", "fit", "service", "--requests", &requests, option, &file(name)]);
        assert!(!done && said.contains("no time in common"), "{said}");
        let (done, said) = fleetmix(&["trace", "inspect", &file(name)]);
        assert!(done && said.contains("every 5m"), "{said}");
    }
}
