//! Latent traversals: patches decoded along one latent variable, the others fixed.

use ndarray::{Array2, Array3, ArrayView3, Axis};

use crate::{ColourMap, Figure};
use adatom_plot::colour::Palette;
use adatom_plot::drawing::Drawing;
use adatom_plot::figures::tiles::{self, Tile, TileRow};
use adatom_plot::layout::{MARGIN, nothing, titled};
use adatom_plot::scale::Limits;
use adatom_plot::text::significant;
use adatom_plot::{Error, Result};

/// Latent traversals: one strip of decoded patches for each latent variable, with its values below. The last
/// picture of a strip is the difference between its last and its first patch.
///
/// All strips share one grey scale and all differences one diverging scale, so that the effects of variables
/// can be compared.
///
/// ```
/// use adatom_interpret::{Figure, TraversalFigure, ndarray::Array3};
/// let strip = Array3::from_shape_fn((3, 8, 8), |(step, r, c)| (step * r + c) as f32);
/// let figure = TraversalFigure::new().strip("content 1", &[-1.9, 0.1, 2.1], strip.view())?;
/// assert!(figure.to_svg().contains("aria-label=\"content 1\""));
///
/// let error = figure.strip("content 2", &[0.0], strip.view()).unwrap_err();
/// assert_eq!(error.to_string(), "the values of a strip: expected shape [3], found [1]");
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct TraversalFigure {
    title: String,
    strips: Vec<Strip>,
}

#[derive(Debug, Clone)]
struct Strip {
    name: String,
    values: Vec<f64>,
    patches: Array3<f32>,
    change: Array2<f32>,
}

impl TraversalFigure {
    /// A figure without strips.
    pub fn new() -> Self {
        Self::default()
    }

    /// The title above the strips; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds the strip of a latent variable: its `values` `[steps]`, and the patches `[steps, h, w]` that are
    /// decoded from them.
    ///
    /// # Errors
    /// [`Error::Empty`] without a patch or a pixel, [`Error::Shape`] unless there is one value for each
    /// patch, and when the shapes of the strips differ.
    pub fn strip(
        mut self,
        name: impl Into<String>,
        values: &[f64],
        patches: ArrayView3<'_, f32>,
    ) -> Result<Self> {
        if patches.is_empty() {
            return Err(Error::Empty { what: "a strip of patches" });
        }
        let steps = patches.len_of(Axis(0));
        if values.len() != steps {
            let what = "the values of a strip";
            return Err(Error::Shape { what, expected: vec![steps], found: vec![values.len()] });
        }
        if let Some(first) = self.strips.first().filter(|first| first.patches.dim() != patches.dim()) {
            let (expected, found) = (first.patches.shape().to_vec(), patches.shape().to_vec());
            return Err(Error::Shape { what: "a strip of patches", expected, found });
        }
        let change = &patches.index_axis(Axis(0), steps - 1) - &patches.index_axis(Axis(0), 0);
        let (values, patches) = (values.to_vec(), patches.to_owned());
        self.strips.push(Strip { name: name.into(), values, patches, change });
        Ok(self)
    }
}

impl Figure for TraversalFigure {
    fn drawing(&self) -> Drawing {
        let Some(first) = self.strips.first() else { return nothing("There are no strips.") };
        let all = self.strips.iter().flat_map(|strip| &strip.patches).map(|&value| f64::from(value));
        let grey = Limits::Percentiles.of(all).map_or([0.0, 1.0], |span| span.limits);
        // The largest change, because most pixels may not change and percentiles would then be zero.
        let changes = self.strips.iter().flat_map(|strip| &strip.change).map(|&value| f64::from(value).abs());
        let largest = changes.filter(|change| change.is_finite()).fold(0.0, f64::max);
        let both = if largest > 0.0 { [-largest, largest] } else { [-1.0, 1.0] };
        let palettes = [Palette::new(ColourMap::Grey), Palette::new(ColourMap::Diverging)];
        let steps = first.values.len();
        let rows: Vec<TileRow<'_>> = self
            .strips
            .iter()
            .map(|strip| {
                let decoded = (0..steps).map(|step| {
                    let pixels = strip.patches.index_axis(Axis(0), step);
                    let below = significant(strip.values[step], 2);
                    Some(Tile { pixels, limits: grey, palette: &palettes[0], below })
                });
                let change = Tile {
                    pixels: strip.change.view(),
                    limits: both,
                    palette: &palettes[1],
                    below: "last − first".into(),
                };
                TileRow { name: strip.name.clone(), tiles: decoded.chain([Some(change)]).collect() }
            })
            .collect();
        let content = tiles::rows(&[], &rows, tiles::side(steps + 1, 760.0));
        let note = format!(
            "below the patches: value of the variable; last picture: change from first to last, blue \
             negative, red positive, up to ± {}",
            significant(largest, 2)
        );
        titled(content, &self.title, &[note]).with_margin(MARGIN)
    }
}
