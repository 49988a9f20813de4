//! Patches and their reconstructions.

use ndarray::{Array3, ArrayView3, Axis};

use crate::figures::manifold::{TileSize, tile_size};
use crate::{ColourMap, Figure};
use adatom_plot::colour_bar::ColourBar;
use adatom_plot::drawing::{Anchor, BLACK, Drawing, Rect, TextStyle};
use adatom_plot::figures::map::{ColourScale, cells};
use adatom_plot::font;
use adatom_plot::layout::{LABEL, MARGIN, titled};
use adatom_plot::scale::Limits;
use adatom_plot::text::count;
use adatom_plot::{Error, Result};

/// The largest number of columns; more are too small to compare.
const MOST: usize = 8;

/// Patches, their reconstructions and the residuals, one column for each patch.
///
/// Originals and reconstructions share one grey scale; the residual (original minus reconstruction) has its
/// own, symmetrical about zero. Of more than 8 patches, 8 at equal distances are shown.
///
/// ```
/// use adatom_interpret::{Figure, PairsFigure, ndarray::Array3};
/// let originals = Array3::from_shape_fn((3, 8, 8), |(n, r, c)| (n + r * c) as f32);
/// let figure = PairsFigure::new(originals.view(), originals.mapv(|x| 0.9 * x).view())?;
/// assert!(figure.to_svg().contains("aria-label=\"residual\""));
///
/// let error = PairsFigure::new(originals.view(), Array3::zeros((2, 8, 8)).view()).unwrap_err();
/// assert_eq!(error.to_string(), "the reconstructions: expected shape [3, 8, 8], found [2, 8, 8]");
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PairsFigure {
    originals: Array3<f32>,
    reconstructions: Array3<f32>,
    title: String,
    given: usize,
}

impl PairsFigure {
    /// Patches `[m, h, w]` and their reconstructions `[m, h, w]`.
    ///
    /// # Errors
    /// [`Error::Empty`] without a patch or a pixel, [`Error::Shape`] when both differ in shape.
    pub fn new(originals: ArrayView3<'_, f32>, reconstructions: ArrayView3<'_, f32>) -> Result<Self> {
        if originals.is_empty() {
            return Err(Error::Empty { what: "the list of patches" });
        }
        if originals.dim() != reconstructions.dim() {
            return Err(Error::Shape {
                what: "the reconstructions",
                expected: originals.shape().to_vec(),
                found: reconstructions.shape().to_vec(),
            });
        }
        let given = originals.len_of(Axis(0));
        let shown = given.min(MOST);
        // The middle of each eighth.
        let chosen: Vec<usize> = (0..shown).map(|i| (2 * i + 1) * given / (2 * shown)).collect();
        Ok(Self {
            originals: originals.select(Axis(0), &chosen),
            reconstructions: reconstructions.select(Axis(0), &chosen),
            title: String::new(),
            given,
        })
    }

    /// The title above the patches; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

impl Figure for PairsFigure {
    fn drawing(&self) -> Drawing {
        let (m, h, w) = self.originals.dim();
        let residuals = &self.originals - &self.reconstructions;
        let grey = Limits::Percentiles.of(self
            .originals
            .iter()
            .chain(&self.reconstructions)
            .map(|&value| f64::from(value)));
        let signed = Limits::Symmetrical.of(residuals.iter().map(|&value| f64::from(value)));
        let TileSize { cell, .. } = tile_size([3, m, h, w], [800.0, 400.0]);
        let tile = [(w as f64 * cell).max(14.0), (h as f64 * cell).max(14.0)];
        const GAP: f64 = 7.0;
        let rows = [
            ("original", &self.originals, ColourMap::Grey, grey),
            ("reconstruction", &self.reconstructions, ColourMap::Grey, grey),
            ("residual", &residuals, ColourMap::Diverging, signed),
        ];
        let left = rows.iter().map(|row| font::width(row.0, LABEL)).fold(0.0, f64::max).ceil() + 10.0;
        let mut content = Drawing::empty(left + m as f64 * (tile[0] + GAP) - GAP + 1.0, 0.0);
        for (index, (name, patches, map, span)) in rows.into_iter().enumerate() {
            let top = 0.5 + index as f64 * (tile[1] + GAP);
            let baseline = top + tile[1] / 2.0 + font::CAPITALS * LABEL / 2.0;
            let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::End);
            content.text([left - 10.0, baseline], name, style);
            let limits = span.map_or([0.0, 1.0], |span| span.limits);
            for (column, patch) in patches.outer_iter().enumerate() {
                let at = [left + column as f64 * (tile[0] + GAP) + 0.5, top];
                cells(&mut content, Rect::new(at, tile), patch, ColourScale { map, limits });
            }
            content.reach(0.0, top + tile[1] + 0.5);
        }
        let right = content.width() + 12.0;
        let two = 2.0 * tile[1] + GAP;
        if let Some(span) = grey {
            content.place(
                ColourBar::new(ColourMap::Grey, span, "intensity").vertical(two.max(70.0)),
                [right, 0.0],
            );
        }
        if let Some(span) = signed {
            let top = (two.max(70.0) + 14.0).max(two + GAP);
            let bar = ColourBar::new(ColourMap::Diverging, span, "residual");
            content.place(bar.vertical(tile[1].max(70.0)), [right, top]);
        }
        let mut notes = Vec::new();
        if self.given > m {
            notes.push(format!("{m} of {} patches are shown", count(self.given)));
        }
        if residuals.iter().any(|value| !value.is_finite()) {
            notes.push("hatched: no value".into());
        }
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}
