//! The report on one image: input, training, latent variables and their maps.

mod latents;
mod page;

use std::path::Path;

use adatom_core::{ImageFrame, LatentMap, PatchGrid, Window};
use ndarray::{ArrayView2, ArrayView3};

use self::latents::LatentParts;
use crate::{
    AgreementFigure, CurveFigure, CurvePanel, Drawing, Figure, ImageFigure, ManifoldFigure, MapFigure,
    PairsFigure, Report, ScatterFigure, VectorFieldFigure,
};
use adatom_plot::{Error, Result};

/// One epoch of a training.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HistoryRow {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The evidence lower bound, reconstruction minus KL, in nat per patch.
    pub elbo: f64,
    /// The expected log-likelihood, in nat per patch.
    pub reconstruction: f64,
    /// The Kullback-Leibler divergence from the prior, in nat per patch.
    pub kl: f64,
    /// The evidence lower bound of patches that were held out, where some were.
    pub held_out: Option<f64>,
}

/// The report on an autoencoder of one image; only sections with results are shown.
///
/// ```
/// use adatom_interpret::{
///     HistoryRow, ImageFrame, ImageReport, LatentMap, PatchGrid, Window, ndarray::Array2,
/// };
/// let frame = ImageFrame::new(48, 64);
/// let image = Array2::from_shape_fn((48, 64), |(r, c)| ((r + c) as f32 / 5.0).sin());
/// let grid = PatchGrid::regular([frame.clone()], Window::square(16), [8, 8])?;
/// let content = Array2::from_shape_fn((grid.len(), 1), |(patch, _)| patch as f32);
/// let report = ImageReport::new("graphene.tif", image.view(), &frame)?
///     .patches(&grid)
///     .history([HistoryRow {
///         epoch: 1,
///         elbo: -480.0,
///         reconstruction: -470.0,
///         kl: 10.0,
///         held_out: None,
///     }])?
///     .latent_map(&LatentMap::new(&grid, content.view())?, &["content 1"])?
///     .kl([("content 1", 2.3), ("content 2", 0.0)]);
/// assert!(report.to_html().contains("1 of 2"));
/// let names: Vec<_> = report.figures().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["image", "maps/content-1", "kl", "history"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImageReport {
    title: String,
    subtitle: String,
    frame: ImageFrame,
    image: ImageFigure,
    window: Option<Window>,
    /// Patches on this image and on all.
    patches: [usize; 2],
    cards: Vec<[String; 3]>,
    settings: Vec<(String, String)>,
    history: Vec<HistoryRow>,
    curves: Option<CurveFigure>,
    manifold: Option<ManifoldFigure>,
    maps: Vec<(String, MapFigure)>,
    shifts: Option<VectorFieldFigure>,
    pairs: Option<PairsFigure>,
    latents: Option<ScatterFigure>,
    kl: Vec<(String, f64)>,
    truth: Vec<(String, AgreementFigure)>,
    code: Vec<(String, String)>,
    warnings: Vec<String>,
    latent_parts: LatentParts,
}

impl ImageReport {
    /// A report on `image` `[rows, columns]`.
    ///
    /// # Errors
    /// [`Error::Shape`] when the frame has another extent, [`Error::Empty`] for an image without pixels.
    pub fn new(title: impl Into<String>, image: ArrayView2<'_, f32>, frame: &ImageFrame) -> Result<Self> {
        Ok(Self {
            title: title.into(),
            subtitle: String::new(),
            frame: frame.clone(),
            image: ImageFigure::framed(image, frame)?,
            window: None,
            patches: [0, 0],
            cards: Vec::new(),
            settings: Vec::new(),
            history: Vec::new(),
            curves: None,
            manifold: None,
            maps: Vec::new(),
            shifts: None,
            pairs: None,
            latents: None,
            kl: Vec::new(),
            truth: Vec::new(),
            code: Vec::new(),
            warnings: Vec::new(),
            latent_parts: LatentParts::default(),
        })
    }

    /// The title, in place of that given to [`new`](Self::new).
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The line below the title, such as the kind of model; the source of the image by default.
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// The window and the patches of a grid on this image alone.
    pub fn patches(self, grid: &PatchGrid) -> Self {
        self.patches_of_image(grid, 0)
    }

    /// The window and the patches of image number `image` of a grid on several images.
    ///
    /// Has no effect where the grid has no such image.
    pub fn patches_of_image(mut self, grid: &PatchGrid, image: usize) -> Self {
        if image >= grid.frames().len() {
            return self;
        }
        let range = grid.range(image);
        self.window = Some(grid.window());
        self.patches = [range.len(), grid.len()];
        if !range.is_empty() {
            // The window of the middle patch; marks of all centres of a grid would hide the image.
            let middle = grid.layout(image).map_or(range.len() / 2, |layout| {
                layout.counts[0] / 2 * layout.counts[1] + layout.counts[1] / 2
            });
            let middle = grid.centre(range.start + middle);
            self.image = self.image.window(grid.window(), [middle.row, middle.column]);
        }
        if grid.layout(image).is_none() {
            let centres: Vec<_> = range.map(|index| grid.centre(index)).map(|c| [c.row, c.column]).collect();
            self.image = self.image.centres(&centres);
        }
        self
    }

    /// Adds a number to the summary; `unit` may be empty.
    pub fn card(
        mut self,
        label: impl Into<String>,
        value: impl Into<String>,
        unit: impl Into<String>,
    ) -> Self {
        self.cards.push([label.into(), value.into(), unit.into()]);
        self
    }

    /// The settings of model and training: names and values.
    pub fn settings(mut self, settings: Vec<(String, String)>) -> Self {
        self.settings = settings;
        self
    }

    /// The epochs of the training.
    ///
    /// # Errors
    /// [`Error::Empty`] when there is no finite value in them.
    pub fn history(mut self, rows: impl IntoIterator<Item = HistoryRow>) -> Result<Self> {
        self.history = rows.into_iter().collect();
        let rows = &self.history;
        let epochs: Vec<f64> = rows.iter().map(|row| row.epoch as f64).collect();
        let column = |value: fn(&HistoryRow) -> f64| -> Vec<f64> { rows.iter().map(value).collect() };
        let panel =
            |label: &str, values: Vec<f64>| CurvePanel::new(label).series("training", &epochs, &values);
        let mut elbo = panel("ELBO (nat)", column(|row| row.elbo))?;
        if rows.iter().any(|row| row.held_out.is_some()) {
            elbo = elbo.series("held out", &epochs, &column(|row| row.held_out.unwrap_or(f64::NAN)))?;
        }
        self.curves = Some(CurveFigure::new(vec![
            elbo,
            panel("reconstruction (nat)", column(|row| row.reconstruction))?,
            panel("KL divergence (nat)", column(|row| row.kl))?,
        ])?);
        Ok(self)
    }

    /// Patches decoded over a grid of latent values.
    pub fn manifold(mut self, figure: ManifoldFigure) -> Self {
        self.manifold = Some(figure);
        self
    }

    /// Adds the layers of a latent map, with a name for each; may be called for several maps.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is one name for each layer.
    pub fn latent_map(mut self, map: &LatentMap, names: &[impl AsRef<str>]) -> Result<Self> {
        let layers = map.values().dim().0;
        if names.len() != layers {
            return Err(Error::Shape {
                what: "the names of layers",
                expected: vec![layers],
                found: vec![names.len()],
            });
        }
        for (index, name) in names.iter().enumerate() {
            let name = name.as_ref().to_owned();
            self.maps.push((name.clone(), MapFigure::of_layer(map, index)?.title(name)));
        }
        Ok(self)
    }

    /// Adds a map with its own colours and limits, under a name.
    pub fn map(mut self, name: impl Into<String>, figure: MapFigure) -> Self {
        self.maps.push((name.into(), figure));
        self
    }

    /// Shift vectors `[n, 2]` at centres `[n, 2]`, (rows, columns) in pixels of the image.
    ///
    /// # Errors
    /// [`Error::Shape`] unless both have one row of two for each centre.
    pub fn shifts(mut self, centres: ArrayView2<'_, f64>, vectors: ArrayView2<'_, f64>) -> Result<Self> {
        self.shifts = Some(VectorFieldFigure::new(self.image.without_marks(), centres, vectors)?);
        Ok(self)
    }

    /// Patches `[m, h, w]` and their reconstructions `[m, h, w]`.
    ///
    /// # Errors
    /// [`Error::Shape`] when both differ in shape, [`Error::Empty`] without a patch.
    pub fn reconstructions(
        mut self,
        originals: ArrayView3<'_, f32>,
        reconstructions: ArrayView3<'_, f32>,
    ) -> Result<Self> {
        self.pairs = Some(PairsFigure::new(originals, reconstructions)?);
        Ok(self)
    }

    /// Two latent variables of all patches against each other.
    pub fn latent_space(mut self, figure: ScatterFigure) -> Self {
        self.latents = Some(figure);
        self
    }

    /// The KL divergence of each latent variable in nat; those below 0.01 nat are collapsed.
    pub fn kl<S: Into<String>>(mut self, latents: impl IntoIterator<Item = (S, f64)>) -> Self {
        self.kl = latents.into_iter().map(|(name, kl)| (name.into(), kl)).collect();
        self
    }

    /// Adds a quantity whose true values are known.
    pub fn truth(mut self, name: impl Into<String>, figure: AgreementFigure) -> Self {
        let name = name.into();
        self.truth.push((name.clone(), figure.title(name)));
        self
    }

    /// Adds commands or source code that reproduce the result, with a caption.
    pub fn reproduce(mut self, caption: impl Into<String>, code: impl Into<String>) -> Self {
        self.code.push((caption.into(), code.into()));
        self
    }

    /// Adds a warning above the results.
    pub fn warning(mut self, text: impl Into<String>) -> Self {
        self.warnings.push(text.into());
        self
    }

    /// Every figure of the report with a name that is valid as a path, such as `maps/content-1`.
    pub fn figures(&self) -> Vec<(String, Drawing)> {
        let mut all = vec![("image".to_owned(), self.image.drawing())];
        let mut add = |name: String, figure: Option<Drawing>| {
            let taken = |name: &str, all: &[(String, Drawing)]| all.iter().any(|(other, _)| other == name);
            let Some(drawing) = figure else { return };
            let mut free = name.clone();
            let mut number = 2;
            while taken(&free, &all) {
                free = format!("{name}-{number}");
                number += 1;
            }
            all.push((free, drawing));
        };
        for (name, figure) in &self.maps {
            add(format!("maps/{}", file_name(name)), Some(figure.drawing()));
        }
        add("shifts".into(), self.shifts.as_ref().map(Figure::drawing));
        add("manifold".into(), self.manifold.as_ref().map(Figure::drawing));
        add("latents".into(), self.latents.as_ref().map(Figure::drawing));
        add("kl".into(), self.kl_figure().map(|figure| figure.drawing()));
        for (name, drawing) in self.latent_parts.figures() {
            add(name, Some(drawing));
        }
        add("reconstructions".into(), self.pairs.as_ref().map(Figure::drawing));
        add("history".into(), self.curves.as_ref().map(Figure::drawing));
        for (name, figure) in &self.truth {
            add(format!("truth/{}", file_name(name)), Some(figure.drawing()));
        }
        all
    }

    /// The report as a [`Report`], to which sections can be added.
    pub fn report(&self) -> Report {
        let source = self.frame.source.clone().filter(|source| *source != self.title).unwrap_or_default();
        let subtitle = if self.subtitle.is_empty() { source } else { self.subtitle.clone() };
        let mut report = Report::new(&self.title).subtitle(subtitle);
        for warning in &self.warnings {
            report = report.warning(warning);
        }
        for [label, value, unit] in self.summary() {
            report = report.card(label, value, unit);
        }
        let sections = [
            Some(self.image_section()),
            self.map_section(),
            self.latent_section(),
            self.latent_parts.cluster_section(),
            self.latent_parts.field_section(),
            self.truth_section(),
            self.quality_section(),
            self.settings_section(),
        ];
        sections.into_iter().flatten().fold(report, Report::section)
    }

    /// The page.
    pub fn to_html(&self) -> String {
        self.report().to_html()
    }

    /// Writes the page.
    ///
    /// # Errors
    /// [`Error::Write`] when the file cannot be written; an older file is then as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.report().save(path)
    }
}

/// A name of letters, digits and hyphens.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_lowercase().next().unwrap_or(c) } else { '-' };
    let hyphens: String = name.chars().map(plain).collect();
    let parts: Vec<_> = hyphens.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "unnamed".into() } else { parts.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_inside_their_folder() {
        assert_eq!(file_name("../Shift (rows)"), "shift-rows");
        assert_eq!(file_name("/..//"), "unnamed");
        assert_eq!(file_name("z₁ σ"), "z-σ".replace("z-", "z₁-"));
    }
}
