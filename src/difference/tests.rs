use super::*;
use crate::report::sample;

fn shifted(results: &Results, by: f64) -> Results {
    let mut results = results.clone();
    for mix in &mut results.mixes {
        mix.by_replication.cost.iter_mut().for_each(|cost| *cost += by);
        mix.cost.per_month.mean += by * MONTH_SECONDS / results.scenario.horizon_seconds;
    }
    results
}

#[test]
fn pairs_show_what_independent_samples_hide() {
    let (old, _) = sample::week();
    let mut new = shifted(&old, 5.0);
    let paired = difference(&old, &new).unwrap();
    assert!(paired.paired);
    for mix in &paired.mixes {
        assert_eq!(mix.cost_per_month.finding, Finding::Rose, "{}", mix.name);
        let [low, high] = mix.cost_per_month.ci95.unwrap();
        // The same five dollars of a week in every pair.
        assert!((low - 5.0 * 730.0 / 168.0).abs() < 1e-6 && (high - low).abs() < 1e-6, "{low} {high}");
        assert_eq!(mix.late_share.finding, Finding::Same);
    }
    new.scenario.seed += 1;
    let apart = difference(&old, &new).unwrap();
    assert!(!apart.paired);
    assert!(apart.mixes.iter().all(|mix| mix.cost_per_month.finding == Finding::WithinNoise));
    assert!(apart.settings.iter().any(|change| change.what == "seed"));
}

#[test]
fn the_interval_of_a_share_is_around_its_difference() {
    let (old, _) = sample::week();
    let mut new = old.clone();
    for mix in &mut new.mixes {
        mix.by_replication.late.iter_mut().for_each(|late| *late *= 2);
        mix.late_share.mean = ratio_of(&mix.by_replication.late, &mix.by_replication.offered);
    }
    let mut old = old;
    for mix in &mut old.mixes {
        mix.late_share.mean = ratio_of(&mix.by_replication.late, &mix.by_replication.offered);
    }
    for mix in difference(&old, &new).unwrap().mixes {
        let [low, high] = mix.late_share.ci95.unwrap();
        assert!((0.5 * (low + high) - mix.late_share.difference).abs() < 1e-12);
        assert_eq!(mix.late_share.finding, Finding::Rose);
    }
}

fn ratio_of(over: &[u64], under: &[u64]) -> f64 {
    over.iter().sum::<u64>() as f64 / under.iter().sum::<u64>() as f64
}

#[test]
fn false_alarms_are_as_rare_as_stated() {
    let mut noise = sample::Noise(11);
    let mut sample = || (0..12).map(|_| noise.next() + noise.next() + noise.next()).collect::<Vec<f64>>();
    let rounds = 4000;
    for paired in [true, false] {
        let alarms = (0..rounds)
            .filter(|_| {
                let finding = change([0.0, 0.0], [sample(), sample()], paired).finding;
                matches!(finding, Finding::Rose | Finding::Fell)
            })
            .count();
        let share = alarms as f64 / f64::from(rounds);
        // 5 % ± 3.3 standard errors of a share of 4000.
        assert!((share - 0.05).abs() < 0.0115, "{share} with paired {paired}");
    }
}

#[test]
fn what_cannot_be_compared_is_said() {
    let (old, _) = sample::week();
    let mut new = old.clone();
    new.mixes[0].name = "renamed".into();
    new.mixes.iter_mut().for_each(|mix| mix.by_replication = Default::default());
    let found = difference(&old, &new).unwrap();
    assert_eq!((found.gone.len(), found.added.as_slice()), (1, ["renamed".to_string()].as_slice()));
    assert!(found.mixes.iter().all(|mix| mix.cost_per_month.finding == Finding::Unknown));
    assert!(found.notes.iter().any(|note| note.contains("nothing can be said about noise")));
    new.currency = "EUR".parse().unwrap();
    assert!(difference(&old, &new).unwrap_err().to_string().contains("EUR"));
}

#[test]
fn a_study_does_not_differ_from_itself() {
    let (old, _) = sample::week();
    let found = difference(&old, &old).unwrap();
    assert!(found.settings.is_empty());
    assert!(
        found
            .mixes
            .iter()
            .all(|mix| mix.cost_per_month.finding == Finding::Same && mix.cost_per_month.difference == 0.0)
    );
}
