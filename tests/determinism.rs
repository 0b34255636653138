//! The same scenario and seed give the same bytes, whatever runs them; through the program as a user runs it.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Mixes of the scenario, the last with settings of its own.
fn mixes() -> Vec<Value> {
    vec![
        json!({ "mix": "1 reserved + 2 spot + on-demand" }),
        json!({ "mix": "3 reserved" }),
        json!({ "mix": "on-demand", "name": "on-demand only" }),
        json!({ "mix": "2 reserved + 1 spot" }),
        json!({ "mix": "1 reserved + 0..2 on-demand" }),
        json!({ "mix": "1 reserved + 2 spot + on-demand", "name": "low maximum",
            "set": { "/pools/spot/max_price": "0.15 USD/h" } }),
    ]
}

/// Nine days of hourly counts and of prices that cross the maximum: enough to resample.
fn traces(folder: &Path) {
    let stamp = |hour: usize| format!("2016-03-{:02}T{:02}:00:00Z", 7 + hour / 24, hour % 24);
    let (mut demand, mut prices) = ("time,requests\n".to_string(), "time,usd_per_hour\n".to_string());
    for hour in 0..9 * 24 {
        let count = 900 + 100 * ((hour * 7) % 24) + 37 * ((hour * hour) % 11);
        demand += &format!("{},{count}\n", stamp(hour));
        let price = [0.10, 0.12, 0.18, 0.11, 0.45][(hour * hour + 3 * hour / 24) % 5];
        prices += &format!("{},{price}\n", stamp(hour));
    }
    fs::write(folder.join("demand.csv"), demand).unwrap();
    fs::write(folder.join("prices.csv"), prices).unwrap();
}

fn scenario(mixes: &[Value]) -> Value {
    let trace = |file: &str, value: &str, gaps: &str| {
        json!({
            "file": file, "gaps": gaps, "at_end": "error",
            "format": { "csv": { "time": "time", "value": value, "time_zone": "UTC" } },
            "place": { "trace_time": "2016-03-07T00:00:00Z", "at": "2016-03-07T00:00:00Z" }
        })
    };
    let uniform = |from: &str, to: &str| json!({ "uniform": { "min": from, "max": to } });
    json!({
        "format": 1, "name": "same-bytes",
        "clock": { "start": "2016-03-07T00:00:00Z", "horizon": "1d" },
        "run": { "seed": 5, "replications": 6, "warm_up": "10m",
            "between_replications": { "resample_blocks": { "block": "1d", "of": ["demand", "markets"] } } },
        "demand": { "rate_trace": { "trace": trace("demand.csv", "requests", "error"), "value_is": { "count_per": "1h" } } },
        "service": { "work": { "lognormal": { "mean": "1500ms", "cv": 1.5 } }, "queue_limit": 6, "timeout": "20s" },
        "objective": { "latency": "4s", "late_share": 0.05, "error_share": 0.01 },
        "instance_types": { "m": { "slots": 1, "drain_limit": "30s", "boot": {
            "stages": [{ "provisioning": uniform("5s", "20s") }, { "os": uniform("20s", "60s") }],
            "failure_probability": 0.1
        } } },
        "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "test", "types": { "m": {
            "on_demand": "0.3 USD/h",
            "reserved": { "r": { "term": "1y", "upfront": "100 USD", "hourly": "0.1 USD/h" } }
        } } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "bid-2015": {} } },
        "markets": { "a": {
            "instance_type": "m", "price": { "trace": trace("prices.csv", "usd_per_hour", "hold") }, "notice": "0s",
            "interruptions": { "hazard": { "monthly_share": 0.999_999, "shared": 0.5 } },
            "fulfilment": uniform("10s", "90s")
        } },
        "pools": {
            "reserved": { "instance_type": "m", "commitment": "r" },
            "spot": { "markets": ["a"] }, "on_demand": { "instance_type": "m" }
        },
        "scaling": {
            "min_total": 1, "max_total": 5, "metrics": { "period": "60s" },
            "alarms": {
                "hot": { "metric": { "cpu": "average" }, "above": 0.6, "datapoints_to_alarm": 2, "evaluation_periods": 3 },
                "cold": { "metric": { "cpu": "average" }, "below": 0.3, "datapoints_to_alarm": 5, "evaluation_periods": 5 }
            },
            "policies": {
                "out": { "step": { "alarm": "hot", "warm_up": "1m", "steps": [{ "from": 0, "change": 1 }] } },
                "in": { "simple": { "alarm": "cold", "change": -1, "cooldown": "5m" } }
            }
        },
        "mixes": mixes, "baseline": mixes[0].get("name").unwrap_or(&mixes[0]["mix"])
    })
}

/// A folder with the scenario.
struct Study {
    folder: tempfile::TempDir,
}

impl Study {
    fn new(tree: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        traces(folder.path());
        fs::write(folder.path().join("scenario.json"), serde_json::to_string_pretty(tree).unwrap()).unwrap();
        Self { folder }
    }

    /// Runs `compare` and returns the folder of the report.
    fn compare(&self, output: &str, arguments: &[&str]) -> PathBuf {
        let folder = self.folder.path().join(output);
        let outcome = Command::new(env!("CARGO_BIN_EXE_fleetmix"))
            .current_dir(self.folder.path())
            .args(["compare", "scenario.json", "--quiet", "--output", output])
            .args(arguments)
            .output()
            .unwrap();
        assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
        folder
    }
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

fn results(folder: &Path) -> Value {
    serde_json::from_str(&read(folder, "results.json")).unwrap()
}

/// Texts that would be as long as two reports must not be printed when they differ.
fn same(a: &str, b: &str, what: &str) {
    if a != b {
        let line = a.lines().zip(b.lines()).position(|(a, b)| a != b);
        panic!("{what} differs, first in line {:?}", line.map(|line| line + 1));
    }
}

const FILES: [&str; 4] = ["results.json", "mixes.csv", "timeline.csv", "report.html"];

#[test]
fn threads_and_a_second_run_change_no_byte() {
    let study = Study::new(&scenario(&mixes()));
    let one = study.compare("one", &["--threads", "1"]);
    let two = study.compare("two", &["--threads", "2"]);
    let again = study.compare("again", &["--threads", "2"]);
    for file in FILES {
        same(&read(&one, file), &read(&two, file), &format!("{file} with another number of threads"));
        same(&read(&two, file), &read(&again, file), &format!("{file} of a second run"));
    }
    let other = study.compare("other", &["--seed", "6"]);
    assert!(read(&one, "results.json") != read(&other, "results.json"), "another seed gives the same results");
    // The study is not trivial: requests are lost, late and rejected, instances interrupted.
    let record = results(&one);
    let mean = |part: &str, name: &str| -> f64 {
        record["mixes"].as_array().unwrap().iter().map(|mix| mix[part][name]["mean"].as_f64().unwrap()).sum()
    };
    for (part, name) in [
        ("requests", "rejected"),
        ("requests", "lost"),
        ("instances", "interruptions"),
        ("instances", "scale_outs"),
        ("instances", "scale_ins"),
        ("instances", "launch_failures"),
    ] {
        assert!(mean(part, name) > 0.0, "{part} {name} never happens");
    }
}

#[test]
fn the_order_of_mixes_changes_no_byte() {
    let tree = scenario(&mixes());
    let mut turned = tree.clone();
    turned["mixes"].as_array_mut().unwrap().reverse();
    turned["mixes"].as_array_mut().unwrap().swap(0, 2);
    let (one, other) = (Study::new(&tree).compare_all(), Study::new(&turned).compare_all());
    for (file, (a, b)) in FILES.iter().zip(one.iter().zip(&other)) {
        same(a, b, &format!("{file} with the mixes in another order"));
    }
}

impl Study {
    /// All files of a report, as texts.
    fn compare_all(&self) -> Vec<String> {
        let folder = self.compare("out", &[]);
        FILES.iter().map(|file| read(&folder, file)).collect()
    }
}

#[test]
fn a_mix_alone_has_the_record_that_it_has_among_others() {
    let study = Study::new(&scenario(&mixes()));
    let all = results(&study.compare("all", &[]));
    for (index, mix) in mixes().iter().enumerate() {
        let name = mix.get("name").unwrap_or(&mix["mix"]).as_str().unwrap();
        let alone = results(&study.compare(&format!("alone-{index}"), &["--mix", name]));
        let [record] = alone["mixes"].as_array().unwrap().as_slice() else { panic!("one mix was asked for") };
        let among = all["mixes"].as_array().unwrap().iter().find(|record| record["name"] == name).unwrap();
        same(
            &serde_json::to_string_pretty(record).unwrap(),
            &serde_json::to_string_pretty(among).unwrap(),
            &format!("the record of {name}"),
        );
    }
}

#[test]
fn results_name_no_machine_and_no_moment() {
    let study = Study::new(&scenario(&mixes()[..2]));
    let report = study.compare("out", &["--threads", "2"]);
    let today = jiff::Timestamp::now().to_string()[..10].to_string();
    let mut forbidden = vec![
        study.folder.path().to_string_lossy().into_owned(),
        std::env::temp_dir().to_string_lossy().into_owned() + "/",
        env!("CARGO_MANIFEST_DIR").to_string(),
        today,
        "thread".to_string(),
        "elapsed".to_string(),
    ];
    let host = fs::read_to_string("/etc/hostname").unwrap_or_default().trim().to_string();
    forbidden.extend((host.len() > 5).then_some(host));
    for file in FILES {
        let text = read(&report, file);
        for word in &forbidden {
            // The page's own style and words may say `thread`; data may not.
            let own_word = file == "report.html" && !word.contains('/') && !word.contains('-');
            assert!(own_word || !text.contains(word.as_str()), "{file} holds {word:?}");
        }
    }
}
