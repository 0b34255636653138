//! Tests on real traces, which are not part of the repository (see `support::real_data`).

mod support;

use fleetmix::input::{LoadedScenario, read_prices};
use fleetmix::scenario::{InlinePrices, OfferClass, PriceListFormat, PriceListRef};
use fleetmix::trace::{Profile, ProfileFile, fit_demand, fit_price, price_statistics};
use fleetmix::units::{Currency, Rate, SimTime};
use std::path::{Path, PathBuf};
use support::real_scenarios::loaded;

const M4_4XLARGE_ON_DEMAND: Rate = Rate::from_nano_per_hour(958_000_000);

fn m4_4xlarge(data: &Path) -> PathBuf {
    data.join("spot_price/aws_2016_us-east-1/m4.4xlarge_us-east-1b_linux.csv")
}

fn shipped_profile(name: &str) -> Profile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/profiles").join(name);
    let file: ProfileFile = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    file.check().unwrap();
    file.profile
}

/// The row was measured by other code; each figure must agree to half a unit of its last decimal.
#[test]
fn price_statistics_reproduce_the_calibration_row() {
    let Some(data) = support::real_data() else { return };
    let rows = support::rows(&data.join("spot_price/calibration_stats.csv"));
    let row = rows.iter().find(|row| row["trace"] == "m4.4xlarge_us-east-1b" && row["source"] == "aws_2016").unwrap();
    let series = support::price_series(&m4_4xlarge(&data), "timestamp", "price_usd_per_hour");
    let found = price_statistics(&series, M4_4XLARGE_ON_DEMAND);
    let figures = [
        ("days", found.days),
        ("changes_per_day", found.changes_per_day),
        ("median_over_od", found.median_over_od),
        ("p90_over_od", found.p90_over_od),
        ("p99_over_od", found.p99_over_od),
        ("max_over_od", found.max_over_od),
        ("frac_time_above_od", found.frac_time_above_od),
        ("episodes_above_od", f64::from(found.episodes_above_od)),
        ("episodes_per_30d", found.episodes_per_30d),
        ("median_episode_min", found.median_episode_min.unwrap()),
        ("max_episode_h", found.max_episode_h.unwrap()),
        ("mean_price_over_od", found.mean_price_over_od),
    ];
    for (name, figure) in figures {
        assert!(support::rounds_to(figure, &row[name]), "{name}: found {figure}, the row says {}", row[name]);
    }
}

#[test]
fn the_shipped_price_profile_is_the_fit_of_its_trace() {
    let Some(data) = support::real_data() else { return };
    let Profile::Price(shipped) = shipped_profile("price.json") else { panic!("a price profile") };
    let series = support::price_series(&m4_4xlarge(&data), "timestamp", "price_usd_per_hour");
    assert_eq!(fit_price(&series, M4_4XLARGE_ON_DEMAND, &shipped.source).unwrap(), *shipped);
}

#[test]
fn the_shipped_demand_profile_is_the_fit_of_its_trace() {
    let Some(data) = support::real_data() else { return };
    let Profile::Demand(shipped) = shipped_profile("demand.json") else { panic!("a demand profile") };
    let file = data.join("demand/worldcup98/requests_per_minute.csv.gz");
    let (series, origin) =
        support::rate_series(&file, "period", "count", "1998-05-11T00:00:00Z", "1998-06-08T00:00:00Z");
    assert_eq!(fit_demand(&series, origin, &shipped.source).unwrap(), *shipped);
}

/// Mean requests per second of the scenario's horizon.
fn mean_rate(loaded: &LoadedScenario) -> f64 {
    let seconds = loaded.scenario.clock.horizon.as_secs_f64() as i64;
    (0..seconds).step_by(60).map(|s| loaded.demand.rates().unwrap().at(SimTime::from_secs(s))).sum::<f64>()
        / (seconds / 60) as f64
}

#[test]
fn world_cup_demand_and_2016_prices_load() {
    let Some(data) = support::real_data() else { return };
    let loaded = loaded(&support::real_scenarios::world_cup_on_2016_spot(&data));
    assert_eq!(loaded.candidates.len(), 4);
    assert!((mean_rate(&loaded) - 28.0).abs() < 0.01, "{}", mean_rate(&loaded));
    // Both are Mondays.
    assert_eq!(loaded.scenario.clock.start.unix_seconds() / 86_400 % 7, instant_days("1998-05-18T00:00:00Z") % 7);
}

#[test]
fn load_balancer_demand_and_2021_prices_load() {
    let Some(data) = support::real_data() else { return };
    let loaded = loaded(&support::real_scenarios::load_balancer_on_2021_spot(&data));
    assert_eq!(loaded.candidates.len(), 4);
    // The whole trace has a mean of 28; the horizon leaves out its first day.
    assert!((mean_rate(&loaded) - 28.0).abs() < 2.0, "{}", mean_rate(&loaded));
    assert_eq!(instant_days("2014-04-10T00:00:00Z") % 7, instant_days("2021-03-04T00:00:00Z") % 7);
}

fn instant_days(instant: &str) -> i64 {
    support::instant(instant).unix_seconds() / 86_400
}

fn price_list(data: &Path, file: &str, format: PriceListFormat) -> InlinePrices {
    let list = PriceListRef { file: file.into(), format, currency: Currency::USD, source: "test".into() };
    read_prices(&data.join("prices"), &list).unwrap_or_else(|problem| panic!("{}", problem.message))
}

/// Each published format, by prices that a reader finds in the files.
#[test]
fn published_price_lists_are_read() {
    let Some(data) = support::real_data() else { return };
    let effective = |os: &str| PriceListFormat::EffectiveCsv { region: "us-east-1".into(), os: os.into() };
    let list = price_list(&data, "aws_ec2_ri_2015_2016/ec2_prices_2016-04-18.csv", effective("linux"));
    assert_eq!((list.date.as_str(), list.types["m4.4xlarge"].on_demand.rate), ("2016-04-18", M4_4XLARGE_ON_DEMAND));
    let list = price_list(&data, "aws_ec2_ri_2017_2019/core_types_2019-04-05.csv", effective("linux"));
    let large = &list.types["m5.large"];
    assert_eq!(large.reserved["convertible-1y-no-upfront"].class, OfferClass::Convertible);
    let split = PriceListFormat::SplitCsv { region: "us-east-1".into() };
    let split = price_list(&data, "aws_ec2_ri_2017_2019/core_types_2019-04-05_long_split.csv", split);
    let partial = &split.types["m5.large"].reserved["1y-partial-upfront"];
    assert_eq!((partial.upfront.to_string(), partial.hourly.to_string()), ("256 USD".into(), "0.029 USD/h".into()));
    // Both lists state the same offers, one of them with upfront and hourly part apart.
    for (name, prices) in &split.types {
        for (offer, terms) in &prices.reserved {
            let hours = terms.term.duration().as_hours_f64();
            let effective = terms.upfront.amount.to_f64() / hours + terms.hourly.rate.to_f64();
            let other = list.types[name].reserved[offer].hourly.rate.to_f64();
            assert!((effective - other).abs() < 1e-4, "{name} {offer}: {effective} and {other}");
        }
    }
    let yearly = PriceListFormat::YearlyCsv { date: "2023-08-30".into() };
    let yearly = price_list(&data, "aws_ec2_od_spot_ri1y_2022_2023/us-east-1.csv", yearly);
    assert!(yearly.types.len() > 500);
    assert_eq!(yearly.types["m6i.large"].on_demand.to_string(), "0.096 USD/h");
    assert_eq!(yearly.types["m6i.large"].reserved["1y-all-upfront"].hourly.to_string(), "0.059247 USD/h");
    let gcp =
        price_list(&data, "gcp_2026_07/gcp_prices_core.csv", PriceListFormat::GcpCsv { region: "us-central1".into() });
    let machine = &gcp.types["n1-standard-4"];
    assert_eq!((gcp.date.as_str(), machine.on_demand.to_string()), ("2026-07-30", "0.189999 USD/h".into()));
    assert!((machine.reserved["1y-committed-use"].hourly.rate.to_f64() - 87.37735 / 730.0).abs() < 1e-9);
}

/// The list that is shipped as figures, against the one that it was taken from.
#[test]
fn the_shipped_price_list_states_published_prices() {
    let list = PriceListRef {
        file: "ec2-us-east-1-linux-2019-04-05.json".into(),
        format: PriceListFormat::Json {},
        currency: Currency::USD,
        source: "test".into(),
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/prices");
    let shipped = read_prices(&folder, &list).unwrap_or_else(|problem| panic!("{}", problem.message));
    assert!(shipped.types.len() >= 19 && shipped.types.values().all(|prices| prices.reserved.len() >= 8));
    let Some(data) = support::real_data() else { return };
    let split = PriceListFormat::SplitCsv { region: "us-east-1".into() };
    let published = price_list(&data, "aws_ec2_ri_2017_2019/core_types_2019-04-05_long_split.csv", split);
    for (name, prices) in &shipped.types {
        assert_eq!(prices.on_demand, published.types[name].on_demand, "{name}");
        for (offer, terms) in &prices.reserved {
            assert_eq!(*terms, published.types[name].reserved[offer], "{name} {offer}");
        }
    }
}
