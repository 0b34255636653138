//! One total everywhere: the rows of a bill add up, to the nano-dollar, to what every output shows.

mod support;

use assert_cmd::Command;
use fleetmix::report::view::{grouped_cents, money};
use fleetmix::units::{Currency, Money, Price};
use serde_json::Value;
use std::fs;
use std::path::Path;
use support::rows;
use support::workbook::Book;

const HOURS_OF_A_MONTH: f64 = 730.0;

/// What a run of one replication wrote and printed.
struct Outputs {
    folder: tempfile::TempDir,
    results: Value,
    stored: Value,
    page: String,
    terminal: String,
}

impl Outputs {
    fn of(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base/scenario.json");
        let mut command = Command::cargo_bin("fleetmix").expect("the binary");
        command.arg("compare").arg(scenario).args(["--replications", "1", "--quiet", "-o"]).arg(folder.path());
        command.args(["--mix", "2 reserved + 2 spot + on-demand", "--mix", "5 reserved", "--mix", "on-demand"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let output = command.assert().success();
        let terminal = String::from_utf8(output.get_output().stdout.clone()).expect("text");
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect(name);
        let json = |name: &str| serde_json::from_str(&read(name)).expect("JSON");
        let (results, stored, page) = (json("results.json"), json("report.json"), read("report.html"));
        Self { folder, results, stored, page, terminal }
    }

    fn mixes(&self) -> &[Value] {
        self.results["mixes"].as_array().expect("mixes")
    }
}

/// The exact amount of a decimal text.
fn exact(text: &str) -> Money {
    format!("{text} USD").parse::<Price>().unwrap_or_else(|error| panic!("{text}: {error}")).amount
}

/// The amount that a double stands for: nine decimals of less than four million are told apart.
fn nearest(number: f64) -> Money {
    assert!(number.abs() < 4e6);
    Money::from_nano((number * 1e9).round() as i128)
}

/// Whole nano-units of `report.json`.
fn nano(value: &Value) -> Money {
    Money::from_nano(value.as_i64().unwrap_or_else(|| panic!("{value} is no amount")).into())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// `results.json`: the total, the sum of its parts, and what each part comes to.
fn check_results(mix: &Value, total: Money) {
    let of = |part: &str| nearest(mix["cost"][part]["mean"].as_f64().expect(part));
    assert_eq!(of("total"), total);
    let parts = ["reserved", "spot", "on_demand", "savings_plan", "other"];
    assert_eq!(parts.map(of).into_iter().sum::<Money>(), total, "the parts");
    assert_eq!(nearest(mix["by_replication"]["cost"][0].as_f64().expect("a cost")), total);
}

/// `charges.csv`: the rows, in the amortised and in the cash view.
fn check_charges(outputs: &Outputs, mix: &Value, total: Money) {
    let charges = rows(&outputs.folder.path().join("charges.csv"));
    let own = || charges.iter().filter(|row| row["x_Mix"] == text(mix, "name"));
    let owned = |row: &&std::collections::BTreeMap<String, String>| row["CommitmentDiscountId"].starts_with("owned-");
    let sum = |column: &str, of_owned: bool| -> Money {
        own().filter(|row| owned(row) == of_owned).map(|row| exact(&row[column])).sum()
    };
    assert_eq!(sum("EffectiveCost", false), total, "amortised");
    let of = |part: &str| nearest(mix["cost"][part]["mean"].as_f64().expect(part));
    assert_eq!(sum("BilledCost", false), of("cash"), "cash");
    assert_eq!(sum("EffectiveCost", true), of("sunk_commitment"), "owned before");
    assert!(own().count() > 10);
}

/// `mixes.csv` and `report.json`: the table's cell, the lines of the invoice and the days of the time line.
fn check_tables(outputs: &Outputs, mix: &Value, total: Money) {
    let name = text(mix, "name");
    let table = rows(&outputs.folder.path().join("mixes.csv"));
    let row = table.iter().find(|row| row["name"] == name).expect("a row");
    assert_eq!(exact(&row["cost_total"]), total, "mixes.csv");
    let of_mix = |list: &str| {
        let all = outputs.stored[list].as_array().expect(list);
        all.iter().find(|one| one["mix"] == name).unwrap_or_else(|| panic!("{name} in {list}"))
    };
    let lines = of_mix("invoices")["lines"].as_array().expect("lines").iter();
    let amortised = lines.filter(|line| line["owned"] == false).map(|line| nano(&line["amortised"])).sum::<Money>();
    assert_eq!(amortised, total, "the invoice");
    let days = of_mix("timelines")["cost_by_day"].as_array().expect("days").iter();
    let parts = ["reserved", "spot", "on_demand", "savings_plan"];
    let by_day = days.flat_map(|day| parts.map(|part| nano(&day[part]))).sum::<Money>();
    assert_eq!(by_day, total, "by day");
}

/// `workbook.xlsx`: what is stored, and what its formulas come to.
fn check_workbook(book: &Book, mix: &Value, total: Money) {
    let name = text(mix, "name");
    let row_of = |sheet: &str, second: Option<&str>| {
        let is = |row: &u32| {
            book.text(sheet, (*row, 1)) == name && second.is_none_or(|text| book.text(sheet, (*row, 2)) == text)
        };
        (1..400).find(is).unwrap_or_else(|| panic!("{name} in {sheet}"))
    };
    let all = row_of("Totals", Some("all"));
    assert_eq!(nearest(book.number("Totals", (all, 7))), total, "the workbook's sum");
    assert_eq!(nearest(book.number("Totals", (all, 10))), total, "the workbook's total by the results");
    assert_eq!(nearest(book.number("Mixes", (row_of("Mixes", None), 7))), total, "the workbook's mixes");
}

/// `report.html` and the terminal: the words of the same amounts, of the invoice to the cent.
fn check_words(outputs: &Outputs, mix: &Value, total: Money) {
    let usd = |amount: f64| money(amount, Currency::USD);
    let hours = outputs.results["scenario"]["horizon_seconds"].as_f64().expect("a horizon") / 3600.0;
    let month = usd(total.to_f64() / (hours / HOURS_OF_A_MONTH));
    let ranked = |line: &&str| line.contains(text(mix, "name")) && line.contains(&month);
    assert!(outputs.terminal.lines().any(|line| ranked(&line)), "{month} in {}", outputs.terminal);
    assert!(outputs.page.contains(&format!(">{month}</td>")), "{month} a month");
    let cell = format!("<td>{}</td>", usd(total.to_f64()));
    let row = outputs.page.lines().skip_while(|line| !line.contains("Total over the horizon")).take(2);
    assert!(row.collect::<String>().contains(&cell), "{cell} over the horizon");
    if outputs.results["best"] == mix["name"] {
        let sums = format!("<td class=\"total\">{}</td>", grouped_cents(total.to_f64()));
        assert!(outputs.page.contains(&sums), "{sums} in the invoice");
    }
}

fn check_everywhere(settings: &[&str]) {
    let outputs = Outputs::of(settings);
    let book = Book::read(&fs::read(outputs.folder.path().join("workbook.xlsx")).expect("workbook.xlsx"));
    assert!(outputs.results["best"].is_string());
    for mix in outputs.mixes() {
        let total = exact(text(&mix["named_replication"], "total"));
        assert!(total > Money::ZERO);
        check_results(mix, total);
        check_charges(&outputs, mix, total);
        check_tables(&outputs, mix, total);
        check_workbook(&book, mix, total);
        check_words(&outputs, mix, total);
    }
}

const OWNED: &str = r#"/commitments_owned=[{"reserved":{"instance_type":"m4.4xlarge","count":1,"term":"1y","upfront":"1000 USD","hourly":"0.3 USD/h","ends":"2016-03-07T02:20:00Z"}}]"#;
const RATES: &str = r#"/prices/inline/types/m4.4xlarge/savings_plans={"compute":"0.7 USD/h"}"#;
const PLAN: &str = r#"/savings_plans=[{"covers":"compute","rates":"compute","commitment":"1.2 USD/h","term":"3y","upfront_share":0.5}]"#;
const PARTLY_UPFRONT: &str =
    r#"/prices/inline/types/m4.4xlarge/reserved/1y-no-upfront={"term":"1y","upfront":"1777 USD","hourly":"0.4 USD/h"}"#;

#[test]
fn whole_hours_and_commitments_of_every_kind() {
    check_everywhere(&["/clock/horizon=2d", OWNED, RATES, PLAN, PARTLY_UPFRONT]);
}

#[test]
fn seconds_discounts_for_sustained_use_and_reserved_capacity() {
    check_everywhere(&[
        "/clock/horizon=2d",
        r#"/billing={"on_demand":{"per_second":{}},"spot":{"modern":{"price_sampling":"continuous"}},"sustained_use":{"multipliers":[1.0,0.8,0.6,0.4]}}"#,
        "/markets/use1b/interruptions={\"hazard\":{\"monthly_share\":0.999}}",
        r#"/capacity_reservations=[{"instance_type":"m4.4xlarge","count":4}]"#,
    ]);
}

#[test]
fn months_by_the_day() {
    check_everywhere(&[
        "/clock/horizon=70d",
        "/run/between_replications=fixed_traces",
        "/demand/rate_trace/trace/at_end=repeat",
        "/markets/use1b/price/trace/at_end=repeat",
        r#"/demand/rate_trace/transform=[{"scale":0.005}]"#,
        OWNED,
        RATES,
        PLAN,
    ]);
}
