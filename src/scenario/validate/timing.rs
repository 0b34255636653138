//! Checks of the format, the name, the clock and the run.

use super::{Findings, MAX_HORIZON, MAX_REPLICATIONS};
use crate::scenario::{
    BetweenReplications, Clock, Demand, FORMAT, PriceProcess, ResampleBlocks, Resampled, Scenario, SpotCapacity,
};
use crate::units::Duration;

/// The format's version and the scenario's name.
pub(super) fn check_identity(scenario: &Scenario, findings: &mut Findings) {
    findings.require(scenario.format == FORMAT, "/format", || {
        format!("this version reads format {FORMAT}, found {}", scenario.format)
    });
    findings.require(is_folder_name(&scenario.name), "/name", || {
        format!(
            "the name becomes a folder's: 1 to 100 letters, digits, `-`, `_` and `.`, beginning with a letter or digit \
             and not ending with `.`, found {:?}",
            scenario.name.chars().take(120).collect::<String>()
        )
    });
}

fn is_folder_name(name: &str) -> bool {
    name.len() <= 100
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !name.ends_with('.')
}

/// Start, horizon and time zone.
pub(super) fn check_clock(clock: &Clock, findings: &mut Findings) {
    let year = clock.start.timestamp().to_zoned(jiff::tz::TimeZone::UTC).year();
    findings.require((1970..2200).contains(&year), "/clock/start", || {
        format!("the start must lie in the years 1970 to 2199, found {}", clock.start)
    });
    let horizon = clock.horizon;
    findings.require(horizon.is_positive() && horizon <= MAX_HORIZON, "/clock/horizon", || {
        format!("the horizon must be longer than 0s and at most {MAX_HORIZON}, found {horizon}")
    });
    let zone = &clock.report_time_zone;
    findings.require(jiff::tz::TimeZone::get(zone).is_ok(), "/clock/report_time_zone", || {
        format!("unknown time zone {zone:?}; use an IANA name such as `UTC` or `Europe/Berlin`")
    });
}

/// Replications, warm-up and what varies.
pub(super) fn check_run(scenario: &Scenario, findings: &mut Findings) {
    let run = &scenario.run;
    findings.require((1..=MAX_REPLICATIONS).contains(&run.replications), "/run/replications", || {
        format!("replications must be 1 to {MAX_REPLICATIONS}, found {}", run.replications)
    });
    findings.time("/run/warm_up", run.warm_up);
    let recorded = matches!(scenario.demand, Demand::ArrivalTrace(_));
    findings.require(!recorded || run.warm_up <= scenario.clock.horizon, "/run/warm_up", || {
        format!(
            "the warm-up takes the requests of an arrival trace that follow the start, so it must not be longer than the \
             horizon {}, found {}",
            scenario.clock.horizon, run.warm_up
        )
    });
    if let BetweenReplications::ResampleBlocks(blocks) = &run.between_replications {
        check_resampling(scenario, blocks, findings);
    }
}

fn check_resampling(scenario: &Scenario, blocks: &ResampleBlocks, findings: &mut Findings) {
    const HERE: &str = "/run/between_replications/resample_blocks";
    let block = blocks.block;
    let whole_days = block.is_positive() && block.nanos() % Duration::DAY.nanos() == 0;
    findings.require(whole_days, format!("{HERE}/block"), || {
        format!("a block must be one or more whole days, found {block}")
    });
    findings.require(!blocks.of.is_empty(), format!("{HERE}/of"), || {
        "nothing to resample: name `demand`, `markets` or both, or write \"fixed_traces\"".to_string()
    });
    for (index, part) in blocks.of.iter().enumerate() {
        let pointer = format!("{HERE}/of/{index}");
        findings.require(!blocks.of[..index].contains(part), pointer.clone(), || "named twice".to_string());
        match part {
            Resampled::Demand => findings.require(!matches!(scenario.demand, Demand::Steps { .. }), pointer, || {
                "demand in steps cannot be resampled, only a `rate_trace` or an `arrival_trace` can; take `demand` out of `of`, or set `between_replications` to `fixed_traces`".to_string()
            }),
            Resampled::Markets => {
                let traced = scenario.markets.values().any(|market| {
                    matches!(market.price, PriceProcess::Trace(_)) || matches!(market.capacity, SpotCapacity::Trace(_))
                });
                findings.require(traced, pointer, || {
                    "there is no market with a trace of prices or capacity to resample".to_string()
                });
            }
        }
    }
}
