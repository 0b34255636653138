//! The ranked mixes as a table for a terminal.

use super::background::{self, HEADINGS};
use super::ranking::{named, ranked};
use super::view::{count, duration, money_estimate, objective, percent_change, plural, share, verdict};
use crate::results::{MixRecord, ObjectiveMet, Results};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width};

/// How a table is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableOptions {
    /// Columns of the terminal.
    pub width: u16,
    /// Whether escape sequences for colour may be used.
    pub colour: bool,
}

/// Names longer than this are shortened.
const LONGEST_NAME: usize = 72;

/// A column beside rank and name: its heading, the width of a terminal from which on it is shown, and its words.
struct Column {
    heading: String,
    from_width: u16,
    words: fn(&Results, &MixRecord) -> String,
}

/// A heading, and the mixes: those that meet the objective by cost, then the unclear ones, then those that miss it.
pub fn table(results: &Results, options: TableOptions) -> String {
    let columns: Vec<Column> = columns(results).into_iter().filter(|c| c.from_width <= options.width).collect();
    let headings = ["#", "mix"].map(String::from).into_iter().chain(columns.iter().map(|c| c.heading.clone()));
    let mut table = empty_table(headings.chain([String::new()]), options);
    for (index, mix) in ranked(results).into_iter().enumerate() {
        let numbers = columns.iter().map(|column| Cell::new((column.words)(results, mix)));
        let first = [Cell::new(index + 1), name_cell(results, mix, options.colour)];
        table.add_row(first.into_iter().chain(numbers).chain([verdict_cell(mix, options.colour)]));
    }
    set_columns(&mut table, columns.len());
    let waves: String = super::patch_wave::lines(results)
        .iter()
        .map(|line| format!("\n{}\n", fold(line, usize::from(options.width.max(20)))))
        .collect();
    let why = super::causes::line(results).into_iter().chain(super::sensitivity::line(results));
    let why: String = why.map(|line| format!("\n{}\n", fold(&line, usize::from(options.width.max(20))))).collect();
    let background = background_table(results, options);
    let heading = heading(results, options.width);
    format!("{heading}\n\n{}\n{waves}{why}{background}", right_trimmed(&table.to_string()))
}

/// A table with its headings and no rows.
fn empty_table(headings: impl Iterator<Item = String>, options: TableOptions) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(options.width).force_no_tty();
    if options.colour {
        table.enforce_styling();
    }
    table.set_header(headings.map(|text| dim(text, options.colour)));
    table
}

/// What came of work that could wait; nothing where there was none.
fn background_table(results: &Results, options: TableOptions) -> String {
    let rows = background::rows(results);
    if rows.is_empty() {
        return String::new();
    }
    // The ranking has costs and latencies already: narrow terminals do without.
    let shown: Vec<usize> = (0..HEADINGS.len()).filter(|i| options.width >= 130 || ![0, 1, 2, 7].contains(i)).collect();
    let headings: Vec<&str> =
        ["", "work that could wait"].into_iter().chain(shown.iter().map(|i| HEADINGS[*i])).collect();
    let rows = rows.into_iter().enumerate().map(|(index, row)| {
        let first = [(index + 1).to_string(), short_name(&row.name)];
        first.into_iter().chain(shown.iter().map(|i| row.cells[*i].clone())).collect()
    });
    format!("\n{}\n", number_table(&headings, rows, options))
}

/// A table whose first two columns are a rank and a name, and whose others are numbers.
pub fn number_table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>, options: TableOptions) -> String {
    let mut table = empty_table(headings.iter().map(|heading| (*heading).to_string()), options);
    rows.for_each(|row| {
        table.add_row(row);
    });
    set_columns(&mut table, headings.len().saturating_sub(2));
    right_trimmed(&table.to_string())
}

fn columns(results: &Results) -> Vec<Column> {
    let objective = &results.objective;
    let column = |heading: String, from_width, words| Column { heading, from_width, words };
    vec![
        column("a month".into(), 0, |results, mix| money_estimate(&mix.cost.per_month, results.currency)),
        column("against\nbaseline".into(), 0, versus_baseline),
        column("p95".into(), 0, |_, mix| duration(mix.latency_seconds.p95.mean)),
        column(format!("late\n≤ {}", share(objective.late_share)), 0, |_, mix| share(mix.late_share.mean)),
        column(format!("failed\n≤ {}", share(objective.error_share)), 0, |_, mix| share(mix.error_share.mean)),
        column("attained".into(), 100, |_, mix| share(mix.attainment.mean)),
        column("spot\ntaken".into(), 110, |_, mix| count(mix.instances.interruptions.mean)),
        column("CPU".into(), 120, |_, mix| share(mix.cpu_utilization.mean)),
    ]
}

fn versus_baseline(results: &Results, mix: &MixRecord) -> String {
    match named(results, results.baseline.as_deref()) {
        Some(base) if base.name == mix.name => "baseline".into(),
        Some(base) => percent_change(mix.cost.per_month.mean, base.cost.per_month.mean),
        None => super::view::NONE.into(),
    }
}

fn dim(text: String, colour: bool) -> Cell {
    let cell = Cell::new(text);
    if colour { cell.add_attribute(Attribute::Dim) } else { cell }
}

/// A name without what would move a terminal's cursor.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn name_cell(results: &Results, mix: &MixRecord, colour: bool) -> Cell {
    let name = short_name(&mix.name);
    let best = results.best.as_deref() == Some(mix.name.as_str());
    let cell = Cell::new(name);
    if colour && best { cell.add_attribute(Attribute::Bold) } else { cell }
}

fn short_name(name: &str) -> String {
    let name = plain_name(name);
    if name.chars().count() > LONGEST_NAME {
        return name.chars().take(LONGEST_NAME - 1).collect::<String>() + "…";
    }
    name
}

fn verdict_cell(mix: &MixRecord, colour: bool) -> Cell {
    let (sign, hue) = match mix.objective_met {
        ObjectiveMet::Met => ("✓", Color::Green),
        ObjectiveMet::Missed => ("✗", Color::Red),
        ObjectiveMet::Unclear => ("?", Color::Yellow),
    };
    let cell = Cell::new(format!("{sign} {}", verdict(mix.objective_met)));
    if colour { cell.fg(hue) } else { cell }
}

/// Numbers to the right and never broken; names take what is left.
fn set_columns(table: &mut Table, numbers: usize) {
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == numbers + 2 { 0 } else { 2 }));
        if index == 1 {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(12)));
        } else {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if index > 1 && index < numbers + 2 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// What was simulated, in one or two lines.
fn heading(results: &Results, width: u16) -> String {
    let scenario = &results.scenario;
    let parts = [
        scenario.name.clone(),
        duration(scenario.horizon_seconds),
        plural(u64::from(scenario.replications), "replication"),
        if results.demand_or_market_varied {
            format!("varied: {}", results.varied_between_replications.join("; "))
        } else {
            "given exactly these traces".into()
        },
    ];
    let lines = format!("{}\nObjective: {}", parts.join(" · "), objective(&results.objective));
    let fold = |line: &str| fold(line, usize::from(width.max(20)));
    lines.lines().map(fold).collect::<Vec<_>>().join("\n")
}

/// Breaks a line at spaces.
pub fn fold(line: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in line.split_whitespace() {
        let last = lines.last_mut().expect("there is a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.into());
        } else {
            *last = if last.is_empty() { word.into() } else { format!("{last} {word}") };
        }
    }
    lines.join("\n")
}

pub(super) fn right_trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn plain(width: u16) -> String {
        table(&sample::week().0, TableOptions { width, colour: false })
    }

    #[test]
    fn eighty_columns_are_enough() {
        let text = plain(80);
        println!("{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{} {line}", line.chars().count());
        }
        assert!(text.contains("$2,143 ± 43") && text.contains("✓ met") && text.contains("✗ missed"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn wide_terminals_show_more() {
        let text = plain(130);
        println!("{text}");
        assert!(text.contains("attained") && text.contains("CPU"));
        assert!(text.contains("3 reserved + 2 spot + on-demand "), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 130));
    }

    #[test]
    fn the_best_is_first_and_those_that_miss_are_last() {
        let text = plain(130);
        let place = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
        assert!(place("1  3 reserved + 2 spot") < place("2  2 reserved + 5 spot"));
        assert!(place("on-demand only") < place("? unclear") && place("? unclear") < place("✗ missed"));
    }

    #[test]
    fn colour_only_where_allowed_and_long_names_are_shortened() {
        let (mut results, _) = sample::week();
        assert!(table(&results, TableOptions { width: 80, colour: true }).contains('\u{1b}'));
        results.mixes[0].name = "x".repeat(500) + "\u{1b}[31m";
        let text = table(&results, TableOptions { width: 80, colour: false });
        assert!(text.contains('…') && !text.contains('\u{1b}'));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}
