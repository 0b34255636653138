//! Columns of numbers for the page's script, written short: equal columns once, and repeated numbers as one with its count.

use serde::{Serialize, Serializer};

/// A number of a column; none where there is nothing to show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(Option<f64>);

impl Number {
    /// A number with three figures: more cannot be read off a chart.
    pub(super) fn rounded(value: f64) -> Self {
        Self(if value.is_finite() { format!("{value:.2e}").parse().ok() } else { None })
    }

    /// An amount with four figures.
    pub(super) fn money(value: f64) -> Self {
        Self(if value.is_finite() { format!("{value:.3e}").parse().ok() } else { None })
    }

    /// A number as it is.
    pub(super) fn exact(value: f64) -> Self {
        Self(value.is_finite().then_some(value))
    }
}

/// Whole numbers up to here are the same as integers.
const WHOLE: f64 = (1u64 << 53) as f64;

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(value) if value.fract() == 0.0 && value.abs() < WHOLE => serializer.serialize_i64(value as i64),
            other => other.serialize(serializer),
        }
    }
}

/// A number, or one that repeats and how often.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
enum Run {
    Once(Number),
    Often(Number, usize),
}

/// Shorter runs are not worth their brackets.
const LEAST_RUN: usize = 3;

/// All columns of the page; others name one by its place.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Columns(Vec<Vec<Run>>);

impl Columns {
    /// The place of a column with these numbers.
    pub(super) fn place(&mut self, numbers: impl IntoIterator<Item = Number>) -> usize {
        let numbers: Vec<Number> = numbers.into_iter().collect();
        let mut column = Vec::new();
        for run in numbers.chunk_by(|a, b| a == b) {
            match run {
                [first, ..] if run.len() >= LEAST_RUN => column.push(Run::Often(*first, run.len())),
                few => column.extend(few.iter().map(|number| Run::Once(*number))),
            }
        }
        self.0.iter().position(|known| *known == column).unwrap_or_else(|| {
            self.0.push(column);
            self.0.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_short() {
        let mut columns = Columns::default();
        let exact = |numbers: &[f64]| numbers.iter().map(|number| Number::exact(*number)).collect::<Vec<_>>();
        let nothing = f64::NAN;
        assert_eq!(columns.place(exact(&[2.0, 2.0, 2.0, 2.0, 0.5, 0.5, nothing, nothing, nothing])), 0);
        assert_eq!(columns.place(exact(&[])), 1);
        assert_eq!(columns.place(exact(&[2.0, 2.0, 2.0, 2.0, 0.5, 0.5, nothing, nothing, nothing])), 0);
        assert_eq!(serde_json::to_string(&columns).unwrap(), "[[[2,4],0.5,0.5,[null,3]],[]]");
    }

    #[test]
    fn figures_that_cannot_be_seen_are_left_out() {
        let json = |number: Number| serde_json::to_string(&number).unwrap();
        assert_eq!(json(Number::rounded(0.683_456)), "0.683");
        assert_eq!(json(Number::money(1234.567)), "1235");
        assert_eq!(json(Number::exact(168_452.0)), "168452");
        assert_eq!(json(Number::rounded(f64::INFINITY)), "null");
    }
}
