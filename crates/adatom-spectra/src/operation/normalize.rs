//! Normalisation of absorption: norm(E) = (μ(E) - pre(E)) / Δμ, Δμ = |post(E0) - pre(E0)|, in the convention
//! of Larch (Newville, *J. Phys. Conf. Ser.* 430, 012007, 2013).
//!
//! pre(E) = (c0 + c1 E) E^-nvict through [E0 + pre1, E0 + pre2), post(E) - pre(E) a polynomial of degree
//! nnorm through [E0 + norm1, E0 + norm2); flat(E) = norm(E) - r(E) + r(E0) above E0, with r = (post - pre) /
//! Δμ.

mod edge_fit;
mod result;

pub use edge_fit::EdgeFit;
pub use result::NormalizedXanes;

use ndarray::Array1;

use super::contiguous;
use crate::{Absorption, Error, Result, Xanes};

/// The divisor of a normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NormalizationMethod {
    /// The edge step, between the pre-edge line and the post-edge polynomial at E0; for measured spectra.
    EdgeStep,
    /// The edge step with a constant pre-edge, the first value of μ, and E0 at the largest derivative; for
    /// calculated spectra, which begin about 12 eV below the edge.
    Calculated,
    /// The area ∫ μ dE of the whole spectrum (trapezoidal rule); norm has the unit 1/eV and the area 1.
    Area,
    /// The largest value.
    Maximum,
    /// The difference of the largest and the smallest value, after subtraction of the smallest: norm is
    /// between 0 and 1.
    MinMax,
    /// No divisor: norm is μ.
    Unchanged,
}

/// Normalises absorption spectra.
///
/// Settings that are not given are derived from the spectrum; ranges are in eV relative to E0. The results
/// agree with Larch's `pre_edge`, except in these cases, in which the result of Larch is not meaningful:
///
/// | case | Larch | here |
/// |---|---|---|
/// | given E0 outside of the spectrum | another E0 | error |
/// | μ does not rise, or no edge step | some point, a step of 10⁻¹² | error |
/// | at most 21 points with the edge near an end | some point | error, see [`find_e0`](crate::find_e0) |
/// | given range outside of the spectrum | one point at the end | error |
/// | μ in a very small unit | lower limits of 10⁻¹⁰ and 10⁻¹² | independent of the unit |
/// | norm2 < 0 | the end of the spectrum | relative to the end of the spectrum, as in Athena |
///
/// ```
/// use adatom_spectra::{EnergyGrid, Normalization, Xanes};
/// let energy = EnergyGrid::new((0..400).map(|i| 8880.0 + f64::from(i)).collect::<Vec<_>>())?;
/// let mu = energy.values().mapv(|e| 3.0 - 1e-4 * e + 0.8 / (1.0 + (8980.0 - e).exp()));
/// let normalized = Normalization::default().normalize(&Xanes::new(energy, mu)?)?;
/// let fit = normalized.edge().unwrap();
/// assert_eq!(fit.e0, 8980.0);
/// assert!((fit.edge_step - 0.8).abs() < 1e-6);
/// assert!((normalized.norm()[399] - 1.0).abs() < 1e-6);
///
/// let two = Xanes::new(EnergyGrid::new(vec![1.0, 2.0])?, vec![0.0, 1.0])?;
/// let error = Normalization::default().normalize(&two).unwrap_err();
/// assert_eq!(error.to_string(), "expected at least 9 points to find an absorption edge, found 2");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Normalization {
    method: Option<NormalizationMethod>,
    e0: Option<f64>,
    edge_step: Option<f64>,
    pre1: Option<f64>,
    pre2: Option<f64>,
    norm1: Option<f64>,
    norm2: Option<f64>,
    nnorm: Option<usize>,
    nvict: i32,
}

impl Normalization {
    /// The divisor. Default: [`NormalizationMethod::Calculated`] for a spectrum that is
    /// [`Absorption::Calculated`], otherwise [`NormalizationMethod::EdgeStep`].
    pub fn method(mut self, method: NormalizationMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// The energy of the edge, eV. Default: the result of [`find_e0`](crate::find_e0).
    pub fn e0(mut self, e0: f64) -> Self {
        self.e0 = Some(e0);
        self
    }

    /// The edge step. Default: the difference of the post-edge and the pre-edge curve at E0.
    pub fn edge_step(mut self, edge_step: f64) -> Self {
        self.edge_step = Some(edge_step);
        self
    }

    /// The start of the pre-edge range, eV relative to E0. Default: the second point, rounded to 5 eV, or to
    /// 2 eV when the edge is among the first 20 points.
    pub fn pre1(mut self, pre1: f64) -> Self {
        self.pre1 = Some(pre1);
        self
    }

    /// The end of the pre-edge range, eV relative to E0. Default: pre1 / 2.
    pub fn pre2(mut self, pre2: f64) -> Self {
        self.pre2 = Some(pre2);
        self
    }

    /// The start of the post-edge range, eV relative to E0. Default: norm2 / 3, rounded to 5 eV, at most 25.
    pub fn norm1(mut self, norm1: f64) -> Self {
        self.norm1 = Some(norm1);
        self
    }

    /// The end of the post-edge range, eV relative to E0; negative values are relative to the last point.
    /// Default: the last point, rounded to 5 eV.
    pub fn norm2(mut self, norm2: f64) -> Self {
        self.norm2 = Some(norm2);
        self
    }

    /// The degree of the post-edge polynomial, 0 to 5; fewer than 5 points reduce it. Default: 2 for a range
    /// of at least 300 eV, 1 for at least 30 eV, otherwise 0.
    pub fn nnorm(mut self, nnorm: usize) -> Self {
        self.nnorm = Some(nnorm);
        self
    }

    /// The exponent n of the fit of the pre-edge line to Eⁿ μ, -10 to 10. Default: 0.
    pub fn nvict(mut self, nvict: i32) -> Self {
        self.nvict = nvict;
        self
    }

    /// Normalises a spectrum.
    ///
    /// # Errors
    /// Those of [`find_e0`](crate::find_e0); [`Error::OutOfRange`] for a given E0 or range outside of the
    /// spectrum; [`Error::Argument`] for a setting that is not valid; [`Error::Scale`] for a divisor that is
    /// not positive and finite; [`Error::NotFinite`].
    pub fn normalize(&self, xanes: &Xanes) -> Result<NormalizedXanes> {
        let automatic = match xanes.absorption() {
            Absorption::Calculated => NormalizationMethod::Calculated,
            _ => NormalizationMethod::EdgeStep,
        };
        let method = self.method.unwrap_or(automatic);
        let (energy, mu) = (contiguous(xanes.energy().values()), contiguous(xanes.mu()));
        match method {
            NormalizationMethod::EdgeStep | NormalizationMethod::Calculated => {
                let fit = self.fit_edge(&energy, &mu, method)?;
                NormalizedXanes::by_edge(xanes, method, fit)
            }
            NormalizationMethod::Area => {
                let pairs = energy.windows(2).zip(mu.windows(2));
                let area = pairs.map(|(e, mu)| 0.5 * (e[1] - e[0]) * (mu[0] + mu[1])).sum();
                NormalizedXanes::by_scale(xanes, method, Linear::scale(positive("the area", area)?))
            }
            NormalizationMethod::Maximum => {
                let maximum = positive("the maximum", highest(&mu))?;
                NormalizedXanes::by_scale(xanes, method, Linear::scale(maximum))
            }
            NormalizationMethod::MinMax => {
                let lowest = mu.iter().copied().fold(f64::INFINITY, f64::min);
                let range = positive("the range", highest(&mu) - lowest)?;
                NormalizedXanes::by_scale(xanes, method, Linear { offset: lowest, scale: range })
            }
            NormalizationMethod::Unchanged => NormalizedXanes::by_scale(xanes, method, Linear::scale(1.0)),
        }
    }
}

/// The map (μ - offset) / scale.
#[derive(Debug, Clone, Copy)]
struct Linear {
    offset: f64,
    scale: f64,
}

impl Linear {
    fn scale(scale: f64) -> Self {
        Self { offset: 0.0, scale }
    }
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn positive(quantity: &'static str, found: f64) -> Result<f64> {
    if found > 0.0 && found.is_finite() { Ok(found) } else { Err(Error::Scale { quantity, found }) }
}

fn all_finite(quantity: &'static str, values: Array1<f64>) -> Result<Array1<f64>> {
    match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, &found)) => Err(Error::NotFinite { quantity, index, found }),
        None => Ok(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnergyGrid;

    fn spectrum(mu: impl Fn(f64) -> f64) -> Xanes {
        let energy = EnergyGrid::new((0..400).map(|i| 8880.0 + f64::from(i)).collect::<Vec<_>>()).unwrap();
        let values = energy.values().mapv(mu);
        Xanes::new(energy, values).unwrap()
    }

    fn edge(e: f64) -> f64 {
        1.0 / (1.0 + (8980.0 - e).exp())
    }

    #[test]
    fn divisors() {
        let xanes = spectrum(|e| 2.0 + 2.0 * edge(e));
        let norm =
            |method| Normalization::default().method(method).normalize(&xanes).unwrap().norm().to_owned();
        assert!((norm(NormalizationMethod::Maximum)[399] - 1.0).abs() < 1e-12);
        let min_max = norm(NormalizationMethod::MinMax);
        assert!(min_max[0].abs() < 1e-12 && (min_max[399] - 1.0).abs() < 1e-12);
        let area = norm(NormalizationMethod::Area);
        assert!((area.sum() - 0.5 * (area[0] + area[399]) - 1.0).abs() < 1e-12);
        assert_eq!(norm(NormalizationMethod::Unchanged), xanes.mu());
    }

    #[test]
    fn divisors_that_are_not_positive_are_refused() {
        let flat = spectrum(|_| -1.0);
        let failed =
            |method| Normalization::default().method(method).normalize(&flat).unwrap_err().to_string();
        let message = |quantity, found| {
            format!("{quantity} must be positive and finite for a normalisation, found {found}")
        };
        assert_eq!(failed(NormalizationMethod::Area), message("the area", -399));
        assert_eq!(failed(NormalizationMethod::Maximum), message("the maximum", -1));
        assert_eq!(failed(NormalizationMethod::MinMax), message("the range", 0));
        assert_eq!(failed(NormalizationMethod::EdgeStep), "no absorption edge between 8880 and 9279 eV");
        let stated = Normalization::default().e0(8980.0).normalize(&flat).unwrap_err().to_string();
        assert_eq!(stated, message("the edge step", 0));
    }

    #[test]
    fn invalid_settings_are_refused() {
        let xanes = spectrum(edge);
        let failed = |with: Normalization| with.normalize(&xanes).unwrap_err().to_string();
        let outside = |requested| format!("the spectrum covers 8880 to 9279 eV; {requested} eV lies outside");
        assert_eq!(failed(Normalization::default().e0(7000.0)), outside(7000));
        assert_eq!(failed(Normalization::default().pre1(-500.0).pre2(-300.0)), outside(8680));
        assert_eq!(failed(Normalization::default().norm1(500.0)), outside(9480));
        let degree = failed(Normalization::default().nnorm(6));
        assert_eq!(degree, "nnorm must be 0 to 5, found 6");
        let nan = failed(Normalization::default().pre2(f64::NAN));
        assert_eq!(nan, "pre2 must be a finite number, found NaN");
    }

    #[test]
    fn a_negative_norm2_is_relative_to_the_end() {
        let xanes = spectrum(|e| edge(e) * (1.0 + 1e-5 * (e - 8980.0).powi(2)));
        let from_end = Normalization::default().norm2(-99.0).normalize(&xanes).unwrap();
        // The last point lies 299 eV above E0.
        let from_edge = Normalization::default().norm2(200.0).normalize(&xanes).unwrap();
        assert_eq!(from_end.norm(), from_edge.norm());
        let whole = Normalization::default().normalize(&xanes).unwrap();
        assert_ne!(whole.norm(), from_end.norm());
    }

    #[test]
    fn a_calculated_spectrum_has_a_constant_below_the_edge() {
        let xanes = spectrum(|e| 0.25 + 0.5 * edge(e)).with_absorption(Absorption::Calculated);
        let normalized = Normalization::default().normalize(&xanes).unwrap();
        let fit = normalized.edge().unwrap();
        assert_eq!((normalized.method(), fit.e0), (NormalizationMethod::Calculated, 8980.0));
        assert!(fit.pre_edge.iter().all(|&pre| pre == xanes.mu()[0]));
        assert!((fit.edge_step - 0.5).abs() < 1e-9);
    }
}
