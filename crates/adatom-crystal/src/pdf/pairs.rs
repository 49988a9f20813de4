//! The sum of the peaks of all pairs of atoms, kept apart by the elements that take part.

use super::atoms::{Atoms, Share, along};
use super::peak::{Shape, width_at};
use super::range::{EQUAL, Ranges};
use super::settings::Settings;
use crate::neighbours::{Met, NeighbourFinder};
use crate::{Crystal, Displacement, Error, Result};

/// So many sites may be looked at, all spheres together.
const MAX_PAIRS: usize = 10_000_000_000;

/// So many points may be added to, all peaks together: minutes of work.
const MAX_PEAK_POINTS: usize = 200_000_000_000;

/// Sites nearer than this, Å, are one position in a file that is wrong.
const TOGETHER: f64 = 1e-3;

/// Which pairs are summed into which curve: `table[a][b]` for groups a and b of atoms, symmetric.
#[derive(Debug, Clone)]
pub(super) struct Division {
    /// The group of every element.
    pub(super) group: Vec<usize>,
    pub(super) table: Vec<Vec<usize>>,
    pub(super) curves: usize,
}

impl Division {
    /// One curve of all pairs.
    pub(super) fn none(atoms: &Atoms) -> Self {
        Self { group: vec![0; atoms.elements.len()], table: vec![vec![0]], curves: 1 }
    }

    /// Curve 0 of the pairs without an element, curve 1 of those with it.
    pub(super) fn by(atoms: &Atoms, element: usize) -> Self {
        let group = (0..atoms.elements.len()).map(|at| usize::from(at == element)).collect();
        Self { group, table: vec![vec![0, 1], vec![1, 1]], curves: 2 }
    }

    /// Curve 0 of the pairs without an element, curve 1 of those of its atom that is [apart](Atoms::apart)
    /// with itself and with other elements, curve 2 of those with other atoms of its element, curve 3 of
    /// these without it.
    pub(super) fn of_site(atoms: &Atoms, element: usize) -> Self {
        let alone = atoms.elements.len() - 1;
        let group =
            (0..=alone).map(|at| if at == alone { 1 } else { 2 * usize::from(at == element) }).collect();
        Self { group, table: vec![vec![0, 1, 3], vec![1, 1, 2], vec![3, 2, 3]], curves: 4 }
    }

    /// A curve for every pair of elements: (0, 0), (1, 0), (1, 1), (2, 0), ...
    pub(super) fn full(atoms: &Atoms) -> Self {
        let count = atoms.elements.len();
        let curve = |a: usize, b: usize| a.max(b) * (a.max(b) + 1) / 2 + a.min(b);
        let table = (0..count).map(|a| (0..count).map(|b| curve(a, b)).collect()).collect();
        Self { group: (0..count).collect(), table, curves: count * (count + 1) / 2 }
    }
}

/// A group with its factor at a site.
type Parts = Vec<(usize, f64)>;

/// Σ f_i f_j T_ij(r) / (N ⟨f⟩² r_ij) over the pairs of every curve, on the summed range.
pub(super) fn sum(
    crystal: &Crystal,
    settings: &Settings,
    (atoms, ranges): (&Atoms, &Ranges),
    division: &Division,
) -> Result<Vec<Vec<f64>>> {
    let (near, far) = (ranges.summed.start as f64 * ranges.step, ranges.summed.end as f64 * ranges.step);
    let finder = NeighbourFinder::new(crystal, far)?;
    let bound = finder.bound() * crystal.len() as f64;
    if bound > MAX_PAIRS as f64 {
        return Err(Error::TooLarge { what: "pairs of atoms", limit: MAX_PAIRS, found: bound as usize });
    }
    let parts: Vec<Parts> = atoms.sites.iter().map(|atom| parts(&atom.shares, &division.group)).collect();
    let mut curves = Curves {
        settings,
        ranges,
        values: vec![vec![0.0; ranges.summed.len()]; division.curves],
        shape: None,
        points: 0,
    };
    let norm = 1.0 / (atoms.count * atoms.mean_factor * atoms.mean_factor);
    for index in 0..crystal.len() {
        let here = &atoms.sites[index].displacement;
        let mut together = None;
        finder.visit(index, |met: Met| {
            // Every pair is met from both sides; one of the two is taken, twice.
            let r = met.squared.sqrt();
            if r < TOGETHER {
                together = Some(met.site);
                return;
            }
            if (met.site, met.image) < (index, [0; 3]) || r < near || r <= EQUAL {
                return;
            }
            let msd = msd(here, &atoms.sites[met.site].displacement, &met);
            let Some(width) = width_at(settings, msd, r) else { return };
            for &(a, left) in &parts[index] {
                for &(b, right) in &parts[met.site] {
                    curves.add(division.table[a][b], (r, width), 2.0 * norm * left * right / r);
                }
            }
        });
        if let Some(other) = together {
            let (what, expected) =
                ("the distance between sites", "1e-3 Å or more (one site that species share)");
            return Err(Error::Structure {
                what,
                expected,
                found: format!("less at sites {index} and {other}"),
            });
        }
        if curves.points > MAX_PEAK_POINTS {
            let what = "points of peaks";
            return Err(Error::TooLarge { what, limit: MAX_PEAK_POINTS, found: curves.points });
        }
    }
    Ok(curves.values)
}

fn msd(here: &Displacement, there: &Displacement, met: &Met) -> f64 {
    along(here, met.displacement, met.squared) + along(there, met.displacement, met.squared)
}

/// The factors of a site by group instead of by element.
fn parts(shares: &[Share], group: &[usize]) -> Parts {
    let mut parts = Parts::new();
    for share in shares {
        let group = group[share.element];
        match parts.iter_mut().find(|part| part.0 == group) {
            Some(part) => part.1 += share.factor,
            None => parts.push((group, share.factor)),
        }
    }
    parts
}

struct Curves<'a> {
    settings: &'a Settings,
    ranges: &'a Ranges,
    values: Vec<Vec<f64>>,
    /// The shape of the last peak: mostly, the next one is as wide.
    shape: Option<(f64, Shape)>,
    points: usize,
}

impl Curves<'_> {
    fn add(&mut self, curve: usize, (r, width): (f64, f64), area: f64) {
        let step = self.settings.rstep;
        let shape = match self.shape {
            Some((of, shape)) if of == width => shape,
            _ => Shape::new(width, step),
        };
        self.shape = Some((width, shape));
        let start = self.ranges.summed.start as i64;
        let index = |r: f64| (r / step).floor() as i64 - start;
        let from = index(r - shape.half_width).max(0) as usize;
        let to = (index(r + shape.half_width) + 1).clamp(0, self.ranges.summed.len() as i64) as usize;
        if from < to {
            let x = (self.ranges.summed.start + from) as f64 * step - r;
            shape.add(&mut self.values[curve][from..to], x, area);
            self.points += to - from;
        }
    }
}
