//! Neighbours by the solid angles of the Voronoi cell.
//!
//! Weight of a face: Ω² / A (Ω solid angle, A area), times 1 + 3 √(|Δχ| / 3.3) (Δχ difference of
//! electronegativities), relative to the largest, times a factor that falls from 1 to 0 over half an Å beyond
//! the sum of covalent radii. A cut through the weights w₁ ≥ w₂ ≥ ... between wₙ and wₙ₊₁ means coordination
//! number n; its likelihood is the share of a quarter circle over [wₙ₊₁, wₙ]. The likeliest wins: method and
//! parameters of Pan et al., *Inorg. Chem.* 2021, 60, 1590 (`CrystalNN` in pymatgen); the weight after
//! O'Keeffe, *Acta Cryst.* A35 (1979) 772.

use std::f64::consts::{FRAC_PI_4, PI};

use super::voronoi::VoronoiCell;
use super::{Centre, Environment};
use crate::{Error, Neighbour, Result};

/// The largest difference of electronegativities.
const LARGEST_DIFFERENCE: f64 = 3.3;

/// Weights are compared in steps of a thousandth, so that equal bonds stay equal in spite of rounding.
const STEPS: f64 = 1000.0;

/// Parameters of the neighbours by solid angles; the defaults are those of `CrystalNN`.
///
/// ```
/// use adatom_crystal::SolidAngle;
/// // Geometry alone, whatever the elements:
/// let geometric = SolidAngle::new().electronegativity_weight(0.0).without_radii();
/// assert_ne!(geometric, SolidAngle::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolidAngle {
    pub(super) cutoff: f64,
    electronegativity_weight: f64,
    falloff: Option<[f64; 2]>,
    porous: bool,
}

impl Default for SolidAngle {
    fn default() -> Self {
        Self { cutoff: 7.0, electronegativity_weight: 3.0, falloff: Some([0.5, 1.0]), porous: true }
    }
}

impl SolidAngle {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Neighbours within this distance (Å) make the Voronoi cell; it is widened where they leave the cell
    /// open. Default 7.
    pub fn cutoff(mut self, distance: f64) -> Self {
        self.cutoff = distance;
        self
    }

    /// Weight of the difference of electronegativities. Default 3.
    pub fn electronegativity_weight(mut self, weight: f64) -> Self {
        self.electronegativity_weight = weight;
        self
    }

    /// Distances beyond the sum of covalent radii (Å) at which weights start to decrease and reach 0. Default
    /// 0.5 and 1.
    pub fn falloff(mut self, from: f64, to: f64) -> Self {
        self.falloff = Some([from, to]);
        self
    }

    /// Weights do not depend on the radii of the elements.
    pub fn without_radii(mut self) -> Self {
        self.falloff = None;
        self
    }

    /// Weighs by Ω instead of Ω² / A, which favours distant neighbours across a pore.
    pub fn without_porous_adjustment(mut self) -> Self {
        self.porous = false;
        self
    }

    /// # Errors
    /// A negative or not finite parameter, or a fall that ends before it begins.
    pub(super) fn check(&self) -> Result<()> {
        let [from, to] = self.falloff.unwrap_or([0.0, 1.0]);
        let fits = |value: f64| value.is_finite() && value >= 0.0;
        if fits(self.electronegativity_weight) && from.is_finite() && to.is_finite() && from < to {
            return Ok(());
        }
        Err(Error::Argument {
            what: "parameters of the solid-angle weights",
            expected: "finite, the weight not negative, the fall from lower to higher".into(),
            found: format!("{self:?}"),
        })
    }

    /// The environment of a site with a closed cell; `centres` are all sites.
    pub(super) fn environment(
        &self,
        site: usize,
        cell: &VoronoiCell,
        centres: &[Centre],
    ) -> Result<Environment> {
        let centre = centres[site];
        let weight = |at: usize| {
            let face = &cell.faces()[at];
            let shape = if self.porous { face.solid_angle / face.area } else { 1.0 };
            face.solid_angle * shape * self.chemistry(centre, centres[face.neighbour.site])
        };
        let mut weights: Vec<f64> = (0..cell.faces().len()).map(weight).collect();
        let largest = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        for (weight, face) in weights.iter_mut().zip(cell.faces()) {
            *weight *=
                self.nearness(centre, centres[face.neighbour.site], face.neighbour.distance)? / largest;
        }
        let mut shell: Vec<(f64, Neighbour)> = weights
            .into_iter()
            .map(|weight| (weight * STEPS).round_ties_even() / STEPS)
            .zip(cell.faces().iter().map(|face| face.neighbour))
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        shell.sort_by(|left, right| right.0.total_cmp(&left.0));
        let likelihoods = likelihoods(&shell.iter().map(|(weight, _)| *weight).collect::<Vec<_>>());
        // The first of equals, the tightest.
        let mut best = (0, f64::NEG_INFINITY);
        for &(number, likelihood) in &likelihoods {
            if likelihood > best.1 {
                best = (number, likelihood);
            }
        }
        shell.truncate(best.0);
        let mut neighbours: Vec<Neighbour> = shell.into_iter().map(|(_, neighbour)| neighbour).collect();
        neighbours.sort_by(|left, right| left.distance.total_cmp(&right.distance));
        Ok(Environment { site, neighbours, likelihoods })
    }

    fn chemistry(&self, left: Centre, right: Centre) -> f64 {
        match (left.electronegativity, right.electronegativity) {
            (Some(left), Some(right)) => {
                1.0 + self.electronegativity_weight * ((left - right).abs() / LARGEST_DIFFERENCE).sqrt()
            }
            _ => 1.0,
        }
    }

    fn nearness(&self, left: Centre, right: Centre, distance: f64) -> Result<f64> {
        let Some([from, to]) = self.falloff else {
            return Ok(1.0);
        };
        let beyond = distance - left.radius()? - right.radius()?;
        let part = ((beyond - from) / (to - from)).clamp(0.0, 1.0);
        Ok(0.5 * (1.0 + (PI * part).cos()))
    }
}

/// Coordination numbers with their likelihoods, given weights that fall from at most 1.
fn likelihoods(weights: &[f64]) -> Vec<(usize, f64)> {
    // The share of the quarter circle y = √(1 - x²) over [0, x].
    let share = |x: f64| 0.5 * (x * (1.0 - x * x).max(0.0).sqrt() + x.min(1.0).asin()) / FRAC_PI_4;
    let mut likelihoods = Vec::new();
    for (at, weight) in weights.iter().enumerate() {
        let next = weights.get(at + 1).copied().unwrap_or(0.0);
        if next < *weight {
            likelihoods.push((at + 1, share(*weight) - share(next)));
        }
    }
    let none = 1.0 - weights.first().map_or(0.0, |weight| share(*weight));
    if none > 0.0 {
        likelihoods.push((0, none));
    }
    likelihoods
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six equal bonds leave nothing to any other number; the circle over [0, 1/2] holds
    /// (√3 / 8 + π / 12) / (π / 4) = 0.609 of the quarter.
    #[test]
    fn likelihoods_of_simple_shells() {
        assert_eq!(likelihoods(&[1.0; 6]), [(6, 1.0)]);
        let half = (3f64.sqrt() / 8.0 + PI / 12.0) / FRAC_PI_4;
        let found = likelihoods(&[1.0, 1.0, 0.5]);
        assert_eq!((found[0].0, found[1].0, found.len()), (2, 3, 2));
        assert!((found[0].1 - (1.0 - half)).abs() < 1e-12 && (found[1].1 - half).abs() < 1e-12);
        // All bonds are long: none may be the answer.
        let found = likelihoods(&[0.1]);
        assert!(found[1].0 == 0 && found[1].1 > 0.8);
        assert_eq!(likelihoods(&[]), [(0, 1.0)]);
    }
}
