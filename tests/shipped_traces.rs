//! The traces of the shipped scenarios come out of their profiles, and look like what the profiles were measured from.

use assert_cmd::Command;
use fleetmix::trace::{
    DemandProfile, DemandRequest, PriceProfile, PriceRequest, PriceStatistics, Profile, ProfileFile, fit_demand,
    fit_price, generate_demand, generate_price, price_statistics,
};
use fleetmix::units::{Duration, Instant, Rate};
use std::io::Read as _;
use std::path::{Path, PathBuf};

const ON_DEMAND: Rate = Rate::from_nano_per_hour(958_000_000);
const EIGHT_WEEKS: Duration = Duration::DAY.times(56);

fn scenario() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7")
}

fn profile(name: &str) -> Profile {
    let bytes = std::fs::read(scenario().join("profiles").join(name)).unwrap();
    serde_json::from_slice::<ProfileFile>(&bytes).unwrap().profile
}

fn demand_profile() -> DemandProfile {
    let Profile::Demand(profile) = profile("demand.json") else { panic!("a demand profile") };
    *profile
}

fn price_profile() -> PriceProfile {
    let Profile::Price(profile) = profile("price.json") else { panic!("a price profile") };
    *profile
}

/// The commands of the README in a scenario's folder that generate its traces, as lists of arguments.
fn documented_commands(home: &Path) -> Vec<Vec<String>> {
    let readme = std::fs::read_to_string(home.join("README.md")).unwrap().replace("\\\n", " ");
    let lines = readme.lines().map(str::trim).filter_map(|line| line.strip_prefix("fleetmix trace generate "));
    lines.map(|line| words(&format!("trace generate {line}"))).collect()
}

/// What a file holds. How it is compressed may differ between processors, what comes out of it may not.
fn content(file: &Path) -> Vec<u8> {
    let bytes = std::fs::read(file).unwrap();
    if file.extension().is_none_or(|end| end != "gz") {
        return bytes;
    }
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).unwrap();
    text
}

/// Runs a command whose last argument is the file to write, and compares with the shipped one.
fn assert_regenerates(home: &Path, mut arguments: Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let output = arguments.last_mut().unwrap();
    let shipped = home.join(&*output);
    let again = folder.path().join(shipped.file_name().unwrap());
    *output = again.to_string_lossy().into_owned();
    Command::cargo_bin("fleetmix").unwrap().current_dir(home).args(&arguments).assert().success();
    assert!(content(&again) == content(&shipped), "{} differs", shipped.display());
}

/// Words of a command line; double quotes hold some together.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    quoted
        .flat_map(|(i, part)| match i % 2 {
            1 => vec![part.to_string()],
            _ => part.split_whitespace().map(str::to_string).collect(),
        })
        .collect()
}

/// A README's command of another scenario, whose trace is drawn from a profile of this one.
#[test]
fn the_demand_of_the_interrupted_peak_comes_from_its_command() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/interrupted-peak");
    let commands = documented_commands(&home);
    let [command] = &commands[..] else { panic!("one command: {commands:?}") };
    assert_regenerates(&home, command.clone());
}

#[test]
fn the_documented_commands_regenerate_the_shipped_traces() {
    let commands = documented_commands(&scenario());
    assert_eq!(commands.len(), 2, "one for demand, one for the price");
    for arguments in commands {
        assert_regenerates(&scenario(), arguments);
    }
}

#[test]
fn the_zones_of_the_batch_come_from_their_commands() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/batch-deadlines");
    let commands = documented_commands(&home);
    assert_eq!(commands.len(), 2, "one for each zone");
    commands.into_iter().for_each(|command| assert_regenerates(&home, command));
}

#[test]
fn the_requests_and_zones_of_the_language_model_come_from_their_commands() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/llm-spot");
    let commands = documented_commands(&home);
    assert_eq!(commands.len(), 3, "requests, and two zones");
    commands.into_iter().for_each(|command| assert_regenerates(&home, command));
}

#[test]
fn shipped_traces_are_small() {
    for entry in std::fs::read_dir(scenario().join("traces")).unwrap() {
        let entry = entry.unwrap();
        assert!(entry.metadata().unwrap().len() < 400_000, "{}", entry.path().display());
    }
}

/// Mean of a figure over the series of 20 seeds of 56 days each (seeds 101 to 120, fixed before looking).
fn mean_over_seeds(figure: impl Fn(&PriceStatistics) -> f64) -> f64 {
    let profile = price_profile();
    let of_seed = |seed| {
        let series = generate_price(&profile, &PriceRequest { on_demand: ON_DEMAND, duration: EIGHT_WEEKS, seed });
        figure(&price_statistics(&series, ON_DEMAND))
    };
    (101..=120).map(of_seed).sum::<f64>() / 20.0
}

/// The stated tolerances of the price model.
#[test]
fn generated_prices_have_the_measured_figures() {
    let measured = price_profile().measured;
    let close = |name: &str, figure: &dyn Fn(&PriceStatistics) -> f64, tolerance: f64| {
        let (generated, measured) = (mean_over_seeds(figure), figure(&measured));
        println!("{name}: generated {generated:.4}, measured {measured:.4}");
        assert!((generated / measured - 1.0).abs() <= tolerance, "{name}: {generated} against {measured}");
    };
    close("changes_per_day", &|s| s.changes_per_day, 0.03);
    close("median_over_od", &|s| s.median_over_od, 0.08);
    close("p90_over_od", &|s| s.p90_over_od, 0.08);
    close("p99_over_od", &|s| s.p99_over_od, 0.03);
    close("frac_time_above_od", &|s| s.frac_time_above_od, 0.20);
    close("episodes_per_30d", &|s| s.episodes_per_30d, 0.10);
    close("median_episode_min", &|s| s.median_episode_min.unwrap(), 0.10);
    close("mean_price_over_od", &|s| s.mean_price_over_od, 0.05);
}

/// Fitting a generated price gives the parameters that it was generated from.
#[test]
fn the_price_fit_finds_what_was_generated() {
    let profile = price_profile();
    let duration = Duration::DAY.times(730);
    let series = generate_price(&profile, &PriceRequest { on_demand: ON_DEMAND, duration, seed: 7 });
    let found = fit_price(&series, ON_DEMAND, "generated").unwrap();
    let close = |found: f64, wanted: f64, tolerance: f64| {
        assert!((found / wanted - 1.0).abs() <= tolerance, "{found} against {wanted}");
    };
    close(found.calm.changes_per_day, profile.calm.changes_per_day, 0.03);
    close(found.calm.time_constant_hours, profile.calm.time_constant_hours, 0.25);
    let (spikes, wanted) = (found.spikes.unwrap(), profile.spikes.unwrap());
    close(spikes.per_day, wanted.per_day, 0.06);
    close(spikes.duration_minutes.median, wanted.duration_minutes.median, 0.06);
    close(spikes.duration_minutes.log_sigma, wanted.duration_minutes.log_sigma, 0.05);
    for (found, wanted) in found.calm.quantiles.0.iter().zip(&profile.calm.quantiles.0) {
        close(found.1, wanted.1, 0.08);
    }
}

/// Fitting generated demand gives the parameters that it was generated from, as far as crowds below the threshold of the
/// fit (half the rate) allow.
#[test]
fn the_demand_fit_finds_what_was_generated() {
    let profile = demand_profile();
    let start: Instant = "2016-03-07T00:00:00Z".parse().unwrap();
    let request = DemandRequest {
        start,
        duration: Duration::DAY.times(52 * 7),
        mean_per_second: Some(1000.0),
        crowds_up_to: None,
        seed: 5,
    };
    let found = fit_demand(&generate_demand(&profile, &request), start, "generated").unwrap();
    let hours = found.hour_of_week.as_flattened().iter().zip(profile.hour_of_week.as_flattened());
    let worst = hours.map(|(found, wanted)| (found / wanted - 1.0).abs()).fold(0.0, f64::max);
    assert!(worst < 0.12, "{worst}");
    let close = |name: &str, found: f64, wanted: f64, tolerance: f64| {
        assert!((found / wanted - 1.0).abs() <= tolerance, "{name}: {found} against {wanted}");
    };
    close("mean", found.mean_per_second, 1000.0, 0.02);
    close("slow_cv", found.noise.slow_cv, profile.noise.slow_cv, 0.1);
    close("slow_minutes", found.noise.slow_minutes, profile.noise.slow_minutes, 0.15);
    close("fast_cv", found.noise.fast_cv, profile.noise.fast_cv, 0.1);
    close("crowds", found.flash_crowds.per_week, profile.flash_crowds.per_week, 0.25);
    close("height", found.flash_crowds.height.median, profile.flash_crowds.height.median, 0.15);
    close("decay", found.flash_crowds.decay_minutes.median, profile.flash_crowds.decay_minutes.median, 0.25);
}
