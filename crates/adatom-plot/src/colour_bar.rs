//! The colour scale beside a map: colours, ticks, a label, and a triangle at an end beyond which values lie.

use crate::drawing::{Anchor, BLACK, Drawing, FRAME, Pen, Raster, Rect, TextStyle};
use crate::font;
use crate::layout::{LABEL, TICK};
use crate::scale::{Limits, Span, Ticks, quarter_turns, ticks};
use crate::{ColourMap, drawing::Ink};

const THICK: f64 = 13.0;
const TRIANGLE: f64 = 9.0;
const TICK_LENGTH: f64 = 4.0;

/// A colour bar.
#[derive(Debug, Clone)]
pub struct ColourBar<'a> {
    map: ColourMap,
    span: Span,
    label: &'a str,
    /// Ticks other than round values, such as those of a logarithmic scale.
    ticks: Option<Ticks>,
}

impl<'a> ColourBar<'a> {
    /// The colours of `map` over `span`, with `label` beside them.
    pub fn new(map: ColourMap, span: Span, label: &'a str) -> Self {
        Self { map, span, label, ticks: None }
    }

    /// The same bar with these ticks instead of round values.
    pub fn ticks(self, ticks: Ticks) -> Self {
        Self { ticks: Some(ticks), ..self }
    }

    /// A vertical bar of `height` pixels, with ticks and label on the right.
    pub fn vertical(&self, height: f64) -> Drawing {
        let ticks = self.ticks_for((height / 42.0) as usize);
        let mut drawing = Drawing::empty(0.0, height);
        let top = if self.span.above { TRIANGLE } else { 0.0 };
        let bottom = height - if self.span.below { TRIANGLE } else { 0.0 };
        let bar = Rect::new([0.0, top], [THICK, bottom - top]);
        let raster = Raster::from_fn(256, 1, |row, _| Some(self.map.colour(1.0 - row as f64 / 255.0)));
        drawing.picture(bar, raster);
        drawing.rect(bar, None, Some(Pen::new(FRAME, 1.0)));
        let middle = THICK / 2.0;
        if self.span.above {
            self.triangle(&mut drawing, 1.0, [[0.0, top], [middle, 0.0], [THICK, top]]);
        }
        if self.span.below {
            self.triangle(&mut drawing, 0.0, [[0.0, bottom], [middle, height], [THICK, bottom]]);
        }
        let mut widest = 0f64;
        for (&value, text) in ticks.values.iter().zip(&ticks.labels) {
            let y = bottom - self.fraction(value) * bar.height;
            drawing.line([THICK, y], [THICK + TICK_LENGTH, y], Pen::new(FRAME, 1.0));
            let baseline = y + font::CAPITALS * TICK / 2.0;
            drawing.text([THICK + TICK_LENGTH + 4.0, baseline], text, TextStyle::new(TICK, BLACK));
            widest = widest.max(font::width(text, TICK));
        }
        let mut right = THICK + TICK_LENGTH + 4.0 + widest;
        for line in font::wrap(self.label, LABEL, height.max(60.0)) {
            right += LABEL * 1.4;
            let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle).upwards();
            drawing.text([right, height / 2.0], &line, style);
            drawing.reach(0.0, height / 2.0 + font::width(&line, LABEL) / 2.0);
        }
        drawing.reach(right + 3.0, height + TICK / 2.0);
        drawing
    }

    /// A horizontal bar of `width` pixels, with ticks and label below.
    pub fn horizontal(&self, width: f64) -> Drawing {
        let mut most = 6;
        let mut ticks = self.ticks_for(most);
        let crowded = |ticks: &Ticks| {
            let widest = ticks.labels.iter().map(|text| font::width(text, TICK)).fold(0.0, f64::max);
            (widest + 2.0 * TICK) * ticks.labels.len() as f64 > width
        };
        while crowded(&ticks) && most > 2 {
            most -= 1;
            ticks = self.ticks_for(most);
        }
        // Half of the outermost labels extends beyond both ends.
        let half = |text: &String| font::width(text, TICK) / 2.0;
        let overhang = ticks.labels.iter().map(half).fold(0.0, f64::max).ceil();
        let mut drawing = Drawing::empty(width, 0.0);
        let left = overhang.max(if self.span.below { TRIANGLE } else { 0.0 });
        let right = (width - overhang.max(if self.span.above { TRIANGLE } else { 0.0 })).max(left + 40.0);
        let bar = Rect::new([left, 0.5], [right - left, THICK]);
        let raster = Raster::from_fn(1, 256, |_, column| Some(self.map.colour(column as f64 / 255.0)));
        drawing.picture(bar, raster);
        drawing.rect(bar, None, Some(Pen::new(FRAME, 1.0)));
        let middle = bar.y + THICK / 2.0;
        if self.span.below {
            self.triangle(
                &mut drawing,
                0.0,
                [[left, bar.y], [left - TRIANGLE, middle], [left, bar.bottom()]],
            );
        }
        if self.span.above {
            self.triangle(
                &mut drawing,
                1.0,
                [[right, bar.y], [right + TRIANGLE, middle], [right, bar.bottom()]],
            );
        }
        let baseline = bar.bottom() + TICK_LENGTH + 2.0 + TICK;
        for (&value, text) in ticks.values.iter().zip(&ticks.labels) {
            let x = left + self.fraction(value) * bar.width;
            drawing.line([x, bar.bottom()], [x, bar.bottom() + TICK_LENGTH], Pen::new(FRAME, 1.0));
            drawing.text([x, baseline], text, TextStyle::new(TICK, BLACK).anchored(Anchor::Middle));
        }
        let mut below = baseline + 4.0;
        for line in font::wrap(self.label, LABEL, width.max(120.0)) {
            below += LABEL * 1.25;
            drawing.text([0.0, below - 2.0], &line, TextStyle::new(LABEL, BLACK));
            drawing.reach(font::width(&line, LABEL), 0.0);
        }
        drawing.reach(right + overhang, below + 2.0);
        drawing
    }

    fn triangle(&self, drawing: &mut Drawing, t: f64, corners: [[f64; 2]; 3]) {
        drawing.polygon(&corners, Ink::from(self.map.colour(t)));
        drawing.path(crate::outline::polyline(&corners), None, Some(Pen::new(FRAME, 1.0)));
    }

    fn ticks_for(&self, most: usize) -> Ticks {
        match &self.ticks {
            Some(ticks) => ticks.clone(),
            None if self.map == ColourMap::Cyclic && Limits::Given(self.span.limits) == Limits::TURN => {
                quarter_turns()
            }
            None => ticks(self.span.limits, most.clamp(2, 7)),
        }
    }

    fn fraction(&self, value: f64) -> f64 {
        let [low, high] = self.span.limits;
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }
}
