//! Every kind of bad input: exit code 2, one readable message with its place, and no report.

mod support;

use assert_cmd::Command;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use support::repeatable::repeatable;

/// A copy of the base scenario with its traces, to be broken.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("traces")).unwrap();
        for file in ["scenario.json", "traces/demand.csv", "traces/spot-price.csv"] {
            let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base");
            fs::copy(base.join(file), folder.path().join(file)).unwrap();
        }
        Self { folder }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Replaces a text that must be there.
    fn with(self, file: &str, old: &str, new: &str) -> Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(old), "{old} is not in {file}");
        fs::write(self.path(file), text.replacen(old, new, 1)).unwrap();
        self
    }

    fn scenario(self, old: &str, new: &str) -> Self {
        self.with("scenario.json", old, new)
    }

    /// Runs `compare` and returns its messages; it must end with code 2 and leave no report.
    fn fails(&self, arguments: &[&str]) -> String {
        let mut command = Command::cargo_bin("fleetmix").unwrap();
        command.current_dir(self.folder.path()).args(["compare", "scenario.json"]).args(arguments);
        let output = command.output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(output.stdout.is_empty());
        assert!(!message.contains("panicked"), "{message}");
        assert!(!self.path("reports").exists(), "a report was begun");
        message
    }

    /// The message must hold every part.
    fn says(&self, arguments: &[&str], parts: &[&str]) {
        let message = self.fails(arguments);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in:\n{message}");
        }
    }
}

const DEMAND: &str = "traces/demand.csv";
const PRICES: &str = "traces/spot-price.csv";

#[test]
fn an_unknown_key_gets_the_nearest_name_and_its_place() {
    Case::new().scenario("\"slots\": 4", "\"slotz\": 4").says(
        &[],
        &[
            "scenario.json:50:7: /instance_types/m4.4xlarge/slotz: unknown key `slotz`; did you mean `slots`?",
            "^^^^^^^",
        ],
    );
    Case::new().scenario("\"lognormal\"", "\"lognorml\"").says(&[], &["did you mean `lognormal`?"]);
    Case::new()
        .scenario("\"queue_limit\": 500,", "\"queue_limit\": 500, \"queue_limit\": 5,")
        .says(&[], &["appears twice"]);
}

#[test]
fn a_wrong_unit_is_named() {
    let units = ["scenario.json:", "/service/work/lognormal/mean", "unknown unit \"min\"", "us, ms, s, m, h, d"];
    Case::new().scenario("\"mean\": \"320ms\"", "\"mean\": \"320min\"").says(&[], &units);
    let price = ["/pools/spot/max_price", "prices are per hour, found \"/s\""];
    Case::new().scenario("\"max_price\": \"0.958 USD/h\"", "\"max_price\": \"0.958 USD/s\"").says(&[], &price);
    let number = ["/objective/latency", "a duration such as", "found 1"];
    Case::new().scenario("\"latency\": \"1s\"", "\"latency\": 1").says(&[], &number);
}

#[test]
fn negative_prices_are_refused() {
    let parts = ["/prices/inline/types/m4.4xlarge/on_demand", "must not be negative, found -0.958 USD/h"];
    Case::new().scenario("\"on_demand\": \"0.958", "\"on_demand\": \"-0.958").says(&[], &parts);
    let parts =
        ["traces/spot-price.csv, line 2", "must not be negative, found -0.1615", "/markets/use1b/price/trace/file"];
    Case::new().with(PRICES, ",0.1615", ",-0.1615").says(&[], &parts);
}

#[test]
fn a_maximum_price_of_zero_would_never_buy() {
    let case = Case::new().scenario("\"max_price\": \"0.958 USD/h\"", "\"max_price\": \"0 USD/h\"");
    case.says(&[], &["/pools/spot/max_price", "spot would never be bought"]);
    let mix = ["--mix", "1 spot(max 0 USD/h)"];
    Case::new().says(&mix, &["--mix \"1 spot(max 0 USD/h)\"", "spot would never be bought"]);
    let set =
        Case::new().scenario("\"/pools/spot/max_price\": \"0.50 USD/h\"", "\"/pools/spot/max_price\": \"0 USD/h\"");
    set.says(&[], &["/mixes/7/set/~1pools~1spot~1max_price", "never be bought", "scenario.json:162:"]);
}

#[test]
fn wrong_traces_are_named_with_file_line_and_reference() {
    let hour = |hour: u32| format!("2016-03-07T{hour:02}:00:00Z");
    let parts = ["traces/demand.csv, line 7: ", "unsorted", "/demand/rate_trace/trace/file", "scenario.json:21:17"];
    Case::new().with(DEMAND, &hour(5), &hour(3)).says(&[], &parts);
    Case::new().with(DEMAND, &hour(5), &hour(4)).says(&[], &["traces/demand.csv, line 7: ", "appears twice"]);
    Case::new()
        .with(PRICES, "2016-03-07T12", "2016-03-07T00")
        .says(&[], &["traces/spot-price.csv, line 3: ", "appears twice"]);
    Case::new().with(DEMAND, "T05:00:00Z,", "T05:00:00Z,NaN").says(&[], &["line 7: ", "NaN"]);
    let case = Case::new();
    let text = fs::read_to_string(case.path(DEMAND)).unwrap();
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with(&hour(5))).collect();
    fs::write(case.path(DEMAND), without.join("\n")).unwrap();
    let gap = ["line 7: a gap: 1 interval of 1h is missing", "from 2016-03-07T05:00:00Z to 2016-03-07T06:00:00Z"];
    case.says(&[], &gap);
    let column = ["line 1: there is no column `requests`; did you mean `request`? the header has: `time`, `request`"];
    Case::new().with(DEMAND, "time,requests", "time,request").says(&[], &column);
    let case = Case::new();
    fs::write(case.path(DEMAND), "time,requests\n").unwrap();
    fs::write(case.path(PRICES), "").unwrap();
    case.says(&[], &["the trace is empty", "spot-price.csv: the file is empty"]);
}

#[test]
fn a_truncated_gzip_is_told() {
    let case = Case::new().scenario("demand.csv\"", "demand.csv.gz\"");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&fs::read(case.path(DEMAND)).unwrap()).unwrap();
    let packed = encoder.finish().unwrap();
    fs::write(case.path("traces/demand.csv.gz"), &packed[..packed.len() / 2]).unwrap();
    case.says(&[], &["traces/demand.csv.gz", "the file is truncated"]);
}

#[test]
fn a_horizon_longer_than_the_trace_states_both_ends() {
    let parts = [
        "the trace ends at 2016-03-14T00:00:00Z in the scenario's time, the horizon at 2016-03-15T00:00:00Z",
        "/demand/rate_trace/trace/file",
        "/markets/use1b/price/trace/file",
    ];
    let case = Case::new().scenario("\"horizon\": \"7d\"", "\"horizon\": \"8d\"");
    case.says(&[], &parts);
    let message = case.fails(&[]);
    assert_eq!(message.matches("the horizon is longer").count(), 2, "one problem a trace, not one a mix:\n{message}");
}

#[test]
fn a_mix_that_cannot_be_read_shows_where() {
    let parts = [
        "--mix:1:16: expected `reserved`, `spot` or `on-demand`, found \"sport\"",
        "3 reserved + 2 sport",
        "     ^^^^^",
    ];
    Case::new().says(&["--mix", "3 reserved + 2 sport"], &parts);
    let parts = ["/mixes/0/mix", "expected `+` or the end at column 11"];
    Case::new().scenario("\"3 reserved + 2 spot + on-demand\"", "\"3 reserved, 2 spot\"").says(&[], &parts);
    Case::new().says(&["--mix", "0 reserved"], &["--mix \"0 reserved\": the mix `0 reserved` never has an instance"]);
}

#[test]
fn an_arrival_trace_is_no_rate() {
    let demand = |trace: &str, more: &str| {
        let reference = r#""file":"traces/demand.csv","format":{"seconds":{}}"#;
        format!("/demand={{\"arrival_trace\":{{\"trace\":{{{reference},{trace}}}{more}}}}}")
    };
    let says = |setting: &str, parts: &[&str]| Case::new().says(&["--set", setting], parts);
    let right = r#""gaps":"zero","at_end":"error""#;
    says(&demand(r#""gaps":"hold","at_end":"error""#, ""), &["/trace/gaps", "there was no request: write \"zero\""]);
    says(&demand(r#""gaps":"zero","at_end":"hold""#, ""), &["/trace/at_end", "a request cannot be held"]);
    says(&demand(r#""gaps":"zero","at_end":"repeat""#, ""), &["/trace/at_end", "write `covers`"]);
    let backwards = r#","covers":{"from":"2016-03-08T00:00:00Z","to":"2016-03-07T00:00:00Z"}"#;
    says(&demand(right, backwards), &["/covers", "`to` must be later than `from`"]);
    let scaled = demand(right, r#","transform":[{"scale":2}]"#);
    says(&scaled, &["unknown key `transform`", "single requests cannot be scaled", "`rate_trace`"]);
    // A trace of stamps and counts is not one of seconds.
    says(&demand(right, ""), &["traces/demand.csv, line 2", "is not a plain number"]);
    let csv = demand(right, r#","sizes":"from_trace""#)
        .replace(r#"{"seconds":{}}"#, r#"{"csv":{"time":"time","time_zone":"UTC"}}"#);
    says(&csv, &["/trace/format/csv", "the key `value` is missing"]);
    Case::new()
        .scenario(r#"{ "csv": { "time": "time", "value": "requests", "time_zone": "UTC" } }"#, r#"{ "seconds": {} }"#)
        .says(&[], &["/demand/rate_trace/trace/format", "it is for an `arrival_trace`"]);
    let long = ["--set", &demand(right, ""), "--set", "/run/warm_up=30d"];
    Case::new().says(&long, &["/run/warm_up", "must not be longer than the horizon"]);
}

#[test]
fn missing_files_are_named_with_the_path_tried() {
    let case = Case::new();
    fs::remove_file(case.path(DEMAND)).unwrap();
    case.says(&[], &["/demand/rate_trace/trace/file", "cannot read ./traces/demand.csv: No such file"]);
    fs::remove_file(case.path("scenario.json")).unwrap();
    case.says(&[], &["scenario.json: cannot read the scenario: No such file"]);
    fs::create_dir(case.path("scenario.json")).unwrap();
    case.says(&[], &["this is not a file"]);
}

#[test]
fn an_output_that_cannot_be_written_is_found_before_simulating() {
    let below_a_file = ["-o", "traces/demand.csv/report"];
    Case::new().says(&below_a_file, &["cannot create the output folder traces/demand.csv/report", "-o DIR"]);
    Case::new().says(&["-o", "out", "--events", "traces"], &["cannot write traces"]);
}

#[test]
fn absurd_sizes_are_refused() {
    let whole = "expected a whole number from 0 to 4294967295, found 1e+30";
    for written in ["1e30", "1000000000000000000000000000000"] {
        let case = Case::new().scenario("\"replications\": 8", &format!("\"replications\": {written}"));
        case.says(&[], &["/run/replications", whole]);
    }
    let many = Case::new().scenario("\"replications\": 8", "\"replications\": 4000000000");
    many.says(&[], &["replications must be 1 to 1000000, found 4000000000"]);
    Case::new().says(&["--replications", "2000000"], &["--replications: replications must be 1 to 1000000"]);
    Case::new().says(&["--replications", "1000000000000000000000000000000"], &["--replications"]);
    Case::new()
        .scenario("\"error_share\": 0.001", "\"error_share\": 1e999")
        .says(&[], &["the number 1e999 is too large"]);
    for opening in ["[", "{\"a\":"] {
        let case = Case::new();
        fs::write(case.path("scenario.json"), opening.repeat(100_000)).unwrap();
        case.says(&[], &["nested more than 64 deep", "scenario.json:1:"]);
    }
}

#[test]
fn all_semantic_problems_are_shown_at_once() {
    let case = Case::new()
        .scenario("\"late_share\": 0.05", "\"late_share\": 5")
        .scenario("\"slots\": 4", "\"slots\": 0")
        .scenario("\"use1b\"],", "\"use1c\"],")
        .scenario("\"alarm\": \"cpu-high\"", "\"alarm\": \"cpu-hihg\"")
        .scenario("\"baseline\": \"on-demand only\"", "\"baseline\": \"on-demand\"");
    case.says(
        &[],
        &[
            "scenario.json:43:19: /objective/late_share: a share must be between 0 and 1, found 5",
            "/instance_types/m4.4xlarge/slots: an instance has 1 to 10000 slots",
            "unknown market `use1c`; did you mean `use1b`?",
            "unknown alarm `cpu-hihg`; did you mean `cpu-high`?",
            "no mix is named `on-demand`",
        ],
    );
}

#[test]
fn settings_that_cannot_be_replaced_say_why() {
    let shared = ["/mixes/7/set/~1demand~1steps", "must meet the same demand"];
    Case::new().scenario("\"/pools/reserved/commitment\"", "\"/demand/steps\"").says(&[], &shared);
    let missing = ["/mixes/7/set/", "there is no `/pols`; did you mean `pools`?"];
    Case::new().scenario("\"/pools/reserved/commitment\"", "\"/pols/reserved/commitment\"").says(&[], &missing);
    let unit = ["--set /objective/latency: ", "the unit is missing"];
    Case::new().says(&["--set", "/objective/latency=\"5\""], &unit);
    let unknown = ["--set /service/timeot: unknown key `timeot`; did you mean `timeout`?"];
    Case::new().says(&["--set", "/service/timeot=5s"], &unknown);
}

#[test]
fn commitments_are_checked() {
    let owned = |terms: &str| format!("/commitments_owned=[{{\"reserved\":{{{terms}}}}}]");
    let right = r#""instance_type":"m4.4xlarge","count":1,"term":"1y","upfront":"0 USD","hourly":"0.3 USD/h","ends":"2017-01-01T00:00:00Z""#;
    for (old, new, message) in [
        (r#""count":1"#, r#""count":0"#, "1 to 100000 reservations, found 0"),
        ("0.3 USD/h", "-0.3 USD/h", "a price must not be negative"),
        ("0.3 USD/h", "0.3 EUR/h", "all prices must be in one currency"),
        ("0 USD\"", "-5 USD\"", "an amount must not be negative"),
        ("2017-01-01T00:00:00Z", "2017", "is not an instant"),
        (r#""term":"1y""#, r#""term":"2y""#, "term"),
    ] {
        let broken = right.replacen(old, new, 1);
        assert_ne!(broken, right);
        Case::new().says(&["--set", &owned(&broken)], &["/commitments_owned", message]);
    }
    let plan = r#"/savings_plans=[{"covers":"compute","rates":"none","commitment":"1 USD/h","term":"1y"}]"#;
    Case::new().says(&["--set", plan], &["no instance type has a price under the plan `none`"]);
    let dear = r#"/prices/inline/types/m4.4xlarge/savings_plans={"p":"2 USD/h"}"#;
    Case::new().says(&["--set", dear], &["a plan's price must not exceed the on-demand price"]);
    let tiers = r#"/billing/sustained_use={"multipliers":[1.5]}"#;
    Case::new().says(&["--set", tiers], &["/billing/sustained_use", "a share must be between 0 and 1, found 1.5"]);
}

#[test]
fn price_lists_in_files_are_checked() {
    let list = |format: &str| {
        format!(r#"/prices={{"list":{{"file":"list","format":{format},"currency":"USD","source":"s"}}}}"#)
    };
    let split = list(r#"{"split_csv":{"region":"r"}}"#);
    let header = "list_date,instance_type,region,on_demand_usd_per_hour,offering_class,term_years,payment,upfront_usd,recurring_usd_per_hour\n";
    let row = "2019-04-05,m4.4xlarge,r,0.958,standard,1,noUpfront,0,0.658\n";
    let says = |text: String, setting: &str, parts: &[&str]| {
        let case = Case::new();
        fs::write(case.path("list"), text).unwrap();
        case.says(&["--set", setting], parts);
    };
    let broken = |old: &str, new: &str| format!("{header}{row}{}", row.replacen(old, new, 1));
    says(broken("", ""), &split, &["line 3", "the offer `1y-no-upfront` of `m4.4xlarge` appears twice"]);
    says(broken("0.958", "0.9"), &split, &["line 3", "two on-demand prices: 0.958 USD/h and 0.9 USD/h"]);
    says(broken("2019-04-05", "2018-01-01"), &split, &["line 3", "several dates"]);
    says(broken("0.958", "-62"), &split, &["line 3", "a price must be above zero"]);
    says(broken("standard", "gold"), &split, &["line 3", "unknown offering class `gold`"]);
    says(format!("{header}{}", row.replacen(",r,", ",q,", 1)), &split, &["no prices for the region `r`", "`q`"]);
    says("a,b\n".into(), &split, &["line 1", "there is no column `list_date`"]);
    let json = list(r#"{"json":{}}"#);
    says("{".into(), &json, &["list, line 1"]);
    let euro = r#"{"currency":"EUR","date":"d","source":"s","types":{}}"#;
    says(euro.into(), &json, &["the list is in EUR, and USD was expected"]);
    let listed = |offers: &str| {
        let prices = format!(r#""m4.4xlarge":{{"on_demand":"0.958 USD/h","reserved":{{{offers}}}}}"#);
        format!("{{\"currency\":\"USD\",\"date\":\"d\",\"source\":\"s\",\n\"types\":{{{prices}}}}}")
    };
    let offer = r#""1y-no-upfront":{"term":"1y","upfront":"0 USD","hourly":"0.6 USD/h"}"#;
    let twice = format!("{offer},{}", offer.replace("0.6", "0.7"));
    says(listed(&twice), &json, &["list, line 2", "the key `1y-no-upfront` appears twice"]);
    let mixed = ["list: /types/m4.4xlarge/reserved/1y-no-upfront/hourly: the price list is in USD, found EUR"];
    says(listed(&offer.replace("0.6 USD", "0.6 EUR")), &json, &mixed);
    let unit = ["list, line 2: /types/m4.4xlarge/reserved/1y-no-upfront/hourly", "\"0.6 USD\""];
    says(listed(&offer.replace("0.6 USD/h", "0.6 USD")), &json, &unit);
    let empty = r#"{"currency":"USD","date":"d","source":"s","types":{}}"#;
    says(empty.into(), &json, &["the price list has no price for `m4.4xlarge`"]);
}

#[test]
fn an_offer_that_saves_nothing_is_remarked_upon() {
    let case = Case::new();
    let mut command = Command::cargo_bin("fleetmix").unwrap();
    command.current_dir(case.folder.path()).args([
        "compare",
        "scenario.json",
        "--replications",
        "1",
        "--format",
        "json",
    ]);
    command.args(["--mix", "3 reserved + on-demand", "--set", "/clock/horizon=1d"]);
    command.args(["--set", "/prices/inline/types/m4.4xlarge/reserved/1y-no-upfront/hourly=1.552 USD/h"]);
    command.args(["--set", r#"/commitments_owned=[{"reserved":{"instance_type":"c4.large","count":1,"term":"1y","upfront":"0 USD","hourly":"0.1 USD/h","ends":"2016-03-07T12:00:00Z"}}]"#]);
    let output = command.assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    for part in ["a saving of -62 %", "owned-1 covers none of the instance types", "owned-1 ends within the horizon"] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn spot_prices_that_are_no_spot_prices_are_remarked_upon() {
    for (price, words) in [
        ("1.2 USD/h", "prices of the market use1b never lie below the on-demand price of m4.4xlarge"),
        ("0.0016 USD/h", "prices of the market use1b never reach 5 % of the on-demand price of m4.4xlarge"),
    ] {
        let case = Case::new();
        let mut command = Command::cargo_bin("fleetmix").unwrap();
        command.current_dir(case.folder.path()).args(["compare", "scenario.json", "--replications", "1", "--quiet"]);
        command.args(["--mix", "1 spot + on-demand", "--set", "/clock/horizon=1h", "--format", "json"]);
        command.args(["--set", "/run/between_replications=fixed_traces", "--set", "/pools/spot/max_price=2 USD/h"]);
        let output =
            command.arg("--set").arg(format!("/markets/use1b/price={{\"constant\":\"{price}\"}}")).assert().success();
        let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
}

/// A mistake in a list is told once, not once more for each mix with settings of its own.
#[test]
fn a_broken_price_list_is_told_once() {
    let list = r#"/prices={"list":{"file":"list","format":{"json":{}},"currency":"USD","source":"s"}}"#;
    let case = Case::new();
    fs::write(case.path("list"), "{").unwrap();
    assert_eq!(case.fails(&["--set", list]).matches("list, line 1").count(), 1);
}

#[test]
fn bad_usage_ends_with_2() {
    for arguments in [vec![], vec!["compar"], vec!["compare"], vec!["compare", "x.json", "--threads", "0"]] {
        Command::cargo_bin("fleetmix").unwrap().args(arguments).assert().code(2);
    }
    Command::cargo_bin("fleetmix").unwrap().arg("--version").assert().success();
}

proptest! {
    #![proptest_config(repeatable(512))]

    #[test]
    fn any_bytes_as_a_scenario_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_bytes(bytes);
    }

    #[test]
    fn any_change_of_a_scenario_gives_an_answer(at in any::<prop::sample::Index>(), length in 0usize..40, new in "[-0-9a-z\"{}\\[\\],.: +/]{0,12}") {
        let mut bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base/scenario.json")).unwrap();
        let start = at.index(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, new.into_bytes());
        read_bytes(bytes);
    }
}

/// Reads bytes as a scenario; a problem must be printable.
fn read_bytes(bytes: Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base");
    let loaded = fleetmix::input::Document::from_bytes("any", bytes)
        .and_then(|document| fleetmix::input::load_document(&document, &folder, &Default::default()));
    if let Err(diagnostic) = loaded {
        assert!(!diagnostic.problems.is_empty() && !diagnostic.to_string().is_empty());
    }
}
