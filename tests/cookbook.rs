//! The commands of the cookbook and of the CI files run as they stand there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A folder with the shipped scenarios in it.
fn workplace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root().join("scenarios"), folder.path().join("scenarios")).unwrap();
    folder
}

/// Runs commands with the tested program in the path, and stops at the first that fails.
fn run(commands: &str, folder: &Path, variables: &[(&str, &str)]) -> String {
    let binary = assert_cmd::cargo::cargo_bin("fleetmix");
    let mut paths = vec![binary.parent().unwrap().to_path_buf()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let output = Command::new("sh")
        .args(["-euc", commands])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(paths).unwrap())
        .envs(variables.iter().copied())
        .output()
        .expect("sh");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{commands}\n{said}\n{error}");
    said
}

/// The blocks of commands of a document, each with the heading above it.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut heading, mut open) = (String::new(), None::<String>);
    for line in text.lines() {
        match &mut open {
            Some(_) if line == "```" => found.extend(open.take().map(|block| (heading.clone(), block))),
            Some(block) => *block += &format!("{line}\n"),
            None if line == "```sh" => open = Some(String::new()),
            None if line.starts_with("## ") => heading = line[3..].to_string(),
            None => {}
        }
    }
    found
}

#[test]
fn the_cookbook_works() {
    let folder = workplace();
    let blocks = blocks(&document("cookbook.md"));
    let tasks: std::collections::BTreeSet<&String> = blocks.iter().map(|(heading, _)| heading).collect();
    assert_eq!(tasks.len(), 8, "eight tasks: {tasks:?}");
    for (heading, commands) in &blocks {
        let said = run(commands, folder.path(), &[]);
        println!("{heading}\n{said}");
    }
    for file in [
        "first-look/report.html",
        "replayed/replay.csv",
        "check/check.md",
        "infrastructure/main.tf",
        "sweep/sweep.json",
    ] {
        assert!(folder.path().join(file).is_file(), "{file} is missing");
    }
    // The service that the cookbook measures has a work of 120 ms on two slots.
    let fit = &blocks.iter().find(|(_, commands)| commands.contains("fit service")).unwrap().1;
    let said = run(&fit.lines().skip(1).collect::<Vec<_>>().join("\n"), folder.path(), &[]);
    let line = said.lines().find(|line| line.starts_with("work / slots")).expect("an estimate");
    let numbers: Vec<f64> =
        line.split(|c: char| !(c.is_ascii_digit() || c == '.')).filter_map(|word| word.parse().ok()).collect();
    assert!(numbers[1] <= 60.0 && 60.0 <= numbers[2], "{line}");
}

/// Lines of a workflow that begin with a key or a dash, from a line on.
fn commands_after<'a>(text: &'a str, mark: &str, prefix: &str) -> &'a str {
    let rest = &text[text.find(mark).unwrap_or_else(|| panic!("{mark} is missing")) + mark.len()..];
    let line = rest.lines().find(|line| line.trim_start().starts_with(prefix)).expect("a command");
    line.trim_start().strip_prefix(prefix).unwrap().trim()
}

#[test]
fn the_ci_files_check() {
    let folder = workplace();
    let make =
        "fleetmix init -o app --running 3 >made\nfleetmix compare app/scenario.json --quick --quiet -o baseline\n";
    run(make, folder.path(), &[]);
    // The files name no `--quick`; a scenario that is as short has the same horizon as the baseline.
    let scenario = folder.path().join("app/scenario.json");
    let text = fs::read_to_string(&scenario).unwrap();
    let short = text.replace("\"horizon\": \"7d\"", "\"horizon\": \"1d\"");
    assert!(text != short);
    fs::write(&scenario, short).unwrap();
    let summary = folder.path().join("summary.md");
    let variables = [
        ("SCENARIO", "app/scenario.json"),
        ("BASELINE", "baseline/results.json"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
    ];
    let github = document("ci/github.yml");
    run(commands_after(&github, "- name: Check", "run:"), folder.path(), &variables);
    run(commands_after(&github, "- name: Summary", "run:"), folder.path(), &variables);
    assert!(fs::read_to_string(&summary).unwrap().contains("fleetmix check: my-service passed"));
    fs::remove_dir_all(folder.path().join("check")).unwrap();
    let gitlab = document("ci/gitlab.yml");
    run(commands_after(&gitlab, "\n  script:", "-"), folder.path(), &variables);
    let junit = fs::read_to_string(folder.path().join("check/check.junit.xml")).unwrap();
    assert!(roxmltree::Document::parse(&junit).is_ok());
}

#[test]
fn completions_and_pages_are_made() {
    let folder = workplace();
    for (shell, part) in [
        ("bash", "complete "),
        ("zsh", "#compdef fleetmix"),
        ("fish", "complete -c fleetmix"),
        ("powershell", "fleetmix"),
    ] {
        assert!(run(&format!("fleetmix completions {shell}"), folder.path(), &[]).contains(part), "{shell}");
    }
    run("fleetmix man -o pages", folder.path(), &[]);
    let page = fs::read_to_string(folder.path().join("pages/fleetmix-compare.1")).unwrap();
    assert!(page.contains(".TH fleetmix-compare") && page.contains("replications"), "{page}");
    assert!(folder.path().join("pages/fleetmix-trace-fit-service.1").is_file());
}
