//! The summary of Shapley values: a strip of points for each feature.

use crate::colour::Palette;
use crate::colour_bar::ColourBar;
use crate::drawing::{Anchor, BLACK, Drawing, FRAME, GRID, Pen, Rect, TextStyle};
use crate::layout::{LABEL, MARGIN, TICK, titled};
use crate::scale::{Span, Ticks, extent, percentiles, ticks};
use crate::text::counted;
use crate::{ColourMap, Error, Figure, Result, font};

/// Height of a strip, width of all strips, and radius of a point, in pixels.
const STRIP: f64 = 26.0;
const WIDTH: f64 = 420.0;
const RADIUS: f64 = 2.1;

/// Shapley values of many rows, one strip a feature: places are what the feature added to the answer of a row, colours its
/// value in that row, from low to high (after the summary plot of Lundberg et al. 2020).
///
/// ```
/// use adatom_interpret::{BeeswarmFigure, Figure};
/// let figure = BeeswarmFigure::new("adds to the probability of 6")
///     .feature("xanes@8984", &[-0.1, 0.0, 0.2], &[1.0, 1.5, 2.0])?;
/// assert!(figure.to_svg().contains("xanes@8984"));
/// let error = figure.feature("pdf@1.9", &[0.1], &[1.0, 2.0]).unwrap_err();
/// assert_eq!(error.to_string(), "the values of the feature: expected shape [1], found [2]");
/// # Ok::<(), adatom_interpret::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct BeeswarmFigure {
    label: String,
    title: String,
    features: Vec<(String, Vec<[f64; 2]>)>,
}

impl BeeswarmFigure {
    /// A figure without features, whose axis is named `label`.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), title: String::new(), features: Vec::new() }
    }

    /// Adds a strip below the others: what the feature added to the answer for each row, and its value there, both `[n]`.
    ///
    /// # Errors
    /// [`Error::Shape`] when they have different lengths.
    pub fn feature(mut self, name: impl Into<String>, adds: &[f64], values: &[f64]) -> Result<Self> {
        if adds.len() != values.len() {
            let (expected, found) = (vec![adds.len()], vec![values.len()]);
            return Err(Error::Shape { what: "the values of the feature", expected, found });
        }
        let points = adds.iter().zip(values).map(|(&adds, &value)| [adds, value]);
        self.features.push((name.into(), points.filter(|point| point[0].is_finite()).collect()));
        Ok(self)
    }

    /// What stands above the strips; nothing by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

/// Heights of points above the middle of their strip, so that they do not hide each other while there is room: points that
/// share a column of pixels are stacked from the middle to both sides.
fn heights(places: &[f64]) -> Vec<f64> {
    let column = |place: f64| (place / (1.6 * RADIUS)).round() as i64;
    let mut counts = std::collections::BTreeMap::<i64, usize>::new();
    let order: Vec<usize> = places
        .iter()
        .map(|&place| {
            let taken = counts.entry(column(place)).or_default();
            *taken += 1;
            *taken - 1
        })
        .collect();
    let half = STRIP / 2.0 - RADIUS - 1.0;
    places
        .iter()
        .zip(order)
        .map(|(&place, rank)| {
            // Full columns are squeezed into the strip.
            let needed = counts[&column(place)] as f64 / 2.0 * 1.5 * RADIUS;
            let step = 1.5 * RADIUS * (half / needed).min(1.0);
            let away = rank.div_ceil(2) as f64 * step;
            if rank % 2 == 0 { away } else { -away }
        })
        .collect()
}

impl Figure for BeeswarmFigure {
    fn drawing(&self) -> Drawing {
        if self.features.is_empty() {
            return crate::layout::nothing("There are no values.");
        }
        let all = || self.features.iter().flat_map(|(_, points)| points);
        let [low, high] = extent(all().map(|point| point[0]).chain([0.0]));
        let names: Vec<_> = self.features.iter().map(|(name, _)| font::shorten(name, LABEL, 200.0)).collect();
        let left = names.iter().map(|name| font::width(name, LABEL)).fold(0.0, f64::max).ceil() + 10.0;
        let bottom = self.features.len() as f64 * STRIP;
        let at = |value: f64| left + (value - low) / (high - low) * WIDTH;
        let mut content = Drawing::empty(left + WIDTH, bottom);
        let found = ticks([low, high], 6);
        for (&value, label) in found.values.iter().zip(&found.labels) {
            content.line([at(value), 0.0], [at(value), bottom], Pen::new(GRID, 1.0));
            let style = TextStyle::new(TICK, BLACK).anchored(Anchor::Middle);
            content.text([at(value), bottom + 5.0 + TICK], label, style);
        }
        content.line([at(0.0), 0.0], [at(0.0), bottom], Pen::new(FRAME, 1.2));
        let palette = Palette::new(ColourMap::Cividis);
        for (index, ((_, points), name)) in self.features.iter().zip(&names).enumerate() {
            let middle = (index as f64 + 0.5) * STRIP;
            let baseline = middle + font::CAPITALS * LABEL / 2.0;
            content.text([left - 9.0, baseline], name, TextStyle::new(LABEL, BLACK).anchored(Anchor::End));
            let limits = value_limits(points);
            let places: Vec<f64> = points.iter().map(|point| at(point[0])).collect();
            for ((&x, height), point) in places.iter().zip(heights(&places)).zip(points) {
                let colour = palette.at(point[1], limits).unwrap_or([0x99; 3]);
                content.circle([x, middle + height], RADIUS, Some(colour.into()), None);
            }
        }
        content.rect(Rect::new([left, 0.0], [WIDTH, bottom]), None, Some(Pen::new(FRAME, 1.0)));
        let below = bottom + 10.0 + TICK + LABEL;
        let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle);
        content.text([left + WIDTH / 2.0, below], &font::shorten(&self.label, LABEL, WIDTH), style);
        content.reach(0.0, below + 4.0);
        let span = Span { limits: [0.0, 1.0], below: false, above: false, constant: false };
        let ends = Ticks { values: vec![0.0, 1.0], labels: ["low", "high"].map(String::from).to_vec() };
        let bar = ColourBar {
            ticks: Some(ends),
            ..ColourBar::new(ColourMap::Cividis, span, "value of the feature")
        };
        content.place(bar.upright(bottom.max(60.0)), [left + WIDTH + 12.0, 0.0]);
        let rows = self.features.iter().map(|(_, points)| points.len()).max().unwrap_or(0);
        let notes = [format!("{} a feature", counted(rows, "row"))];
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}

/// From the 5th to the 95th percentile of the values.
fn value_limits(points: &[[f64; 2]]) -> [f64; 2] {
    let mut values: Vec<f64> =
        points.iter().map(|point| point[1]).filter(|value| value.is_finite()).collect();
    if values.is_empty() {
        return [0.0, 1.0];
    }
    let (low, high) = percentiles(&mut values, 0.05, 0.95);
    crate::scale::widened([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_one_place_are_stacked_inside_their_strip() {
        let few = heights(&[10.0, 10.0, 10.0, 50.0]);
        assert_eq!(few[0], 0.0);
        assert!(few[1] < 0.0 && few[2] == -few[1] && few[3] == 0.0, "{few:?}");
        let many = heights(&[10.0; 500]);
        assert!(many.iter().all(|height| height.abs() <= STRIP / 2.0 - RADIUS), "{many:?}");
    }
}
