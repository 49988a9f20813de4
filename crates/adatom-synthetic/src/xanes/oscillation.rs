//! Single scattering by the shells of neighbours.
//!
//! χ(k) = Σ_j S₀² f_j(k) / (k R_j²) sin(2 k R_j + φ₀ + φ₁ k) exp(-2σ²k² - 2R_j/λ - Γ R_j / (7.62 k)) a(k),
//! the equation of Sayers, Stern and Lytle (*Phys. Rev. Lett.* 27 (1971) 1204). The amplitude is that of a
//! screened nucleus in Born's approximation, f = 2Z / (a₀ (4k² + κ²)), κ = Z^⅓ / (0.8853 a₀) of Thomas and
//! Fermi. The core hole's width Γ acts as an imaginary part of the energy. a(k) = 1 - exp(-(k/2)⁴) leaves the
//! first electron volts, where the sum has no meaning, to the white line.

use adatom_crystal::{Crystal, NeighbourFinder};

use super::XanesModel;
use crate::Result;

/// ħ²/2m, eV Å².
pub(super) const HALF_SQUARE: f64 = 3.809_98;

/// Bohr's radius, Å.
const BOHR: f64 = 0.529_177;

/// Shells are summed within this distance, Å.
const REACH: f64 = 6.0;

/// Reduction of the amplitude by shake-up.
const REDUCTION: f64 = 0.9;

/// Wavenumber below which scattering is left to the white line, 1/Å.
const ONSET: f64 = 2.0;

/// Neighbours closer together than this are one shell, Å.
const SAME_SHELL: f64 = 1e-4;

/// Atoms at one distance.
struct Shell {
    distance: f64,
    number: f64,
    atoms: f64,
}

/// The shells around a site.
pub(super) struct Shells(Vec<Shell>);

impl Shells {
    pub(super) fn of(crystal: &Crystal, site: usize) -> Result<Self> {
        let neighbours = NeighbourFinder::new(crystal, REACH)?.of(site)?;
        let mut shells: Vec<Shell> = Vec::new();
        for met in &neighbours {
            let number = crystal.sites()[met.site].main_species().element().atomic_number();
            let (distance, number) = (met.distance, f64::from(number));
            let same = |shell: &&mut Shell| shell.number == number && distance - shell.distance < SAME_SHELL;
            match shells.iter_mut().rev().find(same) {
                Some(shell) => shell.atoms += 1.0,
                None => shells.push(Shell { distance, number, atoms: 1.0 }),
            }
        }
        Ok(Self(shells))
    }

    /// χ at so many eV above the threshold; 0 below.
    pub(super) fn at(&self, energy: f64, core_hole: f64, model: &XanesModel) -> f64 {
        if energy <= 0.0 {
            return 0.0;
        }
        let k = (energy / HALF_SQUARE).sqrt();
        let onset = 1.0 - (-(k / ONSET).powi(4)).exp();
        let [phase, slope] = model.phase;
        // Resolution averages over energies: over phases 2 R dk/dE · E.
        let blur = model.resolution / (2.0 * (2.0 * std::f64::consts::LN_2).sqrt()) / (2.0 * HALF_SQUARE * k);
        let wave = |shell: &Shell| {
            let Shell { distance, number, atoms } = *shell;
            let screening = number.cbrt() / (0.885_3 * BOHR);
            let amplitude = 2.0 * number / (BOHR * (4.0 * k * k + screening * screening));
            let exponent = 2.0 * model.debye_waller * k * k
                + 2.0 * distance / model.mean_free_path
                + core_hole * distance / (2.0 * HALF_SQUARE * k)
                + 0.5 * (2.0 * distance * blur).powi(2);
            let sine = (2.0 * k * distance + phase + slope * k).sin();
            REDUCTION * atoms * amplitude / (k * distance * distance) * sine * (-exponent).exp()
        };
        onset * self.0.iter().map(wave).sum::<f64>()
    }

    #[cfg(test)]
    pub(super) fn single(distance: f64, number: f64) -> Self {
        Self(vec![Shell { distance, number, atoms: 1.0 }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Zeros of sin(2kR) lie π / 2R apart in k, whatever the amplitude does.
    #[test]
    fn the_frequency_is_twice_the_distance() {
        let model = XanesModel::default().phase(0.0, 0.0).resolution(0.0);
        for distance in [1.8, 2.0, 3.1] {
            let shells = Shells::single(distance, 8.0);
            let chi = |k: f64| shells.at(HALF_SQUARE * k * k, 1.25, &model);
            let zeros: Vec<f64> = (20_000..80_000)
                .map(|at| f64::from(at) * 1e-4)
                .filter(|&k| chi(k).signum() != chi(k + 1e-4).signum())
                .collect();
            assert!(zeros.len() > 4);
            let step = std::f64::consts::PI / (2.0 * distance);
            for pair in zeros.windows(2) {
                assert!((pair[1] - pair[0] - step).abs() < 2.1e-4, "{distance}: {pair:?}");
            }
        }
    }

    #[test]
    fn heavy_neighbours_scatter_more_and_far_ones_less() {
        let model = XanesModel::default();
        let size = |distance: f64, number: f64| {
            let shells = Shells::single(distance, number);
            (100..200).map(|at| shells.at(f64::from(at), 1.25, &model).abs()).fold(0.0, f64::max)
        };
        assert!(size(2.0, 26.0) > 1.5 * size(2.0, 8.0));
        assert!(size(2.0, 8.0) > 3.0 * size(4.0, 8.0));
        assert_eq!(Shells::single(2.0, 8.0).at(-1.0, 1.25, &model), 0.0);
    }
}
