//! `charges.csv`: columns, nulls and values as FOCUS 1.2 wants them, and sums that are the results' to the last nano-dollar.

use assert_cmd::Command;
use fleetmix::billing::focus::COLUMNS;
use fleetmix::units::{Instant, Money, Price};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

type Row = BTreeMap<String, String>;

struct Report {
    header: Vec<String>,
    rows: Vec<Row>,
    results: Value,
}

/// A day of the base scenario with the settings.
fn report(settings: &[&str]) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base/scenario.json");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("compare").arg(scenario).args(["--replications", "1", "--quiet", "--set", "/clock/horizon=1d", "-o"]);
    command.arg(folder.path());
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.assert().success();
    let mut reader = csv::Reader::from_path(folder.path().join("charges.csv")).expect("charges.csv");
    let header: Vec<String> = reader.headers().expect("a header").iter().map(String::from).collect();
    let rows =
        reader.records().map(|row| header.iter().cloned().zip(row.expect("a row").iter().map(String::from)).collect());
    let rows = rows.collect();
    let results = serde_json::from_slice(&fs::read(folder.path().join("results.json")).expect("results.json"));
    Report { header, rows, results: results.expect("JSON") }
}

/// Owned reservations for two hours, a savings plan for more than is left, and what the mixes buy.
static WITH_COMMITMENTS: LazyLock<Report> = LazyLock::new(|| {
    report(&[
        r#"/commitments_owned=[{"reserved":{"instance_type":"m4.4xlarge","count":1,"term":"1y","upfront":"1000 USD","hourly":"0.3 USD/h","ends":"2016-03-07T02:20:00Z"}}]"#,
        r#"/prices/inline/types/m4.4xlarge/savings_plans={"compute":"0.7 USD/h"}"#,
        r#"/savings_plans=[{"covers":"compute","rates":"compute","commitment":"1.2 USD/h","term":"3y","upfront_share":0.5}]"#,
    ])
});

static PLAIN: LazyLock<Report> = LazyLock::new(|| report(&[]));

fn money(cell: &str) -> Money {
    format!("{cell} USD").parse::<Price>().unwrap_or_else(|error| panic!("{error}")).amount
}

fn sum<'a>(rows: impl Iterator<Item = &'a Row>, column: &str) -> Money {
    rows.map(|row| money(&row[column])).sum()
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell:?} is not a number"))
}

#[test]
fn effective_costs_add_up_to_every_mix_exactly() {
    for report in [&*PLAIN, &*WITH_COMMITMENTS] {
        let mixes = report.results["mixes"].as_array().expect("mixes");
        for mix in mixes {
            let name = mix["name"].as_str().expect("a name");
            let total = money(mix["named_replication"]["total"].as_str().expect("a total"));
            let own = || report.rows.iter().filter(|row| row["x_Mix"] == name);
            let bought = own().filter(|row| !row["CommitmentDiscountId"].starts_with("owned-"));
            assert_eq!(sum(bought, "EffectiveCost"), total, "{name}");
            let owned = own().filter(|row| row["CommitmentDiscountId"].starts_with("owned-"));
            let sunk = mix["cost"]["sunk_commitment"]["mean"].as_f64().expect("a figure");
            assert!((sum(owned, "EffectiveCost").to_f64() - sunk).abs() < 1e-8, "{name}");
        }
    }
    let sunk = &WITH_COMMITMENTS.results["mixes"][0]["cost"]["sunk_commitment"]["mean"];
    // 2 h 20 min of 0.3 and of 1000 a year.
    let expected = 7.0 / 3.0 * (0.3 + 1000.0 / 8760.0);
    assert!((sunk.as_f64().expect("a figure") - expected).abs() < 1e-8, "{sunk} against {expected}");
}

#[test]
fn what_a_commitment_costs_is_what_its_uses_cost() {
    let report = &*WITH_COMMITMENTS;
    let mut seen = BTreeSet::new();
    for row in report.rows.iter().filter(|row| row["ChargeFrequency"] == "Recurring") {
        seen.insert((row["x_Mix"].clone(), row["CommitmentDiscountId"].clone()));
    }
    assert!(seen.iter().any(|(_, id)| id == "plan-1") && seen.iter().any(|(_, id)| id == "owned-1"), "{seen:?}");
    for (mix, id) in seen {
        let own = || report.rows.iter().filter(|row| row["x_Mix"] == mix && row["CommitmentDiscountId"] == id);
        let uses = || own().filter(|row| row["ChargeCategory"] == "Usage");
        let recurring = sum(own().filter(|row| row["ChargeFrequency"] == "Recurring"), "BilledCost");
        let upfront = sum(own().filter(|row| row["ChargeFrequency"] == "One-Time"), "BilledCost");
        match id.as_str() {
            "plan-1" => {
                // Half of 1.2 an hour over three years in advance, half by the hour.
                assert_eq!((recurring, upfront), (money("14.4"), money("15768")));
                assert_eq!(sum(uses(), "EffectiveCost"), money("28.8"));
                let quantity = sum(uses(), "CommitmentDiscountQuantity");
                assert_eq!(quantity, money("28.8"));
            }
            id if id.starts_with("reserved-") && upfront == Money::ZERO => {
                assert_eq!(sum(uses(), "EffectiveCost"), recurring, "{mix} {id}");
            }
            _ => {}
        }
        let units: BTreeSet<&String> = own().map(|row| &row["CommitmentDiscountUnit"]).collect();
        assert_eq!(units.len(), 1, "one unit for each commitment");
    }
}

/// The columns of FOCUS 1.2 that a file of virtual machines, commitments and capacity has, and whether the specification lets them be null.
const SPECIFICATION: [(&str, bool); 52] = [
    ("AvailabilityZone", true),
    ("BilledCost", false),
    ("BillingAccountId", false),
    ("BillingAccountName", true),
    ("BillingAccountType", true),
    ("BillingCurrency", false),
    ("BillingPeriodEnd", false),
    ("BillingPeriodStart", false),
    ("CapacityReservationId", true),
    ("CapacityReservationStatus", true),
    ("ChargeCategory", false),
    ("ChargeClass", true),
    ("ChargeDescription", true),
    ("ChargeFrequency", false),
    ("ChargePeriodEnd", false),
    ("ChargePeriodStart", false),
    ("CommitmentDiscountCategory", true),
    ("CommitmentDiscountId", true),
    ("CommitmentDiscountName", true),
    ("CommitmentDiscountQuantity", true),
    ("CommitmentDiscountStatus", true),
    ("CommitmentDiscountType", true),
    ("CommitmentDiscountUnit", true),
    ("ConsumedQuantity", true),
    ("ConsumedUnit", true),
    ("ContractedCost", false),
    ("ContractedUnitPrice", true),
    ("EffectiveCost", false),
    ("InvoiceId", true),
    ("InvoiceIssuerName", false),
    ("ListCost", false),
    ("ListUnitPrice", true),
    ("PricingCategory", true),
    ("PricingQuantity", true),
    ("PricingUnit", true),
    ("ProviderName", false),
    ("PublisherName", false),
    ("RegionId", true),
    ("RegionName", true),
    ("ResourceId", true),
    ("ResourceName", true),
    ("ResourceType", true),
    ("ServiceCategory", false),
    ("ServiceName", false),
    ("ServiceSubcategory", true),
    ("SkuId", true),
    ("SkuMeter", true),
    ("SkuPriceId", true),
    ("SubAccountId", true),
    ("SubAccountName", true),
    ("SubAccountType", true),
    ("Tags", true),
];

#[test]
fn columns_are_those_of_the_specification() {
    let header: BTreeSet<&str> = PLAIN.header.iter().map(String::as_str).collect();
    assert_eq!(header.len(), PLAIN.header.len(), "no column twice");
    let wanted: BTreeSet<&str> = SPECIFICATION.iter().map(|(name, _)| *name).collect();
    let own: BTreeSet<&str> = header.difference(&wanted).copied().collect();
    assert!(wanted.is_subset(&header), "{:?} are missing", wanted.difference(&header));
    // Own columns say so, and keep to the rules of names.
    for name in own {
        let right = name.starts_with("x_") && name.len() <= 50;
        assert!(right && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{name}");
    }
    for (name, nullable) in SPECIFICATION {
        let column = COLUMNS.iter().find(|column| column.name == name);
        assert_eq!(column.map(|column| column.nullable), Some(nullable), "{name}");
    }
}

fn one_of(row: &Row, column: &str, allowed: &[&str]) {
    assert!(allowed.contains(&row[column].as_str()), "{column} = {:?}", row[column]);
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-8 * a.abs().max(1.0)
}

fn check_row(row: &Row) {
    let never_null = SPECIFICATION.iter().filter(|(_, nullable)| !nullable);
    never_null.for_each(|(column, _)| assert!(!row[*column].is_empty(), "{column} is null: {row:?}"));
    one_of(row, "ChargeCategory", &["Usage", "Purchase", "Tax", "Credit", "Adjustment"]);
    one_of(row, "ChargeClass", &["", "Correction"]);
    one_of(row, "ChargeFrequency", &["One-Time", "Recurring", "Usage-Based"]);
    one_of(row, "PricingCategory", &["Standard", "Dynamic", "Committed", "Other"]);
    one_of(row, "CommitmentDiscountCategory", &["", "Spend", "Usage"]);
    one_of(row, "CommitmentDiscountStatus", &["", "Used", "Unused"]);
    one_of(row, "BillingCurrency", &["USD"]);
    let [usage, purchase] = ["Usage", "Purchase"].map(|category| row["ChargeCategory"] == category);
    assert!(!(purchase && row["ChargeFrequency"] == "Usage-Based"), "R100");
    for column in ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingQuantity", "ListUnitPrice"] {
        assert!(number(&row[column]) >= 0.0 && !row[column].starts_with('+') && !row[column].contains(','), "R106");
    }
    // R106: to the second in UTC, the start inclusive and the end exclusive, within the billing period of the start.
    let times = ["BillingPeriodStart", "ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodEnd"].map(|column| {
        assert!(row[column].len() == 20 && row[column].ends_with('Z'), "{}", row[column]);
        row[column].parse::<Instant>().expect("an instant")
    });
    assert!(times[0] <= times[1] && times[1] < times[2] && times[1] < times[3]);
    // R103.
    let quantity = number(&row["PricingQuantity"]);
    assert!(near(number(&row["ListCost"]), number(&row["ListUnitPrice"]) * quantity), "{row:?}");
    assert!(near(number(&row["ContractedCost"]), number(&row["ContractedUnitPrice"]) * quantity), "{row:?}");
    // R101, R102, R104, R105.
    let (commitment, status) = (&row["CommitmentDiscountId"], row["CommitmentDiscountStatus"].as_str());
    let of_commitment = ["Category", "Name", "Type", "Quantity", "Unit"];
    for column in of_commitment {
        assert_eq!(commitment.is_empty(), row[&format!("CommitmentDiscount{column}")].is_empty(), "{column}: {row:?}");
    }
    assert_eq!(!status.is_empty(), usage && !commitment.is_empty(), "{row:?}");
    assert_eq!(row["PricingCategory"] == "Committed", !status.is_empty(), "{row:?}");
    assert_eq!(row["ConsumedQuantity"].is_empty(), row["ConsumedUnit"].is_empty());
    match status {
        "Unused" => {
            assert!(row["ConsumedQuantity"].is_empty() && row["ResourceId"] == *commitment, "{row:?}");
            assert_eq!(money(&row["BilledCost"]), Money::ZERO);
        }
        "Used" => {
            assert!(row["ResourceId"].starts_with("instance-") && number(&row["ConsumedQuantity"]) > 0.0, "{row:?}");
            assert_eq!(money(&row["BilledCost"]), Money::ZERO);
        }
        _ if purchase => {
            assert!(row["ConsumedQuantity"].is_empty() && row["PricingCategory"] == "Standard", "{row:?}");
            assert_eq!(money(&row["EffectiveCost"]), Money::ZERO);
        }
        _ => assert_eq!(row["BilledCost"], row["EffectiveCost"]),
    }
    assert_eq!(row["PricingCategory"] == "Dynamic", row["ChargeDescription"].starts_with("Spot "), "{row:?}");
}

#[test]
fn every_row_follows_the_rules() {
    for report in [&*PLAIN, &*WITH_COMMITMENTS] {
        assert!(report.rows.len() > 500);
        report.rows.iter().for_each(check_row);
    }
    let prices: BTreeSet<&str> = PLAIN.rows.iter().map(|row| row["SkuPriceId"].as_str()).collect();
    assert_eq!(prices, BTreeSet::from(["m4.4xlarge/commitment", "m4.4xlarge/on-demand", "m4.4xlarge/spot"]));
    let all =
        |column: &str| -> BTreeSet<&str> { WITH_COMMITMENTS.rows.iter().map(|row| row[column].as_str()).collect() };
    assert_eq!(all("PricingCategory"), BTreeSet::from(["Committed", "Dynamic", "Standard"]));
    assert_eq!(all("CommitmentDiscountStatus"), BTreeSet::from(["", "Unused", "Used"]));
    assert_eq!(all("ChargeFrequency"), BTreeSet::from(["One-Time", "Recurring", "Usage-Based"]));
}
