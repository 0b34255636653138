//! A check as Markdown for people and as JUnit for the pipeline that shows it.

use super::{CheckRecord, CheckedFigure, Figure, Pairing, Verdict};
use std::fmt::Write as _;

/// A summary for a merge request.
pub fn markdown(record: &CheckRecord) -> String {
    let count = |verdict: Verdict| record.figures.iter().filter(|figure| figure.verdict == verdict).count();
    let (failed, unclear, all) = (count(Verdict::Failed), count(Verdict::Unclear), record.figures.len());
    let head = if record.passed { "passed" } else { "failed" };
    let mut text = format!("## fleetmix check: {} {head}\n\n", cell(&record.scenario));
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{failed} of {all} figures are beyond their limit for certain, {unclear} perhaps. {} replications, {}. A figure fails only if it \
         is beyond its limit with a confidence above {:.2} %; a change that does nothing fails this check in at most {:.3} % of cases.\n",
        record.replications,
        match record.pairing {
            Pairing::ByReplication => "paired with the baseline's",
            Pairing::Independent => "not paired with the baseline's",
        },
        record.required_confidence * 100.0,
        record.false_alarms * 100.0
    );
    text += "| mix | figure | baseline | now | limit | confidence that it is beyond | |\n|---|---|---:|---:|---:|---:|---|\n";
    for figure in &record.figures {
        let amount = |value: f64| amount(record, figure.figure, value);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} ({}) | {:.1} % | {} |",
            cell(&figure.mix),
            figure.figure.words(),
            figure.baseline.map_or("new".to_string(), amount),
            amount(figure.value),
            amount(figure.limit),
            figure.rule,
            figure.confidence_beyond * 100.0,
            if figure.verdict == Verdict::Failed { "**failed**" } else { figure.verdict.words() }
        );
    }
    if !record.remarks.is_empty() {
        text.push('\n');
        record.remarks.iter().for_each(|remark| text += &format!("* {}\n", cell(remark)));
    }
    text
}

/// What a table's cell may hold.
fn cell(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .replace('|', "\\|")
        .replace('<', "&lt;")
}

fn amount(record: &CheckRecord, figure: Figure, value: f64) -> String {
    match figure {
        Figure::Cost => format!("{value:.2} {}", record.currency),
        Figure::LateShare | Figure::ErrorShare => format!("{:.4} %", value * 100.0),
    }
}

/// The same as JUnit: a test case for each figure.
pub fn junit(record: &CheckRecord) -> String {
    let failed = record.figures.iter().filter(|figure| figure.verdict == Verdict::Failed).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{0}\" failures=\"{failed}\">\n  <testsuite name=\"fleetmix check \
         {1}\" tests=\"{0}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\">\n",
        record.figures.len(),
        escaped(&record.scenario)
    );
    for figure in &record.figures {
        let name = format!("{}: {}", figure.figure.words(), figure.rule);
        let _ = write!(text, "    <testcase classname=\"{}\" name=\"{}\"", escaped(&figure.mix), escaped(&name));
        let said = sentence(record, figure);
        if figure.verdict == Verdict::Failed {
            let _ = writeln!(text, ">\n      <failure message=\"{}\"/>\n    </testcase>", escaped(&said));
        } else {
            let _ = writeln!(text, ">\n      <system-out>{}</system-out>\n    </testcase>", escaped(&said));
        }
    }
    text += "  </testsuite>\n</testsuites>\n";
    text
}

fn sentence(record: &CheckRecord, figure: &CheckedFigure) -> String {
    let amount = |value: f64| amount(record, figure.figure, value);
    format!(
        "{} of `{}`: {}, limit {} ({}); beyond it with a confidence of {:.1} %",
        figure.figure.words(),
        figure.mix,
        amount(figure.value),
        amount(figure.limit),
        figure.rule,
        figure.confidence_beyond * 100.0
    )
}

/// A text within XML; characters that XML does not have become blanks.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            c if c.is_control() => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
