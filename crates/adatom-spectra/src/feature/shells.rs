//! Coordination shells from the peaks of a PDF. With R(r) = r (G(r) - s r), where s is the slope of G below
//! the first neighbours, the number of neighbours up to r is n(r) = ∫ R, and their mean distance m(r) = ∫ r R
//! / n(r).
//!
//! s is -4π ρ0 for a total PDF (Egami and Billinge, *Underneath the Bragg Peaks*, 2nd ed., eq. 3.37), and the
//! fraction of it that belongs to an element for a differential PDF. n is known up to a factor that depends
//! on the composition; m and ratios of n depend neither on this factor nor on the scale of a measured PDF.

use adatom_core::{FeatureColumn, Modality};
use ndarray::{Array1, ArrayView1};

use crate::{DistanceGrid, Error, Result};

/// A smaller fraction of all counted neighbours is zero: it consists of termination ripples.
const SMALLEST_FRACTION: f64 = 1e-3;

/// The coordination shells of a PDF at the distances of a [`ShellCounter`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Shells {
    /// s, the slope of G below the first neighbours, 1/Å³.
    pub slope: f64,
    /// n(r), `[distances]`, the number of neighbours up to r in the normalisation of the PDF.
    pub neighbours: Array1<f64>,
    /// m(r), `[distances]`, the mean distance of the neighbours up to r, Å; the first distance where there
    /// are none.
    pub mean_distance: Array1<f64>,
    /// n(r) divided by the number of neighbours in the first shell, `[distances]`.
    pub relative_neighbours: Array1<f64>,
}

/// Counts the neighbours in the coordination shells of PDFs.
///
/// ```
/// use adatom_spectra::{ShellCounter, DistanceGrid, ndarray::Array1};
/// // Six neighbours at 2 Å and eight at 3 Å, peaks of σ = 0.1 Å, and the line -0.5 r of the density.
/// let r = Array1::linspace(0.0, 4.0, 401);
/// let peak = |r: f64, at: f64| (-((r - at) / 0.1_f64).powi(2) / 2.0).exp() / (0.1 * 2.506_628_274_631);
/// let g = r.mapv(|r| if r > 0.0 { (6.0 * peak(r, 2.0) + 8.0 * peak(r, 3.0)) / r - 0.5 * r } else { 0.0 });
/// let counter = ShellCounter::new(1.5, 2.5, DistanceGrid::new(vec![1.5, 2.5, 3.5])?)?;
/// let shells = counter.count(r.view(), g.view())?;
/// assert!((shells.slope + 0.5).abs() < 1e-5);
/// let near = |found: &Array1<f64>, expected: [f64; 3]| {
///     found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-4)
/// };
/// assert!(near(&shells.neighbours, [0.0, 6.0, 14.0]));
/// assert!(near(&shells.mean_distance, [1.5, 2.0, 36.0 / 14.0]));
/// assert!((shells.relative_neighbours[2] - 14.0 / 6.0).abs() < 1e-4);
///
/// let error = ShellCounter::new(2.5, 1.5, DistanceGrid::new(vec![3.0])?).unwrap_err();
/// assert_eq!(error.to_string(), "the end of the first shell must be above 2.5 Å, found 1.5");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ShellCounter {
    empty: f64,
    first: f64,
    distances: DistanceGrid,
}

impl ShellCounter {
    /// Counts the neighbours up to each of `distances`; no neighbour is nearer than `empty`, and the first
    /// shell ends at `first` (both in Å).
    ///
    /// # Errors
    /// [`Error::Argument`] unless 0 < `empty` < `first`.
    pub fn new(empty: f64, first: f64, distances: DistanceGrid) -> Result<Self> {
        if !(empty > 0.0 && empty.is_finite()) {
            let (what, expected) = ("the distance below the first neighbours", "positive".to_owned());
            return Err(Error::Argument { what, expected, found: empty.to_string() });
        }
        if !(first > empty && first.is_finite()) {
            let expected = format!("above {empty} Å");
            return Err(Error::Argument {
                what: "the end of the first shell",
                expected,
                found: first.to_string(),
            });
        }
        Ok(Self { empty, first, distances })
    }

    /// The distances up to which neighbours are counted.
    pub fn distances(&self) -> &DistanceGrid {
        &self.distances
    }

    /// The shells of a PDF `g` `[points]` at increasing distances `r` `[points]`.
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::OutOfRange`] when the PDF does not cover all distances; [`Error::TooFew`]
    /// for fewer than 3 points below the first neighbours; [`Error::Argument`] when the number of neighbours
    /// up to the last distance (or the end of the first shell) is not positive.
    pub fn count(&self, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>) -> Result<Shells> {
        if r.len() != g.len() || r.is_empty() {
            return Err(Error::Length { what: "values of G", expected: r.len().max(1), found: g.len() });
        }
        let (from, to, farthest) = (r[0], r[r.len() - 1], self.distances.last().max(self.first));
        if let Some(requested) =
            [farthest, self.distances.first()].into_iter().find(|&at| at > to || at < from)
        {
            return Err(Error::OutOfRange { what: "the PDF".into(), from, to, unit: "Å", requested });
        }
        let slope = self.slope(r, g)?;
        let Integrals { sums, moments } = self.integrals(r, g, slope);
        let at = |sums: &[f64], distance: f64| between(r, sums, distance);
        let all = at(&sums, farthest);
        if all <= 0.0 {
            let (what, expected) = ("the number of neighbours", format!("positive up to {farthest} Å"));
            return Err(Error::Argument { what, expected, found: all.to_string() });
        }
        let none = SMALLEST_FRACTION * all;
        let first = at(&sums, self.first).max(none);
        let neighbours = self.distances.values().mapv(|distance| at(&sums, distance));
        let mean = |distance: f64| match at(&sums, distance) {
            sum if sum > none => at(&moments, distance) / sum,
            _ => self.distances.first(),
        };
        let mean_distance = self.distances.values().mapv(mean);
        Ok(Shells { slope, relative_neighbours: &neighbours / first, neighbours, mean_distance })
    }

    /// The slope of the least-squares line through the origin, Σ r G / Σ r².
    fn slope(&self, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>) -> Result<f64> {
        let below: Vec<usize> = (0..r.len()).filter(|&at| r[at] > 0.0 && r[at] <= self.empty).collect();
        if below.len() < 3 {
            let what = format!("points between 0 and {} Å, to fit the slope of G", self.empty);
            return Err(Error::TooFew { what, least: 3, found: below.len() });
        }
        let sum = |value: &dyn Fn(usize) -> f64| below.iter().map(|&at| value(at)).sum::<f64>();
        Ok(sum(&|at| r[at] * g[at]) / sum(&|at| r[at] * r[at]))
    }

    /// ∫ R and ∫ r R from `empty` to each point (trapezoidal rule).
    fn integrals(&self, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>, slope: f64) -> Integrals {
        let radial = |at: usize| if r[at] < self.empty { 0.0 } else { r[at] * (g[at] - slope * r[at]) };
        let (mut sums, mut moments) = (vec![0.0; r.len()], vec![0.0; r.len()]);
        for at in 1..r.len() {
            let half = 0.5 * (r[at] - r[at - 1]);
            let (before, here) = (radial(at - 1), radial(at));
            sums[at] = sums[at - 1] + half * (before + here);
            moments[at] = moments[at - 1] + half * (before * r[at - 1] + here * r[at]);
        }
        Integrals { sums, moments }
    }

    /// The columns in a table: `dpdf:mean-distance@2.5` at all distances, then `dpdf:neighbours@2.5` at all
    /// distances.
    pub(crate) fn columns(&self, modality: &Modality) -> Result<Vec<FeatureColumn>> {
        let mut columns = Vec::with_capacity(2 * self.distances.len());
        for quantity in ["mean-distance", "neighbours"] {
            for &distance in self.distances.values() {
                columns.push(FeatureColumn::derived(modality.clone(), quantity, distance)?);
            }
        }
        Ok(columns)
    }

    /// The values of [`columns`](Self::columns).
    pub(crate) fn values(&self, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>) -> Result<Vec<f64>> {
        let shells = self.count(r, g)?;
        Ok(shells.mean_distance.into_iter().chain(shells.relative_neighbours).collect())
    }
}

/// The integrals of R and of r R up to each point.
struct Integrals {
    sums: Vec<f64>,
    moments: Vec<f64>,
}

/// Linear interpolation at a distance within the points.
fn between(r: ArrayView1<'_, f64>, values: &[f64], distance: f64) -> f64 {
    let after = (0..r.len()).find(|&at| r[at] >= distance).unwrap_or(r.len() - 1);
    if after == 0 {
        return values[0];
    }
    let part = (distance - r[after - 1]) / (r[after] - r[after - 1]);
    values[after - 1] + part * (values[after] - values[after - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(peaks: &[(f64, f64)], density: f64) -> [Array1<f64>; 2] {
        let r = Array1::linspace(0.0, 5.0, 501);
        let peak = |r: f64, at: f64| {
            (-((r - at) / 0.1).powi(2) / 2.0).exp() / (0.1 * (std::f64::consts::TAU).sqrt())
        };
        let sum = |r: f64| peaks.iter().map(|&(at, count)| count * peak(r, at)).sum::<f64>();
        let g = r.mapv(|r| if r > 0.0 { sum(r) / r - density * r } else { 0.0 });
        [r, g]
    }

    fn counter(distances: &[f64]) -> ShellCounter {
        ShellCounter::new(1.5, 2.2, DistanceGrid::new(distances.to_vec()).unwrap()).unwrap()
    }

    #[test]
    fn means_and_ratios_depend_neither_on_scale_nor_on_density() {
        // A Jahn-Teller octahedron: four at 1.95 Å and two at 2.5 Å; the mean of all is 2.1333.
        let counter = counter(&[1.5, 2.2, 3.0]);
        let [r, g] = curve(&[(1.95, 4.0), (2.5, 2.0)], 0.7);
        let plain = counter.count(r.view(), g.view()).unwrap();
        assert!((plain.mean_distance[2] - (4.0 * 1.95 + 2.0 * 2.5) / 6.0).abs() < 1e-3, "{plain:?}");
        // Below 2.2 Å lies 0.13 % of the farther peak (3 σ), 0.6 % of the nearer one lies beyond.
        assert!((plain.relative_neighbours[2] - 1.5).abs() < 0.01, "{plain:?}");
        let [_, other] = curve(&[(1.95, 4.0), (2.5, 2.0)], 0.1);
        let scaled = counter.count(r.view(), (3.0 * &other).view()).unwrap();
        for (one, two) in [
            (&plain.mean_distance, &scaled.mean_distance),
            (&plain.relative_neighbours, &scaled.relative_neighbours),
        ] {
            assert!((one - two).iter().all(|error| error.abs() < 1e-4), "{one} {two}");
        }
        assert!((scaled.neighbours[2] / plain.neighbours[2] - 3.0).abs() < 1e-4);
    }

    #[test]
    fn without_a_first_shell_nothing_is_divided_by_zero() {
        let [r, g] = curve(&[(2.9, 4.0)], 0.3);
        let shells = counter(&[1.5, 2.2, 3.5]).count(r.view(), g.view()).unwrap();
        assert_eq!(shells.mean_distance.to_vec()[..2], [1.5, 1.5]);
        assert!((shells.relative_neighbours[2] - 1000.0).abs() < 1e-6, "{shells:?}");
    }

    #[test]
    fn messages_state_the_error() {
        let [r, g] = curve(&[(2.0, 4.0)], 0.3);
        let message = |counter: ShellCounter, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>| {
            counter.count(r, g).unwrap_err().to_string()
        };
        assert_eq!(
            message(counter(&[3.0, 7.5]), r.view(), g.view()),
            "the PDF covers 0 to 5 Å; 7.5 Å lies outside"
        );
        assert_eq!(
            message(counter(&[3.0]), r.view(), r.view()),
            "the number of neighbours must be positive up to 3 Å, found 0"
        );
        let late = |values: &Array1<f64>| Array1::from(values.to_vec()[149..].to_vec());
        let (late_r, late_g) = (late(&r), late(&g));
        assert_eq!(
            message(counter(&[3.0]), late_r.view(), late_g.view()),
            "expected at least 3 points between 0 and 1.5 Å, to fit the slope of G, found 2"
        );
        assert_eq!(message(counter(&[3.0]), r.view(), late_r.view()), "expected 501 values of G, found 352");
    }
}
