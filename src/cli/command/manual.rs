//! `fleetmix completions` and `fleetmix man`: what shells and `man` know of the arguments.

use crate::cli::args::{Arguments, CompletionArguments, ManArguments};
use crate::cli::exit::Failure;
use crate::results::write_study;
use clap::CommandFactory;
use std::io::{Write, stdout};

/// Prints the script of a shell.
pub(in crate::cli) fn completions(arguments: &CompletionArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "fleetmix", &mut script);
    let mut output = stdout().lock();
    output.write_all(&script)?;
    output.flush()?;
    Ok(())
}

/// Writes a page for each command.
pub(in crate::cli) fn pages(arguments: &ManArguments) -> Result<(), Failure> {
    let mut command = Arguments::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    let files: Vec<(&str, &[u8])> = pages.iter().map(|(name, page)| (name.as_str(), page.as_slice())).collect();
    write_study(&arguments.output, &files)
        .map_err(|error| Failure::new(error.to_string(), "the manual was not written"))?;
    let mut output = stdout().lock();
    writeln!(output, "{} pages in {}", pages.len(), arguments.output.display())?;
    output.flush()?;
    Ok(())
}

/// The page of a command, and of those below it.
fn collect(command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_string();
    let man = clap_mangen::Man::new(command.clone()).title(&name);
    let mut page = Vec::new();
    man.render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    command.get_subcommands().filter(|below| below.get_name() != "help").try_for_each(|below| collect(below, pages))
}
