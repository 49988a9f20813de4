//! How often what was given a probability did occur.

use super::legend::{SERIES, legend, pen};
use crate::axes::{Axis, Plot};
use crate::drawing::{BLACK, Drawing, Pen, WHITE};
use crate::layout::{MARGIN, titled};
use crate::{Error, Figure, Result};

const SIDE: f64 = 330.0;
/// Radii of points of few and of many rows, in pixels.
const RADII: [f64; 2] = [2.2, 7.0];

/// Observed frequency against predicted probability, one curve a class; of calibrated probabilities both are equal. Larger
/// points stand for more rows.
///
/// ```
/// use adatom_interpret::{Figure, ReliabilityFigure};
/// // Mean probability and observed frequency in bins, and how many rows there are in each.
/// let figure = ReliabilityFigure::new().class("6 neighbours", &[[0.1, 0.05], [0.8, 0.9]], &[40, 25])?;
/// assert!(figure.to_svg().contains("6 neighbours"));
/// let error = figure.class("4 neighbours", &[[0.1, 0.05]], &[]).unwrap_err();
/// assert_eq!(error.to_string(), "the rows of the bins: expected shape [1], found [0]");
/// # Ok::<(), adatom_interpret::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ReliabilityFigure {
    classes: Vec<(String, Vec<[f64; 2]>, Vec<usize>)>,
    title: String,
}

impl ReliabilityFigure {
    /// Without a curve yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the curve of a class: mean predicted probability and observed frequency of every bin, and its rows.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is a number of rows for each bin.
    pub fn class(mut self, name: impl Into<String>, bins: &[[f64; 2]], rows: &[usize]) -> Result<Self> {
        if bins.len() != rows.len() {
            let (expected, found) = (vec![bins.len()], vec![rows.len()]);
            return Err(Error::Shape { what: "the rows of the bins", expected, found });
        }
        self.classes.push((name.into(), bins.to_vec(), rows.to_vec()));
        Ok(self)
    }

    /// What stands above the plot; nothing by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

impl Figure for ReliabilityFigure {
    fn drawing(&self) -> Drawing {
        let limits = [-0.03, 1.03];
        let (x, y) = (Axis::new("predicted probability", limits), Axis::new("observed frequency", limits));
        let mut plot = Plot::new(&x, &y, [SIDE, SIDE]);
        let [from, to] = [0.0, 1.0].map(|end| plot.at([end, end]));
        plot.drawing.line(from, to, Pen::new(BLACK, 1.2).dashed(6.0));
        let most = self.classes.iter().flat_map(|(.., rows)| rows).copied().max().unwrap_or(1).max(1) as f64;
        for (index, (_, bins, rows)) in self.classes.iter().enumerate() {
            plot.curve(bins.iter().copied(), pen(index));
            let colour = SERIES[index % SERIES.len()];
            for (&bin, &rows) in bins.iter().zip(rows) {
                let at = plot.at(bin);
                if at.iter().all(|place| place.is_finite()) && plot.holds(at) {
                    // Areas are as the numbers of rows.
                    let radius = RADII[0] + (RADII[1] - RADII[0]) * (rows as f64 / most).sqrt();
                    plot.drawing.circle(at, radius, Some(colour.into()), Some(Pen::new(WHITE, 1.0)));
                }
            }
        }
        let mut content = plot.finish();
        let entries: Vec<_> =
            self.classes.iter().enumerate().map(|(index, (name, ..))| (name.as_str(), pen(index))).collect();
        if !entries.is_empty() {
            let mut with_legend = legend(&entries, content.width());
            let below = with_legend.height() + 2.0;
            with_legend.place(content, [0.0, below]);
            content = with_legend;
        }
        let notes = ["dashed: both are equal; larger points stand for more rows".to_owned()];
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}
