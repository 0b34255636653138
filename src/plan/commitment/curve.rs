//! What hours cost beyond a number of covered instances.

/// Usage of one price within an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Instances, on the mean of the hour: 1.5 if one ran through and one for half of it.
    pub instances: f64,
    /// What an instance costs uncovered, in the currency for the time that is counted.
    pub price: f64,
}

/// The uncovered cost of some hours by the number of instances that are covered, in the currency.
///
/// Instances are bought whole, so the cost is needed at whole numbers only. Between them it is taken as a straight line: with the
/// cost of fractional usage itself, an optimum could lie between whole numbers (2.5 instances for 10 hours at 1, each to be covered
/// for 6: covering 2.5 would cost 15, but the best whole purchase costs 17).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// What covering the first, second … instance saves.
    savings: Vec<f64>,
    /// What is left uncovered with 0, 1, … instances covered; the last is nothing.
    uncovered: Vec<f64>,
}

impl Curve {
    /// The curve of hours, each with its segments in the order in which they are covered.
    pub fn new<'a>(hours: impl IntoIterator<Item = &'a [Segment]>) -> Self {
        let mut savings: Vec<f64> = Vec::new();
        // Whole instances are booked where they begin and end; parts of one at once.
        let mut steps: Vec<f64> = Vec::new();
        for hour in hours {
            let mut from = 0.0;
            for segment in hour {
                let until = from + segment.instances;
                book(&mut savings, &mut steps, from, until, segment.price);
                from = until;
            }
        }
        let mut whole = 0.0;
        for (saving, step) in savings.iter_mut().zip(&steps) {
            whole += step;
            *saving += whole;
        }
        Self::of_savings(savings)
    }

    /// The curve of what covering the first, second … instance saves.
    pub fn of_savings(mut savings: Vec<f64>) -> Self {
        savings.iter_mut().for_each(|saving| *saving = saving.max(0.0));
        let mut uncovered = vec![0.0; savings.len() + 1];
        for (level, saving) in savings.iter().enumerate().rev() {
            uncovered[level] = uncovered[level + 1] + saving;
        }
        Self { savings, uncovered }
    }

    /// The sum of curves with their weights: the expected cost over worlds with these probabilities.
    pub fn weighted<'a>(curves: impl IntoIterator<Item = (&'a Curve, f64)>) -> Self {
        let mut savings: Vec<f64> = Vec::new();
        for (curve, weight) in curves {
            savings.resize(savings.len().max(curve.savings.len()), 0.0);
            savings.iter_mut().zip(&curve.savings).for_each(|(sum, saving)| *sum += weight * saving);
        }
        Self::of_savings(savings)
    }

    /// The cost that is left when `covered` instances are.
    pub fn uncovered(&self, covered: u64) -> f64 {
        usize::try_from(covered).ok().and_then(|covered| self.uncovered.get(covered)).copied().unwrap_or(0.0)
    }

    /// Beyond this number nothing is saved.
    pub fn most(&self) -> u64 {
        self.savings.len() as u64
    }

    /// What covering the first, second … instance saves.
    pub fn savings(&self) -> &[f64] {
        &self.savings
    }

    /// The savings of the least concave curve that lies nowhere below: themselves wherever they fall from each instance to the next,
    /// which they do if a time has one price.
    pub(super) fn concave(&self) -> Vec<(f64, f64)> {
        let mut runs: Vec<(f64, f64)> = Vec::new();
        for saving in &self.savings {
            let mut run = (*saving, 1.0);
            while let Some((before, count)) = runs.last().copied().filter(|(before, _)| *before <= run.0) {
                run = ((before * count + run.0 * run.1) / (count + run.1), count + run.1);
                runs.pop();
            }
            runs.push(run);
        }
        runs
    }
}

fn book(savings: &mut Vec<f64>, steps: &mut Vec<f64>, from: f64, until: f64, price: f64) {
    if !(until > from && price > 0.0 && until.is_finite()) {
        return;
    }
    let (first, last) = (from.floor() as usize, until.ceil() as usize);
    if savings.len() < last {
        savings.resize(last, 0.0);
        steps.resize(last + 1, 0.0);
    }
    if last - first == 1 {
        savings[first] += (until - from) * price;
        return;
    }
    let (begin, end) = (from.ceil() as usize, until.floor() as usize);
    savings[first] += (begin as f64 - from) * price;
    if end < last {
        savings[end] += (until - end as f64) * price;
    }
    if begin < end {
        steps[begin] += price;
        steps[end] -= price;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::repeatable::repeatable;
    use proptest::prelude::*;

    fn hours(usage: &[f64], price: f64) -> Vec<[Segment; 1]> {
        usage.iter().map(|instances| [Segment { instances: *instances, price }]).collect()
    }

    fn curve(usage: &[f64], price: f64) -> Curve {
        Curve::new(hours(usage, price).iter().map(|hour| hour.as_slice()))
    }

    #[test]
    fn fractional_usage_by_hand() {
        let curve = curve(&[2.5; 10], 1.0);
        assert_eq!((0..5).map(|covered| curve.uncovered(covered)).collect::<Vec<_>>(), [25.0, 15.0, 5.0, 0.0, 0.0]);
        assert_eq!((curve.most(), curve.savings()), (3, &[10.0, 10.0, 5.0][..]));
        // Smaller instances at another price are covered first: 1.5 at 2, then 1 at 4.
        let two = [Segment { instances: 1.5, price: 2.0 }, Segment { instances: 1.0, price: 4.0 }];
        let curve = Curve::new([two.as_slice()]);
        assert_eq!(curve.savings(), [2.0, 3.0, 2.0]);
        assert_eq!(curve.concave(), [(2.5, 2.0), (2.0, 1.0)]);
    }

    proptest! {
        #![proptest_config(repeatable(256))]

        #[test]
        fn it_is_the_uncovered_cost_at_whole_numbers(
            usage in prop::collection::vec(0.0f64..9.0, 0..30),
            price in 0.01f64..5.0,
            covered in 0u64..12,
        ) {
            let expected: f64 = usage.iter().map(|one| price * (one - covered as f64).max(0.0)).sum();
            let curve = curve(&usage, price);
            prop_assert!((curve.uncovered(covered) - expected).abs() < 1e-9 * (1.0 + expected));
            let weighted = Curve::weighted([(&curve, 0.25), (&curve, 0.75)]);
            prop_assert!((weighted.uncovered(covered) - expected).abs() < 1e-9 * (1.0 + expected));
        }
    }
}
