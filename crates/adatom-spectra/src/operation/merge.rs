//! The mean of several spectra of one sample with its standard deviation, or the mean weighted by 1/u² with
//! its uncertainty (Σ 1/u²)^-½.

use ndarray::{Array1, Array2, Axis as Along, Zip};

use super::{Axis, Interpolation, Resampling, Spectrum};
use crate::{Error, Result};

/// The weights of merged spectra.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Weighting {
    /// Equal weights; the uncertainty of the result is the standard deviation of the spectra (divided by n -
    /// 1).
    #[default]
    Equal,
    /// 1/u² at each point; the uncertainty of the result is that of the weighted mean, (Σ 1/u²)^-½.
    InverseVariance,
}

/// Merges spectra of one sample.
///
/// ```
/// use adatom_spectra::{EnergyGrid, Merging, Weighting, Xanes};
/// let scan = |mu: f64| Xanes::new(EnergyGrid::new(vec![0.0, 1.0])?, vec![mu, 2.0 * mu]);
/// let merged = Merging::default().merge(&[scan(1.0)?, scan(3.0)?])?;
/// assert_eq!(merged.mu().to_vec(), [2.0, 4.0]);
/// assert_eq!(merged.uncertainty().unwrap()[0], 2.0_f64.sqrt());
///
/// let error =
///     Merging::default().weighting(Weighting::InverseVariance).merge(&[scan(1.0)?]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the uncertainties must be known and positive in spectrum 0, found none"
/// );
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Merging {
    weighting: Weighting,
    interpolation: Interpolation,
}

impl Merging {
    /// The weights of the spectra. Default: [`Weighting::Equal`].
    pub fn weighting(mut self, weighting: Weighting) -> Self {
        self.weighting = weighting;
        self
    }

    /// The interpolation onto a common grid. Default: [`Interpolation::Linear`]. The spline drops the
    /// uncertainties of spectra on another grid than the first.
    pub fn interpolation(mut self, interpolation: Interpolation) -> Self {
        self.interpolation = interpolation;
        self
    }

    /// The merged spectrum at the points of the first that lie inside all of them. Name, metadata and the
    /// like are those of the first. A single spectrum is returned unchanged.
    ///
    /// # Errors
    /// [`Error::TooFew`] without a spectrum; [`Error::OutOfRange`] when the ranges do not overlap;
    /// [`Error::Argument`] for weights from uncertainties that are unknown or not positive.
    pub fn merge<S: Spectrum>(&self, spectra: &[S]) -> Result<S> {
        let Some(first) = spectra.first() else {
            return Err(Error::TooFew { what: "spectra to merge".into(), least: 1, found: 0 });
        };
        let grid = shared_grid(&spectra.iter().collect::<Vec<_>>())?;
        let resampling = Resampling::new(self.interpolation);
        let same: Vec<S> =
            spectra.iter().map(|one| resampling.resample(one, &grid)).collect::<Result<_>>()?;
        let mut values = Array2::zeros((same.len(), grid.points().len()));
        for (mut row, one) in values.outer_iter_mut().zip(&same) {
            row.assign(&one.ordinates());
        }
        match self.weighting {
            Weighting::Equal if same.len() == 1 => Ok(first.clone()),
            Weighting::Equal => {
                let mean = values.mean_axis(Along(0)).expect("there is a spectrum");
                let deviation = values.std_axis(Along(0), 1.0);
                first.with_points(grid, mean, Some(deviation))
            }
            Weighting::InverseVariance => {
                let weights = inverse_variances(&same)?;
                let total: Array1<f64> = weights.sum_axis(Along(0));
                let mean = (&values * &weights).sum_axis(Along(0)) / &total;
                first.with_points(grid, mean, Some(total.mapv(|total| total.sqrt().recip())))
            }
        }
    }
}

fn inverse_variances<S: Spectrum>(spectra: &[S]) -> Result<Array2<f64>> {
    let mut weights = Array2::zeros((spectra.len(), spectra[0].ordinates().len()));
    for (index, (row, one)) in weights.outer_iter_mut().zip(spectra).enumerate() {
        let refused = |found: String| Error::Argument {
            what: "the uncertainties",
            expected: format!("known and positive in spectrum {index}"),
            found,
        };
        let uncertainty = one.ordinate_uncertainty().ok_or_else(|| refused("none".into()))?;
        if let Some(bad) = uncertainty.iter().find(|u| !u.powi(-2).is_normal()) {
            return Err(refused(bad.to_string()));
        }
        Zip::from(row).and(uncertainty).for_each(|weight, u| *weight = u.powi(-2));
    }
    Ok(weights)
}

/// The points of the first spectrum that lie inside all of them.
pub(super) fn shared_grid<S: Spectrum>(spectra: &[&S]) -> Result<S::Axis> {
    let axis = spectra[0].axis();
    let range = |one: &S| {
        let points = one.axis().points();
        points[0]..=points[points.len() - 1]
    };
    let from = spectra.iter().map(|one| *range(one).start()).fold(f64::NEG_INFINITY, f64::max);
    let to = spectra.iter().map(|one| *range(one).end()).fold(f64::INFINITY, f64::min);
    let points = axis.points();
    let inside: Array1<f64> = points.iter().copied().filter(|&point| from <= point && point <= to).collect();
    if !inside.is_empty() {
        return if inside.len() == points.len() { Ok(axis.clone()) } else { S::Axis::from_points(inside) };
    }
    // The error refers to the spectrum that does not overlap with the first one, or to the last one.
    let first = range(spectra[0]);
    let apart = |one: &std::ops::RangeInclusive<f64>| one.end() < first.start() || one.start() > first.end();
    let other = spectra.iter().map(|one| range(one)).find(apart);
    let other = other.unwrap_or_else(|| range(spectra[spectra.len() - 1]));
    Err(Error::OutOfRange {
        what: S::NAME.into(),
        from: *other.start(),
        to: *other.end(),
        unit: S::Axis::UNIT,
        requested: *first.start(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EnergyGrid, Xanes};

    fn xanes(energy: &[f64], mu: f64, u: f64) -> Xanes {
        let grid = EnergyGrid::new(energy.to_vec()).unwrap();
        let xanes = Xanes::new(grid, vec![mu; energy.len()]).unwrap();
        xanes.with_uncertainty(vec![u; energy.len()]).unwrap()
    }

    #[test]
    fn precise_spectra_have_larger_weights() {
        let energy = [1.0, 2.0, 3.0];
        let with = Merging::default().weighting(Weighting::InverseVariance);
        let merged = with.merge(&[xanes(&energy, 1.0, 1.0), xanes(&energy, 4.0, 0.5)]).unwrap();
        // (1·1 + 4·4)/(1 + 4) = 3.4, and 1/√5.
        assert!((merged.mu()[1] - 3.4).abs() < 1e-15);
        assert!((merged.uncertainty().unwrap()[1] - 5.0_f64.sqrt().recip()).abs() < 1e-15);
        let error = with.merge(&[xanes(&energy, 1.0, 0.0)]).unwrap_err();
        assert_eq!(error.to_string(), "the uncertainties must be known and positive in spectrum 0, found 0");
    }

    #[test]
    fn the_result_covers_the_common_range() {
        let spectra = [xanes(&[1.0, 2.0, 3.0, 4.0], 1.0, 1.0), xanes(&[1.5, 3.5], 2.0, 1.0)];
        let merged = Merging::default().merge(&spectra).unwrap();
        assert_eq!(merged.energy().values().to_vec(), [2.0, 3.0]);
        assert_eq!(merged.mu().to_vec(), [1.5, 1.5]);
        let error = Merging::default().merge::<Xanes>(&[]).unwrap_err();
        assert_eq!(error.to_string(), "expected at least 1 spectra to merge, found 0");
    }
}
