//! Histories and feeds with everything that real ones have.

use super::*;

fn table(text: &str) -> PriceTable {
    parse_prices(text).expect("prices").unwrap_or_else(|(line, message)| panic!("{line:?}: {message}"))
}

/// Newest first, both styles of stamps, a repeat, two pages, a second product and a second zone.
const HISTORY: &str = r#"
{"SpotPriceHistory": [
  {"Timestamp": "2023-03-02T09:02:39.000Z", "ProductDescription": "Linux/UNIX", "InstanceType": "m5.large", "SpotPrice": "0.254500", "AvailabilityZone": "us-west-2a"},
  {"Timestamp": "2023-03-01T09:02:14+00:00", "ProductDescription": "Linux/UNIX", "InstanceType": "m5.large", "SpotPrice": "0.254500", "AvailabilityZone": "us-west-2a"},
  {"Timestamp": "2023-03-01T09:02:14+00:00", "ProductDescription": "Linux/UNIX", "InstanceType": "m5.large", "SpotPrice": "0.300000", "AvailabilityZone": "us-west-2b"}
], "NextToken": "more"}
{"SpotPriceHistory": [
  {"Timestamp": "2023-02-28T23:59:57+00:00", "ProductDescription": "Linux/UNIX", "InstanceType": "m5.large", "SpotPrice": "0.250000", "AvailabilityZone": "us-west-2a"},
  {"Timestamp": "2023-02-28T23:59:57+00:00", "ProductDescription": "Windows", "InstanceType": "m5.large", "SpotPrice": "0.400000", "AvailabilityZone": "us-west-2a"}
]}"#;

#[test]
fn pages_are_joined_sorted_and_kept_apart_by_product_and_zone() {
    let table = table(HISTORY);
    assert_eq!((table.series.len(), table.rows), (3, 5));
    let records = table.select(&[Some("Linux/UNIX"), None, Some("us-west-2a")]).unwrap();
    let prices: Vec<String> = records.iter().map(|(_, price)| price.to_string()).collect();
    assert_eq!(prices, ["0.25", "0.2545", "0.2545"]);
    assert!(records.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let error = table.select(&[Some("Linux/UNIX"), None, None]).unwrap_err();
    assert!(error.contains("state zone") && error.contains("us-west-2b") && !error.contains("Windows"), "{error}");
    let error = table.select(&[None, None, Some("us-west-2c")]).unwrap_err();
    assert!(error.contains("no price") && error.contains("`Windows m5.large us-west-2a`"), "{error}");
}

#[test]
fn pages_may_come_in_a_list_and_records_bare() {
    let (first, second) = HISTORY.split_once("]}\n").unwrap_or_else(|| HISTORY.split_once("\"more\"}\n").unwrap());
    let list = format!("[{first}{}, {second}]", if first.trim_end().ends_with('}') { "" } else { "\"more\"}" });
    assert_eq!(table(&list).rows, 5, "{list}");
    let bare = r#"[{"Timestamp": "2023-02-28T23:59:57Z", "SpotPrice": 0.25, "AvailabilityZoneId": "usw2-az1"}]"#;
    assert_eq!(table(bare).series.keys().next().unwrap()[2], "usw2-az1");
}

#[test]
fn a_feed_is_read_by_the_fields_that_it_names() {
    let feed = "#Version: 1.0\n#Fields: Timestamp UsageType Operation InstanceID MyBidID MyMaxPrice MarketPrice Charge Version\n\
        2014-11-23 14:28:58 UTC\tUSW2-SpotUsage:m3.medium\tRunInstances:S0002\ti-1\tsir-1\t0.070 USD\t0.011 USD\t0.011 USD\t1\n\
        2014-11-23 13:28:58 UTC\tUSW2-SpotUsage:m3.medium\tRunInstances:S0002\ti-1\tsir-1\t0.070 USD\t0.010 USD\t0.010 USD\t1\n\
        2014-11-23 13:30:00 UTC\tUSW2-SpotUsage:m3.medium\tRunInstances:S0002\ti-2\tsir-2\t0.070 USD\t0.020 USD\t0.020 USD\t1\n";
    let table = table(feed);
    let records = table.select(&[None, None, Some("i-1")]).unwrap();
    assert_eq!(records.iter().map(|(_, price)| price.to_string()).collect::<Vec<_>>(), ["0.01", "0.011"]);
    assert!(table.select(&[None, None, None]).unwrap_err().contains("state instance"));
}

#[test]
fn what_is_wrong_is_said() {
    let fail = |text: &str| parse_prices(text).expect("prices").unwrap_err();
    let record = |price: &str| {
        format!(r#"{{"SpotPriceHistory": [{{"Timestamp": "2023-02-28T23:59:57Z", "SpotPrice": {price}}}]}}"#)
    };
    assert!(fail(&record("\"cheap\"")).1.contains("record 1: \"cheap\" is not a price"));
    assert!(fail(&record("\"-1\"")).1.contains("negative"));
    assert!(fail(&record("null")).1.contains("a text with a decimal"));
    assert!(fail("{\"SpotPriceHistory\": []}").1.contains("not a single price"));
    assert_eq!(fail("{\"SpotPriceHistory\": [\n{}]}").0, Some(2));
    assert!(fail("#Version: 1.0\n2014-11-23 13:28:58 UTC\tx\n").1.contains("`MarketPrice` is missing"));
    assert!(parse_prices("a,b\n1,2\n").is_none() && parse_prices("").is_none());
    let twice = "timestamp,price_usd_per_hour\n2020-01-01T00:00:00Z,1\n2020-01-01T00:00:00Z,2\n";
    assert!(table(twice).select(&[]).unwrap_err().contains("two prices at"));
}
