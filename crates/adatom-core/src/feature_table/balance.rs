//! Division of whole groups into parts of given sizes, with similar class fractions.
//!
//! The groups are placed so that Σ over parts p and classes c of (n(p, c) / N(c) - t(p))² is small, where
//! n(p, c) of the N(c) members of c are in p, and t(p) is the required fraction of p. All rows together count
//! as one more class, so that the sizes of the parts are right too. Large groups are placed first, in random
//! order among groups of about the same size, each where it costs least; then groups are moved as long as
//! that helps.

use std::cmp::Reverse;

use rand_chacha::ChaCha8Rng;

use crate::random::drawn;

/// The largest number of passes over all groups to improve the division; a few suffice.
const MOST_PASSES: usize = 50;

/// Smaller gains of a move are rounding errors.
const LEAST_GAIN: f64 = 1e-12;

/// A group: how many rows of which strata, as (stratum, rows / all rows of the stratum).
#[derive(Debug, Clone)]
pub(super) struct Group {
    shares: Vec<(usize, f64)>,
}

/// The groups of rows; their strata are the classes `codes`, if there are, and all rows together.
pub(super) fn groups(members: &[Vec<usize>], codes: Option<&[usize]>) -> Vec<Group> {
    let rows: usize = members.iter().map(Vec::len).sum();
    let mut sizes = vec![rows];
    for &code in codes.unwrap_or_default() {
        sizes.resize(sizes.len().max(code + 2), 0);
        sizes[code + 1] += 1;
    }
    let group = |rows: &Vec<usize>| {
        let mut strata: Vec<usize> =
            rows.iter().filter_map(|&row| codes.map(|codes| codes[row] + 1)).collect();
        strata.sort_unstable();
        let counted = strata.chunk_by(|left, right| left == right).map(|run| (run[0], run.len()));
        let share = |(stratum, count): (usize, usize)| (stratum, count as f64 / sizes[stratum] as f64);
        Group { shares: std::iter::once((0, rows.len())).chain(counted).map(share).collect() }
    };
    members.iter().map(group).collect()
}

/// The part of every group; no part is empty.
///
/// `wanted` are the shares of the parts, which sum to 1; there are at least as many groups as parts.
pub(super) fn place(groups: &[Group], wanted: &[f64], random: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order = drawn(groups.len(), random);
    // By powers of two: sorted exactly, groups of different sizes would fall alike for every seed. The
    // exponent is read from the bits because logarithms are not the same on all machines.
    order.sort_by_key(|&group| Reverse(groups[group].weight().to_bits() >> (f64::MANTISSA_DIGITS - 1)));
    let mut parts = Parts::new(groups, wanted);
    for &group in &order {
        let part = parts.cheapest(group).0;
        parts.put(group, part);
    }
    for _ in 0..MOST_PASSES {
        let moved = order.iter().filter(|&&group| parts.improve(group)).count();
        if moved == 0 {
            break;
        }
    }
    parts.fill_empty(&order);
    parts.of_group
}

impl Group {
    fn weight(&self) -> f64 {
        self.shares.iter().map(|(_, share)| share * share).sum()
    }
}

/// The contents of the parts while groups are placed.
struct Parts<'a> {
    groups: &'a [Group],
    wanted: &'a [f64],
    /// n(p, c) / N(c), `[parts][strata]`.
    filled: Vec<Vec<f64>>,
    of_group: Vec<usize>,
    groups_in: Vec<usize>,
}

impl<'a> Parts<'a> {
    fn new(groups: &'a [Group], wanted: &'a [f64]) -> Self {
        let last = |group: &Group| group.shares.last().map_or(0, |&(stratum, _)| stratum);
        let strata = groups.iter().map(last).max().unwrap_or(0) + 1;
        Self {
            groups,
            wanted,
            filled: vec![vec![0.0; strata]; wanted.len()],
            of_group: vec![usize::MAX; groups.len()],
            groups_in: vec![0; wanted.len()],
        }
    }

    /// The increase of the sum of squares, up to Σ share², by the assignment of an unassigned group to a
    /// part.
    fn cost(&self, group: usize, part: usize) -> f64 {
        let cost =
            |&(stratum, share): &(usize, f64)| share * (self.filled[part][stratum] - self.wanted[part]);
        2.0 * self.groups[group].shares.iter().map(cost).sum::<f64>()
    }

    /// The part with the smallest cost for an unassigned group, and the cost.
    fn cheapest(&self, group: usize) -> (usize, f64) {
        let costs = (0..self.wanted.len()).map(|part| (part, self.cost(group, part)));
        costs.min_by(|left, right| left.1.total_cmp(&right.1)).expect("there is at least one part")
    }

    fn put(&mut self, group: usize, part: usize) {
        for &(stratum, share) in &self.groups[group].shares {
            self.filled[part][stratum] += share;
        }
        self.of_group[group] = part;
        self.groups_in[part] += 1;
    }

    fn take(&mut self, group: usize) -> usize {
        let part = self.of_group[group];
        for &(stratum, share) in &self.groups[group].shares {
            self.filled[part][stratum] -= share;
        }
        self.groups_in[part] -= 1;
        part
    }

    /// Moves a group to the part with the smallest cost, unless it is there or is the last of its part.
    fn improve(&mut self, group: usize) -> bool {
        if self.groups_in[self.of_group[group]] == 1 {
            return false;
        }
        let from = self.take(group);
        let here = self.cost(group, from);
        let (part, cost) = self.cheapest(group);
        let moves = cost < here - LEAST_GAIN;
        self.put(group, if moves { part } else { from });
        moves
    }

    /// Gives every empty part the group that is cheapest to move there.
    fn fill_empty(&mut self, order: &[usize]) {
        while let Some(empty) = self.groups_in.iter().position(|&count| count == 0) {
            let movable = order.iter().filter(|&&group| self.groups_in[self.of_group[group]] > 1);
            let gain = |group: usize| {
                self.cost(group, empty) - self.cost(group, self.of_group[group])
                    + 2.0 * self.groups[group].weight()
            };
            let cheapest = movable.min_by(|&&left, &&right| gain(left).total_cmp(&gain(right)));
            let group = *cheapest.expect("there are at least as many groups as parts");
            self.take(group);
            self.put(group, empty);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn two_classes_are_spread_where_sizes_alone_would_not_tell() {
        // Groups of 2: two of class 0, two of class 1. Halves of equal size may hold one class each; the
        // classes forbid it.
        let members: Vec<Vec<usize>> = (0..4).map(|group| vec![2 * group, 2 * group + 1]).collect();
        let groups = groups(&members, Some(&[0, 0, 0, 0, 1, 1, 1, 1]));
        for seed in 0..20 {
            let parts = place(&groups, &[0.5, 0.5], &mut ChaCha8Rng::seed_from_u64(seed));
            assert_ne!(parts[0], parts[1]);
            assert_ne!(parts[2], parts[3]);
        }
    }

    #[test]
    fn a_part_that_wants_less_than_any_group_gets_the_smallest() {
        let members = vec![vec![0, 1, 2], vec![3, 4], vec![5, 6, 7]];
        let parts = place(&groups(&members, None), &[0.01, 0.99], &mut ChaCha8Rng::seed_from_u64(3));
        assert_eq!(parts, [1, 0, 1]);
    }
}
