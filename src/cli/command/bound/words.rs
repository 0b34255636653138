//! The bound of a scenario in words.

use super::Record;
use crate::report::view::grouped_whole;
use crate::results::ObjectiveMet;
use crate::study::WHAT_THE_GAP_IS;
use std::fmt::Write as _;

/// A table of mixes against the bound, with what it holds for.
pub(super) fn words(record: &Record) -> String {
    let Record { bound, currency, .. } = record;
    let [pilot, fresh] = bound.replications;
    let mut text = format!(
        "No policy within these terms costs less than {} {currency} a month (95 % confidence; estimate {}),\n\
         {fresh} replications, {pilot} others to choose the price of a late request.\n\n",
        grouped_whole(bound.lower_limit),
        grouped_whole(bound.per_month)
    );
    let width = record.mixes.iter().map(|gap| gap.mix.chars().count()).max().unwrap_or(0).max(3);
    let _ = writeln!(text, "{:width$}  {:>10}  {:>10}  {:>8}  objective", "mix", "a month", "at most", "gap");
    for mix in &record.mixes {
        let gap = mix.gap.map_or("-".to_string(), |gap| format!("{:.0} %", gap * 100.0));
        let met = match mix.objective_met {
            ObjectiveMet::Met => "met",
            ObjectiveMet::Missed => "missed",
            ObjectiveMet::Unclear => "unclear",
        };
        let _ = writeln!(
            text,
            "{:width$}  {:>10}  {:>10}  {gap:>8}  {met}",
            mix.mix,
            grouped_whole(mix.per_month),
            grouped_whole(mix.upper_limit)
        );
    }
    text.push('\n');
    for sentence in &bound.holds_for {
        let _ = writeln!(text, "{sentence}");
    }
    let _ = writeln!(text, "{}", record.no_sharper_bound);
    let _ = writeln!(text, "{WHAT_THE_GAP_IS}");
    text
}
