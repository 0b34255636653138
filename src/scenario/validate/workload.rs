//! Checks of demand, service, objective and trace references.

use super::{Findings, MAX_RATE};
use crate::scenario::{
    ArrivalTrace, Arrivals, AtEnd, Demand, Discipline, Gaps, Objective, RateStep, RateTrace, Service, Sizes,
    TraceFormat, TraceRef, Transform, pointer_child,
};
use crate::units::Duration;

/// Most instances that are drawn for a request.
const MAX_CHOICES: u32 = 100;

/// The requests that arrive.
pub(super) fn check_demand(demand: &Demand, findings: &mut Findings) {
    let here = match demand {
        Demand::RateTrace(trace) => {
            check_rate_trace(trace, findings);
            "/demand/rate_trace"
        }
        Demand::ArrivalTrace(trace) => {
            check_arrival_trace(trace, findings);
            "/demand/arrival_trace"
        }
        Demand::Steps { steps, .. } => {
            check_rate_steps(steps, findings);
            "/demand/steps"
        }
    };
    if let Some(Arrivals::Gamma { cv }) = demand.arrivals() {
        findings.cv(format!("{here}/arrivals/gamma/cv"), cv, 0.0);
    }
}

fn check_rate_trace(trace: &RateTrace, findings: &mut Findings) {
    const HERE: &str = "/demand/rate_trace";
    check_series_ref(&trace.trace, SeriesOf::Demand, &format!("{HERE}/trace"), findings);
    findings.positive_time(format!("{HERE}/value_is"), trace.value_is.interval());
    for (index, transform) in trace.transform.iter().enumerate() {
        check_transform(transform, &format!("{HERE}/transform/{index}"), findings);
    }
}

fn check_arrival_trace(demand: &ArrivalTrace, findings: &mut Findings) {
    const HERE: &str = "/demand/arrival_trace";
    let trace = &demand.trace;
    check_trace_ref(trace, &format!("{HERE}/trace"), findings);
    findings.require(trace.gaps == Gaps::Zero, format!("{HERE}/trace/gaps"), || {
        "where an arrival trace has no row there was no request: write \"zero\"".to_string()
    });
    findings.require(trace.at_end != AtEnd::Hold, format!("{HERE}/trace/at_end"), || {
        "a request cannot be held: write \"error\" or \"repeat\"".to_string()
    });
    let holds_requests = matches!(trace.format, TraceFormat::Csv(_) | TraceFormat::Seconds {});
    findings.require(holds_requests, format!("{HERE}/trace/format"), || {
        "an arrival trace has one request a row: use `csv` or `seconds`".to_string()
    });
    if let TraceFormat::Csv(columns) = &trace.format {
        let named = columns.value.is_some() || demand.sizes != Sizes::FromTrace;
        findings.require(named, format!("{HERE}/trace/format/csv"), || {
            "the key `value` is missing: with `sizes` from the trace it names the column of works in seconds"
                .to_string()
        });
    }
    if let Sizes::FromColumns(columns) = &demand.sizes {
        let at = format!("{HERE}/sizes/from_columns");
        findings.require(matches!(trace.format, TraceFormat::Csv(_)), &at, || {
            "only `csv` files have columns with names".to_string()
        });
        findings.require(!columns.is_empty(), &at, || "at least one column is needed".to_string());
        columns.iter().for_each(|(name, work)| findings.time(pointer_child(&at, name), *work));
    }
    match demand.covers {
        Some(span) => findings.require(span.from < span.to, format!("{HERE}/covers"), || {
            format!("`to` must be later than `from`, found {} and {}", span.to, span.from)
        }),
        None => findings.require(trace.at_end != AtEnd::Repeat, format!("{HERE}/trace/at_end"), || {
            "to be repeated the trace needs an end: write `covers`, since the last row does not tell how long nothing \
             came after it"
                .to_string()
        }),
    }
}

fn check_transform(transform: &Transform, here: &str, findings: &mut Findings) {
    let limited = |findings: &mut Findings, name: &str, value: f64, right: bool, range: &str| {
        findings.require(right, format!("{here}/{name}"), || format!("must be {range}, found {value}"));
    };
    match *transform {
        Transform::Scale(factor) => {
            limited(findings, "scale", factor, (0.0..=1e9).contains(&factor), "a factor from 0 to 1e9");
        }
        Transform::ScaleToMean(mean) => {
            let right = mean > 0.0 && mean <= MAX_RATE;
            limited(findings, "scale_to_mean", mean, right, "above 0 and at most 1e7 requests per second");
        }
        Transform::GrowthPerYear(growth) => {
            let right = growth > -1.0 && growth <= 1000.0;
            limited(findings, "growth_per_year", growth, right, "above -1 (all gone) and at most 1000 (0.3 is 30 %)");
        }
        Transform::Clip(limit) => {
            limited(findings, "clip", limit, (0.0..=MAX_RATE).contains(&limit), "0 to 1e7 requests per second");
        }
        Transform::FlashCrowd { at, peak_per_second, decay } => {
            let right = (0.0..=MAX_RATE).contains(&peak_per_second);
            let name = "flash_crowd/peak_per_second";
            limited(findings, name, peak_per_second, right, "0 to 1e7 requests per second");
            findings.require(at >= Duration::ZERO, format!("{here}/flash_crowd/at"), || {
                format!("must not lie before the scenario's start, found {at}")
            });
            findings.positive_time(format!("{here}/flash_crowd/decay"), decay);
        }
    }
}

fn check_rate_steps(steps: &[RateStep], findings: &mut Findings) {
    const HERE: &str = "/demand/steps/steps";
    check_step_times(steps.iter().map(|step| step.from), HERE, findings);
    for (index, step) in steps.iter().enumerate() {
        let rate = step.per_second;
        findings.require((0.0..=MAX_RATE).contains(&rate), format!("{HERE}/{index}/per_second"), || {
            format!("must be 0 to 1e7 requests per second, found {rate}")
        });
    }
}

/// Steps begin at `0s` and ascend.
pub(super) fn check_step_times(times: impl Iterator<Item = Duration>, here: &str, findings: &mut Findings) {
    let mut previous: Option<Duration> = None;
    for (index, time) in times.enumerate() {
        let pointer = format!("{here}/{index}/from");
        match previous {
            None => findings
                .require(time == Duration::ZERO, pointer, || format!("the first step must be from 0s, found {time}")),
            Some(before) => {
                findings.require(time > before, pointer, || format!("steps must ascend, found {time} after {before}"));
            }
        }
        previous = Some(time);
    }
    findings.require(previous.is_some(), here, || "at least one step is needed, the first from 0s".to_string());
}

/// What a trace of values over time is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeriesOf {
    /// Rates of requests.
    Demand,
    /// Spot prices.
    Price,
    /// Numbers of instances.
    Capacity,
}

/// A reference to a trace of values over time.
pub(super) fn check_series_ref(trace: &TraceRef, of: SeriesOf, here: &str, findings: &mut Findings) {
    check_trace_ref(trace, here, findings);
    let wrong = match &trace.format {
        TraceFormat::Csv(columns) => {
            return findings.require(columns.value.is_some(), format!("{here}/format/csv"), || {
                "the key `value` is missing: the column of values".to_string()
            });
        }
        TraceFormat::Seconds {} => "the format `seconds` holds requests: it is for an `arrival_trace`; use `csv`",
        TraceFormat::Counts {} if of != SeriesOf::Capacity => {
            "the format `counts` holds numbers of instances: it is for the capacity of a market; use `csv`"
        }
        TraceFormat::SpotPriceHistory(_) | TraceFormat::SpotDataFeed(_) if of != SeriesOf::Price => {
            "this format holds prices: it is for the price of a market; use `csv`"
        }
        TraceFormat::CloudWatch(_) | TraceFormat::Prometheus(_) if of != SeriesOf::Demand => {
            "this format holds metrics: it is for demand; use `csv`"
        }
        TraceFormat::Counts {}
        | TraceFormat::SpotPriceHistory(_)
        | TraceFormat::SpotDataFeed(_)
        | TraceFormat::CloudWatch(_)
        | TraceFormat::Prometheus(_) => return,
    };
    findings.add(format!("{here}/format"), wrong);
}

/// A reference to a file.
fn check_trace_ref(trace: &TraceRef, here: &str, findings: &mut Findings) {
    findings.require(!trace.file.is_empty(), format!("{here}/file"), || "the file's name is empty".to_string());
    let TraceFormat::Csv(columns) = &trace.format else { return };
    let zone = &columns.time_zone;
    findings.require(jiff::tz::TimeZone::get(zone).is_ok(), format!("{here}/format/csv/time_zone"), || {
        format!("unknown time zone {zone:?}; use an IANA name such as `UTC` or `Europe/Berlin`")
    });
}

/// Work, limits and timeouts.
pub(super) fn check_service(service: &Service, findings: &mut Findings) {
    findings.law("/service/work", &service.work, true);
    if let Some(timeout) = service.timeout {
        findings.positive_time("/service/timeout", timeout);
    }
    if let Some(patience) = &service.patience {
        findings.law("/service/patience", patience, true);
        findings.require(service.timeout.is_none(), "/service/patience", || {
            "`timeout` is a patience that is the same for every client: give one of the two".to_string()
        });
    }
    if let Discipline::PowerOf { choices } = service.discipline {
        findings.require((1..=MAX_CHOICES).contains(&choices), "/service/discipline/power-of/choices", || {
            format!("instances drawn for a request must be 1 to {MAX_CHOICES}, found {choices}")
        });
    }
}

/// The service level.
pub(super) fn check_objective(objective: &Objective, findings: &mut Findings) {
    findings.positive_time("/objective/latency", objective.latency);
    findings.share("/objective/late_share", objective.late_share);
    findings.share("/objective/error_share", objective.error_share);
}
