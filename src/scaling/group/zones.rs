//! Balance between availability zones (RULES R41, R56).

/// An instance moves from one zone to another: launched there before it is ended here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneMove {
    /// Index of the zone that has too many.
    pub from: usize,
    /// Index of the zone that has too few.
    pub to: usize,
}

/// The moves that make the counts of zones differ by one at most.
pub fn rebalance_zones(counts: &[u32]) -> Vec<ZoneMove> {
    let mut counts = counts.to_vec();
    let mut moves = Vec::new();
    loop {
        let most = (0..counts.len()).rev().max_by_key(|zone| counts[*zone]);
        let fewest = (0..counts.len()).min_by_key(|zone| counts[*zone]);
        let (Some(from), Some(to)) = (most, fewest) else { return moves };
        if counts[from] - counts[to] <= 1 {
            return moves;
        }
        counts[from] -= 1;
        counts[to] += 1;
        moves.push(ZoneMove { from, to });
    }
}

/// What a group may hold while it is rebalanced: a tenth more than its maximum, at least one more (RULES R56).
pub fn temporary_maximum(max: u32) -> u32 {
    max.saturating_add((max / 10).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_end_within_one_of_each_other() {
        assert_eq!(rebalance_zones(&[4, 1, 1]), [ZoneMove { from: 0, to: 1 }, ZoneMove { from: 0, to: 2 }]);
        assert!(rebalance_zones(&[2, 1, 2]).is_empty() && rebalance_zones(&[]).is_empty());
        assert_eq!((temporary_maximum(4), temporary_maximum(40)), (5, 44));
    }
}
