//! Bills: `fleetmix reconcile` and `fleetmix commit --usage`, on the charges that a simulation writes.

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const MIX: &str = "3 reserved + 2 spot + on-demand";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fleetmix() -> Command {
    Command::cargo_bin("fleetmix").expect("the binary")
}

/// Two days of one replication of the shipped scenario.
fn settings(command: &mut Command) {
    command.args(["--replications", "1", "--quiet", "--set", "/clock/horizon=2d"]);
}

static REPORT: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bills");
    let mut command = fleetmix();
    command.arg("compare").arg(root().join("scenarios/web-3-5-7/scenario.json")).args(["--mix", MIX, "-o"]);
    settings(command.arg(&folder));
    command.assert().success();
    folder
});

type Row = BTreeMap<String, String>;

/// The charges as they were written.
fn charges() -> Vec<Row> {
    let mut reader = csv::Reader::from_path(REPORT.join("charges.csv")).expect("charges.csv");
    let header = reader.headers().expect("a header").clone();
    let row = |row: csv::StringRecord| header.iter().map(String::from).zip(row.iter().map(String::from)).collect();
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

/// Writes rows as a bill.
fn bill(folder: &Path, rows: &[Row]) -> PathBuf {
    let file = folder.join("bill.csv");
    let mut writer = csv::Writer::from_path(&file).expect("a file");
    writer.write_record(rows[0].keys()).expect("a header");
    rows.iter().for_each(|row| writer.write_record(row.values()).expect("a row"));
    writer.flush().expect("a file");
    file
}

/// The simulation against a bill of these rows.
fn against(rows: &[Row]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let output = fleetmix()
        .arg("reconcile")
        .arg(REPORT.as_path())
        .arg(bill(folder.path(), rows))
        .args(["--format", "json"])
        .assert()
        .success();
    serde_json::from_slice(&output.get_output().stdout).expect("JSON")
}

fn figure(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer} in {value:#}"))
}

const PARTS: [&str; 5] = ["hours", "coverage", "price", "unused_commitment", "other"];

/// The parts of the difference, which add up to it.
fn parts(found: &Value) -> [f64; 5] {
    let parts = PARTS.map(|part| figure(found, &format!("/total/difference/{part}")));
    let cost = figure(found, "/total/difference/cost");
    let sides = figure(found, "/total/billed/cost") - figure(found, "/total/simulated/cost");
    assert!((parts.iter().sum::<f64>() - cost).abs() < 1e-6 && (cost - sides).abs() < 1e-6, "{found:#}");
    let of_days: f64 =
        found["by_day"].as_array().expect("days").iter().map(|day| figure(day, "/difference/cost")).sum();
    assert!((of_days - cost).abs() < 1e-6, "{found:#}");
    parts
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is {:?}", row[column]))
}

fn is_on_demand(row: &Row) -> bool {
    row["ChargeDescription"].starts_with("On-demand")
}

#[test]
fn a_simulation_reconciles_with_itself() {
    let found = against(&charges());
    assert_eq!(parts(&found), [0.0; 5]);
    assert_eq!((figure(&found, "/days"), figure(&found, "/days_only_billed")), (2.0, 0.0));
    let total = figure(&found, "/total/simulated/cost");
    let results: Value =
        serde_json::from_slice(&fs::read(REPORT.join("results.json")).expect("results.json")).expect("JSON");
    let mix = &results["mixes"][0];
    assert!((figure(mix, "/cost/total/mean") - total).abs() < 1e-6, "all of the mix is compared");
    for (option, name) in [("on_demand", "on_demand"), ("spot", "spot")] {
        let rows = found["by_option"].as_array().expect("options");
        let row = rows.iter().find(|row| row["option"] == option).expect("the option");
        let wanted = figure(mix, &format!("/cost/{name}/mean"));
        assert!((figure(row, "/billed/cost") - wanted).abs() < 1e-6, "{row:#} {wanted}");
    }
    // The same from the file of results and from the charges themselves.
    for name in ["results.json", "charges.csv"] {
        let bill = REPORT.join("charges.csv");
        let output = fleetmix().arg("reconcile").arg(REPORT.join(name)).arg(bill).assert().success();
        let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        assert!(text.contains("no difference") && text.contains("2 days compared"), "{text}");
    }
}

#[test]
fn each_cause_is_named() {
    let near = |found: [f64; 5], wanted: [f64; 5]| {
        assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-6 * (1.0 + b.abs())), "{found:?} {wanted:?}");
    };
    let on_demand: f64 = charges().iter().filter(|row| is_on_demand(row)).map(|row| number(row, "EffectiveCost")).sum();
    assert!(on_demand > 1.0);
    // On-demand is a tenth dearer.
    let mut rows = charges();
    for row in rows.iter_mut().filter(|row| is_on_demand(row)) {
        let dearer = 1.1 * number(row, "EffectiveCost");
        row.insert("EffectiveCost".into(), dearer.to_string());
    }
    near(parts(&against(&rows)), [0.0, 0.0, 0.1 * on_demand, 0.0, 0.0]);
    // Everything runs and costs a tenth more, but for commitments that covered nothing.
    let mut rows = charges();
    let mut more = 0.0;
    for row in
        rows.iter_mut().filter(|row| row["ChargeCategory"] == "Usage" && row["CommitmentDiscountStatus"] != "Unused")
    {
        more += 0.1 * number(row, "EffectiveCost");
        for column in ["EffectiveCost", "ConsumedQuantity"] {
            let larger = 1.1 * number(row, column);
            row.insert(column.into(), larger.to_string());
        }
    }
    near(parts(&against(&rows)), [more, 0.0, 0.0, 0.0, 0.0]);
    // The reservations have ended: the same hours on-demand.
    let mut rows = charges();
    let mut dearer = 0.0;
    for row in rows.iter_mut().filter(|row| row["CommitmentDiscountStatus"] == "Used") {
        dearer += number(row, "ListCost") - number(row, "EffectiveCost");
        let list = row["ListCost"].clone();
        row.insert("EffectiveCost".into(), list);
        for column in ["CommitmentDiscountStatus", "CommitmentDiscountCategory", "CommitmentDiscountId"] {
            row.insert(column.into(), String::new());
        }
        row.insert("PricingCategory".into(), "Standard".into());
    }
    let found = parts(&against(&rows));
    near(found, [0.0, dearer, 0.0, 0.0, 0.0]);
    // A tax, and a commitment that nobody used.
    let mut rows = charges();
    let first = rows[rows.len() - 1].clone();
    for (category, status, cost) in [("Tax", "", "3.5"), ("Usage", "Unused", "1.25")] {
        let mut row = first.clone();
        row.insert("ChargeCategory".into(), category.into());
        row.insert("CommitmentDiscountStatus".into(), status.into());
        row.insert("EffectiveCost".into(), cost.into());
        rows.push(row);
    }
    near(parts(&against(&rows)), [0.0, 0.0, 0.0, 1.25, 3.5]);
}

/// The charges as an AWS Cost and Usage Report of the first edition.
fn as_report(rows: &[Row]) -> Vec<Row> {
    let usage = rows.iter().filter(|row| row["ChargeCategory"] == "Usage");
    let row = |row: &Row| {
        let kind = match (row["CommitmentDiscountStatus"].as_str(), row["PricingCategory"].as_str()) {
            ("Used", _) => ("DiscountedUsage", "BoxUsage"),
            ("Unused", _) => ("RIFee", "HeavyUsage"),
            (_, "Dynamic") => ("Usage", "SpotUsage"),
            _ => ("Usage", "BoxUsage"),
        };
        let cost = |of: &str| if kind.0 == of { row["EffectiveCost"].clone() } else { String::new() };
        let cells = [
            ("lineItem/UsageStartDate", row["ChargePeriodStart"].clone()),
            ("lineItem/UsageEndDate", row["ChargePeriodEnd"].clone()),
            ("lineItem/ProductCode", "AmazonEC2".into()),
            ("lineItem/LineItemType", kind.0.into()),
            ("lineItem/UsageType", format!("{}:{}", kind.1, row["SkuId"])),
            ("lineItem/UsageAmount", row["ConsumedQuantity"].clone()),
            ("lineItem/UnblendedCost", cost("Usage")),
            ("lineItem/CurrencyCode", row["BillingCurrency"].clone()),
            ("reservation/EffectiveCost", cost("DiscountedUsage")),
            ("reservation/UnusedRecurringFee", cost("RIFee")),
        ];
        cells.into_iter().map(|(name, cell)| (name.to_string(), cell)).collect()
    };
    usage.map(row).collect()
}

#[test]
fn a_cost_and_usage_report_is_a_bill() {
    assert_eq!(parts(&against(&as_report(&charges()))), [0.0; 5]);
}

/// The price list of the scenario in a file of its own.
fn price_list(folder: &Path) -> PathBuf {
    let scenario = fs::read_to_string(root().join("scenarios/web-3-5-7/scenario.json")).expect("the scenario");
    let document = fleetmix::input::Document::from_bytes("scenario", scenario.into_bytes()).expect("a document");
    let loaded = fleetmix::input::load_document(&document, &root().join("scenarios/web-3-5-7"), &Default::default());
    let prices = &loaded.expect("a scenario").candidates[0].prices;
    let file = folder.join("prices.json");
    fs::write(&file, serde_json::to_string(prices.as_ref()).expect("JSON")).expect("a file");
    file
}

fn commit_json(command: &mut Command, folder: &Path) -> Value {
    let output = command.args(["--format", "json", "-o"]).arg(folder).assert().success();
    serde_json::from_slice(&output.get_output().stdout).expect("JSON")
}

#[test]
fn the_usage_of_a_bill_is_that_of_the_mix() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut simulated = fleetmix();
    simulated.arg("commit").arg(root().join("scenarios/web-3-5-7/scenario.json")).args(["--mix", MIX]);
    settings(&mut simulated);
    let wanted = commit_json(&mut simulated, folder.path());
    let of_bill = |file: PathBuf| {
        let mut command = fleetmix();
        command.arg("commit").arg("--usage").arg(file).arg("--prices").arg(price_list(folder.path()));
        commit_json(command.args(["--include-covered", "--quiet"]), folder.path())
    };
    let report = bill(folder.path(), &as_report(&charges()));
    for found in [of_bill(REPORT.join("charges.csv")), of_bill(report)] {
        for name in ["cost", "cost_of_nothing", "coverage", "simulated_hours"] {
            let [a, b] = [&found, &wanted].map(|record| figure(record, &format!("/{name}")));
            assert!((a - b).abs() < 1e-3 * b.abs(), "{name}: {a} instead of {b}");
        }
        assert!(!found["reserve"].as_array().expect("rows").is_empty());
        let counts = |record: &Value| {
            record["reserve"].as_array().expect("rows").iter().map(|row| row["count"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(counts(&found), counts(&wanted));
        assert!(found["seed"].is_null() && found["remarks"].to_string().contains("as if all of these had ended"));
    }
    // Without what the reservations cover already, less is worth committing to.
    let mut left = fleetmix();
    left.arg("commit").arg("--usage").arg(REPORT.join("charges.csv"));
    left.arg("--prices").arg(price_list(folder.path())).arg("--quiet");
    let left = commit_json(&mut left, folder.path());
    assert!(figure(&left, "/cost_of_nothing") < 0.8 * figure(&wanted, "/cost_of_nothing"));
    assert!(left["remarks"].to_string().contains("--include-covered counts them"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let charges_file = REPORT.join("charges.csv");
    let prices = price_list(folder.path());
    let refused = |command: &mut Command, message: &str| {
        let refused = command.assert().code(2);
        let text = String::from_utf8_lossy(&refused.get_output().stderr).replace('\n', " ");
        let words = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(words.contains(message), "{message}: {words}");
    };
    let commit = |extra: &[&str]| {
        let mut command = fleetmix();
        command.arg("commit").arg("--usage").arg(&charges_file).arg("--prices").arg(&prices).args(extra);
        command.arg("-o").arg(folder.path().join("never"));
        command
    };
    refused(&mut commit(&["--savings-plan", "compute"]), "write the name of its rates");
    refused(&mut commit(&["--savings-plan", "none:compute:1y"]), "no type has rates of the savings plan `none`");
    refused(&mut commit(&["--replications", "3"]), "--replications is for scenarios");
    refused(&mut commit(&["--mix", "another"]), "no rows of the mix `another`");
    refused(fleetmix().arg("commit").arg("--usage").arg(&charges_file), "--prices");
    refused(fleetmix().arg("commit").arg("--usage").arg(&prices).arg("--prices").arg(&prices), "no bill that is known");
    let list = |name: &str, from: &str, to: &str| {
        let file = folder.path().join(name);
        fs::write(&file, fs::read_to_string(&prices).expect("prices").replace(from, to)).expect("a file");
        let mut command = fleetmix();
        command.arg("commit").arg("--usage").arg(&charges_file).arg("--prices").arg(file);
        command
    };
    refused(&mut list("euro.json", "USD", "EUR"), "EUR");
    refused(&mut list("negative.json", "\"on_demand\":\"0.958", "\"on_demand\":\"-0.958"), "must not be negative");
    refused(&mut list("types.json", "m4.4xlarge", "m4.5xlarge"), "none of the types of the bill: `m4.4xlarge`");
    assert!(!folder.path().join("never").exists());

    let reconcile = |results: &Path, bill: &Path| {
        let mut command = fleetmix();
        command.arg("reconcile").arg(results).arg(bill);
        command
    };
    refused(&mut reconcile(folder.path(), &charges_file), "there are no charges in");
    refused(&mut reconcile(REPORT.as_path(), &folder.path().join("none.csv")), "cannot read");
    let moved = |from: &str, to: &str| {
        let mut rows = charges();
        let changed = |cell: &mut String| *cell = cell.replace(from, to);
        rows.iter_mut().for_each(|row| row.values_mut().for_each(changed));
        bill(folder.path(), &rows)
    };
    let year = charges()[0]["ChargePeriodStart"].chars().take(4).collect::<String>();
    refused(&mut reconcile(REPORT.as_path(), &moved(&format!("{year}-"), "2031-")), "no day in common");
    refused(&mut reconcile(REPORT.as_path(), &moved("USD", "EUR")), "the simulation is in USD, the bill in EUR");
}

/// A simulation of these very days against its own charges, and against dearer ones.
#[test]
fn a_replay_is_held_against_the_bill_by_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = root().join("scenarios/web-3-5-7/scenario.json");
    let own = folder.path().join("own");
    let mut command = fleetmix();
    command.arg("compare").arg(&scenario).args(["--mix", MIX, "--set", "/run/between_replications=fixed_traces", "-o"]);
    settings(command.arg(&own));
    command.assert().success();
    let replay = |bill: &Path, more: &[&str]| {
        let mut command = fleetmix();
        command.arg("replay").arg(&scenario).args(["--mix", MIX, "--bill"]).arg(bill);
        settings(command.args(["--format", "json", "-o"]).arg(folder.path().join("replayed")));
        command.args(more);
        command
    };
    let found = |bill: &Path| -> Value {
        let output = replay(bill, &[]).assert().success();
        serde_json::from_slice(&output.get_output().stdout).expect("JSON")
    };
    let same = found(&own.join("charges.csv"));
    assert_eq!((&same["figures"][0]["figure"], &same["figures"][0]["intervals"]), (&"cost".into(), &2.into()));
    assert!(figure(&same, "/figures/0/typical_error") < 1e-9, "{same:#}");
    let chart = fs::read_to_string(folder.path().join("replayed/replay-cost_of_day.svg")).expect("a chart");
    assert!(chart.contains("cost of a day: simulated as measured on average"), "{chart}");
    let mut reader = csv::Reader::from_path(own.join("charges.csv")).expect("charges.csv");
    let header = reader.headers().expect("a header").clone();
    let mut dearer: Vec<Row> = reader
        .records()
        .map(|row| header.iter().map(String::from).zip(row.expect("a row").iter().map(String::from)).collect())
        .collect();
    for row in &mut dearer {
        let cost = 1.25 * number(row, "EffectiveCost");
        row.insert("EffectiveCost".into(), cost.to_string());
    }
    let apart = found(&bill(folder.path(), &dearer));
    assert!((figure(&apart, "/figures/0/typical_error") - 0.2).abs() < 1e-6, "{apart:#}");
    let csv = fs::read_to_string(folder.path().join("replayed/replay.csv")).expect("replay.csv");
    assert!(csv.starts_with("start,cost_of_day_simulated,cost_of_day_measured\n"), "{csv}");
    let refused = replay(&own.join("charges.csv"), &["--set", "/clock/horizon=6h"]).assert().code(2);
    let error = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(error.contains("less than a day is simulated"), "{error}");
}
