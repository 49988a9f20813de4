//! The likeliest charges of all ions that make the cell neutral.
//!
//! Maximise Σ log p over one charge per unit (a set of equivalent sites), with Σ weight · charge = 0 and
//! charges of one element that differ by at most a spread. Within a window of charges each total of an
//! element has one best choice, and so has each total of several elements: dynamic programming over totals,
//! exact, and in time polynomial in the units.

use std::collections::HashMap;

use crate::{Error, Result};

/// Charges are counted in steps of this part of the elementary charge, so that partial occupancies can
/// cancel.
const STEP: f64 = 1e-5;

/// How far from neutral a cell may be, steps.
const NEUTRAL: i64 = 1;

/// Logarithms of probabilities nearer than this are equal.
const EQUAL: f64 = 1e-9;

/// Sums of charges that are looked at, in all.
const MAX_STATES: usize = 20_000_000;

/// Equivalent sites, or one species of them.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Units of one kind are of one element, and next to each other.
    pub(super) kind: usize,
    /// How many sites, times the occupancy.
    pub(super) weight: f64,
    /// Charges with the logarithms of their probabilities, the likeliest first.
    pub(super) charges: Vec<(i32, f64)>,
}

/// The best logarithm of probability of every total.
type Totals = HashMap<i64, f64>;

/// One charge per unit, the likeliest choice; none if no choice is neutral.
///
/// # Errors
/// Too many totals.
pub(super) fn neutral_charges(units: &[Unit], spread: i32) -> Result<Option<Vec<i32>>> {
    let mut budget = MAX_STATES;
    let mut groups = Vec::new();
    for group in units.chunk_by(|left, right| left.kind == right.kind) {
        groups.push(Group::of(group, spread, &mut budget)?);
    }
    // rests[g] are the totals of the groups from g on.
    let mut rests = vec![Totals::from([(0, 0.0)])];
    for group in groups.iter().rev() {
        let rest = rests.last().expect("there is one from the start");
        spend(&mut budget, group.best.len().saturating_mul(rest.len()))?;
        let mut sums = Totals::new();
        for (&total, &(score, _)) in &group.best {
            for (&other, &more) in rest {
                improve(&mut sums, total + other, score + more);
            }
        }
        rests.push(sums);
    }
    rests.reverse();
    let neutral = (-NEUTRAL..=NEUTRAL).filter_map(|total| Some((total, *rests[0].get(&total)?)));
    let Some((mut total, _)) = neutral.max_by(|left, right| left.1.total_cmp(&right.1)) else {
        return Ok(None);
    };
    let mut charges = Vec::with_capacity(units.len());
    for (at, group) in groups.iter().enumerate() {
        let best = rests[at][&total];
        let choice = group.best.iter().filter(|(own, (score, _))| {
            rests[at + 1].get(&(total - **own)).is_some_and(|more| score + more >= best - EQUAL)
        });
        // Among equals the likeliest here, then the lowest total: not the order of a hash map.
        let (&own, &(_, window)) = choice
            .max_by(|(left, (a, _)), (right, (b, _))| a.total_cmp(b).then(right.cmp(left)))
            .expect("the best total is a sum of one of this group and one of the rest");
        charges.extend(group.windows[window].choose(own));
        total -= own;
    }
    Ok(Some(charges))
}

/// Units of one element.
struct Group {
    windows: Vec<Window>,
    /// For every total the best score, and the window it comes from.
    best: HashMap<i64, (f64, usize)>,
}

/// Units whose charges lie between two bounds.
struct Window {
    /// Step and logarithm of every charge that is left of every unit.
    units: Vec<Vec<(i32, i64, f64)>>,
    /// `rests[u]` are the totals of the units from u on.
    rests: Vec<Totals>,
}

impl Group {
    fn of(units: &[Unit], spread: i32, budget: &mut usize) -> Result<Self> {
        let mut lows: Vec<i32> =
            units.iter().flat_map(|unit| unit.charges.iter().map(|(charge, _)| *charge)).collect();
        lows.sort_unstable();
        lows.dedup();
        let mut windows = Vec::new();
        let mut best: HashMap<i64, (f64, usize)> = HashMap::new();
        for low in lows {
            let window = Window::of(units, low..=low.saturating_add(spread), budget)?;
            for (&total, &score) in &window.rests[0] {
                let entry = best.entry(total).or_insert((score, windows.len()));
                if score > entry.0 {
                    *entry = (score, windows.len());
                }
            }
            windows.push(window);
        }
        Ok(Self { windows, best })
    }
}

impl Window {
    fn of(units: &[Unit], bounds: std::ops::RangeInclusive<i32>, budget: &mut usize) -> Result<Self> {
        let left = |unit: &Unit| {
            let inside = unit.charges.iter().filter(|(charge, _)| bounds.contains(charge));
            let step = |charge: i32| (unit.weight * f64::from(charge) / STEP).round() as i64;
            inside.map(|&(charge, score)| (charge, step(charge), score)).collect()
        };
        let units: Vec<Vec<_>> = units.iter().map(left).collect();
        let mut rests = vec![Totals::from([(0, 0.0)])];
        for unit in units.iter().rev() {
            let rest = rests.last().expect("there is one from the start");
            spend(budget, unit.len().saturating_mul(rest.len()))?;
            let mut totals = Totals::new();
            for &(_, step, score) in unit {
                for (&total, &more) in rest {
                    improve(&mut totals, total + step, score + more);
                }
            }
            rests.push(totals);
        }
        rests.reverse();
        Ok(Self { units, rests })
    }

    /// The charges that make the best choice of a total; of equals the first in the order of units and
    /// likelihoods.
    fn choose(&self, mut total: i64) -> Vec<i32> {
        let mut charges = Vec::with_capacity(self.units.len());
        for (at, unit) in self.units.iter().enumerate() {
            let best = self.rests[at][&total];
            let fits = |&&(_, step, score): &&(i32, i64, f64)| {
                self.rests[at + 1].get(&(total - step)).is_some_and(|more| score + more >= best - EQUAL)
            };
            let &(charge, step, _) = unit.iter().find(fits).expect("the best total has a best first charge");
            charges.push(charge);
            total -= step;
        }
        charges
    }
}

fn improve(totals: &mut Totals, total: i64, score: f64) {
    let entry = totals.entry(total).or_insert(score);
    *entry = entry.max(score);
}

fn spend(budget: &mut usize, states: usize) -> Result<()> {
    *budget = budget.checked_sub(states).ok_or(Error::TooLarge {
        what: "sums of charges",
        limit: MAX_STATES,
        found: MAX_STATES.saturating_add(states),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(kind: usize, weight: f64, charges: &[(i32, f64)]) -> Unit {
        let charges = charges.iter().map(|(charge, p)| (*charge, p.ln())).collect();
        Unit { kind, weight, charges }
    }

    /// Cu₂O₃... with one copper site of each kind: 2 + 4 or 3 + 3; 2 and 4 are too far apart for a spread of
    /// 1.
    #[test]
    fn charges_of_one_element_stay_close() {
        let copper = [(2, 0.6), (4, 0.3), (3, 0.1)];
        let units = [unit(0, 3.0, &[(-2, 1.0)]), unit(1, 1.0, &copper), unit(1, 1.0, &copper)];
        assert_eq!(neutral_charges(&units, 1).unwrap(), Some(vec![-2, 3, 3]));
        assert_eq!(neutral_charges(&units, 2).unwrap(), Some(vec![-2, 2, 4]));
    }

    #[test]
    fn partial_occupancies_cancel() {
        let units = [unit(0, 1.0, &[(-2, 1.0)]), unit(1, 2.0 / 3.0, &[(2, 0.9), (3, 0.1)])];
        assert_eq!(neutral_charges(&units, 1).unwrap(), Some(vec![-2, 3]));
    }

    #[test]
    fn no_neutral_choice() {
        assert_eq!(neutral_charges(&[unit(0, 1.0, &[(-2, 1.0)])], 1).unwrap(), None);
        assert_eq!(neutral_charges(&[unit(0, 1.0, &[])], 1).unwrap(), None);
    }

    /// 3 ^ 60 choices.
    #[test]
    fn many_units_are_no_explosion() {
        let mut units = vec![unit(0, 75.0, &[(-2, 1.0)])];
        units.extend((0..60).map(|at| unit(1, 1.0, &[(2, 0.5), (3, 0.3 - 0.001 * f64::from(at)), (1, 0.2)])));
        let charges = neutral_charges(&units, 1).unwrap().unwrap();
        // 150 = 60 · 2 + 30: the thirty first units are the likeliest to carry 3.
        assert!(charges[1..31].iter().all(|charge| *charge == 3));
        assert!(charges[31..].iter().all(|charge| *charge == 2));
    }
}
