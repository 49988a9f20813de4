//! A drawing: a list of shapes, pictures and texts with their positions, written as SVG or PNG.
//!
//! Both formats are made from the same list, and text is drawn as outlines of the bundled font, so that they
//! look the same. SVG is written directly and PNG is rasterised by `tiny-skia`: plotters draws text and thin
//! lines differently in its two back ends, and a full SVG renderer would add parsers and a second copy of
//! `png`.

mod raster;
mod svg;

use crate::font;
use crate::outline::{Segment, polyline};

/// A colour with an opacity from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// Red, green and blue in sRGB.
    pub rgb: [u8; 3],
    /// From 0 (transparent) to 1 (opaque).
    pub opacity: f64,
}

impl From<[u8; 3]> for Ink {
    fn from(rgb: [u8; 3]) -> Self {
        Self { rgb, opacity: 1.0 }
    }
}

/// Text and thick lines.
pub const BLACK: [u8; 3] = [0x1A, 0x1A, 0x1A];
/// Text of less weight, such as notes.
pub const MUTED: [u8; 3] = [0x50, 0x50, 0x50];
/// Frames and axes.
pub const FRAME: [u8; 3] = [0x60, 0x60, 0x60];
/// Grid lines.
pub const GRID: [u8; 3] = [0xE6, 0xE6, 0xE6];
/// The page.
pub const WHITE: [u8; 3] = [0xFF; 3];

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen {
    /// Colour and opacity.
    pub ink: Ink,
    /// Width in pixels.
    pub width: f64,
    /// Length of dashes and gaps in pixels; 0 for a solid line.
    pub dash: f64,
}

impl Pen {
    /// A solid line.
    pub fn new(ink: impl Into<Ink>, width: f64) -> Self {
        Self { ink: ink.into(), width, dash: 0.0 }
    }

    /// The same line with dashes of `dash` pixels.
    pub fn dashed(self, dash: f64) -> Self {
        Self { dash, ..self }
    }
}

/// A rectangle in pixels; y points downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

impl Rect {
    /// The rectangle with the upper left corner `origin` (x, y) and `size` (width, height).
    pub fn new(origin: [f64; 2], size: [f64; 2]) -> Self {
        Self { x: origin[0], y: origin[1], width: size[0], height: size[1] }
    }

    /// The right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// Coloured cells in rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    width: usize,
    height: usize,
    /// Red, green, blue and opacity of each cell, row by row.
    rgba: Vec<u8>,
}

impl Raster {
    /// The raster with the `colour` of each (row, column); `None` is transparent.
    pub fn from_fn(
        rows: usize,
        columns: usize,
        mut colour: impl FnMut(usize, usize) -> Option<[u8; 3]>,
    ) -> Self {
        let mut rgba = Vec::with_capacity(rows * columns * 4);
        for row in 0..rows {
            for column in 0..columns {
                match colour(row, column) {
                    Some([r, g, b]) => rgba.extend([r, g, b, 255]),
                    None => rgba.extend([0; 4]),
                }
            }
        }
        Self { width: columns, height: rows, rgba }
    }
}

/// Which part of a text lies at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its start.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

#[derive(Debug, Clone, PartialEq)]
enum Element {
    Path { outline: Vec<Segment>, fill: Option<Ink>, pen: Option<Pen> },
    Picture { rect: Rect, raster: Raster },
    Text { origin: [f64; 2], size: f64, content: String, ink: Ink, upwards: bool },
}

/// A drawing of fixed size, ready to be written as PNG or SVG.
///
/// Every [`Figure`](crate::Figure) makes one. It is a figure itself, so that different figures can be kept in
/// one list.
///
/// ```
/// use adatom_plot::{Figure, ImageFigure, ndarray::Array2};
/// let drawing = ImageFigure::new(Array2::<f32>::zeros((8, 8)).view())?.drawing();
/// assert!(drawing.width() > 8.0 && drawing.to_svg().starts_with("<svg"));
/// # Ok::<(), adatom_plot::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    width: f64,
    height: f64,
    elements: Vec<Element>,
}

impl Drawing {
    /// Width in CSS pixels (1/96 inch).
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Height in CSS pixels (1/96 inch).
    pub fn height(&self) -> f64 {
        self.height
    }

    /// Whether it contains a raster of many cells, for which PNG is the better format.
    pub(crate) fn has_picture(&self) -> bool {
        self.elements.iter().any(|element| {
            matches!(element, Element::Picture { raster, .. } if raster.width.min(raster.height) > 1)
        })
    }

    /// A white page of `width` × `height` pixels.
    pub fn empty(width: f64, height: f64) -> Self {
        Self { width, height, elements: Vec::new() }
    }

    /// Grows the drawing so that the point lies inside.
    pub fn reach(&mut self, x: f64, y: f64) {
        self.width = self.width.max(x.ceil());
        self.height = self.height.max(y.ceil());
    }

    /// Adds an outline that is filled, stroked or both.
    pub fn path(&mut self, outline: Vec<Segment>, fill: Option<Ink>, pen: Option<Pen>) {
        self.elements.push(Element::Path { outline, fill, pen });
    }

    /// Adds a straight line.
    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], pen: Pen) {
        self.path(vec![Segment::Move(from), Segment::Line(to)], None, Some(pen));
    }

    /// Adds a filled polygon.
    pub fn polygon(&mut self, points: &[[f64; 2]], fill: impl Into<Ink>) {
        let mut outline = polyline(points);
        outline.push(Segment::Close);
        self.path(outline, Some(fill.into()), None);
    }

    /// Adds a rectangle that is filled, stroked or both.
    pub fn rect(&mut self, rect: Rect, fill: Option<Ink>, pen: Option<Pen>) {
        let mut outline = polyline(&[
            [rect.x, rect.y],
            [rect.right(), rect.y],
            [rect.right(), rect.bottom()],
            [rect.x, rect.bottom()],
        ]);
        outline.push(Segment::Close);
        self.path(outline, fill, pen);
    }

    /// Adds a circle that is filled, stroked or both.
    pub fn circle(&mut self, centre: [f64; 2], radius: f64, fill: Option<Ink>, pen: Option<Pen>) {
        // Four cubic arcs; 0.5523 puts their middles on the circle.
        let (k, [x, y], r) = (0.5523 * radius, centre, radius);
        let outline = vec![
            Segment::Move([x + r, y]),
            Segment::Cubic([x + r, y + k], [x + k, y + r], [x, y + r]),
            Segment::Cubic([x - k, y + r], [x - r, y + k], [x - r, y]),
            Segment::Cubic([x - r, y - k], [x - k, y - r], [x, y - r]),
            Segment::Cubic([x + k, y - r], [x + r, y - k], [x + r, y]),
            Segment::Close,
        ];
        self.path(outline, fill, pen);
    }

    /// Adds a raster that fills `rect`.
    pub fn picture(&mut self, rect: Rect, raster: Raster) {
        self.elements.push(Element::Picture { rect, raster });
    }

    /// Adds text whose baseline passes through `at`.
    pub fn text(&mut self, at: [f64; 2], content: &str, style: TextStyle) {
        let width = font::width(content, style.size);
        let shift = match style.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        };
        let origin = if style.upwards { [at[0], at[1] + shift] } else { [at[0] - shift, at[1]] };
        self.elements.push(Element::Text {
            origin,
            size: style.size,
            content: content.to_owned(),
            ink: style.colour.into(),
            upwards: style.upwards,
        });
    }

    /// Adds `other` with its upper left corner at `at`, and grows to contain it.
    pub fn place(&mut self, other: Self, at: [f64; 2]) {
        // Whole pixels keep frames and cells sharp.
        let [dx, dy] = at.map(f64::round);
        self.reach(dx + other.width, dy + other.height);
        let moved = |[x, y]: [f64; 2]| [x + dx, y + dy];
        self.elements.extend(other.elements.into_iter().map(|element| match element {
            Element::Path { outline, fill, pen } => Element::Path {
                outline: outline.into_iter().map(|segment| segment.map(moved)).collect(),
                fill,
                pen,
            },
            Element::Picture { rect, raster } => {
                Element::Picture { rect: Rect { x: rect.x + dx, y: rect.y + dy, ..rect }, raster }
            }
            Element::Text { origin, size, content, ink, upwards } => {
                Element::Text { origin: moved(origin), size, content, ink, upwards }
            }
        }));
    }

    /// The drawing with `margin` pixels around it.
    pub fn with_margin(self, margin: f64) -> Self {
        let mut outer = Self::empty(self.width + 2.0 * margin, self.height + 2.0 * margin);
        outer.place(self, [margin, margin]);
        outer
    }

    pub(crate) fn svg(&self) -> String {
        svg::write(self)
    }

    pub(crate) fn png(&self) -> Vec<u8> {
        raster::encode(self)
    }
}

/// Size in pixels, colour and anchor of a text.
#[derive(Debug, Clone, Copy)]
pub struct TextStyle {
    /// The font size in pixels.
    pub size: f64,
    colour: [u8; 3],
    pub(crate) anchor: Anchor,
    upwards: bool,
}

impl TextStyle {
    /// Horizontal text that starts at its point.
    pub const fn new(size: f64, colour: [u8; 3]) -> Self {
        Self { size, colour, anchor: Anchor::Start, upwards: false }
    }

    /// The same style with another part of the text at its point.
    pub const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// The same style, reading from bottom to top.
    pub const fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }
}
