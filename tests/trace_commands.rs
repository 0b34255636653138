//! `fleetmix trace inspect`, `convert`, `resample` and the fits of any notation, by what they print and write.

use assert_cmd::Command;
use fleetmix::trace::{
    AfterEnd, CapacityLevel, CapacityProfile, CountSeries, Quantiles, capacity_statistics, count_csv, fit_capacity,
    generate_capacity,
};
use fleetmix::units::{Duration, SimTime};
use std::fs;
use std::path::Path;

fn fleetmix(folder: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("fleetmix").unwrap().current_dir(folder).arg("trace").args(arguments).assert()
}

fn said(folder: &Path, arguments: &[&str]) -> String {
    String::from_utf8(fleetmix(folder, arguments).success().get_output().stdout.clone()).unwrap()
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    String::from_utf8(fleetmix(folder, arguments).code(2).get_output().stderr.clone()).unwrap()
}

/// One record an hour for `hours` hours in two zones: the price is the hour of the day, plus 100 in the second zone.
fn history(hours: i64) -> String {
    let record = |hour: i64, zone: &str, price: i64| {
        let day = 1 + hour / 24;
        format!(
            r#"{{"Timestamp": "2023-03-{day:02}T{:02}:00:00.000Z", "ProductDescription": "Linux/UNIX", "InstanceType": "m5.large", "SpotPrice": "{price}.000000", "AvailabilityZone": "{zone}"}}"#,
            hour % 24
        )
    };
    let newest_first = (0..hours).rev();
    let records: Vec<String> =
        newest_first.flat_map(|h| [record(h, "a", 1 + h % 24), record(h, "b", 101 + h % 24)]).collect();
    format!("{{\"SpotPriceHistory\": [{}]}}", records.join(",\n"))
}

#[test]
fn a_price_history_is_listed_and_one_series_of_it_converted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("history.json"), history(48)).unwrap();
    let text = said(folder.path(), &["inspect", "history.json"]);
    assert!(text.contains("EC2 spot price history") && text.contains("96 records, 2 series"), "{text}");
    assert!(text.contains("zone=b: 48 records, 47 changes, 101 to 124 per hour"), "{text}");
    let text = said(folder.path(), &["inspect", "history.json", "--where", "zone=a", "--on-demand", "20 USD/h"]);
    assert!(text.contains("episodes_above_od"), "{text}");
    let text = refused(folder.path(), &["convert", "history.json", "-o", "a.csv"]);
    assert!(text.contains("state zone") && text.contains("--where"), "{text}");
    let text = refused(folder.path(), &["convert", "history.json", "--where", "zon=a", "-o", "a.csv"]);
    assert!(text.contains("nothing is called `zon`") && text.contains("zone"), "{text}");
    said(folder.path(), &["convert", "history.json", "--where", "zone=a", "-o", "a.csv"]);
    let csv = fs::read_to_string(folder.path().join("a.csv")).unwrap();
    assert!(csv.starts_with("time,usd_per_hour\n2023-03-01T00:00:00Z,1\n2023-03-01T01:00:00Z,2\n"), "{csv}");
    assert_eq!(csv.lines().count(), 49);
    let arguments = ["fit", "price", "history.json", "--where", "zone=a", "--on-demand", "20 USD/h", "-o", "p.json"];
    let text = said(folder.path(), &[&arguments[..], &["--model", "regimes"]].concat());
    assert!(text.contains("changes_per_day") && folder.path().join("p.json").is_file(), "{text}");
}

#[test]
fn counts_are_shown_converted_fitted_and_generated() {
    let folder = tempfile::tempdir().unwrap();
    let data: Vec<u32> = (0..480).map(|tick| if tick % 48 < 12 { 0 } else { 2 + tick / 12 % 3 }).collect();
    fs::write(
        folder.path().join("ticks.json"),
        format!("{{\"metadata\": {{\"gap_seconds\": 300}}, \"data\": {data:?}}}"),
    )
    .unwrap();
    let text = said(folder.path(), &["inspect", "ticks.json"]);
    assert!(text.contains("JSON ticks") && text.contains("share_up") && text.contains("0.750"), "{text}");
    said(folder.path(), &["convert", "ticks.json", "-o", "counts.csv"]);
    let again = said(folder.path(), &["inspect", "counts.csv"]);
    assert!(again.contains("a table of times and counts"), "{again}");
    assert_eq!(text.split("measured").nth(1), again.split("measured").nth(1), "the same counts");
    said(folder.path(), &["fit", "capacity", "ticks.json", "-o", "c.json"]);
    let generate = ["generate", "capacity", "--profile", "c.json", "--start", "2021-03-02T00:00:00Z", "--duration"];
    let text = said(folder.path(), &[&generate[..], &["30d", "-o", "new.csv"]].concat());
    assert!(text.contains("generated"), "{text}");
    assert!(said(folder.path(), &["inspect", "new.csv"]).contains("from 2021-03-02T00:00:00Z"));
    let text = refused(
        folder.path(),
        &[
            "generate",
            "price",
            "--profile",
            "c.json",
            "--start",
            "2021-03-02T00:00:00Z",
            "--duration",
            "1d",
            "--on-demand",
            "1 USD/h",
            "-o",
            "x.csv",
        ],
    );
    assert!(text.contains("a profile of capacity, not of price"), "{text}");
    fs::write(folder.path().join("other.csv"), "a,b,c,d\n1,2,3,4\n").unwrap();
    assert!(refused(folder.path(), &["inspect", "other.csv"]).contains("no counts of instances that are known"));
}

#[test]
fn several_markets_are_resampled_together() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("history.json"), history(240)).unwrap();
    let arguments = ["resample", "history.json", "--duration", "20d", "--seed", "3", "-o", "new"];
    said(folder.path(), &arguments);
    let rows = |name: &str| {
        let text = fs::read_to_string(folder.path().join("new").join(name)).unwrap();
        text.lines().skip(1).map(str::to_string).collect::<Vec<String>>()
    };
    let (a, b) = (rows("history_Linux_UNIX_m5.large_a.csv"), rows("history_Linux_UNIX_m5.large_b.csv"));
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        let split =
            |row: &str| row.split_once(',').map(|(time, price)| (time.to_string(), price.parse::<u32>().unwrap()));
        let ((time, low), (same, high)) = (split(a).unwrap(), split(b).unwrap());
        assert_eq!((time, low + 100), (same, high), "what happened together stays together");
    }
    let text =
        refused(folder.path(), &["resample", "history.json", "--duration", "20d", "--block", "60d", "-o", "new"]);
    assert!(text.contains("no whole block"), "{text}");
}

/// The fit finds the parameters that a long trace was generated from.
#[test]
fn the_capacity_fit_finds_what_was_generated() {
    let steps = vec![(SimTime::START, 1)];
    let one_day = CountSeries { steps, end: SimTime::from_secs(86_400), after_end: AfterEnd::Undefined };
    let quantiles = |values: [f64; 3]| Quantiles([0.1, 0.5, 0.9].into_iter().zip(values).collect());
    let mut profile = CapacityProfile {
        source: "made up".into(),
        up_minutes: quantiles([60.0, 240.0, 900.0]),
        down_minutes: Some(quantiles([20.0, 60.0, 240.0])),
        level: CapacityLevel { changes_per_hour: 2.0, time_constant_hours: 3.0, counts: quantiles([2.0, 6.0, 12.0]) },
        measured: capacity_statistics(&one_day),
    };
    profile.measured.share_up = 0.8;
    let series = generate_capacity(&profile, Duration::DAY.times(730), 5);
    let found = fit_capacity(&series, "generated").unwrap();
    let close = |name: &str, found: f64, wanted: f64, tolerance: f64| {
        assert!((found / wanted - 1.0).abs() <= tolerance, "{name}: {found} against {wanted}");
    };
    let at = |quantiles: &Quantiles| quantiles.at(0.0);
    close("up", at(&found.up_minutes), 240.0, 0.12);
    close("down", at(&found.down_minutes.unwrap()), 60.0, 0.12);
    close("count", at(&found.level.counts), 6.0, 0.01);
    // At the ends of the law, where the count cannot move on, a change is none.
    close("changes", found.level.changes_per_hour, 2.0, 0.10);
    close("time constant", found.level.time_constant_hours, 3.0, 0.35);
    assert!(count_csv(&series, "2021-03-02T00:00:00Z".parse().unwrap()).lines().count() == series.steps.len() + 1);
}

/// Requests 193 ms apart in the mean, some close together, with two sizes each.
#[test]
fn requests_with_sizes_are_measured_and_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut milliseconds, mut noise) = (0, 1u64);
    let mut text = "at,read,written\n".to_string();
    for number in 0..20_000 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        milliseconds += 20 + (noise >> 33) % 100 * ((noise >> 50) % 8);
        let (second, rest) = (milliseconds / 1000, milliseconds % 1000);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let (read, written) = (100 + 50 * (number % 7), 10 + number % 5);
        text += &format!("2024-01-01T{hour:02}:{minute:02}:{second:02}.{rest:03}Z,{read},{written}\n");
    }
    fs::write(folder.path().join("log.csv"), text).unwrap();
    let fit = ["fit", "requests", "log.csv", "--time", "at", "--size", "read", "--size", "written", "-o", "p.json"];
    let told = said(folder.path(), &fit);
    assert!(told.contains("mean read                  250.0") && told.contains("per_second"), "{told}");
    let draw = |file: &str, seed: &str| {
        let from = ["generate", "requests", "--profile", "p.json", "--start", "2024-02-01T00:00:00Z"];
        said(folder.path(), &[&from[..], &["--duration", "2h", "--seed", seed, "-o", file]].concat());
        fs::read_to_string(folder.path().join(file)).unwrap()
    };
    let drawn = draw("a.csv", "1");
    assert!(drawn.starts_with("time,read,written\n2024-02-01T00:00:0"), "{}", &drawn[..60]);
    assert!(drawn == draw("b.csv", "1") && drawn != draw("c.csv", "2"));
    let rows: Vec<Vec<&str>> = drawn.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let times: Vec<&str> = rows.iter().map(|row| row[0].trim_end_matches('Z')).collect();
    assert!(times.is_sorted());
    let near = |found: f64, expected: f64, by: f64| assert!((found / expected - 1.0).abs() < by, "{found} {expected}");
    near(rows.len() as f64, 7_200.0 / 0.193_25, 0.04);
    let mean =
        |column: usize| rows.iter().map(|row| row[column].parse::<f64>().unwrap()).sum::<f64>() / rows.len() as f64;
    near(mean(1), 250.0, 0.03);
    near(mean(2), 12.0, 0.03);
    let text = refused(folder.path(), &["fit", "requests", "log.csv", "--time", "at", "--size", "no", "-o", "q.json"]);
    assert!(text.contains("there is no column `no`") && text.contains("`written`"), "{text}");
}
