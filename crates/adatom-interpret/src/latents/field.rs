//! A field that is given on the pixels of the image, as one value for each patch.

use adatom_core::{PatchCentre, PatchGrid};
use ndarray::{Array1, ArrayView2, Axis, Slice};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::{LatentError, Result, at_least, exactly};

/// The value of a field that is assigned to a patch.
///
/// ```
/// use adatom_interpret::{FieldSampling, ImageFrame, PatchGrid, Window, ndarray::Array2};
/// let grid = PatchGrid::regular([ImageFrame::new(4, 6)], Window::new(4, 4), [1, 1])?;
/// let ramp = Array2::from_shape_fn((4, 6), |(_, column)| 0.5 * column as f32);
/// // The first window's centre lies between columns 1 and 2.
/// assert_eq!(FieldSampling::Centre.of(&grid, &[ramp.view()])?.to_vec(), [0.75, 1.25, 1.75]);
/// assert_eq!(FieldSampling::WindowMean.of(&grid, &[ramp.view()])?.to_vec(), [0.75, 1.25, 1.75]);
///
/// let other = Array2::<f32>::zeros((4, 5));
/// let error = FieldSampling::Centre.of(&grid, &[other.view()]).unwrap_err();
/// assert_eq!(error.to_string(), "expected a field of 4 x 6 pixels like the image, found 4 x 5");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldSampling {
    /// The value at the patch's centre, by bilinear interpolation; of a field of whole numbers alone, which
    /// may be labels, that of the nearest pixel.
    #[default]
    Centre,
    /// The mean over the pixels of the window, without those that are not finite.
    WindowMean,
}

impl FieldSampling {
    /// The values `[n]` of the patches of a grid, of one field `[rows, columns]` for each image of the grid;
    /// NaN where the field has no finite value.
    ///
    /// # Errors
    /// [`LatentError::Length`] unless there is one field for each image, [`LatentError::FieldShape`] when one
    /// has another extent than its image, [`LatentError::TooFew`] when fewer than 2 patches have a value.
    pub fn of(self, grid: &PatchGrid, fields: &[ArrayView2<'_, f32>]) -> Result<Array1<f64>> {
        exactly("fields, one for each image", grid.frames().len(), fields.len())?;
        for (frame, field) in grid.frames().iter().zip(fields) {
            let (expected, found) = ([frame.height, frame.width], [field.nrows(), field.ncols()]);
            if expected != found {
                return Err(LatentError::FieldShape { expected, found });
            }
        }
        let whole =
            fields.iter().flatten().filter(|value| value.is_finite()).all(|value| value.fract() == 0.0);
        let value = |patch: usize| {
            let centre = grid.centre(patch);
            let field = fields[centre.image];
            match self {
                Self::Centre if whole => nearest(field, &centre),
                Self::Centre => bilinear(field, &centre),
                Self::WindowMean => window_mean(field, &centre, grid.window().half()),
            }
        };
        let values: Vec<f64> = (0..grid.len()).into_par_iter().map(value).collect();
        let known = values.iter().filter(|value| value.is_finite()).count();
        at_least("patches with a finite value of the field", 2, known)?;
        Ok(Array1::from(values))
    }
}

fn at(field: ArrayView2<'_, f32>, row: f64, column: f64) -> f64 {
    // Centres that were computed may lie outside by rounding alone.
    let index = |position: f64, length: usize| (position.max(0.0) as usize).min(length - 1);
    let value = f64::from(field[[index(row, field.nrows()), index(column, field.ncols())]]);
    if value.is_finite() { value } else { f64::NAN }
}

fn nearest(field: ArrayView2<'_, f32>, centre: &PatchCentre) -> f64 {
    at(field, centre.row.round(), centre.column.round())
}

fn bilinear(field: ArrayView2<'_, f32>, centre: &PatchCentre) -> f64 {
    let [row, column] = [centre.row.floor(), centre.column.floor()];
    let [down, right] = [centre.row - row, centre.column - column];
    let corners = [
        (0.0, 0.0, (1.0 - down) * (1.0 - right)),
        (0.0, 1.0, (1.0 - down) * right),
        (1.0, 0.0, down * (1.0 - right)),
        (1.0, 1.0, down * right),
    ];
    let weighed = corners.iter().filter(|(.., weight)| *weight > 0.0);
    weighed.map(|&(below, beside, weight)| weight * at(field, row + below, column + beside)).sum()
}

fn window_mean(field: ArrayView2<'_, f32>, centre: &PatchCentre, half: [f64; 2]) -> f64 {
    let range = |position: f64, half: f64, length: usize| {
        let first = (position - half).round().max(0.0) as usize;
        first.min(length)..((position + half).round().max(0.0) as usize + 1).min(length)
    };
    let rows = range(centre.row, half[0], field.nrows());
    let columns = range(centre.column, half[1], field.ncols());
    let mut window = field;
    window.slice_axis_inplace(Axis(0), Slice::from(rows));
    window.slice_axis_inplace(Axis(1), Slice::from(columns));
    let finite = || window.iter().filter(|value| value.is_finite()).map(|&value| f64::from(value));
    finite().sum::<f64>() / finite().count() as f64
}

#[cfg(test)]
mod tests {
    use adatom_core::{ImageFrame, Window};
    use ndarray::Array2;

    use super::*;

    #[test]
    fn labels_are_not_mixed_and_gaps_stay_gaps() {
        let grid = PatchGrid::regular([ImageFrame::new(4, 6)], Window::new(4, 4), [1, 1]).unwrap();
        let labels = Array2::from_shape_fn((4, 6), |(_, column)| if column < 3 { 1.0f32 } else { 4.0 });
        // Centres at columns 1.5, 2.5, 3.5 round to 2, 3, 4: labels 1, 4, 4, never 2.5.
        assert_eq!(FieldSampling::Centre.of(&grid, &[labels.view()]).unwrap().to_vec(), [1.0, 4.0, 4.0]);

        let mut holes = labels.mapv(|label| label + 0.5);
        holes[[1, 1]] = f32::NAN;
        let sampled = FieldSampling::Centre.of(&grid, &[holes.view()]).unwrap();
        // (1.5 + 4.5) / 2 between columns 2 and 3.
        assert!(sampled[0].is_nan() && sampled[1] == 3.0 && sampled[2] == 4.5, "{sampled}");
        // Of the 16 pixels of the first window 11 are 1.5 and 4 are 4.5; one is a hole.
        let means = FieldSampling::WindowMean.of(&grid, &[holes.view()]).unwrap();
        assert!((means[0] - (11.0 * 1.5 + 4.0 * 4.5) / 15.0).abs() < 1e-12);

        let empty = Array2::from_elem((4, 6), f32::NAN);
        let error = FieldSampling::WindowMean.of(&grid, &[empty.view()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected at least 2 patches with a finite value of the field, found 0"
        );
        let error = FieldSampling::Centre.of(&grid, &[]).unwrap_err();
        assert_eq!(error.to_string(), "expected 1 fields, one for each image, found 0");
    }
}
