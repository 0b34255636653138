//! Linear programmes: the one place that knows which solver is used.
//!
//! The solver (microlp, a simplex method in plain Rust) is single-threaded and draws no random numbers, so a programme has the same
//! solution on every run. What it returns is checked against the programme before anybody sees it.

use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution as _, SolverModel, constraint, microlp, variable,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A variable of a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable(usize);

/// Minimise the cost of variables that are not negative, so that rows are met.
#[derive(Debug, Clone, Default)]
pub struct Programme {
    costs: Vec<f64>,
    most: Vec<f64>,
    rows: Vec<Row>,
}

/// A sum of multiples of variables that must be at least a bound.
#[derive(Debug, Clone)]
struct Row {
    terms: Vec<(Variable, f64)>,
    least: f64,
}

/// The cheapest values.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Their cost.
    pub cost: f64,
    values: Vec<f64>,
}

/// Why a programme has no solution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinearError {
    /// The rows contradict each other.
    #[error("no values meet all rows of the linear programme")]
    Infeasible,
    /// The cost has no minimum.
    #[error("the cost of the linear programme has no minimum")]
    Unbounded,
    /// The solver gave up, or its solution does not hold.
    #[error("the linear programme could not be solved: {0}")]
    Failed(String),
}

/// By how much a row may be missed, relative to its largest term.
const TOLERANCE: f64 = 1e-6;

impl Programme {
    /// A variable from 0 to `most` (infinity for no limit), at a cost for each unit.
    pub fn variable(&mut self, cost: f64, most: f64) -> Variable {
        self.costs.push(cost);
        self.most.push(most);
        Variable(self.costs.len() - 1)
    }

    /// Demands that the sum of `terms` is at least `least`.
    pub fn at_least(&mut self, terms: Vec<(Variable, f64)>, least: f64) {
        self.rows.push(Row { terms, least });
    }

    /// The cheapest values of all variables.
    ///
    /// # Errors
    /// If there are none, or the solver fails.
    pub fn minimise(&self) -> Result<Solution, LinearError> {
        self.check_numbers()?;
        // Costs of millions and of fractions of a cent meet the same tolerances.
        let scale = self.costs.iter().fold(0.0, |largest: f64, cost| largest.max(cost.abs()));
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let mut variables = ProblemVariables::new();
        let all: Vec<_> = self.most.iter().map(|most| variables.add(variable().min(0.0).max(*most))).collect();
        let objective: Expression =
            all.iter().zip(&self.costs).map(|(variable, cost)| *variable * (cost / scale)).sum();
        let mut model = variables.minimise(objective).using(microlp);
        for row in &self.rows {
            let largest = row.terms.iter().fold(0.0, |largest: f64, (_, factor)| largest.max(factor.abs()));
            let scale = if largest > 0.0 { largest } else { 1.0 };
            let sum: Expression = row.terms.iter().map(|(variable, factor)| all[variable.0] * (factor / scale)).sum();
            model.add_constraint(constraint!(sum >= row.least / scale));
        }
        let solved = catch_unwind(AssertUnwindSafe(|| model.solve()))
            .map_err(|_| LinearError::Failed("the solver stopped in the middle".to_string()))?;
        let solution = solved.map_err(|error| match error {
            ResolutionError::Infeasible => LinearError::Infeasible,
            ResolutionError::Unbounded => LinearError::Unbounded,
            other => LinearError::Failed(other.to_string()),
        })?;
        let values: Vec<f64> =
            all.iter().zip(&self.most).map(|(variable, most)| solution.value(*variable).max(0.0).min(*most)).collect();
        self.check(&values)?;
        let cost = values.iter().zip(&self.costs).map(|(value, cost)| value * cost).sum();
        Ok(Solution { cost, values })
    }

    fn check_numbers(&self) -> Result<(), LinearError> {
        let terms = self.rows.iter().flat_map(|row| row.terms.iter().map(|(_, factor)| *factor).chain([row.least]));
        match self.costs.iter().copied().chain(terms).find(|number| !number.is_finite()) {
            Some(number) => Err(LinearError::Failed(format!("{number} is no coefficient"))),
            None if self.most.iter().any(|most| most.is_nan() || *most < 0.0) => Err(LinearError::Infeasible),
            None => Ok(()),
        }
    }

    fn check(&self, values: &[f64]) -> Result<(), LinearError> {
        let met = |row: &Row| {
            let of = |(variable, factor): &(Variable, f64)| values[variable.0] * factor;
            let sum: f64 = row.terms.iter().map(of).sum();
            let largest = row.terms.iter().map(|term| of(term).abs()).fold(row.least.abs().max(1.0), f64::max);
            sum >= row.least - TOLERANCE * largest
        };
        match values.iter().all(|value| value.is_finite()) && self.rows.iter().all(met) {
            true => Ok(()),
            false => Err(LinearError::Failed("its solution misses a row".to_string())),
        }
    }
}

impl Solution {
    /// The value of a variable.
    pub fn value(&self, variable: Variable) -> f64 {
        self.values[variable.0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_programme_by_hand() {
        // 3x + 2y, x + y >= 4, x >= 1, y <= 2: y = 2, x = 2.
        let mut programme = Programme::default();
        let (x, y) = (programme.variable(3.0, f64::INFINITY), programme.variable(2.0, 2.0));
        programme.at_least(vec![(x, 1.0), (y, 1.0)], 4.0);
        programme.at_least(vec![(x, 1.0)], 1.0);
        let solution = programme.minimise().unwrap();
        assert!((solution.cost - 10.0).abs() < 1e-9, "{solution:?}");
        assert!((solution.value(x) - 2.0).abs() < 1e-9 && (solution.value(y) - 2.0).abs() < 1e-9);
        assert_eq!(programme.minimise(), Ok(solution));
    }

    #[test]
    fn what_has_no_solution_is_an_error() {
        let mut programme = Programme::default();
        let x = programme.variable(1.0, 1.0);
        programme.at_least(vec![(x, 1.0)], 2.0);
        assert_eq!(programme.minimise(), Err(LinearError::Infeasible));
        let mut programme = Programme::default();
        let x = programme.variable(-1.0, f64::INFINITY);
        programme.at_least(vec![(x, 1.0)], 0.0);
        assert_eq!(programme.minimise(), Err(LinearError::Unbounded));
        let mut programme = Programme::default();
        programme.variable(f64::NAN, 1.0);
        assert!(matches!(programme.minimise(), Err(LinearError::Failed(_))));
        assert_eq!(Programme::default().minimise().unwrap().cost, 0.0);
    }
}
