//! How much nearer each patch is to its own cluster than to the next one: (b - a) / max(a, b), a the mean
//! distance to the others of its cluster, b the smallest mean distance to another cluster.
//!
//! Rousseeuw, *J. Comput. Appl. Math.* 20, 53 (1987).

use ndarray::ArrayView2;
use rayon::prelude::*;

/// The silhouette of every row; 0 for the only one of its cluster, as in the source.
pub(super) fn silhouettes(rows: ArrayView2<'_, f64>, labels: &[usize], clusters: usize) -> Vec<f64> {
    let mut sizes = vec![0usize; clusters];
    labels.iter().for_each(|&label| sizes[label] += 1);
    let of = |row: usize| {
        let mut sums = vec![0.0; clusters];
        for (other, &label) in labels.iter().enumerate() {
            let squares =
                rows.row(row).iter().zip(rows.row(other)).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            sums[label] += squares.sqrt();
        }
        let own = labels[row];
        if sizes[own] < 2 {
            return 0.0;
        }
        let inside = sums[own] / (sizes[own] - 1) as f64;
        let outside = (0..clusters)
            .filter(|&cluster| cluster != own && sizes[cluster] > 0)
            .map(|cluster| sums[cluster] / sizes[cluster] as f64)
            .fold(f64::INFINITY, f64::min);
        let larger = inside.max(outside);
        if larger > 0.0 && larger.is_finite() { (outside - inside) / larger } else { 0.0 }
    };
    (0..labels.len()).into_par_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_case_by_hand() {
        // 0 and 1 in one cluster, 5 and 9 in the other. Of 0: a = 1, b = (5 + 9) / 2 = 7. Of 5: a = 4,
        // b = (5 + 4) / 2 = 4.5.
        let rows = ndarray::arr2(&[[0.0], [1.0], [5.0], [9.0]]);
        let found = silhouettes(rows.view(), &[0, 0, 1, 1], 2);
        assert!((found[0] - 6.0 / 7.0).abs() < 1e-15 && (found[2] - 0.5 / 4.5).abs() < 1e-15, "{found:?}");
        // Alone: 0.
        assert_eq!(silhouettes(rows.view(), &[0, 0, 0, 1], 2)[3], 0.0);
    }
}
