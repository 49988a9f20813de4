//! Layout of drawings: a title above, notes below, panels side by side, a scale bar.

use adatom_core::PixelSize;

use crate::drawing::{Anchor, BLACK, Drawing, FRAME, MUTED, Pen, Rect, TextStyle, WHITE};
use crate::font;
use crate::scale::{length_label, round_fifth};

/// Font size of titles.
pub const TITLE: f64 = 15.0;
/// Font size of labels.
pub const LABEL: f64 = 12.5;
/// Font size of numbers at ticks.
pub const TICK: f64 = 11.5;
/// Font size of notes.
pub const NOTE: f64 = 11.0;
/// Margin around a figure, in pixels.
pub const MARGIN: f64 = 14.0;

/// Distance of the baselines of adjacent lines, in font sizes.
const LEADING: f64 = 1.35;

/// The least width of titles and notes, because narrower text breaks into too many lines.
const NARROWEST: f64 = 260.0;

/// Wrapped text as a drawing.
pub fn paragraph(text: &str, style: TextStyle, available: f64) -> Drawing {
    let lines = font::wrap(text, style.size, available);
    let mut drawing = Drawing::empty(0.0, (lines.len() as f64 * LEADING * style.size).ceil());
    for (index, line) in lines.iter().enumerate() {
        let width = font::width(line, style.size);
        let x = match style.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => available / 2.0,
            Anchor::End => available,
        };
        drawing.reach(if style.anchor == Anchor::Start { width } else { available }, 0.0);
        drawing.text([x, (index as f64 * LEADING + 1.0) * style.size], line, style);
    }
    drawing
}

/// `content` with a title above and notes below, aligned to the left; the notes are joined to one sentence.
pub fn titled(content: Drawing, title: &str, notes: &[String]) -> Drawing {
    let available = content.width().max(NARROWEST);
    let mut whole = Drawing::empty(0.0, 0.0);
    if !title.trim().is_empty() {
        whole.place(paragraph(title, TextStyle::new(TITLE, BLACK), available), [0.0, 0.0]);
        whole.reach(0.0, whole.height() + 4.0);
    }
    let below = whole.height();
    whole.place(content, [0.0, below]);
    if !notes.is_empty() {
        let text = format!("{}.", sentence(&notes.join("; ")));
        let below = whole.height() + 6.0;
        whole.place(paragraph(&text, TextStyle::new(NOTE, MUTED), available), [0.0, below]);
    }
    whole
}

/// `text` with a capital at its start, unless the first word is a symbol such as "r".
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_alphabetic() => {
            first.to_uppercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// Drawings in rows of at most `columns`; `gap` is the distance of columns and of rows.
pub fn tiled(drawings: Vec<Drawing>, columns: usize, gap: [f64; 2]) -> Drawing {
    let columns = columns.max(1);
    let widths: Vec<f64> = (0..columns)
        .map(|column| drawings.iter().skip(column).step_by(columns).map(Drawing::width).fold(0.0, f64::max))
        .collect();
    let (mut whole, mut top) = (Drawing::empty(0.0, 0.0), 0.0);
    let mut rest = drawings.into_iter().peekable();
    while rest.peek().is_some() {
        let mut left = 0.0;
        for (drawing, width) in rest.by_ref().take(columns).zip(&widths) {
            whole.place(drawing, [left, top]);
            left += width + gap[0];
        }
        top = whole.height() + gap[1];
    }
    whole
}

/// The size of a picture on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PictureSize {
    /// Width and height in pixels of the page.
    pub size: [f64; 2],
    /// Whether rows and columns have the same scale.
    pub to_scale: bool,
}

/// The size of a picture of `cells` `[rows, columns]`, each as large as `cell`, that fits into `most` pixels
/// (width, height).
///
/// Cells that are larger than a pixel of the PNG get an integer number of pixels, so that all appear equally
/// large. A side shorter than 14 pixels is stretched to be visible, and the picture is then not to scale.
pub fn picture_size(cells: [usize; 2], cell: &PixelSize, most: [f64; 2]) -> PictureSize {
    let [rows, columns] = cells.map(|count| count.max(1) as f64);
    let ratio = cell.row / cell.column;
    let fitting = (most[0] / columns).min(most[1] / (rows * ratio));
    // A map of very few cells does not fill the page.
    let fitting = fitting.min(48f64.max(140.0 / columns.min(rows * ratio)));
    let in_png = 2.0 * fitting;
    let scale = if in_png >= 2.0 && cell.is_square() { in_png.floor() / 2.0 } else { fitting };
    let size = [columns * scale, rows * scale * ratio];
    const THINNEST: f64 = 14.0;
    let to_scale = size[0].min(size[1]) >= THINNEST;
    PictureSize { size: size.map(|side| side.max(THINNEST)), to_scale }
}

/// `size` where both lengths are positive and finite, otherwise 1 px.
pub fn drawable(size: Option<&PixelSize>) -> PixelSize {
    size.filter(|size| [size.row, size.column].iter().all(|length| length.is_finite() && *length > 0.0))
        .cloned()
        .unwrap_or_else(|| PixelSize::square(1.0, "px"))
}

/// The scale bar of a picture `width` pixels wide with `columns` cells.
///
/// Its length is the round number nearest to a fifth of the picture, at least one pixel where no unit is
/// known.
pub fn scale_bar(columns: usize, cell: &PixelSize, width: f64) -> Drawing {
    let extent = columns.max(1) as f64 * cell.column;
    let length = if cell.unit == "px" { round_fifth(extent).max(1.0) } else { round_fifth(extent) };
    let bar = length / extent * width;
    let mut drawing = Drawing::empty(0.0, 16.0);
    drawing.rect(Rect::new([0.0, 5.5], [bar, 5.0]), Some(BLACK.into()), None);
    let label = length_label(length, &cell.unit);
    drawing.text([bar + 7.0, 8.0 + font::CAPITALS * LABEL / 2.0], &label, TextStyle::new(LABEL, BLACK));
    drawing.reach(bar + 7.0 + font::width(&label, LABEL), 0.0);
    drawing
}

/// Fills `rect` with diagonal lines on white, the background of cells without a value.
pub fn hatch(drawing: &mut Drawing, rect: Rect) {
    const APART: f64 = 7.0;
    drawing.rect(rect, Some(WHITE.into()), None);
    let pen = Pen::new([0xB4, 0xB4, 0xB4], 1.0);
    let mut offset = APART;
    while offset < rect.width + rect.height {
        // From the left or lower edge to the upper or right one.
        let from = [(offset - rect.height).max(0.0), offset.min(rect.height)];
        let to = [offset.min(rect.width), (offset - rect.width).max(0.0)];
        drawing.line([rect.x + from[0], rect.y + from[1]], [rect.x + to[0], rect.y + to[1]], pen);
        offset += APART;
    }
}

/// Adds a thin frame around a picture.
pub fn framed(drawing: &mut Drawing, rect: Rect) {
    drawing.rect(rect, None, Some(Pen::new(FRAME, 1.0)));
}

/// A drawing that states why there is nothing to draw.
pub fn nothing(text: &str) -> Drawing {
    let style = TextStyle::new(LABEL, MUTED);
    paragraph(text, style, 260.0).with_margin(MARGIN)
}
