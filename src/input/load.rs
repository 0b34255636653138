//! The whole way from a scenario file to what can be simulated.

use super::candidates::{Chosen, Origin};
use super::overrides::{apply, is_within};
use super::resolve::Resolver;
use super::typing::typed;
use super::{Candidate, Diagnostic, Document, Problem, Source};
use crate::scenario::{Issue, ListedJob, MAX_CANDIDATES, Mix, MixEntry, Prices, Scenario, validate};
use crate::trace::DemandSeries;
use crate::units::Duration;
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;

/// What the caller changes in a scenario.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Mixes to simulate instead of the scenario's, in this order: the notation, or the name of one of the scenario's.
    pub mixes: Vec<String>,
    /// Whether there is one mix for each combination of the settings that a search tries, instead of the scenario's mixes.
    pub search: bool,
    /// Settings that replace the scenario's, by JSON pointer, in order.
    pub set: Vec<(String, Value)>,
    /// Seed instead of the scenario's.
    pub seed: Option<u32>,
    /// Number of replications instead of the scenario's.
    pub replications: Option<u32>,
    /// A first look: at most three replications of at most a day, unless `set` or `replications` say otherwise.
    pub quick: bool,
    /// Settings that take each of some values, by JSON pointer: each mix becomes one for every combination.
    pub vary: Vec<(String, Vec<Value>)>,
}

/// Replications of a first look.
const QUICK_REPLICATIONS: u32 = 3;
/// Length of a first look.
const QUICK_HORIZON: Duration = Duration::DAY;

/// A scenario that was checked, with all files read.
#[derive(Debug, Clone)]
pub struct LoadedScenario {
    /// The scenario as written, with the caller's settings and mixes; a price list in a file stays a reference.
    pub scenario: Scenario,
    /// The requests that arrive, the same for all mixes.
    pub demand: Arc<DemandSeries>,
    /// Recorded jobs, in order of release.
    pub jobs: Arc<[ListedJob]>,
    /// The mixes to simulate, in order.
    pub candidates: Vec<Candidate>,
    /// Files that were read.
    pub sources: Vec<Source>,
    /// What was done to the input, in words: where traces were placed.
    pub notes: Vec<String>,
}

/// Reads, checks and completes a scenario. Nothing is written.
pub fn load(path: &Path, options: &LoadOptions) -> Result<LoadedScenario, Diagnostic> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    load_document(&Document::read(path)?, folder, options)
}

/// [`load()`] for a document that was read already; `folder` is what its paths are relative to.
pub fn load_document(document: &Document, folder: &Path, options: &LoadOptions) -> Result<LoadedScenario, Diagnostic> {
    let mut loading = Loading { document, given: Vec::new(), problems: Vec::new() };
    let mut tree = document.tree.clone();
    loading.apply_options(&mut tree, options)?;
    let mut base: Scenario = match typed(&tree) {
        Ok(scenario) => scenario,
        Err(problem) => return Err(loading.fail(problem)),
    };
    let chosen = if options.search { searched_mixes(&base) } else { chosen_mixes(&base, &options.mixes)? };
    let points = options.vary.iter().fold(chosen.len(), |points, (_, values)| points.saturating_mul(values.len()));
    if points > MAX_CANDIDATES {
        let message = format!("{points} combinations of mixes and values; at most {MAX_CANDIDATES} are possible");
        return Err(loading.fail(Problem::new(message)));
    }
    let chosen = varied_mixes(chosen, &options.vary);
    base.mixes = chosen.iter().map(|chosen| chosen.entry.clone()).collect();
    if options.search || !options.mixes.is_empty() || !options.vary.is_empty() {
        base.baseline = base.baseline.filter(|name| base.mixes.iter().any(|entry| entry.display_name() == *name));
    }
    let base = Arc::new(base);
    let mut resolver = Resolver::new(folder, &base);
    let scenarios = loading.check_all(&mut resolver, &tree, &base, &chosen);
    loading.stop_on_problems()?;
    let demand = resolver.demand().map_err(|problem| loading.keep(problem));
    let jobs = resolver.jobs().map_err(|problem| loading.keep(problem)).unwrap_or_default();
    let mut candidates = Vec::with_capacity(chosen.len());
    for (chosen, scenario) in chosen.iter().zip(scenarios) {
        match resolver.candidate(&chosen.entry, scenario) {
            Ok(candidate) => candidates.push(candidate),
            Err(problems) => problems.into_iter().for_each(|problem| loading.keep(chosen.at_override(problem))),
        }
    }
    loading.stop_on_problems()?;
    let Ok(demand) = demand else { return Err(loading.fail(Problem::new("the demand could not be read"))) };
    let Resolver { sources, notes, .. } = resolver;
    let demand = Arc::new(demand);
    let scenario = Arc::unwrap_or_clone(base);
    Ok(LoadedScenario { scenario, demand, jobs: jobs.into(), candidates, sources, notes })
}

/// The mixes to simulate: the scenario's, or those that were asked for.
fn chosen_mixes(scenario: &Scenario, asked: &[String]) -> Result<Vec<Chosen>, Diagnostic> {
    let own: Vec<Chosen> = scenario.mixes.iter().enumerate().map(from_document).collect();
    if asked.is_empty() {
        return Ok(own);
    }
    asked.iter().map(|text| chosen_mix(&own, text)).collect()
}

/// A mix for each combination of the settings that are searched.
fn searched_mixes(scenario: &Scenario) -> Vec<Chosen> {
    let pools = &scenario.pools;
    let search = scenario.search.clone().unwrap_or_default();
    let entries = search.representatives(pools.reserved.is_some(), pools.spot.is_some());
    let chosen = |entry: MixEntry| {
        let origin = Origin::CommandLine(entry.display_name());
        Chosen { entry, origin }
    };
    entries.into_iter().map(chosen).collect()
}

/// Each mix with every combination of the values; the last setting varies fastest.
fn varied_mixes(chosen: Vec<Chosen>, vary: &[(String, Vec<Value>)]) -> Vec<Chosen> {
    vary.iter().fold(chosen, |chosen, (pointer, values)| {
        let with = |before: &Chosen, value: &Value| {
            let mut entry = before.entry.clone();
            entry.name = Some(format!("{}, {pointer}={value}", entry.display_name()));
            entry.set.insert(pointer.clone(), value.clone());
            let origin = Origin::CommandLine(entry.display_name());
            Chosen { entry, origin }
        };
        chosen.iter().flat_map(|before| values.iter().map(move |value| with(before, value))).collect()
    })
}

fn from_document((index, entry): (usize, &MixEntry)) -> Chosen {
    Chosen { entry: entry.clone(), origin: Origin::Document(index) }
}

/// One mix that was asked for. The scenario's own entry where it says the same, so that its record stays the same.
fn chosen_mix(own: &[Chosen], text: &str) -> Result<Chosen, Diagnostic> {
    match text.parse::<Mix>() {
        Ok(mix) => {
            let same = own.iter().find(|chosen| chosen.entry.mix == mix && chosen.entry.set.is_empty());
            let new = || Chosen {
                entry: MixEntry { mix, name: None, set: Map::new() },
                origin: Origin::CommandLine(text.to_string()),
            };
            Ok(same.cloned().unwrap_or_else(new))
        }
        Err(error) => own.iter().find(|chosen| chosen.entry.display_name() == text).cloned().ok_or_else(|| {
            let start = text.char_indices().nth(error.at).map_or(text.len(), |(byte, _)| byte);
            let length = text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
            Diagnostic {
                source_name: "--mix".to_string(),
                source_text: Some(text.into()),
                problems: vec![
                    Problem::new(error.message)
                        .spanning(start..start + length)
                        .help("write a mix like `3 reserved + 2 spot(max 0.40 USD/h) + 0..4 on-demand`"),
                ],
            }
        }),
    }
}

/// Collects problems and knows where settings came from.
struct Loading<'a> {
    document: &'a Document,
    /// Pointers that the caller set, and by which option.
    given: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Loading<'_> {
    fn apply_options(&mut self, tree: &mut Value, options: &LoadOptions) -> Result<(), Diagnostic> {
        if options.quick {
            shorten(tree);
        }
        let seed = options.seed.map(|seed| ("/run/seed", Value::from(seed), "--seed"));
        let replications = options.replications.map(|n| ("/run/replications", Value::from(n), "--replications"));
        let named = seed.into_iter().chain(replications);
        let named = named.map(|(pointer, value, option)| (pointer.to_string(), value, option.to_string()));
        let set =
            options.set.iter().map(|(pointer, value)| (pointer.clone(), value.clone(), format!("--set {pointer}")));
        for (pointer, value, option) in set.chain(named) {
            self.given.push((pointer.clone(), option));
            apply(tree, &pointer, value).map_err(|message| self.fail(Problem::at(pointer, message)))?;
        }
        Ok(())
    }

    /// Checks the scenario and every candidate's, and returns the candidates' scenarios.
    fn check_all(
        &mut self,
        resolver: &mut Resolver<'_>,
        tree: &Value,
        base: &Arc<Scenario>,
        chosen: &[Chosen],
    ) -> Vec<Arc<Scenario>> {
        let (base_issues, base_price_problem) = check(resolver, base);
        base_price_problem.iter().for_each(|problem| self.keep(problem.clone()));
        for issue in &base_issues {
            self.keep(placed_mix(Problem::at(&issue.pointer, &issue.message), chosen));
        }
        let mut scenarios = Vec::with_capacity(chosen.len());
        for chosen in chosen {
            match chosen.scenario(tree, base) {
                Ok(scenario) => {
                    if !chosen.entry.set.is_empty() {
                        let (issues, price_problem) = check(resolver, &scenario);
                        let new = issues.into_iter().filter(|issue| !base_issues.contains(issue));
                        let new = new.map(|issue| Problem::at(issue.pointer, issue.message));
                        let new_price_problem =
                            price_problem.filter(|problem| base_price_problem.as_ref() != Some(problem));
                        new.chain(new_price_problem).for_each(|problem| self.keep(chosen.moved(problem)));
                    }
                    scenarios.push(scenario);
                }
                Err(problems) => problems.into_iter().for_each(|problem| self.keep(problem)),
            }
        }
        scenarios
    }

    /// Notes a problem, once; one of a value that the caller set names the option instead of a place.
    fn keep(&mut self, problem: Problem) {
        let pointer = problem.pointer.clone().unwrap_or_default();
        let option = self.given.iter().rev().find(|(given, _)| !given.is_empty() && is_within(&pointer, given));
        let problem = match option {
            Some((given, option)) => {
                let below = &pointer[given.len()..];
                let place = if below.is_empty() { option.clone() } else { format!("{option} ({below})") };
                Problem { pointer: None, message: format!("{place}: {}", problem.message), ..problem }
            }
            None => problem,
        };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn fail(&mut self, problem: Problem) -> Diagnostic {
        self.keep(problem);
        self.document.diagnose(std::mem::take(&mut self.problems))
    }

    fn stop_on_problems(&mut self) -> Result<(), Diagnostic> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(self.document.diagnose(std::mem::take(&mut self.problems)))
    }
}

/// Cuts a scenario down to a first look. What is not as it should be stays, for the checks to name it.
fn shorten(tree: &mut Value) {
    if let Some(horizon) = tree.pointer_mut("/clock/horizon")
        && let Some(length) = horizon.as_str().and_then(|text| text.parse::<Duration>().ok())
    {
        *horizon = Value::from(length.min(QUICK_HORIZON).to_string());
    }
    if let Some(replications) = tree.pointer_mut("/run/replications")
        && let Some(count) = replications.as_u64()
    {
        *replications = Value::from(count.min(u64::from(QUICK_REPLICATIONS)));
    }
}

/// Semantic issues of a scenario with its price list read, and why the list could not be read.
fn check(resolver: &mut Resolver<'_>, scenario: &Scenario) -> (Vec<Issue>, Option<Problem>) {
    match resolver.with_prices(scenario) {
        Ok(complete) => {
            let mut issues = validate(&complete);
            if let Prices::List(list) = &scenario.prices {
                issues.iter_mut().for_each(|issue| place_in_list(issue, &list.file));
            }
            issues.extend(resolver.currency_issue(scenario));
            (issues, None)
        }
        Err(problem) => (validate(scenario), Some(problem)),
    }
}

/// What is wrong with a price list in a file stands in the file, not in the scenario.
fn place_in_list(issue: &mut Issue, file: &str) {
    if let Some(below) = issue.pointer.strip_prefix("/prices/inline") {
        issue.message = format!("{file}: {below}: {}", issue.message);
        issue.pointer = "/prices/list/file".to_string();
    }
}

/// A problem of a chosen mix at its place in the document, or with the `--mix` that it came from.
fn placed_mix(problem: Problem, chosen: &[Chosen]) -> Problem {
    let Some(rest) = problem.pointer.as_deref().and_then(|pointer| pointer.strip_prefix("/mixes/")) else {
        return problem;
    };
    let (index, below) = rest.split_once('/').unwrap_or((rest, ""));
    match index.parse::<usize>().ok().and_then(|index| chosen.get(index)).map(|chosen| &chosen.origin) {
        Some(Origin::Document(index)) => {
            Problem { pointer: Some(format!("/mixes/{index}/{below}").trim_end_matches('/').to_string()), ..problem }
        }
        Some(Origin::CommandLine(text)) => {
            Problem { pointer: None, message: format!("--mix {text:?}: {}", problem.message), ..problem }
        }
        None => problem,
    }
}
