//! `fleetmix batch`: jobs with deadlines on spot, and what each policy pays for them.

mod words;

use crate::cli::args::BatchArguments;
use crate::cli::exit::Failure;
use crate::cli::interrupt;
use crate::cli::output::{check_folder, pretty_json, print_record, table_options};
use crate::cli::progress::Progress;
use crate::input::load;
use crate::report::chart::{self, Colours, Size};
use crate::results::write_study;
use crate::study::{NoBatch, batch};

/// The record, and its picture.
const FILES: [&str; 2] = ["batch.json", "batch.svg"];

/// Simulates the jobs, writes the record and prints a table.
pub(in crate::cli) fn run(arguments: &BatchArguments) -> Result<(), Failure> {
    let study = &arguments.study;
    let input = load(&arguments.scenario, &study.load_options(Vec::new()))?;
    let folder = study.output_folder(&input.scenario.name);
    check_folder(&folder)?;
    let pool = study.thread_pool()?;
    let steps = u64::from(input.scenario.run.replications);
    let progress = Progress::new(steps, study.quiet, interrupt::watch()?);
    let found = pool.install(|| batch(&input, arguments.reserved, &progress));
    drop(progress);
    let record = found.map_err(|error| match error {
        NoBatch::Interrupted(stopped) => Failure::Interrupted(format!("{stopped}; nothing was written")),
        NoBatch::NoJobs => Failure::new(error.to_string(), "add `jobs`, as scenarios/batch-deadlines has them"),
        NoBatch::NoSpot(_) => {
            Failure::new(error.to_string(), "write a first mix such as \"1 spot + on-demand\", or give --reserved")
        }
        NoBatch::NoOffer(_) => {
            Failure::new(error.to_string(), "give `/pools/reserved` with the type of on-demand and a `commitment`")
        }
        NoBatch::Empty(_) => Failure::new(error.to_string(), "give a longer /clock/horizon or a smaller slack"),
    })?;
    let json = pretty_json(&record);
    let picture = chart::job_policies(&record, Size::PICTURE).svg(Colours::Fixed);
    let files: Vec<(&str, &[u8])> = FILES.into_iter().zip([json.as_bytes(), picture.as_bytes()]).collect();
    write_study(&folder, &files).map_err(|error| Failure::new(error.to_string(), "nothing was written"))?;
    print_record(study.format, &json, |output| {
        write!(output, "{}", words::text(&record, table_options()))?;
        writeln!(output, "\nFile: {}", folder.join(FILES[0]).display())
    })
}
