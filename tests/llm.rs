//! Real requests to a language model, with sizes in tokens, on the instances of the shipped scenario.

mod support;

use assert_cmd::Command;
use fleetmix::input::{Document, LoadOptions, LoadedScenario, load_document, read_profile};
use fleetmix::results::Results;
use fleetmix::study::run;
use fleetmix::trace::{
    Profile, RequestProfile, RequestSize, RequestStatistics, fit_requests, generate_requests, request_statistics,
};
use fleetmix::units::Duration;
use serde_json::{Value, json};
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
        let trace = data.join(format!("demand/azure_llm_2023/AzureLLMInferenceTrace_{name}.csv"));
        let shipped = home().join(format!("profiles/{name}.json"));
        let again = folder.path().join("again.json");
        let mut command = Command::cargo_bin("fleetmix").unwrap();
        command.args(["trace", "fit", "requests", "--time", "TIMESTAMP", "--size", "ContextTokens"]);
        command.args(["--size", "GeneratedTokens", "--source", &profile(&format!("{name}.json")).source, "-o"]);
        command.arg(&again).arg(trace).assert().success();
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
    let of = |name: &str| results.mixes.iter().find(|mix| mix.name == name).unwrap_or_else(|| panic!("{name}"));
    let (safe, alarms) = (of("on-demand only"), of("spot, alarms alone"));
    let spare = of("two spot more than needed, on-demand for what is missing");
    assert!(alarms.cost.total.mean < safe.cost.total.mean && spare.cost.total.mean < safe.cost.total.mean);
    assert!(spare.late_share.mean + spare.error_share.mean <= alarms.late_share.mean + alarms.error_share.mean);
    assert!(alarms.cost.total.ci95.is_some_and(|[low, high]| high > low), "replications differ");
}

fn load(tree: &Value) -> LoadedScenario {
    let document = Document::parse("llm", &tree.to_string()).unwrap_or_else(|error| panic!("{error}"));
    load_document(&document, Path::new("."), &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// An hour of the conversation service in which spot is lost after twenty minutes and back after forty.
fn an_hour(data: &Path) -> Results {
    let mut tree = shipped();
    tree["clock"] = json!({ "start": "2023-11-16T18:15:46Z", "horizon": "58m" });
    tree["run"] = json!({ "seed": 1, "replications": 2, "warm_up": "10m" });
    tree["demand"] = json!({ "arrival_trace": {
        "trace": {
            "file": data.join("demand/azure_llm_2023/AzureLLMInferenceTrace_conv.csv"),
            "format": { "csv": { "time": "TIMESTAMP", "time_zone": "UTC" } },
            "gaps": "zero", "at_end": "error"
        },
        "sizes": { "from_columns": { "ContextTokens": "0.2ms", "GeneratedTokens": "25ms" } },
        "covers": { "from": "2023-11-16T18:15:46Z", "to": "2023-11-16T19:14:09Z" }
    } });
    let steps = json!({ "steps": [
        { "from": "0s", "instances": 4 }, { "from": "20m", "instances": 0 }, { "from": "40m", "instances": 4 }
    ] });
    for zone in ["zone-a", "zone-b"] {
        tree["markets"][zone]["capacity"] = steps.clone();
    }
    let input = load(&tree);
    let fleetmix::trace::DemandSeries::Arrivals(series) = &*input.demand else { panic!("recorded requests") };
    let works = series.works.as_ref().expect("sizes");
    let mean = works.iter().sum::<f64>() / works.len() as f64;
    assert!(works.len() == 19_366 && (mean - 5.509).abs() < 1e-3, "{} requests of {mean} s", works.len());
    // The first: 374 tokens in, 44 out.
    assert!((works[0] - (374.0 * 0.0002 + 44.0 * 0.025)).abs() < 1e-12);
    run(&input, false, &()).unwrap_or_else(|error| panic!("{error}")).results
}

#[test]
fn four_policies_on_real_requests_cost_and_wait_as_they_should() {
    let Some(data) = support::real_data() else { return };
    let results = an_hour(&data);
    let of = |name: &str| results.mixes.iter().find(|mix| mix.name == name).unwrap_or_else(|| panic!("{name}"));
    for mix in &results.mixes {
        println!(
            "{}: {:.2}, p99 {:.1} s, late {:.4}",
            mix.name, mix.cost.total.mean, mix.latency_seconds.p99.mean, mix.late_share.mean
        );
    }
    let (safe, alarms) = (of("on-demand only"), of("spot, alarms alone"));
    let notice = of("spot, on-demand at the notice");
    assert!(notice.cost.total.mean < safe.cost.total.mean);
    // Who asks for on-demand at the notice has it when spot is gone; alarms see it minutes later.
    assert!(notice.late_share.mean <= alarms.late_share.mean);
    assert!(results.mixes.iter().all(|mix| mix.requests.offered.mean > 19_000.0));
}
