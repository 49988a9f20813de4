//! Bar charts.

use crate::Figure;
use crate::drawing::{Anchor, BLACK, Drawing, FRAME, GRID, MUTED, Pen, Rect, TextStyle};
use crate::font;
use crate::layout::{LABEL, MARGIN, TICK, titled};
use crate::scale::ticks;
use crate::text::significant;

const BAR: f64 = 17.0;
const APART: f64 = 27.0;
const WIDTH: f64 = 320.0;

/// Named quantities as horizontal bars, such as importances.
///
/// ```
/// use adatom_plot::{BarFigure, Figure};
/// let figure = BarFigure::new("KL divergence (nat)")
///     .bar("content 1", 2.31, "active")
///     .bar("content 2", 0.0004, "collapsed")
///     .bar_with_spread("content 3", 1.1, 0.2);
/// assert!(figure.to_svg().contains("collapsed"));
/// ```
#[derive(Debug, Clone)]
pub struct BarFigure {
    label: String,
    title: String,
    bars: Vec<Bar>,
}

#[derive(Debug, Clone)]
struct Bar {
    name: String,
    value: f64,
    /// Half the length of the error bar; 0 without one.
    spread: f64,
    remark: String,
}

impl Bar {
    /// Both ends of the error bar.
    fn ends(&self) -> [f64; 2] {
        [self.value - self.spread, self.value + self.spread]
    }
}

impl BarFigure {
    /// A figure without bars; `label` is the label of the axis.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), title: String::new(), bars: Vec::new() }
    }

    /// The title above the bars; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds a bar below the others, with a remark after its value; it may be empty.
    pub fn bar(mut self, name: impl Into<String>, value: f64, remark: impl Into<String>) -> Self {
        self.bars.push(Bar { name: name.into(), value, spread: 0.0, remark: remark.into() });
        self
    }

    /// Adds a bar with an error bar of `spread` to both sides, such as a standard deviation; none where it is
    /// not finite.
    pub fn bar_with_spread(mut self, name: impl Into<String>, value: f64, spread: f64) -> Self {
        let spread = if spread.is_finite() { spread.abs() } else { 0.0 };
        let remark = if spread > 0.0 { format!("± {}", significant(spread, 2)) } else { String::new() };
        self.bars.push(Bar { name: name.into(), value, spread, remark });
        self
    }
}

impl Figure for BarFigure {
    fn drawing(&self) -> Drawing {
        if self.bars.is_empty() {
            return crate::layout::nothing("There are no values.");
        }
        let finite = || self.bars.iter().flat_map(Bar::ends).filter(|value| value.is_finite());
        let (low, high) = finite().fold((0f64, 0f64), |(low, high), value| (low.min(value), high.max(value)));
        let [low, high] = if low < high { [low, high] } else { [0.0, 1.0] };
        let names: Vec<_> = self.bars.iter().map(|bar| font::shorten(&bar.name, LABEL, 220.0)).collect();
        let left = names.iter().map(|name| font::width(name, LABEL)).fold(0.0, f64::max).ceil() + 9.0;
        let at = |value: f64| left + (value - low) / (high - low) * WIDTH;
        let bottom = self.bars.len() as f64 * APART + 4.0;
        let mut content = Drawing::empty(left + WIDTH, bottom);
        let ticks = ticks([low, high], 5);
        for (&value, label) in ticks.values.iter().zip(&ticks.labels) {
            let x = at(value);
            content.line([x, 0.0], [x, bottom], Pen::new(GRID, 1.0));
            content.text(
                [x, bottom + 4.0 + TICK],
                label,
                TextStyle::new(TICK, BLACK).anchored(Anchor::Middle),
            );
            content.reach(x + font::width(label, TICK) / 2.0, 0.0);
        }
        for (index, (bar, name)) in self.bars.iter().zip(&names).enumerate() {
            let value = bar.value;
            let top = 4.0 + index as f64 * APART + (APART - BAR) / 2.0 - 2.0;
            let middle = top + BAR / 2.0;
            let baseline = middle + font::CAPITALS * LABEL / 2.0;
            content.text([left - 9.0, baseline], name, TextStyle::new(LABEL, BLACK).anchored(Anchor::End));
            let mut end = at(0.0);
            if value.is_finite() {
                let (from, to) = (at(value.min(0.0)), at(value.max(0.0)));
                let rect = Rect::new([from, top], [(to - from).max(0.5), BAR]);
                content.rect(rect, Some([0x00, 0x72, 0xB2].into()), None);
                end = to;
                if bar.spread > 0.0 {
                    let [from, to] = bar.ends().map(at);
                    content.line([from, middle], [to, middle], Pen::new(BLACK, 1.4));
                    for end in [from, to] {
                        content.line([end, middle - 4.0], [end, middle + 4.0], Pen::new(BLACK, 1.4));
                    }
                    end = end.max(to);
                }
            }
            let text = match bar.remark.as_str() {
                "" => significant(value, 3),
                remark => format!("{}  {remark}", significant(value, 3)),
            };
            let style = TextStyle::new(TICK, MUTED);
            content.text([end + 7.0, middle + font::CAPITALS * TICK / 2.0], &text, style);
            content.reach(end + 7.0 + font::width(&text, TICK), 0.0);
        }
        content.line([at(0.0), 0.0], [at(0.0), bottom], Pen::new(FRAME, 1.0));
        let below = bottom + 8.0 + TICK + LABEL;
        let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle);
        let label = font::shorten(&self.label, LABEL, WIDTH);
        content.text([left + WIDTH / 2.0, below], &label, style);
        content.reach(0.0, below + 4.0);
        titled(content, &self.title, &[]).with_margin(MARGIN)
    }
}
