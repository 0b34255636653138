//! `fleetmix commit`: the best commitments for a mix.

mod bill;
mod words;

use crate::cli::args::CommitArguments;
use crate::cli::exit::Failure;
use crate::cli::interrupt;
use crate::cli::output::{check_folder, pretty_json, print_record};
use crate::cli::progress::Progress;
use crate::input::{LoadedScenario, load};
use crate::plan::commitment::{MONTH, Recommendation, Risk, Settings, Situation, recommend};
use crate::results::write_study;
use crate::study::{CommitRecord, PurchaseStudy, purchase_study};
pub(in crate::cli) use bill::OfferedPlan;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use words::Words;

/// Files of the recommendation, in its folder.
const FILES: [&str; 2] = ["commit.json", "commit-curve.csv"];

/// Takes the usage of a simulated mix or of a bill, finds the best purchase and says what it is worth.
pub(in crate::cli) fn run(arguments: &CommitArguments) -> Result<(), Failure> {
    let settings = settings(arguments)?;
    let interrupted = interrupt::watch()?;
    match (&arguments.usage, &arguments.scenario) {
        (Some(file), _) => {
            let (study, bill) = bill::study(file, arguments, settings)?;
            let folder = arguments.study.output_folder(&bill.name);
            check_folder(&folder)?;
            let recommendation = decide(study.situation.clone(), usize::from(arguments.ladder), &interrupted)?;
            let words = Words::new(bill.currency, &study, &recommendation);
            let record = CommitRecord::of_bill(&bill.name, bill.currency, recommendation.clone(), words.remarks());
            write(arguments, &folder, &record, &words)
        }
        (None, Some(scenario)) => {
            let mix = arguments.mix.iter().cloned().collect();
            let input = load(scenario, &arguments.study.load_options(mix))?;
            let settings = Settings { discount_rate: input.scenario.discount_rate, ..settings };
            let folder = arguments.study.output_folder(&input.scenario.name);
            check_folder(&folder)?;
            let study = simulate(&input, arguments, settings, interrupted.clone())?;
            check_usage(&study)?;
            let recommendation = decide(study.situation.clone(), usize::from(arguments.ladder), &interrupted)?;
            let words = Words::new(input.scenario.prices.currency(), &study, &recommendation);
            let record = CommitRecord::of_scenario(&input, recommendation.clone(), words.remarks());
            write(arguments, &folder, &record, &words)
        }
        (None, None) => Err(Failure::new("a scenario or a bill is needed", "give a scenario file, or --usage FILE")),
    }
}

/// Writes the files and prints the answer.
fn write(arguments: &CommitArguments, folder: &Path, record: &CommitRecord, words: &Words) -> Result<(), Failure> {
    let json = pretty_json(record);
    let texts = [json.as_bytes(), &curve_csv(&record.recommendation)?];
    let files: Vec<(&str, &[u8])> = FILES.into_iter().zip(texts).collect();
    write_study(folder, &files).map_err(|error| Failure::new(error.to_string(), "the results were not written"))?;
    print_record(arguments.study.format, &json, |output| {
        if !arguments.study.quiet {
            for remark in &record.remarks {
                writeln!(output, "{remark}")?;
            }
            writeln!(output)?;
        }
        writeln!(output, "{}", words.text())?;
        writeln!(output, "Files: {} and {}", folder.join(FILES[0]).display(), FILES[1])
    })
}

fn settings(arguments: &CommitArguments) -> Result<Settings, Failure> {
    let sum: f64 = arguments.growth.iter().map(|growth| growth.probability).sum();
    if !arguments.growth.is_empty() && (sum - 1.0).abs() > 1e-9 {
        let message = format!("the probabilities of --growth add up to {sum}, not to 1");
        return Err(Failure::new(message, "give every possibility, as in --growth 0.7:1.0 --growth 0.3:1.5"));
    }
    if arguments.buy_in > arguments.months {
        let message = format!("--buy-in {} is more than the {} months planned", arguments.buy_in, arguments.months);
        return Err(Failure::new(message, "plan more --months, or buy in fewer"));
    }
    let decide_again = arguments.decide_again.map(usize::from);
    if let Some(month) = decide_again.filter(|month| *month >= usize::from(arguments.months)) {
        let message = format!("--decide-again {month} is not within the {} months planned", arguments.months);
        return Err(Failure::new(message, "plan more --months, or decide earlier"));
    }
    if decide_again.is_some() && arguments.growth.len() < 2 {
        let message = "--decide-again needs more than one --growth: with one there is nothing to learn";
        return Err(Failure::new(message, "give every possibility, as in --growth 0.7:1.0 --growth 0.3:1.5"));
    }
    if arguments.tail >= 1.0 && arguments.risk > 0.0 {
        return Err(Failure::new("--tail 1 leaves no worst cases", "give a number below 1, as in --tail 0.95"));
    }
    Ok(Settings {
        hours: usize::from(arguments.months) * MONTH,
        dates: (0..usize::from(arguments.buy_in)).map(|month| month * MONTH).collect(),
        growth: arguments.growth.clone(),
        risk: Risk { weight: arguments.risk, level: arguments.tail },
        discount_rate: arguments.discount_rate,
        decide_again: decide_again.map(|month| month * MONTH),
    })
}

/// Finds the best purchase, unless Ctrl-C comes: the search is then left behind, and ends with the process.
fn decide(situation: Situation, ladder: usize, interrupted: &AtomicBool) -> Result<Recommendation, Failure> {
    let (answer, found) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody listens any more after Ctrl-C.
        let _ = answer.send(recommend(&situation, ladder));
    });
    loop {
        match found.recv_timeout(Duration::from_millis(50)) {
            Ok(found) => {
                return found.map_err(|error| Failure::new(format!("no purchase could be computed: {error}"), ""));
            }
            Err(RecvTimeoutError::Timeout) if interrupted.load(Ordering::Relaxed) => {
                let message = "interrupted while the best purchase was searched: nothing was written";
                return Err(Failure::Interrupted(message.to_string()));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new("the search for the best purchase ended without an answer", ""));
            }
        }
    }
}

fn simulate(
    input: &LoadedScenario,
    arguments: &CommitArguments,
    settings: Settings,
    interrupted: Arc<AtomicBool>,
) -> Result<PurchaseStudy, Failure> {
    let pool = arguments.study.thread_pool()?;
    let steps = u64::from(input.scenario.run.replications);
    let progress = Progress::new(steps, arguments.study.quiet, interrupted);
    pool.install(|| purchase_study(input, settings, &progress)).map_err(|interrupted| {
        Failure::Interrupted(format!("{interrupted}: a purchase needs all of them, so nothing was written"))
    })
}

/// A purchase needs something to buy and something to cover.
fn check_usage(study: &PurchaseStudy) -> Result<(), Failure> {
    let situation = &study.situation;
    let types: Vec<&str> = situation.replications.iter().flatten().map(|one| one.instance_type.as_str()).collect();
    if situation.replications.iter().flatten().all(|one| one.hours.is_empty()) {
        let message = "the horizon holds no whole clock hour, which is what commitments are applied to";
        return Err(Failure::new(message, "simulate at least two hours"));
    }
    if situation.reserved.is_empty() && situation.plans.is_empty() {
        let mut names = types;
        names.sort_unstable();
        names.dedup();
        let message = format!("the price list has no commitment that covers {}", names.join(" or "));
        return Err(Failure::new(message, "add reserved offers for this type or its family, or `savings_plans`"));
    }
    Ok(())
}

fn curve_csv(recommendation: &Recommendation) -> Result<Vec<u8>, Failure> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let wrong = |error: csv::Error| Failure::new(error.to_string(), "");
    let header = [
        "kind",
        "offer",
        "count",
        "commitment_per_hour",
        "cost",
        "savings",
        "savings_low",
        "savings_high",
        "probability_of_loss",
        "probability_of_loss_low",
        "probability_of_loss_high",
    ];
    table.write_record(header).map_err(wrong)?;
    for point in &recommendation.curve {
        let limit =
            |limits: Option<[f64; 2]>, end: usize| limits.map_or(String::new(), |limits| limits[end].to_string());
        let saved = point.savings;
        table
            .write_record([
                point.kind.name().to_string(),
                point.offer.clone(),
                point.count.map_or(String::new(), |count| count.to_string()),
                point.commitment_per_hour.to_string(),
                point.cost.to_string(),
                saved.mean.to_string(),
                limit(saved.ci95, 0),
                limit(saved.ci95, 1),
                saved.probability_of_loss.to_string(),
                limit(saved.probability_of_loss_ci95, 0),
                limit(saved.probability_of_loss_ci95, 1),
            ])
            .map_err(wrong)?;
    }
    table.into_inner().map_err(|error| Failure::new(error.to_string(), ""))
}
