//! What a sensitivity study found, in sentences.

use crate::results::{FactorRecord, ObjectiveMet, SensitivityRecord, Turn, Variation};

/// The sentences, the most important first.
pub(super) fn findings(record: &SensitivityRecord) -> Vec<String> {
    let mut words = Vec::new();
    let currency = record.currency;
    if let Some(first) = record.factors.first() {
        let side = |variation: &Variation| format!("{:+.0} at {}", variation.mix.cost_change.mean, variation.change);
        words.push(format!(
            "Cost depends most on {}: {} and {} {currency} a month, of {:.0}.",
            first.factor.name(),
            side(&first.low),
            side(&first.high),
            record.mix.per_month.mean
        ));
    }
    let late =
        |factor: &&FactorRecord| factor.low.mix.late_change.mean.abs().max(factor.high.mix.late_change.mean.abs());
    if let Some(most) = record.factors.iter().max_by(|a, b| late(a).total_cmp(&late(b))) {
        words.push(format!(
            "Late requests depend most on {}: {:.2} % at {} and {:.2} % at {}, {:.2} % as it stands.",
            most.factor.name(),
            100.0 * most.low.mix.late_share.mean,
            most.low.change,
            100.0 * most.high.mix.late_share.mean,
            most.high.change,
            100.0 * record.mix.late_share.mean
        ));
    }
    words.extend(breaks(record));
    words.extend(overtaken(record));
    words.extend(interrupted(record));
    for one in &record.commitments {
        let Some(months) = one.must_last_months else { continue };
        words.push(if months <= one.term_months {
            format!(
                "Commitment {} pays if such use lasts {months:.1} of its {:.0} months{}.",
                one.id,
                one.term_months,
                one.must_last_months_low_demand
                    .map_or(String::new(), |low| format!(" ({low:.1} with the lower demand)"))
            )
        } else {
            format!(
                "Commitment {} does not pay: on-demand would cost less for all of its {:.0} months.",
                one.id, one.term_months
            )
        });
    }
    words
}

fn variations(record: &SensitivityRecord) -> impl Iterator<Item = (&'static str, &Variation)> {
    record
        .factors
        .iter()
        .flat_map(|factor| [&factor.low, &factor.high].map(|variation| (factor.factor.name(), variation)))
}

fn listed<'a>(found: impl Iterator<Item = (&'static str, &'a Variation)>) -> Option<String> {
    let names: Vec<String> = found.map(|(name, variation)| format!("{name} {}", variation.change)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Where the objective no longer holds.
fn breaks(record: &SensitivityRecord) -> Option<String> {
    if record.mix.objective_met != ObjectiveMet::Met {
        return Some("The objective is not shown to be met as it stands.".to_string());
    }
    let missed = listed(variations(record).filter(|(_, one)| one.mix.objective_met != ObjectiveMet::Met));
    Some(match missed {
        Some(missed) => format!("The objective is no longer shown to be met with: {missed}."),
        None => "The objective is met in every variation.".to_string(),
    })
}

/// Where the rival is cheaper, its interval included.
fn overtaken(record: &SensitivityRecord) -> Option<String> {
    let rival = record.rival.as_ref()?;
    let cheaper =
        |one: &Variation| one.rival.as_ref().is_some_and(|rival| rival.per_month.mean < one.mix.per_month.mean);
    if rival.per_month.mean < record.mix.per_month.mean {
        return Some(format!("{} is cheaper already as it stands.", rival.name));
    }
    Some(match listed(variations(record).filter(|(_, one)| cheaper(one))) {
        Some(found) => format!("{} becomes cheaper with: {found}.", rival.name),
        None => format!("It stays cheaper than {} in every variation.", rival.name),
    })
}

fn interrupted(record: &SensitivityRecord) -> Vec<String> {
    let Some(found) = &record.interruptions else { return Vec::new() };
    let told = |what: String, turn: &Turn| match turn.at {
        Some(0.0) => format!("{what} already without random interruptions."),
        Some(at) => {
            let end = |end: Option<f64>| end.map_or("beyond".to_string(), |rate| format!("{rate:.2}"));
            format!(
                "{what} from {at:.2} random interruptions of an instance a month on (95 %: {} to {}; {:.2} as it stands).",
                end(turn.between[0]),
                end(turn.between[1]),
                found.now
            )
        }
        None => format!("{what} at no rate up to {} random interruptions of an instance a month.", turn.up_to),
    };
    let rival = record.rival.as_ref().zip(found.dearer_than_rival.as_ref());
    let mut words: Vec<String> =
        rival.map(|(rival, turn)| told(format!("It costs more than {}", rival.name), turn)).into_iter().collect();
    words.push(told("Too many requests are late".to_string(), &found.too_many_late));
    words.push(told("Too many requests fail".to_string(), &found.too_many_failed));
    words
}
