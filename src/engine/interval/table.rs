//! What a server set makes of a minute: late and failed requests and latencies, by utilisation and by what was left behind.

/// Utilisations of a minute: work that arrives over what the set can do. Dense where the latency turns.
const UTILISATIONS: [f64; 22] = [
    0.0, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 1.0, 1.025, 1.05, 1.075, 1.1, 1.15,
    1.25, 1.4,
];
/// What the minute before left: below zero its utilisation less 1, above zero the delay in units of the objective's latency.
const CARRIES: [f64; 14] = [-0.4, -0.2, -0.15, -0.1, -0.05, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 4.0, 6.0];
/// Percentiles that a table holds.
pub(super) const PERCENTILES: [f64; 3] = [0.50, 0.95, 0.99];
/// Weight of an observation that makes a node reliable.
const ENOUGH: f64 = 2.0;

/// What becomes of the requests of a minute.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Outcome {
    /// Share of the offered that is late.
    pub(super) late: f64,
    /// Share of the offered that is rejected or gives up.
    pub(super) failed: f64,
    /// Percentiles of the latency of what is completed, in seconds.
    pub(super) percentiles: [f64; 3],
}

impl Outcome {
    fn values(&self) -> [f64; 5] {
        let [a, b, c] = self.percentiles;
        [self.late, self.failed, a, b, c]
    }

    fn from_values([late, failed, a, b, c]: [f64; 5]) -> Self {
        Self { late, failed, percentiles: [a, b, c] }
    }
}

/// The axes' nodes are multiples of these, so that a cell of this width lies between two of them.
const UTILISATION_CELL: f64 = 0.025;
const CARRY_CELL: f64 = 0.05;

/// For each cell from the first node of an axis on, the node before it.
const fn nodes_before<const N: usize, const CELLS: usize>(axis: &[f64; N], cell: f64) -> [u8; CELLS] {
    let mut nodes = [0; CELLS];
    let (mut index, mut node) = (0, 0);
    while index < CELLS {
        let middle = axis[0] + (index as f64 + 0.5) * cell;
        while node + 2 < N && axis[node + 1] < middle {
            node += 1;
        }
        nodes[index] = node as u8;
        index += 1;
    }
    nodes
}

static BEFORE_UTILISATION: [u8; 56] = nodes_before(&UTILISATIONS, UTILISATION_CELL);
static BEFORE_CARRY: [u8; 128] = nodes_before(&CARRIES, CARRY_CELL);

/// A place on an axis: the node before it and the weight of the node after it. `None` beyond the last.
#[inline(always)]
fn place<const N: usize>(axis: &[f64; N], before: &[u8], cell: f64, value: f64) -> Option<(usize, f64)> {
    if value >= axis[N - 1] {
        return None;
    }
    let from_first = (value - axis[0]).max(0.0);
    let node = usize::from(before[((from_first / cell) as usize).min(before.len() - 1)]);
    let (low, high) = (axis[node], axis[node + 1]);
    Some((node, ((value - low) / (high - low)).clamp(0.0, 1.0)))
}

fn places(utilisation: f64, carry: f64) -> Option<[(usize, f64); 2]> {
    Some([
        place(&UTILISATIONS, &BEFORE_UTILISATION, UTILISATION_CELL, utilisation)?,
        place(&CARRIES, &BEFORE_CARRY, CARRY_CELL, carry)?,
    ])
}

/// Outcomes by utilisation and carry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    nodes: Vec<[f64; 5]>,
}

impl Table {
    /// The outcome of a minute; `None` beyond the table, where the backlog is long or grows fast.
    #[inline]
    pub(super) fn outcome(&self, utilisation: f64, carry: f64) -> Option<Outcome> {
        let [(column, right), (row, below)] = places(utilisation, carry)?;
        let corner = row * UTILISATIONS.len() + column;
        let nodes = [corner, corner + 1, corner + UTILISATIONS.len(), corner + UTILISATIONS.len() + 1];
        let weights = [(1.0 - right) * (1.0 - below), right * (1.0 - below), (1.0 - right) * below, right * below];
        let mut values = [0.0; 5];
        for (node, weight) in nodes.into_iter().zip(weights) {
            for (value, part) in values.iter_mut().zip(&self.nodes[node]) {
                *value += weight * part;
            }
        }
        Some(Outcome::from_values(values))
    }
}

/// Collects observed minutes into a [`Table`].
#[derive(Debug)]
pub(super) struct Observed {
    sums: Vec<[f64; 5]>,
    weights: Vec<f64>,
}

impl Observed {
    pub(super) fn new() -> Self {
        let nodes = UTILISATIONS.len() * CARRIES.len();
        Self { sums: vec![[0.0; 5]; nodes], weights: vec![0.0; nodes] }
    }

    /// Takes in a minute: each of the four nodes around it gets its share of the weight.
    pub(super) fn add(&mut self, utilisation: f64, carry: f64, outcome: &Outcome, weight: f64) {
        let Some([(column, right), (row, below)]) = places(utilisation, carry) else { return };
        for (down, row_weight) in [(0, 1.0 - below), (1, below)] {
            for (across, column_weight) in [(0, 1.0 - right), (1, right)] {
                let node = (row + down) * UTILISATIONS.len() + column + across;
                let weight = weight * row_weight * column_weight;
                self.weights[node] += weight;
                for (sum, value) in self.sums[node].iter_mut().zip(outcome.values()) {
                    *sum += weight * value;
                }
            }
        }
    }

    /// The table. A node without enough observations takes what `otherwise` says of it, weighed against the few it has.
    pub(super) fn table(&self, otherwise: impl Fn(f64, f64) -> Outcome) -> Table {
        let mut nodes = Vec::with_capacity(self.sums.len());
        for (row, carry) in CARRIES.iter().enumerate() {
            for (column, utilisation) in UTILISATIONS.iter().enumerate() {
                let node = row * UTILISATIONS.len() + column;
                let (sum, weight) = (self.sums[node], self.weights[node]);
                let missing = (ENOUGH - weight).max(0.0);
                let fill =
                    if missing > 0.0 { self.nearest(row, column, otherwise(*utilisation, *carry)) } else { [0.0; 5] };
                nodes.push(std::array::from_fn(|value| (sum[value] + missing * fill[value]) / (weight + missing)));
            }
        }
        Table { nodes }
    }

    /// In a row of the table without a backlog: the next node below or above that was observed, since the carry matters little there.
    fn nearest(&self, row: usize, column: usize, otherwise: Outcome) -> [f64; 5] {
        if CARRIES[row] > 0.0 || UTILISATIONS[column] > 1.0 {
            return otherwise.values();
        }
        let width = UTILISATIONS.len();
        let without_backlog = CARRIES.iter().position(|carry| *carry > 0.0).unwrap_or(CARRIES.len());
        let mut rows: Vec<usize> = (0..without_backlog).collect();
        rows.sort_by_key(|other| other.abs_diff(row));
        let observed = rows.into_iter().map(|row| row * width + column).find(|node| self.weights[*node] >= ENOUGH);
        match observed {
            Some(node) => self.sums[node].map(|sum| sum / self.weights[node]),
            None => otherwise.values(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_lies_between_its_nodes() {
        for step in -300..2000 {
            let (utilisation, carry) = (f64::from(step) * 1e-3, f64::from(step) * 4e-3 - 0.1);
            let found = places(utilisation, carry);
            assert_eq!(found.is_none(), utilisation >= 1.4 || carry >= 6.0, "{utilisation} {carry}");
            let Some([(column, right), (row, below)]) = found else { continue };
            let value = |axis: &[f64], node: usize, weight: f64| axis[node] + weight * (axis[node + 1] - axis[node]);
            assert!((value(&UTILISATIONS, column, right) - utilisation.max(0.0)).abs() < 1e-12, "{utilisation}");
            assert!((value(&CARRIES, row, below) - carry.max(-0.4)).abs() < 1e-12, "{carry}");
        }
    }
}
