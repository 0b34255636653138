//! A sensitivity study in words, with bars.

use crate::results::{ObjectiveMet, SensitivityRecord, Variation};

/// Characters of a bar on each side of the middle.
const HALF: usize = 18;

/// What the terminal shows.
pub(super) fn text(record: &SensitivityRecord, quiet: bool) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(words.trim_end());
        text.push('\n');
    };
    let now = &record.mix;
    line(format!(
        "Mix:    {} ({:.0} {} a month, {:.2} % late)",
        now.name,
        now.per_month.mean,
        record.currency,
        100.0 * now.late_share.mean
    ));
    if let Some(rival) = &record.rival {
        line(format!(
            "Rival:  {} ({:.0} {} a month, {:.2} % late)",
            rival.name,
            rival.per_month.mean,
            record.currency,
            100.0 * rival.late_share.mean
        ));
    }
    line(String::new());
    record.findings.iter().for_each(|words| line(words.clone()));
    line(format!(
        "\n{:<26}{:^width$}  {:>15}  {:>16}",
        "",
        "cheaper | dearer",
        "a month",
        "late",
        width = 2 * HALF + 1
    ));
    let largest = record.factors.iter().map(|factor| factor.largest_effect()).fold(0.0, f64::max);
    for factor in &record.factors {
        line(row(factor.factor.name(), &factor.low, largest));
        line(row("", &factor.high, largest));
    }
    if !quiet {
        line(String::new());
        record.assumptions.iter().for_each(|words| line(format!("Note: {words}")));
    }
    text
}

fn row(name: &str, variation: &Variation, largest: f64) -> String {
    let (change, reaction) = (reaction_bar(variation.mix.cost_change.mean, largest), &variation.mix);
    let half = reaction.cost_change.ci95.map(|[low, high]| 0.5 * (high - low)).filter(|half| *half >= 0.5);
    let cost = half.map_or_else(
        || format!("{:+.0}", reaction.cost_change.mean),
        |half| format!("{:+.0} ± {half:.0}", reaction.cost_change.mean),
    );
    let met = match reaction.objective_met {
        ObjectiveMet::Met => "✓",
        ObjectiveMet::Missed => "✗",
        ObjectiveMet::Unclear => "?",
    };
    let rival = variation.rival.as_ref().filter(|rival| rival.per_month.mean < reaction.per_month.mean);
    let cheaper = if rival.is_some() { "rival cheaper" } else { "" };
    format!(
        "{name:<16}{:>9} {change}  {cost:>15}  {:>14.2} % {met} {cheaper}",
        variation.change,
        100.0 * reaction.late_share.mean
    )
}

/// A bar to the left for less, to the right for more.
fn reaction_bar(change: f64, largest: f64) -> String {
    let length = if largest > 0.0 { (change.abs() / largest * HALF as f64).round() as usize } else { 0 };
    let bar = "█".repeat(length.min(HALF));
    match change < 0.0 {
        true => format!("{bar:>HALF$}|{:HALF$}", ""),
        false => format!("{:HALF$}|{bar:<HALF$}", ""),
    }
}
