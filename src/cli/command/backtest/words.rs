//! A backtest in words.

use crate::results::{BacktestRecord, Contender, Estimate, ObjectiveMet, Rule};

/// What the terminal shows.
pub(super) fn text(record: &BacktestRecord, quiet: bool) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(words.trim_end());
        text.push('\n');
    };
    for (what, period) in [("Planned on", &record.past), ("Lived", &record.future)] {
        line(format!("{what:<10}  {} to {} ({:.0} h)", period.from, period.to, period.hours));
    }
    line(String::new());
    record.findings.iter().for_each(|words| line(words.clone()));
    line(format!(
        "\n{:<19}  {:>17}  {:>17}  {:>8}  {:>17}  objective",
        record.currency, "promised a month", "got a month", "change", "late, promised/got"
    ));
    for contender in &record.contenders {
        line(row(contender));
        line(format!("    {}", contender.decision));
    }
    if !quiet {
        line(String::new());
        record.warnings.iter().for_each(|words| line(format!("Note: {words}")));
    }
    text
}

fn row(contender: &Contender) -> String {
    let rule = match contender.rule {
        Rule::Plan => "the plan",
        Rule::OnDemandOnly => "on-demand only",
        Rule::ReservedMinimum => "reserved = minimum",
        Rule::ReservedMedian => "reserved = median",
        Rule::PerfectForesight => "perfect foresight",
    };
    let met = match contender.got.objective_met {
        ObjectiveMet::Met => "✓ met",
        ObjectiveMet::Missed => "✗ missed",
        ObjectiveMet::Unclear => "? unclear",
    };
    let got = &contender.got;
    let none = || "–".to_string();
    let (cost, change, late) = contender.promised.as_ref().map_or((none(), none(), none()), |promised| {
        let change = 100.0 * (got.per_month.mean / promised.per_month.mean - 1.0);
        (money(promised.per_month), format!("{change:+.1} %"), percent(promised.late_share))
    });
    format!(
        "{rule:<19}  {cost:>17}  {:>17}  {change:>8}  {late:>8} {:>9}  {met}",
        money(got.per_month),
        percent(got.late_share)
    )
}

/// An amount with half the width of its interval.
fn money(amount: Estimate) -> String {
    let half = amount.ci95.map(|[low, high]| 0.5 * (high - low)).filter(|half| *half >= 0.5);
    half.map_or_else(|| format!("{:.0}", amount.mean), |half| format!("{:.0} ± {half:.0}", amount.mean))
}

fn percent(share: Estimate) -> String {
    format!("{:.2} %", 100.0 * share.mean)
}
