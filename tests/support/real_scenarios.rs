//! Scenarios over real traces. Demand and prices are of different years: demand is placed on the prices' dates, by a shift of
//! whole weeks, so that weekdays stay weekdays.

use fleetmix::input::{Document, LoadOptions, LoadedScenario, load_document};
use serde_json::{Value, json};
use std::path::Path;

/// Loads a scenario that was built rather than written, with its files.
pub fn loaded(scenario: &Value) -> LoadedScenario {
    let document = Document::parse("scenario", &scenario.to_string()).unwrap();
    load_document(&document, Path::new(""), &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// World Cup 1998 demand on m4.4xlarge spot instances of 2016, billed as in the bid era: 14 days.
///
/// Demand: Monday 1998-05-18 is placed on Monday 2016-04-04; GMT is read as UTC. `scale` (not `scale_to_mean`, which would take the
/// mean over the tournament too) brings the mean of the 14 days, 2,256.6 requests a minute, to 28 a second; a flash crowd
/// of 13 times the mean falls on the second day. Prices: at their own dates. Between 2016-02-29 and 2016-03-25 they never
/// pass the on-demand price; in these two weeks they do so dozens of times.
pub fn world_cup_on_2016_spot(data: &Path) -> Value {
    let path = |file: &str| data.join(file).to_string_lossy().into_owned();
    json!({
        "format": 1,
        "name": "world-cup-2016-spot",
        "description": "World Cup 1998 web site from 1998-05-18 on, placed on 2016-04-04 (both Mondays), scaled to 28 requests/s on average, on m4.4xlarge in us-east-1b at its spot prices of 2016.",
        "clock": { "start": "2016-04-04T00:00:00Z", "horizon": "14d" },
        "run": { "seed": 1, "replications": 2, "warm_up": "1h", "between_replications": "fixed_traces" },
        "demand": {
            "rate_trace": {
                "trace": {
                    "file": path("demand/worldcup98/requests_per_minute.csv.gz"),
                    "format": { "csv": { "time": "period", "value": "count", "time_zone": "UTC" } },
                    "place": { "trace_time": "1998-05-18T00:00:00Z", "at": "2016-04-04T00:00:00Z" },
                    "gaps": "zero",
                    "at_end": "error"
                },
                "value_is": { "count_per": "1m" },
                "transform": [{ "scale": 0.744477 }]
            }
        },
        "service": web_service("320ms"),
        "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.01 },
        "instance_types": { "m4.4xlarge": instance_type(4) },
        "prices": price_list(path("prices/aws_ec2_ri_2015_2016/ec2_prices_2016-04-18.csv"), "EC2 price list of 2016-04-18"),
        "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": {} } },
        "markets": {
            "use1b": {
                "instance_type": "m4.4xlarge",
                "zone": "us-east-1b",
                "price": {
                    "trace": {
                        "file": path("spot_price/aws_2016_us-east-1/m4.4xlarge_us-east-1b_linux.csv"),
                        "format": { "csv": { "time": "timestamp", "value": "price_usd_per_hour", "time_zone": "UTC" } },
                        "gaps": "hold",
                        "at_end": "error"
                    }
                },
                "interruptions": "price_only",
                "fulfilment": { "uniform": { "min": "60s", "max": "300s" } }
            }
        },
        "pools": {
            "reserved": { "instance_type": "m4.4xlarge", "commitment": "1y-no-upfront" },
            "spot": { "markets": ["use1b"], "max_price": "0.958 USD/h" },
            "on_demand": { "instance_type": "m4.4xlarge" }
        },
        "scaling": scaling(3, 7, "800ms"),
        "mixes": [
            { "mix": "3 reserved + 2 spot + on-demand" },
            { "mix": "5 reserved + on-demand" },
            { "mix": "7 reserved" },
            { "mix": "on-demand", "name": "on-demand only" }
        ],
        "baseline": "on-demand only"
    })
}

/// Requests of a real load balancer on m4.large spot instances of 2021 in three zones, billed per second: 13 days.
///
/// Demand: Thursday 2014-04-10 is placed on Thursday 2021-03-04; stamps have no zone and are read as UTC; 8 holes of one sample hold
/// the value before; the mean over the whole trace is brought to 28 requests/s. It begins at 0:04, so the scenario starts a day
/// later. Prices: at their own dates, never above on-demand, so that they alone interrupt nothing. Hazard: the interruption
/// band of m4.large in us-east-1 (Linux) of 2025-07-28 is 1, that is 5 to 10 % a month; its middle is taken, half of it shared.
/// The price list is that of 2019-04-05, the nearest there is.
pub fn load_balancer_on_2021_spot(data: &Path) -> Value {
    let path = |file: &str| data.join(file).to_string_lossy().into_owned();
    let market = |zone: &str| {
        json!({
            "instance_type": "m4.large",
            "zone": zone,
            "price": {
                "trace": {
                    "file": path("spot_price/aws_2021_us-east-1/m4.large_linux.csv"),
                    "format": { "csv": {
                        "time": "timestamp", "value": "price_usd_per_hour", "time_zone": "UTC",
                        "where": { "availability_zone": zone, "product": "Linux/UNIX" }
                    } },
                    "gaps": "hold",
                    "at_end": "error"
                }
            },
            "interruptions": { "hazard": { "monthly_share": 0.075, "shared": 0.5 } }
        })
    };
    json!({
        "format": 1,
        "name": "load-balancer-2021-spot",
        "description": "A real load balancer's requests from 2014-04-10 on, placed on 2021-03-04 (both Thursdays), scaled to 28 requests/s on average, on m4.large in three zones of us-east-1 at their spot prices of 2021.",
        "clock": { "start": "2021-03-05T00:00:00Z", "horizon": "13d" },
        "run": { "seed": 1, "replications": 2, "warm_up": "1h", "between_replications": "fixed_traces" },
        "demand": {
            "rate_trace": {
                "trace": {
                    "file": path("demand/nab_cloudwatch/elb_request_count_8c0756.csv"),
                    "format": { "csv": { "time": "timestamp", "value": "value", "time_zone": "UTC" } },
                    "place": { "trace_time": "2014-04-10T00:04:00Z", "at": "2021-03-04T00:04:00Z" },
                    "gaps": "hold",
                    "at_end": "error"
                },
                "value_is": { "count_per": "5m" },
                "transform": [{ "scale_to_mean": 28.0 }]
            }
        },
        "service": web_service("100ms"),
        "objective": { "latency": "500ms", "late_share": 0.05, "error_share": 0.01 },
        "instance_types": { "m4.large": instance_type(2) },
        "prices": price_list(path("prices/aws_ec2_ri_2017_2019/core_types_2019-04-05.csv"), "EC2 price list of 2019-04-05"),
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": {} } },
        "markets": { "use1a": market("us-east-1a"), "use1d": market("us-east-1d"), "use1e": market("us-east-1e") },
        "pools": {
            "reserved": { "instance_type": "m4.large", "commitment": "1y-no-upfront" },
            "spot": { "markets": ["use1a", "use1d", "use1e"], "allocation": "diversified" },
            "on_demand": { "instance_type": "m4.large" }
        },
        "scaling": scaling(3, 12, "400ms"),
        "mixes": [
            { "mix": "2 reserved + 3 spot + on-demand" },
            { "mix": "6 spot + on-demand" },
            { "mix": "8 reserved" },
            { "mix": "on-demand", "name": "on-demand only" }
        ],
        "baseline": "on-demand only"
    })
}

/// Work whose own 95th percentile, 2.1 times its mean, lies below the latency alarm: an empty server raises none.
fn web_service(mean_work: &str) -> Value {
    json!({ "work": { "lognormal": { "mean": mean_work, "cv": 0.6 } }, "queue_limit": 500, "timeout": "10s" })
}

fn instance_type(slots: u32) -> Value {
    json!({
        "slots": slots,
        "boot": { "stages": [
            { "provisioning": { "uniform": { "min": "6s", "max": "18s" } } },
            { "os": { "uniform": { "min": "10s", "max": "25s" } } },
            { "configuration": { "constant": "30s" } },
            { "health_check": { "uniform": { "min": "0s", "max": "30s" } } }
        ] },
        "drain_limit": "60s"
    })
}

fn price_list(file: String, source: &str) -> Value {
    let format = json!({ "effective_csv": { "region": "us-east-1", "os": "linux" } });
    json!({ "list": { "file": file, "format": format, "currency": "USD", "source": source } })
}

fn scaling(min_total: u32, max_total: u32, latency_alarm: &str) -> Value {
    json!({
        "min_total": min_total,
        "max_total": max_total,
        "metrics": { "period": "60s" },
        "alarms": {
            "cpu-high": { "metric": { "cpu": "average" }, "above": 0.7, "datapoints_to_alarm": 2, "evaluation_periods": 3 },
            "latency-high": {
                "metric": { "latency": { "percentile": 95.0 } }, "above": latency_alarm,
                "datapoints_to_alarm": 2, "evaluation_periods": 3, "treat_missing_data": "notBreaching"
            },
            "cpu-low": { "metric": { "cpu": "average" }, "below": 0.45, "datapoints_to_alarm": 10, "evaluation_periods": 10 }
        },
        "policies": {
            "out-on-cpu": { "step": {
                "alarm": "cpu-high", "steps": [{ "from": 0.0, "change": 1.0 }, { "from": 0.15, "change": 2.0 }], "warm_up": "120s"
            } },
            "out-on-latency": { "step": {
                "alarm": "latency-high", "steps": [{ "from": "0ms", "change": 1.0 }], "warm_up": "120s"
            } },
            "in-on-cpu": { "simple": {
                "alarm": "cpu-low", "unless_alarm": ["latency-high"], "change": -1.0, "cooldown": "300s"
            } }
        }
    })
}
