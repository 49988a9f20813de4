//! Patches decoded on a grid of latent values.

use ndarray::{Array4, ArrayView4, Axis};

use crate::{ColourMap, Figure};
use adatom_plot::colour::Palette;
use adatom_plot::colour_bar::ColourBar;
use adatom_plot::drawing::{Anchor, BLACK, Drawing, Raster, Rect, TextStyle};
use adatom_plot::font;
use adatom_plot::layout::{LABEL, MARGIN, TICK, titled};
use adatom_plot::scale::Limits;
use adatom_plot::text::{fixed, significant};
use adatom_plot::{Error, Result};

/// Patches decoded on a grid of latent values, as one picture with the values along both sides.
///
/// ```
/// use adatom_interpret::{Figure, ManifoldFigure, ndarray::Array4};
/// let tiles = Array4::from_shape_fn((3, 4, 8, 8), |(y, x, r, c)| (y * r + x * c) as f32);
/// let figure = ManifoldFigure::new(tiles.view())?
///     .rows("z₂", &[-1.6, 0.0, 1.6])?
///     .columns("z₁", &[-1.6, -0.5, 0.5, 1.6])?;
/// assert!(figure.to_svg().contains("standard deviations"));
///
/// let wrong = figure.rows("z₂", &[0.0]).unwrap_err();
/// assert_eq!(wrong.to_string(), "the values of the rows: expected shape [3], found [1]");
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ManifoldFigure {
    tiles: Array4<f32>,
    title: String,
    rows: Option<LatentAxis>,
    columns: Option<LatentAxis>,
    map: ColourMap,
    limits: Limits,
}

/// A latent variable along a side of the picture.
#[derive(Debug, Clone)]
struct LatentAxis {
    name: String,
    values: Vec<f64>,
}

impl ManifoldFigure {
    /// Tiles `[ny, nx, h, w]`; the first tile is at the upper left.
    ///
    /// # Errors
    /// [`Error::Empty`] when there is no tile or no pixel.
    pub fn new(tiles: ArrayView4<'_, f32>) -> Result<Self> {
        if tiles.is_empty() {
            return Err(Error::Empty { what: "the manifold" });
        }
        let tiles = tiles.to_owned();
        Ok(Self {
            tiles,
            title: String::new(),
            rows: None,
            columns: None,
            map: ColourMap::Grey,
            limits: Limits::Percentiles,
        })
    }

    /// The title above the picture; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The latent variable that changes from row to row, and its `values` `[ny]` in standard deviations of
    /// the prior.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is one value for each row.
    pub fn rows(mut self, name: impl Into<String>, values: &[f64]) -> Result<Self> {
        check("the values of the rows", self.tiles.len_of(Axis(0)), values)?;
        self.rows = Some(LatentAxis { name: name.into(), values: values.to_vec() });
        Ok(self)
    }

    /// The latent variable that changes from column to column, and its `values` `[nx]`.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is one value for each column.
    pub fn columns(mut self, name: impl Into<String>, values: &[f64]) -> Result<Self> {
        check("the values of the columns", self.tiles.len_of(Axis(1)), values)?;
        self.columns = Some(LatentAxis { name: name.into(), values: values.to_vec() });
        Ok(self)
    }

    /// The colours; grey by default.
    pub fn colour_map(mut self, map: ColourMap) -> Self {
        self.map = map;
        self
    }
}

fn check(what: &'static str, expected: usize, values: &[f64]) -> Result<()> {
    if values.len() == expected {
        return Ok(());
    }
    Err(Error::Shape { what, expected: vec![expected], found: vec![values.len()] })
}

impl Figure for ManifoldFigure {
    fn drawing(&self) -> Drawing {
        let (ny, nx, h, w) = self.tiles.dim();
        let TileSize { cell, gap } = tile_size([ny, nx, h, w], [560.0, 560.0]);
        let span = self.limits.of(self.tiles.iter().map(|&value| f64::from(value)));
        let limits = span.map_or([0.0, 1.0], |span| span.limits);
        let palette = Palette::new(self.map);

        let row_style = TextStyle::new(TICK, BLACK).anchored(Anchor::End);
        let rows = self.rows.as_ref().map(|axis| (&axis.name, deviations(&axis.values)));
        let columns = self.columns.as_ref().map(|axis| (&axis.name, deviations(&axis.values)));
        let left = rows.as_ref().map_or(0.0, |(_, labels)| (LABEL * 1.5 + widest(labels) + 8.0).ceil()) + 0.5;
        let [tile_width, tile_height] = [w as f64 * cell, h as f64 * cell];
        let [step_x, step_y] = [tile_width + gap, tile_height + gap];
        let [width, height] = [nx as f64 * step_x - gap, ny as f64 * step_y - gap];
        let mut content = Drawing::empty(left + width + 0.5, height + 1.0);
        for ((row, column), _) in ndarray::Array2::<u8>::zeros((ny, nx)).indexed_iter() {
            let tile = self.tiles.index_axis(Axis(0), row);
            let tile = tile.index_axis(Axis(0), column);
            let raster = Raster::from_fn(h, w, |r, c| {
                Some(palette.at(f64::from(tile[[r, c]]), limits).unwrap_or(adatom_plot::colour::NO_VALUE))
            });
            let at = [left + column as f64 * step_x, 0.5 + row as f64 * step_y];
            content.picture(Rect::new(at, [tile_width, tile_height]), raster);
        }
        let mut notes = Vec::new();
        if let Some((name, labels)) = &rows {
            let every = (TICK * 1.5 / step_y).ceil().max(1.0) as usize;
            for (row, label) in labels.iter().enumerate().step_by(every) {
                let y = 0.5 + row as f64 * step_y + tile_height / 2.0;
                content.text([left - 6.0, y + font::CAPITALS * TICK / 2.0], label, row_style);
            }
            if font::width(name, LABEL) <= height {
                let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle).upwards();
                content.text([LABEL, height / 2.0], name, style);
            } else {
                notes.push(format!("rows: {name}"));
            }
        }
        if let Some((name, labels)) = &columns {
            let widest = widest(labels);
            let every = ((widest + 8.0) / step_x).ceil().max(1.0) as usize;
            let style = TextStyle::new(TICK, BLACK).anchored(Anchor::Middle);
            for (column, label) in labels.iter().enumerate().step_by(every) {
                let x = left + column as f64 * step_x + tile_width / 2.0;
                content.text([x, height + 5.0 + TICK], label, style);
                content.reach(x + widest / 2.0, 0.0);
            }
            let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle);
            let name = font::shorten(name, LABEL, width.max(120.0));
            content.text([left + width / 2.0, height + 10.0 + TICK + LABEL], &name, style);
            content.reach(0.0, height + 14.0 + TICK + LABEL);
        }
        if let Some(span) = span.filter(|_| height >= 90.0) {
            let beside = content.width() + 14.0;
            content
                .place(ColourBar::new(self.map, span, "decoded intensity").vertical(height), [beside, 0.0]);
        }
        if self.rows.is_some() || self.columns.is_some() {
            notes.push("latent values in standard deviations of the prior".to_owned());
        }
        if self.tiles.iter().any(|value| !value.is_finite()) {
            notes.push("light grey: no value".into());
        }
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}

/// Sizes on the page, in pixels.
pub(crate) struct TileSize {
    /// The side of a pixel of a tile.
    pub(crate) cell: f64,
    /// The distance of tiles.
    pub(crate) gap: f64,
}

/// The size of tiles `[ny, nx, h, w]` within `most` pixels (width, height).
pub(crate) fn tile_size([ny, nx, h, w]: [usize; 4], most: [f64; 2]) -> TileSize {
    let gap = if ny.max(nx) > 40 { 1.0 } else { 2.0 };
    let fit = |most: f64, tiles: usize, pixels: usize| {
        ((most - (tiles as f64 - 1.0) * gap) / (tiles * pixels) as f64).max(0.02)
    };
    let fitting = fit(most[0], nx, w).min(fit(most[1], ny, h)).min(110.0 / h.max(w) as f64);
    // An integer number of pixels of the PNG, unless cells are smaller than these.
    TileSize { cell: if fitting >= 0.5 { (2.0 * fitting).floor() / 2.0 } else { fitting }, gap }
}

/// All values with the number of decimals that any of them needs, at most two.
fn deviations(values: &[f64]) -> Vec<String> {
    let largest = values.iter().fold(0f64, |largest, value| largest.max(value.abs()));
    let fits = largest < 1000.0 && (largest == 0.0 || largest >= 0.1);
    if !fits || values.iter().any(|value| !value.is_finite()) {
        return values.iter().map(|&value| significant(value, 2)).collect();
    }
    let exact = |decimals: i32| {
        let unit = 10f64.powi(decimals);
        values.iter().all(|value| ((value * unit).round() / unit - value).abs() < 1e-6)
    };
    let decimals = (0..2).find(|&decimals| exact(decimals)).unwrap_or(2);
    values.iter().map(|&value| fixed(value, decimals as usize)).collect()
}

fn widest(labels: &[String]) -> f64 {
    labels.iter().map(|label| font::width(label, TICK)).fold(0.0, f64::max)
}
