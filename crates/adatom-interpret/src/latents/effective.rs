//! The effective number of independent patches for a correlation.
//!
//! Neighbouring patches overlap, and order parameters vary slowly: n patches are worth fewer. Modified t test
//! of Dutilleul, *Biometrics* 49, 305 (1993), after Clifford, Richardson and Hémon (1989): n' = 1 + tr(BΣₓ)
//! tr(BΣᵧ) / tr(BΣₓBΣᵧ), B the centring matrix, Σ the autocorrelation at the distance of two patches,
//! estimated from the data in classes of distance.

use adatom_core::{PatchCentre, Window, permutation};
use ndarray::{Array2, ArrayView1, Axis};

/// Matrices of so many patches are 8 MB; more patches are thinned at random, which never makes n' larger.
const MOST: usize = 1000;

/// Pairs of patches by their distance.
#[derive(Debug)]
pub(super) struct Pairs {
    /// The patches that are looked at.
    patches: Vec<usize>,
    /// The class of distance of each pair; `None` on different images.
    class: Array2<Option<u16>>,
    classes: usize,
}

impl Pairs {
    /// Of the patches `used`, which may be all of the `centres`.
    pub(super) fn new(centres: &[PatchCentre], used: &[usize], window: Window) -> Self {
        let mut patches: Vec<usize> =
            permutation(used.len(), 0, 0).into_iter().take(MOST).map(|index| used[index]).collect();
        patches.sort_unstable();
        let m = patches.len();
        let distance = |a: usize, b: usize| {
            let [a, b] = [centres[patches[a]], centres[patches[b]]];
            (a.image == b.image).then(|| (a.row - b.row).hypot(a.column - b.column))
        };
        let mut furthest = 0f64;
        for a in 0..m {
            for b in 0..a {
                furthest = distance(a, b).unwrap_or(0.0).max(furthest);
            }
        }
        // Half a window is finer than what patches that share pixels can differ in; at most 64 classes keep
        // enough pairs in each.
        let width = (window.height().min(window.width()) as f64 / 2.0).max(furthest / 64.0).max(1.0);
        let class =
            Array2::from_shape_fn((m, m), |(a, b)| distance(a, b).map(|distance| (distance / width) as u16));
        let classes = (furthest / width) as usize + 1;
        Self { patches, class, classes }
    }

    /// The double-centred matrix of autocorrelations BΣB of a quantity `[n]` of all patches.
    pub(super) fn structure(&self, values: ArrayView1<'_, f64>) -> Array2<f64> {
        let m = self.patches.len();
        let chosen: Vec<f64> = self.patches.iter().map(|&patch| values[patch]).collect();
        let mean = chosen.iter().sum::<f64>() / m as f64;
        let centred: Vec<f64> = chosen.iter().map(|value| value - mean).collect();
        let variance = centred.iter().map(|value| value * value).sum::<f64>() / m as f64;
        let (mut sums, mut counts) = (vec![0.0; self.classes], vec![0usize; self.classes]);
        for a in 0..m {
            for b in 0..a {
                if let Some(class) = self.class[[a, b]] {
                    sums[usize::from(class)] += centred[a] * centred[b];
                    counts[usize::from(class)] += 1;
                }
            }
        }
        let autocorrelation: Vec<f64> = sums
            .iter()
            .zip(&counts)
            .map(|(sum, &count)| {
                if count > 0 && variance > 0.0 {
                    (sum / count as f64 / variance).clamp(-1.0, 1.0)
                } else {
                    0.0
                }
            })
            .collect();
        let mut matrix = Array2::from_shape_fn((m, m), |(a, b)| match self.class[[a, b]] {
            _ if a == b => 1.0,
            Some(class) => autocorrelation[usize::from(class)],
            None => 0.0,
        });
        let means = matrix.mean_axis(Axis(0)).expect("at least two patches");
        let mean = means.sum() / m as f64;
        for ((a, b), value) in matrix.indexed_iter_mut() {
            *value += mean - means[a] - means[b];
        }
        matrix
    }
}

/// n' of two quantities by their [`structure`](Pairs::structure), between 1 and the number of patches looked
/// at.
pub(super) fn effective(x: &Array2<f64>, y: &Array2<f64>) -> f64 {
    let most = x.nrows() as f64;
    let product: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
    let found = 1.0 + x.diag().sum() * y.diag().sum() / product;
    if product > 0.0 && found.is_finite() { found.clamp(1.0, most) } else { most }
}

#[cfg(test)]
mod tests {
    use adatom_core::{ImageFrame, PatchGrid};
    use ndarray::Array1;

    use super::*;

    #[test]
    fn independent_values_count_fully_and_blocks_of_equal_ones_once() {
        // 30 × 30 patches; "white" has one value each, "blocks" one for 10 × 10 of them.
        let grid = PatchGrid::regular([ImageFrame::new(120, 120)], Window::square(4), [4, 4]).unwrap();
        let centres: Vec<_> = (0..grid.len()).map(|patch| grid.centre(patch)).collect();
        let used: Vec<usize> = (0..grid.len()).collect();
        let pairs = Pairs::new(&centres, &used, grid.window());
        let [first, second] = [1, 2].map(|stream| permutation(900, 3, stream));
        let white = |order: &[usize]| Array1::from_shape_fn(900, |i| order[i] as f64);
        let blocks =
            |order: &[usize]| Array1::from_shape_fn(900, |i| order[i / 300 * 3 + i % 30 / 10] as f64);
        let structure = |values: Array1<f64>| pairs.structure(values.view());
        let n = effective(&structure(white(&first)), &structure(white(&second)));
        assert!(n > 700.0, "{n}");
        let n = effective(&structure(blocks(&first)), &structure(white(&second)));
        assert!(n > 600.0, "a white field next to a smooth one: {n}");
        let n = effective(&structure(blocks(&first)), &structure(blocks(&second)));
        assert!((3.0..40.0).contains(&n), "nine blocks: {n}");
    }
}
