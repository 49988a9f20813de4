//! The summary plot of Shapley values.

use crate::{ColourMap, Figure};
use adatom_plot::colour::Palette;
use adatom_plot::colour_bar::ColourBar;
use adatom_plot::drawing::{Anchor, BLACK, Drawing, FRAME, GRID, Pen, Rect, TextStyle};
use adatom_plot::font;
use adatom_plot::layout::{LABEL, MARGIN, TICK, titled};
use adatom_plot::scale::{Span, Ticks, extent, quantiles, ticks};
use adatom_plot::text::counted;
use adatom_plot::{Error, Result};

/// Height of a strip, width of all strips, and radius of a point, in pixels.
const STRIP: f64 = 26.0;
const WIDTH: f64 = 420.0;
const RADIUS: f64 = 2.1;

/// The summary plot of Shapley values (Lundberg et al. 2020): one strip per feature and one point per row.
///
/// The position of a point is the Shapley value of the feature for the prediction of a row, its colour the
/// value of the feature in that row, from low to high.
///
/// ```
/// use adatom_interpret::{BeeswarmFigure, Figure};
/// let figure = BeeswarmFigure::new("Shapley value (probability of 6)").feature(
///     "xanes@8984",
///     &[-0.1, 0.0, 0.2],
///     &[1.0, 1.5, 2.0],
/// )?;
/// assert!(figure.to_svg().contains("xanes@8984"));
/// let error = figure.feature("pdf@1.9", &[0.1], &[1.0, 2.0]).unwrap_err();
/// assert_eq!(error.to_string(), "the values of the feature: expected shape [1], found [2]");
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct BeeswarmFigure {
    label: String,
    title: String,
    features: Vec<Feature>,
}

#[derive(Debug, Clone)]
struct Feature {
    name: String,
    points: Vec<FeaturePoint>,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
struct FeaturePoint {
    shap: f64,
    value: f64,
}

impl BeeswarmFigure {
    /// A figure without features; `label` is the label of the axis.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), title: String::new(), features: Vec::new() }
    }

    /// Adds a strip below the others: the Shapley value of the feature for each row, and its value there,
    /// both `[n]`.
    ///
    /// # Errors
    /// [`Error::Shape`] when the lengths differ.
    pub fn feature(mut self, name: impl Into<String>, shap: &[f64], values: &[f64]) -> Result<Self> {
        if shap.len() != values.len() {
            let (expected, found) = (vec![shap.len()], vec![values.len()]);
            return Err(Error::Shape { what: "the values of the feature", expected, found });
        }
        let points = shap.iter().zip(values).map(|(&shap, &value)| FeaturePoint { shap, value });
        let points = points.filter(|point| point.shap.is_finite()).collect();
        self.features.push(Feature { name: name.into(), points });
        Ok(self)
    }

    /// The title above the strips; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

/// Heights of points above the middle of their strip: points in the same column of pixels are stacked from
/// the middle to both sides, without overlap while there is space.
fn heights(positions: &[f64]) -> Vec<f64> {
    let column = |position: f64| (position / (1.6 * RADIUS)).round() as i64;
    let mut counts = std::collections::BTreeMap::<i64, usize>::new();
    let order: Vec<usize> = positions
        .iter()
        .map(|&position| {
            let taken = counts.entry(column(position)).or_default();
            *taken += 1;
            *taken - 1
        })
        .collect();
    let half = STRIP / 2.0 - RADIUS - 1.0;
    positions
        .iter()
        .zip(order)
        .map(|(&position, rank)| {
            // Full columns are compressed into the strip.
            let needed = counts[&column(position)] as f64 / 2.0 * 1.5 * RADIUS;
            let step = 1.5 * RADIUS * (half / needed).min(1.0);
            let away = rank.div_ceil(2) as f64 * step;
            if rank % 2 == 0 { away } else { -away }
        })
        .collect()
}

impl Figure for BeeswarmFigure {
    fn drawing(&self) -> Drawing {
        if self.features.is_empty() {
            return adatom_plot::layout::nothing("There are no values.");
        }
        let all = || self.features.iter().flat_map(|feature| &feature.points);
        let [low, high] = extent(all().map(|point| point.shap).chain([0.0]));
        let names: Vec<_> =
            self.features.iter().map(|feature| font::shorten(&feature.name, LABEL, 200.0)).collect();
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
        for (index, (Feature { points, .. }, name)) in self.features.iter().zip(&names).enumerate() {
            let middle = (index as f64 + 0.5) * STRIP;
            let baseline = middle + font::CAPITALS * LABEL / 2.0;
            content.text([left - 9.0, baseline], name, TextStyle::new(LABEL, BLACK).anchored(Anchor::End));
            let limits = value_limits(points);
            let positions: Vec<f64> = points.iter().map(|point| at(point.shap)).collect();
            for ((&x, height), point) in positions.iter().zip(heights(&positions)).zip(points) {
                let colour = palette.at(point.value, limits).unwrap_or([0x99; 3]);
                content.circle([x, middle + height], RADIUS, Some(colour.into()), None);
            }
        }
        content.rect(Rect::new([left, 0.0], [WIDTH, bottom]), None, Some(Pen::new(FRAME, 1.0)));
        let below = bottom + 10.0 + TICK + LABEL;
        let style = TextStyle::new(LABEL, BLACK).anchored(Anchor::Middle);
        content.text([left + WIDTH / 2.0, below], &font::shorten(&self.label, LABEL, WIDTH), style);
        content.reach(0.0, below + 4.0);
        let span = Span::within([0.0, 1.0]);
        let ends = Ticks { values: vec![0.0, 1.0], labels: ["low", "high"].map(String::from).to_vec() };
        let bar = ColourBar::new(ColourMap::Cividis, span, "feature value").ticks(ends);
        content.place(bar.vertical(bottom.max(60.0)), [left + WIDTH + 12.0, 0.0]);
        let rows = self.features.iter().map(|feature| feature.points.len()).max().unwrap_or(0);
        let notes = [format!("{} per feature", counted(rows, "row"))];
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}

/// From the 5th to the 95th percentile of the values.
fn value_limits(points: &[FeaturePoint]) -> [f64; 2] {
    let mut values: Vec<f64> =
        points.iter().map(|point| point.value).filter(|value| value.is_finite()).collect();
    if values.is_empty() {
        return [0.0, 1.0];
    }
    adatom_plot::scale::widened(quantiles(&mut values, [0.05, 0.95]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_one_position_are_stacked_inside_their_strip() {
        let few = heights(&[10.0, 10.0, 10.0, 50.0]);
        assert_eq!(few[0], 0.0);
        assert!(few[1] < 0.0 && few[2] == -few[1] && few[3] == 0.0, "{few:?}");
        let many = heights(&[10.0; 500]);
        assert!(many.iter().all(|height| height.abs() <= STRIP / 2.0 - RADIUS), "{many:?}");
    }
}
