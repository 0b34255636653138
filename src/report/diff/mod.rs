//! Two studies side by side, in words: for a terminal, and as a page.

mod page;
mod table;

pub use page::diff_html;
pub use table::diff_table;

use super::view::{duration, money, money_estimate, plural, share};
use crate::difference::{Change, Difference, Finding};
use crate::results::Estimate;
use crate::units::Currency;

/// The finding in a sentence.
pub fn headline(difference: &Difference) -> String {
    let count =
        |finding: Finding| difference.mixes.iter().filter(|mix| mix.cost_per_month.finding == finding).count() as u64;
    let (rose, fell, all) = (count(Finding::Rose), count(Finding::Fell), difference.mixes.len() as u64);
    if all == 0 {
        return "The studies have no mix in common".into();
    }
    if count(Finding::Unknown) == all {
        return "Whether cost changed by more than noise cannot be told".into();
    }
    let of = match all {
        1 => "the mix".to_string(),
        all => plural(all, "mixe"),
    };
    match (rose, fell) {
        (0, 0) if count(Finding::Same) == all => format!("The cost of {of} is the same"),
        (0, 0) => format!("The cost of {of} changed by no more than noise"),
        (rose, 0) => format!("Cost rose by more than noise in {rose} of {of}"),
        (0, fell) => format!("Cost fell by more than noise in {fell} of {of}"),
        (rose, fell) => format!("By more than noise cost rose in {rose} and fell in {fell} of {of}"),
    }
}

/// How the best mix changed, in a sentence.
pub fn best_words(difference: &Difference) -> String {
    let none = || "no mix meets the objective".to_string();
    let [old, new] = &difference.best;
    match (old, new) {
        (Some(old), Some(new)) if old == new => format!("The best mix is still {new}."),
        (None, None) => "Neither study has a mix that meets the objective.".into(),
        (old, new) => format!(
            "The best mix was: {}. It is: {}.",
            old.clone().unwrap_or_else(none),
            new.clone().unwrap_or_else(none)
        ),
    }
}

/// The sign of a finding.
fn sign(finding: Finding) -> &'static str {
    match finding {
        Finding::Rose => "↑",
        Finding::Fell => "↓",
        Finding::WithinNoise => "≈",
        Finding::Same => "=",
        Finding::Unknown => "?",
    }
}

/// The finding in words.
fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::Rose => "rose",
        Finding::Fell => "fell",
        Finding::WithinNoise => "within noise",
        Finding::Same => "the same",
        Finding::Unknown => "cannot be told",
    }
}

fn signed(amount: f64, say: impl Fn(f64) -> String) -> String {
    if amount > 0.0 { format!("+{}", say(amount)) } else { say(amount) }
}

/// A change with its interval, in the words of `say`.
fn change(change: &Change, say: impl Fn(f64) -> String) -> String {
    match change.ci95 {
        _ if change.finding == Finding::Same => "none".into(),
        Some([low, high]) if low != high => {
            format!("{} [{}, {}]", signed(change.difference, &say), signed(low, &say), signed(high, &say))
        }
        _ => signed(change.difference, &say),
    }
}

fn of_money(one: &Change, currency: Currency) -> String {
    if one.finding == Finding::Same {
        return "none".into();
    }
    let estimate = Estimate { mean: one.difference, ci95: one.ci95, n: 0 };
    let sign = if one.difference > 0.0 { "+" } else { "" };
    format!("{sign}{}", money_estimate(&estimate, currency))
}

/// Both values: `$2,143 → $2,010`, or one where they are the same.
fn both(change: &Change, say: impl Fn(f64) -> String) -> String {
    let (old, new) = (say(change.old), say(change.new));
    if old == new { old } else { format!("{old} → {new}") }
}

/// The words of each figure of a mix: its name, both values, the change and the finding.
fn figures(mix: &crate::difference::MixDifference, currency: Currency) -> [(&'static str, String, String, Finding); 4] {
    let usd = |amount: f64| money(amount, currency);
    let cost = &mix.cost_per_month;
    let row = |name, one: &Change, say: fn(f64) -> String| (name, both(one, say), change(one, say), one.finding);
    [
        ("A month", both(cost, usd), of_money(cost, currency), cost.finding),
        row("Late", &mix.late_share, share),
        row("Failed", &mix.error_share, share),
        row("p95", &mix.p95_seconds, duration),
    ]
}
