//! Ctrl-C: a clean stop within a second that keeps what is finished.
#![cfg(unix)]

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Two mixes of a small service.
fn scenario(per_second: f64, horizon: &str, replications: u32) -> Value {
    json!({
        "format": 1,
        "name": "long",
        "clock": { "start": "2016-03-07T00:00:00Z", "horizon": horizon },
        "run": { "seed": 1, "replications": replications },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": per_second }] } },
        "service": { "work": { "exponential": { "mean": "1ms" } } },
        "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "a": { "slots": 4, "speed": 1.0, "boot": { "stages": [] }, "drain_limit": "60s" } },
        "prices": { "inline": {
            "currency": "USD", "date": "2016-03-07", "source": "test",
            "types": { "a": { "on_demand": "1 USD/h", "reserved": {
                "r": { "term": "1y", "upfront": "0 USD", "hourly": "0.5 USD/h" }
            } } }
        } },
        "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": { "price_sampling": "instance_hour_start" } } },
        "pools": { "reserved": { "instance_type": "a", "commitment": "r" }, "on_demand": { "instance_type": "a" } },
        "scaling": {
            "acts_on": "on_demand", "min_total": 1, "max_total": 4,
            "metrics": { "period": "60s", "published_after": "60s" }, "alarms": {}, "policies": {}
        },
        "mixes": [{ "mix": "2 reserved" }, { "mix": "1 reserved + 1..2 on-demand" }]
    })
}

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new(scenario: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("s.json"), scenario.to_string()).unwrap();
        Self { folder }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fleetmix"));
        command.current_dir(self.folder.path()).args(["compare", "s.json", "--threads", "1"]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts `compare`, sends Ctrl-C after `wait`, and returns its output and how long it still took.
    fn interrupted(&self, wait: Duration, arguments: &[&str]) -> (Output, Duration) {
        let child = self.command(arguments).spawn().unwrap();
        std::thread::sleep(wait);
        interrupt(&child);
        let asked = Instant::now();
        (child.wait_with_output().unwrap(), asked.elapsed())
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path()).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn results(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn nothing_is_left_of_a_run_without_two_replications() {
    // Half a year at 100,000 a second: hours.
    let case = Case::new(&scenario(100_000.0, "180d", 3));
    let (output, took) = case.interrupted(Duration::from_millis(1500), &["-o", "reports/here"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(
        message.contains("stopped after 0 of 3 replications") && message.contains("nothing was written"),
        "{message}"
    );
    // 180 d x 100,000/s x 2 mixes x 3 replications = 9.3e12 requests: 130 hours at 20 million a second.
    assert!(message.contains("9.3e12 requests") && message.contains("more than 130 hours"), "{message}");
    assert!(output.stdout.is_empty());
    assert_eq!(case.files(), ["s.json"], "a folder was left");
}

#[test]
fn the_finished_replications_are_a_study_of_their_own() {
    // A replication is finished in a few tenths of a second, a million never.
    let case = Case::new(&scenario(1000.0, "1h", 1_000_000));
    let (output, took) = case.interrupted(Duration::from_secs(4), &["-o", "stopped"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    let mut stopped = results(&case.path("stopped/results.json"));
    let finished = stopped["scenario"]["replications"].as_u64().unwrap();
    assert!(finished >= 2, "{finished}");
    let said = format!("stopped after {finished} of 1000000 replications");
    assert!(message.contains(&said), "{message}");
    let warning = stopped["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with(&format!("Stopped after {finished} of 1000000 replications")), "{warning}");
    let page = fs::read_to_string(case.path("stopped/report.html")).unwrap();
    assert!(page.contains(warning) && page.contains(&format!("--replications {finished}")));
    // The record is that of a study that asked for no more, but for what it says of the stop.
    let whole = case.command(&["-o", "whole", "--replications", &finished.to_string()]).output().unwrap();
    assert_eq!(whole.status.code(), Some(0), "{}", String::from_utf8_lossy(&whole.stderr));
    let warnings = stopped["warnings"].as_array_mut().unwrap();
    warnings.retain(|warning| !warning.as_str().unwrap().starts_with("Stopped "));
    assert_eq!(stopped, results(&case.path("whole/results.json")));
}

/// While it simulates, and while it searches: 20 offers with monthly dates over five years, worst cases and eight growths are no matter of seconds.
#[test]
fn commit_stops_and_writes_nothing() {
    let simulating = scenario(100_000.0, "180d", 3);
    let mut searching = scenario(1.0, "4h", 12);
    let offers: serde_json::Map<String, Value> = (0..20)
        .map(|number| {
            let (term, upfront) = (["1y", "3y"][number % 2], format!("{} USD", 97 * number));
            (format!("o{number}"), json!({ "term": term, "upfront": upfront, "hourly": "0.5 USD/h" }))
        })
        .collect();
    searching["prices"]["inline"]["types"]["a"]["reserved"] = Value::Object(offers);
    searching["pools"]["reserved"]["commitment"] = json!("o0");
    let mut hard: Vec<String> = ["--months", "60", "--buy-in", "60", "--risk", "0.5"].map(String::from).to_vec();
    for quarter in 0..8 {
        hard.extend(["--growth".to_string(), format!("0.125:{}", 1.0 + f64::from(quarter) / 4.0)]);
    }
    for (scenario, options, wait, doing) in
        [(simulating, &[][..], 1500, "stopped after"), (searching, &hard[..], 2500, "searched")]
    {
        let case = Case::new(&scenario);
        let mut command = Command::new(env!("CARGO_BIN_EXE_fleetmix"));
        command.current_dir(case.folder.path()).args(["commit", "s.json", "--mix", "2 reserved", "--threads", "1"]);
        command.args(options).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        interrupt(&child);
        let asked = Instant::now();
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{message}");
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        assert!(message.contains("nothing was written") && message.contains(doing), "{message}");
        assert!(output.stdout.is_empty());
        assert_eq!(case.files(), ["s.json"], "a folder was left");
    }
}

#[test]
fn a_second_interrupt_ends_the_program() {
    let case = Case::new(&scenario(100_000.0, "180d", 3));
    let mut child = case.command(&[]).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    interrupt(&child);
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(case.files(), ["s.json"], "a folder was left");
}
