//! Each notation, and what is wrong with bad files.

use super::*;

const SECOND: i64 = 1_000_000_000;

fn steps(text: &str) -> (CountFormat, Vec<(i64, u32)>, i64) {
    let counts = parse_counts(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let seconds = counts.steps.iter().map(|(time, count)| (time / SECOND, *count)).collect();
    (counts.format, seconds, counts.end / SECOND)
}

#[test]
fn each_notation_is_recognised_and_read() {
    let ticks = r#"{"metadata": {"gap_seconds": 150, "zone": "a"}, "data": [4, 4, 0, 1.0]}"#;
    assert_eq!(steps(ticks), (CountFormat::Ticks, vec![(0, 4), (300, 0), (450, 1)], 600));
    let lengths = "start_s,available,length_s\n0,0,47970\n47970,1,585\n48555,0,1170\n";
    assert_eq!(steps(lengths), (CountFormat::Lengths, vec![(0, 0), (47_970, 1), (48_555, 0)], 49_725));
    // Corner points: of two rows with the same time the second holds.
    let hours = "0.000,0\n5.980,0\n5.980,4\n6.000,4\n6.000,12\n7.5,12\n";
    assert_eq!(steps(hours), (CountFormat::Hours, vec![(0, 0), (21_528, 4), (21_600, 12)], 27_000));
    let nodes = "480000,add,a\n540000,add,b\n600000,remove,a\n600000,remove,b\n660000,add,a\n";
    assert_eq!(steps(nodes), (CountFormat::Nodes, vec![(0, 0), (480, 1), (540, 2), (600, 0), (660, 1)], 660));
    let table = "time,instances\n1970-01-01T00:00:10Z,3\n1970-01-01T00:01:00Z,2\n";
    assert_eq!(steps(table), (CountFormat::Table, vec![(10, 3), (60, 2)], 60));
}

#[test]
fn unsorted_stamps_are_sorted_and_said() {
    let counts =
        parse_counts("1970-01-01, 00:00:10, 80\n1970-01-01, 00:01:00, 80\n1970-01-01, 00:00:10, 70\n").unwrap();
    let expected = vec![(10 * SECOND, 70), (60 * SECOND, 80)];
    assert_eq!((counts.format, counts.steps, counts.end), (CountFormat::Stamped, expected, 60 * SECOND));
    assert_eq!(counts.remarks.len(), 2, "{:?}", counts.remarks);
}

#[test]
fn bad_files_are_refused_with_their_line() {
    for (text, line, says) in [
        ("", None, "no counts"),
        ("a,b,c,d\n1,2,3,4\n", None, "no counts"),
        (r#"{"metadata": {}, "data": [1]}"#, Some(1), "gap_seconds"),
        (r#"{"metadata": {"gap_seconds": 0}, "data": [1]}"#, None, "above 0"),
        (r#"{"metadata": {"gap_seconds": 1e300}, "data": [1, 2]}"#, None, "70 years"),
        (r#"{"metadata": {"gap_seconds": 60}, "data": [1, -1]}"#, None, "data[1]"),
        (r#"{"metadata": {"gap_seconds": 60}, "data": []}"#, None, "not a single count"),
        ("start_s,available,length_s\n", None, "not a single count"),
        ("start_s,available,length_s\n0,1,60\n120,0,60\n", Some(3), "does not begin where"),
        ("start_s,available,length_s\n0,1\n", Some(2), "2 fields"),
        ("0,1\n1,0.5\n", Some(2), "whole number"),
        ("1,1\n0,1\n", Some(2), "unsorted"),
        ("0,add,a\n1,add,a\n", Some(2), "there already"),
        ("0,add,a\n1,remove,b\n", Some(2), "was not there"),
        ("0,add,a\n1,stop,a\n", Some(2), "`add` or `remove`"),
        ("2021-12-11, 25:00:00, 55\n", Some(1), "not a time"),
        ("time,instances\n1970-01-01T00:00:10Z,3\n1970-01-01T00:00:00Z,2\n", Some(3), "unsorted"),
    ] {
        let error = parse_counts(text).unwrap_err();
        assert!(error.message.contains(says) && error.line == line, "{text:?}: {error:?}");
    }
}
