//! Eigenvalues of a symmetric 3 × 3 matrix A: with q = tr A / 3, B = A - q I, p² = tr B² / 6 and cos 3φ =
//! det(B / p) / 2 they are q + 2 p cos(φ + 2πk/3), k = 0, 1, 2 (O. K. Smith, *Commun. ACM* 4 (1961) 168).

use super::vector::{cross, dot};

/// In no particular order.
pub(super) fn eigenvalues(a: [[f64; 3]; 3]) -> [f64; 3] {
    let q = (a[0][0] + a[1][1] + a[2][2]) / 3.0;
    let b: [[f64; 3]; 3] =
        std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] - if i == j { q } else { 0.0 }));
    let p = (b.iter().flatten().map(|x| x * x).sum::<f64>() / 6.0).sqrt();
    // All of a regular octahedron's are equal, but for rounding.
    if p < 1e-12 {
        return [q; 3];
    }
    let half = 0.5 * dot(b[0], cross(b[1], b[2])) / p.powi(3);
    let angle = half.clamp(-1.0, 1.0).acos() / 3.0;
    [0.0, 1.0, 2.0].map(|k| q + 2.0 * p * (angle + k * std::f64::consts::TAU / 3.0).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_and_determinant_are_those_of_the_matrix() {
        let a = [[2.0, -1.0, 0.5], [-1.0, 3.0, 0.25], [0.5, 0.25, -1.0]];
        let values = eigenvalues(a);
        let product: f64 = values.iter().product();
        assert!((values.iter().sum::<f64>() - 4.0).abs() < 1e-12);
        assert!((product - dot(a[0], cross(a[1], a[2]))).abs() < 1e-12);
        assert_eq!(eigenvalues([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.5]]), [0.5; 3]);
    }
}
