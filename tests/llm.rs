//! Real requests to a language model, with sizes in tokens, on the instances of the shipped scenario.

mod support;

use fleetmix::input::{Document, LoadOptions, LoadedScenario, load_document};
use fleetmix::results::Results;
use fleetmix::study::run;
use serde_json::{Value, json};
use std::path::Path;

fn shipped() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/llm-spot/scenario.json");
    Document::read(&path).expect("the scenario").tree
}

fn load(tree: &Value) -> LoadedScenario {
    let document = Document::parse("llm", &tree.to_string()).unwrap_or_else(|error| panic!("{error}"));
    load_document(&document, Path::new("."), &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// An hour of the conversation service in which spot is lost after twenty minutes and back after forty.
fn an_hour(data: &Path) -> Results {
    let mut tree = shipped();
    tree["clock"] = json!({ "start": "2023-11-16T18:15:46Z", "horizon": "58m" });
    tree["run"] = json!({ "seed": 1, "replications": 2 });
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
