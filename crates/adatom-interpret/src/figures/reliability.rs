//! Reliability diagrams.

use crate::Figure;
use adatom_plot::axes::{Axis, Plot};
use adatom_plot::drawing::{BLACK, Drawing, Pen, WHITE};
use adatom_plot::figures::legend::{Entry, SERIES, legend, pen};
use adatom_plot::layout::{MARGIN, titled};
use adatom_plot::{Error, Result};

const SIDE: f64 = 330.0;
/// The smallest and the largest radius of points, in pixels.
const RADII: [f64; 2] = [2.2, 7.0];

/// The reliability diagram: observed frequency against predicted probability, one curve per class. Calibrated
/// probabilities lie on the diagonal; larger points represent more rows.
///
/// ```
/// use adatom_interpret::{Figure, ReliabilityFigure};
/// // Mean probability and observed frequency of each bin, and its number of rows.
/// let figure =
///     ReliabilityFigure::new().class("6 neighbours", &[[0.1, 0.05], [0.8, 0.9]], &[40, 25])?;
/// assert!(figure.to_svg().contains("6 neighbours"));
/// let error = figure.class("4 neighbours", &[[0.1, 0.05]], &[]).unwrap_err();
/// assert_eq!(error.to_string(), "the rows of the bins: expected shape [1], found [0]");
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ReliabilityFigure {
    classes: Vec<Class>,
    title: String,
}

#[derive(Debug, Clone)]
struct Class {
    name: String,
    /// Mean probability and observed frequency of each bin.
    bins: Vec<[f64; 2]>,
    rows: Vec<usize>,
}

impl ReliabilityFigure {
    /// A figure without curves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the curve of a class: mean predicted probability and observed frequency of each bin, and its
    /// number of rows.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is a number of rows for each bin.
    pub fn class(mut self, name: impl Into<String>, bins: &[[f64; 2]], rows: &[usize]) -> Result<Self> {
        if bins.len() != rows.len() {
            let (expected, found) = (vec![bins.len()], vec![rows.len()]);
            return Err(Error::Shape { what: "the rows of the bins", expected, found });
        }
        self.classes.push(Class { name: name.into(), bins: bins.to_vec(), rows: rows.to_vec() });
        Ok(self)
    }

    /// The title above the plot; none by default.
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
        let most =
            self.classes.iter().flat_map(|class| &class.rows).copied().max().unwrap_or(1).max(1) as f64;
        for (index, Class { bins, rows, .. }) in self.classes.iter().enumerate() {
            plot.curve(bins.iter().copied(), pen(index));
            let colour = SERIES[index % SERIES.len()];
            for (&bin, &rows) in bins.iter().zip(rows) {
                let at = plot.at(bin);
                if at.iter().all(|position| position.is_finite()) && plot.holds(at) {
                    // The area grows with the number of rows.
                    let radius = RADII[0] + (RADII[1] - RADII[0]) * (rows as f64 / most).sqrt();
                    plot.drawing.circle(at, radius, Some(colour.into()), Some(Pen::new(WHITE, 1.0)));
                }
            }
        }
        let mut content = plot.finish();
        let classes = self.classes.iter().enumerate();
        let entries: Vec<_> =
            classes.map(|(index, class)| Entry { name: &class.name, pen: pen(index) }).collect();
        if !entries.is_empty() {
            let mut with_legend = legend(&entries, content.width());
            let below = with_legend.height() + 2.0;
            with_legend.place(content, [0.0, below]);
            content = with_legend;
        }
        let notes = ["dashed: calibrated probabilities; larger points represent more rows".to_owned()];
        titled(content, &self.title, &notes).with_margin(MARGIN)
    }
}
