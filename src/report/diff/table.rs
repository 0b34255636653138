//! Two studies side by side on a terminal.

use super::{best_words, both, figures, headline, of_money, sign};
use crate::difference::{Difference, Finding, MixDifference};
use crate::report::table::{TableOptions, fold, plain_name, right_trimmed};
use crate::report::view::{duration, money, share};
use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width};

/// A heading, the mixes, what was set differently, and what to know.
pub fn diff_table(difference: &Difference, options: TableOptions) -> String {
    let width = usize::from(options.width.max(20));
    let mut text = fold(&format!("{}. {}", headline(difference), best_words(difference)), width);
    text += "\n\n";
    if !difference.mixes.is_empty() {
        text += &right_trimmed(&mixes(difference, options).to_string());
        text += "\n\n";
        text += &fold("↑ rose, ↓ fell by more than noise (95 %); ≈ within noise; = the same; ? cannot be told", width);
        text += "\n";
    }
    for (names, word) in [(&difference.gone, "Only in the old study"), (&difference.added, "Only in the new study")] {
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|name| plain_name(name)).collect();
            text += &format!("{}\n", fold(&format!("{word}: {}", names.join("; ")), width));
        }
    }
    for setting in &difference.settings {
        let line = format!("Set differently · {}: {} → {}", setting.what, setting.old, setting.new);
        text += &format!("{}\n", fold(&plain_name(&line), width));
    }
    for note in &difference.notes {
        text += &format!("{}\n", fold(&format!("Note: {note}"), width));
    }
    text
}

/// Wide terminals have intervals of every figure; narrow ones that of the cost.
const ROOM_FOR_INTERVALS: u16 = 150;

fn mixes(difference: &Difference, options: TableOptions) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(options.width).force_no_tty();
    if options.colour {
        table.enforce_styling();
    }
    let wide = options.width >= ROOM_FOR_INTERVALS;
    let heads: &[&str] = if wide {
        &["mix", "a month", "change", "late", "change", "p95", "change"]
    } else {
        &["mix", "a month", "change", "late", "p95"]
    };
    table.set_header(heads.iter().copied());
    for mix in &difference.mixes {
        table.add_row(if wide { wide_row(difference, mix, options) } else { narrow_row(difference, mix, options) });
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index + 1 == heads.len() { 0 } else { 2 }));
        if index == 0 {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(12)));
        } else {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn signed_cell(text: &str, finding: Finding, options: TableOptions) -> Cell {
    let cell = Cell::new(format!("{text} {}", sign(finding)));
    match finding {
        Finding::Rose if options.colour => cell.fg(Color::Red),
        Finding::Fell if options.colour => cell.fg(Color::Green),
        _ => cell,
    }
}

fn narrow_row(difference: &Difference, mix: &MixDifference, options: TableOptions) -> Vec<Cell> {
    let cost = &mix.cost_per_month;
    vec![
        Cell::new(plain_name(&mix.name)),
        Cell::new(both(cost, |amount| money(amount, difference.currency))),
        signed_cell(&of_money(cost, difference.currency), cost.finding, options),
        signed_cell(&both(&mix.late_share, share), mix.late_share.finding, options),
        signed_cell(&both(&mix.p95_seconds, duration), mix.p95_seconds.finding, options),
    ]
}

fn wide_row(difference: &Difference, mix: &MixDifference, options: TableOptions) -> Vec<Cell> {
    let [cost, late, _, p95] = figures(mix, difference.currency);
    let cells = [cost, late, p95]
        .into_iter()
        .flat_map(|(_, values, change, finding)| [Cell::new(values), signed_cell(&change, finding, options)]);
    [Cell::new(plain_name(&mix.name))].into_iter().chain(cells).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::difference;
    use crate::report::sample;

    fn changed() -> Difference {
        let (old, _) = sample::week();
        let mut new = old.clone();
        new.objective.latency_seconds = 0.8;
        new.best = None;
        new.mixes.remove(2);
        for mix in &mut new.mixes {
            mix.by_replication.cost.iter_mut().for_each(|cost| *cost *= 0.9);
            mix.cost.per_month.mean *= 0.9;
        }
        difference(&old, &new).unwrap()
    }

    #[test]
    fn lines_fit_and_say_what_changed() {
        for width in [80, 120, 200] {
            let text = diff_table(&changed(), TableOptions { width, colour: false });
            println!("{text}");
            assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{text}");
            for part in
                ["Cost fell by more than noise in 8 of 8 mixes", "↓", "objective, seconds: 1 → 0.8", "Only in the old"]
            {
                assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(part), "{part} in {text}");
            }
        }
    }

    #[test]
    fn colour_only_where_allowed() {
        assert!(!diff_table(&changed(), TableOptions { width: 100, colour: false }).contains('\u{1b}'));
        assert!(diff_table(&changed(), TableOptions { width: 100, colour: true }).contains('\u{1b}'));
    }
}
