//! `fleetmix trace fit service`.

use super::measured::MetricFile;
use super::metrics::{DemandReading, instant_text};
use crate::cli::exit::Failure;
use crate::input::Quantity;
use crate::trace::{Fitted, ServiceQuestion, ServiceSample, fit_service};
use clap::Args;
use std::io::{Write, stdout};

#[derive(Debug, Args)]
pub(in crate::cli) struct ServiceArgs {
    /// Requests: a file of any notation; FILE#column=requests for one of several series.
    #[arg(long, value_name = "FILE")]
    requests: MetricFile,
    /// CPU utilisation of the instances, as a share or in per cent.
    #[arg(long, value_name = "FILE")]
    cpu: Option<MetricFile>,
    /// Instances in service.
    #[arg(long, value_name = "FILE")]
    instances: Option<MetricFile>,
    /// A percentile of the latency in seconds.
    #[arg(long, value_name = "FILE")]
    latency: Option<MetricFile>,
    /// Which percentile it is.
    #[arg(long, value_name = "P", default_value_t = 95.0, value_parser = percentile)]
    percentile: f64,
    /// What the latency is multiplied by to be in seconds: 0.001 for milliseconds.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    latency_unit: f64,
    /// Requests that an instance serves at once, if that is known.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    slots: Option<u32>,
    #[command(flatten)]
    reading: DemandReading,
}

fn percentile(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (50.0..=99.9).contains(number));
    number.ok_or_else(|| "a percentile of 50 to 99.9 is wanted".to_string())
}

/// Estimates what a service needs, and says what could not be learned.
pub(super) fn service(args: &ServiceArgs) -> Result<(), Failure> {
    let demand = args.reading.demand(args.requests.path(), &args.requests.read()?, args.requests.only())?;
    let (start, every, rates) = (demand.series.start, demand.series.interval, demand.per_second());
    let column = |file: &Option<MetricFile>, quantity: Quantity, factor: f64| -> Result<Vec<Option<f64>>, Failure> {
        let Some(file) = file else { return Ok(vec![None; rates.len()]) };
        let values = file.series(quantity, every)?.on_grid(start, every, rates.len());
        Ok(values.into_iter().map(|value| value.map(|value| value * factor)).collect())
    };
    let cpu = column(&args.cpu, Quantity::Cpu, 1.0)?;
    let instances = column(&args.instances, Quantity::Instances, 1.0)?;
    let latency = column(&args.latency, Quantity::Latency, args.latency_unit)?;
    let samples: Vec<ServiceSample> = (0..rates.len())
        .filter_map(|at| {
            let sample =
                ServiceSample { per_second: rates[at]?, cpu: cpu[at], instances: instances[at], latency: latency[at] };
            (sample.cpu.is_some() || sample.latency.is_some()).then_some(sample)
        })
        .collect();
    if samples.is_empty() {
        let message = format!(
            "the requests, from {} on for {}, have no time in common with what else was measured",
            instant_text(start),
            every.times(rates.len() as i64)
        );
        return Err(Failure::new(message, "all metrics have to be of the same service and time"));
    }
    let question =
        ServiceQuestion { quantile: args.percentile / 100.0, interval: every.as_secs_f64(), slots: args.slots };
    let fit = fit_service(&samples, &question).map_err(|message| {
        Failure::new(message, "files are joined by their times: `fleetmix trace inspect` says which these are")
    })?;
    let mut output = stdout().lock();
    writeln!(output, "{} intervals of {every}", fit.used)?;
    let mut say = |name: &str, value: Option<Fitted>, factor: f64, unit: &str| match value {
        Some(Fitted { value, ci95: [low, high] }) => {
            let [value, low, high] = [value, low, high].map(|number| number * factor);
            writeln!(output, "{name:<22} {value:.4} ({low:.4} to {high:.4}){unit}")
        }
        None => writeln!(output, "{name:<22} not learned"),
    };
    say("work / slots", fit.work_per_slot, 1e3, " ms")?;
    say("work", fit.work, 1e3, " ms")?;
    say("variation (cv)", fit.variation, 1.0, "")?;
    say("slots", fit.slots, 1.0, "")?;
    say("idle CPU", fit.idle_cpu, 100.0, " %")?;
    for remark in &fit.remarks {
        writeln!(output, "note: {remark}")?;
    }
    if let (Some(work), Some(variation)) = (fit.work, fit.variation) {
        let law =
            format!("{{ \"lognormal\": {{ \"mean\": \"{:.1}ms\", \"cv\": {} }} }}", work.value * 1e3, variation.value);
        writeln!(output, "in a scenario: \"work\": {law}")?;
    }
    output.flush()?;
    Ok(())
}
