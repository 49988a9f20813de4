//! Recovered against true values.

use super::points::{self, Point, SIDE};
use crate::axes::{Axis, Plot};
use crate::drawing::{BLACK, Drawing, Ink, Pen, Rect, TextStyle, WHITE};
use crate::layout::LABEL;
use crate::scale::extent;
use crate::text::{counted, fixed};
use crate::{Error, Figure, Result, font};

/// Recovered against true values, with the line on which both are equal and Pearson's r.
///
/// ```
/// use adatom_interpret::{AgreementFigure, Figure};
/// let figure = AgreementFigure::new(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 3.0])?.labels("true (px)", "recovered (px)");
/// assert_eq!(figure.correlation(), Some(1.0));
/// assert!(figure.to_svg().contains("r = 1.000"));
///
/// // Without spread there is no correlation.
/// assert_eq!(AgreementFigure::new(&[1.0, 1.0], &[0.0, 1.0])?.correlation(), None);
/// # Ok::<(), adatom_interpret::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct AgreementFigure {
    points: Vec<Point>,
    /// Both ends of the interval of every point; empty without intervals.
    intervals: Vec<[f64; 2]>,
    title: String,
    labels: [String; 2],
}

impl AgreementFigure {
    /// One point for each pair of a true and a recovered value; pairs that are not finite are left out.
    ///
    /// # Errors
    /// [`Error::Empty`] without a value, [`Error::Shape`] when both have different lengths.
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
        let points = truth.iter().zip(recovered).map(|(&x, &y)| [x, y, f64::NAN]).collect();
        let labels = ["true".into(), "recovered".into()];
        Ok(Self { points, intervals: Vec::new(), title: String::new(), labels })
    }

    /// Draws an interval of prediction as a thin line through every point.
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
        self.points.iter().filter(|point| point[0].is_finite() && point[1].is_finite())
    }

    /// What stands above the plot; nothing by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// What stands along the axes; "true" and "recovered" by default.
    pub fn labels(mut self, truth: impl Into<String>, recovered: impl Into<String>) -> Self {
        self.labels = [truth.into(), recovered.into()];
        self
    }

    /// Pearson's correlation coefficient; `None` where either side has no spread.
    pub fn correlation(&self) -> Option<f64> {
        let n = self.finite().count() as f64;
        let mean = |axis: usize| self.finite().map(|point| point[axis]).sum::<f64>() / n;
        let centre = [mean(0), mean(1)];
        let sum = |a: usize, b: usize| {
            self.finite().map(|point| (point[a] - centre[a]) * (point[b] - centre[b])).sum::<f64>()
        };
        let (xx, yy, xy) = (sum(0, 0), sum(1, 1), sum(0, 1));
        (xx * yy > 0.0 && (xx * yy).is_finite()).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
    }
}

impl Figure for AgreementFigure {
    fn drawing(&self) -> Drawing {
        let both = extent(self.finite().flat_map(|point| [point[0], point[1]]));
        let (x, y) = (Axis::new(&self.labels[0], both), Axis::new(&self.labels[1], both));
        let mut plot = Plot::new(&x, &y, [SIDE, SIDE]);
        let faint = Pen::new(Ink { rgb: [0x00, 0x5A, 0x9C], opacity: 0.28 }, 1.2);
        for (point, ends) in self.points.iter().zip(&self.intervals) {
            plot.curve(ends.iter().map(|&end| [point[0], end]), faint);
        }
        let [from, to] = both.map(|end| plot.at([end, end]));
        let area = plot.area;
        let (mut content, note) = points::draw(plot, &self.points, None);
        content.line(from, to, Pen::new(BLACK, 1.2).dashed(6.0));
        let mut notes = vec!["dashed: both are equal".to_owned()];
        if !self.intervals.is_empty() {
            notes.push("thin lines: intervals of prediction".into());
        }
        match self.correlation() {
            Some(r) => {
                // The upper left is where agreeing values leave room; the plate keeps it readable if they do not.
                let text = format!("r = {}", fixed(r, 3));
                let plate = Rect::new([area.x + 8.0, area.y + 8.0], [font::width(&text, LABEL) + 14.0, 24.0]);
                content.rect(plate, Some(Ink { rgb: WHITE, opacity: 0.88 }), None);
                content.text([plate.x + 7.0, plate.y + 16.5], &text, TextStyle::new(LABEL, BLACK));
            }
            None => notes.push("r is not defined: the values have no spread".into()),
        }
        notes.push(note.unwrap_or_else(|| counted(self.finite().count(), "point")));
        points::with_notes(content, &self.title, notes)
    }
}
