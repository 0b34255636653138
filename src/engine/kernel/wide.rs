//! A winner tree for times of any size: the smallest, and whose it is.
//!
//! Where times are too large, or slots too many, for a number in the low bits of a time, the number stands beside it.
//! A complete binary tree whose leaves are the times and whose inner nodes repeat the smaller of their two children. Changing one
//! time plays its matches again from leaf to root: log2(n) steps without a branch that depends on the times, all of whose
//! operands but one are known beforehand.

use std::hint::select_unpredictable;

/// A time, as an integer of the same order, and its owner.
#[derive(Debug, Clone, Copy)]
struct Node {
    key: i64,
    owner: u32,
}

/// The smallest of a set of times.
#[derive(Debug)]
pub(super) struct WideTree {
    /// Node 1 is the root, nodes `leaves..2 * leaves` the leaves.
    nodes: Vec<Node>,
    leaves: usize,
}

impl Default for WideTree {
    fn default() -> Self {
        let mut tree = Self { nodes: Vec::new(), leaves: 0 };
        tree.grow(1);
        tree
    }
}

/// Doubles and these integers have the same order; the function is its own inverse.
#[inline(always)]
fn ordered(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

#[inline(always)]
fn key_of(time: f64) -> i64 {
    ordered(time.to_bits() as i64)
}

impl WideTree {
    /// The smallest time, infinite when there is none.
    #[inline(always)]
    pub(super) fn smallest(&self) -> f64 {
        f64::from_bits(ordered(self.nodes[1].key) as u64)
    }

    /// Who has the smallest time; of equal times the lowest number.
    #[inline(always)]
    pub(super) fn winner(&self) -> u32 {
        self.nodes[1].owner
    }

    /// Sets the time of `owner`; infinity takes it out.
    #[inline(always)]
    pub(super) fn set(&mut self, owner: u32, time: f64) {
        let mut node = self.leaves + owner as usize;
        let nodes = &mut self.nodes[..2 * self.leaves];
        let mut mine = Node { key: key_of(time), owner };
        nodes[node] = mine;
        while node > 1 {
            let rival = nodes[node ^ 1];
            // The left child, whose owners have the lower numbers, wins a draw: the rival is left of an odd node.
            let rival_wins = rival.key < mine.key + (node & 1) as i64;
            mine.key = select_unpredictable(rival_wins, rival.key, mine.key);
            mine.owner = select_unpredictable(rival_wins, rival.owner, mine.owner);
            node >>= 1;
            nodes[node] = mine;
        }
    }

    /// The times by owner, infinite for those that are not there.
    pub(super) fn times(&self) -> impl Iterator<Item = (u32, f64)> {
        let leaves = self.nodes[self.leaves..].iter().enumerate();
        leaves.map(|(owner, node)| (owner as u32, f64::from_bits(ordered(node.key) as u64)))
    }

    /// Makes room for `owners` times; new ones are infinite.
    pub(super) fn grow(&mut self, owners: usize) {
        let leaves = owners.next_power_of_two().max(2);
        if leaves <= self.leaves {
            return;
        }
        let old: Vec<i64> = (0..self.leaves).map(|owner| self.nodes[self.leaves + owner].key).collect();
        self.nodes = vec![Node { key: key_of(f64::INFINITY), owner: 0 }; 2 * leaves];
        self.leaves = leaves;
        for owner in 0..leaves {
            self.nodes[leaves + owner].owner = owner as u32;
            if let Some(key) = old.get(owner) {
                self.nodes[leaves + owner].key = *key;
            }
        }
        for node in (1..leaves).rev() {
            let (left, right) = (self.nodes[2 * node], self.nodes[2 * node + 1]);
            self.nodes[node] = if right.key < left.key { right } else { left };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    #[test]
    fn integers_have_the_order_of_their_doubles() {
        let times = [f64::NEG_INFINITY, -3600.0, -1.5, -0.0, 0.0, 1e-300, 0.5, 604_800.0, f64::INFINITY];
        assert!(times.windows(2).all(|pair| key_of(pair[0]) < key_of(pair[1])));
        assert!(times.iter().all(|t| ordered(key_of(*t)) as u64 == t.to_bits()));
    }

    /// Against a plain search for the smallest, with many draws.
    #[test]
    fn the_winner_is_the_smallest_with_the_lowest_number() {
        let numbers = Stream::new(3, Purpose::Boot);
        for size in [1usize, 2, 3, 5, 16, 28, 100] {
            let mut tree = WideTree::default();
            tree.grow(size);
            let mut times = vec![f64::INFINITY; size];
            for step in 0..2000u32 {
                let [u, v] = numbers.uniforms(size as u32, u64::from(step), 0);
                let owner = (u * size as f64) as usize;
                times[owner] = if v > 0.9 { f64::INFINITY } else { (v * 20.0).floor() - 5.0 };
                tree.set(owner as u32, times[owner]);
                let best = (0..size).min_by(|a, b| times[*a].total_cmp(&times[*b])).unwrap();
                assert_eq!(tree.smallest(), times[best]);
                if times[best].is_finite() {
                    assert_eq!(tree.winner() as usize, best);
                }
            }
        }
    }

    #[test]
    fn growing_keeps_the_times() {
        let mut tree = WideTree::default();
        tree.set(1, 5.0);
        tree.grow(9);
        tree.set(8, 6.0);
        assert_eq!((tree.smallest(), tree.winner()), (5.0, 1));
        tree.set(1, f64::INFINITY);
        assert_eq!((tree.smallest(), tree.winner()), (6.0, 8));
    }
}
