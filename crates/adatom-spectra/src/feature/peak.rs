//! Position, height, area and centroid of the pre-edge peak and of the white line of a normalised XANES.
//!
//! | peak | baseline | usual window |
//! |---|---|---|
//! | white line | 1, the level far above the edge | from the edge to 30 eV above it |
//! | pre-edge peak | a cubic fitted to both shoulders of the window | 10 eV below the edge |
//!
//! Wilke et al., *Am. Mineral.* 86, 714 (2001), use a spline as the baseline of the pre-edge peak.

use adatom_core::{FeatureColumn, Modality};
use ndarray::{Array1, ArrayView1};

use super::least_squares::{PolynomialFit, evaluate};
use crate::{Absorption, Error, Result, Xanes};

/// A peak of a normalised absorption spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Peak {
    /// Energy of the vertex of the parabola through the highest local maximum and its two neighbours, eV.
    pub position: f64,
    /// Height of this vertex: of a white line above 0 (1.5 is usual), of a pre-edge peak above its baseline.
    pub height: f64,
    /// Area above the baseline, eV (trapezoidal rule), of the interval around the maximum that lies above the
    /// baseline.
    pub area: f64,
    /// Centroid of this area, eV.
    pub centroid: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Baseline {
    /// The level above the edge, 1.
    Step,
    /// A cubic fitted to the points within this distance (eV) of the window on both sides.
    Shoulders(f64),
}

/// Finds the white line or the pre-edge peak of spectra that are normalised to an edge step of 1.
///
/// ```
/// use adatom_spectra::{Absorption, EnergyGrid, PeakFinder, Xanes, ndarray::array};
/// let energy = EnergyGrid::new(array![8990.0, 8995.0, 9000.0, 9005.0, 9010.0])?;
/// let xanes =
///     Xanes::new(energy, array![0.0, 1.0, 1.5, 1.0, 1.0])?.with_absorption(Absorption::Normalized);
/// let peak = PeakFinder::white_line([8990.0, 9010.0])?.find(&xanes)?;
/// assert_eq!((peak.position, peak.height), (9000.0, 1.5));
/// // A triangle of 10 eV and height 0.5.
/// assert_eq!((peak.area, peak.centroid), (2.5, 9000.0));
///
/// let error = PeakFinder::white_line([9000.0, 9010.0])?.find(&xanes).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "no white line between 9000 and 9010 eV: no local maximum above its base"
/// );
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PeakFinder {
    window: [f64; 2],
    base: Baseline,
}

impl PeakFinder {
    fn new(window: [f64; 2], base: Baseline) -> Result<Self> {
        let [from, to] = window;
        if !(from < to && from.is_finite() && to.is_finite()) {
            let (expected, found) = ("two increasing energies".to_owned(), format!("{from} to {to}"));
            return Err(Error::Argument { what: "the window of a peak", expected, found });
        }
        Ok(Self { window, base })
    }

    /// Finds the highest local maximum above 1 in `window`, `[first, last]` energy in eV.
    ///
    /// # Errors
    /// [`Error::Argument`] unless the energies are finite and increasing.
    pub fn white_line(window: [f64; 2]) -> Result<Self> {
        Self::new(window, Baseline::Step)
    }

    /// Finds the highest local maximum in `window`, `[first, last]` energy in eV, after subtraction of the
    /// rising edge: a cubic fitted to the points within `shoulder` eV (2 to 5 are usual) below and above the
    /// window.
    ///
    /// # Errors
    /// [`Error::Argument`] unless the energies are finite and increasing and the shoulder is positive.
    pub fn pre_edge(window: [f64; 2], shoulder: f64) -> Result<Self> {
        if !(shoulder > 0.0 && shoulder.is_finite()) {
            let (expected, found) = ("positive".to_owned(), shoulder.to_string());
            return Err(Error::Argument { what: "the width of a shoulder", expected, found });
        }
        Self::new(window, Baseline::Shoulders(shoulder))
    }

    /// The peak of a spectrum.
    ///
    /// # Errors
    /// [`Error::NoPeak`]; [`Error::Argument`] unless the spectrum is [`Absorption::Normalized`] or
    /// [`Absorption::Calculated`]; [`Error::OutOfRange`] when it does not cover the window; [`Error::TooFew`]
    /// for fewer than 3 points in the window or 2 in a shoulder.
    pub fn find(&self, xanes: &Xanes) -> Result<Peak> {
        if !matches!(xanes.absorption(), Absorption::Normalized | Absorption::Calculated) {
            let (expected, found) = ("normalised to an edge step of 1", xanes.absorption().name());
            return Err(Error::Argument {
                what: "the absorption",
                expected: expected.into(),
                found: found.into(),
            });
        }
        let (energy, mu) = (xanes.energy().values(), xanes.mu());
        let [from, to] = self.window;
        if let Some(&requested) =
            self.window.iter().find(|&&at| at < energy[0] || at > energy[energy.len() - 1])
        {
            let (first, last) = (xanes.energy().first(), xanes.energy().last());
            let what = xanes.name().unwrap_or("the spectrum").to_owned();
            return Err(Error::OutOfRange { what, from: first, to: last, unit: "eV", requested });
        }
        let base = self.baseline(energy, mu)?;
        let inside: Vec<usize> =
            (0..energy.len()).filter(|&at| from <= energy[at] && energy[at] <= to).collect();
        if inside.len() < 3 {
            let what = format!("points of the {}", self.name());
            return Err(Error::TooFew { what, least: 3, found: inside.len() });
        }
        let x: Array1<f64> = inside.iter().map(|&at| energy[at]).collect();
        let excess: Array1<f64> = inside.iter().map(|&at| mu[at] - base(energy[at])).collect();
        let peak = highest(x.view(), excess.view()).ok_or_else(|| {
            let what = match xanes.name() {
                Some(name) => format!("{} of {name}", self.name()),
                None => self.name().to_owned(),
            };
            Error::NoPeak { what, from, to }
        })?;
        let level = if self.base == Baseline::Step { 1.0 } else { 0.0 };
        Ok(Peak { height: peak.height + level, ..peak })
    }

    fn name(&self) -> &'static str {
        match self.base {
            Baseline::Step => "white line",
            Baseline::Shoulders(_) => "pre-edge peak",
        }
    }

    /// The baseline as a function of energy.
    fn baseline(
        &self,
        energy: ArrayView1<'_, f64>,
        mu: ArrayView1<'_, f64>,
    ) -> Result<Box<dyn Fn(f64) -> f64>> {
        let Baseline::Shoulders(width) = self.base else { return Ok(Box::new(|_| 1.0)) };
        let [from, to] = self.window;
        let below = |&at: &usize| from - width <= energy[at] && energy[at] < from;
        let above = |&at: &usize| to < energy[at] && energy[at] <= to + width;
        let mut points: Vec<usize> = (0..energy.len()).filter(below).collect();
        let lower = points.len();
        points.extend((0..energy.len()).filter(above));
        let fewest = lower.min(points.len() - lower);
        if fewest < 2 {
            let what = "points in a shoulder of the pre-edge peak".to_owned();
            return Err(Error::TooFew { what, least: 2, found: fewest });
        }
        let (centre, half) = (0.5 * (from + to), 0.5 * (to - from) + width);
        let positions: Vec<f64> = points.iter().map(|&at| (energy[at] - centre) / half).collect();
        let values: Array1<f64> = points.iter().map(|&at| mu[at]).collect();
        let cubic = PolynomialFit::new(&positions, 3).coefficients(values.view());
        Ok(Box::new(move |energy| evaluate(cubic.view(), (energy - centre) / half)))
    }

    /// The columns of [`values`](Peak::values) in a table, such as `xanes:white-line-area@9000.000`; the axis
    /// value is the centre of the window.
    pub(crate) fn columns(&self) -> Result<Vec<FeatureColumn>> {
        let name = self.name().trim_end_matches(" peak").replace(' ', "-");
        let centre = 0.5 * (self.window[0] + self.window[1]);
        let column =
            |quantity| FeatureColumn::derived(Modality::Xanes, &format!("{name}-{quantity}"), centre);
        let columns: std::result::Result<_, _> =
            ["position", "height", "area", "centroid"].into_iter().map(column).collect();
        Ok(columns?)
    }
}

impl Peak {
    /// Position (eV), height, area (eV) and centroid (eV).
    pub fn values(&self) -> [f64; 4] {
        [self.position, self.height, self.area, self.centroid]
    }
}

/// A point of a spectrum above its baseline.
#[derive(Debug, Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

/// The highest local maximum above zero of the values `y` at `x`.
fn highest(x: ArrayView1<'_, f64>, y: ArrayView1<'_, f64>) -> Option<Peak> {
    let point = |at: usize| Point { x: x[at], y: y[at] };
    let is_maximum = |&at: &usize| y[at] > 0.0 && y[at - 1] < y[at] && y[at] >= y[at + 1];
    let maxima = (1..x.len() - 1).filter(is_maximum);
    let top = maxima.max_by(|&left, &right| y[left].total_cmp(&y[right]))?;
    let vertex = vertex([top - 1, top, top + 1].map(point));

    let mut interval = vec![point(top)];
    for at in top + 1..x.len() {
        if !extend(&mut interval, point(at)) {
            break;
        }
    }
    interval.reverse();
    for at in (0..top).rev() {
        if !extend(&mut interval, point(at)) {
            break;
        }
    }
    interval.reverse();
    let (mut area, mut moment) = (0.0, 0.0);
    for pair in interval.windows(2) {
        // Moments about the maximum keep the digits that energies of thousands of eV would lose.
        let (a, b) = (pair[0].x - vertex.x, pair[1].x - vertex.x);
        let (low, high) = (pair[0].y, pair[1].y);
        area += (b - a) * 0.5 * (low + high);
        moment += (b - a) / 6.0 * (a * (2.0 * low + high) + b * (low + 2.0 * high));
    }
    // The area is positive, because the maximum is.
    Some(Peak { position: vertex.x, height: vertex.y, area, centroid: vertex.x + moment / area })
}

/// Extends an interval by a point above zero and returns true, or by the zero of the line to the point and
/// returns false.
fn extend(interval: &mut Vec<Point>, point: Point) -> bool {
    let last = interval[interval.len() - 1];
    if point.y > 0.0 {
        interval.push(point);
        return true;
    }
    let zero = last.x + (point.x - last.x) * last.y / (last.y - point.y);
    interval.push(Point { x: zero, y: 0.0 });
    false
}

/// The vertex of the parabola through three points of which the middle one is the highest.
fn vertex([first, middle, last]: [Point; 3]) -> Point {
    let left = (middle.y - first.y) / (middle.x - first.x);
    let right = (last.y - middle.y) / (last.x - middle.x);
    let curvature = (right - left) / (last.x - first.x);
    // The slope of the parabola at the middle point.
    let slope = left + curvature * (middle.x - first.x);
    if curvature >= 0.0 {
        return middle;
    }
    Point { x: middle.x - 0.5 * slope / curvature, y: middle.y - 0.25 * slope * slope / curvature }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnergyGrid;

    fn xanes(points: impl IntoIterator<Item = f64>, mu: impl Fn(f64) -> f64) -> Xanes {
        let energy: Vec<f64> = points.into_iter().collect();
        let mu: Vec<f64> = energy.iter().map(|&energy| mu(energy)).collect();
        let xanes = Xanes::new(EnergyGrid::new(energy).unwrap(), mu).unwrap().with_name("s");
        xanes.with_absorption(Absorption::Normalized)
    }

    /// Triangle with feet at 9 and 13 and a top of 0.5 at 10.
    fn triangle(x: f64) -> f64 {
        (0.5 * (x - 9.0)).min((13.0 - x) / 6.0).max(0.0)
    }

    #[test]
    fn the_vertex_of_a_parabola_is_found_between_points() {
        let step = (0..40).map(|index| 0.37 * f64::from(index));
        let peak =
            PeakFinder::white_line([0.0, 14.0]).unwrap().find(&xanes(step, |x| 1.6 - (x - 5.2).powi(2)));
        let peak = peak.unwrap();
        assert!((peak.position - 5.2).abs() < 1e-12 && (peak.height - 1.6).abs() < 1e-12, "{peak:?}");
        // ∫ (0.6 - u²) between its zeros is 4/3 · 0.6^1.5 = 0.6197; trapezoids lose up to (2/3) · width ·
        // 0.37²/8 · 2.
        assert!((peak.area - 0.6197).abs() < 0.06 && (peak.centroid - 5.2).abs() < 0.02, "{peak:?}");
    }

    #[test]
    fn area_and_centroid_of_a_triangle_are_exact() {
        // Area 4 · 0.5 / 2 = 1, centroid (9 + 10 + 13) / 3; the points include feet and top.
        let peak = PeakFinder::white_line([2.0, 18.0]).unwrap();
        let peak =
            peak.find(&xanes((0..80).map(|index| 0.25 * f64::from(index)), |x| 1.0 + triangle(x))).unwrap();
        assert!((peak.area - 1.0).abs() < 1e-12 && (peak.centroid - 32.0 / 3.0).abs() < 1e-12, "{peak:?}");
    }

    #[test]
    fn the_baseline_of_a_pre_edge_peak_is_the_cubic_of_its_shoulders() {
        let edge = |x: f64| 0.01 + 0.002 * x + 1e-4 * x.powi(3);
        let spectrum = xanes((0..80).map(|index| 0.25 * f64::from(index)), |x| edge(x) + triangle(x));
        let peak = PeakFinder::pre_edge([8.0, 14.0], 3.0).unwrap().find(&spectrum).unwrap();
        assert!((peak.area - 1.0).abs() < 1e-9 && (peak.centroid - 32.0 / 3.0).abs() < 1e-9, "{peak:?}");
        // The parabola through 9.75, 10 and 10.25: slopes 0.5 and -1/6 give curvature -4/3 and a slope of 1/6
        // at 10.
        assert!((peak.position - 10.0 - 1.0 / 16.0).abs() < 1e-9, "{peak:?}");
        assert!((peak.height - 0.5 - 1.0 / 192.0).abs() < 1e-9, "{peak:?}");
    }

    #[test]
    fn spectra_without_a_peak_are_refused() {
        let rising = xanes((0..80).map(|index| 0.25 * f64::from(index)), |x| 0.1 * x);
        let message = |finder: Result<PeakFinder>| finder.unwrap().find(&rising).unwrap_err().to_string();
        assert_eq!(
            message(PeakFinder::white_line([2.0, 18.0])),
            "no white line of s between 2 and 18 eV: no local maximum above its base"
        );
        assert_eq!(
            message(PeakFinder::white_line([2.0, 20.0])),
            "s covers 0 to 19.75 eV; 20 eV lies outside"
        );
        assert_eq!(
            message(PeakFinder::white_line([2.0, 2.3])),
            "expected at least 3 points of the white line, found 2"
        );
        assert_eq!(
            message(PeakFinder::pre_edge([0.25, 5.0], 1.0)),
            "expected at least 2 points in a shoulder of the pre-edge peak, found 1"
        );
        assert!(PeakFinder::white_line([2.0, 2.0]).is_err());
        assert!(PeakFinder::white_line([f64::NAN, 2.0]).is_err());
        assert!(PeakFinder::pre_edge([1.0, 2.0], 0.0).is_err());
        let raw = rising.with_absorption(Absorption::Transmission);
        let error = PeakFinder::white_line([2.0, 18.0]).unwrap().find(&raw).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the absorption must be normalised to an edge step of 1, found transmission"
        );
    }
}
