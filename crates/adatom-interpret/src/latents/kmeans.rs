//! k-means: first centres by k-means++ (Arthur and Vassilvitskii 2007), then the iterations of Lloyd (1982).

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// The largest number of iterations; some dozens are usual.
const ITERATIONS: usize = 300;

/// Clusters found from one set of first centres.
pub(super) struct Solution {
    /// `[clusters, k]`.
    pub(super) centres: Array2<f64>,
    /// The sum of squared distances of rows to the centre of their cluster.
    pub(super) squares: f64,
}

/// The clusters found from the first centres that `seed` draws; `None` when a cluster has no row.
pub(super) fn solve(rows: ArrayView2<'_, f64>, clusters: usize, seed: u64) -> Option<Solution> {
    let mut labels = plus_plus(rows, clusters, seed);
    let mut centres = means(rows, &labels, clusters);
    if !labels_all(&labels, clusters) {
        return None;
    }
    let mut before = f64::MAX;
    for _ in 0..ITERATIONS {
        let mut squares = 0.0;
        for (row, label) in rows.rows().into_iter().zip(&mut labels) {
            let nearest = nearest(row, centres.view());
            *label = nearest.cluster;
            squares += nearest.square;
        }
        let next = means(rows, &labels, clusters);
        for (cluster, mut centre) in centres.rows_mut().into_iter().enumerate() {
            // A cluster that has lost its rows keeps its centre.
            if labels.contains(&cluster) {
                centre.assign(&next.row(cluster));
            }
        }
        if before <= squares {
            break;
        }
        before = squares;
    }
    for (row, label) in rows.rows().into_iter().zip(&mut labels) {
        *label = nearest(row, centres.view()).cluster;
    }
    if !labels_all(&labels, clusters) {
        return None;
    }
    let centres = means(rows, &labels, clusters);
    let squares = rows.rows().into_iter().zip(&labels).map(|(row, &label)| distance(row, centres.row(label)));
    let squares = squares.sum();
    Some(Solution { centres, squares })
}

/// The cluster of every row for first centres that are rows, each drawn with a probability that is
/// proportional to the squared distance to the centres before it.
fn plus_plus(rows: ArrayView2<'_, f64>, clusters: usize, seed: u64) -> Vec<usize> {
    let mut random = SmallRng::seed_from_u64(seed);
    let n = rows.nrows();
    let mut labels = vec![0; n];
    let mut squares = vec![f64::MAX; n];
    let mut centre = random.random_range(0..n);
    for cluster in 0..clusters {
        if cluster > 0 {
            let cutoff = random.random::<f64>() * squares.iter().sum::<f64>();
            let mut sum = 0.0;
            let reaches = |square: &f64| {
                sum += square;
                sum >= cutoff
            };
            // The sum may fall short of the cutoff by rounding.
            centre = squares.iter().position(reaches).unwrap_or(n - 1);
        }
        for (row, (label, square)) in labels.iter_mut().zip(&mut squares).enumerate() {
            let here = distance(rows.row(row), rows.row(centre));
            if here < *square {
                (*label, *square) = (cluster, here);
            }
        }
    }
    labels
}

/// The nearest centre of a row.
pub(super) struct Nearest {
    pub(super) cluster: usize,
    /// The squared distance.
    pub(super) square: f64,
}

/// The nearest of `centres`; the first of several.
pub(super) fn nearest(row: ArrayView1<'_, f64>, centres: ArrayView2<'_, f64>) -> Nearest {
    let mut best = Nearest { cluster: 0, square: f64::INFINITY };
    for (cluster, centre) in centres.rows().into_iter().enumerate() {
        let square = distance(row, centre);
        if square < best.square {
            best = Nearest { cluster, square };
        }
    }
    best
}

/// The squared distance of two rows.
pub(super) fn distance(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// The mean of the rows of each cluster; 0 for one without rows.
pub(super) fn means(rows: ArrayView2<'_, f64>, labels: &[usize], clusters: usize) -> Array2<f64> {
    let mut sums = Array2::zeros((clusters, rows.ncols()));
    let mut sizes = Array1::<f64>::zeros(clusters);
    for (row, &label) in rows.rows().into_iter().zip(labels) {
        let mut sum = sums.row_mut(label);
        sum += &row;
        sizes[label] += 1.0;
    }
    sums / sizes.mapv(|size| size.max(1.0)).insert_axis(Axis(1))
}

fn labels_all(labels: &[usize], clusters: usize) -> bool {
    (0..clusters).all(|cluster| labels.contains(&cluster))
}

#[cfg(test)]
mod tests {
    use smartcore::cluster::kmeans::{KMeans, KMeansParameters};
    use smartcore::linalg::basic::matrix::DenseMatrix;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_clusters_of_smartcore() {
        for (rows, clusters) in [(60, 2), (400, 3), (1000, 7), (90, 12)] {
            let data = Array2::from_shape_fn((rows, 3), |(row, column)| {
                ((row * (2 * column + 3)) as f64 * 0.37).sin() + 3.0 * (row % (column + 2)) as f64
            });
            let lists: Vec<Vec<f64>> = data.rows().into_iter().map(|row| row.to_vec()).collect();
            let matrix = DenseMatrix::from_2d_vec(&lists).unwrap();
            for seed in 0..20 {
                let params = KMeansParameters { k: clusters, max_iter: ITERATIONS, seed: Some(seed) };
                let theirs = KMeans::<f64, u32, _, Vec<u32>>::fit(&matrix, params).unwrap();
                let theirs = theirs.predict(&matrix).unwrap();
                let Some(ours) = solve(data.view(), clusters, seed) else {
                    assert!((0..clusters as u32).any(|cluster| !theirs.contains(&cluster)));
                    continue;
                };
                let theirs: Vec<usize> = theirs.into_iter().map(|label| label as usize).collect();
                let difference = ours.centres - means(data.view(), &theirs, clusters);
                let largest = difference.iter().fold(0f64, |largest, value| largest.max(value.abs()));
                assert!(largest < 1e-9, "{rows} rows, {clusters} clusters, seed {seed}: {largest}");
            }
        }
    }
}
