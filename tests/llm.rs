//! Real requests to a language model, with sizes in tokens, on the instances of the shipped scenario.

mod support;

use assert_cmd::Command;
use fleetmix::input::{Document, LoadOptions, LoadedScenario, load_document, read_profile};
use fleetmix::results::{MixRecord, Results};
use fleetmix::study::run;
use fleetmix::trace::{
    Profile, RequestProfile, RequestSize, RequestStatistics, fit_requests, generate_requests, request_statistics,
};
use fleetmix::units::Duration;
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/llm-spot")
}

fn shipped() -> Value {
    Document::read(&home().join("scenario.json")).expect("the scenario").tree
}

fn profile(name: &str) -> RequestProfile {
    let file = read_profile(&home().join("profiles").join(name)).unwrap_or_else(|error| panic!("{error}"));
    let Profile::Requests(profile) = file.profile else { panic!("a profile of requests") };
    *profile
}

fn close(name: &str, found: f64, wanted: f64, tolerance: f64) {
    println!("{name}: {found:.4} against {wanted:.4}");
    assert!((found / wanted - 1.0).abs() <= tolerance, "{name}: {found} against {wanted}");
}

/// Means of figures over ten generated traces of two hours (seeds 101 to 110, fixed before looking).
fn generated(profile: &RequestProfile) -> RequestStatistics {
    let all: Vec<RequestStatistics> = (101..=110)
        .map(|seed| {
            request_statistics(&generate_requests(std::slice::from_ref(profile), Duration::from_secs(7200), seed))
        })
        .collect();
    let mean = |value: &dyn Fn(&RequestStatistics) -> f64| all.iter().map(value).sum::<f64>() / all.len() as f64;
    let names = profile.measured.mean_sizes.keys();
    RequestStatistics {
        per_second: mean(&|of| of.per_second),
        dispersion_1s: mean(&|of| of.dispersion_1s),
        dispersion_10s: mean(&|of| of.dispersion_10s),
        dispersion_60s: mean(&|of| of.dispersion_60s),
        silent_seconds: mean(&|of| of.silent_seconds),
        mean_sizes: names.map(|name| (name.clone(), mean(&|of| of.mean_sizes[name]))).collect(),
    }
}

/// The stated tolerances of the model of requests.
#[test]
fn generated_requests_have_the_measured_figures() {
    for name in ["conv.json", "code.json"] {
        let profile = profile(name);
        let (found, wanted) = (generated(&profile), &profile.measured);
        close("per_second", found.per_second, wanted.per_second, 0.06);
        close("dispersion_1s", found.dispersion_1s, wanted.dispersion_1s, 0.25);
        close("dispersion_10s", found.dispersion_10s, wanted.dispersion_10s, 0.30);
        // An hour has few minutes, and its slow moves are more than chance: those of the conversations are too calm.
        close("dispersion_60s", found.dispersion_60s, wanted.dispersion_60s, 0.55);
        println!("silent_seconds: {:.4} against {:.4}", found.silent_seconds, wanted.silent_seconds);
        assert!((found.silent_seconds - wanted.silent_seconds).abs() < 0.08, "{found:?}");
        for (size, mean) in &wanted.mean_sizes {
            close(size, found.mean_sizes[size], *mean, 0.05);
        }
    }
}

/// What is fitted to generated requests is what they were generated from.
#[test]
fn the_fit_finds_what_was_generated() {
    let profile = profile("conv.json");
    let requests = generate_requests(std::slice::from_ref(&profile), Duration::from_secs(8 * 3600), 7);
    let found = fit_requests(&requests, "generated").unwrap_or_else(|error| panic!("{error}"));
    close("mean gap", found.gaps.mean_seconds, profile.gaps.mean_seconds, 0.05);
    assert!((found.gaps.slow_share - profile.gaps.slow_share).abs() < 0.02, "{:?}", found.gaps);
    for (found, wanted) in found.sizes.iter().zip(&profile.sizes) {
        assert!((found.with_first - wanted.with_first).abs() < 0.02, "{} {}", found.with_first, wanted.with_first);
        let middle = |size: &RequestSize| size.quantiles.0.iter().find(|(share, _)| *share == 0.5).unwrap().1;
        close(&found.name, middle(found), middle(wanted), 0.05);
    }
}

/// The shipped profiles are the fits of the real requests.
#[test]
fn the_profiles_are_fits_of_the_real_requests() {
    let Some(data) = support::real_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["conv", "code"] {
        let shipped = home().join(format!("profiles/{name}.json"));
        let again = folder.path().join("again.json");
        let mut command = Command::cargo_bin("fleetmix").unwrap();
        command.args(["trace", "fit", "requests", "--time", "TIMESTAMP", "--size", "ContextTokens"]);
        command.args(["--size", "GeneratedTokens", "--source", &profile(&format!("{name}.json")).source, "-o"]);
        command.arg(&again).arg(recorded(&data, name)).assert().success();
        let [again, shipped] = [again, shipped].map(|path| std::fs::read_to_string(path).unwrap());
        assert!(again == shipped, "{name} differs");
    }
}

/// The shipped scenario: spot saves, and who asks for on-demand at the notice or has spot to spare waits less than who waits for alarms.
#[test]
fn four_policies_on_generated_requests_cost_and_wait_as_they_should() {
    let options = LoadOptions::default();
    let input =
        fleetmix::input::load(&home().join("scenario.json"), &options).unwrap_or_else(|error| panic!("{error}"));
    let results = run(&input, false, &()).unwrap_or_else(|error| panic!("{error}")).results;
    let (safe, alarms) = (of(&results, "on-demand only"), of(&results, "spot, alarms alone"));
    let spare = of(&results, "two spot more than needed, on-demand for what is missing");
    assert!(alarms.cost.total.mean < safe.cost.total.mean && spare.cost.total.mean < safe.cost.total.mean);
    assert!(spare.late_share.mean + spare.error_share.mean <= alarms.late_share.mean + alarms.error_share.mean);
    assert!(alarms.cost.total.ci95.is_some_and(|[low, high]| high > low), "replications differ");
}

fn load(tree: &Value) -> LoadedScenario {
    let document = Document::parse("llm", &tree.to_string()).unwrap_or_else(|error| panic!("{error}"));
    load_document(&document, Path::new("."), &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// An hour of real requests of one service.
struct RealHour {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    horizon: &'static str,
    requests: usize,
    mean_work: f64,
    /// Tokens of the first request, in and out.
    first: [f64; 2],
}

const CONVERSATIONS: RealHour = RealHour {
    name: "conv",
    from: "2023-11-16T18:15:46Z",
    to: "2023-11-16T19:14:09Z",
    horizon: "58m",
    requests: 19_366,
    mean_work: 5.509,
    first: [374.0, 44.0],
};

const CODE: RealHour = RealHour {
    name: "code",
    from: "2023-11-16T18:17:03Z",
    to: "2023-11-16T19:14:20Z",
    horizon: "57m",
    requests: 8_819,
    mean_work: 1.107,
    first: [4808.0, 10.0],
};

fn recorded(data: &Path, name: &str) -> PathBuf {
    data.join(format!("demand/azure_llm_2023/AzureLLMInferenceTrace_{name}.csv"))
}

impl RealHour {
    /// The shipped scenario with these requests.
    fn scenario(&self, data: &Path) -> Value {
        let mut tree = shipped();
        tree["clock"] = json!({ "start": self.from, "horizon": self.horizon });
        let demand = &mut tree["demand"]["arrival_trace"];
        demand["trace"]["file"] = json!(recorded(data, self.name));
        demand["trace"]["format"]["csv"]["time"] = json!("TIMESTAMP");
        demand["covers"] = json!({ "from": self.from, "to": self.to });
        tree
    }

    fn run(&self, tree: &Value) -> Results {
        let input = load(tree);
        let fleetmix::trace::DemandSeries::Arrivals(series) = &*input.demand else { panic!("recorded requests") };
        let works = series.works.as_ref().expect("sizes");
        let mean = works.iter().sum::<f64>() / works.len() as f64;
        assert_eq!(works.len(), self.requests);
        assert!((mean - self.mean_work).abs() < 1e-3, "requests of {mean} s");
        assert!((works[0] - (self.first[0] * 0.0002 + self.first[1] * 0.025)).abs() < 1e-12, "{}", works[0]);
        let results = run(&input, false, &()).unwrap_or_else(|error| panic!("{error}")).results;
        for mix in &results.mixes {
            let (cost, p99) = (mix.cost.total.mean, mix.latency_seconds.p99.mean);
            let [late, failed] = [&mix.late_share, &mix.error_share].map(|share| share.mean * 100.0);
            println!("{} | {} | ${cost:.2} | {p99:.1} s | {late:.2} % | {failed:.2} %", self.name, mix.name);
        }
        results
    }
}

fn of<'a>(results: &'a Results, name: &str) -> &'a MixRecord {
    results.mixes.iter().find(|mix| mix.name == name).unwrap_or_else(|| panic!("{name}"))
}

/// An hour of conversations in which all spot is lost after twenty minutes and back after forty.
#[test]
fn losing_all_spot_is_told_by_the_notice_before_the_alarms() {
    let Some(data) = support::real_data() else { return };
    let mut tree = CONVERSATIONS.scenario(&data);
    tree["run"] = json!({ "seed": 1, "replications": 2, "warm_up": "10m" });
    let steps = json!({ "steps": [
        { "from": "0s", "instances": 4 }, { "from": "20m", "instances": 0 }, { "from": "40m", "instances": 4 }
    ] });
    for zone in ["zone-a", "zone-b"] {
        tree["markets"][zone]["capacity"] = steps.clone();
    }
    let results = CONVERSATIONS.run(&tree);
    let [safe, alarms, notice] =
        ["on-demand only", "spot, alarms alone", "spot, on-demand at the notice"].map(|name| of(&results, name));
    assert!(notice.cost.total.mean < safe.cost.total.mean);
    // Who asks for on-demand at the notice has it when spot is gone; alarms see it minutes later.
    assert!(notice.late_share.mean < alarms.late_share.mean && notice.error_share.mean < alarms.error_share.mean);
}

/// Four policies on the real requests of both services, with spot as in the shipped scenario; docs/measured.md has what is printed.
#[test]
fn four_policies_on_real_requests_cost_and_wait_as_they_should() {
    let Some(data) = support::real_data() else { return };
    let zones = tempfile::tempdir().expect("a folder");
    for (zone, seed) in [("zone-a", "3"), ("zone-b", "4")] {
        let profile = home().join(format!("../batch-deadlines/profiles/{zone}.json"));
        let mut command = Command::cargo_bin("fleetmix").unwrap();
        command.args(["trace", "generate", "capacity", "--start", "2023-11-16T00:00:00Z", "--duration", "183d"]);
        command.args(["--seed", seed, "--profile"]).arg(profile).arg("-o");
        command.arg(zones.path().join(format!("{zone}.csv"))).assert().success();
    }
    for hour in [CONVERSATIONS, CODE] {
        let mut tree = hour.scenario(&data);
        for zone in ["zone-a", "zone-b"] {
            tree["markets"][zone]["capacity"]["trace"]["file"] = json!(zones.path().join(format!("{zone}.csv")));
        }
        if hour.name == CODE.name {
            // A service a tenth as large.
            for mix in tree["mixes"].as_array_mut().expect("mixes") {
                let notation =
                    mix["mix"].as_str().expect("a mix").replace("5 spot", "2 spot").replace("4 spot", "1 spot");
                mix["mix"] = json!(notation.replace("2..10", "1..10"));
            }
        }
        let results = hour.run(&tree);
        assert!(results.mixes.iter().all(|mix| mix.requests.offered.mean > 0.7 * hour.requests as f64));
        let [safe, alarms, spare] =
            ["on-demand only", "spot, alarms alone", "two spot more than needed, on-demand for what is missing"]
                .map(|name| of(&results, name));
        assert!(alarms.cost.total.mean < safe.cost.total.mean && spare.cost.total.mean < safe.cost.total.mean);
        let bad = |mix: &MixRecord| mix.late_share.mean + mix.error_share.mean;
        assert!(bad(safe) < bad(spare) && bad(spare) < bad(alarms));
    }
}

/// Rows of a trace of requests: seconds since the first, and tokens in and out.
fn rows(path: &Path) -> Vec<(f64, [u64; 2])> {
    let mut bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if path.extension().is_some_and(|end| end == "gz") {
        let mut text = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).expect("a packed file");
        bytes = text;
    }
    let text = String::from_utf8(bytes).expect("text");
    text.lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let minutes_and_seconds = fields[0].trim_end_matches('Z').rsplit_once(['T', ' ']).expect("a time").1;
            let seconds =
                minutes_and_seconds.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap());
            (seconds, [fields[1], fields[2]].map(|field| field.trim().parse().expect("tokens")))
        })
        .collect()
}

/// How many neighbours of a trace have the tokens of two recorded neighbours and the same gap to the millisecond.
fn neighbours_as_recorded(shipped: &[(f64, [u64; 2])], recorded: &[(f64, [u64; 2])]) -> usize {
    let pair = |pair: &[(f64, [u64; 2])]| (((pair[1].0 - pair[0].0) * 1000.0).round() as i64, pair[0].1, pair[1].1);
    let known: std::collections::HashSet<_> = recorded.windows(2).map(pair).collect();
    shipped.windows(2).filter(|&neighbours| known.contains(&pair(neighbours))).count()
}

#[test]
fn the_shipped_requests_are_not_recorded_ones() {
    let Some(data) = support::real_data() else { return };
    let shipped = rows(&home().join("traces/requests.csv.gz"));
    for name in ["conv", "code"] {
        let recorded = rows(&recorded(&data, name));
        assert_eq!(neighbours_as_recorded(&shipped, &recorded), 0, "{name}");
        // A copied stretch would be found.
        assert_eq!(neighbours_as_recorded(&recorded[500..600], &recorded), 99, "{name}");
        // A profile has far fewer figures than there are rows: quantiles, not requests.
        let profile = profile(&format!("{name}.json"));
        let figures =
            profile.gaps.quantiles.0.len() + profile.sizes.iter().map(|size| size.quantiles.0.len()).sum::<usize>();
        assert!(figures < 100, "{figures} figures of {} rows", recorded.len());
    }
}

#[test]
fn what_the_scenario_ships_is_small() {
    let bytes: u64 = ["profiles", "traces"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(home().join(folder)).expect("a folder"))
        .map(|entry| entry.expect("a file").metadata().expect("its length").len())
        .sum();
    assert!(bytes < 700_000, "{bytes} bytes");
}
