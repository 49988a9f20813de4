//! What the patches of each cluster look like.

use ndarray::{Array3, ArrayView3, Axis};

use crate::colour::Palette;
use crate::drawing::Drawing;
use crate::figures::tiles::{self, Tile};
use crate::layout::{MARGIN, titled};
use crate::scale::Limits;
use crate::{ColourMap, Error, Figure, Result};

/// One column for each cluster, with rows of pictures such as the decoded centre, the mean of the patches and the most
/// typical patch.
///
/// ```
/// use adatom_interpret::{ClusterPatchesFigure, Figure, ndarray::Array3};
/// let patches = Array3::from_shape_fn((3, 8, 8), |(cluster, r, c)| (cluster * r + c) as f32);
/// let figure = ClusterPatchesFigure::new().row("mean patch", patches.view())?;
/// assert!(figure.to_svg().contains("aria-label=\"mean patch\""));
///
/// let two = Array3::zeros((2, 8, 8));
/// let error = figure.row("decoded centre", two.view()).unwrap_err();
/// assert_eq!(error.to_string(), "a row of patches: expected shape [3, 8, 8], found [2, 8, 8]");
/// # Ok::<(), adatom_interpret::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ClusterPatchesFigure {
    title: String,
    rows: Vec<(String, Array3<f32>)>,
}

impl ClusterPatchesFigure {
    /// A figure without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// What stands above the pictures; nothing by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds a row with one picture for each cluster, `[clusters, h, w]`; each row has its own grey scale.
    ///
    /// # Errors
    /// [`Error::Empty`] without a cluster or a pixel, [`Error::Shape`] when the rows before have another shape.
    pub fn row(mut self, name: impl Into<String>, patches: ArrayView3<'_, f32>) -> Result<Self> {
        if patches.is_empty() {
            return Err(Error::Empty { what: "a row of patches" });
        }
        if let Some((_, first)) = self.rows.first().filter(|(_, first)| first.dim() != patches.dim()) {
            let (expected, found) = (first.shape().to_vec(), patches.shape().to_vec());
            return Err(Error::Shape { what: "a row of patches", expected, found });
        }
        self.rows.push((name.into(), patches.to_owned()));
        Ok(self)
    }
}

impl Figure for ClusterPatchesFigure {
    fn drawing(&self) -> Drawing {
        let clusters = self.rows.first().map_or(0, |(_, patches)| patches.len_of(Axis(0)));
        let palette = Palette::new(ColourMap::Grey);
        let heads: Vec<String> = (1..=clusters).map(|cluster| cluster.to_string()).collect();
        let rows: Vec<(String, Vec<Option<Tile<'_>>>)> = self
            .rows
            .iter()
            .map(|(name, patches)| {
                let values = patches.iter().map(|&value| f64::from(value));
                let limits = Limits::Percentiles.of(values).map_or([0.0, 1.0], |span| span.limits);
                let tile = |pixels| Some(Tile { pixels, limits, palette: &palette, below: String::new() });
                (name.clone(), patches.axis_iter(Axis(0)).map(tile).collect())
            })
            .collect();
        let content = tiles::rows(&heads, &rows, tiles::side(clusters, 620.0));
        titled(content, &self.title, &[]).with_margin(MARGIN)
    }
}
