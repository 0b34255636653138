//! Scenarios that are right: what comes out of [`load`].

use super::{Document, LoadOptions, LoadedScenario, load, load_document};
use crate::trace::AfterEnd;
use crate::units::SimTime;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base")
}

fn loaded(options: &LoadOptions) -> LoadedScenario {
    load(&folder().join("scenario.json"), options).unwrap()
}

fn with_mixes(mixes: &[&str]) -> LoadOptions {
    LoadOptions { mixes: mixes.iter().map(|mix| mix.to_string()).collect(), ..LoadOptions::default() }
}

#[test]
fn a_scenario_is_loaded_with_its_traces() {
    let input = loaded(&LoadOptions::default());
    assert_eq!(
        (input.demand.rates().unwrap().per_second.len(), input.demand.rates().unwrap().after_end),
        (168, AfterEnd::Undefined)
    );
    let sources: Vec<_> = input.sources.iter().map(|s| (s.role.as_str(), s.file.as_str(), s.rows)).collect();
    assert_eq!(sources, [("demand", "traces/demand.csv", 168), ("market use1b", "traces/spot-price.csv", 15)]);
    assert!(input.notes.is_empty() && input.sources.iter().all(|source| source.sha256.len() == 64));
    let names: Vec<_> = input.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    assert_eq!((names.len(), names[6], names[7]), (8, "on-demand only", "3+2, all upfront, low bid"));
    let (first, last) = (&input.candidates[0], &input.candidates[7]);
    assert!(Arc::ptr_eq(&first.markets["use1b"], &last.markets["use1b"]), "a trace is read once");
    assert_eq!(first.markets["use1b"].at(SimTime::from_secs(60 * 3600)).to_string(), "1.25");
}

#[test]
fn a_mix_has_its_own_settings() {
    let input = loaded(&LoadOptions::default());
    let max_price = |index: usize| {
        let pool = input.candidates[index].scenario.pools.spot.as_ref().unwrap();
        pool.max_price.unwrap().to_string()
    };
    assert_eq!((max_price(0), max_price(7)), ("0.958 USD/h".into(), "0.5 USD/h".into()));
    assert_eq!(input.candidates[7].set.len(), 2);
    assert_eq!(
        input.candidates[7].scenario.pools.reserved.as_ref().unwrap().commitment.as_deref(),
        Some("1y-all-upfront")
    );
}

#[test]
fn mixes_that_are_asked_for_replace_the_scenarios() {
    let input = loaded(&with_mixes(&["4 reserved", "on-demand", "3+2, all upfront, low bid"]));
    let names: Vec<_> = input.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    assert_eq!(names, ["4 reserved", "on-demand only", "3+2, all upfront, low bid"]);
    assert_eq!(input.scenario.baseline.as_deref(), Some("on-demand only"));
    assert_eq!(input.scenario.mixes.len(), 3);
    assert_eq!(loaded(&with_mixes(&["4 reserved"])).scenario.baseline, None);
    let twice = load(&folder().join("scenario.json"), &with_mixes(&["4 reserved", "4 reserved"])).unwrap_err();
    assert!(twice.to_string().contains("mix 0 is named `4 reserved` too"), "{twice}");
}

#[test]
fn the_callers_settings_win_and_reach_every_mix() {
    let options = LoadOptions {
        set: vec![("/scaling/max_total".into(), json!(9)), ("/run/seed".into(), json!(5))],
        seed: Some(7),
        replications: Some(3),
        ..LoadOptions::default()
    };
    let input = loaded(&options);
    assert_eq!((input.scenario.run.seed, input.scenario.run.replications), (7, 3));
    assert!(input.candidates.iter().all(|c| c.scenario.scaling.max_total == 9 && c.scenario.run.seed == 7));
}

#[test]
fn placements_are_noted() {
    let place = json!({ "trace_time": "2016-03-08T00:00:00Z", "at": "2016-03-07T00:00:00Z" });
    let options = LoadOptions {
        set: vec![
            ("/demand/rate_trace/trace/place".into(), place),
            ("/demand/rate_trace/trace/at_end".into(), json!("repeat")),
        ],
        ..LoadOptions::default()
    };
    let input = loaded(&options);
    assert_eq!(input.demand.start(), SimTime::from_secs(-86_400));
    let note = "demand: 2016-03-08T00:00:00Z of the trace traces/demand.csv happens at 2016-03-07T00:00:00Z";
    assert_eq!(input.notes, [note]);
}

#[test]
fn a_price_list_in_a_file_is_read_and_checked() {
    let temporary = tempfile::tempdir().unwrap();
    let header = "list_date,instance_type,region,os,on_demand,std_1y_noUpfront";
    let list = format!("{header}\n2016-04-18,m4.4xlarge,us-east-1,linux,0.958,0.658\n");
    std::fs::write(temporary.path().join("list.csv"), list).unwrap();
    let mut document = Document::read(&folder().join("scenario.json")).unwrap();
    document.tree["prices"] = json!({ "list": {
        "file": temporary.path().join("list.csv"), "currency": "USD", "source": "test",
        "format": { "effective_csv": { "region": "us-east-1", "os": "linux" } }
    } });
    let options = with_mixes(&["3 reserved + 2 spot + on-demand"]);
    let input = load_document(&document, &folder(), &options).unwrap();
    assert_eq!(input.candidates[0].prices.types["m4.4xlarge"].on_demand.to_string(), "0.958 USD/h");
    assert_eq!(input.sources[0].role, "prices");
    document.tree["pools"]["reserved"]["commitment"] = json!("3y-all-upfront");
    let error = load_document(&document, &folder(), &options).unwrap_err().to_string();
    assert!(error.contains("unknown reserved offer of m4.4xlarge `3y-all-upfront`"), "{error}");
}
