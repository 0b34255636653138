use super::*;

fn table(text: &str) -> Metrics {
    parse_metrics(text, &TableReading::default()).unwrap()
}

fn refused(text: &str) -> String {
    parse_metrics(text, &TableReading::default()).unwrap_err().message
}

const SECOND: i64 = 1_000_000_000;
const MARCH: i64 = 1_457_308_800 * SECOND;

#[test]
fn tables_of_any_shape_hold_the_same() {
    for text in [
        "time,requests\n2016-03-07T00:00:00Z,5\n2016-03-07T00:01:00Z,7\n",
        "requests;when\n5;07.03.2016 00:00\n7;07.03.2016 00:01\n",
        "sep=;\r\nwhen;requests\r\n1457308800000;5,0\r\n1457308860000;7,0\r\n",
        "Time\trequests\n03/07/2016 12:00 AM\t5\n03/07/2016 12:01 AM\t7\n",
        "\u{feff}stamp,requests\n2016-03-07 00:01,7\n2016-03-07 00:00,5\n",
        "stamp|requests\n1457308860|7\n1457308800|5\n",
    ] {
        let found = table(text);
        assert_eq!(found.series.len(), 1, "{text}");
        assert_eq!(found.series[0].samples, [(MARCH, 5.0), (MARCH + 60 * SECOND, 7.0)], "{text}");
        assert!(found.remarks[0].contains("values are in `requests`"), "{:?}", found.remarks);
    }
    let headless = table("1457308800,5\n1457308860,7\n");
    assert_eq!(headless.series[0].labels["column"], "column 2");
}

#[test]
fn the_day_comes_first_where_only_that_is_even() {
    let days: String = (1..=12).map(|day| format!("{day:02}/03/2016 00:00,{day}\n")).collect();
    let found = table(&format!("t,v\n{days}"));
    assert!(found.remarks[0].contains("%d/%m/%Y"), "{:?}", found.remarks);
    assert!(refused("t,v\n01/02/2016 00:00,1\n01/02/2016 00:01,2\n").contains("say which is meant"));
    let month_first = TableReading { time_format: Some("%m/%d/%Y %H:%M".into()), ..TableReading::default() };
    assert!(parse_metrics("t,v\n01/02/2016 00:00,1\n01/02/2016 00:01,2\n", &month_first).is_ok());
}

#[test]
fn several_columns_and_words_are_series() {
    let text = "time,zone,cpu,requests\n2016-03-07 00:00,a,0.5,5\n2016-03-07 00:00,b,0.7,\n2016-03-07 00:01,b,0.8,9\n";
    let found = table(text);
    assert_eq!(found.series.len(), 4);
    let only = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    let chosen = found.select(&only(&[("column", "requests"), ("zone", "b")])).unwrap();
    assert_eq!(chosen.samples, [(MARCH + 60 * SECOND, 9.0)]);
    assert!(found.remarks.iter().any(|remark| remark.contains("1 samples are no number")));
    assert!(found.select(&only(&[("zone", "b")])).unwrap_err().contains("2 series fit"));
    assert!(found.select(&only(&[("zoen", "b")])).unwrap_err().contains("did you mean `zone`?"));
}

#[test]
fn what_is_no_table_is_refused() {
    assert!(refused("").contains("empty"));
    assert!(refused("time,v\n").contains("no row"));
    assert!(refused("a,b\nx,y\n").contains("no column holds times"));
    assert!(refused("time,b\n2016-03-07 00:00,y\n").contains("no column but the times"));
    assert!(refused("{\"a\": 1}").contains("no answer"));
    let wrong = TableReading { values: vec!["w".into()], ..TableReading::default() };
    assert!(parse_metrics("time,v\n2016-03-07 00:00,1\n", &wrong).unwrap_err().message.contains("no column `w`"));
}

#[test]
fn cloudwatch_answers_are_put_in_order() {
    // RULES R75: unordered, gaps simply absent.
    let statistics = r#"{"Label": "RequestCount", "Datapoints": [
        {"Timestamp": "2016-03-07T00:02:00Z", "Sum": 9.0, "Unit": "Count"},
        {"Timestamp": "2016-03-07T00:00:00+00:00", "Sum": 5.0, "ExtendedStatistics": {"p95": 0.3}, "Unit": "Count"}]}"#;
    let found = table(statistics);
    assert_eq!(found.notation, MetricNotation::CloudWatchStatistics);
    let sum = found.select(&[("statistic".to_string(), "Sum".to_string())].into()).unwrap();
    assert_eq!(sum.samples, [(MARCH, 5.0), (MARCH + 120 * SECOND, 9.0)]);
    let even = sum.even(Some(Duration::from_secs(60)), true).unwrap();
    assert_eq!((even.values.as_slice(), even.missing()), (&[Some(5.0), None, Some(9.0)][..], 1));
    // RULES R76: descending, several pages.
    let page = |stamps: &str, values: &str, more: &str| {
        format!(
            r#"{{"MetricDataResults": [{{"Id": "m1", "Label": "rq", "Timestamps": [{stamps}], "Values": [{values}], "StatusCode": "Complete"}}]{more}}}"#
        )
    };
    let first = page("\"2016-03-07T00:02:00Z\", \"2016-03-07T00:01:00Z\"", "9, 7", ", \"NextToken\": \"x\"");
    let second = page("\"2016-03-07T00:00:00Z\"", "5", "");
    let found = table(&format!("{first}\n{second}"));
    assert_eq!(found.series[0].samples.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [5.0, 7.0, 9.0]);
    assert!(!found.remarks.iter().any(|remark| remark.contains("NextToken")));
    assert!(table(&first).remarks.iter().any(|remark| remark.contains("NextToken")));
    assert!(refused(&page("\"2016-03-07T00:02:00Z\"", "9, 7", "")).contains("1 timestamps and 2 values"));
}

#[test]
fn prometheus_answers_have_texts_for_numbers() {
    // RULES R90.
    let answer =
        |result: &str| format!(r#"{{"status": "success", "data": {{"resultType": "matrix", "result": [{result}]}}}}"#);
    let found = table(&answer(
        r#"{"metric": {"job": "web"}, "values": [[1457308800.781, "1.5"], [1457308860.781, "NaN"], [1457308920.781, "+Inf"], [1457308980.781, "2"]]}"#,
    ));
    assert_eq!(found.series[0].name(), "job=web");
    let even = found.series[0].even(Some(Duration::from_secs(60)), false).unwrap();
    assert_eq!(even.values, [Some(1.5), None, None, Some(2.0)]);
    assert!(found.remarks.iter().any(|remark| remark.contains("2 samples are no number")));
    let error = r#"{"status": "error", "errorType": "bad_data", "error": "parse error"}"#;
    assert!(refused(error).contains("bad_data parse error"));
    assert!(refused(&answer("").replace("matrix", "vector")).contains("query_range"));
}

#[test]
fn samples_beside_the_grid_fall_into_their_interval() {
    let found =
        table("time,v\n2016-03-07 00:00:00,1\n2016-03-07 00:01:00,2\n2016-03-07 00:01:59,3\n2016-03-07 00:03:00,4\n");
    let even = found.series[0].even(Some(Duration::from_secs(60)), true).unwrap();
    assert_eq!(even.values, [Some(1.0), Some(5.0), None, Some(4.0)]);
    assert!(even.remarks[0].contains("added up"));
    assert_eq!(found.series[0].even(Some(Duration::from_secs(60)), false).unwrap().values[1], Some(2.5));
    assert!(found.series[0].even(Some(Duration::from_nanos(1)), true).unwrap_err().contains("at most"));
}

#[test]
fn metrics_of_other_intervals_come_on_the_grid() {
    let found = table("time,v\n2016-03-07 00:00,1\n2016-03-07 00:10,2\n2016-03-07 00:20,3\n");
    let minutes = Duration::from_secs(300);
    let on = |start: i64, count| found.series[0].on_grid(start, minutes, count);
    assert_eq!(on(MARCH, 6), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0].map(Some));
    assert_eq!(on(MARCH + 900 * SECOND, 5), [Some(2.0), Some(3.0), Some(3.0), None, None]);
    let hour = found.series[0].on_grid(MARCH, Duration::from_secs(3600), 2);
    assert_eq!(hour, [Some(2.0), None]);
    assert_eq!(found.series[0].on_grid(i64::MIN, Duration::from_nanos(1), 3), [None; 3]);
}

#[test]
fn stamps_at_the_ends_of_time_do_no_harm() {
    let found = table("time,v\n1700-01-01T00:00:00Z,1\n2260-01-01T00:00:00Z,2\n");
    assert!(found.series[0].even(None, true).is_ok_and(|even| even.values.len() <= 2));
    assert!(found.series[0].even(Some(Duration::from_secs(1)), true).is_err());
}
