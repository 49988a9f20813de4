//! Latent variables of patches: their relation to given fields, clusters of patches, tables for forests.

pub(crate) mod clusters;
pub(crate) mod correlation;
mod effective;
pub(crate) mod error;
pub(crate) mod field;
mod kmeans;
mod linear;
mod silhouette;
mod table;

use adatom_core::{PatchCentre, PatchGrid, Window};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Slice};

use self::error::{LatentError, Result, at_least, exactly};

/// Latent variables of the n patches of a grid, with their names and the positions of the patches.
///
/// Content latents come first. Others, such as a scale, are correlated with fields but not used for clusters.
///
/// ```
/// use adatom_interpret::{
///     ImageFrame, Latents, PatchGrid, Window,
///     ndarray::{Array1, Array2},
/// };
/// let grid = PatchGrid::regular([ImageFrame::new(12, 16)], Window::square(4), [4, 4])?;
/// let content = Array2::from_shape_fn((grid.len(), 2), |(patch, k)| ((patch + 3 * k) as f32).sin());
/// let angle = Array1::from_shape_fn(grid.len(), |patch| patch as f32 / 4.0);
/// let latents = Latents::new(&grid, content.view())?.with_angle("rotation", angle.view())?;
/// assert_eq!(latents.names(), ["content 1", "content 2", "cos rotation", "sin rotation"]);
///
/// let dead = Array2::<f32>::zeros((grid.len(), 1));
/// let error = Latents::new(&grid, dead.view()).unwrap_err();
/// assert_eq!(error.to_string(), "content 1 has the constant value 0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Latents {
    names: Vec<String>,
    values: Array2<f64>,
    content: usize,
    centres: Vec<PatchCentre>,
    window: Window,
}

impl Latents {
    /// Content latents `[n, k]` of the patches of `grid`, named "content 1" to "content k".
    ///
    /// # Errors
    /// [`LatentError::TooFew`] for fewer than 2 patches or no latent, [`LatentError::Length`] unless there is
    /// one row for each patch, [`LatentError::NotFinite`], [`LatentError::Constant`] for a latent that is the
    /// same for all patches.
    pub fn new(grid: &PatchGrid, content: ArrayView2<'_, f32>) -> Result<Self> {
        Self::named(grid, (1..=content.ncols()).map(|number| format!("content {number}")), content)
    }

    /// Content latents `[n, k]` with given names.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`LatentError::Length`] unless there is one name for each latent.
    pub fn named<S: Into<String>>(
        grid: &PatchGrid,
        names: impl IntoIterator<Item = S>,
        content: ArrayView2<'_, f32>,
    ) -> Result<Self> {
        exactly("rows of latent variables", grid.len(), content.nrows())?;
        at_least("patches", 2, content.nrows())?;
        at_least("latent variables", 1, content.ncols())?;
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        exactly("names of latent variables", content.ncols(), names.len())?;
        for (name, column) in names.iter().zip(content.columns()) {
            check(name, column)?;
        }
        let centres = (0..grid.len()).map(|patch| grid.centre(patch)).collect();
        let values = content.mapv(f64::from);
        Ok(Self { names, values, content: content.ncols(), centres, window: grid.window() })
    }

    /// Adds a variable `[n]` that is not content, such as a scale.
    ///
    /// # Errors
    /// [`LatentError::Length`], [`LatentError::NotFinite`] and [`LatentError::Constant`] as for
    /// [`new`](Self::new).
    pub fn with(mut self, name: impl Into<String>, values: ArrayView1<'_, f32>) -> Result<Self> {
        let name = name.into();
        exactly("values of a latent variable", self.len(), values.len())?;
        check(&name, values)?;
        let column = values.mapv(f64::from);
        self.values.push_column(column.view()).expect("one value for each patch");
        self.names.push(name);
        Ok(self)
    }

    /// Adds an angle `[n]` in radians as its cosine and its sine, because −π and π are the same angle.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    pub fn with_angle(self, name: &str, radians: ArrayView1<'_, f32>) -> Result<Self> {
        let [cosine, sine] = [radians.mapv(f32::cos), radians.mapv(f32::sin)];
        self.with(format!("cos {name}"), cosine.view())?.with(format!("sin {name}"), sine.view())
    }

    /// The same latents with all centres displaced by `by` pixels (rows, columns), as needed for a padded
    /// image.
    pub fn displaced(mut self, by: [f64; 2]) -> Self {
        for centre in &mut self.centres {
            centre.row += by[0];
            centre.column += by[1];
        }
        self
    }

    /// The number of patches, at least 2.
    #[expect(clippy::len_without_is_empty, reason = "there are at least two patches")]
    pub fn len(&self) -> usize {
        self.values.nrows()
    }

    /// The names of all variables, content first.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// All variables `[n, variables]`, content first.
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// The content latents `[n, k]`.
    pub fn content(&self) -> ArrayView2<'_, f64> {
        self.values.slice_axis(Axis(1), Slice::from(..self.content))
    }

    /// The names of the content latents.
    pub fn content_names(&self) -> &[String] {
        &self.names[..self.content]
    }

    pub(crate) fn centres(&self) -> &[PatchCentre] {
        &self.centres
    }

    pub(crate) fn window(&self) -> Window {
        self.window
    }

    /// The rows of these patches only.
    fn content_of(&self, patches: &[usize]) -> Array2<f64> {
        self.content().select(Axis(0), patches)
    }
}

fn check(name: &str, values: ArrayView1<'_, f32>) -> Result<()> {
    if let Some((patch, &found)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(LatentError::NotFinite { what: name.to_owned(), patch, found: found.into() });
    }
    let first = values[0];
    if values.iter().all(|&value| value == first) {
        return Err(LatentError::Constant { what: name.to_owned(), value: first.into() });
    }
    Ok(())
}

/// The spatial block of each patch: the numbers of the image, of the row and of the column of blocks.
///
/// Blocks are rectangles of `side` pixels (rows, columns) that start at the corner of the image.
pub(crate) fn blocks(centres: &[PatchCentre], side: [f64; 2]) -> Vec<[usize; 3]> {
    let block = |centre: &PatchCentre| {
        let at = |position: f64, side: f64| ((position + 0.5) / side).floor().max(0.0) as usize;
        [centre.image, at(centre.row, side[0]), at(centre.column, side[1])]
    };
    centres.iter().map(block).collect()
}
