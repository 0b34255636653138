//! The layout: which module may use which, and who speaks to the user.
//!
//! Arrows point down only. To add one, add it to [`LAYERS`]; if the test then says that it points up, the layout is what has to be
//! thought about.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of `lib.rs` from the top down, with the modules that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "check",
            "difference",
            "engine",
            "export",
            "input",
            "plan",
            "report",
            "results",
            "scenario",
            "selfcheck",
            "starter",
            "study",
            "trace",
            "units",
        ],
    ),
    ("starter", &["scenario", "units"]),
    ("check", &["results", "stats", "units"]),
    ("export", &["scenario", "units"]),
    ("report", &["difference", "results", "units"]),
    ("difference", &["results", "stats", "units"]),
    (
        "study",
        &[
            "batch", "billing", "engine", "fleet", "input", "market", "plan", "results", "rng", "scenario", "stats",
            "trace", "units", "workload",
        ],
    ),
    ("results", &["units"]),
    ("engine", &["billing", "fleet", "market", "rng", "scaling", "scenario", "simd", "stats", "units", "workload"]),
    ("selfcheck", &["billing", "fleet", "market", "plan", "queueing", "rng", "scaling", "scenario", "stats", "units"]),
    ("plan", &["billing", "queueing", "stats", "units"]),
    ("batch", &["units"]),
    ("billing", &["fleet", "market", "scenario", "units"]),
    ("fleet", &["rng", "scenario", "units", "workload"]),
    ("scaling", &["scenario", "units"]),
    ("workload", &["rng", "scenario", "simd", "units"]),
    ("market", &["rng", "scenario", "units"]),
    ("input", &["scenario", "trace", "units"]),
    ("trace", &["queueing", "rng", "scenario", "stats", "units"]),
    ("scenario", &["units"]),
    ("queueing", &[]),
    ("stats", &["simd"]),
    ("rng", &["simd"]),
    ("units", &[]),
    ("simd", &[]),
];

/// What only `cli` may mention.
const ONLY_CLI: [&str; 7] = ["clap", "indicatif", "miette", "print!", "println!", "eprint!", "eprintln!"];

/// The longest file that can be read in a sitting.
const MOST_LINES: usize = 500;

/// A file of the library, without comments and tests.
struct Source {
    /// From the crate's root, as in `src/engine/mod.rs`.
    path: PathBuf,
    /// The module of `lib.rs` that it belongs to.
    module: String,
    /// Its lines, tests included.
    lines: usize,
    /// Number and text of each line of the program proper.
    code: Vec<(usize, String)>,
}

impl Source {
    fn read(root: &Path, file: &Path, test_files: &BTreeSet<PathBuf>) -> Option<Self> {
        let path = file.strip_prefix(root).expect("files are below the root").to_path_buf();
        let module = path.components().nth(1)?.as_os_str().to_str()?.trim_end_matches(".rs").to_string();
        if module == "lib" || module == "main" {
            return None;
        }
        let text = fs::read_to_string(file).expect("a file can be read");
        let code = if test_files.contains(file) { Vec::new() } else { code(&text) };
        Some(Self { path, module, lines: text.lines().count(), code })
    }

    /// Modules that it uses, with the line of each first use.
    fn uses(&self) -> BTreeMap<&str, usize> {
        let mut uses = BTreeMap::new();
        for (number, line) in &self.code {
            for (at, _) in line.match_indices("crate::") {
                if line[..at].ends_with(is_word) {
                    continue;
                }
                let rest = &line[at + "crate::".len()..];
                let used = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
                assert!(!used.is_empty(), "{}:{number}: name one module after `crate::`", self.path.display());
                if used != self.module {
                    uses.entry(used).or_insert(*number);
                }
            }
        }
        uses
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether `line` holds `name` as a word of its own.
fn mentions(line: &str, name: &str) -> bool {
    let ends = |c: Option<char>| !c.is_some_and(is_word);
    line.match_indices(name)
        .any(|(at, _)| ends(line[..at].chars().next_back()) && ends(line[at + name.len()..].chars().next()))
}

/// Lines without comments, up to the test module at the end.
fn code(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let end = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{'))
        .unwrap_or(lines.len());
    let without_comment = |line: &str| line.split(" // ").next().unwrap_or_default().to_string();
    (1..)
        .zip(&lines[..end])
        .filter(|(_, line)| !line.starts_with("//"))
        .map(|(number, line)| (number, without_comment(line)))
        .collect()
}

/// Files that `file` declares as modules for tests only: `#[cfg(test)]` above `mod name;`.
fn test_modules(file: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(file).expect("a file can be read");
    let folder = match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod" | "lib" | "main") => file.parent().expect("a file has a folder").to_path_buf(),
        _ => file.with_extension(""),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut files = Vec::new();
    for (index, _) in lines.iter().enumerate().filter(|(_, line)| **line == "#[cfg(test)]") {
        let declared = lines[index + 1..].iter().find(|line| !line.starts_with("#["));
        let words = declared.and_then(|line| line.strip_suffix(';')).and_then(|line| line.rsplit_once("mod "));
        if let Some((_, name)) = words {
            files.push(folder.join(format!("{name}.rs")));
        }
    }
    files
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// All files of the library.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    files.sort();
    let test_files: BTreeSet<PathBuf> = files.iter().flat_map(|file| test_modules(file)).collect();
    for file in &test_files {
        assert!(file.is_file(), "{} is declared for tests but is not there", file.display());
    }
    let sources: Vec<Source> = files.iter().filter_map(|file| Source::read(root, file, &test_files)).collect();
    assert!(sources.len() > 50, "the library's files were not found");
    sources
}

fn rank(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(name, _)| *name == module)
}

fn assert_none(broken: &[String]) {
    assert!(broken.is_empty(), "the layout is broken:\n{}", broken.join("\n"));
}

#[test]
fn allowed_arrows_point_down_only() {
    let mut broken = Vec::new();
    for (index, (module, allowed)) in LAYERS.iter().enumerate() {
        if rank(module) != Some(index) {
            broken.push(format!("`{module}` stands twice in LAYERS"));
        }
        for used in *allowed {
            match rank(used) {
                None => broken.push(format!("`{module}` may use `{used}`, which is not in LAYERS")),
                Some(below) if below <= index => {
                    broken.push(format!("`{module}` may use `{used}`, which does not stand below it"));
                }
                Some(_) => {}
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn modules_use_only_what_they_may() {
    let mut broken = Vec::new();
    for source in sources() {
        let path = source.path.display();
        let Some(rank) = rank(&source.module) else {
            broken.push(format!("{path}: the module `{}` has no place in LAYERS", source.module));
            continue;
        };
        for (used, line) in source.uses() {
            if !LAYERS[rank].1.contains(&used) {
                broken.push(format!("{path}:{line}: `{}` may not use `{used}`", source.module));
            }
        }
    }
    assert_none(&broken);
}

/// What the table must never be changed to allow.
#[test]
fn reports_are_drawn_without_the_engine_and_numbers_know_nothing() {
    let may_use = |module: &str| LAYERS[rank(module).expect("a module of the table")].1;
    assert!(
        may_use("report").iter().all(|used| ["difference", "results", "units"].contains(used)),
        "report reads results only"
    );
    assert!(
        may_use("difference").iter().all(|used| ["results", "stats", "units"].contains(used)),
        "stored results are compared without what made them"
    );
    assert!(may_use("results").iter().all(|used| *used == "units"), "results can be read without what made them");
    for upper in ["cli", "report", "results", "study", "input"] {
        assert!(!may_use("engine").contains(&upper), "the engine knows no file, no chart and nobody above");
    }
    for module in ["stats", "rng", "units", "simd"] {
        assert!(
            may_use(module).iter().all(|used| ["stats", "rng", "units", "simd"].contains(used)),
            "`{module}` knows numbers only"
        );
    }
}

#[test]
fn only_the_command_line_speaks_to_the_user() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.module != "cli") {
        for (number, line) in &source.code {
            for name in ONLY_CLI.iter().filter(|name| mentions(line, name)) {
                broken.push(format!("{}:{number}: only `cli` mentions `{name}`", source.path.display()));
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn files_can_be_read_in_a_sitting() {
    let long = |source: &&Source| source.lines > MOST_LINES;
    let message =
        |source: &Source| format!("{}: {} lines; {MOST_LINES} are the most", source.path.display(), source.lines);
    let broken: Vec<String> = sources().iter().filter(long).map(message).collect();
    assert_none(&broken);
}

/// Numbers of rules in a text: `RULES R6, R13`, `RULES R80 to R82`, `(R5)`, `| R5 |`.
fn rules(text: &str) -> BTreeSet<u32> {
    let before = |at: usize| text[..at].chars().next_back();
    let number = |at: usize| {
        let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|_| !before(at).is_some_and(is_word))
    };
    text.match_indices('R').filter_map(|(at, _)| number(at)).collect()
}

/// The first column of the table in `docs/rules.md` has every rule that comments and documents cite.
#[test]
fn every_rule_that_is_cited_is_told() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(root.join(file)).expect("a file can be read");
    let told: BTreeSet<u32> =
        read("docs/rules.md").lines().filter_map(|line| line.split('|').nth(1)).flat_map(rules).collect();
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    let sources = files.into_iter().map(|file| {
        let text = fs::read_to_string(&file).expect("a file can be read");
        let cited: BTreeSet<u32> = text.lines().filter(|line| line.contains("RULES R")).flat_map(rules).collect();
        (file.display().to_string(), cited)
    });
    let documents = ["docs/decisions.md", "docs/measured.md", "scenarios/patch-wave/README.md"];
    let documents = documents.map(|file| (file.to_string(), rules(&read(file))));
    let mut broken = Vec::new();
    for (file, cited) in sources.chain(documents) {
        broken.extend(cited.difference(&told).map(|rule| format!("{file}: R{rule} is not in docs/rules.md")));
    }
    assert!(told.len() > 70);
    assert_none(&broken);
}

// The checks themselves.

#[test]
fn comments_and_tests_do_not_count() {
    let text =
        "//! crate::cli\nuse crate::units::Money; // crate::report\n#[cfg(test)]\nmod tests {\nuse crate::study;\n}\n";
    let source = Source { path: "src/rng/x.rs".into(), module: "rng".to_string(), lines: 6, code: code(text) };
    assert_eq!(source.uses(), BTreeMap::from([("units", 2)]));
    assert!(mentions("    println!(\"x\");", "println!") && !mentions("writeln!(x)", "ln!"));
    assert_eq!(rules("RULES R6, R80 to R82 (R5) PR232 Rate R"), BTreeSet::from([5, 6, 80, 82]));
    assert!(mentions("use clap::Parser;", "clap") && !mentions("let clapped = 1;", "clap"));
}
