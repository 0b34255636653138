//! The tables of the page.

use crate::report::answer::difference_words;
use crate::report::ranking::{named, ranked};
use crate::report::view::{
    Calendar, NONE, count, duration, estimate, interval, money, money_estimate, percent_change, share, verdict,
};
use crate::results::{CommitmentRecord, Estimate, InvoiceLine, MixInvoice, MixRecord, Results, Timeline};
use crate::units::{Currency, Money};

/// A mix in the ranking.
pub(super) struct MixRow {
    pub(super) rank: usize,
    pub(super) name: String,
    /// The notation, where it says more than the name.
    pub(super) notation: String,
    pub(super) verdict: &'static str,
    pub(super) best: bool,
    /// The element that tells more of it; empty if none does.
    pub(super) anchor: String,
    /// Words, and the number by which they are sorted.
    pub(super) cells: Vec<(String, f64)>,
}

/// The ranking with the numbers that decide.
pub(super) fn mixes(results: &Results, anchor: impl Fn(&MixRecord) -> String) -> Vec<MixRow> {
    let base = named(results, results.baseline.as_deref());
    let row = |(index, mix): (usize, &MixRecord)| MixRow {
        rank: index + 1,
        name: mix.name.clone(),
        notation: if mix.mix == mix.name { String::new() } else { mix.mix.clone() },
        verdict: verdict(mix.objective_met),
        best: results.best.as_deref() == Some(mix.name.as_str()),
        anchor: anchor(mix),
        cells: vec![
            (money_estimate(&mix.cost.per_month, results.currency), mix.cost.per_month.mean),
            (against(mix, base), mix.cost.per_month.mean),
            (duration(mix.latency_seconds.p95.mean), mix.latency_seconds.p95.mean),
            (share(mix.late_share.mean), mix.late_share.mean),
            (share(mix.error_share.mean), mix.error_share.mean),
            (share(mix.attainment.mean), mix.attainment.mean),
            (count(mix.instances.interruptions.mean), mix.instances.interruptions.mean),
        ],
    };
    ranked(results).into_iter().enumerate().map(row).collect()
}

fn against(mix: &MixRecord, base: Option<&MixRecord>) -> String {
    match base {
        Some(base) if base.name == mix.name => "baseline".into(),
        Some(base) => percent_change(mix.cost.per_month.mean, base.cost.per_month.mean),
        None => NONE.into(),
    }
}

/// Estimates of one kind, a row a measure and a column a mix.
pub(super) struct EstimateGroup {
    pub(super) title: &'static str,
    pub(super) rows: Vec<(&'static str, Vec<Cell>)>,
}

/// A mean and its interval, in words.
pub(super) struct Cell {
    pub(super) mean: String,
    pub(super) interval: String,
}

type Pick = fn(&MixRecord) -> Estimate;

const MONEY: [(&str, Pick); 10] = [
    ("Total over the horizon", |mix| mix.cost.total),
    ("Reserved", |mix| mix.cost.reserved),
    ("Spot", |mix| mix.cost.spot),
    ("On-demand", |mix| mix.cost.on_demand),
    ("Savings plans", |mix| mix.cost.savings_plan),
    ("Other", |mix| mix.cost.other),
    ("of which commitment unused", |mix| mix.cost.unused_commitment),
    ("Paid within the horizon (cash)", |mix| mix.cost.cash),
    ("beside it, commitments owned before", |mix| mix.cost.sunk_commitment),
    ("Total per month of 730 h", |mix| mix.cost.per_month),
];
const LATENCIES: [(&str, Pick); 7] = [
    ("Mean", |mix| mix.latency_seconds.mean),
    ("p50", |mix| mix.latency_seconds.p50),
    ("p90", |mix| mix.latency_seconds.p90),
    ("p95", |mix| mix.latency_seconds.p95),
    ("p99", |mix| mix.latency_seconds.p99),
    ("p99.9", |mix| mix.latency_seconds.p999),
    ("Largest", |mix| mix.latency_seconds.max),
];
const SHARES: [(&str, Pick); 5] = [
    ("Late", |mix| mix.late_share),
    ("Failed", |mix| mix.error_share),
    ("Attainment, of minutes", |mix| mix.attainment),
    ("Attainment, of requests", |mix| mix.attainment_by_requests),
    ("CPU utilisation", |mix| mix.cpu_utilization),
];
const INSTANCES: [(&str, Pick); 9] = [
    ("Reserved hours", |mix| mix.instances.hours.reserved),
    ("Spot hours", |mix| mix.instances.hours.spot),
    ("On-demand hours", |mix| mix.instances.hours.on_demand),
    ("Launches", |mix| mix.instances.launches),
    ("Failed launches", |mix| mix.instances.launch_failures),
    ("Spot interruptions", |mix| mix.instances.interruptions),
    ("Scale-outs", |mix| mix.instances.scale_outs),
    ("Scale-ins", |mix| mix.instances.scale_ins),
    ("Most at once", |mix| mix.instances.peak),
];

/// Every estimate of every mix.
pub(super) fn estimates(results: &Results) -> Vec<EstimateGroup> {
    let usd = |amount: f64| money(amount, results.currency);
    let group = |title, rows: &[(&'static str, Pick)], say: &dyn Fn(f64) -> String| EstimateGroup {
        title,
        rows: rows.iter().map(|(name, pick)| (*name, cells(results, *pick, say))).collect(),
    };
    vec![
        group("Cost", &MONEY, &usd),
        group("Response time of served requests", &LATENCIES, &duration),
        group("Shares", &SHARES, &share),
        group("Instances", &INSTANCES, &count),
    ]
}

fn cells(results: &Results, pick: Pick, say: &dyn Fn(f64) -> String) -> Vec<Cell> {
    let cell = |mix: &MixRecord| {
        let estimate = pick(mix);
        Cell { mean: say(estimate.mean), interval: interval(&estimate, say).unwrap_or_default() }
    };
    ranked(results).into_iter().map(cell).collect()
}

/// A paired comparison.
pub(super) struct ComparisonRow {
    pub(super) a: String,
    pub(super) b: String,
    pub(super) difference: String,
    pub(super) probability: String,
}

/// The paired comparisons; probabilities only where demand or market varied.
pub(super) fn comparisons(results: &Results) -> Vec<ComparisonRow> {
    let row = |comparison: &crate::results::Comparison| ComparisonRow {
        a: comparison.a.clone(),
        b: comparison.b.clone(),
        difference: difference_words(results, &comparison.cost_difference),
        probability: comparison.probability_a_cheaper.map_or(NONE.into(), |share_of| estimate(&share_of, share)),
    };
    results.comparisons.iter().map(row).collect()
}

/// What became of a mix's requests.
pub(super) struct RequestRow {
    pub(super) name: String,
    pub(super) cells: Vec<String>,
}

/// Requests by what became of them, means over replications.
pub(super) fn requests(results: &Results) -> Vec<RequestRow> {
    let row = |mix: &MixRecord| {
        let requests = &mix.requests;
        let parts = [
            requests.offered,
            requests.served,
            requests.rejected,
            requests.timed_out,
            requests.lost,
            requests.in_system_at_end,
        ];
        RequestRow { name: mix.name.clone(), cells: parts.map(|part| whole(part.mean)).into() }
    };
    ranked(results).into_iter().map(row).collect()
}

/// A count to the unit, so that a row can be added up.
fn whole(value: f64) -> String {
    if value.abs() < 1e15 && value.fract() == 0.0 || value.abs() >= 1000.0 {
        return crate::report::view::grouped_whole(value);
    }
    format!("{value:.1}")
}

/// A commitment of a mix.
pub(super) struct CommitmentRow {
    pub(super) name: String,
    pub(super) cells: [String; 9],
}

/// How the commitments of a mix are paid, how far they are used, and when they pay.
pub(super) fn commitments(mix: &MixRecord, currency: Currency) -> Vec<CommitmentRow> {
    let row = |one: &CommitmentRecord| {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_string());
        let owned = if one.owned { ", owned before" } else { "" };
        CommitmentRow {
            name: format!("{} × {}{owned}", one.count, one.id),
            cells: [
                format!("{}, {}", one.term, one.payment.replace('_', " ")),
                money(one.upfront, currency),
                money(one.hourly, currency),
                money(one.effective_hourly, currency),
                or_none(one.utilization.map(share)),
                or_none(one.break_even_utilization.map(share)),
                or_none(one.break_even_months.map(|months| format!("{months:.1} months"))),
                or_none(one.net_present_value.map(|value| money(value, currency))),
                or_none(one.return_on_upfront.map(|rate| format!("{} a year", share(rate)))),
            ],
        }
    };
    mix.commitments.iter().map(row).collect()
}

/// One day of a mix.
pub(super) struct DayRow {
    pub(super) day: String,
    pub(super) cells: Vec<String>,
}

/// The days of a time line in numbers: the table beside its charts.
pub(super) fn days(results: &Results, timeline: &Timeline) -> Vec<DayRow> {
    const DAY: f64 = 86_400.0;
    let calendar = Calendar::new(&results.scenario);
    let usd = |amount: Money| money(amount.to_f64(), results.currency);
    let row = |day: &crate::results::CostByDay| {
        let from = day.start.as_secs_f64();
        let inside = |seconds: f64| seconds >= from && seconds < from + DAY;
        let points = timeline.points.iter().filter(|point| inside(point.start.as_secs_f64()));
        let (mut offered, mut late, mut worst) = (0u64, 0u64, f64::NAN);
        for point in points {
            offered += point.offered;
            late += point.late;
            worst = worst.max(point.p95);
        }
        let taken = timeline.interruptions.iter().filter(|mark| inside(mark.at.as_secs_f64())).count();
        let total = day.committed() + day.spot + day.on_demand;
        let money = [day.committed(), day.spot, day.on_demand, total].map(usd);
        let rest = [count(offered as f64), share(late as f64 / offered as f64), duration(worst), count(taken as f64)];
        DayRow { day: calendar.day(from), cells: money.into_iter().chain(rest).collect() }
    };
    timeline.cost_by_day.iter().map(row).collect()
}

/// A plain decimal to two places, with commas: an exact total for people.
pub(super) fn cents(decimal: &str) -> String {
    decimal.parse::<f64>().map_or_else(|_| decimal.to_string(), crate::report::view::grouped_cents)
}

/// The bill of a mix's named replication.
pub(super) struct InvoiceTable {
    pub(super) mix: String,
    pub(super) replication: u32,
    pub(super) months: Vec<InvoiceMonth>,
    /// Amortised, billed, and at on-demand prices.
    pub(super) total: [String; 3],
    /// The same of commitments that were owned before; `None` without.
    pub(super) owned: Option<[String; 3]>,
}

/// A month of a bill.
pub(super) struct InvoiceMonth {
    pub(super) month: String,
    /// Item, purchase option, quantity, amortised, billed, and at on-demand prices.
    pub(super) lines: Vec<[String; 6]>,
}

/// The bill of this mix, if it is among them.
pub(super) fn invoice(mix: &MixRecord, invoices: &[MixInvoice]) -> Option<InvoiceTable> {
    let invoice = invoices.iter().find(|invoice| invoice.mix == mix.name)?;
    let columns: [fn(&InvoiceLine) -> Money; 3] = [|line| line.amortised, |line| line.billed, |line| line.list];
    let say = |amount: Money| cents(&amount.to_string());
    let line = |line: &InvoiceLine| {
        let [amortised, billed, list] = columns.map(|column| say(column(line)));
        let option = if line.owned { "Owned before" } else { line.option.words() };
        [line.item.clone(), option.to_string(), quantity(line), amortised, billed, list]
    };
    let month = |month: &str| InvoiceMonth {
        month: month.to_string(),
        lines: invoice.lines.iter().filter(|line| line.month == month).map(line).collect(),
    };
    Some(InvoiceTable {
        mix: mix.name.clone(),
        replication: invoice.replication,
        months: invoice.months().into_iter().map(month).collect(),
        total: columns.map(|column| say(invoice.sum(false, column))),
        owned: invoice
            .lines
            .iter()
            .any(|line| line.owned)
            .then(|| columns.map(|column| say(invoice.sum(true, column)))),
    })
}

fn quantity(line: &InvoiceLine) -> String {
    if line.quantity == Money::ZERO || line.unit.is_empty() {
        return String::new();
    }
    format!("{} {}", cents(&line.quantity.to_string()), line.unit.to_lowercase())
}
