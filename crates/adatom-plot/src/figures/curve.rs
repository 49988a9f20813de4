//! Curves, such as those of a training or spectra.

use super::legend::{Entry, SERIES, legend, pen};
use crate::axes::{Axis, Plot};
use crate::drawing::{Drawing, Ink};
use crate::layout::{MARGIN, tiled, titled};
use crate::scale::{extent, quantiles, widened};
use crate::text::count;
use crate::{Error, Figure, Result};

/// A panel of a [`CurveFigure`]: named series with one y axis.
///
/// ```
/// use adatom_plot::CurvePanel;
/// let panel = CurvePanel::new("ELBO (nat)").series("train", &[1.0, 2.0], &[-900.0, -480.0])?;
/// let error = panel.series("held-out", &[1.0, 2.0], &[-900.0]).unwrap_err();
/// assert_eq!(error.to_string(), "the y values: expected shape [2], found [1]");
/// # Ok::<(), adatom_plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CurvePanel {
    label: String,
    x_label: Option<String>,
    limits: Limits,
    series: Vec<Series>,
}

/// Series of at most so many points have a mark at each point.
const MARKED: usize = 30;

/// The points of a line and their spread.
#[derive(Debug, Clone)]
struct Series {
    name: String,
    points: Vec<[f64; 2]>,
    /// Half the height of the band around each point; empty without one.
    spread: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limits {
    /// Without the first tenth of a curve where that would compress the rest.
    Robust,
    All,
}

impl CurvePanel {
    /// A panel whose y axis is named `label`.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), x_label: None, limits: Limits::Robust, series: Vec::new() }
    }

    /// The label of the x axis of this panel; that of the figure by default.
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_label = Some(label.into());
        self
    }

    /// Shows all values, also where the first ones lie far from the rest, as is right for spectra.
    pub fn all_values(mut self) -> Self {
        self.limits = Limits::All;
        self
    }

    /// Adds a line through `x`, `y`, interrupted where a value is not finite.
    ///
    /// # Errors
    /// [`Error::Shape`] when `y` has another length than `x`.
    pub fn series(mut self, name: impl Into<String>, x: &[f64], y: &[f64]) -> Result<Self> {
        if x.len() != y.len() {
            return Err(Error::Shape { what: "the y values", expected: vec![x.len()], found: vec![y.len()] });
        }
        let points = x.iter().zip(y).map(|(&x, &y)| [x, y]).collect();
        self.series.push(Series { name: name.into(), points, spread: Vec::new() });
        Ok(self)
    }

    /// Adds a line with a band of `spread` above and below it, such as a standard deviation; no band where
    /// that is not finite.
    ///
    /// # Errors
    /// [`Error::Shape`] when `y` or `spread` has another length than `x`.
    pub fn series_with_spread(
        self,
        name: impl Into<String>,
        x: &[f64],
        y: &[f64],
        spread: &[f64],
    ) -> Result<Self> {
        if spread.len() != x.len() {
            let (expected, found) = (vec![x.len()], vec![spread.len()]);
            return Err(Error::Shape { what: "the spread", expected, found });
        }
        let mut panel = self.series(name, x, y)?;
        let series = panel.series.last_mut().expect("one was added");
        series.spread = spread.iter().map(|spread| spread.abs()).collect();
        Ok(panel)
    }
}

/// Named curves in one or several panels side by side, such as ELBO, reconstruction and KL against epoch.
///
/// The y axis shows all values unless the first tenth of a curve would compress the rest; it then follows the
/// rest, and the figure states how many values lie beyond it.
///
/// ```
/// use adatom_plot::{CurveFigure, CurvePanel, Figure};
/// let epochs: Vec<f64> = (1..=40).map(f64::from).collect();
/// let elbo: Vec<f64> = epochs.iter().map(|e| -480.0 - 2000.0 * (-e).exp()).collect();
/// let figure =
///     CurveFigure::new(vec![CurvePanel::new("ELBO (nat)").series("train", &epochs, &elbo)?])?;
/// assert!(figure.drawing().height() > 200.0);
/// assert_eq!(
///     CurveFigure::new(vec![]).unwrap_err().to_string(),
///     "the list of panels must not be empty"
/// );
/// # Ok::<(), adatom_plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CurveFigure {
    panels: Vec<CurvePanel>,
    title: String,
    x_label: String,
}

impl CurveFigure {
    /// One plot for each panel.
    ///
    /// # Errors
    /// [`Error::Empty`] without a panel, or when a panel has no finite value.
    pub fn new(panels: Vec<CurvePanel>) -> Result<Self> {
        if panels.is_empty() {
            return Err(Error::Empty { what: "the list of panels" });
        }
        let finite = |panel: &CurvePanel| {
            panel
                .series
                .iter()
                .flat_map(|series| &series.points)
                .any(|point| point.iter().all(|x| x.is_finite()))
        };
        if !panels.iter().all(finite) {
            return Err(Error::Empty { what: "a panel's series of finite values" });
        }
        Ok(Self { panels, title: String::new(), x_label: "epoch".into() })
    }

    /// The title above the panels; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The label of the x axes; "epoch" by default.
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_label = label.into();
        self
    }
}

impl Figure for CurveFigure {
    fn drawing(&self) -> Drawing {
        let size = match self.panels.len() {
            1 => [520.0, 290.0],
            2 => [380.0, 250.0],
            _ => [264.0, 210.0],
        };
        let mut names: Vec<&str> = Vec::new();
        for series in self.panels.iter().flat_map(|panel| &panel.series) {
            if !names.contains(&series.name.as_str()) {
                names.push(&series.name);
            }
        }
        let mut beyond = 0;
        let plots = self.panels.iter().map(|panel| {
            let PlottedPanel { drawing, outside } = self.plot(panel, &names, size);
            beyond += outside;
            drawing
        });
        let mut content = tiled(plots.collect(), 3, [22.0, 20.0]);
        if names.len() > 1 {
            let mut with_legend = legend(&entries(&names), content.width());
            let below = with_legend.height() + 2.0;
            with_legend.place(content, [0.0, below]);
            content = with_legend;
        }
        let mut notes = Vec::new();
        if beyond == 1 {
            notes.push("1 value at the start lies beyond the axis".to_owned());
        } else if beyond > 1 {
            notes.push(format!("{} values at the start lie beyond the axes", count(beyond)));
        }
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}

/// A panel on the page.
struct PlottedPanel {
    drawing: Drawing,
    /// How many values lie beyond its y axis.
    outside: usize,
}

impl CurveFigure {
    fn plot(&self, panel: &CurvePanel, names: &[&str], size: [f64; 2]) -> PlottedPanel {
        let points = || panel.series.iter().flat_map(|series| &series.points);
        let x_range = points()
            .map(|point| point[0])
            .filter(|x| x.is_finite())
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)]);
        let integers = points().all(|point| point[0].fract() == 0.0);
        let few = panel.series.iter().all(|series| series.points.len() <= MARKED);
        let x_limits = match x_range {
            [low, high] if low >= high => [low - 0.5, low + 0.5],
            // Space for the marks of the outermost points.
            range if few && !integers => extent(range.into_iter()),
            range => range,
        };
        let y_limits = robust_limits(panel);
        let x_label = panel.x_label.as_ref().unwrap_or(&self.x_label);
        let x_axis = Axis::new(x_label, x_limits);
        let x_axis = if integers { x_axis.integers() } else { x_axis };
        let mut plot = Plot::new(&x_axis, &Axis::new(&panel.label, y_limits), size);
        let index = |series: &Series| names.iter().position(|other| *other == series.name).unwrap_or(0);
        for series in &panel.series {
            let ends = series.points.iter().zip(&series.spread);
            let rgb = SERIES[index(series) % SERIES.len()];
            plot.band(ends.map(|(&[x, y], spread)| [x, y - spread, y + spread]), Ink { rgb, opacity: 0.2 });
        }
        for series in &panel.series {
            let (index, points) = (index(series), &series.points);
            let colour = SERIES[index % SERIES.len()];
            plot.curve(points.iter().copied(), pen(index));
            if points.len() <= MARKED {
                for &point in points {
                    let at = plot.at(point);
                    if at.iter().all(|x| x.is_finite()) && plot.holds(at) {
                        plot.drawing.circle(at, 2.6, Some(colour.into()), None);
                    }
                }
            }
        }
        let outside =
            |point: &&[f64; 2]| point[1].is_finite() && !(y_limits[0]..=y_limits[1]).contains(&point[1]);
        PlottedPanel { outside: points().filter(outside).count(), drawing: plot.finish() }
    }
}

fn robust_limits(panel: &CurvePanel) -> [f64; 2] {
    let finite = |points: &[[f64; 2]]| -> Vec<f64> {
        points
            .iter()
            .filter(|point| point[0].is_finite())
            .map(|point| point[1])
            .filter(|y| y.is_finite())
            .collect()
    };
    let all: Vec<f64> = panel.series.iter().flat_map(|series| finite(&series.points)).collect();
    if panel.series.iter().any(|series| !series.spread.is_empty()) {
        let ends = panel.series.iter().flat_map(|series| {
            series.points.iter().zip(&series.spread).flat_map(|([_, y], spread)| [y - spread, y + spread])
        });
        return extent(all.into_iter().chain(ends));
    }
    let tail: Vec<f64> = panel
        .series
        .iter()
        .map(|series| &series.points)
        .flat_map(|points| finite(&points[(points.len().div_ceil(10)).min(points.len() - 1)..]))
        .collect();
    let everything = extent(all.iter().copied());
    if panel.limits == Limits::All || tail.len() < 5 || all.len() < 8 {
        return everything;
    }
    let (mut tail, mut all) = (tail, all);
    let [low, high] = quantiles(&mut tail, [0.0, 1.0]);
    let [lowest, highest] = quantiles(&mut all, [0.0, 1.0]);
    let spread = high - low;
    if spread <= 0.0 || highest - lowest < 3.0 * spread {
        return everything;
    }
    // Some space towards the omitted values shows where the curve comes from.
    let towards = |missing: f64| missing.clamp(0.05 * spread, 0.35 * spread);
    widened([low - towards(low - lowest), high + towards(highest - high)])
}

/// The legend entries of the series.
fn entries<'a>(names: &[&'a str]) -> Vec<Entry<'a>> {
    names.iter().enumerate().map(|(index, &name)| Entry { name, pen: pen(index) }).collect()
}
