//! What holds for every chart: well-formed, the same bytes each time, no text over another or cut off, no panic.

use super::*;
use crate::report::replay::{Compared, Replayed};
use crate::report::sample::{self, Noise, mix, study};
use crate::report::saving::saving;
use crate::results::{Factor, ObjectiveMet, Results, Timeline};
use crate::units::{Rate, SimTime};

const SIZES: [Size; 5] = [
    Size::WIDE,
    Size::NARROW,
    Size::PICTURE,
    Size { width: 300.0, height: 220.0, heading: true },
    Size { width: 1600.0, height: 900.0, heading: true },
];

fn over_time(results: &Results, timeline: &Timeline, size: Size) -> Vec<Chart> {
    let mut charts = vec![
        cost_by_day(results, timeline, size),
        capacity(results, timeline, size),
        latency(results, timeline, size, Axis::Log),
        incident(results, timeline, size),
    ];
    charts.extend(timeline.markets.iter().map(|market| spot_price(results, timeline, market, size)));
    charts
}

fn check(chart: &Chart, size: Size) {
    let svg = chart.svg(Colours::OfThePage);
    let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{error}: {}", chart.title));
    assert_eq!(document.root_element().attribute("role"), Some("img"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", chart.title);
    let texts = chart.texts();
    for (index, text) in texts.iter().enumerate() {
        assert!(chart.area().holds(text), "{:?} is cut off in {} at {size:?}", text, chart.title);
        for other in &texts[index + 1..] {
            assert!(!text.meets(other), "{text:?} meets {other:?} in {} at {size:?}", chart.title);
        }
    }
}

/// Charts of a mix's money and of all mixes.
fn of_money(results: &Results, timelines: &[Timeline], size: Size) -> Vec<Chart> {
    let mut charts: Vec<Chart> = spread(results, size).into_iter().collect();
    for mix in &results.mixes {
        charts.extend(saving(results, mix).map(|saving| waterfall(results, mix, &saving, size)));
        charts.extend(timelines.iter().filter_map(|timeline| commitment_curve(mix, timeline, size)));
    }
    let mut new = results.clone();
    new.mixes.reverse();
    new.mixes.iter_mut().for_each(|mix| mix.by_replication.cost.reverse());
    let difference = crate::difference::difference(results, &new).unwrap();
    charts.extend([Figure::Cost, Figure::Late].map(|figure| changes(&difference, figure, size)));
    charts
}

fn check_all(results: &Results, timelines: &[Timeline]) {
    for size in SIZES {
        of_money(results, timelines, size).iter().for_each(|chart| check(chart, size));
        check(&frontier(results, size, Axis::Linear), size);
        check(&causes(results, size), size);
        for timeline in timelines {
            check(&latency(results, timeline, size, Axis::Linear), size);
        }
        check(&frontier(results, size, Axis::Fitting), size);
        for timeline in timelines {
            over_time(results, timeline, size).iter().for_each(|chart| check(chart, size));
        }
    }
}

#[test]
fn a_week_is_drawn_without_collisions() {
    let (results, timelines) = sample::week();
    check_all(&results, &timelines);
    for size in [Size::WIDE, Size::NARROW, Size::PICTURE] {
        let charts = timelines.iter().flat_map(|timeline| over_time(&results, timeline, size));
        let others = [frontier(&results, size, Axis::Fitting), causes(&results, size)];
        for chart in charts.chain(others).chain(of_money(&results, &timelines, size)) {
            assert_eq!(chart.texts_left_out(), 0, "{} at {size:?}", chart.title);
        }
    }
}

/// The sample with containers that start in so many seconds, from the first mix on.
fn with_starts(seconds: &[f64]) -> Results {
    let mixes = seconds.iter().enumerate().map(|(index, seconds)| {
        let mut mix = mix(&format!("start {seconds}"), 2000.0, 0.01 * seconds.max(0.0), ObjectiveMet::Met);
        mix.mix = "3 reserved".into();
        mix.set.insert("/background/containers/start".into(), format!("{seconds}s").into());
        mix.background = Some(sample::background(*seconds, index as f64));
        mix
    });
    study(mixes.collect())
}

#[test]
fn a_curve_needs_three_start_times_and_is_drawn_without_collisions() {
    for starts in [&[4.0, 15.0, 45.0, 90.0][..], &[0.0, 0.0, 0.5, 1.0], &[1.0, 2.0, 86_400.0]] {
        for size in SIZES {
            check(&start_time(&with_starts(starts), size), size);
        }
    }
    assert!(has_start_times(&with_starts(&[4.0, 15.0, 90.0])) && !has_start_times(&with_starts(&[4.0, 90.0, 90.0])));
    check(&start_time(&sample::week().0, Size::WIDE), Size::WIDE);
    let title = start_time(&with_starts(&[90.0, 4.0, 15.0]), Size::WIDE).title;
    assert!(title.contains("start in 4 s") && title.contains("with 1.5 min"), "{title}");
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let draw = || {
        let (results, timelines) = sample::week();
        let charts = over_time(&results, &timelines[0], Size::WIDE);
        charts.iter().map(|chart| chart.svg(Colours::OfThePage)).collect::<String>()
    };
    assert_eq!(draw(), draw());
}

#[test]
fn odd_lengths_and_intervals_are_drawn() {
    let (results, _) = sample::week();
    for (intervals, seconds) in [(1, 60), (2, 3600), (10_000, 60), (400, 86_400), (5000, 86_400), (24, 3600), (300, 1)]
    {
        let timeline = sample::timeline("3 reserved", intervals, seconds);
        check_all(&results, &[timeline]);
    }
}

#[test]
fn ten_thousand_points_stay_small() {
    let (results, _) = sample::week();
    let timeline = sample::timeline("3 reserved", 10_000, 60);
    for chart in over_time(&results, &timeline, Size::WIDE) {
        let svg = chart.svg(Colours::OfThePage);
        assert!(svg.len() < 150_000, "{} bytes: {}", svg.len(), chart.title);
    }
}

#[test]
fn gaps_zeros_and_extremes_do_not_upset_charts() {
    let (mut results, _) = sample::week();
    let mut timeline = sample::timeline("<b>&\"'", 200, 300);
    for (index, point) in timeline.points.iter_mut().enumerate() {
        if index % 5 == 0 {
            (point.p50, point.p95, point.p99, point.cpu) = (f64::NAN, f64::NAN, f64::NAN, f64::NAN);
        }
        point.p99 = if index == 7 { 1e12 } else { point.p99 };
        point.p50 = if index == 8 { 0.0 } else { point.p50 };
        (point.reserved, point.spot, point.on_demand, point.offered) = (0.0, 0.0, 0.0, 0);
    }
    timeline.cost_by_day.iter_mut().for_each(|day| {
        (day.reserved, day.spot, day.on_demand) = Default::default();
    });
    timeline.markets[0].prices = vec![(SimTime::START, Rate::ZERO)];
    check_all(&results, &[timeline.clone()]);
    timeline.markets[0].prices =
        (0..50).map(|i| (SimTime::from_secs(i * 900), Rate::from_f64(10f64.powi(i as i32 % 8 - 4)).unwrap())).collect();
    results.objective.latency_seconds = 1e-6;
    check_all(&results, &[timeline.clone()]);
    timeline.points.iter_mut().for_each(|point| (point.p50, point.p95, point.p99) = (f64::NAN, f64::NAN, f64::NAN));
    timeline.cost_by_day.clear();
    timeline.markets.clear();
    check_all(&results, &[timeline.clone()]);
    timeline.points.clear();
    check_all(&results, &[timeline]);
}

#[test]
fn single_equal_and_extreme_mixes_are_drawn() {
    let same = |count: usize| (0..count).map(|i| mix(&format!("mix {i}"), 100.0, 0.05, ObjectiveMet::Met)).collect();
    for mixes in [Vec::new(), same(1), same(9)] {
        check_all(&study(mixes), &[]);
    }
    for (cost, late) in [(0.0, 0.0), (1e12, 1.0), (1e-6, 1e-9), (f64::NAN, f64::NAN)] {
        let mut one = mix("one", cost, late, ObjectiveMet::Missed);
        one.late_share.ci95 = None;
        check_all(&study(vec![one, mix("other", 50.0, 0.001, ObjectiveMet::Met)]), &[]);
    }
    let long = "a name that goes on and on ".repeat(20);
    check_all(&study(vec![mix(&long, 10.0, 0.1, ObjectiveMet::Unclear), mix("b", 20.0, 0.01, ObjectiveMet::Met)]), &[]);
}

#[test]
fn names_of_many_mixes_never_meet() {
    for seed in 0..40 {
        let mut noise = Noise(seed);
        let count = if seed % 4 == 0 { 40 } else { 12 };
        let random = |index: usize| {
            let name = format!("{} reserved + {} spot + on-demand", index % 8, index / 2);
            mix(&name, 1000.0 + 3000.0 * noise.next(), 0.3 * noise.next().powi(5), ObjectiveMet::Met)
        };
        let results = study((0..count).map(random).collect());
        check_all(&results, &[]);
        let drawn = frontier(&results, Size::PICTURE, Axis::Fitting).texts().len();
        assert!(count > 12 || drawn >= 12 + 8, "{drawn} texts only");
    }
}

#[test]
fn colours_follow_the_page_or_stand_alone() {
    let (results, _) = sample::week();
    let chart = frontier(&results, Size::WIDE, Axis::Fitting);
    assert!(chart.svg(Colours::OfThePage).contains("fill=\"var(--accent)\""));
    assert!(!chart.svg(Colours::OfThePage).contains("=\"#"));
    assert!(!chart.svg(Colours::Fixed).contains("var("));
}

const FACTORS: [Factor; 7] = [
    Factor::Demand,
    Factor::OnDemandPrice,
    Factor::BootTime,
    Factor::ReservedPrice,
    Factor::ServiceTime,
    Factor::SpotPrice,
    Factor::Interruptions,
];

#[test]
fn tornadoes_are_drawn_without_collisions() {
    for count in 0..=FACTORS.len() {
        for largest in [400.0, 0.003, 1e9, 0.0, f64::NAN] {
            let record = sample::sensitivity(&FACTORS[..count], largest);
            SIZES.iter().for_each(|size| check(&tornado(&record, *size), *size));
        }
    }
    let record = sample::sensitivity(&FACTORS, 400.0);
    for size in [Size::WIDE, Size::PICTURE] {
        assert_eq!(tornado(&record, size).texts_left_out(), 0, "at {size:?}");
    }
    assert_eq!(tornado(&record, Size::PICTURE).title, "Cost depends most on demand: +$400 a month at +20 %");
}

/// Every kind of chart, as `reports/gallery` keeps it: with `FLEETMIX_UPDATE_REPORTS` set, written there.
#[test]
fn gallery() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/gallery");
    let (results, timelines) = sample::week();
    let mut old = results.clone();
    old.mixes.iter_mut().enumerate().for_each(|(index, mix)| {
        mix.by_replication.cost.iter_mut().for_each(|cost| *cost *= 1.06 - 0.015 * index as f64);
        mix.cost.per_month.mean *= 1.06 - 0.015 * index as f64;
    });
    let mut pictures = crate::report::chart_pictures(&results, &sample::stored(&timelines));
    let difference = crate::difference::difference(&old, &results).unwrap();
    pictures.push(("changes".into(), changes(&difference, Figure::Cost, Size::PICTURE).svg(Colours::Fixed)));
    let tornado = tornado(&sample::sensitivity(&FACTORS, 400.0), Size::PICTURE);
    pictures.push(("tornado".into(), tornado.svg(Colours::Fixed)));
    let starts = start_time(&with_starts(&[1.0, 2.0, 4.0, 8.0]), Size::PICTURE);
    pictures.push(("start-time".into(), starts.svg(Colours::Fixed)));
    let jobs = serde_json::from_str(include_str!("../../../reports/shipped/batch-deadlines/batch.json")).unwrap();
    pictures.push(("job-policies".into(), job_policies(&jobs, Size::PICTURE).svg(Colours::Fixed)));
    let mut noise = Noise(7);
    let busy: Vec<f64> = timelines[0].points.iter().map(|point| point.cpu).collect();
    let measured: Vec<f64> = busy.iter().map(|share| (share * (0.85 + 0.3 * noise.next())).min(1.0)).collect();
    let figure = Replayed { of: Compared::Cpu, simulated: busy, measured };
    let replayed = replay(&results, &timelines[0], &figure, Measure::Share);
    pictures.push(("replay".into(), replayed.svg(Colours::Fixed)));
    assert_eq!(pictures.len(), 15);
    for (name, svg) in pictures {
        let file = folder.join(format!("{name}.svg"));
        if std::env::var_os("FLEETMIX_UPDATE_REPORTS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &svg).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == svg, "{} is out of date; see reports/README.md", file.display());
    }
}

/// Renders what is hard to draw to `target/gallery`, to be looked at.
#[test]
fn gallery_of_hard_cases() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery/hard");
    std::fs::create_dir_all(&folder).unwrap();
    let mut noise = Noise(4);
    let random = |index: usize| {
        let name = format!("{} reserved + {} spot(max 0.40 USD/h) + 0..{index} on-demand", index % 8, index / 2);
        mix(&name, 1000.0 + 3000.0 * noise.next(), 0.3 * noise.next().powi(5), ObjectiveMet::Met)
    };
    let results = study((0..40).map(random).collect());
    let lengths = [("one", 1, 60), ("hour", 60, 60), ("month", 8640, 300), ("year", 8760, 3600)];
    let mut charts = vec![("forty".to_string(), frontier(&results, Size::PICTURE, Axis::Fitting))];
    for (name, intervals, seconds) in lengths {
        let timeline = sample::timeline("3 reserved + 2 spot(max 0.40 USD/h) + 0..4 on-demand", intervals, seconds);
        let drawn = over_time(&results, &timeline, Size::PICTURE).into_iter().enumerate();
        charts.extend(drawn.map(|(index, chart)| (format!("{name}-{index}"), chart)));
    }
    for (name, chart) in charts {
        std::fs::write(folder.join(format!("{name}.svg")), chart.svg(Colours::Fixed)).unwrap();
    }
}
