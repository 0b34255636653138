//! Fits of real traces, which are not part of the repository: what is generated from a fit against what was measured. The tables
//! stand in `docs/fits.md`; `FLEETMIX_WRITE_FITS=1 cargo test --test fits` writes them again.

mod support;

use fleetmix::input::{TraceContent, read_any};
use fleetmix::rng::{Purpose, Stream};
use fleetmix::trace::{
    CapacityStatistics, CountSeries, DemandRequest, PriceRequest, PriceSeries, PriceStatistics, RateSeries,
    capacity_statistics, fit_any_demand, fit_capacity, fit_price_regimes, generate_capacity, generate_demand,
    generate_price, price_statistics,
};
use fleetmix::units::{Duration, Instant, Rate, SimTime};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Figures of generated series are means over these seeds, fixed before looking.
const SEEDS: std::ops::RangeInclusive<u32> = 1..=10;

/// Folder of the file, file, conditions, on-demand price of its time.
type PriceTrace = (&'static str, &'static str, &'static [(&'static str, &'static str)], f64);

const PRICES: &[PriceTrace] = &[
    ("aws_2015_us-east-1", "c3.xlarge_us-east-1a_linux.csv.gz", &[], 0.21),
    ("aws_2015_us-east-1", "c3.xlarge_us-east-1b_linux.csv.gz", &[], 0.21),
    ("aws_2015_us-east-1", "m3.medium_us-east-1b_linux.csv", &[], 0.067),
    ("aws_2016_us-east-1", "m3.large_us-east-1a_linux.csv", &[], 0.133),
    ("aws_2016_us-east-1", "m3.large_us-east-1b_linux.csv", &[], 0.133),
    ("aws_2016_us-east-1", "m3.large_us-east-1c_linux.csv", &[], 0.133),
    ("aws_2016_us-east-1", "m4.4xlarge_us-east-1b_linux.csv", &[], 0.958),
    ("aws_2021_us-east-1", "c5.large_linux.csv", &[("availability_zone", "us-east-1a")], 0.085),
    ("aws_2021_us-east-1", "c5.large_linux.csv", &[("availability_zone", "us-east-1d")], 0.085),
    ("aws_2021_us-east-1", "m4.large_linux.csv", &[("availability_zone", "us-east-1a")], 0.1),
    ("aws_2021_us-east-1", "m4.large_linux.csv", &[("availability_zone", "us-east-1d")], 0.1),
    ("aws_2021_us-east-1", "m5.large_linux.csv", &[("availability_zone", "us-east-1a")], 0.096),
    ("aws_2021_us-east-1", "m5.large_linux.csv", &[("availability_zone", "us-east-1f")], 0.096),
];

const CAPACITIES: &[&str] = &[
    "skypilot_cant_be_late/availability_1-node_aws-02-15-2023_us-east-1a_v100_1.csv",
    "skypilot_cant_be_late/availability_1-node_aws-02-15-2023_us-east-1f_v100_1.csv",
    "skypilot_cant_be_late/availability_1-node_aws-02-15-2023_us-west-2b_v100_1.csv",
    "skypilot_cant_be_late/availability_16-node_aws-08-27-2023_us-west-2a_v100_1.csv",
    "bamboo_2020_2021/aws-spot-instances-p2-xlarge-2020-11-20-to-2020-11-23.csv",
    "bamboo_2020_2021/aws-spot-instances-g4dn-xlarge-us-east-1c-2020-11-20-1930-to-2020-11-21-2200_scaled.csv",
    "bamboo_2020_2021/p3-trace.csv",
    "bamboo_2020_2021/g4dn-trace.csv",
    "bamboo_2020_2021/a100x1-east1b.txt",
    "bamboo_2020_2021/v100x1-east1c.txt",
];

fn prices(data: &Path, (folder, file, only, _): &PriceTrace) -> PriceSeries {
    let content = read_any(&data.join("spot_price").join(folder).join(file)).unwrap();
    let only: BTreeMap<String, String> = only.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    content.price_series(&only).unwrap().0
}

/// `aws_2021 m5.large us-east-1a`.
fn price_name((folder, file, only, _): &PriceTrace) -> String {
    let stem = file.split("_linux").next().unwrap().replace('_', " ");
    let zone = only.first().map_or(String::new(), |(_, zone)| format!(" {zone}"));
    format!("{} {stem}{zone}", &folder[..8])
}

fn counts(data: &Path, file: &str) -> CountSeries {
    read_any(&data.join("spot_availability").join(file)).unwrap().count_series().unwrap().0
}

fn halves<T: Copy>(series: &fleetmix::trace::StepSeries<T>) -> [fleetmix::trace::StepSeries<T>; 2] {
    let middle = SimTime::from_secs((series.end.as_secs_f64() / 2.0) as i64);
    [series.within(SimTime::START, middle).unwrap(), series.within(middle, series.end).unwrap()]
}

fn mean_over_seeds<const N: usize>(figures: impl Fn(u32) -> [f64; N]) -> [f64; N] {
    let mut sums = [0.0; N];
    let count = SEEDS.count() as f64;
    for seed in SEEDS {
        figures(seed).iter().zip(&mut sums).for_each(|(figure, sum)| *sum += figure / count);
    }
    sums
}

fn price_figures(s: &PriceStatistics) -> [f64; 9] {
    [
        s.changes_per_day,
        s.median_over_od,
        s.p90_over_od,
        s.p99_over_od,
        s.max_over_od,
        100.0 * s.frac_time_above_od,
        s.episodes_per_30d,
        s.median_episode_min.unwrap_or(0.0),
        s.mean_price_over_od,
    ]
}

/// Figures of series drawn from the fit of `from`, as long as `like`.
fn drawn_prices(from: &PriceSeries, like: &PriceSeries, on_demand: f64) -> Option<[f64; 9]> {
    let on_demand = Rate::from_f64(on_demand).unwrap();
    let profile = fit_price_regimes(from, on_demand, "test").ok()?;
    let duration = like.end - like.steps[0].0;
    Some(mean_over_seeds(|seed| {
        let series = generate_price(&profile, &PriceRequest { on_demand, duration, seed });
        price_figures(&price_statistics(&series, on_demand))
    }))
}

fn count_figures(s: &CapacityStatistics) -> [f64; 8] {
    [
        s.changes_per_day,
        100.0 * s.share_up,
        s.mean_count,
        s.p10_count,
        f64::from(s.most),
        s.median_up_h.unwrap_or(0.0),
        s.median_down_h.unwrap_or(0.0),
        s.mean_fall,
    ]
}

fn drawn_counts(from: &CountSeries, like: &CountSeries) -> Option<[f64; 8]> {
    let profile = fit_capacity(from, "test").ok()?;
    let duration = like.end - like.steps[0].0;
    Some(mean_over_seeds(|seed| count_figures(&capacity_statistics(&generate_capacity(&profile, duration, seed)))))
}

/// Requests in an interval around its expected count, by the normal approximation above 50 and by inversion below.
fn scattered(series: &RateSeries, seed: u32) -> Vec<f64> {
    let numbers = Stream::new(seed, Purpose::Request);
    let count = |(i, rate): (usize, &f64)| {
        let mean = rate * series.interval.as_secs_f64();
        let u = numbers.uniform(0, i as u64, 0);
        if mean > 50.0 {
            return (mean + mean.sqrt() * fleetmix::rng::math::normal_quantile(u)).round().max(0.0);
        }
        let (mut n, mut p) = (0.0, (-mean).exp());
        let mut sum = p;
        while sum < u && n < 1000.0 {
            n += 1.0;
            p *= mean / n;
            sum += p;
        }
        n
    };
    series.per_second.iter().enumerate().map(count).collect()
}

/// Mean a second, coefficient of variation, median, 99 % and highest / mean, and autocorrelation after one interval, an hour, a day.
fn demand_figures(counts: &[f64], interval: Duration) -> [f64; 8] {
    let n = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / n;
    let variance = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n;
    let mut sorted = counts.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| sorted[(share * (n - 1.0)) as usize] / mean;
    let lag = |time: Duration| (time.nanos() / interval.nanos()).max(1) as usize;
    let correlation = |lag: usize| {
        let pairs = counts.iter().zip(counts.iter().skip(lag));
        let sum: f64 = pairs.map(|(a, b)| (a - mean) * (b - mean)).sum();
        if lag < counts.len() { sum / (n - lag as f64) / variance } else { 0.0 }
    };
    [
        mean / interval.as_secs_f64(),
        variance.sqrt() / mean,
        quantile(0.5),
        quantile(0.99),
        quantile(1.0),
        correlation(1),
        correlation(lag(Duration::HOUR)),
        correlation(lag(Duration::DAY)),
    ]
}

fn drawn_demand(from: &RateSeries, origin: Instant, like: usize) -> Option<[f64; 8]> {
    let profile = fit_any_demand(from, origin, "test").ok()?;
    let duration = from.interval.times(like as i64);
    Some(mean_over_seeds(|seed| {
        let (mean_per_second, crowds_up_to) = (None, None);
        let request = DemandRequest { start: origin, duration, mean_per_second, crowds_up_to, seed };
        demand_figures(&scattered(&generate_demand(&profile, &request), seed), from.interval)
    }))
}

fn demand_sets(data: &Path) -> Vec<(&'static str, RateSeries, Instant)> {
    let file = |name: &str| data.join("demand").join(name);
    let minutes = |name: &str, time: &str, value: &str, from: &str, to: &str| {
        support::rate_series(&file(name), time, value, from, to)
    };
    let mut sets = Vec::new();
    let (series, origin) = minutes(
        "worldcup98/requests_per_minute.csv.gz",
        "period",
        "count",
        "1998-05-01T00:00:00Z",
        "1998-07-26T00:00:00Z",
    );
    sets.push(("worldcup98", series, origin));
    let (series, origin) = minutes(
        "nasa_http_1995/requests_per_minute.csv.gz",
        "minute_local",
        "requests",
        "1995-07-01T00:00:00Z",
        "1995-07-28T00:00:00Z",
    );
    sets.push(("nasa_http_1995, July", series, origin));
    let every = |name: &str, time: &str, value: &str, interval: i64| every(&file(name), time, value, interval);
    for (label, name, time, value, interval) in [
        ("nab elb_request_count", "nab_cloudwatch/elb_request_count_8c0756.csv", "timestamp", "value", 300),
        ("nab Twitter AMZN", "nab_twitter_volume/Twitter_volume_AMZN.csv", "timestamp", "value", 300),
        ("surf_jobs_2022, hourly", "surf_jobs_2022/hourly.csv", "hour_utc", "job_arrivals", 3600),
        ("azure_llm code, 10 s", "azure_llm_2023/AzureLLMInferenceTrace_code.csv", "TIMESTAMP", "", 10),
        ("azure_llm conv, 10 s", "azure_llm_2023/AzureLLMInferenceTrace_conv.csv", "TIMESTAMP", "", 10),
    ] {
        let (series, origin) = every(name, time, value, interval);
        sets.push((label, series, origin));
    }
    sets
}

/// Counts in intervals from the first row on; rows without a value are one request each.
fn every(file: &Path, time: &str, value: &str, interval: i64) -> (RateSeries, Instant) {
    let rows = support::rows(file);
    let origin = support::instant(&rows[0][time]);
    let index = |row: &BTreeMap<String, String>| {
        ((support::instant(&row[time]).unix_seconds() - origin.unix_seconds()) / interval) as usize
    };
    let mut per_second = vec![0.0; index(rows.last().unwrap()) + 1];
    for row in &rows {
        let count = if value.is_empty() { 1.0 } else { row[value].parse().unwrap() };
        per_second[index(row)] += count / interval as f64;
    }
    let interval = Duration::from_secs(interval);
    (
        RateSeries { start: SimTime::START, interval, per_second, after_end: fleetmix::trace::AfterEnd::Undefined },
        origin,
    )
}

fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 100.0 || magnitude == 0.0 {
        format!("{value:.0}")
    } else if magnitude >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// One row: each figure as `real / drawn`.
fn row<const N: usize>(table: &mut String, name: &str, real: [f64; N], drawn: Option<[f64; N]>) {
    write!(table, "| {name} |").unwrap();
    for (index, real) in real.iter().enumerate() {
        match &drawn {
            Some(drawn) => write!(table, " {} / {} |", number(*real), number(drawn[index])).unwrap(),
            None => write!(table, " {} / - |", number(*real)).unwrap(),
        }
    }
    table.push('\n');
}

fn head(names: &[&str]) -> String {
    format!("| trace | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()))
}

const PRICE_HEAD: &[&str] =
    &["changes a day", "median", "p90", "p99", "highest", "% above", "episodes in 30 d", "their median, min", "mean"];
const COUNT_HEAD: &[&str] =
    &["changes a day", "% up", "mean count", "p10", "most", "median up, h", "median down, h", "mean fall"];
const DEMAND_HEAD: &[&str] =
    &["mean a second", "cv", "median / mean", "p99 / mean", "highest / mean", "r, one interval", "r, hour", "r, day"];

fn price_tables(data: &Path) -> [String; 2] {
    let (mut whole, mut held) = (head(PRICE_HEAD), head(PRICE_HEAD));
    for trace in PRICES {
        let series = prices(data, trace);
        let figures = |series: &PriceSeries| price_figures(&price_statistics(series, Rate::from_f64(trace.3).unwrap()));
        row(&mut whole, &price_name(trace), figures(&series), drawn_prices(&series, &series, trace.3));
        let [first, second] = halves(&series);
        row(&mut held, &price_name(trace), figures(&second), drawn_prices(&first, &second, trace.3));
    }
    [whole, held]
}

fn count_tables(data: &Path) -> [String; 2] {
    let (mut whole, mut held) = (head(COUNT_HEAD), head(COUNT_HEAD));
    for file in CAPACITIES {
        let series = counts(data, file);
        let name = file.split('/').next_back().unwrap().rsplit_once('.').unwrap().0;
        let name: String =
            name.replace("availability_", "").replace("aws-spot-instances-", "").chars().take(44).collect();
        row(&mut whole, &name, count_figures(&capacity_statistics(&series)), drawn_counts(&series, &series));
        let [first, second] = halves(&series);
        row(&mut held, &name, count_figures(&capacity_statistics(&second)), drawn_counts(&first, &second));
    }
    [whole, held]
}

fn demand_tables(data: &Path) -> [String; 2] {
    let (mut whole, mut held) = (head(DEMAND_HEAD), head(DEMAND_HEAD));
    for (name, series, origin) in demand_sets(data) {
        let counts = |series: &RateSeries| -> Vec<f64> {
            series.per_second.iter().map(|rate| (rate * series.interval.as_secs_f64()).round()).collect()
        };
        let all = counts(&series);
        row(&mut whole, name, demand_figures(&all, series.interval), drawn_demand(&series, origin, all.len()));
        let middle = all.len() / 2;
        let first = RateSeries { per_second: series.per_second[..middle].to_vec(), ..series.clone() };
        let second = &all[middle..];
        row(&mut held, name, demand_figures(second, series.interval), drawn_demand(&first, origin, second.len()));
    }
    [whole, held]
}

/// The document with what stands between its marks replaced.
fn with_table(document: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let (before, rest) = document.split_once(&begin).unwrap_or_else(|| panic!("docs/fits.md has no mark {name}"));
    let (_, after) = rest.split_once(&end).expect("each begin has its end");
    format!("{before}{begin}\n{table}\n{end}{after}")
}

#[test]
fn the_tables_of_the_documentation_are_what_the_fits_give() {
    let Some(data) = support::real_data() else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fits.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let mut fresh = document.clone();
    for (kind, tables) in
        [("price", price_tables(&data)), ("capacity", count_tables(&data)), ("demand", demand_tables(&data))]
    {
        fresh = with_table(&fresh, &format!("{kind} whole"), &tables[0]);
        fresh = with_table(&fresh, &format!("{kind} held out"), &tables[1]);
    }
    if std::env::var_os("FLEETMIX_WRITE_FITS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let differs = fresh.lines().zip(document.lines()).find(|(a, b)| a != b);
    assert_eq!(fresh.len(), document.len(), "docs/fits.md is not what the fits give: {differs:?}");
    assert_eq!(differs, None);
}

/// The rows of given traces were measured by other code; each figure must agree to half a unit of its last decimal.
#[test]
fn statistics_of_all_given_traces_are_those_of_the_calibration() {
    let Some(data) = support::real_data() else { return };
    let rows = support::rows(&data.join("spot_price/calibration_stats.csv"));
    for trace in PRICES {
        let source = trace.0;
        let series_name = price_name(trace).split_once(' ').unwrap().1.replace(' ', "_");
        let row = rows.iter().find(|row| row["trace"] == series_name && source.starts_with(&row["source"]));
        let row = row.unwrap_or_else(|| panic!("no calibration of {source} {series_name}"));
        let found = price_statistics(&prices(&data, trace), Rate::from_f64(trace.3).unwrap());
        for (name, figure) in [
            ("changes_per_day", found.changes_per_day),
            ("median_over_od", found.median_over_od),
            ("p90_over_od", found.p90_over_od),
            ("p99_over_od", found.p99_over_od),
            ("max_over_od", found.max_over_od),
            ("frac_time_above_od", found.frac_time_above_od),
            ("episodes_above_od", f64::from(found.episodes_above_od)),
            ("mean_price_over_od", found.mean_price_over_od),
        ] {
            assert!(
                support::rounds_to(figure, &row[name]),
                "{series_name} {name}: {figure}, the row says {}",
                row[name]
            );
        }
    }
}

/// Every file of counts and prices that is at hand is read.
#[test]
fn every_published_notation_is_read() {
    let Some(data) = support::real_data() else { return };
    let mut found = BTreeMap::new();
    for folder in ["spot_price", "spot_availability"] {
        for inner in std::fs::read_dir(data.join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            let files = std::fs::read_dir(&inner).into_iter().flatten().map(|entry| entry.unwrap().path());
            for file in
                files.filter(|file| file.extension().is_some_and(|end| end == "csv" || end == "txt" || end == "gz"))
            {
                let content = read_any(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                let kind = match &content {
                    TraceContent::Prices(table) => {
                        assert!(
                            table.series.values().all(|records| records.windows(2).all(|pair| pair[0].0 < pair[1].0))
                        );
                        "prices"
                    }
                    TraceContent::Counts(_) | TraceContent::Advisor(_) | TraceContent::Metrics(_) => content.words(),
                };
                *found.entry(kind).or_insert(0) += 1;
            }
        }
    }
    let advisor = data.join("spot_availability/aws_spot_advisor/spot-advisor-data_2025-07-28.json");
    let TraceContent::Advisor(entries) = read_any(&advisor).unwrap() else { panic!("the advisor's feed") };
    let linux = entries.iter().filter(|entry| entry.region == "us-east-1" && entry.os == "Linux");
    let mut bands = BTreeMap::new();
    linux.for_each(|entry| *bands.entry(entry.band.name()).or_insert(0) += 1);
    assert_eq!(bands, BTreeMap::from([("<5%", 192), ("5-10%", 138), ("10-15%", 81), ("15-20%", 82), (">20%", 401)]));
    assert_eq!(found["prices"], 12);
    assert_eq!(found["counts and how long each held"], 4);
    assert_eq!(found["hours since the beginning with counts"], 4);
    assert_eq!(found["nodes added and removed, in milliseconds"], 2);
    assert_eq!(found["counts with date and time"], 2);
}
