//! Text measured and drawn with the font that comes with the crate.
//!
//! Text is drawn as outlines, so that PNG and SVG look the same on every machine and no font has to be
//! installed. The font is a subset of DejaVu Sans: Latin, Greek, Cyrillic and the signs of physics;
//! `assets/DEJAVU-LICENSE.txt`.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::outline::Segment;

static FACE: LazyLock<Face<'static>> = LazyLock::new(|| {
    Face::parse(include_bytes!("../assets/DejaVuSans-subset.ttf"), 0).expect("the bundled font is valid")
});

/// The height of capital letters and digits of DejaVu Sans, in units of the font size.
pub const CAPITALS: f64 = 0.729;

/// A glyph of a text.
pub(crate) struct Glyph {
    pub(crate) id: u16,
    /// Where it starts, in font units.
    pub(crate) x: f64,
}

/// A line of text as glyphs in drawing order.
pub(crate) struct Line {
    pub(crate) glyphs: Vec<Glyph>,
    /// In font units.
    width: f64,
}

/// The glyphs of a text.
pub(crate) fn line(text: &str) -> Line {
    let face = &*FACE;
    let (mut glyphs, mut x, mut previous) = (Vec::new(), 0.0, None);
    for character in text.chars() {
        let glyph = face.glyph_index(character).unwrap_or(GlyphId(0));
        if let Some(previous) = previous {
            x += kerning(face, previous, glyph);
        }
        glyphs.push(Glyph { id: glyph.0, x });
        x += f64::from(face.glyph_hor_advance(glyph).unwrap_or(0));
        previous = Some(glyph);
    }
    Line { glyphs, width: x }
}

fn kerning(face: &Face<'_>, left: GlyphId, right: GlyphId) -> f64 {
    let Some(table) = face.tables().kern else { return 0.0 };
    let pairs =
        table.subtables.into_iter().filter(|subtable| subtable.horizontal && !subtable.has_state_machine);
    pairs.filter_map(|subtable| subtable.glyphs_kerning(left, right)).map(f64::from).sum()
}

/// Font units per font size.
pub(crate) fn units_per_em() -> f64 {
    f64::from(FACE.units_per_em())
}

/// The width of `text` in pixels at `size` pixels.
pub fn width(text: &str, size: f64) -> f64 {
    line(text).width * size / units_per_em()
}

/// The outline of a glyph in font units, y upwards.
pub(crate) fn outline(glyph: u16) -> Vec<Segment> {
    let mut outline = Outline::default();
    FACE.outline_glyph(GlyphId(glyph), &mut outline);
    outline.0
}

#[derive(Default)]
struct Outline(Vec<Segment>);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(Segment::Move([x.into(), y.into()]));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(Segment::Line([x.into(), y.into()]));
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.push(Segment::Quad([x1.into(), y1.into()], [x.into(), y.into()]));
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.push(Segment::Cubic([x1.into(), y1.into()], [x2.into(), y2.into()], [x.into(), y.into()]));
    }
    fn close(&mut self) {
        self.0.push(Segment::Close);
    }
}

/// `text` in lines no wider than `available` pixels, broken between words and, where a word is wider, inside
/// it.
pub fn wrap(text: &str, size: f64, available: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if width(&joined, size) <= available {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for character in word.chars() {
                line.push(character);
                if width(&line, size) > available && line.chars().count() > 1 {
                    line.pop();
                    // File names are broken after a separator where possible.
                    let end = line.rfind(['_', '-', '/', '\\', '.']).map_or(line.len(), |index| index + 1);
                    let mut rest = line.split_off(end);
                    rest.push(character);
                    lines.push(std::mem::replace(&mut line, rest));
                }
            }
        }
        lines.push(line);
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// `text` no wider than `available` pixels; an ellipsis replaces its middle where it is wider.
pub fn shorten(text: &str, size: f64, available: f64) -> String {
    if width(text, size) <= available {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    for kept in (1..characters.len()).rev() {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let short: String =
            characters[..head].iter().chain(&['…']).chain(&characters[characters.len() - tail..]).collect();
        if width(&short, size) <= available {
            return short;
        }
    }
    "…".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_contains_the_symbols_of_physics() {
        for character in "−×·Åµ°²⁻⁴χ²σ→≥αΩЖ–—…".chars() {
            assert!(FACE.glyph_index(character).is_some(), "{character}");
        }
    }

    #[test]
    fn lines_fit_and_lose_no_character() {
        let text = "a title with an_extremely_long_file_name_without_any_space.tif at its end";
        let lines = wrap(text, 14.0, 120.0);
        assert!(lines.iter().all(|line| width(line, 14.0) <= 120.0), "{lines:?}");
        let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(letters(&lines.concat()), letters(text));
        assert!(wrap("  \n ", 14.0, 50.0).is_empty());
        assert!(width(&shorten(text, 14.0, 90.0), 14.0) <= 90.0);
    }

    #[test]
    fn a_text_is_as_wide_as_its_advances() {
        // Digits of DejaVu Sans advance 1303 of 2048 units each and are not kerned.
        assert!((width("0000", 20.48) - 4.0 * 13.03).abs() < 1e-9);
    }
}
