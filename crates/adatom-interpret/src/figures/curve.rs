//! Curves: of trainings, and spectra.

use crate::axes::{Axis, Plot};
use crate::drawing::{BLACK, Drawing, Pen, TextStyle};
use crate::font;
use crate::layout::{LABEL, MARGIN, tiled, titled};
use crate::scale::{extent, percentiles, widened};
use crate::text::count;
use crate::{Error, Figure, Result};

/// Blue, vermilion, green, purple, orange, sky blue (Okabe and Ito 2008), which all colour visions tell apart.
pub(crate) const SERIES: [[u8; 3]; 6] = [
    [0x00, 0x72, 0xB2],
    [0xD5, 0x5E, 0x00],
    [0x00, 0x9E, 0x73],
    [0xCC, 0x79, 0xA7],
    [0xE6, 0x9F, 0x00],
    [0x56, 0xB4, 0xE9],
];

/// A panel of a [`CurveFigure`]: named series with one y axis.
///
/// ```
/// use adatom_interpret::CurvePanel;
/// let panel = CurvePanel::new("ELBO (nat)").series("train", &[1.0, 2.0], &[-900.0, -480.0])?;
/// let error = panel.series("held-out", &[1.0, 2.0], &[-900.0]).unwrap_err();
/// assert_eq!(error.to_string(), "the y values: expected shape [2], found [1]");
/// # Ok::<(), adatom_interpret::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CurvePanel {
    label: String,
    x_label: Option<String>,
    limits: Limits,
    series: Vec<(String, Vec<[f64; 2]>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limits {
    /// Without the first tenth where that would squeeze the rest.
    Robust,
    All,
}

impl CurvePanel {
    /// A panel whose y axis is named `label`.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), x_label: None, limits: Limits::Robust, series: Vec::new() }
    }

    /// What stands along the x axis of this panel; that of the figure by default.
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_label = Some(label.into());
        self
    }

    /// Shows all values, however far the first ones lie from the rest: for spectra.
    pub fn all_values(mut self) -> Self {
        self.limits = Limits::All;
        self
    }

    /// Adds a line through `x`, `y`; it is interrupted where a value is not finite.
    ///
    /// # Errors
    /// [`Error::Shape`] when `y` has another length than `x`.
    pub fn series(mut self, name: impl Into<String>, x: &[f64], y: &[f64]) -> Result<Self> {
        if x.len() != y.len() {
            return Err(Error::Shape { what: "the y values", expected: vec![x.len()], found: vec![y.len()] });
        }
        self.series.push((name.into(), x.iter().zip(y).map(|(&x, &y)| [x, y]).collect()));
        Ok(self)
    }
}

/// Named curves in one or several panels side by side, such as ELBO, reconstruction and KL against epoch.
///
/// The y axis shows all values, unless the first tenth of a curve would squeeze the rest: then it follows the rest,
/// and the figure says how many values lie beyond.
///
/// ```
/// use adatom_interpret::{CurveFigure, CurvePanel, Figure};
/// let epochs: Vec<f64> = (1..=40).map(f64::from).collect();
/// let elbo: Vec<f64> = epochs.iter().map(|e| -480.0 - 2000.0 * (-e).exp()).collect();
/// let figure = CurveFigure::new(vec![CurvePanel::new("ELBO (nat)").series("train", &epochs, &elbo)?])?;
/// assert!(figure.drawing().height() > 200.0);
/// assert_eq!(CurveFigure::new(vec![]).unwrap_err().to_string(), "the list of panels must not be empty");
/// # Ok::<(), adatom_interpret::Error>(())
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
                .flat_map(|(_, points)| points)
                .any(|point| point.iter().all(|x| x.is_finite()))
        };
        if !panels.iter().all(finite) {
            return Err(Error::Empty { what: "a panel's series of finite values" });
        }
        Ok(Self { panels, title: String::new(), x_label: "epoch".into() })
    }

    /// What stands above the panels; nothing by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// What stands along the x axes; "epoch" by default.
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
        for (name, _) in self.panels.iter().flat_map(|panel| &panel.series) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let mut beyond = 0;
        let plots = self.panels.iter().map(|panel| {
            let (plot, outside) = self.plot(panel, &names, size);
            beyond += outside;
            plot
        });
        let mut content = tiled(plots.collect(), 3, [22.0, 20.0]);
        if names.len() > 1 {
            let mut with_legend = legend(&names, content.width());
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

impl CurveFigure {
    /// A plot, and how many values lie beyond its y axis.
    fn plot(&self, panel: &CurvePanel, names: &[&str], size: [f64; 2]) -> (Drawing, usize) {
        let points = || panel.series.iter().flat_map(|(_, points)| points);
        let x_range = points()
            .map(|point| point[0])
            .filter(|x| x.is_finite())
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)]);
        let whole = points().all(|point| point[0].fract() == 0.0);
        let x_limits = if x_range[0] < x_range[1] { x_range } else { [x_range[0] - 0.5, x_range[0] + 0.5] };
        let y_limits = robust_limits(panel);
        let x_label = panel.x_label.as_ref().unwrap_or(&self.x_label);
        let x_axis = Axis { whole, ..Axis::new(x_label, x_limits) };
        let mut plot = Plot::new(&x_axis, &Axis::new(&panel.label, y_limits), size);
        for (name, points) in &panel.series {
            let index = names.iter().position(|other| other == name).unwrap_or(0);
            let colour = SERIES[index % SERIES.len()];
            plot.curve(points.iter().copied(), pen(index));
            if points.len() <= 30 {
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
        (plot.finish(), points().filter(outside).count())
    }
}

/// Every second series is dashed, so that lines can be told apart without colour.
fn pen(index: usize) -> Pen {
    let pen = Pen::new(SERIES[index % SERIES.len()], 2.0);
    if index % 2 == 1 { pen.dashed(5.0) } else { pen }
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
    let all: Vec<f64> = panel.series.iter().flat_map(|(_, points)| finite(points)).collect();
    let tail: Vec<f64> = panel
        .series
        .iter()
        .flat_map(|(_, points)| finite(&points[(points.len().div_ceil(10)).min(points.len() - 1)..]))
        .collect();
    let everything = extent(all.iter().copied());
    if panel.limits == Limits::All || tail.len() < 5 || all.len() < 8 {
        return everything;
    }
    let (mut tail, mut all) = (tail, all);
    let (low, high) = percentiles(&mut tail, 0.0, 1.0);
    let (lowest, highest) = percentiles(&mut all, 0.0, 1.0);
    let spread = high - low;
    if spread <= 0.0 || highest - lowest < 3.0 * spread {
        return everything;
    }
    // Some room towards the values that are left out shows where the curve came from.
    let towards = |missing: f64| missing.clamp(0.05 * spread, 0.35 * spread);
    widened([low - towards(low - lowest), high + towards(highest - high)])
}

/// Names beside pieces of their lines, in as many rows as they need.
fn legend(names: &[&str], available: f64) -> Drawing {
    let (mut drawing, mut x, mut y) = (Drawing::empty(0.0, 0.0), 0.0, 0.0);
    for (index, name) in names.iter().enumerate() {
        let name = font::shorten(name, LABEL, available - 40.0);
        let width = 34.0 + font::width(&name, LABEL);
        if x > 0.0 && x + width > available {
            (x, y) = (0.0, y + 19.0);
        }
        drawing.line([x, y + 9.0], [x + 27.0, y + 9.0], pen(index));
        let baseline = y + 9.0 + font::CAPITALS * LABEL / 2.0;
        drawing.text([x + 34.0, baseline], &name, TextStyle::new(LABEL, BLACK));
        drawing.reach(x + width, y + 19.0);
        x += width + 24.0;
    }
    drawing
}
