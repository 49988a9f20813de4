//! Three cell vectors.

use crate::{Error, Result};

/// Three cell vectors in Å, as rows, of positive finite volume.
///
/// ```
/// use adatom_crystal::Lattice;
/// let cell = Lattice::from_parameters([3.0, 4.0, 5.0], [90.0, 90.0, 120.0])?;
/// assert!((cell.volume() - 60.0 * 0.75f64.sqrt()).abs() < 1e-12);
/// assert!(Lattice::new([[1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).is_err());
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Lattice {
    vectors: [[f64; 3]; 3],
    /// Rows are the reciprocal vectors without 2π: `inverse[i] · vectors[j]` = δ.
    reciprocal: [[f64; 3]; 3],
}

pub(crate) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

impl Lattice {
    /// A cell from its vectors, Å, one per row.
    ///
    /// # Errors
    /// A component that is not finite, or vectors that span no volume.
    pub fn new(vectors: [[f64; 3]; 3]) -> Result<Self> {
        let [a, b, c] = vectors;
        let volume = dot(a, cross(b, c));
        let size = vectors.iter().map(|vector| dot(*vector, *vector).sqrt()).product::<f64>();
        if !(size.is_finite() && volume.abs() > 1e-9 * size) {
            let found = format!("a volume of {volume} Å³");
            return Err(Error::Structure { what: "cell", expected: "of positive finite volume", found });
        }
        let scaled = |vector: [f64; 3]| vector.map(|component| component / volume);
        Ok(Self { vectors, reciprocal: [scaled(cross(b, c)), scaled(cross(c, a)), scaled(cross(a, b))] })
    }

    /// A cell from its lengths (Å) and angles (degrees: between b and c, a and c, a and b); c lies along z, a
    /// in the plane of x and z.
    ///
    /// # Errors
    /// Lengths that are not positive, or angles that no cell has.
    pub fn from_parameters(lengths: [f64; 3], angles: [f64; 3]) -> Result<Self> {
        let wrong = || Error::Structure {
            what: "cell",
            expected: "of positive lengths with angles that close",
            found: format!("{lengths:?} Å, {angles:?} degrees"),
        };
        if !lengths.iter().all(|length| length.is_finite() && *length > 0.0) {
            return Err(wrong());
        }
        // Right angles are exact; the cosine of 90 degrees in radians is not quite 0.
        let cosine = |angle: f64| if angle == 90.0 { 0.0 } else { angle.to_radians().cos() };
        let [alpha, beta, gamma] = angles.map(cosine);
        let (sin_alpha, sin_beta) = ((1.0 - alpha * alpha).sqrt(), (1.0 - beta * beta).sqrt());
        let gamma_star = (alpha * beta - gamma) / (sin_alpha * sin_beta);
        if gamma_star.is_nan() || gamma_star.abs() >= 1.0 {
            return Err(wrong());
        }
        let [a, b, c] = lengths;
        Self::new([
            [a * sin_beta, 0.0, a * beta],
            [-b * sin_alpha * gamma_star, b * sin_alpha * (1.0 - gamma_star * gamma_star).sqrt(), b * alpha],
            [0.0, 0.0, c],
        ])
    }

    /// The cell vectors, Å, one per row.
    pub fn vectors(&self) -> [[f64; 3]; 3] {
        self.vectors
    }

    /// The reciprocal vectors without 2π, 1/Å, one per row.
    pub fn reciprocal(&self) -> [[f64; 3]; 3] {
        self.reciprocal
    }

    /// Lengths of the cell vectors, Å.
    pub fn lengths(&self) -> [f64; 3] {
        self.vectors.map(|vector| dot(vector, vector).sqrt())
    }

    /// Angles in degrees: between b and c, a and c, a and b.
    pub fn angles(&self) -> [f64; 3] {
        let ([a, b, c], lengths) = (self.vectors, self.lengths());
        let angle =
            |left, right, product: f64| (dot(left, right) / product).clamp(-1.0, 1.0).acos().to_degrees();
        [
            angle(b, c, lengths[1] * lengths[2]),
            angle(a, c, lengths[0] * lengths[2]),
            angle(a, b, lengths[0] * lengths[1]),
        ]
    }

    /// The volume, Å³.
    pub fn volume(&self) -> f64 {
        let [a, b, c] = self.vectors;
        dot(a, cross(b, c)).abs()
    }

    /// The distance between neighbouring lattice planes of each axis, Å.
    pub fn plane_distances(&self) -> [f64; 3] {
        self.reciprocal.map(|vector| 1.0 / dot(vector, vector).sqrt())
    }

    /// The position of fractional coordinates, Å.
    pub fn cartesian(&self, fractional: [f64; 3]) -> [f64; 3] {
        let v = &self.vectors;
        std::array::from_fn(|k| (0..3).map(|i| fractional[i] * v[i][k]).sum())
    }

    /// The fractional coordinates of a position in Å.
    pub fn fractional(&self, place: [f64; 3]) -> [f64; 3] {
        self.reciprocal.map(|vector| dot(vector, place))
    }

    /// A tensor of fractional displacements <Δx_i Δx_j> in Cartesian axes, Å².
    pub(crate) fn cartesian_tensor(&self, tensor: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
        congruent(tensor, self.vectors)
    }

    /// A Cartesian tensor, Å², in fractional displacements <Δx_i Δx_j>.
    pub(crate) fn fractional_tensor(&self, tensor: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
        let r = self.reciprocal;
        congruent(tensor, std::array::from_fn(|i| std::array::from_fn(|j| r[j][i])))
    }
}

/// Mᵀ T M.
fn congruent(tensor: [[f64; 3]; 3], m: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let element = |k: usize, l: usize| {
        let pairs = (0..3).flat_map(|i| (0..3).map(move |j| (i, j)));
        pairs.map(|(i, j)| m[i][k] * tensor[i][j] * m[j][l]).sum()
    };
    std::array::from_fn(|k| std::array::from_fn(|l| element(k, l)))
}
