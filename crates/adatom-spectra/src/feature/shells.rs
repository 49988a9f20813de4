//! Which shells of neighbours stand below which peaks of a PDF: with R(r) = r (G(r) - s r), s the slope of G where there is
//! no atom, the number of neighbours up to r is n(r) = ∫ R, and their mean distance m(r) = ∫ r R / n(r).
//!
//! s is -4π ρ0 for a total PDF (Egami, Billinge, Underneath the Bragg Peaks, 2nd ed., eq. 3.37), and the share of it
//! that belongs to an element for a differential one. n is known but for a factor that depends on the composition;
//! m and ratios of n do not depend on it, nor on the scale of a measured PDF.

use adatom_core::{FeatureColumn, Modality};
use ndarray::{Array1, ArrayView1};

use crate::{DistanceGrid, Error, Result};

/// Below this part of all neighbours that are looked at there are none: what is there are termination ripples.
const NONE: f64 = 1e-3;

/// The shells of neighbours of a PDF at some distances.
#[derive(Debug, Clone, PartialEq)]
pub struct Shells {
    /// s, 1/Å³: the slope of G below the first neighbours.
    pub slope: f64,
    /// n(r), `[n]`, in units of the PDF's normalisation, 1/Å² times Å².
    pub neighbours: Array1<f64>,
    /// m(r), `[n]`, Å; the first distance where there are no neighbours up to r.
    pub mean_distance: Array1<f64>,
    /// n(r) as a share of the neighbours within the first shell, `[n]`.
    pub share: Array1<f64>,
}

/// How shells of neighbours are counted: up to where there is no atom, how far the first shell reaches, and at which
/// distances the counts are wanted.
///
/// ```
/// use adatom_spectra::{ShellCounter, DistanceGrid, ndarray::Array1};
/// // Six neighbours at 2 Å and eight at 3 Å, in peaks of σ = 0.1 Å on a density of which -0.5 r is left.
/// let r = Array1::linspace(0.0, 4.0, 401);
/// let peak = |r: f64, at: f64| (-((r - at) / 0.1_f64).powi(2) / 2.0).exp() / (0.1 * 2.506_628_274_631);
/// let g = r.mapv(|r| if r > 0.0 { (6.0 * peak(r, 2.0) + 8.0 * peak(r, 3.0)) / r - 0.5 * r } else { 0.0 });
/// let counter = ShellCounter::new(1.5, 2.5, DistanceGrid::new(vec![1.5, 2.5, 3.5])?)?;
/// let shells = counter.count(r.view(), g.view())?;
/// assert!((shells.slope + 0.5).abs() < 1e-5);
/// assert!((&shells.neighbours - &Array1::from(vec![0.0, 6.0, 14.0])).iter().all(|error| error.abs() < 1e-4));
/// assert!((&shells.mean_distance - &Array1::from(vec![1.5, 2.0, 36.0 / 14.0])).iter().all(|error| error.abs() < 1e-4));
/// assert!((shells.share[2] - 14.0 / 6.0).abs() < 1e-4);
///
/// let error = ShellCounter::new(2.5, 1.5, DistanceGrid::new(vec![3.0])?).unwrap_err();
/// assert_eq!(error.to_string(), "the end of the first shell must be beyond 2.5 Å, where atoms begin, found 1.5");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ShellCounter {
    empty: f64,
    first: f64,
    distances: DistanceGrid,
}

impl ShellCounter {
    /// Counts at `distances`, where no atom is nearer than `empty` and the first shell reaches up to `first` (Å).
    ///
    /// # Errors
    /// `empty` is not positive, or `first` not beyond it.
    pub fn new(empty: f64, first: f64, distances: DistanceGrid) -> Result<Self> {
        if !(empty > 0.0 && empty.is_finite()) {
            let (what, expected) = ("the distance below which there is no atom", "positive".to_owned());
            return Err(Error::Argument { what, expected, found: empty.to_string() });
        }
        if !(first > empty && first.is_finite()) {
            let expected = format!("beyond {empty} Å, where atoms begin");
            return Err(Error::Argument {
                what: "the end of the first shell",
                expected,
                found: first.to_string(),
            });
        }
        Ok(Self { empty, first, distances })
    }

    /// The distances at which is counted.
    pub fn distances(&self) -> &DistanceGrid {
        &self.distances
    }

    /// The shells of a PDF: `g` `[n]` at increasing distances `r` `[n]`.
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::OutOfRange`] when the PDF does not reach to the last distance;
    /// [`Error::Points`] when fewer than 3 points lie below the first neighbours;
    /// [`Error::Argument`] when up to the last distance, or the end of the first shell, the sum of neighbours is not
    /// positive.
    pub fn count(&self, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>) -> Result<Shells> {
        if r.len() != g.len() || r.is_empty() {
            return Err(Error::Length { what: "values of G", expected: r.len().max(1), found: g.len() });
        }
        let (from, to, farthest) = (r[0], r[r.len() - 1], self.distances.last().max(self.first));
        if let Some(asked) = [farthest, self.distances.first()].into_iter().find(|&at| at > to || at < from) {
            return Err(Error::OutOfRange { what: "the PDF".into(), from, to, unit: "Å", asked });
        }
        let slope = self.slope(r, g)?;
        let (sums, moments) = self.running(r, g, slope);
        let at = |sums: &[f64], distance: f64| between(r, sums, distance);
        let all = at(&sums, farthest);
        if all <= 0.0 {
            let (what, expected) = ("the sum of neighbours", format!("positive up to {farthest} Å"));
            return Err(Error::Argument { what, expected, found: all.to_string() });
        }
        let nothing = NONE * all;
        let first = at(&sums, self.first).max(nothing);
        let neighbours = self.distances.values().mapv(|distance| at(&sums, distance));
        let mean = |distance: f64| match at(&sums, distance) {
            sum if sum > nothing => at(&moments, distance) / sum,
            _ => self.distances.first(),
        };
        let mean_distance = self.distances.values().mapv(mean);
        Ok(Shells { slope, share: &neighbours / first, neighbours, mean_distance })
    }

    /// Σ r G / Σ r²: the straight line through the origin with the least squared distance.
    fn slope(&self, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>) -> Result<f64> {
        let below: Vec<usize> = (0..r.len()).filter(|&at| r[at] > 0.0 && r[at] <= self.empty).collect();
        if below.len() < 3 {
            let what = format!("points between 0 and {} Å, for the slope of G", self.empty);
            return Err(Error::Points { what, expected: 3, found: below.len() });
        }
        let sum = |value: &dyn Fn(usize) -> f64| below.iter().map(|&at| value(at)).sum::<f64>();
        Ok(sum(&|at| r[at] * g[at]) / sum(&|at| r[at] * r[at]))
    }

    /// ∫ R and ∫ r R from where atoms begin to every point (trapezoids).
    fn running(&self, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>, slope: f64) -> (Vec<f64>, Vec<f64>) {
        let radial = |at: usize| if r[at] < self.empty { 0.0 } else { r[at] * (g[at] - slope * r[at]) };
        let (mut sums, mut moments) = (vec![0.0; r.len()], vec![0.0; r.len()]);
        for at in 1..r.len() {
            let half = 0.5 * (r[at] - r[at - 1]);
            let (before, here) = (radial(at - 1), radial(at));
            sums[at] = sums[at - 1] + half * (before + here);
            moments[at] = moments[at - 1] + half * (before * r[at - 1] + here * r[at]);
        }
        (sums, moments)
    }

    /// `dpdf:mean-distance@2.5` and `dpdf:neighbours@2.5` at every distance, the former first.
    pub(crate) fn columns(&self, modality: &Modality) -> Result<Vec<FeatureColumn>> {
        let mut columns = Vec::with_capacity(2 * self.distances.len());
        for quantity in ["mean-distance", "neighbours"] {
            for &distance in self.distances.values() {
                columns.push(FeatureColumn::derived(modality.clone(), quantity, distance)?);
            }
        }
        Ok(columns)
    }

    /// The numbers of [`columns`](Self::columns).
    pub(crate) fn values(&self, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>) -> Result<Vec<f64>> {
        let shells = self.count(r, g)?;
        Ok(shells.mean_distance.into_iter().chain(shells.share).collect())
    }
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
    fn neither_scale_nor_density_changes_means_and_shares() {
        // A Jahn-Teller octahedron: four at 1.95 Å and two at 2.5 Å; the mean of all is 2.1333.
        let counter = counter(&[1.5, 2.2, 3.0]);
        let [r, g] = curve(&[(1.95, 4.0), (2.5, 2.0)], 0.7);
        let plain = counter.count(r.view(), g.view()).unwrap();
        assert!((plain.mean_distance[2] - (4.0 * 1.95 + 2.0 * 2.5) / 6.0).abs() < 1e-3, "{plain:?}");
        // Below 2.2 Å lies 0.13 % of the farther peak (3 σ), 0.6 % of the nearer one lies beyond.
        assert!((plain.share[2] - 1.5).abs() < 0.01, "{plain:?}");
        let [_, other] = curve(&[(1.95, 4.0), (2.5, 2.0)], 0.1);
        let scaled = counter.count(r.view(), (3.0 * &other).view()).unwrap();
        for (one, two) in [(&plain.mean_distance, &scaled.mean_distance), (&plain.share, &scaled.share)] {
            assert!((one - two).iter().all(|error| error.abs() < 1e-4), "{one} {two}");
        }
        assert!((scaled.neighbours[2] / plain.neighbours[2] - 3.0).abs() < 1e-4);
    }

    #[test]
    fn without_a_first_shell_nothing_is_divided_by_zero() {
        let [r, g] = curve(&[(2.9, 4.0)], 0.3);
        let shells = counter(&[1.5, 2.2, 3.5]).count(r.view(), g.view()).unwrap();
        assert_eq!(shells.mean_distance.to_vec()[..2], [1.5, 1.5]);
        assert!((shells.share[2] - 1000.0).abs() < 1e-6, "{shells:?}");
    }

    #[test]
    fn what_cannot_be_counted_is_said() {
        let [r, g] = curve(&[(2.0, 4.0)], 0.3);
        let message = |counter: ShellCounter, r: ArrayView1<'_, f64>, g: ArrayView1<'_, f64>| {
            counter.count(r, g).unwrap_err().to_string()
        };
        assert_eq!(
            message(counter(&[3.0, 7.5]), r.view(), g.view()),
            "the PDF covers 0 to 5 Å, but 7.5 Å is asked for"
        );
        assert_eq!(
            message(counter(&[3.0]), r.view(), r.view()),
            "the sum of neighbours must be positive up to 3 Å, found 0"
        );
        let late = |values: &ndarray::Array1<f64>| {
            values.to_vec()[149..].iter().copied().collect::<ndarray::Array1<f64>>()
        };
        assert_eq!(
            message(counter(&[3.0]), late(&r).view(), late(&g).view()),
            "expected 3 points between 0 and 1.5 Å, for the slope of G, found 2"
        );
        assert_eq!(
            message(counter(&[3.0]), r.view(), late(&r).view()),
            "expected 501 values of G, found 352"
        );
    }
}
