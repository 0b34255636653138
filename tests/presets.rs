//! The shipped scenarios beside `web-3-5-7`: the rules of other clouds show in the money, a patch wave in what it does.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

/// Results of a shipped scenario with settings.
fn results(name: &str, settings: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name).join("scenario.json");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("compare").arg(scenario).args(["--format", "json", "--replications", "1", "--quiet", "-o"]);
    command.arg(folder.path());
    for setting in settings {
        command.args(["--set", setting]);
    }
    serde_json::from_slice(&command.assert().success().get_output().stdout).expect("JSON")
}

fn mix<'a>(results: &'a Value, name: &str) -> &'a Value {
    let mixes = results["mixes"].as_array().expect("mixes");
    mixes.iter().find(|mix| mix["name"] == name).unwrap_or_else(|| panic!("{name}"))
}

fn cost(mix: &Value, part: &str) -> f64 {
    mix["cost"][part]["mean"].as_f64().expect("a figure")
}

#[test]
fn sustained_use_makes_a_whole_month_cheaper_and_none_of_it_is_given_to_commitments() {
    let with = results("gcp-like", &[]);
    let without = results("gcp-like", &["/billing/sustained_use=null"]);
    let [with, without] = [&with, &without].map(|results| mix(results, "on-demand"));
    let saved = 1.0 - cost(with, "on_demand") / cost(without, "on_demand");
    // Instances that run all month save 30/31 of a July's discount: close to 29 %; those of the peak less.
    assert!((0.15..0.30).contains(&saved), "{saved}");
    assert_eq!(with["instances"], without["instances"], "money changes nothing that happens");
}

#[test]
fn plans_are_spent_after_reservations_and_upfront_is_cash_at_once() {
    let results = results("azure-like", &[]);
    let [hourly, upfront] = ["2 reserved + on-demand", "paid upfront"].map(|name| mix(&results, name));
    // 30 days of 2 × 0.12, of 0.10 for the plan; the same price, paid at once.
    assert!((cost(hourly, "reserved") - 172.8).abs() < 1e-6 && (cost(hourly, "savings_plan") - 72.0).abs() < 1e-6);
    assert!((cost(upfront, "reserved") - 172.8).abs() < 1e-6);
    assert!((cost(upfront, "cash") - cost(upfront, "total") - (2.0 * 1051.2 - 172.8)).abs() < 1e-6);
    assert_eq!(cost(hourly, "cash"), cost(hourly, "total"));
    let commitments = upfront["commitments"].as_array().expect("commitments");
    let reserved = commitments.iter().find(|one| one["payment"] == "all_upfront").expect("the reservation");
    assert_eq!((reserved["count"].as_u64(), reserved["net_present_value"].as_f64()), (Some(2), Some(1051.2)));
    // 0.12 of 0.20 an hour; paid back after 1051.2 / (0.20 × 730).
    let near = |field: &str, value: f64| (reserved[field].as_f64().expect("a figure") - value).abs() < 1e-6;
    assert!(near("break_even_utilization", 0.6) && near("break_even_months", 7.2), "{reserved}");
    // Upfront and by the hour cost the same in sum, so paying early earns nothing.
    assert!(near("return_on_upfront", 0.0), "{reserved}");
}

/// What the scenario `patch-wave` is shipped to show.
#[test]
fn a_patch_wave_breaks_the_objective_without_capacity_to_spare_and_a_surge_costs_cents() {
    let results = results("patch-wave", &["/clock/horizon=2h"]);
    let figure = |name: &str, field: &str| {
        let value = &mix(&results, name)["patch_wave"][field];
        value.as_f64().or(value["mean"].as_f64()).unwrap_or_else(|| panic!("{name}: {field}"))
    };
    for image in ["baked image", "bootstrap"] {
        let [five, six, surge] =
            ["5 servers, ", "6 servers, ", "5 servers and a surge of one, "].map(|name| format!("{name}{image}"));
        assert!(figure(&five, "late_beyond_objective") > 0.2 && figure(&five, "fewest_in_service") == 4.0);
        assert!(figure(&six, "late_beyond_objective") == 0.0 && figure(&surge, "late_beyond_objective") == 0.0);
        assert_eq!((figure(&six, "extra_cost"), figure(&surge, "fewest_in_service")), (0.0, 5.0));
        assert!((0.0..0.1).contains(&figure(&surge, "extra_cost")) && figure(&surge, "extra_cost") > 0.0);
        let words = results["warnings"].as_array().expect("warnings").iter().filter_map(Value::as_str);
        let broken = words.filter(|words| words.contains("would break the objective")).collect::<Vec<_>>();
        assert!(broken.iter().any(|words| words.starts_with(&five)), "{broken:?}");
        assert!(!broken.iter().any(|words| words.starts_with(&six) || words.starts_with(&surge)), "{broken:?}");
    }
    // An image has to be built first, a configuration run takes longer on each server.
    let exposed = |image: &str| figure(&format!("6 servers, {image}"), "exposure_seconds");
    assert!(exposed("baked image") > 900.0 && exposed("bootstrap") > 900.0);
}
