//! Six hours of a bid market and of a market paid per second, by the command and by hand, to the nano-dollar.
//!
//! One reserved, one spot instance and, from 01:50 to 02:55, one on-demand instance; the start is 00:17, so that hours of instances are not
//! clock hours. Boots take no time, spot is delivered 100 s after it was granted, and is asked for every 60 s. By the price below:
//!
//! | spot | runs, in seconds since the start | ended by |
//! |---|---|---|
//! | first | 0 to 10,120: the price passes 0.40 at 10,000, the notice takes 120 s | the cloud |
//! | second | 10,520 to 14,170: granted at 10,420, the price passes 0.40 at 14,050 | the cloud |
//! | third | 14,330 to the horizon at 21,600: granted at 14,230 | its owner |

mod support;

use assert_cmd::Command;
use fleetmix::units::{Money, Price};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use support::rows;

type Row = BTreeMap<String, String>;

fn scenario(spot: Value) -> Value {
    let prices = [
        ("0s", "0.1"),
        ("1500s", "0.13"),
        // As much as the maximum: it keeps running.
        ("3500s", "0.4"),
        ("7000s", "0.2"),
        ("10000s", "0.5"),
        ("10390s", "0.15"),
        ("10500s", "0.16"),
        ("14050s", "0.9"),
        ("14200s", "0.123456789"),
        ("17000s", "0.222222222"),
        ("21000s", "0.3"),
    ];
    let steps: Vec<Value> =
        prices.iter().map(|(from, price)| json!({ "from": from, "price": format!("{price} USD/h") })).collect();
    json!({
        "format": 1, "name": "by-hand",
        "clock": { "start": "2016-03-07T00:17:00Z", "horizon": "6h" },
        "run": { "seed": 1, "replications": 1 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 0.1 }], "arrivals": "deterministic" } },
        "service": { "work": { "constant": "1s" } },
        "objective": { "latency": "5s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "m4.large": { "slots": 2, "boot": { "stages": [] }, "drain_limit": "60s" } },
        "prices": { "inline": { "currency": "USD", "date": "2016-03-07", "source": "made up", "types": { "m4.large": {
            "on_demand": "0.958 USD/h",
            "reserved": { "1y": { "term": "1y", "upfront": "876 USD", "hourly": "0.05 USD/h" } }
        } } } },
        "billing": { "on_demand": { "per_hour": {} }, "spot": spot },
        "markets": { "m": {
            "instance_type": "m4.large", "price": { "steps": steps }, "interruptions": "price_only", "capacity": { "limit": 9 },
            "fulfilment": { "constant": "100s" }
        } },
        "pools": {
            "reserved": { "instance_type": "m4.large", "commitment": "1y" },
            "spot": { "markets": ["m"], "max_price": "0.4 USD/h" },
            "on_demand": { "instance_type": "m4.large" }
        },
        "scaling": { "min_total": 0, "max_total": 10, "metrics": { "period": "60s", "published_after": "60s" }, "policies": {
            "more": { "scheduled": { "cron": "50 1 * * *", "desired_total": 3 } },
            "fewer": { "scheduled": { "cron": "55 2 * * *", "desired_total": 2 } }
        } },
        "mixes": [{ "mix": "1 reserved + 1 spot + on-demand" }]
    })
}

/// The record of the mix and the rows of its charges.
fn compare(spot: Value) -> (Value, Vec<Row>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scenario.json");
    fs::write(&file, scenario(spot).to_string()).expect("written");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("compare").arg(file).arg("--quiet").arg("-o").arg(folder.path()).assert().success();
    let results = fs::read(folder.path().join("results.json")).expect("results.json");
    let mut results: Value = serde_json::from_slice(&results).expect("JSON");
    (results["mixes"][0].take(), rows(&folder.path().join("charges.csv")))
}

fn exact(text: &str) -> Money {
    format!("{text} USD").parse::<Price>().unwrap_or_else(|error| panic!("{text}: {error}")).amount
}

/// The costs of the rows with this pricing, in order, those of nothing left out.
fn costs(rows: &[Row], pricing: &str) -> Vec<Money> {
    let own = rows.iter().filter(|row| row["PricingCategory"] == pricing && row["ChargeCategory"] == "Usage");
    own.map(|row| exact(&row["EffectiveCost"])).filter(|cost| *cost != Money::ZERO).collect()
}

fn check(spot: Value, of_spot: &[&str], total: &str) {
    let (record, rows) = compare(spot);
    let expected: Vec<Money> = of_spot.iter().map(|cost| exact(cost)).collect();
    assert_eq!(costs(&rows, "Dynamic"), expected);
    // 65 minutes are two hours.
    assert_eq!(costs(&rows, "Standard").into_iter().sum::<Money>(), exact("1.916"));
    // Six hours of 0.05 and of 876 a year.
    assert_eq!(costs(&rows, "Committed").into_iter().sum::<Money>(), exact("0.9"));
    assert_eq!(record["named_replication"]["total"], total);
    assert_eq!(record["instances"]["interruptions"]["mean"], 2.0);
}

/// Each hour of an instance costs its first price. The third hour of the first and the second of the second, which began within the notice, are broken
/// and free; the third of the third is whole, because its owner ended it.
#[test]
fn whole_hours_at_the_price_of_their_start() {
    let of_spot = ["0.1", "0.4", "0.16", "0.123456789", "0.222222222", "0.3"];
    check(json!({ "bid-2015": {} }), &of_spot, "4.121679011");
}

/// Both interrupted instances ran for more than an hour, so their seconds are paid: 2920 s at 0.2, 50 s at 0.9; and 70 s at 0.3 of the third.
#[test]
fn seconds_at_the_price_of_the_hours_start() {
    let of_spot = ["0.1", "0.4", "0.162222222", "0.16", "0.0125", "0.123456789", "0.222222222", "0.005833333"];
    check(json!({ "modern": {} }), &of_spot, "4.002234566");
}
