use super::*;

/// Intervals of a service that keeps to the model: rates over a day, percentiles by the formula with a little noise.
fn samples(work: f64, variation: f64, slots: u32, idle: f64, instances: u32) -> Vec<ServiceSample> {
    let law = response::Work::new(variation);
    let servers = slots * instances;
    (0..400)
        .map(|index| {
            let load = 0.1 + 0.75 * (0.5 - 0.5 * (f64::from(index) * 0.0314).cos());
            let noise = 1.0 + 0.02 * (f64::from(index) * 1.7).sin();
            ServiceSample {
                per_second: load * f64::from(servers) / work,
                cpu: Some(idle + load * (1.0 + 0.01 * (f64::from(index) * 2.3).sin())).filter(|cpu| *cpu <= 1.0),
                instances: Some(f64::from(instances)),
                latency: law.response(servers, load, 0.95).map(|time| time * work * noise),
            }
        })
        .collect()
}

fn question(slots: Option<u32>) -> ServiceQuestion {
    ServiceQuestion { quantile: 0.95, interval: 300.0, slots }
}

fn holds(fitted: Option<Fitted>, truth: f64) -> bool {
    fitted.is_some_and(|fitted| {
        fitted.ci95[0] <= truth && truth <= fitted.ci95[1] && fitted.ci95[1] <= fitted.ci95[0].max(1e-9) * 3.0 + 0.02
    })
}

#[test]
fn the_truth_is_found_by_any_two() {
    let all = samples(0.2, 1.0, 4, 0.05, 3);
    let fit = fit_service(&all, &question(None)).unwrap();
    assert!(holds(fit.work_per_slot, 0.05) && holds(fit.idle_cpu, 0.05), "{fit:?}");
    assert!(holds(fit.work, 0.2) && holds(fit.slots, 4.0) && holds(fit.variation, 1.0), "{fit:?}");
    let without = |change: fn(&mut ServiceSample)| {
        let mut some = all.clone();
        some.iter_mut().for_each(change);
        fit_service(&some, &question(Some(4))).unwrap()
    };
    let fit = without(|sample| sample.cpu = None);
    assert!(holds(fit.work, 0.2) && holds(fit.variation, 1.0) && fit.idle_cpu.is_none(), "{fit:?}");
    let fit = without(|sample| sample.latency = None);
    assert!(holds(fit.work, 0.2) && holds(fit.idle_cpu, 0.05) && fit.variation.is_none(), "{fit:?}");
    assert!(fit.remarks.iter().any(|remark| remark.contains("without latency")));
    let mut some = all.clone();
    some.iter_mut().for_each(|sample| sample.instances = None);
    let fit = fit_service(&some, &question(Some(12))).unwrap();
    assert!(holds(fit.work, 0.2) && holds(fit.variation, 1.0), "{fit:?}");
}

#[test]
fn what_cannot_be_learned_is_said() {
    let all = samples(0.2, 1.0, 4, 0.05, 3);
    let bare: Vec<ServiceSample> =
        all.iter().map(|sample| ServiceSample { cpu: None, instances: None, ..*sample }).collect();
    assert!(fit_service(&bare, &question(None)).unwrap_err().contains("two of CPU, instances and latency"));
    let flat: Vec<ServiceSample> =
        all.iter().map(|sample| ServiceSample { per_second: 5.0, latency: None, ..*sample }).collect();
    assert!(fit_service(&flat, &question(None)).unwrap_err().contains("the same all the time"));
    let few: Vec<ServiceSample> =
        all.iter().map(|sample| ServiceSample { per_second: sample.per_second / 1e4, ..*sample }).collect();
    let fit = fit_service(&few, &question(None)).unwrap();
    assert!(fit.remarks.iter().any(|remark| remark.contains("enough requests")), "{:?}", fit.remarks);
    let unit: Vec<ServiceSample> =
        all.iter().map(|sample| ServiceSample { latency: sample.latency.map(|l| l * 1e3), ..*sample }).collect();
    let fit = fit_service(&unit, &question(Some(4))).unwrap();
    assert!(fit.remarks.iter().any(|remark| remark.contains("off by")), "{:?}", fit.remarks);
}
