//! One layer of a map: cells in colour, colour bar, scale bar.

use adatom_core::{LatentMap, PixelSize};
use ndarray::{Array2, ArrayView2};

use crate::colour::Palette;
use crate::colour_bar::ColourBar;
use crate::drawing::{Drawing, Raster, Rect};
use crate::layout::{
    MARGIN, PictureSize, drawable, framed, hatch, nothing, picture_size, scale_bar, tiled, titled,
};
use crate::scale::Limits;
use crate::{ColourMap, Error, Figure, Result};

/// A map `[rows, columns]` with colour bar and scale bar.
///
/// Colours span the 1st to the 99th percentile unless [`limits`](Self::limits) or
/// [`symmetrical`](Self::symmetrical) are set; a triangle at an end of the colour bar means that values lie
/// beyond it. Cells that are not finite are hatched. The aspect ratio is that of the cells.
///
/// ```
/// use adatom_plot::{
///     Figure, MapFigure, PixelSize,
///     ndarray::{Array2, arr2},
/// };
/// let figure = MapFigure::new(arr2(&[[0.5f32, -1.0], [2.0, 0.0]]).view())?
///     .title("Content 1")
///     .label("z₁")
///     .cell_size(PixelSize::square(0.2, "nm"))
///     .symmetrical();
/// assert!(figure.to_svg().contains("aria-label=\"Content 1\""));
///
/// let empty = Array2::<f32>::zeros((0, 4));
/// assert_eq!(MapFigure::new(empty.view()).unwrap_err().to_string(), "the map must not be empty");
/// # Ok::<(), adatom_plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MapFigure {
    values: Array2<f32>,
    title: String,
    label: String,
    cell: PixelSize,
    map: Option<ColourMap>,
    limits: Limits,
}

impl MapFigure {
    /// A map of `values` `[rows, columns]`.
    ///
    /// # Errors
    /// [`Error::Empty`] for a map without cells.
    pub fn new(values: ArrayView2<'_, f32>) -> Result<Self> {
        if values.is_empty() {
            return Err(Error::Empty { what: "the map" });
        }
        Ok(Self {
            values: values.to_owned(),
            title: String::new(),
            label: String::new(),
            cell: PixelSize::square(1.0, "px"),
            map: None,
            limits: Limits::Percentiles,
        })
    }

    /// Layer `index` of a latent map, with its cell size.
    ///
    /// # Errors
    /// [`Error::NoSuchLayer`], and [`Error::Empty`] for a map without cells.
    pub fn of_layer(map: &LatentMap, index: usize) -> Result<Self> {
        let layers = map.values().dim().0;
        if index >= layers {
            return Err(Error::NoSuchLayer { index, layers });
        }
        let pixel = drawable(map.frame().pixel_size.as_ref());
        let [rows, columns] = map.step();
        let cell = PixelSize { row: pixel.row * rows, column: pixel.column * columns, unit: pixel.unit };
        Ok(Self::new(map.layer(index))?.cell_size(cell))
    }

    /// The title above the map; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The label of the colour bar: the quantity with its unit; none by default.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The size of a cell; 1 px by default and where a length is not positive.
    pub fn cell_size(mut self, size: PixelSize) -> Self {
        self.cell = drawable(Some(&size));
        self
    }

    /// The colours; viridis by default, diverging when symmetrical.
    ///
    /// [`ColourMap::Cyclic`] is for angles in radians and spans −π to π unless limits are set.
    pub fn colour_map(mut self, map: ColourMap) -> Self {
        self.map = Some(map);
        self
    }

    /// Colours from `low` to `high` instead of percentiles.
    ///
    /// # Errors
    /// [`Error::Limits`] unless both are finite and `low` is below `high`.
    pub fn limits(mut self, low: f64, high: f64) -> Result<Self> {
        self.limits = Limits::given(low, high)?;
        Ok(self)
    }

    /// Limits symmetrical about zero and diverging colours, for signed values such as residuals.
    pub fn symmetrical(mut self) -> Self {
        self.limits = Limits::Symmetrical;
        self
    }

    /// The figure with a map of at most `most` pixels (width, height).
    pub fn within(&self, most: [f64; 2]) -> Drawing {
        self.block(most, LimitsNote::Shown).with_margin(MARGIN)
    }

    /// Angles span a full turn, because percentiles of a cyclic quantity have no meaning.
    fn colour_limits(&self) -> Limits {
        match (self.limits, self.map) {
            (Limits::Percentiles, Some(ColourMap::Cyclic)) => Limits::TURN,
            (limits, _) => limits,
        }
    }

    /// Without a margin and at most so large. The note on the limits may be left to the panel around it.
    fn block(&self, most: [f64; 2], limits_note: LimitsNote) -> Drawing {
        let map = self.map.unwrap_or(match self.limits {
            Limits::Symmetrical => ColourMap::Diverging,
            _ => ColourMap::Viridis,
        });
        let span = self.colour_limits().of(self.values.iter().map(|&value| f64::from(value)));
        let limits = span.map_or([0.0, 1.0], |span| span.limits);
        let (rows, columns) = self.values.dim();
        let PictureSize { size, to_scale } = picture_size([rows, columns], &self.cell, most);
        let rect = Rect::new([0.5, 0.5], size);
        let mut content = Drawing::empty(size[0] + 1.0, size[1] + 1.0);
        cells(&mut content, rect, self.values.view(), ColourScale { map, limits });

        let mut notes = Vec::new();
        let bar = span.map(|span| ColourBar::new(map, span, &self.label));
        let vertical = size[1] >= 90.0;
        if let Some(bar) = bar.as_ref().filter(|_| vertical) {
            content.place(bar.vertical(size[1] + 1.0), [size[0] + 14.0, 0.0]);
        }
        let below = size[1] + 8.0;
        content.place(scale_bar(columns, &self.cell, size[0]), [0.0, below]);
        if let Some(bar) = bar.as_ref().filter(|_| !vertical) {
            let below = content.height() + 8.0;
            content.place(bar.horizontal(size[0].max(180.0)), [0.0, below]);
        }
        match span {
            None => notes.push("no finite value".to_owned()),
            Some(span) if span.constant => notes.push("all values are equal".to_owned()),
            Some(span) if limits_note == LimitsNote::Shown && (span.below || span.above) => {
                notes.push(describe(self.colour_limits()).into())
            }
            Some(_) => {}
        }
        if self.values.iter().any(|value| !value.is_finite()) {
            notes.push("hatched: no value".into());
        }
        if !to_scale {
            notes.push("the aspect is not to scale".into());
        }
        titled(content, &self.title, &notes)
    }
}

impl Figure for MapFigure {
    fn drawing(&self) -> Drawing {
        self.within([520.0, 440.0])
    }
}

/// Whether a map explains its colour limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LimitsNote {
    Shown,
    Omitted,
}

fn describe(limits: Limits) -> &'static str {
    match limits {
        Limits::Percentiles => "colours span the 1st to the 99th percentile",
        Limits::Symmetrical => "colours span the 1st to the 99th percentile, symmetrical about 0",
        Limits::Given(_) => "values beyond the limits have the colours of the ends",
    }
}

/// The colours of values.
#[derive(Debug, Clone, Copy)]
pub struct ColourScale {
    /// The colour map.
    pub map: ColourMap,
    /// The values at its ends.
    pub limits: [f64; 2],
}

/// Adds cells in colour with a frame around them; those without a value are hatched.
pub fn cells(
    drawing: &mut Drawing,
    rect: Rect,
    values: ArrayView2<'_, f32>,
    ColourScale { map, limits }: ColourScale,
) {
    let palette = Palette::new(map);
    if values.iter().any(|value| !value.is_finite()) {
        hatch(drawing, rect);
    }
    let raster = Raster::from_fn(values.nrows(), values.ncols(), |row, column| {
        let value = f64::from(values[[row, column]]);
        if value.is_finite() { palette.at(value, limits) } else { None }
    });
    drawing.picture(rect, raster);
    framed(drawing, rect);
}

/// Several maps side by side, in the order given.
///
/// ```
/// use adatom_plot::{Figure, MapFigure, MapPanels, ndarray::Array2};
/// let map = MapFigure::new(Array2::<f32>::eye(5).view())?;
/// let panels = MapPanels::new(vec![map.clone().title("mean"), map.title("standard deviation")])?;
/// assert!(panels.drawing().width() > 400.0);
/// # Ok::<(), adatom_plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MapPanels {
    maps: Vec<MapFigure>,
    title: String,
}

impl MapPanels {
    /// One panel for each map.
    ///
    /// # Errors
    /// [`Error::Empty`] without a map.
    pub fn new(maps: Vec<MapFigure>) -> Result<Self> {
        if maps.is_empty() {
            Err(Error::Empty { what: "the list of maps" })
        } else {
            Ok(Self { maps, title: String::new() })
        }
    }

    /// The title above all panels; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

impl Figure for MapPanels {
    fn drawing(&self) -> Drawing {
        panels(&self.maps, &self.title)
    }
}

/// Maps in rows about as wide as a page, with a title above.
pub fn panels(maps: &[MapFigure], title: &str) -> Drawing {
    if maps.is_empty() {
        return nothing("The map has no layers.");
    }
    let most = match maps.len() {
        1 => [520.0, 440.0],
        2 => [360.0, 400.0],
        _ => [264.0, 320.0],
    };
    let blocks: Vec<_> = maps.iter().map(|map| map.block(most, LimitsNote::Omitted)).collect();
    let widest = blocks.iter().map(Drawing::width).fold(1.0, f64::max);
    const PAGE: f64 = 1120.0;
    let fitting = ((PAGE / (widest + 28.0)) as usize).max(1);
    // Rows are filled evenly: four maps are two rows of two, not three and one.
    let columns = maps.len().div_ceil(maps.len().div_ceil(fitting));
    let content = tiled(blocks, columns, [28.0, 22.0]);
    let saturated = |map: &&MapFigure| {
        let span = map.colour_limits().of(map.values.iter().map(|&value| f64::from(value)));
        span.is_some_and(|span| (span.below || span.above) && !span.constant)
    };
    let notes: Vec<_> =
        maps.iter().find(saturated).map(|map| describe(map.colour_limits()).to_owned()).into_iter().collect();
    titled(content, title, &notes).with_margin(MARGIN)
}
