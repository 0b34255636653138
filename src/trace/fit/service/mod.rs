//! What a service needs, from what a monitor sees: requests, CPU, instances, and a percentile of latency.
//!
//! Two things are used. **CPU**: busy slots / slots is rate × work / (instances × slots), so over many intervals CPU is a straight line in
//! the requests per instance: its slope is work / slots, where it begins is the idle CPU. **Latency**: of M/G/c with a lognormal work
//! ([`response`]); at low load its percentile is that of the work, and how it rises with the load tells few slots from many.
//!
//! Intervals: of the straight line by leaving out one of twenty stretches of time after the other (jackknife); of the rest by all values
//! that fit nearly as well as the best (a likelihood region by the F distribution), so that what the data cannot tell apart shows.

mod latency;
mod line;
mod response;
#[cfg(test)]
mod tests;

use latency::{Observed, Region};

/// What was measured in one interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceSample {
    /// Requests per second.
    pub per_second: f64,
    /// CPU utilisation, 0 to 1.
    pub cpu: Option<f64>,
    /// Instances in service.
    pub instances: Option<f64>,
    /// The percentile of the latency, in seconds.
    pub latency: Option<f64>,
}

/// What is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceQuestion {
    /// Which percentile of latency was measured, between 0 and 1.
    pub quantile: f64,
    /// Length of an interval in seconds.
    pub interval: f64,
    /// Requests that an instance serves at once, if that is known.
    pub slots: Option<u32>,
}

/// A value and the limits between which it lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// The value that fits best.
    pub value: f64,
    /// Its limits.
    pub ci95: [f64; 2],
}

/// What the samples say of a service. What they cannot say is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceFit {
    /// Seconds of a slot that a request takes, divided by the slots of an instance.
    pub work_per_slot: Option<Fitted>,
    /// Mean work, in seconds on an instance.
    pub work: Option<Fitted>,
    /// Coefficient of variation of the work.
    pub variation: Option<Fitted>,
    /// Requests that an instance serves at once; of all instances together where their number is not known.
    pub slots: Option<Fitted>,
    /// CPU of an idle instance.
    pub idle_cpu: Option<Fitted>,
    /// Intervals that were used.
    pub used: usize,
    /// What could not be learned and why, and what was left out.
    pub remarks: Vec<String>,
}

/// Fewest intervals that a fit needs.
pub const FEWEST_SAMPLES: usize = 40;
/// Seconds that requests are thought to take where nobody measured it.
const UNKNOWN_LATENCY: f64 = 1.0;
/// Above this utilisation CPU no longer rises with the requests: they wait.
const SATURATED: f64 = 0.95;

/// Estimates work, variation, slots and idle CPU.
///
/// # Errors
/// A sentence about what is missing.
pub fn fit_service(samples: &[ServiceSample], question: &ServiceQuestion) -> Result<ServiceFit, String> {
    let has = |pick: fn(&ServiceSample) -> bool| samples.iter().filter(|sample| pick(sample)).count() >= FEWEST_SAMPLES;
    let (cpu, instances, latency) = (
        has(|sample| sample.cpu.is_some()),
        has(|sample| sample.instances.is_some()),
        has(|sample| sample.latency.is_some()),
    );
    if usize::from(cpu) + usize::from(instances) + usize::from(latency) < 2 {
        return Err(format!(
            "two of CPU, instances and latency are needed beside the requests, each in {FEWEST_SAMPLES} intervals at least; found {}",
            samples.len()
        ));
    }
    let mut fit = ServiceFit {
        work_per_slot: None,
        work: None,
        variation: None,
        slots: None,
        idle_cpu: None,
        used: samples.len(),
        remarks: Vec::new(),
    };
    if !instances {
        fit.remarks.push("the number of instances is not known: it is taken as the same all the time, and slots are those of all together".into());
    }
    let known: Vec<&ServiceSample> =
        samples.iter().filter(|sample| !instances || sample.instances.is_some_and(|n| n > 0.0)).collect();
    if cpu {
        of_cpu(&known, question.interval, &mut fit)?;
    }
    if latency {
        of_latency(&known, question, &mut fit);
    } else {
        let slots = question.slots.map(f64::from);
        fit.slots = slots.map(|slots| Fitted { value: slots, ci95: [slots; 2] });
        fit.work = fit.work_per_slot.zip(slots).map(|(work, slots)| work.times(slots));
        let rest = if slots.is_some() { "the variation of the work" } else { "work, its variation and slots apart" };
        fit.remarks.push(format!("without latency {rest} cannot be learned: CPU is the same for short work on few slots and long work on many"));
    }
    Ok(fit)
}

impl Fitted {
    fn wider_by(self, amount: f64) -> Self {
        Self { ci95: [self.ci95[0] - amount, self.ci95[1] + amount], ..self }
    }

    fn times(self, factor: f64) -> Self {
        Self { value: self.value * factor, ci95: self.ci95.map(|limit| limit * factor) }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Requests per second and instance.
fn per_instance(sample: &ServiceSample) -> f64 {
    sample.per_second / sample.instances.unwrap_or(1.0)
}

fn of_cpu(samples: &[&ServiceSample], interval: f64, fit: &mut ServiceFit) -> Result<(), String> {
    let points: Vec<(f64, f64)> = samples
        .iter()
        .filter_map(|sample| Some((per_instance(sample), sample.cpu.filter(|cpu| *cpu < SATURATED)?)))
        .collect();
    let saturated = samples.iter().filter(|sample| sample.cpu.is_some_and(|cpu| cpu >= SATURATED)).count();
    if saturated > 0 {
        fit.remarks
            .push(format!("{saturated} intervals with a CPU of 95 % and more are left out: there requests wait"));
    }
    let Some(line) = line::fit(&points) else {
        return Err("the requests per instance are the same all the time, so CPU cannot be split into work and idle"
            .to_string());
    };
    if line.slope.ci95[0] <= 0.0 {
        fit.remarks.push(
            "CPU does not rise with the requests for certain: something else uses it, or the number of instances follows the load and is \
             not given"
                .to_string(),
        );
    }
    if line.explained < 0.5 {
        let share = line.explained * 100.0;
        fit.remarks.push(format!(
            "requests explain only {share:.0} % of the changes of CPU: other work runs on the instances"
        ));
    }
    // A request counts where it arrives, but keeps a slot busy until it ends: as much of the work falls into the next interval.
    let latencies: Vec<f64> = samples.iter().filter_map(|sample| sample.latency).collect();
    let latency = if latencies.is_empty() { UNKNOWN_LATENCY } else { mean(&latencies) };
    let carried = latency / interval;
    let of_requests = line.slope.value.abs() * mean(&points.iter().map(|point| point.0).collect::<Vec<_>>());
    fit.work_per_slot = Some(line.slope.wider_by(line.slope.value.abs() * carried));
    let idle = line.intercept.wider_by(of_requests * carried);
    fit.idle_cpu =
        Some(Fitted { value: idle.value.clamp(0.0, 1.0), ci95: idle.ci95.map(|limit| limit.clamp(0.0, 1.0)) });
    Ok(())
}

fn of_latency(samples: &[&ServiceSample], question: &ServiceQuestion, fit: &mut ServiceFit) {
    // A percentile of few requests is noise: it needs about ten beyond it.
    let enough = 10.0 / (1.0 - question.quantile) / question.interval;
    let observed: Vec<Observed> = samples
        .iter()
        .filter(|sample| sample.per_second >= enough && sample.cpu.is_none_or(|cpu| cpu < SATURATED))
        .filter_map(|sample| {
            let latency = sample.latency.filter(|latency| *latency > 0.0)?;
            Some(Observed { per_second: sample.per_second, instances: sample.instances.unwrap_or(1.0), latency })
        })
        .collect();
    if observed.len() < FEWEST_SAMPLES {
        fit.remarks.push(format!(
            "only {} intervals have enough requests for a {:.1} % percentile of latency: take longer intervals, or a lower percentile",
            observed.len(),
            question.quantile * 100.0
        ));
        return;
    }
    let Some(region) = Region::search(&observed, question, fit.work_per_slot.map(|work| work.value)) else {
        fit.remarks
            .push("no queue fits the latency: it is not of the service alone, or its unit is another one".to_string());
        return;
    };
    if region.error > 0.25 {
        fit.remarks.push(format!(
            "the best fit is off by {:.0} % in the middle: much of the latency has other causes than work and waiting",
            region.error * 100.0
        ));
    }
    if region.slots.ci95[0] < region.slots.value || region.slots.ci95[1] > region.slots.value {
        fit.remarks.push(format!(
            "slots between {} and {} fit nearly as well: give --slots if they are known, or a trace with higher loads",
            region.slots.ci95[0], region.slots.ci95[1]
        ));
    }
    // Where CPU says what work / slots is, its uncertainty comes on top.
    let of_line = fit.work_per_slot.map_or([1.0; 2], |line| line.ci95.map(|limit| limit / line.value));
    let [low, high] = region.work.ci95;
    fit.work = Some(Fitted { value: region.work.value, ci95: [low * of_line[0].min(1.0), high * of_line[1].max(1.0)] });
    fit.variation = Some(region.variation);
    fit.slots = Some(region.slots);
}
