//! A recommendation in words and tables.

use crate::cli::output::{plain_table, without_blanks};
use crate::plan::commitment::{
    CurvePoint, Ladder, MONTH, Reach, Recommendation, Saved, Situation, Waiting, WithoutForesight,
};
use crate::study::PurchaseStudy;
use crate::units::Currency;
use comfy_table::Table;

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
    pub(super) fn new(currency: Currency, study: &'a PurchaseStudy, recommendation: &'a Recommendation) -> Self {
        Self { currency, study, situation: &study.situation, recommendation }
    }

    /// What a reader has to know, the weightiest first.
    pub(super) fn remarks(&self) -> Vec<String> {
        let Recommendation { simulated_hours, planned_hours, replications, .. } = self.recommendation;
        let mut remarks = Vec::new();
        if *simulated_hours < YEAR {
            remarks.push(format!(
                "{} of usage decide here on commitments of a year or more: {} hours are repeated for {} months, so season \
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
        } else if *replications == 1 {
            remarks.push("There is one course of usage: chances of a loss are given exactly this one.".into());
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
        if let Some(rate) = self.recommendation.discount_rate {
            remarks.push(format!(
                "All money is what it is worth at the start, at {} a year: upfront payments when they are made, the rest at the end of \
                 each month.",
                percent(rate)
            ));
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
        let view = if all.discount_rate.is_some() { "worth at the start" } else { "amortised" };
        text += &format!(
            "\nOver {month:.0} months, {view}, of base and on-demand:\n  buying nothing  {}\n  with this       {}\n  saved           {}\n",
            self.money(all.cost_of_nothing),
            self.money(all.cost),
            self.saved(&all.savings, all.cost_of_nothing),
        );
        text += &format!("  coverage {}", percent(all.coverage));
        if let Some(used) = all.reserved_utilization {
            text += &format!(", reserved time used {}", percent(used));
        }
        if let Some(used) = all.plan_utilization {
            text += &format!(", plans spent {}", percent(used));
        }
        if let Some(share) = all.plan_break_even_utilization {
            text += &format!(" (they pay from {})", percent(share));
        }
        text += &format!(
            "\n  chance that it costs more than buying nothing: {}\n  regret (had each course been known): {}\n",
            chance(&all.savings),
            self.money(all.regret)
        );
        match all.gap {
            Some(gap) if gap > 1e-6 * all.cost.abs() => {
                text += &format!("  a better purchase could save at most {} more\n", self.money(gap));
            }
            Some(_) => text += "  no purchase of these offers is better\n",
            None => {
                text += "  how much a better purchase could save is not computed: worst cases count, with savings plans or offers that cover \
                         usage in common\n"
            }
        }
        text += &all.without_foresight.as_ref().map_or(String::new(), |rules| self.without_foresight(rules));
        text += &all.waiting.as_ref().map_or(String::new(), |waiting| self.waiting(waiting));
        if let Some(second) = &all.second_stage {
            text += &format!(
                "  deciding on month {} when the growth is known saves {}\n",
                second.month,
                self.money(second.value)
            );
        }
        text += &all.ladder.as_ref().map_or(String::new(), |ladder| self.ladder(ladder));
        text + &self.curves()
    }

    fn purchase(&self) -> String {
        let all = self.recommendation;
        if all.reserve.is_empty() && all.savings_plans.is_empty() {
            return "Buy nothing: no offer saves money on this usage.\n".to_string();
        }
        let mut text = String::new();
        if !all.reserve.is_empty() {
            text += &format!("{}\n", without_blanks(&self.reservations()));
        }
        for plan in &all.savings_plans {
            text += &format!(
                "Savings plan {} ({}): commit to {:.4} {}/h; a cent an hour more costs {}, a cent less {}.\n",
                plan.rates,
                plan.term,
                plan.commitment,
                self.currency,
                self.money(0.01 * plan.one_more_costs),
                self.money(0.01 * plan.one_less_costs)
            );
        }
        text
    }

    /// What to reserve, a row each. Columns that would be empty are left out.
    fn reservations(&self) -> Table {
        let rows = &self.recommendation.reserve;
        let earns = rows.iter().any(|row| row.return_on_upfront.is_some());
        let worth = rows.iter().any(|row| row.net_present_value.is_some());
        let mut header = vec!["reserve", "type", "offer", "month", "upfront each", "an hour", "pays from", "after"];
        header.extend(earns.then_some("upfront earns"));
        header.extend(worth.then_some("worth today"));
        header.extend(["one more costs", "one less"]);
        let mut table = plain_table(&header);
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_string());
        for row in rows {
            let place = match &row.covers {
                Reach::Family => row.instance_type.clone(),
                Reach::Type => format!("{} (this size)", row.instance_type),
                Reach::Zone(zone) => format!("{} in {zone}", row.instance_type),
            };
            let growth = row.if_growth.map_or(String::new(), |factor| format!(", if usage grows ×{factor}"));
            let mut cells = vec![
                row.count.to_string(),
                place,
                row.name.clone(),
                format!("{}{growth}", row.month),
                self.money(row.upfront),
                format!("{:.4}", row.effective_hourly),
                or_dash(row.break_even_utilization.map(|share| format!("{} use", percent(share)))),
                or_dash(row.break_even_months.map(|months| format!("{months:.1} months"))),
            ];
            cells.extend(
                earns.then(|| or_dash(row.return_on_upfront.map(|share| format!("{} a year", percent(share))))),
            );
            cells.extend(worth.then(|| or_dash(row.net_present_value.map(|value| self.money(value)))));
            cells.extend([row.one_more_costs, row.one_less_costs].map(|cost| self.money(cost)));
            table.add_row(cells);
        }
        table
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
        let months = ladder.months;
        let [apart, at_once] = ladder.end_together;
        let cost = match ladder.extra_cost {
            more if more >= 0.0 => format!("for {} more", self.money(more)),
            less => format!("and for {} less, since it can buy later", self.money(-less)),
        };
        let mut text = format!(
            "\nSpread over {months} months, the most that end together are {apart} instead of {at_once}, {cost}:\n",
        );
        for month in 0..=ladder.rungs.last().map_or(0, |rung| rung.month) {
            let bought = ladder.rungs.iter().filter(|rung| rung.month == month);
            let names: Vec<String> =
                bought.map(|rung| format!("{} {} {}", rung.count, rung.instance_type, rung.name)).collect();
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
            let mut table = plain_table(&["count", "commitment/h", "cost", "saved", "chance of loss"]);
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
            text += &format!("{}\n", without_blanks(&table));
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
