//! Parity plots: recovered or predicted against true values.

use crate::Figure;
use adatom_plot::axes::{Axis, Plot};
use adatom_plot::drawing::{BLACK, Drawing, Ink, Pen, Rect, TextStyle, WHITE};
use adatom_plot::figures::points::{self, DrawnPoints, Point, SIDE};
use adatom_plot::font;
use adatom_plot::layout::LABEL;
use adatom_plot::scale::extent;
use adatom_plot::text::{counted, fixed};
use adatom_plot::{Error, Result};

/// A parity plot: recovered or predicted against true values, with the line of equality and Pearson's r.
///
/// ```
/// use adatom_interpret::{AgreementFigure, Figure};
/// let figure = AgreementFigure::new(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 3.0])?
///     .labels("true (px)", "recovered (px)");
/// assert_eq!(figure.correlation(), Some(1.0));
/// assert!(figure.to_svg().contains("r = 1.000"));
///
/// // A correlation is not defined where values are constant.
/// assert_eq!(AgreementFigure::new(&[1.0, 1.0], &[0.0, 1.0])?.correlation(), None);
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct AgreementFigure {
    points: Vec<Point>,
    /// The ends of the interval of every point; empty without intervals.
    intervals: Vec<[f64; 2]>,
    title: String,
    labels: [String; 2],
}

impl AgreementFigure {
    /// One point for each pair of a true and a recovered value; pairs that are not finite are omitted.
    ///
    /// # Errors
    /// [`Error::Empty`] without a value, [`Error::Shape`] when the lengths differ.
    pub fn new(truth: &[f64], recovered: &[f64]) -> Result<Self> {
        if truth.is_empty() {
            return Err(Error::Empty { what: "the list of true values" });
        }
        if truth.len() != recovered.len() {
            return Err(Error::Shape {
                what: "the recovered values",
                expected: vec![truth.len()],
                found: vec![recovered.len()],
            });
        }
        let points = truth.iter().zip(recovered).map(|(&x, &y)| Point::new(x, y)).collect();
        let labels = ["true".into(), "recovered".into()];
        Ok(Self { points, intervals: Vec::new(), title: String::new(), labels })
    }

    /// Draws a prediction interval as a thin line through every point.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there are two ends for each pair of values.
    pub fn intervals(mut self, lower: &[f64], upper: &[f64]) -> Result<Self> {
        for ends in [lower, upper] {
            if ends.len() != self.points.len() {
                let (expected, found) = (vec![self.points.len()], vec![ends.len()]);
                return Err(Error::Shape { what: "the ends of the intervals", expected, found });
            }
        }
        self.intervals = lower.iter().zip(upper).map(|(&lower, &upper)| [lower, upper]).collect();
        Ok(self)
    }

    fn finite(&self) -> impl Iterator<Item = &Point> + Clone {
        self.points.iter().filter(|point| point.x.is_finite() && point.y.is_finite())
    }

    /// The title above the plot; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The labels of the axes; "true" and "recovered" by default.
    pub fn labels(mut self, truth: impl Into<String>, recovered: impl Into<String>) -> Self {
        self.labels = [truth.into(), recovered.into()];
        self
    }

    /// Pearson's correlation coefficient; `None` where either side is constant.
    pub fn correlation(&self) -> Option<f64> {
        let n = self.finite().count() as f64;
        let x = self.finite().map(|point| point.x).sum::<f64>() / n;
        let y = self.finite().map(|point| point.y).sum::<f64>() / n;
        let xx: f64 = self.finite().map(|point| (point.x - x).powi(2)).sum();
        let yy: f64 = self.finite().map(|point| (point.y - y).powi(2)).sum();
        let xy: f64 = self.finite().map(|point| (point.x - x) * (point.y - y)).sum();
        (xx * yy > 0.0 && (xx * yy).is_finite()).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
    }
}

impl Figure for AgreementFigure {
    fn drawing(&self) -> Drawing {
        let both = extent(self.finite().flat_map(|point| [point.x, point.y]));
        let (x, y) = (Axis::new(&self.labels[0], both), Axis::new(&self.labels[1], both));
        let mut plot = Plot::new(&x, &y, [SIDE, SIDE]);
        let faint = Pen::new(Ink { rgb: [0x00, 0x5A, 0x9C], opacity: 0.28 }, 1.2);
        for (point, ends) in self.points.iter().zip(&self.intervals) {
            plot.curve(ends.iter().map(|&end| [point.x, end]), faint);
        }
        let [from, to] = both.map(|end| plot.at([end, end]));
        let area = plot.area;
        let DrawnPoints { drawing: mut content, note, .. } = points::draw(plot, &self.points, None);
        content.line(from, to, Pen::new(BLACK, 1.2).dashed(6.0));
        let mut notes = vec!["dashed: equality".to_owned()];
        if !self.intervals.is_empty() {
            notes.push("thin lines: prediction intervals".into());
        }
        match self.correlation() {
            Some(r) => {
                // The upper left is free where values agree; the background keeps the text readable where
                // they do not.
                let text = format!("r = {}", fixed(r, 3));
                let plate = Rect::new([area.x + 8.0, area.y + 8.0], [font::width(&text, LABEL) + 14.0, 24.0]);
                content.rect(plate, Some(Ink { rgb: WHITE, opacity: 0.88 }), None);
                content.text([plate.x + 7.0, plate.y + 16.5], &text, TextStyle::new(LABEL, BLACK));
            }
            None => notes.push("r is not defined for constant values".into()),
        }
        notes.push(note.unwrap_or_else(|| counted(self.finite().count(), "point")));
        points::with_notes(content, &self.title, notes)
    }
}
