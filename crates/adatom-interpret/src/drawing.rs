//! A drawing: shapes, pictures and text at their places, written as SVG or as PNG.
//!
//! Both outputs draw the same few shapes from the same coordinates, and text as outlines of the bundled font, so that
//! they look the same. SVG is written as text; PNG is rasterised by `tiny-skia`, because plotters draws text and thin
//! lines differently in its two back ends, and a full SVG renderer would bring its own copies of `png` and parsers.

mod raster;
mod svg;

use crate::Figure;
use crate::font;

/// One step of an outline, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Segment {
    Move([f64; 2]),
    Line([f64; 2]),
    Quad([f64; 2], [f64; 2]),
    Cubic([f64; 2], [f64; 2], [f64; 2]),
    Close,
}

impl Segment {
    /// The same step with every point changed.
    fn map(self, point: impl Fn([f64; 2]) -> [f64; 2]) -> Self {
        match self {
            Self::Move(p) => Self::Move(point(p)),
            Self::Line(p) => Self::Line(point(p)),
            Self::Quad(a, p) => Self::Quad(point(a), point(p)),
            Self::Cubic(a, b, p) => Self::Cubic(point(a), point(b), point(p)),
            Self::Close => Self::Close,
        }
    }
}

/// A colour with an opacity from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ink {
    pub(crate) rgb: [u8; 3],
    pub(crate) opacity: f64,
}

impl From<[u8; 3]> for Ink {
    fn from(rgb: [u8; 3]) -> Self {
        Self { rgb, opacity: 1.0 }
    }
}

pub(crate) const BLACK: [u8; 3] = [0x1A, 0x1A, 0x1A];
pub(crate) const MUTED: [u8; 3] = [0x50, 0x50, 0x50];
pub(crate) const FRAME: [u8; 3] = [0x60, 0x60, 0x60];
pub(crate) const GRID: [u8; 3] = [0xE6, 0xE6, 0xE6];
pub(crate) const WHITE: [u8; 3] = [0xFF; 3];

/// A line's colour, width in pixels, and dashes (0: none).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pen {
    pub(crate) ink: Ink,
    pub(crate) width: f64,
    pub(crate) dash: f64,
}

impl Pen {
    pub(crate) fn new(ink: impl Into<Ink>, width: f64) -> Self {
        Self { ink: ink.into(), width, dash: 0.0 }
    }

    pub(crate) fn dashed(self, dash: f64) -> Self {
        Self { dash, ..self }
    }
}

/// A rectangle: left, top, width, height, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn new(origin: [f64; 2], size: [f64; 2]) -> Self {
        Self { x: origin[0], y: origin[1], width: size[0], height: size[1] }
    }

    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// Cells with colours: red, green, blue, opacity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raster {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgba: Vec<u8>,
}

impl Raster {
    pub(crate) fn from_fn(
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

/// Where a text lies relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Debug, Clone, PartialEq)]
enum Element {
    Path { outline: Vec<Segment>, fill: Option<Ink>, pen: Option<Pen> },
    Picture { rect: Rect, raster: Raster },
    Text { origin: [f64; 2], size: f64, content: String, ink: Ink, upwards: bool },
}

/// A drawing of fixed size, ready to be written.
///
/// Every [`Figure`] makes one; it is a figure itself, so that drawings of different figures can be kept in one list.
///
/// ```
/// use adatom_interpret::{Figure, ImageFigure, ndarray::Array2};
/// let drawing = ImageFigure::new(Array2::<f32>::zeros((8, 8)).view())?.drawing();
/// assert!(drawing.width() > 8.0 && drawing.to_svg().starts_with("<svg"));
/// # Ok::<(), adatom_interpret::Error>(())
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

    /// Whether a picture with many cells is part of it, so that PNG is the better file.
    pub(crate) fn has_picture(&self) -> bool {
        self.elements.iter().any(|element| {
            matches!(element, Element::Picture { raster, .. } if raster.width.min(raster.height) > 1)
        })
    }

    pub(crate) fn empty(width: f64, height: f64) -> Self {
        Self { width, height, elements: Vec::new() }
    }

    /// Grows the drawing so that the point lies inside.
    pub(crate) fn reach(&mut self, x: f64, y: f64) {
        self.width = self.width.max(x.ceil());
        self.height = self.height.max(y.ceil());
    }

    pub(crate) fn path(&mut self, outline: Vec<Segment>, fill: Option<Ink>, pen: Option<Pen>) {
        self.elements.push(Element::Path { outline, fill, pen });
    }

    pub(crate) fn line(&mut self, from: [f64; 2], to: [f64; 2], pen: Pen) {
        self.path(vec![Segment::Move(from), Segment::Line(to)], None, Some(pen));
    }

    pub(crate) fn polygon(&mut self, points: &[[f64; 2]], fill: impl Into<Ink>) {
        let mut outline = polyline(points);
        outline.push(Segment::Close);
        self.path(outline, Some(fill.into()), None);
    }

    pub(crate) fn rect(&mut self, rect: Rect, fill: Option<Ink>, pen: Option<Pen>) {
        let mut outline = polyline(&[
            [rect.x, rect.y],
            [rect.right(), rect.y],
            [rect.right(), rect.bottom()],
            [rect.x, rect.bottom()],
        ]);
        outline.push(Segment::Close);
        self.path(outline, fill, pen);
    }

    pub(crate) fn circle(&mut self, centre: [f64; 2], radius: f64, fill: Option<Ink>, pen: Option<Pen>) {
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

    pub(crate) fn picture(&mut self, rect: Rect, raster: Raster) {
        self.elements.push(Element::Picture { rect, raster });
    }

    /// Text whose baseline goes through `at`.
    pub(crate) fn text(&mut self, at: [f64; 2], content: &str, style: TextStyle) {
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

    /// Puts `other` with its upper left corner at `at`, and grows to hold it.
    pub(crate) fn place(&mut self, other: Self, at: [f64; 2]) {
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
    pub(crate) fn with_margin(self, margin: f64) -> Self {
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

impl Figure for Drawing {
    fn drawing(&self) -> Drawing {
        self.clone()
    }
}

pub(crate) fn polyline(points: &[[f64; 2]]) -> Vec<Segment> {
    let step = |(index, &point)| if index == 0 { Segment::Move(point) } else { Segment::Line(point) };
    points.iter().enumerate().map(step).collect()
}

/// Size in pixels, colour and anchor of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextStyle {
    pub(crate) size: f64,
    pub(crate) colour: [u8; 3],
    pub(crate) anchor: Anchor,
    pub(crate) upwards: bool,
}

impl TextStyle {
    pub(crate) const fn new(size: f64, colour: [u8; 3]) -> Self {
        Self { size, colour, anchor: Anchor::Start, upwards: false }
    }

    pub(crate) const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// Reads from below to above.
    pub(crate) const fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }
}
