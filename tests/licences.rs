//! Every dependency may be used: one of its licences is on the list of `deny.toml`.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The licences of `deny.toml`, one a line.
fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).unwrap();
    let list = text.split("allow = [").nth(1).and_then(|rest| rest.split(']').next()).expect("a list of licences");
    list.lines().map(|line| line.trim().trim_matches([',', '"']).to_string()).filter(|line| !line.is_empty()).collect()
}

/// Whether a licence expression can be met: `OR` needs one side, `AND` both; `/` is an old `OR`.
fn is_met(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.trim();
    let whole = expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).filter(|inner| balanced(inner));
    if let Some(inner) = whole {
        return is_met(inner, allowed);
    }
    for (word, any) in [(" OR ", true), ("/", true), (" AND ", false)] {
        let parts = split(expression, word);
        if parts.len() > 1 {
            let mut met = parts.iter().map(|part| is_met(part, allowed));
            return if any { met.any(|met| met) } else { met.all(|met| met) };
        }
    }
    allowed.iter().any(|licence| licence == expression)
}

fn balanced(text: &str) -> bool {
    let mut depth = 0i32;
    text.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    }) && depth == 0
}

/// The parts between a word that stands outside of parentheses.
fn split<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for (at, _) in text.match_indices(word) {
        if balanced(&text[begin..at]) {
            parts.push(&text[begin..at]);
            begin = at + word.len();
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// What cargo knows of the dependencies; nothing where they are not all at hand.
fn metadata() -> Option<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    if !output.status.success() {
        println!("skipped: not all dependencies are at hand: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

#[test]
fn every_dependency_may_be_used() {
    let Some(metadata) = metadata() else { return };
    let allowed = allowed();
    assert!(allowed.len() > 5, "{allowed:?}");
    let packages = metadata["packages"].as_array().expect("packages");
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !is_met(word(package, "license"), &allowed))
        .map(|package| format!("{}: {:?}", word(package, "name"), word(package, "license")))
        .collect();
    assert!(packages.len() > 50 && refused.is_empty(), "{refused:#?}");
}

/// `THIRD-PARTY.md` names what is part of the program: dependencies but those of tests and builds.
#[test]
fn the_notices_are_current() {
    let Some(metadata) = metadata() else { return };
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let mut reached = BTreeSet::new();
    let mut open = vec![word(&metadata["resolve"], "root").to_string()];
    while let Some(id) = open.pop() {
        let node = nodes.iter().find(|node| word(node, "id") == id).expect("a node");
        let normal = |dependency: &&Value| {
            let kinds = dependency["dep_kinds"].as_array().expect("kinds");
            kinds.iter().any(|kind| kind["kind"].is_null())
        };
        let below = node["deps"].as_array().expect("dependencies").iter().filter(normal);
        open.extend(below.map(|dependency| word(dependency, "pkg").to_string()).filter(|id| !reached.contains(id)));
        reached.insert(id);
    }
    let packages = metadata["packages"].as_array().expect("packages");
    let mut rows: Vec<String> = packages
        .iter()
        .filter(|package| word(package, "name") != "fleetmix" && reached.contains(word(package, "id")))
        .map(|package| {
            let (name, version) = (word(package, "name"), word(package, "version"));
            format!("| {name} | {version} | {} | {} |", word(package, "license"), word(package, "repository"))
        })
        .collect();
    rows.sort();
    let text = format!(
        "# Third-party software\n\nWhat is part of the program besides its own code, on any platform; the texts of the licences are in each \
         project.\n\n| crate | version | licence | project |\n|---|---|---|---|\n{}\n\nThe font in reports is Inter, under the SIL Open Font \
         License ([assets/fonts](assets/fonts/README.md)).\n",
        rows.join("\n")
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("THIRD-PARTY.md");
    if std::env::var_os("FLEETMIX_UPDATE_NOTICES").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "THIRD-PARTY.md is out of date; run: FLEETMIX_UPDATE_NOTICES=1 cargo test --test licences");
}

#[test]
fn expressions_are_understood() {
    let allowed = ["MIT".to_string(), "Apache-2.0".to_string(), "Unicode-3.0".to_string()];
    for met in ["MIT", "GPL-3.0 OR MIT", "(MIT OR GPL-3.0) AND Unicode-3.0", "MIT/GPL-3.0", "(MIT)"] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in ["GPL-3.0", "MIT AND GPL-3.0", "", "(GPL-3.0 OR LGPL-3.0) AND MIT"] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
}
