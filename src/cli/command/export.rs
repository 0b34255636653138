//! `fleetmix export`: a mix as what a team applies.

use crate::cli::args::{ExportArguments, ExportTo};
use crate::cli::exit::Failure;
use crate::cli::output::check_folder;
use crate::export::{Account, ExportFormat, export};
use crate::input::{LoadOptions, load};
use crate::report::ranking::named;
use crate::results::{read_results, write_study};
use std::io::{Write, stderr, stdout};
use std::path::Path;

/// Reads the scenario, writes the files, and says what they leave out.
pub(in crate::cli) fn run(arguments: &ExportArguments) -> Result<(), Failure> {
    let mix = match (&arguments.mix, &arguments.best_of) {
        (Some(mix), _) => mix.clone(),
        (None, Some(results)) => best_of(results)?,
        (None, None) => return Err(Failure::new("no mix is chosen", "give --mix EXPR or --best-of results.json")),
    };
    let options = LoadOptions { mixes: vec![mix], set: arguments.set.clone(), ..LoadOptions::default() };
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
    for remark in &remarks {
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

/// The notation of the best mix of stored results.
fn best_of(results: &Path) -> Result<String, Failure> {
    let help = "give the results.json of `fleetmix compare`, or --mix EXPR";
    let record = read_results(results).map_err(|error| Failure::new(error.to_string(), help))?;
    let best = named(&record, record.best.as_deref())
        .ok_or_else(|| Failure::new(format!("{}: no mix met the objective", results.display()), help))?;
    Ok(if best.set.is_empty() { best.mix.clone() } else { best.name.clone() })
}
