//! The report on one image: what was given, what was learnt, where it lies on the image.

use std::path::Path;

use adatom_core::{ImageFrame, LatentMap, PatchGrid, Window};
use ndarray::{ArrayView2, ArrayView3};

use super::{Report, Section, Table};
use crate::scale::length_label;
use crate::text::{count, fixed, significant};
use crate::{
    AgreementFigure, BarFigure, CurveFigure, CurvePanel, Drawing, Error, Figure, ImageFigure, ManifoldFigure,
    MapFigure, PairsFigure, Result, ScatterFigure, VectorFieldFigure,
};

/// A latent variable whose KL divergence from the prior is below this carries no information that could be used.
const ACTIVE_NAT: f64 = 0.01;

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

/// The report on what an autoencoder found in one image; whatever is not given is left out.
///
/// ```
/// use adatom_interpret::{HistoryRow, ImageFrame, ImageReport, LatentMap, PatchGrid, Window, ndarray::Array2};
/// let frame = ImageFrame::new(48, 64);
/// let image = Array2::from_shape_fn((48, 64), |(r, c)| ((r + c) as f32 / 5.0).sin());
/// let grid = PatchGrid::regular([frame.clone()], Window::square(16), [8, 8])?;
/// let content = Array2::from_shape_fn((grid.len(), 1), |(patch, _)| patch as f32);
/// let report = ImageReport::new("graphene.tif", image.view(), &frame)?
///     .patches(&grid)
///     .history([HistoryRow { epoch: 1, elbo: -480.0, reconstruction: -470.0, kl: 10.0, held_out: None }])?
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
    patches: usize,
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
            patches: 0,
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
        })
    }

    /// What stands below the title, such as the kind of model; the image's source by default.
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// The window and the patches; those of the first image of the grid are marked on the image.
    pub fn patches(mut self, grid: &PatchGrid) -> Self {
        self.window = Some(grid.window());
        self.patches = grid.len();
        let all = if grid.frames().is_empty() { 0..0 } else { grid.range(0) };
        // The middle patch shows the window; dots of a dense grid would only hide the image.
        let middle = grid.centre(all.start + all.len() / 2);
        self.image = self.image.window(grid.window(), [middle.row, middle.column]);
        if grid.layout(0).is_none() {
            let centres: Vec<_> = all.map(|index| grid.centre(index)).map(|c| [c.row, c.column]).collect();
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

    /// How the model and its training were set: names and values.
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

    /// Adds a map that was made with other colours or limits, under a name.
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

    /// The KL divergence of each latent variable in nat; those below 0.01 nat are called collapsed.
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

    /// Adds commands or a program that give the same result again, with a word on what they are.
    pub fn reproduce(mut self, caption: impl Into<String>, code: impl Into<String>) -> Self {
        self.code.push((caption.into(), code.into()));
        self
    }

    /// Adds something that the reader has to know before the results.
    pub fn warning(mut self, text: impl Into<String>) -> Self {
        self.warnings.push(text.into());
        self
    }

    /// Every figure of the report under a name that can be used as a file's, such as `maps/content-1`.
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
        add("reconstructions".into(), self.pairs.as_ref().map(Figure::drawing));
        add("history".into(), self.curves.as_ref().map(Figure::drawing));
        for (name, figure) in &self.truth {
            add(format!("truth/{}", file_name(name)), Some(figure.drawing()));
        }
        all
    }

    /// The report as a general one, to which sections can be added.
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
            self.meaning_section(),
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

    fn summary(&self) -> Vec<[String; 3]> {
        let card = |label: &str, value: String, unit: &str| [label.to_owned(), value, unit.to_owned()];
        let ImageFrame { height, width, .. } = self.frame;
        let mut cards = vec![card("image", format!("{height}\u{A0}×\u{A0}{width}"), "px")];
        if let Some(size) = &self.frame.pixel_size {
            let view = [height as f64 * size.row, width as f64 * size.column];
            let [rows, columns] = view.map(|length| length_label(length, &size.unit));
            // 3.8 × 4.8 nm where both have one unit, as they mostly do.
            let split = |text: &str| text.rsplit_once(' ').map(|(n, unit)| (n.to_owned(), unit.to_owned()));
            cards.push(match (split(&rows), split(&columns)) {
                (Some((rows, unit)), Some((columns, other))) if unit == other => {
                    card("field of view", format!("{rows}\u{A0}×\u{A0}{columns}"), &unit)
                }
                _ => card("field of view", format!("{rows} × {columns}"), ""),
            });
        }
        if let Some(window) = self.window {
            cards.push(card("patches", count(self.patches), ""));
            cards.push(card("window", format!("{}\u{A0}×\u{A0}{}", window.height(), window.width()), "px"));
        }
        if let Some(last) = self.history.last() {
            let held_out = last.held_out.filter(|elbo| elbo.is_finite());
            let label = if held_out.is_some() { "ELBO, held out" } else { "ELBO, training" };
            cards.push(card(label, significant(held_out.unwrap_or(last.elbo), 5), "nat"));
            cards.push(card("epochs", count(last.epoch), ""));
        }
        if !self.kl.is_empty() {
            let active = self.kl.iter().filter(|(_, kl)| is_active(*kl)).count();
            cards.push(card("active latents", format!("{active} of {}", self.kl.len()), ""));
        }
        cards.extend(self.cards.iter().cloned());
        cards
    }

    fn image_section(&self) -> Section {
        let section = Section::new("Image").figure(
            &self.image,
            "The image as it was read; grey levels span the 1st to the 99th percentile.",
            "the measured image in grey",
        );
        match &self.frame.pixel_size {
            Some(_) => section,
            None => section.paragraph("The file tells no pixel size: lengths are in pixels."),
        }
    }

    fn map_section(&self) -> Option<Section> {
        if self.maps.is_empty() && self.shifts.is_none() {
            return None;
        }
        let mut section = Section::new("Where it lies on the image");
        for (name, figure) in &self.maps {
            // Two stand side by side on a laptop's screen.
            let drawing = if self.maps.len() > 1 { figure.within([420.0, 420.0]) } else { figure.drawing() };
            section = section.figure(&drawing, "", format!("map of {name} over the image"));
        }
        if let Some(figure) = &self.shifts {
            let caption = "How far the object of each patch lies from the centre of its window.";
            section = section.figure(figure, caption, "arrows of shifts over the image");
        }
        Some(section)
    }

    fn meaning_section(&self) -> Option<Section> {
        let mut section = Section::new("What the latent variables mean");
        let mut filled = false;
        if let Some(figure) = &self.manifold {
            let caption = "What the decoder draws for each pair of latent values.";
            section = section.figure(figure, caption, "patches decoded over a grid of latent values");
            filled = true;
        }
        if let Some(figure) = &self.latents {
            section = section.figure(figure, "Where the patches lie.", "latent variables of all patches");
            filled = true;
        }
        if let Some(figure) = self.kl_figure() {
            let collapsed: Vec<_> =
                self.kl.iter().filter(|(_, kl)| !is_active(*kl)).map(|(name, _)| name.as_str()).collect();
            let words = match collapsed.as_slice() {
                [] => "All latent variables are active: each tells something about the patches.".to_owned(),
                [name] => format!("{name} is collapsed: it is the prior for every patch and tells nothing."),
                names => format!(
                    "{} are collapsed: they are the prior for every patch and tell nothing.",
                    names.join(", ")
                ),
            };
            let caption = format!("Active means a KL divergence of more than {ACTIVE_NAT} nat. {words}");
            section = section.figure(&figure, caption, "KL divergence of each latent variable");
            filled = true;
        }
        filled.then_some(section)
    }

    fn truth_section(&self) -> Option<Section> {
        if self.truth.is_empty() {
            return None;
        }
        let mut table = Table::new(["quantity", "r"]);
        for (name, figure) in &self.truth {
            let r = figure.correlation().map_or("–".to_owned(), |r| fixed(r, 3));
            table = table.row([name.clone(), r]);
        }
        let mut section = Section::new("Compared with the truth").table(table);
        for (name, figure) in &self.truth {
            section = section.figure(figure, "", format!("recovered against true values of {name}"));
        }
        Some(section)
    }

    fn quality_section(&self) -> Option<Section> {
        let mut section = Section::new("How well it fits");
        if let Some(figure) = &self.pairs {
            let caption = "Residual is original minus reconstruction; what is left there was not learnt.";
            section = section.figure(figure, caption, "patches, reconstructions and residuals");
        }
        if let Some(figure) = &self.curves {
            let caption = "ELBO = reconstruction − KL, in nat per patch; higher is better.";
            section = section.figure(figure, caption, "training curves");
        }
        (self.pairs.is_some() || self.curves.is_some()).then_some(section)
    }

    fn settings_section(&self) -> Option<Section> {
        if self.settings.is_empty() && self.code.is_empty() {
            return None;
        }
        let mut section = Section::new("Settings, and how to get this again");
        if !self.settings.is_empty() {
            section = section.settings(self.settings.clone());
        }
        Some(self.code.iter().fold(section, |section, (caption, code)| section.code(caption, code)))
    }

    fn kl_figure(&self) -> Option<BarFigure> {
        let bar = |figure: BarFigure, (name, kl): &(String, f64)| {
            figure.bar(name, *kl, if is_active(*kl) { "active" } else { "collapsed" })
        };
        (!self.kl.is_empty()).then(|| self.kl.iter().fold(BarFigure::new("KL divergence (nat)"), bar))
    }
}

fn is_active(kl: f64) -> bool {
    kl > ACTIVE_NAT
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
    fn names_of_files_stay_inside_their_folder() {
        assert_eq!(file_name("../Shift (rows)"), "shift-rows");
        assert_eq!(file_name("/..//"), "unnamed");
        assert_eq!(file_name("z₁ σ"), "z-σ".replace("z-", "z₁-"));
    }
}
