//! How much of a series to leave out until it is stationary.

/// Where to cut a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truncation {
    /// How many values to leave out.
    pub values: usize,
    /// The squared standard error of the mean of the rest, by its batch means, as if they were independent.
    pub statistic: f64,
}

/// MSER: leaves out as many batches of `batch` values as make the standard error of the rest least, at most half of them
/// (K. P. White, Simulation 69, 1997; batches of 5: S. C. Spratt, 1998). None without a batch.
pub fn mser(values: &[f64], batch: usize) -> Option<Truncation> {
    let means: Vec<f64> = if batch > 0 {
        values.chunks_exact(batch).map(|batch| batch.iter().sum::<f64>() / batch.len() as f64).collect()
    } else {
        return None;
    };
    // From the end, with the mean and the sum of squares so far (B. P. Welford, 1962).
    let (mut mean, mut squares, mut best) = (0.0, 0.0, None::<Truncation>);
    for (count, (place, value)) in (1..).zip(means.iter().enumerate().rev()) {
        let count = f64::from(count);
        let distance = value - mean;
        mean += distance / count;
        squares += distance * (value - mean);
        let statistic = squares / (count * count);
        if place <= means.len() / 2 && best.is_none_or(|best| statistic <= best.statistic) {
            best = Some(Truncation { values: place * batch, statistic });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_is_too_high_is_left_out() {
        let values: Vec<f64> = (0..100).map(|i| if i < 20 { 9.0 } else { f64::from(i % 5 + i % 2) }).collect();
        let cut = mser(&values, 5).unwrap();
        assert_eq!(cut.values, 20);
        let means: Vec<f64> = values[20..].chunks(5).map(|batch| batch.iter().sum::<f64>() / 5.0).collect();
        let mean = means.iter().sum::<f64>() / 16.0;
        let squares: f64 = means.iter().map(|value| (value - mean).powi(2)).sum();
        assert!((cut.statistic - squares / 256.0).abs() < 1e-15);
    }

    #[test]
    fn never_more_than_half_is_left_out() {
        let rising: Vec<f64> = (0..40).map(f64::from).collect();
        assert!(mser(&rising, 5).unwrap().values <= 20);
        assert_eq!((mser(&rising, 41), mser(&[], 5), mser(&rising, 0)), (None, None, None));
    }
}
