//! Pictures of patches in rows and columns, with labels beside, above and below them.

use ndarray::ArrayView2;

use crate::colour::{NO_VALUE, Palette};
use crate::drawing::{Anchor, BLACK, Drawing, MUTED, Raster, Rect, TextStyle};
use crate::font;
use crate::layout::{LABEL, TICK, framed};

/// A picture of a patch.
pub struct Tile<'a> {
    /// Its values.
    pub pixels: ArrayView2<'a, f32>,
    /// The values at the ends of the palette.
    pub limits: [f64; 2],
    /// Its colours.
    pub palette: &'a Palette,
    /// The label below it; may be empty.
    pub below: String,
}

/// A row of pictures.
pub struct TileRow<'a> {
    /// The label at the left.
    pub name: String,
    /// The pictures; `None` leaves a gap.
    pub tiles: Vec<Option<Tile<'a>>>,
}

/// The longer side of a tile in pixels, for `columns` columns of tiles in a width of `most` pixels.
pub fn side(columns: usize, most: f64) -> f64 {
    ((most / columns.max(1) as f64) - 6.0).clamp(28.0, 84.0).floor()
}

/// Rows of tiles with headings above the columns; there may be none. `side` is the longer side of a tile.
pub fn rows(headings: &[String], rows: &[TileRow<'_>], side: f64) -> Drawing {
    const APART: f64 = 6.0;
    let names: Vec<Vec<String>> = rows.iter().map(|row| font::wrap(&row.name, LABEL, 150.0)).collect();
    let widest = names.iter().flatten().map(|line| font::width(line, LABEL)).fold(0.0, f64::max);
    let left = widest.ceil() + 10.0;
    let top = if headings.is_empty() { 0.5 } else { LABEL * 1.3 + 5.0 };
    let mut drawing = Drawing::empty(left, top);
    let mut tile_width = side;
    let mut y = top;
    for (TileRow { tiles, .. }, name) in rows.iter().zip(&names) {
        let labelled = tiles.iter().flatten().any(|tile| !tile.below.is_empty());
        let mut tallest = 0f64;
        for (column, tile) in tiles.iter().enumerate() {
            let Some(tile) = tile else { continue };
            let (h, w) = tile.pixels.dim();
            let pixel = side / h.max(w) as f64;
            let [width, height] = [w as f64 * pixel, h as f64 * pixel];
            tile_width = width;
            let raster = Raster::from_fn(h, w, |r, c| {
                let value = f64::from(tile.pixels[[r, c]]);
                Some(tile.palette.at(value, tile.limits).unwrap_or(NO_VALUE))
            });
            let rect = Rect::new([left + column as f64 * (width + APART), y], [width, height]);
            drawing.picture(rect, raster);
            framed(&mut drawing, rect);
            if !tile.below.is_empty() {
                let style = TextStyle::new(TICK - 1.0, MUTED).anchored(Anchor::Middle);
                drawing.text([rect.x + width / 2.0, rect.bottom() + TICK + 1.0], &tile.below, style);
            }
            tallest = tallest.max(height);
            drawing.reach(rect.right() + 1.0, rect.bottom() + 1.0);
        }
        let first = y + tallest / 2.0 - (name.len() as f64 - 1.0) / 2.0 * LABEL * 1.3;
        for (line, text) in name.iter().enumerate() {
            let baseline = first + line as f64 * LABEL * 1.3 + font::CAPITALS * LABEL / 2.0;
            drawing.text([left - 10.0, baseline], text, TextStyle::new(LABEL, BLACK).anchored(Anchor::End));
        }
        y += tallest + if labelled { TICK + 9.0 } else { APART };
        drawing.reach(0.0, y);
    }
    for (column, heading) in headings.iter().enumerate() {
        let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle);
        let x = left + column as f64 * (tile_width + APART) + tile_width / 2.0;
        drawing.text([x, LABEL], heading, style);
        drawing.reach(x + font::width(heading, LABEL) / 2.0, 0.0);
    }
    drawing
}
