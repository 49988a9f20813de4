//! Polynomials fitted to chunks of a spectrum, each in its own coordinate t from -1 (first point of the
//! chunk) to 1 (last point): y ≈ c0 + c1 t + c2 t² + c3 t³.
//!
//! The multiscale features of Torrisi et al., *npj Comput. Mater.* 6, 109 (2020): level, slope, curvature and
//! skewness of the spectrum on several scales. Chunks differ by at most one point in length.

use ndarray::{Array2, ArrayView1, Axis, Slice};

use super::least_squares::PolynomialFit;
use crate::{Error, Result};

/// Polynomial fits to the chunks of a grid, prepared for any number of spectra on it.
///
/// ```
/// use adatom_spectra::{
///     ChunkPolynomials,
///     ndarray::{Array1, array},
/// };
/// let x = Array1::from_iter((0..8).map(f64::from));
/// let fits = ChunkPolynomials::new(x.view(), 2, 1)?;
/// assert_eq!(fits.centres(), [1.5, 5.5]);
/// // A straight line 10 x: the values at the centres, and 10 times half the width 1.5.
/// let found = fits.coefficients((10.0 * &x).view())?;
/// assert!((found - array![[15.0, 15.0], [55.0, 15.0]]).iter().all(|error| error.abs() < 1e-12));
///
/// let error = ChunkPolynomials::new(x.view(), 4, 3).unwrap_err();
/// assert_eq!(error.to_string(), "expected at least 16 points for 4 polynomials of degree 3, found 8");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkPolynomials {
    starts: Vec<usize>,
    centres: Vec<f64>,
    fits: Vec<PolynomialFit>,
    degree: usize,
}

/// Higher powers cannot be distinguished in `f64`.
const HIGHEST_DEGREE: usize = 9;

/// The numbers of one chunk.
fn chunk<'a>(numbers: ArrayView1<'a, f64>, bounds: &[usize]) -> ArrayView1<'a, f64> {
    numbers.slice_axis_move(Axis(0), Slice::from(bounds[0]..bounds[1]))
}

impl ChunkPolynomials {
    /// Prepares fits on `chunks` chunks of increasing `points` `[n]`; chunk i begins at point ⌊i n / chunks⌋.
    ///
    /// # Errors
    /// [`Error::Argument`] for no chunk or a degree above 9; [`Error::TooFew`] for fewer than degree + 1
    /// points in a chunk.
    pub fn new(points: ArrayView1<'_, f64>, chunks: usize, degree: usize) -> Result<Self> {
        if chunks == 0 {
            let (expected, found) = ("at least 1".to_owned(), "0".to_owned());
            return Err(Error::Argument { what: "the number of chunks", expected, found });
        }
        if degree > HIGHEST_DEGREE {
            let expected = format!("at most {HIGHEST_DEGREE}");
            return Err(Error::Argument { what: "the degree", expected, found: degree.to_string() });
        }
        let n = points.len();
        if n / chunks < degree + 1 {
            let what = format!("points for {chunks} polynomials of degree {degree}");
            return Err(Error::TooFew { what, least: chunks.saturating_mul(degree + 1), found: n });
        }
        let starts: Vec<usize> = (0..=chunks).map(|chunk| chunk * n / chunks).collect();
        let (mut centres, mut fits) = (Vec::with_capacity(chunks), Vec::with_capacity(chunks));
        for bounds in starts.windows(2) {
            let (first, last) = (points[bounds[0]], points[bounds[1] - 1]);
            let (centre, half) = (0.5 * (first + last), 0.5 * (last - first));
            let position = |&x: &f64| if half > 0.0 { (x - centre) / half } else { 0.0 };
            let positions: Vec<f64> = chunk(points, bounds).iter().map(position).collect();
            centres.push(centre);
            fits.push(PolynomialFit::new(&positions, degree));
        }
        Ok(Self { starts, centres, fits, degree })
    }

    /// The centres of the chunks, midway between first and last point.
    pub fn centres(&self) -> &[f64] {
        &self.centres
    }

    /// The degree of the polynomials.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// The name in columns of a table, such as `cubic10` for ten cubic polynomials.
    pub fn name(&self) -> String {
        let chunks = self.centres.len();
        match self.degree {
            0 => format!("mean{chunks}"),
            1 => format!("linear{chunks}"),
            2 => format!("quadratic{chunks}"),
            3 => format!("cubic{chunks}"),
            degree => format!("degree{degree}-{chunks}"),
        }
    }

    /// The coefficients `[chunks, degree + 1]`, lowest power first, of `values` `[points]`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one value per point.
    pub fn coefficients(&self, values: ArrayView1<'_, f64>) -> Result<Array2<f64>> {
        let expected = self.starts[self.starts.len() - 1];
        if values.len() != expected {
            return Err(Error::Length { what: "values to fit", expected, found: values.len() });
        }
        let mut coefficients = Array2::zeros((self.fits.len(), self.degree + 1));
        for ((fit, bounds), mut row) in
            self.fits.iter().zip(self.starts.windows(2)).zip(coefficients.rows_mut())
        {
            row.assign(&fit.coefficients(chunk(values, bounds)));
        }
        Ok(coefficients)
    }
}

/// The coefficients `[chunks, degree + 1]` of polynomials fitted to chunks of one spectrum. For many spectra
/// on one grid, prepare [`ChunkPolynomials`] once.
///
/// ```
/// use adatom_spectra::{chunk_polynomials, ndarray::Array1};
/// let x = Array1::linspace(8987.5, 9039.7, 100);
/// let y = x.mapv(|energy: f64| (energy - 9000.0).tanh());
/// assert_eq!(chunk_polynomials(x.view(), y.view(), 20, 3)?.dim(), (20, 4));
/// assert!(chunk_polynomials(x.view(), y.view(), 50, 3).is_err());
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
///
/// # Errors
/// As [`ChunkPolynomials::new`] and [`ChunkPolynomials::coefficients`].
pub fn chunk_polynomials(
    points: ArrayView1<'_, f64>,
    values: ArrayView1<'_, f64>,
    chunks: usize,
    degree: usize,
) -> Result<Array2<f64>> {
    ChunkPolynomials::new(points, chunks, degree)?.coefficients(values)
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;

    #[test]
    fn coefficients_refer_to_the_coordinate_of_the_chunk() {
        // With x = c + h t: x³ = c³ + 3c²h t + 3ch² t² + h³ t³, for c and h of every chunk.
        let points = Array1::linspace(-2.0, 3.0, 50);
        let found = chunk_polynomials(points.view(), points.mapv(|x| x.powi(3)).view(), 5, 3).unwrap();
        for chunk in 0..5 {
            let (first, last) = (points[10 * chunk], points[10 * chunk + 9]);
            let (c, h) = (0.5 * (first + last), 0.5 * (last - first));
            let expected = [c.powi(3), 3.0 * c * c * h, 3.0 * c * h * h, h.powi(3)];
            for (found, expected) in found.row(chunk).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-13, "{found} instead of {expected}");
            }
        }
    }

    #[test]
    fn chunks_differ_by_at_most_one_point() {
        // ⌊i 11 / 3⌋ = 0, 3, 7, 11.
        let points = Array1::from_iter((0..11).map(f64::from));
        let fits = ChunkPolynomials::new(points.view(), 3, 2).unwrap();
        assert_eq!(fits.centres(), [1.0, 4.5, 8.5]);
        assert_eq!(fits.name(), "quadratic3");
        assert!(fits.coefficients(chunk(points.view(), &[0, 10])).is_err());
    }

    #[test]
    fn a_mean_may_have_one_point() {
        let points = Array1::from(vec![1.0, 2.0]);
        let found = chunk_polynomials(points.view(), points.view(), 2, 0).unwrap();
        assert_eq!(found, ndarray::array![[1.0], [2.0]]);
        assert!(ChunkPolynomials::new(points.view(), 0, 0).is_err());
        assert!(ChunkPolynomials::new(points.view(), usize::MAX, 3).is_err());
    }
}
