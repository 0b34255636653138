//! Traces that are right, and every way in which they can be wrong.

use super::{Axis, price_steps_as_series, read_price_trace, read_rate_trace, steps_as_series};
use crate::rng::repeatable::repeatable;
use crate::scenario::{
    Arrivals, AtEnd, Clock, CsvColumns, Gaps, Placement, PriceStep, RateStep, RateTrace, TraceFormat, TraceRef, ValueIs,
};
use crate::trace::{AfterEnd, PriceSeries, RateSeries};
use crate::units::{Duration, Rate, SimTime};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write;

const MINUTE: Duration = Duration::from_secs(60);

fn axis(minutes: i64) -> Axis {
    Axis::new(&Clock {
        start: "2016-03-07T00:00:00Z".parse().unwrap(),
        horizon: MINUTE.times(minutes),
        report_time_zone: "UTC".into(),
    })
}

fn reference(gaps: Gaps, at_end: AtEnd) -> TraceRef {
    let columns = CsvColumns {
        time: "time".into(),
        value: Some("v".into()),
        time_zone: "UTC".into(),
        time_format: None,
        only: Default::default(),
    };
    TraceRef { file: "t.csv".into(), format: TraceFormat::Csv(columns), place: None, gaps, at_end }
}

fn demand_of(bytes: &[u8], trace: TraceRef, minutes: i64) -> Result<RateSeries, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), bytes).unwrap();
    let value_is = ValueIs::CountPer(MINUTE);
    let demand = RateTrace { trace, value_is, transform: Vec::new(), arrivals: Arrivals::Poisson };
    read_rate_trace(folder.path(), &demand, &axis(minutes)).map(|(s, _)| s).map_err(|error| error.to_string())
}

fn demand(rows: &str, minutes: i64) -> Result<RateSeries, String> {
    demand_of(format!("time,v\n{rows}").as_bytes(), reference(Gaps::Error, AtEnd::Error), minutes)
}

fn price_of(rows: &str, trace: TraceRef, minutes: i64) -> Result<PriceSeries, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), format!("time,v\n{rows}")).unwrap();
    read_price_trace(folder.path(), &trace, &axis(minutes)).map(|(s, _)| s).map_err(|error| error.to_string())
}

fn price(rows: &str) -> Result<PriceSeries, String> {
    price_of(rows, reference(Gaps::Hold, AtEnd::Hold), 3)
}

const THREE: &str = "2016-03-07 00:00,60\n2016-03-07 00:01,120\n2016-03-07 00:02,0\n";

#[test]
fn counts_become_rates() {
    let series = demand(THREE, 3).unwrap();
    assert_eq!(series.per_second, [1.0, 2.0, 0.0]);
    assert_eq!((series.start, series.interval, series.after_end), (SimTime::START, MINUTE, AfterEnd::Undefined));
}

#[test]
fn gzip_is_known_by_its_first_bytes_and_truncation_is_told() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(format!("time,v\n{THREE}").as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let read = |bytes: &[u8]| demand_of(bytes, reference(Gaps::Error, AtEnd::Error), 3);
    assert_eq!(read(&packed).unwrap().per_second.len(), 3);
    for length in [2, 12, packed.len() / 2, packed.len() - 1] {
        let error = read(&packed[..length]).unwrap_err();
        assert!(error.starts_with("t.csv") && error.contains("truncated"), "{length}: {error}");
    }
    let twice = [packed.as_slice(), &packed].concat();
    assert!(read(&twice).unwrap_err().contains("line 5"), "a second member is read too");
}

#[test]
fn wrong_rows_are_named_by_line() {
    let wrong = |rows: &str, line: u64, part: &str| {
        let error = demand(rows, 2).unwrap_err();
        assert!(error.starts_with(&format!("t.csv, line {line}: ")) && error.contains(part), "{error}");
    };
    wrong("2016-03-07 00:01,1\n2016-03-07 00:00,1\n", 3, "unsorted: 2016-03-07T00:00:00Z comes after");
    wrong("2016-03-07 00:00,1\n2016-03-07 00:00,1\n", 3, "appears twice");
    wrong("2016-03-07 00:00,NaN\n", 2, "must be finite, found NaN");
    wrong("2016-03-07 00:00,inf\n", 2, "must be finite");
    wrong("2016-03-07 00:00,1e999\n", 2, "must be finite");
    wrong("2016-03-07 00:00,-1\n", 2, "must not be negative, found -1");
    wrong("2016-03-07 00:00,many\n", 2, "\"many\" is not a number");
    wrong("2016-03-07 00:00,1,2\n", 2, "3 fields where the header has 2");
    wrong("tomorrow,1\n", 2, "\"tomorrow\" is not a time");
    wrong("2016-03-07 00:00,1\n2016-03-07 00:01:30,1\n", 3, "rows must be 1m apart");
    wrong("2016-03-07 00:00,1\n2016-03-07 00:03,1\n", 3, "2 intervals of 1m are missing from 2016-03-07T00:01:00Z to");
    wrong("2016-03-07 00:00,1\n2116-03-07 00:00,1\n", 3, "more than 10000000 intervals");
}

#[test]
fn wrong_files_are_named() {
    assert!(demand("", 1).unwrap_err().contains("the trace is empty: there is no row below the header"));
    let read = |text: &str| demand_of(text.as_bytes(), reference(Gaps::Error, AtEnd::Error), 1).unwrap_err();
    assert!(read("").contains("the file is empty"));
    let error = read("Time,w\n");
    assert!(error.contains("no column `time`; did you mean `Time`? the header has: `Time`, `w`"), "{error}");
}

#[test]
fn gaps_are_filled_as_asked() {
    let rows = "time,v\n2016-03-07 00:00,60\n2016-03-07 00:03,120\n";
    let read = |gaps| demand_of(rows.as_bytes(), reference(gaps, AtEnd::Error), 4).unwrap().per_second;
    assert_eq!(read(Gaps::Hold), [1.0, 1.0, 1.0, 2.0]);
    assert_eq!(read(Gaps::Zero), [1.0, 0.0, 0.0, 2.0]);
}

#[test]
fn only_rows_that_match_are_read() {
    let rows = "time,v,zone\n2016-03-07 00:00,60,a\n2016-03-07 00:00,9,b\n2016-03-07 00:01,120,a\n";
    let zone = |name: &str| {
        let mut trace = reference(Gaps::Error, AtEnd::Error);
        let TraceFormat::Csv(columns) = &mut trace.format else { unreachable!() };
        columns.only.insert("zone".into(), name.into());
        demand_of(rows.as_bytes(), trace, 2)
    };
    assert_eq!(zone("a").unwrap().per_second, [1.0, 2.0]);
    let error = zone("c").unwrap_err();
    assert!(error.contains("no row has \"c\"") && error.contains("`a`, `b`"), "{error}");
}

#[test]
fn a_trace_is_placed_and_must_cover_the_horizon() {
    let mut trace = reference(Gaps::Error, AtEnd::Error);
    let place =
        |from: &str| Placement { trace_time: from.parse().unwrap(), at: "2016-03-07T00:00:00Z".parse().unwrap() };
    trace.place = Some(place("1998-05-01T00:01:00Z"));
    let rows = THREE.replace("2016-03-07", "1998-05-01");
    let read = |trace: &TraceRef, minutes| demand_of(format!("time,v\n{rows}").as_bytes(), trace.clone(), minutes);
    let series = read(&trace, 2).unwrap();
    assert_eq!((series.start, series.at(SimTime::START)), (SimTime::from_secs(-60), 2.0));
    let error = read(&trace, 3).unwrap_err();
    assert!(
        error.contains("the trace ends at 2016-03-07T00:02:00Z") && error.contains("horizon at 2016-03-07T00:03:00Z")
    );
    trace.at_end = AtEnd::Repeat;
    assert_eq!(read(&trace, 300).unwrap().after_end, AfterEnd::Repeat);
    trace.place = Some(place("1998-04-30T00:00:00Z"));
    assert!(read(&trace, 1).unwrap_err().contains("begins at 2016-03-08T00:00:00Z in the scenario's time, after"));
    trace.place = None;
    trace.at_end = AtEnd::Hold;
    assert!(read(&trace, 1).unwrap_err().contains("the whole trace lies before the scenario's start"));
}

#[test]
fn prices_are_exact_and_equal_neighbours_merge() {
    let series =
        price("2016-03-06T23:50:00Z,0.141500\n2016-03-07T00:00:30Z,0.1415\n2016-03-07T00:01:00Z,0.9\n").unwrap();
    let nano = Rate::from_nano_per_hour;
    assert_eq!(
        series.steps,
        [(SimTime::from_secs(-600), nano(141_500_000)), (SimTime::from_secs(60), nano(900_000_000))]
    );
    assert_eq!((series.end, series.after_end), (SimTime::from_secs(60), AfterEnd::Hold));
    for (value, part) in
        [("NaN", "not a price"), ("1e-3", "not a price"), ("-0.1", "must not be negative"), ("", "not a price")]
    {
        let error = price(&format!("2016-03-07T00:00:00Z,{value}\n")).unwrap_err();
        assert!(error.starts_with("t.csv, line 2: ") && error.contains(part), "{error}");
    }
    assert!(price("2016-03-07T00:00:01Z,1\n").unwrap_err().contains("begins at 2016-03-07T00:00:01Z"));
    let repeated = price_of("2016-03-07T00:00:00Z,1\n", reference(Gaps::Hold, AtEnd::Repeat), 3);
    assert!(repeated.unwrap_err().contains("cannot be repeated"));
}

#[test]
fn steps_become_series() {
    let step = |minutes, per_second| RateStep { from: MINUTE.times(minutes), per_second };
    let series = steps_as_series(&[step(0, 1.0), step(4, 2.0), step(6, 3.0), step(99, 4.0)], MINUTE.times(8)).unwrap();
    assert_eq!((series.interval, series.per_second), (MINUTE.times(2), vec![1.0, 1.0, 2.0, 3.0]));
    let odd = [step(0, 1.0), RateStep { from: Duration::from_nanos(1), per_second: 2.0 }];
    assert!(steps_as_series(&odd, MINUTE).unwrap_err().contains("choose rounder times"));
    let price = "0.3 USD/h".parse().unwrap();
    let series = price_steps_as_series(&[PriceStep { from: Duration::ZERO, price }], &axis(3));
    assert_eq!((series.at(SimTime::from_secs(1000)), series.end), (price.rate, SimTime::from_secs(180)));
}

proptest! {
    #![proptest_config(repeatable(256))]

    #[test]
    fn any_bytes_give_a_trace_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200), gz in any::<bool>()) {
        let magic: &[u8] = if gz { &[0x1f, 0x8b, 8, 0] } else { b"time,v\n" };
        let _ = demand_of(&[magic, &bytes].concat(), reference(Gaps::Zero, AtEnd::Repeat), 3);
    }

    #[test]
    fn any_rows_give_a_trace_or_an_error(rows in "([0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](:00)?Z?|-?[0-9]{1,12}),[-+0-9.eE]{0,6}\n(-?[0-9]{1,22},[0-9]{1,3}\n){0,4}") {
        let _ = demand(&rows, 3);
        let _ = price(&rows);
    }
}
