use super::*;
use crate::report::sample;
use crate::results::{CommitmentRecord, Factor, Incidents, ObjectiveMet, TimelinePoint};
use crate::units::Term;

fn page(results: &Results, timelines: &[Timeline]) -> String {
    html(results, &sample::stored(timelines))
}

#[test]
fn the_page_loads_nothing() {
    let (results, timelines) = sample::week();
    let text = page(&results, &timelines);
    let rest = text.replace("http://www.w3.org/2000/svg", "");
    assert!(
        !rest.contains("http://") && !rest.contains("https://") && !rest.contains("src=") && !rest.contains("<link")
    );
    assert!(rest.matches("url(").count() == rest.matches("url(data:").count());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("report.html"), text).unwrap();
}

#[test]
fn sections_come_in_the_order_of_questions() {
    let (mut results, timelines) = sample::week();
    results.sensitivity = Some(sample::sensitivity(&[Factor::Demand, Factor::SpotPrice], 400.0));
    let text = page(&results, &timelines);
    let order = [
        "class=\"answer\"",
        "class=\"numbers\"",
        "class=\"warning\"",
        "3 reserved + 2 spot + on-demand</h2>",
        "What it saves</h2>",
        "What could go wrong</h2>",
        "When it went wrong</h3>",
        "Why requests are late</h3>",
        "What the answer depends on</h3>",
        "Pair by pair</h3>",
        "The mixes</h2>",
        "The invoice</h2>",
        "The other mixes</h2>",
        "What became of the requests</h2>",
        "Assumptions and data</h2>",
        "How to make these numbers again</h2>",
        "What the numbers mean</h2>",
    ];
    let places: Vec<usize> = order.iter().map(|heading| text.find(heading).expect(heading)).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn names_are_escaped_everywhere() {
    let (mut results, mut timelines) = sample::week();
    let evil = "<script>alert('x')</script>\" onload=\"x";
    results.mixes[1].name = evil.into();
    results.mixes[1].mix = evil.into();
    results.best = Some(evil.into());
    results.comparisons[1].a = evil.into();
    timelines[0].mix = evil.into();
    timelines[0].markets[0].market = evil.into();
    (results.scenario.name, results.scenario.description) = (evil.into(), evil.into());
    results.warnings = vec![evil.into()];
    results.sources[0].file = evil.into();
    let mut stored = sample::stored(&timelines);
    stored.command = evil.into();
    let text = html(&results, &stored);
    assert_eq!(text.matches("<script").count(), 2, "a name became an element");
    assert!(!text.contains("\" onload=\"x\""), "not escaped");
    assert!(text.contains("script"));
}

#[test]
fn fixed_traces_show_no_probabilities() {
    let (mut results, timelines) = sample::week();
    assert!(page(&results, &timelines).contains("Probability"));
    results.demand_or_market_varied = false;
    results.comparisons.iter_mut().for_each(|comparison| comparison.probability_a_cheaper = None);
    let text = page(&results, &timelines);
    assert!(!text.contains("Probability") && text.contains("Given exactly these traces"));
}

#[test]
fn empty_studies_make_a_page() {
    let results = sample::study(Vec::new());
    assert!(page(&results, &[]).contains("There is no mix"));
}

#[test]
fn every_drawing_has_words_for_those_who_cannot_see_it() {
    let (results, timelines) = sample::week();
    let text = page(&results, &timelines);
    assert_eq!(text.matches("<svg xmlns").count(), text.matches("role=\"img\" aria-label=\"").count());
    assert_eq!(text.matches("<table").count(), text.matches("<thead>").count());
}

#[test]
fn commitments_say_when_they_pay() {
    let (mut results, timelines) = sample::week();
    let name = timelines[0].mix.clone();
    let mix = results.mixes.iter_mut().find(|mix| mix.name == name).unwrap();
    mix.commitments.push(CommitmentRecord {
        id: "reserved-m4-all".into(),
        count: 3,
        owned: false,
        term: Term::OneYear,
        payment: "partial_upfront".into(),
        upfront: 270.0,
        hourly: 0.03,
        effective_hourly: 0.0608,
        utilization: Some(0.875),
        break_even_utilization: Some(0.608),
        break_even_months: Some(5.28),
        net_present_value: Some(522.13),
        return_on_upfront: None,
    });
    let text = page(&results, &timelines);
    for part in ["3 × reserved-m4-all", "partial upfront", "87.5 %", "60.8 %", "5.3 months", "$522", "Worth today"] {
        assert!(text.contains(part), "{part:?} is missing");
    }
}

#[test]
fn the_data_of_the_page_is_that_of_the_charts() {
    let (results, timelines) = sample::week();
    let text = page(&results, &timelines);
    let (_, rest) = text.split_once("id=\"data\">").unwrap();
    let data: serde_json::Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    let column = |place: &serde_json::Value| -> Vec<serde_json::Value> {
        let runs = data["columns"][place.as_u64().unwrap() as usize].as_array().unwrap();
        let numbers = runs.iter().map(|run| match run.as_array() {
            Some(run) => vec![run[0].clone(); run[1].as_u64().unwrap() as usize],
            None => vec![run.clone()],
        });
        numbers.flatten().collect()
    };
    let mixes = data["mixes"].as_array().unwrap();
    assert_eq!(mixes.len(), results.mixes.len());
    for (shown, mix) in mixes.iter().zip(&results.mixes) {
        assert_eq!(shown["name"], *mix.name);
        assert_eq!(shown["cost"][0], mix.cost.per_month.mean);
        let anchor = shown["anchor"].as_str().unwrap();
        assert_eq!(!anchor.is_empty(), text.contains(&format!("id=\"{anchor}\"")));
        let line = timelines.iter().find(|line| line.mix == mix.name);
        assert_eq!(shown["line"].is_null(), line.is_none());
        let Some(line) = line else { continue };
        let check = |shown: &serde_json::Value, points: &[TimelinePoint]| {
            let [p95, offered] = ["p95", "offered"].map(|name| column(&shown[name]));
            assert_eq!(p95.len(), points.len());
            for ((p95, offered), point) in p95.iter().zip(&offered).zip(points) {
                assert!((p95.as_f64().unwrap() / point.p95 - 1.0).abs() < 6e-3, "{p95} for {}", point.p95);
                assert_eq!(*offered, point.offered);
            }
        };
        check(&shown["line"], &line.points);
        let incidents = &line.incidents.worst;
        assert_eq!(shown["incidents"].as_array().map_or(0, Vec::len), incidents.len());
        incidents.iter().enumerate().for_each(|(index, one)| check(&shown["incidents"][index], &one.points));
    }
}

/// Thirty days of twenty mixes: hours of all, five minutes of the one that was chosen, a day of minutes around its incidents.
#[test]
fn a_month_of_twenty_mixes_is_below_three_megabytes() {
    let name = |index: usize| format!("{} reserved + {} spot + on-demand", index / 5, index % 5);
    let mixes = (0..20).map(|index| sample::mix(&name(index), 2000.0 + index as f64, 0.01, ObjectiveMet::Met));
    let results = sample::study(mixes.collect());
    let (hours, mut minutes) = (sample::timeline("", 720, 3600), sample::timeline("", 8640, 300));
    let incident = sample::incident(&name(0));
    minutes.incidents = Incidents { found: 40, worst: vec![incident.clone(); 9] };
    let timeline = |index: usize| {
        let mut line = Timeline { mix: name(index), ..if index == 0 { minutes.clone() } else { hours.clone() } };
        let incidents = line.incidents.worst.iter_mut().flat_map(|incident| &mut incident.points);
        for (place, point) in line.points.iter_mut().chain(incidents).enumerate() {
            // No two columns are the same, other than demand and prices.
            let slower = 1.0 + 0.01 * index as f64 + 1e-3 * (place / 160) as f64;
            (point.p50, point.p95, point.p99) = (point.p50 * slower, point.p95 * slower, point.p99 * slower);
            (point.on_demand, point.spot) = (point.on_demand + 0.1 * index as f64, point.spot + (index % 5) as f64);
        }
        line
    };
    let text = page(&results, &(0..20).map(timeline).collect::<Vec<_>>());
    assert!(text.matches("data-kind=\"latency\"").count() >= 40 && text.contains("data-kind=\"incident\""));
    assert!(text.len() < 3_000_000, "{} bytes", text.len());
}
