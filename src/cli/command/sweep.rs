//! `fleetmix sweep` and `fleetmix merge`: many points on any number of machines.

use crate::cli::args::{MergeArguments, OutputFormat, SweepArguments};
use crate::cli::exit::{DONE, FAILED, Failure};
use crate::cli::interrupt;
use crate::cli::output::{check_folder, pretty_json, print_record};
use crate::cli::progress::Progress;
use crate::cli::shard::{Shard, ShardChoice};
use crate::input::{fingerprint_of_text, load};
use crate::results::{MergeError, MixRecord, SweepPart, SweepRecord, merge, records_csv, write_study};
use crate::study::{sweep_plan, sweep_point};
use std::fs;
use std::io::{self, Write, stdout};
use std::path::Path;

/// Folder of the points.
const POINTS: &str = "points";
/// Files of the whole.
const FILES: [&str; 2] = ["sweep.json", "sweep.csv"];

/// Simulates the points of a shard, each in a file of its own; without shards all, and puts them together.
pub(in crate::cli) fn run(arguments: &SweepArguments) -> Result<u8, Failure> {
    let study = &arguments.study;
    let mut options = study.load_options(arguments.mixes.clone());
    options.vary = arguments.vary.clone();
    let input = load(&arguments.scenario, &options)?;
    let shard = arguments.shard.map_or(Ok(Shard::WHOLE), ShardChoice::resolve);
    let shard = shard.map_err(|message| Failure::new(message, "or say which, as in --shard 3/40"))?;
    let folder = study.output_folder(&input.scenario.name);
    let points = folder.join(POINTS);
    check_folder(&points)?;
    let plan = fingerprint_of_text(&sweep_plan(&input));
    let own: Vec<usize> = (0..input.candidates.len()).filter(|point| shard.has(*point)).collect();
    let done = |point: usize| read_part(&points.join(name(point))).is_ok_and(|part| is_of(&part, &plan, point));
    let open: Vec<usize> = own.iter().copied().filter(|point| !done(*point)).collect();
    let steps = open.len() as u64 * u64::from(input.scenario.run.replications);
    let progress = Progress::new(steps, study.quiet, interrupt::watch()?);
    let pool = study.thread_pool()?;
    for point in &open {
        let part = pool.install(|| sweep_point(&input, *point, &plan, &progress));
        let part = part.ok_or_else(|| {
            Failure::Interrupted("stopped; the points that are finished stay, and need not be simulated again".into())
        })?;
        let text = pretty_json(&part);
        write_study(&points, &[(name(*point).as_str(), text.as_bytes())])
            .map_err(|error| Failure::new(error.to_string(), "the point was not written"))?;
    }
    drop(progress);
    if arguments.shard.is_some() {
        let known = own.len() - open.len();
        writeln!(
            stdout().lock(),
            "shard {} of {}: {} of {} points, {known} of them were there already; put all together with `fleetmix merge {}`",
            shard.index + 1,
            shard.count,
            own.len(),
            input.candidates.len(),
            folder.display()
        )?;
        return Ok(DONE);
    }
    together(&folder, &folder, study.format)
}

/// Puts the points of a sweep together.
pub(in crate::cli) fn run_merge(arguments: &MergeArguments) -> Result<u8, Failure> {
    let target = arguments.output.as_ref().unwrap_or(&arguments.folder);
    check_folder(target)?;
    together(&arguments.folder, target, arguments.format)
}

/// The file of a point.
fn name(point: usize) -> String {
    format!("{point:06}.json")
}

/// Whether a part is this point of this sweep, simulated by this version.
fn is_of(part: &SweepPart, plan: &str, point: usize) -> bool {
    part.plan == plan && part.point.index as usize == point && part.fleetmix_version == env!("CARGO_PKG_VERSION")
}

fn read_part(file: &Path) -> Result<SweepPart, String> {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| format!("it is no point of a sweep: {error}"))
}

fn together(folder: &Path, target: &Path, format: OutputFormat) -> Result<u8, Failure> {
    let points = folder.join(POINTS);
    let wrong = |file: &Path, message: String| {
        Failure::new(format!("{}: {message}", file.display()), "give the folder of `fleetmix sweep`")
    };
    let mut files: Vec<_> = fs::read_dir(&points)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>())
        .map_err(|error| wrong(&points, error.to_string()))?;
    // What begins with a dot is being written by somebody.
    files.retain(|file| file.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
    files.sort();
    let mut parts = Vec::with_capacity(files.len());
    for file in files {
        let part = read_part(&file).map_err(|message| wrong(&file, message))?;
        parts.push((file.display().to_string(), part));
    }
    let record = match merge(parts) {
        Ok(record) => record,
        Err(error @ MergeError::Missing { .. }) => {
            writeln!(stdout().lock(), "{error}")?;
            return Ok(FAILED);
        }
        Err(error) => return Err(wrong(&points, error.to_string())),
    };
    let json = pretty_json(&record);
    let records: Vec<&MixRecord> = record.points.iter().map(|point| &point.record).collect();
    let texts = [json.clone(), records_csv(&records)];
    let bytes: Vec<(&str, &[u8])> = FILES.into_iter().zip(texts.iter().map(String::as_bytes)).collect();
    write_study(target, &bytes).map_err(|error| Failure::new(error.to_string(), "the sweep was not written"))?;
    print_record(format, &json, |output| say(output, &record, target))?;
    Ok(DONE)
}

/// The cheapest points that meet the objective.
fn say(output: &mut dyn Write, record: &SweepRecord, target: &Path) -> io::Result<()> {
    const SHOWN: usize = 5;
    let mut met: Vec<_> =
        record.points.iter().filter(|point| point.record.objective_met == crate::results::ObjectiveMet::Met).collect();
    met.sort_by(|a, b| a.record.cost.per_month.mean.total_cmp(&b.record.cost.per_month.mean));
    writeln!(output, "{} points, {} of them meet the objective; the cheapest:", record.points.len(), met.len())?;
    for point in met.iter().take(SHOWN) {
        writeln!(
            output,
            "{:>6}  {:>12.2} {} a month  {}",
            point.index, point.record.cost.per_month.mean, record.currency, point.record.name
        )?;
    }
    writeln!(output, "Files: {}", FILES.map(|name| target.join(name).display().to_string()).join(", "))
}
