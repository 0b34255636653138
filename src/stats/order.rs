//! Quantiles from the order of independent values, whatever their law.

use statrs::distribution::{Binomial, DiscreteCDF};

/// Ranks, from 1, of the sorted values between which a quantile lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranks {
    /// The lower one.
    pub lower: u64,
    /// The upper one.
    pub upper: u64,
    /// The probability that the quantile lies between them: at least the confidence that was asked for.
    pub coverage: f64,
}

/// The ranks between which the `q` quantile of `n` independent values lies with this confidence, with half of the error on each side at
/// most. `None` if there are too few values, or `q` or the confidence is not between 0 and 1.
///
/// The number of values below the quantile is binomial with n and q (for a continuous law), so the values of rank l and u enclose it with
/// probability P(l ≤ number < u).
pub fn quantile_ranks(n: u64, q: f64, confidence: f64) -> Option<Ranks> {
    if !within(q) || !within(confidence) {
        return None;
    }
    let below = Binomial::new(q, n).ok()?;
    let at_most = |count: u64| below.cdf(count);
    let tail = 0.5 * (1.0 - confidence);
    let lower = first(0, n, |rank| at_most(rank) > tail);
    let upper = first(lower + 1, n, |rank| below.sf(rank - 1) <= tail);
    if lower == 0 || below.sf(upper - 1) > tail {
        return None;
    }
    Some(Ranks { lower, upper, coverage: at_most(upper - 1) - at_most(lower - 1) })
}

/// How many independent values are needed for their `rank`-th largest to be above the `q` quantile with this confidence (Wilks, 1941).
/// `None` if `rank` is 0, `q` or the confidence is not between 0 and 1, or more than a billion are needed.
pub fn values_for_upper_limit(q: f64, confidence: f64, rank: u64) -> Option<u64> {
    const MOST: u64 = 1_000_000_000;
    if !within(q) || !within(confidence) || rank == 0 {
        return None;
    }
    let suffices = |n: u64| Binomial::new(1.0 - q, n).is_ok_and(|above| above.sf(rank - 1) >= confidence);
    let needed = first(rank, MOST, suffices);
    suffices(needed).then_some(needed)
}

fn within(share: f64) -> bool {
    share > 0.0 && share < 1.0
}

/// The first of `from..=to` that satisfies what all after it satisfy; `to` if none does.
fn first(mut from: u64, mut to: u64, satisfies: impl Fn(u64) -> bool) -> u64 {
    while from < to {
        let middle = from + (to - from) / 2;
        if satisfies(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_textbooks_come_out() {
        let ranks = quantile_ranks(100, 0.95, 0.95).unwrap();
        assert_eq!((ranks.lower, ranks.upper), (90, 100));
        assert!((ranks.coverage - 0.983).abs() < 5e-4, "{ranks:?}");
        // The median of ten values lies between the second and the ninth: 1 - 22 / 1024.
        let ranks = quantile_ranks(10, 0.5, 0.95).unwrap();
        assert_eq!((ranks.lower, ranks.upper), (2, 9));
        assert!((ranks.coverage - (1.0 - 22.0 / 1024.0)).abs() < 1e-12);
        assert_eq!(
            [quantile_ranks(20, 0.95, 0.95), quantile_ranks(0, 0.5, 0.9), quantile_ranks(9, 1.0, 0.9)],
            [None; 3]
        );
    }

    #[test]
    fn as_many_values_as_wilks_says() {
        let needed = |q, rank| values_for_upper_limit(q, 0.95, rank);
        assert_eq!([needed(0.95, 1), needed(0.95, 2), needed(0.9, 1)], [Some(59), Some(93), Some(29)]);
        assert_eq!([needed(0.95, 0), needed(1.0, 1)], [None; 2]);
    }
}
