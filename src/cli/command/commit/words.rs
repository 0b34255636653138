//! A recommendation in words and tables.

use crate::input::LoadedScenario;
use crate::plan::commitment::{CurvePoint, Ladder, MONTH, Recommendation, Saved, Situation, Waiting, WithoutForesight};
use crate::study::PurchaseStudy;
use crate::units::Currency;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

/// A recommendation with what it was made for.
pub(super) struct Words<'a> {
    currency: Currency,
    study: &'a PurchaseStudy,
    situation: &'a Situation,
    recommendation: &'a Recommendation,
}

/// Rows of a curve in the terminal; the file has all.
const CURVE_ROWS: usize = 12;
/// From this horizon on a year was simulated.
const YEAR: usize = 12 * MONTH;

impl<'a> Words<'a> {
    pub(super) fn new(input: &LoadedScenario, study: &'a PurchaseStudy, recommendation: &'a Recommendation) -> Self {
        let currency = input.scenario.prices.currency();
        Self { currency, study, situation: &study.situation, recommendation }
    }

    /// What a reader has to know, the weightiest first.
    pub(super) fn remarks(&self) -> Vec<String> {
        let Recommendation { simulated_hours, planned_hours, replications, .. } = self.recommendation;
        let mut remarks = Vec::new();
        if *simulated_hours < YEAR {
            remarks.push(format!(
                "{} of usage decide here on commitments of a year or more: {} simulated hours are repeated for {} months, so season \
                 is not in these figures, and growth only as it is given.",
                days(*simulated_hours),
                simulated_hours,
                planned_hours / MONTH
            ));
        }
        if self.study.varied {
            remarks.push(format!(
                "{replications} replications with days of other weeks are the uncertainty; years that differ from this trace are not."
            ));
        } else {
            remarks.push(
                "All replications have the same demand and prices: chances of a loss are given exactly this trace."
                    .into(),
            );
        }
        let outlive = self
            .recommendation
            .reserve
            .iter()
            .any(|row| row.month * MONTH + row.term.duration().as_hours_f64() as usize > *planned_hours);
        if outlive {
            remarks.push(
                "Terms that go on after the time planned are charged for their share of it: that they stay as useful is assumed."
                    .to_string(),
            );
        }
        if !self.situation.settings.growth.is_empty() {
            remarks.push(
                "Growth multiplies the usage month by month; the fleet is not simulated again for it.".to_string(),
            );
        }
        remarks.extend(self.study.remarks.iter().cloned());
        remarks
    }

    /// The recommendation.
    pub(super) fn text(&self) -> String {
        let all = self.recommendation;
        let mut text = self.purchase();
        let month = all.planned_hours as f64 / MONTH as f64;
        text += &format!(
            "\nOver {month:.0} months, amortised, of base and on-demand:\n  buying nothing  {}\n  with this       {}\n  saved           {}\n",
            self.money(all.cost_of_nothing),
            self.money(all.cost),
            self.saved(&all.savings, all.cost_of_nothing),
        );
        text += &format!("  coverage {}", percent(all.coverage));
        if let Some(used) = all.reserved_utilization {
            text += &format!(", reserved time used {}", percent(used));
        }
        if let Some(used) = all.plan_utilization {
            text += &format!(", plan spent {}", percent(used));
        }
        text += &format!(
            "\n  chance that it costs more than buying nothing: {}\n  regret (had each course been known): {}\n",
            chance(&all.savings),
            self.money(all.regret)
        );
        if all.gap > 1e-6 * all.cost.abs() {
            text += &format!("  a better purchase of reservations could save at most {} more\n", self.money(all.gap));
        }
        text += &all.without_foresight.as_ref().map_or(String::new(), |rules| self.without_foresight(rules));
        text += &all.waiting.as_ref().map_or(String::new(), |waiting| self.waiting(waiting));
        text += &all.ladder.as_ref().map_or(String::new(), |ladder| self.ladder(ladder));
        text + &self.curves()
    }

    fn purchase(&self) -> String {
        let all = self.recommendation;
        if all.reserve.is_empty() && all.savings_plan.is_none() {
            return "Buy nothing: no offer saves money on this usage.\n".to_string();
        }
        let mut text = String::new();
        if !all.reserve.is_empty() {
            let mut table =
                table(&["reserve", "type", "offer", "month", "upfront each", "an hour", "pays from", "after"]);
            for row in &all.reserve {
                table.add_row([
                    row.count.to_string(),
                    row.instance_type.clone(),
                    row.name.clone(),
                    row.month.to_string(),
                    self.money(row.upfront),
                    format!("{:.4}", row.effective_hourly),
                    row.break_even_utilization.map_or("–".to_string(), |use_| format!("{} use", percent(use_))),
                    row.break_even_months.map_or("–".to_string(), |months| format!("{months:.1} months")),
                ]);
            }
            text += &format!("{}\n", trimmed(&table));
        }
        if let Some(plan) = &all.savings_plan {
            text += &format!("Savings plan {}: commit to {:.4} {}/h.\n", plan.rates, plan.commitment, self.currency);
        }
        text
    }

    fn saved(&self, saved: &Saved, of: f64) -> String {
        let share = if of > 0.0 { format!(" ({})", percent(saved.mean / of)) } else { String::new() };
        let interval = saved.ci95.map_or("no interval with one replication".to_string(), |[low, high]| {
            format!("95 % interval {} to {}", self.money(low), self.money(high))
        });
        format!("{}{share}, {interval}", self.money(saved.mean))
    }

    fn without_foresight(&self, rules: &WithoutForesight) -> String {
        format!(
            "  reservations bought without knowing the usage: at the break-even {} (proved: at most {:.2} times the least), at random \
             thresholds {} on average ({:.2} times); the least {}\n",
            self.money(rules.at_break_even),
            rules.ratio_at_break_even,
            self.money(rules.at_random),
            rules.ratio_at_random,
            self.money(rules.with_hindsight)
        )
    }

    fn waiting(&self, waiting: &Waiting) -> String {
        let cost = waiting.cost();
        let verb = if cost >= 0.0 { "costs" } else { "saves" };
        let known = match self.situation.settings.growth.len() {
            0 | 1 => String::new(),
            _ => format!(
                "; knowing the growth by then is worth {} of it at most (the option to wait)",
                self.money(waiting.option_value())
            ),
        };
        format!("  waiting a month with reservations {verb} {}{known}\n", self.money(cost.abs()))
    }

    fn ladder(&self, ladder: &Ladder) -> String {
        let months = ladder.months.len();
        let [apart, at_once] = ladder.end_together;
        let mut text = format!(
            "\nSpread over {months} months, at most {apart} terms end together instead of {at_once}, for {} more:\n",
            self.money(ladder.extra_cost)
        );
        for (month, counts) in ladder.months.iter().enumerate() {
            let bought = self.situation.reserved.iter().zip(counts).filter(|(_, count)| **count > 0);
            let names: Vec<String> =
                bought.map(|(offered, count)| format!("{count} {} {}", offered.instance_type, offered.name)).collect();
            if !names.is_empty() {
                text += &format!("  month {month}: {}\n", names.join(", "));
            }
        }
        text
    }

    /// The savings of each offer alone.
    fn curves(&self) -> String {
        let mut text = String::new();
        let mut points: &[CurvePoint] = &self.recommendation.curve;
        while let Some(first) = points.first() {
            let length =
                points.iter().take_while(|point| point.offer == first.offer && point.kind == first.kind).count();
            let (curve, rest) = points.split_at(length);
            points = rest;
            text += &format!("\n{} alone:\n", first.offer);
            let mut table = table(&["count", "commitment/h", "cost", "saved", "chance of loss"]);
            let best = curve.iter().map(|point| point.savings.mean).fold(f64::NEG_INFINITY, f64::max);
            let step = curve.len().div_ceil(CURVE_ROWS).max(1);
            for (index, point) in curve.iter().enumerate() {
                let is_best = point.savings.mean == best;
                if index % step == 0 || is_best || index + 1 == curve.len() {
                    table.add_row([
                        point.count.map_or("–".to_string(), |count| count.to_string()),
                        format!("{:.4}", point.commitment_per_hour),
                        self.money(point.cost),
                        format!("{}{}", self.money(point.savings.mean), if is_best { " *" } else { "" }),
                        percent(point.savings.probability_of_loss),
                    ]);
                }
            }
            text += &format!("{}\n", trimmed(&table));
        }
        text
    }

    fn money(&self, amount: f64) -> String {
        format!("{amount:.2} {}", self.currency)
    }
}

fn chance(saved: &Saved) -> String {
    match saved.probability_of_loss_ci95 {
        Some([low, high]) => {
            format!("{} (95 % interval {} to {})", percent(saved.probability_of_loss), percent(low), percent(high))
        }
        None => format!("{} (one replication says little)", percent(saved.probability_of_loss)),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn days(hours: usize) -> String {
    match hours {
        0..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled).set_header(header.to_vec());
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Without blanks at the ends of lines.
fn trimmed(table: &Table) -> String {
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
