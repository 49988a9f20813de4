//! Importances of columns along the axis of the measurement, below the spectra.

use crate::Figure;
use adatom_plot::axes::{Axis, Plot};
use adatom_plot::drawing::{BLACK, Drawing, Ink, Pen, Rect};
use adatom_plot::figures::legend::{Entry, SERIES, legend, pen};
use adatom_plot::layout::{MARGIN, tiled, titled};
use adatom_plot::scale::extent;
use adatom_plot::{Error, Result};

/// Width of both plots, and the heights of the spectra and of the importances, in pixels.
const WIDTH: f64 = 420.0;
const SPECTRA_HEIGHT: f64 = 190.0;
const IMPORTANCE_HEIGHT: f64 = 120.0;

/// Bars of importances: grey, because colours belong to the spectra.
const BAR: [u8; 3] = [0x8A, 0x8A, 0x8A];

/// The spectra of a modality, and below them the importances of its columns on the same axis.
///
/// ```
/// use adatom_interpret::ImportancePanel;
/// let energy = [8980.0, 8981.0, 8982.0];
/// let panel = ImportancePanel::new("XANES", "energy (eV)", &energy)
///     .spectrum("4 neighbours", &[0.1, 0.8, 1.0])?
///     .spectrum("6 neighbours", &[0.1, 0.5, 1.2])?
///     .importance("impurity", &[0.1, 0.7, 0.2], &[0.02, 0.1, 0.03])?;
/// let error = panel.spectrum("5 neighbours", &[0.1]).unwrap_err();
/// assert_eq!(error.to_string(), "the spectrum: expected shape [3], found [1]");
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImportancePanel {
    label: String,
    x_label: String,
    importance_label: String,
    x: Vec<f64>,
    spectra: Vec<Spectrum>,
    importances: Vec<Importance>,
}

#[derive(Debug, Clone)]
struct Spectrum {
    name: String,
    values: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Importance {
    name: String,
    mean: Vec<f64>,
    spread: Vec<f64>,
}

impl ImportancePanel {
    /// A panel of the columns at increasing `x`. `label` is the label of the upper y axis, `x_label` that of
    /// the x axis.
    pub fn new(label: impl Into<String>, x_label: impl Into<String>, x: &[f64]) -> Self {
        Self {
            label: label.into(),
            x_label: x_label.into(),
            importance_label: "importance".into(),
            x: x.to_vec(),
            spectra: Vec::new(),
            importances: Vec::new(),
        }
    }

    /// The label of the lower y axis; "importance" by default.
    pub fn importance_label(mut self, label: impl Into<String>) -> Self {
        self.importance_label = label.into();
        self
    }

    /// Adds a spectrum `[columns]`, such as the mean of a class.
    ///
    /// # Errors
    /// [`Error::Shape`] unless it is as long as the axis.
    pub fn spectrum(mut self, name: impl Into<String>, values: &[f64]) -> Result<Self> {
        self.check("the spectrum", values)?;
        self.spectra.push(Spectrum { name: name.into(), values: values.to_vec() });
        Ok(self)
    }

    /// Adds importances `[columns]` with their spread `[columns]`, which is not drawn where it is not finite.
    /// The first are bars with error bars, others lines with bands.
    ///
    /// # Errors
    /// [`Error::Shape`] unless both are as long as the axis.
    pub fn importance(mut self, name: impl Into<String>, mean: &[f64], spread: &[f64]) -> Result<Self> {
        self.check("the importances", mean)?;
        self.check("the spread of the importances", spread)?;
        let spread = spread.iter().map(|spread| spread.abs()).collect();
        self.importances.push(Importance { name: name.into(), mean: mean.to_vec(), spread });
        Ok(self)
    }

    fn check(&self, what: &'static str, values: &[f64]) -> Result<()> {
        if values.len() == self.x.len() {
            return Ok(());
        }
        Err(Error::Shape { what, expected: vec![self.x.len()], found: vec![values.len()] })
    }

    /// Half a column beyond the outermost ones, so that their bars are complete.
    fn limits(&self) -> [f64; 2] {
        let (first, last) = (self.x[0], self.x[self.x.len() - 1]);
        let half = 0.5 * self.pitch();
        [first - half, last + half]
    }

    /// The smallest distance between columns.
    fn pitch(&self) -> f64 {
        let apart = self.x.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0.0);
        let smallest = apart.fold(f64::INFINITY, f64::min);
        if smallest.is_finite() { smallest } else { 1.0 }
    }

    fn drawing(&self, names: &[&str]) -> Drawing {
        let above = self.spectra.iter().flat_map(|spectrum| &spectrum.values).copied();
        let ends = |one: &Importance| -> Vec<f64> {
            let spread = one.spread.iter().map(|spread| if spread.is_finite() { *spread } else { 0.0 });
            one.mean.iter().zip(spread).flat_map(|(mean, spread)| [mean - spread, mean + spread]).collect()
        };
        let below = extent(self.importances.iter().flat_map(ends).chain([0.0]));
        // Without a negative importance the bars start at the axis.
        let negative = self.importances.iter().flat_map(|one| &one.mean).any(|&mean| mean < 0.0);
        let below = if negative { below } else { [0.0, below[1]] };
        let (upper_size, lower_size) = ([WIDTH, SPECTRA_HEIGHT], [WIDTH, IMPORTANCE_HEIGHT]);
        let axes = [Axis::new(&self.label, extent(above)), Axis::new(&self.importance_label, below)];
        let left = Plot::left(&axes[0], upper_size).max(Plot::left(&axes[1], lower_size));
        let x = Axis::new(&self.x_label, self.limits());
        let mut upper = Plot::with_left(&x.clone().unlabelled(), &axes[0], upper_size, left);
        for Spectrum { name, values } in &self.spectra {
            let index = names.iter().position(|other| other == name).unwrap_or(0);
            upper.curve(self.x.iter().zip(values).map(|(&x, &y)| [x, y]), pen(index));
        }
        let mut lower = Plot::with_left(&x, &axes[1], lower_size, left);
        for (index, one) in self.importances.iter().enumerate() {
            if index == 0 { self.bars(&mut lower, one) } else { self.line(&mut lower, one, index) }
        }
        let mut whole = upper.finish();
        let top = whole.height() - 2.0;
        whole.place(lower.finish(), [0.0, top]);
        whole
    }

    fn bars(&self, plot: &mut Plot, one: &Importance) {
        let half = 0.42 * self.pitch();
        for ((&x, &mean), &spread) in self.x.iter().zip(&one.mean).zip(&one.spread) {
            if !mean.is_finite() {
                continue;
            }
            let ([left, zero], [right, top]) = (plot.at([x - half, 0.0]), plot.at([x + half, mean]));
            let rect = Rect::new([left, top.min(zero)], [right - left, (zero - top).abs()]);
            plot.drawing.rect(rect, Some(BAR.into()), None);
            if spread.is_finite() && spread > 0.0 {
                let [low, high] = [mean - spread, mean + spread].map(|end| plot.at([x, end]));
                let bottom = plot.area.bottom();
                plot.drawing.line([low[0], low[1].min(bottom)], high, Pen::new(BLACK, 0.9));
            }
        }
    }

    fn line(&self, plot: &mut Plot, one: &Importance, index: usize) {
        let ends = self.x.iter().zip(&one.mean).zip(&one.spread);
        let rgb = line_of(index).ink.rgb;
        plot.band(
            ends.map(|((&x, mean), spread)| [x, mean - spread, mean + spread]),
            Ink { rgb, opacity: 0.18 },
        );
        plot.curve(self.x.iter().zip(&one.mean).map(|(&x, &y)| [x, y]), line_of(index));
    }
}

/// Thin and dark lines, unlike those of the spectra.
fn line_of(index: usize) -> Pen {
    match index {
        0 => Pen::new(BAR, 8.0),
        1 => Pen::new(BLACK, 1.4),
        _ => Pen::new(SERIES[index % SERIES.len()], 1.4).dashed(2.5),
    }
}

/// Mean spectra, and below them the importance of every column with
/// its spread. One panel for each modality.
///
/// ```
/// use adatom_interpret::{Figure, ImportanceFigure, ImportancePanel};
/// let panel = ImportancePanel::new("PDF", "r (Å)", &[1.9, 2.0])
///     .spectrum("all", &[1.0, 2.0])?
///     .importance("permutation", &[0.0, 0.1], &[f64::NAN, 0.02])?;
/// let figure = ImportanceFigure::new(vec![panel])?.title("Importance");
/// assert!(figure.to_svg().contains("Importance"));
/// assert_eq!(
///     ImportanceFigure::new(vec![]).unwrap_err().to_string(),
///     "the list of panels must not be empty"
/// );
/// # Ok::<(), adatom_interpret::FigureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImportanceFigure {
    panels: Vec<ImportancePanel>,
    title: String,
}

impl ImportanceFigure {
    /// One panel for each modality.
    ///
    /// # Errors
    /// [`Error::Empty`] without a panel, or when one has no column, no spectrum or no importances;
    /// [`Error::Limits`] when the axis of one is not finite and increasing.
    pub fn new(panels: Vec<ImportancePanel>) -> Result<Self> {
        if panels.is_empty() {
            return Err(Error::Empty { what: "the list of panels" });
        }
        for panel in &panels {
            let parts = [
                (panel.x.is_empty(), "the axis of a panel"),
                (panel.spectra.is_empty(), "the list of spectra of a panel"),
                (panel.importances.is_empty(), "the list of importances of a panel"),
            ];
            if let Some((_, what)) = parts.into_iter().find(|(empty, _)| *empty) {
                return Err(Error::Empty { what });
            }
            let (low, high) = (panel.x[0], panel.x[panel.x.len() - 1]);
            let increases = panel.x.windows(2).all(|pair| pair[0] < pair[1]);
            if !(increases && low.is_finite() && high.is_finite()) {
                return Err(Error::Limits { low, high });
            }
        }
        Ok(Self { panels, title: String::new() })
    }

    /// The title above the panels; none by default.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

impl Figure for ImportanceFigure {
    fn drawing(&self) -> Drawing {
        let mut spectra: Vec<&str> = Vec::new();
        let mut importances: Vec<&str> = Vec::new();
        for panel in &self.panels {
            for spectrum in &panel.spectra {
                if !spectra.contains(&spectrum.name.as_str()) {
                    spectra.push(&spectrum.name);
                }
            }
            for one in &panel.importances {
                if !importances.contains(&one.name.as_str()) {
                    importances.push(&one.name);
                }
            }
        }
        let panels: Vec<Drawing> = self.panels.iter().map(|panel| panel.drawing(&spectra)).collect();
        let content = tiled(panels, 2, [24.0, 22.0]);
        let lines = spectra.iter().enumerate().map(|(index, &name)| Entry { name, pen: pen(index) });
        let bars = importances.iter().enumerate().map(|(index, &name)| Entry { name, pen: line_of(index) });
        let entries: Vec<Entry<'_>> = lines.chain(bars).collect();
        let mut whole = legend(&entries, content.width());
        let below = whole.height() + 4.0;
        whole.place(content, [0.0, below]);
        titled(whole, &self.title, &[]).with_margin(MARGIN)
    }
}
