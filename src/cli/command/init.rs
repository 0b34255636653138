//! `fleetmix init`: from a demand and an instance type to a scenario that runs.

use super::trace::demand_rows;
use crate::cli::args::{InitArguments, MissingValues};
use crate::cli::exit::Failure;
use crate::cli::output::check_folder;
use crate::input::{DemandMetric, LoadOptions, Meaning, load};
use crate::results::write_study;
use crate::starter::{Facts, KnownPrices, Sizing, scenario_text};
use crate::trace::{DemandRequest, Profile, ProfileFile, demand_csv, generate_demand};
use crate::units::{Duration, Instant};
use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

/// The files of a new scenario.
const SCENARIO: &str = "scenario.json";
const DEMAND: &str = "demand.csv";

/// The profile of the demand where none is given.
const PROFILE: &str = include_str!("../../../scenarios/web-3-5-7/profiles/demand.json");
/// Its length: four days for each weekday.
const LENGTH: Duration = Duration::DAY.times(28);
/// Its first Monday.
const FIRST_DAY: i64 = 1_767_571_200;
/// Its mean, in requests per second.
const MEAN: f64 = 20.0;

/// Writes a scenario and its demand, and says what was assumed.
pub(in crate::cli) fn run(arguments: &InitArguments) -> Result<(), Failure> {
    let name = arguments.name.clone().unwrap_or_else(|| name_of(arguments.demand.as_deref()));
    if !is_folder_name(&name) {
        let help = "letters, digits, `-`, `_` and `.`, beginning with a letter or digit";
        return Err(Failure::new(format!("the name becomes a folder's, found {name:?}"), help));
    }
    let folder = arguments.output.clone().unwrap_or_else(|| name.clone().into());
    let taken = [SCENARIO, DEMAND].map(|file| folder.join(file)).into_iter().find(|file| file.exists());
    if let Some(file) = taken {
        return Err(Failure::new(format!("{} exists already", file.display()), "choose another folder with -o DIR"));
    }
    check_folder(&folder)?;
    let prices = KnownPrices::shipped().of(&arguments.instance_type, arguments.price).map_err(|error| {
        Failure::new(error.to_string(), "for another type state its on-demand price, as in --price \"0.096 USD/h\"")
    })?;
    let prices = arguments.discount.map_or(prices.clone(), |discount| discount.applied(prices));
    let (rows, demand, remarks) = demand(arguments)?;
    let facts = Facts {
        name,
        origin: demand.origin,
        demand_file: DEMAND.to_string(),
        demand_column: demand.column,
        value_is: demand.value_is,
        interval: demand.interval,
        gaps: arguments.gaps.name(),
        covers: demand.covers,
        per_second: demand.per_second,
        instance_type: arguments.instance_type.clone(),
        prices,
        slots: arguments.slots,
        work: arguments.work,
        latency: arguments.latency,
        running: arguments.running,
    };
    let (text, sizing) = scenario_text(&facts);
    write_study(&folder, &[(DEMAND, rows.as_bytes()), (SCENARIO, text.as_bytes())])
        .map_err(|error| Failure::new(error.to_string(), ""))?;
    let file = folder.join(SCENARIO);
    // What was given may be out of bounds; the check of scenarios says of what, at its place in the file.
    if let Err(problems) = load(&file, &LoadOptions::default()) {
        for written in [SCENARIO, DEMAND] {
            // Of no consequence if it stays: the next run says so.
            let _ = fs::remove_file(folder.join(written));
        }
        return Err(problems.into());
    }
    say(&facts, sizing, &remarks, &text, &file)
}

/// Demand as a scenario needs it.
struct KnownDemand {
    origin: String,
    column: &'static str,
    value_is: &'static str,
    interval: Duration,
    covers: [Instant; 2],
    per_second: Vec<f64>,
}

/// The demand's rows, what is known of it, and remarks.
fn demand(arguments: &InitArguments) -> Result<(String, KnownDemand, Vec<String>), Failure> {
    let Some(file) = &arguments.demand else { return Ok(generated()) };
    let metrics = arguments.table.metrics(file)?;
    let demand = arguments.reading.demand(file, &metrics, &arguments.selection.only())?;
    let mut remarks: Vec<String> = metrics.remarks.iter().chain(&demand.series.remarks).cloned().collect();
    let missing = demand.series.missing();
    if missing > 0 {
        let sense = match arguments.gaps {
            MissingValues::Hold => "the value before them holds (--gaps zero for no requests)",
            MissingValues::Zero => "they count as no requests (--gaps hold for the value before them)",
        };
        remarks.push(format!("{missing} of {} intervals have no value: {sense}", demand.series.values.len()));
    }
    let rows = demand_rows(&demand);
    let known = known(&demand, arguments.gaps, &file.file_name().unwrap_or_default().to_string_lossy());
    Ok((rows, known, remarks))
}

fn known(demand: &DemandMetric, gaps: MissingValues, file: &str) -> KnownDemand {
    let even = &demand.series;
    let (column, value_is) = match demand.meaning {
        Meaning::Counts => ("requests", "count_per"),
        Meaning::PerSecond => ("per_second", "per_second_every"),
    };
    let start = Instant::from_unix_nanos(even.start);
    KnownDemand {
        origin: format!("{} of {file}", demand.name),
        column,
        value_is,
        interval: even.interval,
        covers: [start, start + even.interval.times(even.values.len() as i64)],
        per_second: demand.per_second_filled(gaps == MissingValues::Hold),
    }
}

/// Where no demand is given: one that is drawn from the profile of a web service.
fn generated() -> (String, KnownDemand, Vec<String>) {
    let file: ProfileFile = serde_json::from_str(PROFILE).expect("the shipped profile is a profile");
    let Profile::Demand(profile) = file.profile else { unreachable!("the shipped profile is one of demand") };
    let start = Instant::from_unix_seconds(FIRST_DAY).expect("a day of this century");
    let request = DemandRequest { start, duration: LENGTH, mean_per_second: Some(MEAN), crowds_up_to: None, seed: 1 };
    let series = generate_demand(&profile, &request);
    let demand = KnownDemand {
        origin: "drawn from the profile of a web service".to_string(),
        column: "requests",
        value_is: "count_per",
        interval: series.interval,
        covers: [start, start + LENGTH],
        per_second: series.per_second.clone(),
    };
    let remark =
        "no --demand is given: the demand is drawn from the profile of a web service, 20 requests a second in the mean";
    (demand_csv(&series, start), demand, vec![remark.to_string()])
}

fn is_folder_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// A name out of the demand's: letters, digits and `-`.
fn name_of(demand: Option<&Path>) -> String {
    let stem = demand.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.strip_suffix(".csv").unwrap_or(&stem);
    let plain: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "my-service".to_string() } else { plain.to_string() }
}

/// What was read, what is assumed, and what to do next.
fn say(facts: &Facts, sizing: Sizing, remarks: &[String], text: &str, file: &Path) -> Result<(), Failure> {
    let mut output = stdout().lock();
    for remark in remarks {
        writeln!(output, "note: {remark}")?;
    }
    let mean = facts.mean_per_second();
    let most = facts.per_second.iter().copied().fold(0.0, f64::max);
    writeln!(
        output,
        "demand: {} intervals of {} from {}, {mean:.4} requests a second in the mean, {most:.4} at most",
        facts.per_second.len(),
        facts.interval,
        facts.covers[0]
    )?;
    writeln!(output, "today: {} on-demand instances of {}", sizing.running, facts.instance_type)?;
    let assumed = text.lines().filter(|line| line.contains("ASSUMED:")).count();
    writeln!(output, "{assumed} settings are assumed; they are marked ASSUMED in {}", file.display())?;
    writeln!(output, "next: fleetmix compare {} --quick", file.display())?;
    output.flush()?;
    Ok(())
}
