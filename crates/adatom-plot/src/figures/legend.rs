//! Legends: names beside samples of their lines.

use crate::drawing::{BLACK, Drawing, Pen, TextStyle};
use crate::font;
use crate::layout::LABEL;

/// Colours of series: blue, vermilion, green, purple, orange, sky blue (Okabe and Ito 2008), which can be
/// distinguished with all common colour vision deficiencies.
pub const SERIES: [[u8; 3]; 6] = [
    [0x00, 0x72, 0xB2],
    [0xD5, 0x5E, 0x00],
    [0x00, 0x9E, 0x73],
    [0xCC, 0x79, 0xA7],
    [0xE6, 0x9F, 0x00],
    [0x56, 0xB4, 0xE9],
];

/// The pen of the series `index`; every second one is dashed, so that lines can be distinguished without
/// colour.
pub fn pen(index: usize) -> Pen {
    let pen = Pen::new(SERIES[index % SERIES.len()], 2.0);
    if index % 2 == 1 { pen.dashed(5.0) } else { pen }
}

/// A line of a legend.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The name of the series.
    pub name: &'a str,
    /// The pen that it is drawn with.
    pub pen: Pen,
}

/// Entries in as many rows as they need in a width of `available` pixels.
pub fn legend(entries: &[Entry<'_>], available: f64) -> Drawing {
    let (mut drawing, mut x, mut y) = (Drawing::empty(0.0, 0.0), 0.0, 0.0);
    for &Entry { name, pen } in entries {
        let name = font::shorten(name, LABEL, available - 40.0);
        let width = 34.0 + font::width(&name, LABEL);
        if x > 0.0 && x + width > available {
            (x, y) = (0.0, y + 19.0);
        }
        drawing.line([x, y + 9.0], [x + 27.0, y + 9.0], pen);
        let baseline = y + 9.0 + font::CAPITALS * LABEL / 2.0;
        drawing.text([x + 34.0, baseline], &name, TextStyle::new(LABEL, BLACK));
        drawing.reach(x + width, y + 19.0);
        x += width + 24.0;
    }
    drawing
}
