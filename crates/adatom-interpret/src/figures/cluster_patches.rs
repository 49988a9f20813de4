//! Pictures of the patches of each cluster.

use ndarray::{Array3, ArrayView3, Axis};

use crate::{ColourMap, Figure};
use adatom_plot::colour::Palette;
use adatom_plot::drawing::Drawing;
use adatom_plot::figures::tiles::{self, Tile, TileRow};
use adatom_plot::layout::{MARGIN, titled};
use adatom_plot::scale::Limits;
use adatom_plot::{Error, Result};

/// Pictures of the patches of each cluster: one column for each cluster, with rows such as the decoded
/// centre, the mean patch and the patch nearest to the centre.
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
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ClusterPatchesFigure {
    title: String,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    name: String,
    /// `[clusters, h, w]`.
    patches: Array3<f32>,
}

impl ClusterPatchesFigure {
    /// A figure without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// The title above the pictures; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds a row with one picture for each cluster, `[clusters, h, w]`; each row has its own grey scale.
    ///
    /// # Errors
    /// [`Error::Empty`] without a cluster or a pixel, [`Error::Shape`] when the rows before have another
    /// shape.
    pub fn row(mut self, name: impl Into<String>, patches: ArrayView3<'_, f32>) -> Result<Self> {
        if patches.is_empty() {
            return Err(Error::Empty { what: "a row of patches" });
        }
        if let Some(first) = self.rows.first().filter(|first| first.patches.dim() != patches.dim()) {
            let (expected, found) = (first.patches.shape().to_vec(), patches.shape().to_vec());
            return Err(Error::Shape { what: "a row of patches", expected, found });
        }
        self.rows.push(Row { name: name.into(), patches: patches.to_owned() });
        Ok(self)
    }
}

impl Figure for ClusterPatchesFigure {
    fn drawing(&self) -> Drawing {
        let clusters = self.rows.first().map_or(0, |row| row.patches.len_of(Axis(0)));
        let palette = Palette::new(ColourMap::Grey);
        let headings: Vec<String> = (1..=clusters).map(|cluster| cluster.to_string()).collect();
        let rows: Vec<TileRow<'_>> = self
            .rows
            .iter()
            .map(|Row { name, patches }| {
                let values = patches.iter().map(|&value| f64::from(value));
                let limits = Limits::Percentiles.of(values).map_or([0.0, 1.0], |span| span.limits);
                let tile = |pixels| Some(Tile { pixels, limits, palette: &palette, below: String::new() });
                TileRow { name: name.clone(), tiles: patches.axis_iter(Axis(0)).map(tile).collect() }
            })
            .collect();
        let content = tiles::rows(&headings, &rows, tiles::side(clusters, 620.0));
        titled(content, &self.title, &[]).with_margin(MARGIN)
    }
}
