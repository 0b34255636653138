//! Laws given by what was measured.

/// A quantile function that is linear between given points.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantiles {
    segments: Vec<Segment>,
    /// For each of as many equal parts of 0..1 the segment in which it begins.
    starts: Vec<u32>,
}

/// A part of a quantile function.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Segment {
    /// Probability at which it begins.
    from: f64,
    /// Probability at which it ends.
    to: f64,
    /// Time at its beginning.
    time: f64,
    /// Seconds per unit of probability.
    slope: f64,
}

impl Quantiles {
    /// The quantile function through `points`, (probability, seconds).
    ///
    /// # Panics
    /// If the probabilities do not rise from 0 to 1.
    pub fn new(points: &[(f64, f64)]) -> Self {
        let rise = points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let ends = points.len() >= 2 && points[0].0 == 0.0 && points[points.len() - 1].0 == 1.0;
        assert!(rise && ends, "the probabilities of quantiles rise from 0 to 1");
        let segments: Vec<Segment> = points
            .windows(2)
            .map(|pair| {
                let ((from, time), (to, last)) = (pair[0], pair[1]);
                Segment { from, to, time, slope: (last - time) / (to - from) }
            })
            .collect();
        let parts = 4 * segments.len();
        let segment_at = |u: f64| segments.partition_point(|segment| segment.to <= u) as u32;
        let starts = (0..parts).map(|part| segment_at(part as f64 / parts as f64)).collect();
        Self { segments, starts }
    }

    /// The time that belongs to the uniform number `u` of (0, 1), in seconds.
    #[inline]
    pub fn draw(&self, u: f64) -> f64 {
        let part = ((u * self.starts.len() as f64) as usize).min(self.starts.len() - 1);
        let mut index = self.starts[part] as usize;
        while u >= self.segments[index].to && index + 1 < self.segments.len() {
            index += 1;
        }
        let segment = &self.segments[index];
        segment.time + segment.slope * (u - segment.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lie_on_the_lines_between_the_points() {
        let law = Quantiles::new(&[(0.0, 1.0), (0.5, 2.0), (0.99, 4.0), (0.999, 4.0), (1.0, 10.0)]);
        for (u, expected) in [(1e-17, 1.0), (0.25, 1.5), (0.5, 2.0), (0.745, 3.0), (0.995, 4.0), (0.9995, 7.0)] {
            assert!((law.draw(u) - expected).abs() < 1e-9, "{u}: {}", law.draw(u));
        }
        assert!((law.draw(1.0 - f64::EPSILON / 2.0) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn every_segment_is_found_however_short() {
        let mut points: Vec<(f64, f64)> = (0..=1000).map(|i| ((f64::from(i) / 1000.0).powi(4), f64::from(i))).collect();
        points[1000].0 = 1.0;
        let law = Quantiles::new(&points);
        for pair in points.windows(2) {
            let middle = 0.5 * (pair[0].0 + pair[1].0);
            assert!((law.draw(middle) - 0.5 * (pair[0].1 + pair[1].1)).abs() < 1e-6, "{middle}");
            assert_eq!(law.draw(pair[0].0), pair[0].1);
        }
    }

    #[test]
    #[should_panic(expected = "rise from 0 to 1")]
    fn probabilities_must_rise() {
        Quantiles::new(&[(0.0, 1.0), (0.5, 2.0), (0.5, 3.0), (1.0, 4.0)]);
    }
}
