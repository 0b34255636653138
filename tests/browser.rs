//! The report in a real browser: what a reader sees when pointing, clicking and typing is what the results say.

mod support;

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use support::browser::{Scheme, drive, drive_in};
use tempfile::TempDir;

/// Two days of the base scenario, replications varied, and its folder.
fn study() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base/scenario.json");
    let out = folder.path().join("out");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("compare").arg(scenario).args(["--replications", "3", "--quiet", "--set", "/clock/horizon=1d"]);
    command.args(["--mix", "3 reserved + 2 spot + on-demand", "--mix", "5 reserved + on-demand", "--mix", "on-demand"]);
    command.arg("-o").arg(&out).assert().success();
    (folder, out)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

/// Functions that a driving script needs.
const TOOLS: &str = r#"
const tip = () => document.querySelector(".tip");
const rows = () => tip().hidden ? null : Object.fromEntries([...tip().querySelectorAll("dt")].map(name => [name.textContent, name.nextSibling.textContent]));
const seen = selector => [...document.querySelectorAll(selector)].filter(one => one.getClientRects().length);
const spot = (svg, x, y) => {
  svg.scrollIntoView({ block: "center" });
  const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
  return { clientX: box.left + x / view.width * box.width, clientY: box.top + y / view.height * box.height };
};
const send = (type, at) => {
  const target = document.elementFromPoint(at.clientX, at.clientY);
  target.dispatchEvent(new PointerEvent(type, { bubbles: true, ...at }));
};
const key = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
"#;

#[test]
fn pointing_clicking_and_typing_show_what_the_results_say() {
    let (_folder, out) = study();
    let script = TOOLS.to_string()
        + r##"
const frontier = seen("svg[data-kind=frontier]")[0];
outcome.points = frontier.dataset.points.split(" ").map(pair => {
  const at = spot(frontier, ...pair.split(",").map(Number));
  send("pointermove", at);
  return { name: tip().querySelector("b").textContent, rows: rows() };
});
const last = frontier.dataset.points.split(" ").length - 1;
const clicked = [...document.querySelectorAll("details[id^=mix]")][0];
const index = Number(clicked.id.slice(4)) - 1;
outcome.closed = clicked.open;
send("click", spot(frontier, ...frontier.dataset.points.split(" ")[index].split(",").map(Number)));
await new Promise(done => setTimeout(done, 100));
outcome.opened = clicked.open;

const latency = seen("svg[data-kind=latency]")[0];
const plot = latency.dataset.plot.split(" ").map(Number), ends = latency.dataset.x.split(" ").map(Number);
const x = time => plot[0] + (time - ends[0]) / (ends[1] - ends[0]) * plot[2];
outcome.mix = Number(latency.closest("figure").dataset.mix);
outcome.latency = [0.1, 0.37, 0.82].map(share => {
  const time = ends[1] * share;
  send("pointermove", spot(latency, x(time), plot[1] + plot[3] / 2));
  return { time, rows: rows() };
});
const days = seen("svg[data-kind=days]")[0], dayPlot = days.dataset.plot.split(" ").map(Number);
send("pointermove", spot(days, dayPlot[0] + dayPlot[2] / 2, dayPlot[1] + dayPlot[3] / 2));
outcome.day = rows();

send("pointerdown", spot(latency, x(ends[1] * 0.25), plot[1] + 100));
send("pointermove", spot(latency, x(ends[1] * 0.4), plot[1] + 100));
send("pointerup", spot(latency, x(ends[1] * 0.5), plot[1] + 100));
outcome.timed = seen("svg[data-kind]").filter(svg => !["days", "frontier", "incident"].includes(svg.dataset.kind)
  && Number(svg.closest("figure").dataset.mix) === outcome.mix).length;
outcome.zoomed = seen("svg.zoomed").map(svg => svg.dataset.kind);
outcome.window = latency.querySelector("svg.window").getAttribute("viewBox").split(" ").map(Number);
outcome.plot = plot;
outcome.marks = [...latency.querySelectorAll("g.foot-now text")].map(text => text.textContent);
send("pointermove", spot(latency, plot[0] + plot[2] / 2, plot[1] + 100));
outcome.middle = { time: ends[1] * 0.375, rows: rows() };
const figure = latency.closest("figure");
figure.querySelector(".reset").click();
outcome.whole = seen("svg.zoomed").length;

figure.focus();
key(figure, "Home");
outcome.first = rows();
key(figure, "ArrowRight");
outcome.second = rows();
key(figure, "+");
outcome.byKey = seen("svg.zoomed").length;
key(figure, "Escape");

const near = seen("svg[data-kind=incident]")[0], minutes = near.dataset.x.split(" ").map(Number);
const area = near.dataset.plot.split(" ").map(Number), middle = minutes[0] + 0.3791 * (minutes[1] - minutes[0]);
send("pointermove", spot(near, area[0] + 0.3791 * area[2], area[1] + area[3] / 2));
outcome.incident = { place: Number(near.closest("figure").dataset.incident), time: middle, rows: rows() };

const shown = () => seen("svg[data-kind=frontier]").map(svg => svg.parentElement.className);
outcome.axis = [shown()];
frontier.closest("figure").querySelectorAll("input")[1].click();
outcome.axis.push(shown());

const table = document.querySelector("table.sortable");
const names = () => [...table.tBodies[0].rows].map(row => row.cells[1].querySelector("a").textContent);
const head = [...table.tHead.rows[0].cells].find(cell => cell.textContent === "Cost a month");
head.querySelector("button").click();
outcome.cheapest = [names(), head.getAttribute("aria-sort")];
head.querySelector("button").click();
outcome.dearest = [names(), head.getAttribute("aria-sort")];
outcome.width = [document.documentElement.scrollWidth, innerWidth];
"##;
    let Some(seen) = drive(&out.join("report.html"), (1280, 900), &script) else { return };
    let results = json(&out.join("results.json"));
    let mixes = results["mixes"].as_array().expect("mixes");
    check_points(&seen, mixes);
    assert_eq!((&seen["closed"], &seen["opened"]), (&Value::Bool(false), &Value::Bool(true)));
    let stored = json(&out.join("report.json"));
    let line = &stored["timelines"][seen["mix"].as_u64().expect("a place") as usize];
    for read in seen["latency"].as_array().expect("readings").iter().chain([&seen["middle"]]) {
        check_latency(read, line);
    }
    check_latency(&serde_json::json!({ "time": 1.0, "rows": seen["first"] }), line);
    let second = 1.5e-9 * line["interval"].as_f64().unwrap();
    check_latency(&serde_json::json!({ "time": second, "rows": seen["second"] }), line);
    let incident = &line["incidents"]["worst"][seen["incident"]["place"].as_u64().expect("a place") as usize];
    assert_eq!(incident["interval"], 60_000_000_000i64, "incidents are shown by the minute");
    check_latency(&seen["incident"], incident);
    let day = &line["cost_by_day"][0];
    let sum: i64 =
        ["reserved", "spot", "on_demand", "savings_plan"].iter().map(|part| day[part].as_i64().unwrap()).sum();
    close(&seen["day"]["Total"], sum as f64 / 1e9);
    let zoomed = seen["zoomed"].as_array().map(Vec::len).unwrap_or_default();
    assert!(zoomed >= 2 && seen["timed"] == zoomed, "{} of {}", seen["zoomed"], seen["timed"]);
    assert_eq!(seen["whole"], 0);
    assert!(seen["byKey"].as_u64() > Some(0));
    let (window, plot) = (&seen["window"], &seen["plot"]);
    let share = window[2].as_f64().unwrap() / plot[2].as_f64().unwrap();
    assert!((share - 0.25).abs() < 0.01, "a quarter of the time was marked, {share} is shown");
    assert!(seen["marks"].as_array().is_some_and(|marks| marks.len() >= 2), "{}", seen["marks"]);
    assert_ne!(seen["axis"][0], seen["axis"][1]);
    check_sorting(&seen, mixes);
    let width: Vec<u64> = seen["width"].as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).collect();
    assert!(width[0] <= width[1], "the page is wider than its window: {width:?}");
}

/// The first number of a text.
fn number(text: &Value) -> f64 {
    let text = text.as_str().unwrap_or_else(|| panic!("{text} is no text")).replace(',', "");
    let begin = text.find(|c: char| c.is_ascii_digit()).unwrap_or_else(|| panic!("no number in {text}"));
    let digits: String = text[begin..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().expect("a number")
}

/// Equal to three figures.
fn close(text: &Value, wanted: f64) {
    let got = number(text);
    assert!((got - wanted).abs() <= 0.006 * wanted.abs() + 1e-9, "{text} is shown for {wanted}");
}

fn check_points(seen: &Value, mixes: &[Value]) {
    let points = seen["points"].as_array().expect("points");
    assert_eq!(points.len(), mixes.len());
    for point in points {
        let mix = mixes.iter().find(|mix| mix["name"] == point["name"]).unwrap_or_else(|| panic!("{point}"));
        close(&point["rows"]["A month"], mix["cost"]["per_month"]["mean"].as_f64().unwrap());
        close(&point["rows"]["Late"], 100.0 * mix["late_share"]["mean"].as_f64().unwrap());
        assert_eq!(point["rows"]["Objective"], mix["objective_met"]);
    }
}

fn check_latency(read: &Value, line: &Value) {
    let start = line["start"].as_f64().unwrap_or(0.0);
    let index = ((read["time"].as_f64().unwrap() * 1e9 - start) / line["interval"].as_f64().unwrap()).floor() as usize;
    for (name, column) in [("p50", "p50"), ("p95", "p95"), ("p99", "p99")] {
        let text = &read["rows"][name];
        let seconds = line[column][index].as_f64().unwrap();
        let unit = if text.as_str().is_some_and(|text| text.ends_with("ms")) { 1000.0 } else { 1.0 };
        close(text, seconds * unit);
    }
}

fn check_sorting(seen: &Value, mixes: &[Value]) {
    let mut by_cost: Vec<&Value> = mixes.iter().collect();
    let cost = |mix: &Value| mix["cost"]["per_month"]["mean"].as_f64().unwrap();
    by_cost.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
    let mut names: Vec<Value> = by_cost.iter().map(|mix| mix["name"].clone()).collect();
    assert_eq!(seen["cheapest"], serde_json::json!([names, "ascending"]));
    names.reverse();
    assert_eq!(seen["dearest"], serde_json::json!([names, "descending"]));
}

/// On a phone nothing is wider than the screen, and the narrow drawings are shown.
#[test]
fn a_phone_shows_the_narrow_drawings() {
    let (_folder, out) = study();
    let script = TOOLS.to_string()
        + r#"
outcome.width = [document.documentElement.scrollWidth, innerWidth];
outcome.classes = seen("svg[data-kind]").map(svg => svg.parentElement.classList[0]);
"#;
    // A headless window is at least 500 pixels wide.
    let Some(seen) = drive(&out.join("report.html"), (500, 800), &script) else { return };
    let classes = seen["classes"].as_array().expect("drawings");
    assert!(!classes.is_empty() && classes.iter().all(|class| class == "narrow"), "{classes:?}");
    assert!(seen["width"][0].as_u64() <= seen["width"][1].as_u64(), "{}", seen["width"]);
}

/// With scripts switched off the page is whole: a frame that forbids them, in a page that looks into it.
#[test]
fn without_scripts_everything_stands_still_and_is_there() {
    let (_folder, out) = study();
    let page = fs::read_to_string(out.join("report.html")).expect("the page");
    let quoted = page.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let host = out.join("host.html");
    let frame =
        format!("<iframe width=\"1200\" height=\"800\" sandbox=\"allow-same-origin\" srcdoc=\"{quoted}\"></iframe>");
    fs::write(&host, format!("<!doctype html><html><head></head><body>{frame}</body></html>")).expect("a file");
    let script = r#"
const frame = document.querySelector("iframe");
if (frame.contentDocument.readyState !== "complete" || !frame.contentDocument.querySelector("main"))
  await new Promise(done => { frame.onload = done; });
const page = frame.contentDocument;
const shown = selector => [...page.querySelectorAll(selector)].filter(one => one.getClientRects().length);
outcome.live = page.documentElement.classList.contains("live");
outcome.answer = page.querySelector(".answer").textContent;
outcome.drawings = shown("svg[role=img]").length;
outcome.rows = page.querySelectorAll("table.sortable tbody tr").length;
outcome.buttons = page.querySelectorAll("button").length;
outcome.hint = shown(".hint").length;
const axes = () => shown("figcaption ~ div[class^=wide]").slice(0, 1).map(one => one.className);
outcome.before = axes();
page.querySelectorAll(".axis input")[1].click();
outcome.after = axes();
const details = page.querySelector("details[id^=mix]");
details.querySelector("summary").click();
outcome.opened = details.open && details.querySelector("svg").getClientRects().length > 0;
"#;
    let Some(seen) = drive(&host, (1280, 900), script) else { return };
    assert_eq!(seen["live"], false, "no script ran");
    assert!(seen["answer"].as_str().is_some_and(|words| words.len() > 40), "{}", seen["answer"]);
    assert!(seen["drawings"].as_u64() > Some(5), "{}", seen["drawings"]);
    assert_eq!((&seen["rows"], &seen["buttons"], &seen["hint"]), (&3.into(), &0.into(), &0.into()));
    assert_ne!(seen["before"], seen["after"], "the other axis is a matter of style only");
    assert_eq!(seen["opened"], true);
}

/// Where axe-core is (`FLEETMIX_AXE` names axe.min.js), it finds no violation, light and dark.
#[test]
fn axe_finds_no_violation() {
    let Some(axe) = std::env::var_os("FLEETMIX_AXE") else {
        println!("skipped: set FLEETMIX_AXE to the path of axe.min.js");
        return;
    };
    let (_folder, out) = study();
    let axe = fs::read_to_string(axe).expect("axe.min.js").replace("</", "<\\/");
    let changes = out.join("changes.html");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("diff").args([&out, &out]).arg("--html").arg(&changes).assert().success();
    let script = axe
        + r#";
outcome.dark = matchMedia("(prefers-color-scheme: dark)").matches;
document.querySelectorAll("details").forEach(one => { one.open = true; });
const found = await axe.run(document, { resultTypes: ["violations"] });
outcome.violations = found.violations.map(one => [one.id, one.help, one.nodes.slice(0, 3).map(node => node.html.slice(0, 200))]);
"#;
    for page in [out.join("report.html"), changes] {
        for (scheme, size) in [
            (Scheme::Light, (1280, 900)),
            (Scheme::Dark, (1280, 900)),
            (Scheme::Light, (500, 800)),
            (Scheme::Dark, (500, 800)),
        ] {
            let Some(seen) = drive_in(&page, size, scheme, &script) else { return };
            assert_eq!(seen["dark"], scheme == Scheme::Dark);
            assert_eq!(seen["violations"], serde_json::json!([]), "{}, {scheme:?}, {size:?}", page.display());
        }
    }
}
