//! `fleetmix export`: a mix as what a team applies.

use crate::cli::args::{ExportArguments, ExportTo};
use crate::cli::exit::Failure;
use crate::cli::output::check_folder;
use crate::export::{Account, ExportFormat, export};
use crate::input::{LoadOptions, LoadedScenario, load};
use crate::report::ranking::named;
use crate::results::{SourceRecord, StoreError, read_plan, read_record, read_results, write_study};
use serde_json::{Map, Value};
use std::io::{Write, stderr, stdout};
use std::path::Path;

/// Reads the scenario, writes the files, and says what they leave out.
pub(in crate::cli) fn run(arguments: &ExportArguments) -> Result<(), Failure> {
    let chosen = match (&arguments.mix, &arguments.best_of) {
        (Some(mix), _) => Chosen { mix: mix.clone(), ..Chosen::default() },
        (None, Some(stored)) => best_of(stored)?,
        (None, None) => {
            return Err(Failure::new("no mix is chosen", "give --mix EXPR, or --best-of results.json or plan.json"));
        }
    };
    // What the command line says counts more than what the results were made with.
    let set = chosen.set.iter().chain(&arguments.set).cloned().collect();
    let options = LoadOptions { mixes: vec![chosen.mix.clone()], set, ..LoadOptions::default() };
    let input = load(&arguments.scenario, &options)?;
    let candidate = &input.candidates[0];
    let folder = arguments.output.clone().unwrap_or_else(|| format!("export/{}", input.scenario.name).into());
    check_folder(&folder)?;
    let format = match arguments.format {
        ExportTo::Aws => ExportFormat::Aws,
        ExportTo::Terraform => ExportFormat::Terraform,
        ExportTo::Cloudformation => ExportFormat::CloudFormation,
    };
    let account = Account {
        image: arguments.image.clone(),
        subnets: arguments.subnets.clone(),
        target_group: arguments.target_group.clone(),
        load_balancer: arguments.load_balancer.clone(),
    };
    let (files, remarks) = export(&candidate.scenario, &candidate.mix, &candidate.prices, format, &account);
    let bytes: Vec<(&str, &[u8])> = files.iter().map(|file| (file.name.as_str(), file.text.as_bytes())).collect();
    write_study(&folder, &bytes).map_err(|error| Failure::new(error.to_string(), "nothing was exported"))?;
    for remark in chosen.changed(&input).iter().chain(&remarks) {
        // Without a standard error there is nobody to tell.
        let _ = writeln!(stderr().lock(), "warning: {remark}");
    }
    let mut output = stdout().lock();
    for file in &files {
        writeln!(output, "{}", folder.join(&file.name).display())?;
    }
    output.flush()?;
    Ok(())
}

/// A mix, and what is known of the results that it is from.
#[derive(Default)]
struct Chosen {
    mix: String,
    /// Settings that the mix has of its own.
    set: Vec<(String, Value)>,
    scenario: Option<String>,
    sources: Vec<SourceRecord>,
}

impl Chosen {
    fn new(mix: &str, set: &Map<String, Value>, scenario: &str, sources: Vec<SourceRecord>) -> Self {
        let set = set.iter().map(|(pointer, value)| (pointer.clone(), value.clone())).collect();
        Self { mix: mix.to_string(), set, scenario: Some(scenario.to_string()), sources }
    }

    /// What is otherwise than when the results were made.
    fn changed(&self, input: &LoadedScenario) -> Vec<String> {
        let name = &input.scenario.name;
        let other = self.scenario.as_ref().filter(|scenario| *scenario != name);
        let other = other.map(|scenario| format!("the results are of the scenario `{scenario}`, this one is `{name}`"));
        let files = input.sources.iter().filter(|source| {
            self.sources.iter().any(|before| before.role == source.role && before.sha256 != source.sha256)
        });
        let files = files.map(|source| {
            format!(
                "the results were made with another {} than {}: they may not hold any more",
                source.role, source.file
            )
        });
        other.into_iter().chain(files).collect()
    }
}

/// The best mix of a comparison, or the mix of a plan.
fn best_of(stored: &Path) -> Result<Chosen, Failure> {
    const RECORDS: [&str; 2] = ["results.json", "plan.json"];
    let help = "give the results.json of `fleetmix compare`, the plan.json of `fleetmix plan`, or --mix EXPR";
    let wrong = |message: String| Failure::new(message, help);
    let file = match stored.is_dir() {
        false => stored.to_path_buf(),
        true => match RECORDS.map(|name| stored.join(name)).map(|file| file.is_file().then_some(file)) {
            [Some(file), None] | [None, Some(file)] => file,
            [None, None] => return Err(wrong(format!("{}: neither results nor a plan are there", stored.display()))),
            [Some(_), Some(_)] => {
                return Err(wrong(format!("{}: results and a plan are there: name one of the two", stored.display())));
            }
        },
    };
    let unreadable = |error: StoreError| wrong(error.to_string());
    let record: Value = read_record(&file).map_err(unreadable)?;
    if record.get("raced").is_some() {
        let record = read_plan(&file).map_err(unreadable)?;
        let none = || wrong(format!("{}: no mix was shown to meet the objective", file.display()));
        let plan = record.plan.ok_or_else(none)?;
        return Ok(Chosen::new(&plan.mix, &plan.set, &record.scenario, record.sources));
    }
    let record = read_results(&file).map_err(unreadable)?;
    let none = || wrong(format!("{}: no mix met the objective", file.display()));
    let best = named(&record, record.best.as_deref()).ok_or_else(none)?;
    Ok(Chosen::new(&best.mix, &best.set, &record.scenario.name, record.sources.clone()))
}
