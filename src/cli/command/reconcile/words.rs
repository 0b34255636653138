//! A reconciliation in words and tables.

use crate::cli::output::{plain_table, without_blanks};
use crate::study::{Compared, Difference, Reconciliation};
use comfy_table::CellAlignment;

/// Differences below half a cent are none.
const NOTHING_MUCH: f64 = 0.005;

pub(super) fn text(all: &Reconciliation) -> String {
    let mut text = String::new();
    for remark in &all.remarks {
        text += &format!("{remark}\n");
    }
    let left_out = match (all.days_only_simulated, all.days_only_billed) {
        (0, 0) => String::new(),
        (simulated, billed) => {
            format!(" (left out: {simulated} days that only the simulation has, {billed} that only the bill has)")
        }
    };
    let Compared { simulated, billed, difference } = all.total;
    text += &format!(
        "{} compared{left_out}\n\nsimulated {}, billed {}: {}\n",
        if all.days == 1 { "1 day".to_string() } else { format!("{} days", all.days) },
        money(simulated.cost, all),
        money(billed.cost, all),
        verdict(&all.total, all)
    );
    let weighty = causes(&difference);
    if !weighty.is_empty() {
        let parts: Vec<String> = weighty.iter().map(|(amount, words)| format!("{} {words}", signed(*amount))).collect();
        text += &format!("of that {}\n", parts.join(", "));
    }
    let header = ["simulated", "billed", "difference", "hours", "coverage", "price", "unused", "other"];
    let rows = all.by_option.iter().map(|one| (one.option.words().to_string(), one.compared));
    let with_total = rows.chain([("all".to_string(), all.total)]);
    text += &format!("\n{}\n", table("paid", &header, with_total));
    let hours = all.by_option.iter().filter(|one| one.compared.simulated.hours + one.compared.billed.hours != 0.0);
    for one in hours {
        let (simulated, billed) = (one.compared.simulated, one.compared.billed);
        text += &format!(
            "  {}: {:.1} h simulated, {:.1} h billed, {} and {} an hour\n",
            one.option.words(),
            simulated.hours,
            billed.hours,
            per_hour(simulated.cost, simulated.hours),
            per_hour(billed.cost, billed.hours)
        );
    }
    let days = all.by_day.iter().map(|day| (day.date.clone(), day.compared));
    text + &format!("\n{}\n", table("day", &header, days))
}

fn verdict(total: &Compared, all: &Reconciliation) -> String {
    let by = total.difference.cost;
    if by.abs() < NOTHING_MUCH {
        return "no difference".to_string();
    }
    let share = match total.simulated.cost {
        0.0 => String::new(),
        cost => format!(" ({:+.1} %)", 100.0 * by / cost),
    };
    format!("the bill is {}{share} {}", money(by.abs(), all), if by > 0.0 { "higher" } else { "lower" })
}

/// What explains a difference, the weightiest first.
fn causes(difference: &Difference) -> Vec<(f64, &'static str)> {
    let mut causes = vec![
        (difference.hours, "by more or fewer instance-hours"),
        (difference.coverage, "by hours that were paid in another way or ran on another type"),
        (difference.price, "by other prices for the same hours"),
        (difference.unused_commitment, "by commitments that covered nothing"),
        (difference.other, "by unused capacity, credits, taxes and the like"),
    ];
    causes.retain(|(amount, _)| amount.abs() >= NOTHING_MUCH);
    causes.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    causes
}

fn table(first: &str, header: &[&str], rows: impl Iterator<Item = (String, Compared)>) -> String {
    let names: Vec<&str> = std::iter::once(first).chain(header.iter().copied()).collect();
    let mut table = plain_table(&names);
    for column in table.column_iter_mut().take(1) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    for (name, Compared { simulated, billed, difference }) in rows {
        let Difference { cost, hours, coverage, price, unused_commitment, other } = difference;
        let mut cells = vec![name, format!("{:.2}", simulated.cost), format!("{:.2}", billed.cost)];
        cells.extend([cost, hours, coverage, price, unused_commitment, other].map(signed));
        table.add_row(cells);
    }
    without_blanks(&table)
}

fn signed(amount: f64) -> String {
    if amount.abs() < NOTHING_MUCH { "–".to_string() } else { format!("{amount:+.2}") }
}

fn money(amount: f64, all: &Reconciliation) -> String {
    format!("{amount:.2} {}", all.currency)
}

fn per_hour(cost: f64, hours: f64) -> String {
    if hours == 0.0 { "–".to_string() } else { format!("{:.4}", cost / hours) }
}
