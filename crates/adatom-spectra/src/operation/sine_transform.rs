//! Sine transforms between F(Q) and G(r) (Egami and Billinge, *Underneath the Bragg Peaks*, 2nd ed. 2012, ch.
//! 3): G(r) = 2/π ∫ W(Q) F(Q) sin(Qr) dQ from qmin to qmax, F(Q) = ∫ W(r) G(r) sin(Qr) dr.
//!
//! Integrals use the trapezoidal rule on the given points. On evenly spaced points, as in most files, sines
//! are calculated by rotations, sin((k+1)h) = sin(kh) cos h + cos(kh) sin h, restarted every 64 points.

mod product;

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use ndarray::{Array1, ArrayView1};

use super::{Axis, Resampling, Spectrum, contiguous};
use crate::{DistanceGrid, Error, Metadata, Pdf, Result, ScatteringKind, StructureFunction, WavenumberGrid};
use product::{Sine, sine_product};

/// The window function that suppresses termination ripples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TerminationWindow {
    /// 1.
    #[default]
    None,
    /// sin(πx)/(πx), where x is the fraction of the range (Lorch, *J. Phys. C* 2, 229, 1969): fewer ripples,
    /// wider peaks.
    Lorch,
}

impl TerminationWindow {
    fn at(self, x: f64) -> f64 {
        match self {
            Self::Lorch if x != 0.0 => (PI * x).sin() / (PI * x),
            _ => 1.0,
        }
    }
}

/// Transforms F(Q) to G(r), and G(r) to F(Q).
///
/// ```
/// use adatom_spectra::{
///     DistanceGrid, ScatteringKind, SineTransform, StructureFunction, WavenumberGrid,
/// };
/// let q = WavenumberGrid::new((0..=2000).map(|k| 0.01 * f64::from(k)).collect::<Vec<_>>())?;
/// let f = q.values().mapv(|q| (2.5 * q).sin() * (-0.01 * q * q).exp());
/// let f = StructureFunction::new(ScatteringKind::Reduced, q, f)?;
/// let r = DistanceGrid::new((0..1000).map(|i| 0.01 * f64::from(i)).collect::<Vec<_>>())?;
/// let pdf = SineTransform::default().to_pdf(&f, &r)?;
/// let highest = (0..1000).max_by(|&a, &b| pdf.g()[a].total_cmp(&pdf.g()[b]));
/// assert_eq!(highest, Some(250));
///
/// let error = SineTransform::default().qmax(25.0).to_pdf(&f, &r).unwrap_err();
/// assert_eq!(error.to_string(), "the scattering covers 0 to 20 1/Å; 25 1/Å lies outside");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SineTransform {
    qmin: Option<f64>,
    qmax: Option<f64>,
    window: TerminationWindow,
}

impl SineTransform {
    /// The lower limit of Q, 1/Å. Default: the first point.
    pub fn qmin(mut self, qmin: f64) -> Self {
        self.qmin = Some(qmin);
        self
    }

    /// The upper limit of Q, 1/Å. Default: the last point.
    pub fn qmax(mut self, qmax: f64) -> Self {
        self.qmax = Some(qmax);
        self
    }

    /// The window function. Default: [`TerminationWindow::None`].
    pub fn window(mut self, window: TerminationWindow) -> Self {
        self.window = window;
        self
    }

    /// G(r), 1/Å², from F(Q) or S(Q): 2/π ∫ W(Q) F(Q) sin(Qr) dQ from qmin to qmax.
    ///
    /// Below the first point, F is taken as 0. If qmin or qmax lies between two points, F is interpolated
    /// there. The metadata of the result state the range as `qmin` and `qmax`. The uncertainties of
    /// independent points are propagated exactly, u²(r) = (2/π)² Σ (wₖ uₖ)² sin²(Qₖ r).
    ///
    /// # Errors
    /// [`Error::Argument`] for a measured intensity and unless 0 ≤ qmin < qmax are finite;
    /// [`Error::OutOfRange`] when qmin or qmax is above the last point; [`Error::TooFew`] for fewer than two
    /// points in the range.
    pub fn to_pdf(&self, scattering: &StructureFunction, distance: &DistanceGrid) -> Result<Pdf> {
        let reduced = self.range(&scattering.to_reduced()?)?;
        let (q, f) = (contiguous(reduced.axis().points()), contiguous(reduced.ordinates()));
        let weights: Vec<f64> = trapezoids(&q, self.window).iter().map(|weight| 2.0 / PI * weight).collect();
        let r = contiguous(distance.points());
        let weighted: Vec<f64> = weights.iter().zip(f.iter()).map(|(weight, f)| weight * f).collect();
        let pdf = Pdf::new(distance.clone(), sine_product(&q, &weighted, &r, Sine::Plain))?;
        let pdf = pdf.with_metadata(with_range(scattering.metadata(), q[0], q[q.len() - 1]));
        match reduced.ordinate_uncertainty() {
            Some(uncertainty) => {
                pdf.with_uncertainty(propagated(&q, &weighted_by(&weights, uncertainty), &r))
            }
            None => Ok(pdf),
        }
    }

    /// F(Q), 1/Å, from G(r) over all its distances. The window function acts on G(r) up to its last distance.
    /// F is 0 outside of qmin and qmax.
    ///
    /// Below the first distance, G is taken as 0. The uncertainties of independent points are propagated
    /// exactly.
    ///
    /// # Errors
    /// [`Error::Argument`] unless 0 ≤ qmin < qmax are finite; [`Error::TooFew`] for a PDF of fewer than two
    /// points.
    pub fn to_reduced(&self, pdf: &Pdf, q: &WavenumberGrid) -> Result<StructureFunction> {
        let limits = self.limits()?;
        let (r, g) = (contiguous(pdf.axis().points()), contiguous(pdf.ordinates()));
        enough(r.len())?;
        let weights = trapezoids(&r, self.window);
        let points = contiguous(q.points());
        let cut = |mut values: Array1<f64>| {
            let outside = values.iter_mut().zip(points.iter()).filter(|(_, q)| !limits.contains(q));
            outside.for_each(|(value, _)| *value = 0.0);
            values
        };
        let weighted: Vec<f64> = weights.iter().zip(g.iter()).map(|(weight, g)| weight * g).collect();
        let values = cut(sine_product(&r, &weighted, &points, Sine::Plain));
        let result = StructureFunction::new(ScatteringKind::Reduced, q.clone(), values)?;
        let result = result.with_metadata(pdf.metadata().clone());
        match pdf.uncertainty() {
            Some(uncertainty) => {
                result.with_uncertainty(cut(propagated(&r, &weighted_by(&weights, uncertainty), &points)))
            }
            None => Ok(result),
        }
    }

    /// qmin and qmax, or 0 and infinity.
    fn limits(&self) -> Result<RangeInclusive<f64>> {
        let (qmin, qmax) = (self.qmin.unwrap_or(0.0), self.qmax.unwrap_or(f64::INFINITY));
        let number = self.qmax.is_none_or(f64::is_finite) && qmin.is_finite();
        if number && 0.0 <= qmin && qmin < qmax {
            return Ok(qmin..=qmax);
        }
        let expected = "finite, qmin at least 0 and less than qmax".into();
        Err(Error::Argument { what: "qmin and qmax", expected, found: format!("{qmin} and {qmax}") })
    }

    /// F(Q) from qmin to qmax, with interpolated values at these limits.
    fn range(&self, reduced: &StructureFunction) -> Result<StructureFunction> {
        let (qmin, qmax) = self.limits()?.into_inner();
        let (first, last) = (reduced.q().first(), reduced.q().last());
        let (from, to) = (qmin.max(first), self.qmax.unwrap_or(last));
        if from > last {
            let what = StructureFunction::NAME.into();
            return Err(Error::OutOfRange { what, from: first, to: last, unit: "1/Å", requested: qmin });
        }
        if from == first && to == last {
            enough(reduced.q().len())?;
            return Ok(reduced.clone());
        }
        let inner = reduced.q().values();
        let mut points: Vec<f64> = inner.iter().copied().filter(|&q| from < q && q < to).collect();
        if from < to.min(qmax) {
            points.insert(0, from);
            points.push(to);
        }
        enough(points.len())?;
        Resampling::linear().resample(reduced, &WavenumberGrid::new(points)?)
    }
}

fn enough(found: usize) -> Result<()> {
    match found {
        0 | 1 => Err(Error::TooFew { what: "points to integrate".into(), least: 2, found }),
        _ => Ok(()),
    }
}

/// The weights of the trapezoidal rule, multiplied by the window function.
fn trapezoids(x: &[f64], window: TerminationWindow) -> Vec<f64> {
    let last = x.len() - 1;
    let weight = |k: usize| 0.5 * (x[(k + 1).min(last)] - x[k.saturating_sub(1)]) * window.at(x[k] / x[last]);
    (0..=last).map(weight).collect()
}

fn weighted_by(weights: &[f64], values: ArrayView1<'_, f64>) -> Vec<f64> {
    weights.iter().zip(values).map(|(weight, value)| weight * value).collect()
}

/// The uncertainties of the sums over x for all y, from the uncertainties of their summands.
fn propagated(x: &[f64], uncertainty: &[f64], y: &[f64]) -> Array1<f64> {
    let variances: Vec<f64> = uncertainty.iter().map(|u| u.powi(2)).collect();
    sine_product(x, &variances, y, Sine::Squared).mapv_into(f64::sqrt)
}

/// The metadata with the range of a transform.
fn with_range(original: &Metadata, qmin: f64, qmax: f64) -> Metadata {
    let mut metadata = Metadata::default();
    if let Some(source) = original.source() {
        metadata.set_source(source);
    }
    for (key, value) in original.entries() {
        if !key.eq_ignore_ascii_case("qmin") && !key.eq_ignore_ascii_case("qmax") {
            metadata.push(key, value);
        }
    }
    original.comments().for_each(|line| metadata.push_comment(line));
    metadata.push("qmin", qmin.to_string());
    metadata.push("qmax", qmax.to_string());
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(count: u32, step: f64) -> Vec<f64> {
        (0..count).map(|k| step * f64::from(k)).collect()
    }

    fn reduced(q: Vec<f64>, f: impl Fn(f64) -> f64) -> StructureFunction {
        let values: Vec<f64> = q.iter().map(|&q| f(q)).collect();
        StructureFunction::new(ScatteringKind::Reduced, WavenumberGrid::new(q).unwrap(), values).unwrap()
    }

    /// G of F = sin(Q r0) exp(-σ²Q²/2): with ∫₀^∞ cos(aQ) exp(-σ²Q²/2) dQ = √(π/2)/σ exp(-a²/2σ²) and
    /// sin a sin b = ½ [cos(a-b) - cos(a+b)], it is
    /// G(r) = [exp(-(r-r0)²/2σ²) - exp(-(r+r0)²/2σ²)] / (σ √(2π)).
    fn gaussian(r: f64, r0: f64, sigma: f64) -> f64 {
        let peak = |d: f64| (-0.5 * (d / sigma).powi(2)).exp() / (sigma * (2.0 * PI).sqrt());
        peak(r - r0) - peak(r + r0)
    }

    #[test]
    fn a_gaussian_peak_both_ways() {
        let (r0, sigma) = (2.5, 0.1);
        let of_q = |q: f64| (q * r0).sin() * (-0.5 * (sigma * q).powi(2)).exp();
        let f = reduced(grid(7001, 0.01), of_q);
        let r = DistanceGrid::new(grid(1001, 0.01)).unwrap();
        let pdf = SineTransform::default().to_pdf(&f, &r).unwrap();
        for (r, g) in r.values().iter().zip(pdf.g()) {
            assert!((g - gaussian(*r, r0, sigma)).abs() < 1e-9, "{r} {g}");
        }
        let q = WavenumberGrid::new(grid(300, 0.1)).unwrap();
        let back = SineTransform::default().to_reduced(&pdf, &q).unwrap();
        for (q, f) in q.values().iter().zip(back.values()) {
            assert!((f - of_q(*q)).abs() < 1e-9, "{q} {f}");
        }
    }

    #[test]
    fn the_window_is_that_of_lorch() {
        // F = Q and Lorch's window: 2/π ∫ Q sin(πQ/Qm)/(πQ/Qm) sin(Qr) dQ at r = π/Qm is
        // 2 Qm/π² ∫₀^Qm sin²(πQ/Qm) dQ = Qm²/π².
        let f = reduced(grid(2001, 0.01), |q| q);
        let r = DistanceGrid::new(vec![PI / 20.0]).unwrap();
        let with = SineTransform::default().window(TerminationWindow::Lorch);
        let g = with.to_pdf(&f, &r).unwrap().g()[0];
        assert!((g / (20.0 * 20.0 / PI / PI) - 1.0).abs() < 1e-9, "{g}");
    }

    #[test]
    fn limits_between_points_are_interpolated() {
        // F = Q between a and b: 2/π [sin(Qr)/r² - Q cos(Qr)/r].
        let f = reduced(grid(4001, 0.005), |q| q);
        let (a, b, r) = (1.0017, 17.0023, 0.4);
        let primitive = |q: f64| 2.0 / PI * ((q * r).sin() / r / r - q * (q * r).cos() / r);
        let pdf = SineTransform::default()
            .qmin(a)
            .qmax(b)
            .to_pdf(&f, &DistanceGrid::new(vec![r]).unwrap())
            .unwrap();
        assert!((pdf.g()[0] - (primitive(b) - primitive(a))).abs() < 1e-4, "{}", pdf.g()[0]);
        assert_eq!((pdf.metadata().number("qmin"), pdf.metadata().number("Qmax")), (Some(a), Some(b)));
    }

    #[test]
    fn uncertainties_are_propagated() {
        // Two points with weights h/2: u² = (2/π)² (h/2)² (u₀² sin²(Q₀r) + u₁² sin²(Q₁r)).
        let f = reduced(vec![1.0, 2.0], |_| 1.0).with_uncertainty(vec![0.3, 0.4]).unwrap();
        let pdf = SineTransform::default().to_pdf(&f, &DistanceGrid::new(vec![0.7]).unwrap()).unwrap();
        let expected = (0.3 * 0.7_f64.sin()).hypot(0.4 * 1.4_f64.sin()) / PI;
        assert!((pdf.uncertainty().unwrap()[0] - expected).abs() < 1e-15);
    }

    #[test]
    fn limits_in_the_wrong_order_are_refused() {
        let f = reduced(grid(10, 1.0), |q| q);
        let r = DistanceGrid::new(vec![1.0]).unwrap();
        let failed = |with: SineTransform| with.to_pdf(&f, &r).unwrap_err().to_string();
        let order = "qmin and qmax must be finite, qmin at least 0 and less than qmax, found 5 and 4";
        assert_eq!(failed(SineTransform::default().qmin(5.0).qmax(4.0)), order);
        let beyond = "the scattering covers 0 to 9 1/Å; 10 1/Å lies outside";
        assert_eq!(failed(SineTransform::default().qmin(10.0)), beyond);
    }
}
