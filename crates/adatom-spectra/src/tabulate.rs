//! Builds the feature table of spectra of one modality.

use adatom_core::{FeatureTable, Modality};
use ndarray::{Array2, aview1};

use crate::feature::{Feature, GridFeature, PeakFinder, ShellCounter};
use crate::{Axis, DifferentialPdf, DistanceGrid, Error, Metadata, Pdf, Resampling, Result, Spectrum, Xanes};

/// A spectrum that can be a row of a feature table; implemented for [`Xanes`], [`Pdf`] and
/// [`DifferentialPdf`]. Other crates cannot implement it.
pub trait Tabular: Spectrum {
    /// The modality of its columns.
    const MODALITY: Modality;

    /// The name of the spectrum, otherwise the file it was read from.
    fn label(&self) -> Option<&str>;
}

fn label_of(metadata: &Metadata) -> Option<&str> {
    metadata.get("name").or_else(|| metadata.source())
}

impl Tabular for Xanes {
    const MODALITY: Modality = Modality::Xanes;

    fn label(&self) -> Option<&str> {
        self.name().or_else(|| label_of(self.metadata()))
    }
}

impl Tabular for Pdf {
    const MODALITY: Modality = Modality::Pdf;

    fn label(&self) -> Option<&str> {
        label_of(self.metadata())
    }
}

impl Tabular for DifferentialPdf {
    const MODALITY: Modality = Modality::DifferentialPdf;

    fn label(&self) -> Option<&str> {
        label_of(self.pdf().metadata())
    }
}

/// The feature table of spectra on a common grid, by linear interpolation: one row per spectrum, one column
/// per point of the grid.
///
/// ```
/// use adatom_spectra::{DistanceGrid, EnergyGrid, Xanes, tabulate};
/// let spectrum = |name: &str| {
///     let energy = EnergyGrid::new(vec![8980.0, 8990.0, 9000.0])?;
///     Ok::<_, adatom_spectra::Error>(Xanes::new(energy, vec![0.0, 1.0, 1.2])?.with_name(name))
/// };
/// let table = tabulate(&[spectrum("a")?, spectrum("b")?], &EnergyGrid::new(vec![8985.0, 9000.0])?)?;
/// assert_eq!(table.ids(), ["a", "b"]);
/// assert_eq!(table.columns()[0].to_string(), "xanes@8985.000");
/// assert_eq!(table.features().row(1).to_vec(), [0.5, 1.2]);
///
/// let error = tabulate(&[spectrum("a")?], &EnergyGrid::new(vec![8970.0, 9000.0])?).unwrap_err();
/// assert_eq!(error.to_string(), "a covers 8980 to 9000 eV; 8970 eV lies outside");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
///
/// # Errors
/// As [`Tabulation::tabulate`].
pub fn tabulate<S: Tabular>(spectra: &[S], grid: &S::Axis) -> Result<FeatureTable> {
    Tabulation::default().tabulate(spectra, grid)
}

/// Settings of a feature table: the ids of the rows, the features, and the interpolation.
///
/// ```
/// use adatom_spectra::{
///     DistanceGrid, Extension, Feature, Pdf, Resampling, Tabulation, ndarray::Array1,
/// };
/// let r = DistanceGrid::new(Array1::linspace(0.0, 9.99, 1000))?;
/// let pdf = Pdf::new(r.clone(), r.values().mapv(f64::sin))?;
/// let grid = DistanceGrid::new(Array1::linspace(0.0, 10.0, 100))?;
/// let tabulation = Tabulation::default()
///     .ids(["mp-1"])
///     .resampling(Resampling::linear().outside(Extension::Hold))
///     .features([Feature::Pointwise, Feature::Polynomials { chunks: 10, degree: 3 }]);
/// let table = tabulation.tabulate(&[pdf.clone()], &grid)?;
/// assert_eq!(table.columns().len(), 100 + 40);
/// assert_eq!(table.columns()[102].to_string(), "pdf:cubic10-c2@0.45454545454545453");
///
/// let error = Tabulation::default().tabulate(&[pdf], &grid).unwrap_err();
/// let message =
///     "the id of a spectrum must be given or its name be known, found neither for spectrum 0";
/// assert_eq!(error.to_string(), message);
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tabulation {
    ids: Option<Vec<String>>,
    resampling: Resampling,
    features: Vec<Feature>,
}

impl Default for Tabulation {
    /// Ids are the names of the spectra, features are their values, interpolated linearly. A spectrum that
    /// does not cover the grid is an error.
    fn default() -> Self {
        Self { ids: None, resampling: Resampling::linear(), features: vec![Feature::Pointwise] }
    }
}

impl Tabulation {
    /// The ids of the rows, one per spectrum. Default: the names of the spectra, otherwise the files they
    /// were read from.
    pub fn ids<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.ids = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// The interpolation. Default: linear, and an error for a spectrum that does not cover the grid.
    pub fn resampling(mut self, resampling: Resampling) -> Self {
        self.resampling = resampling;
        self
    }

    /// The features, side by side. Default: [`Feature::Pointwise`].
    pub fn features(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        self.features = features.into_iter().collect();
        self
    }

    /// The table of spectra on a common grid.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], with the id of the row, when a spectrum does not cover the grid and the
    /// interpolation has no [`Extension`](crate::Extension); [`Error::Argument`] for a spectrum without a
    /// name when no ids are given; [`Error::Length`] unless there is one id per spectrum; [`Error::Table`]
    /// without spectra or for a repeated id; the errors of the features.
    pub fn tabulate<S: Tabular>(&self, spectra: &[S], grid: &S::Axis) -> Result<FeatureTable> {
        let ids = self.row_ids(spectra)?;
        let points = grid.points();
        let features: Vec<GridFeature<'_>> =
            self.features.iter().map(|&feature| GridFeature::new(feature, points)).collect::<Result<_>>()?;
        let mut columns = Vec::new();
        for feature in &features {
            columns.extend(feature.columns(&S::MODALITY)?);
        }
        let mut values = Array2::zeros((spectra.len(), columns.len()));
        for ((spectrum, id), mut row) in spectra.iter().zip(&ids).zip(values.rows_mut()) {
            let on_grid = self.resampling.resample(spectrum, grid).map_err(|error| with_id(error, id))?;
            let mut cells = row.iter_mut();
            for feature in &features {
                // The features come first, because a zip consumes one more item of its first side.
                feature
                    .calculate(on_grid.ordinates())
                    .map_err(|error| with_id(error, id))?
                    .into_iter()
                    .zip(cells.by_ref())
                    .for_each(|(value, cell)| *cell = value);
            }
        }
        Ok(FeatureTable::new(ids, columns, values)?)
    }

    /// The table of the peaks of normalised spectra: position, height, area and centroid for each finder, in
    /// columns such as `xanes:white-line-area@9000.000`, whose axis value is the centre of the finder's
    /// window.
    ///
    /// ```
    /// use adatom_spectra::{Absorption, EnergyGrid, PeakFinder, Tabulation, Xanes};
    /// let energy = EnergyGrid::new(vec![8990.0, 8995.0, 9000.0, 9005.0, 9010.0])?;
    /// let xanes = Xanes::new(energy, vec![0.0, 1.0, 1.5, 1.0, 1.0])?;
    /// let xanes = xanes.with_absorption(Absorption::Normalized);
    /// let finder = PeakFinder::white_line([8990.0, 9010.0])?;
    /// let table = Tabulation::default().ids(["a"]).tabulate_peaks(&[xanes], &[finder])?;
    /// assert_eq!(table.columns()[2].to_string(), "xanes:white-line-area@9000.000");
    /// assert_eq!(table.features().row(0).to_vec(), [9000.0, 1.5, 2.5, 9000.0]);
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`tabulate`](Self::tabulate) for the ids, and as [`PeakFinder::find`].
    pub fn tabulate_peaks(&self, spectra: &[Xanes], finders: &[PeakFinder]) -> Result<FeatureTable> {
        let ids = self.row_ids(spectra)?;
        let mut columns = Vec::new();
        for finder in finders {
            columns.extend(finder.columns()?);
        }
        let mut values = Array2::zeros((spectra.len(), columns.len()));
        for (spectrum, mut row) in spectra.iter().zip(values.rows_mut()) {
            for (finder, mut cells) in finders.iter().zip(row.exact_chunks_mut(4)) {
                cells.assign(&aview1(&finder.find(spectrum)?.values()));
            }
        }
        Ok(FeatureTable::new(ids, columns, values)?)
    }

    /// The table of the coordination shells of PDFs, total or differential, without interpolation onto a
    /// grid: for each distance of the counter, the mean distance of the neighbours up to it, and their number
    /// relative to the first shell, in columns such as `dpdf:mean-distance@2.500` and
    /// `dpdf:neighbours@2.500`.
    ///
    /// ```
    /// use adatom_spectra::{DistanceGrid, Pdf, ShellCounter, Tabulation};
    /// // A triangle of area 1 at 2 Å on R = r G; no density.
    /// let pdf =
    ///     Pdf::new(DistanceGrid::new(vec![0.5, 1.0, 1.5, 2.0, 2.5])?, vec![0.0, 0.0, 0.0, 1.0, 0.0])?;
    /// let counter = ShellCounter::new(1.5, 2.5, DistanceGrid::new(vec![2.0, 2.5])?)?;
    /// let table = Tabulation::default().ids(["a"]).tabulate_shells(&[pdf], &counter)?;
    /// assert_eq!(table.columns()[3].to_string(), "pdf:neighbours@2.500");
    /// assert_eq!(table.features().row(0).to_vec(), [2.0, 2.0, 0.5, 1.0]);
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`tabulate`](Self::tabulate) for the ids, and as [`ShellCounter::count`].
    pub fn tabulate_shells<S: Tabular<Axis = DistanceGrid>>(
        &self,
        spectra: &[S],
        counter: &ShellCounter,
    ) -> Result<FeatureTable> {
        let ids = self.row_ids(spectra)?;
        let columns = counter.columns(&S::MODALITY)?;
        let mut values = Array2::zeros((spectra.len(), columns.len()));
        for ((spectrum, id), mut row) in spectra.iter().zip(&ids).zip(values.rows_mut()) {
            let cells = counter
                .values(spectrum.axis().points(), spectrum.ordinates())
                .map_err(|error| with_id(error, id))?;
            row.assign(&aview1(&cells));
        }
        Ok(FeatureTable::new(ids, columns, values)?)
    }

    fn row_ids<S: Tabular>(&self, spectra: &[S]) -> Result<Vec<String>> {
        if let Some(ids) = &self.ids {
            if ids.len() != spectra.len() {
                return Err(Error::Length { what: "ids", expected: spectra.len(), found: ids.len() });
            }
            return Ok(ids.clone());
        }
        let name = |(index, spectrum): (usize, &S)| {
            spectrum.label().map(str::to_owned).ok_or_else(|| Error::Argument {
                what: "the id of a spectrum",
                expected: "given or its name be known".to_owned(),
                found: format!("neither for spectrum {index}"),
            })
        };
        spectra.iter().enumerate().map(name).collect()
    }
}

/// The error with the id of the sample.
fn with_id(error: Error, id: &str) -> Error {
    match error {
        Error::OutOfRange { from, to, unit, requested, .. } => {
            Error::OutOfRange { what: id.to_owned(), from, to, unit, requested }
        }
        Error::Argument { what, expected, found } => {
            Error::Argument { what, expected, found: format!("{found} for {id}") }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;
    use crate::{DerivativeOrder, EnergyGrid, Extension};

    fn pdf(points: &[f64], name: Option<&str>) -> Pdf {
        let pdf = Pdf::new(DistanceGrid::new(points.to_vec()).unwrap(), points.to_vec()).unwrap();
        let mut metadata = Metadata::default();
        name.into_iter().for_each(|name| metadata.set_source(name));
        pdf.with_metadata(metadata)
    }

    #[test]
    fn values_between_points_lie_on_the_line_and_points_are_exact() {
        // The values are the points, so linear interpolation gives the grid back.
        let grid = DistanceGrid::new(vec![0.5, 0.75, 1.0, 2.5, 4.0]).unwrap();
        let table = tabulate(&[pdf(&[0.5, 1.0, 4.0], Some("a.gr"))], &grid).unwrap();
        assert_eq!(table.features().row(0), grid.values());
        assert_eq!(table.modalities(), [Modality::Pdf]);
        assert_eq!(table.ids(), ["a.gr"]);
    }

    #[test]
    fn the_extension_decides_values_outside_of_a_spectrum() {
        let grid = DistanceGrid::new(vec![0.0, 1.0, 9.0]).unwrap();
        let with = |extension| {
            let resampling = Resampling::linear().outside(extension);
            Tabulation::default().resampling(resampling).tabulate(&[pdf(&[0.5, 4.0], Some("a"))], &grid)
        };
        assert_eq!(with(Extension::Hold).unwrap().features().row(0).to_vec(), [0.5, 1.0, 4.0]);
        assert_eq!(with(Extension::Zero).unwrap().features().row(0).to_vec(), [0.0, 1.0, 0.0]);
        let error = with(Extension::Refuse).unwrap_err();
        assert_eq!(error.to_string(), "a covers 0.5 to 4 Å; 0 Å lies outside");
    }

    #[test]
    fn rows_need_distinct_ids() {
        let grid = DistanceGrid::new(vec![1.0]).unwrap();
        let spectra = [pdf(&[1.0], Some("a")), pdf(&[1.0], None)];
        let message = |tabulation: Tabulation| tabulation.tabulate(&spectra, &grid).unwrap_err().to_string();
        assert_eq!(
            message(Tabulation::default()),
            "the id of a spectrum must be given or its name be known, found neither for spectrum 1"
        );
        assert_eq!(message(Tabulation::default().ids(["x"])), "expected 2 ids, found 1");
        assert_eq!(message(Tabulation::default().ids(["x", "x"])), "duplicate id \"x\"");
        let none: [Pdf; 0] = [];
        assert_eq!(tabulate(&none, &grid).unwrap_err().to_string(), "expected at least 1 row, found 0");
    }

    #[test]
    fn derivatives_are_those_of_the_values_on_the_grid() {
        // r² at 0, 1, 3 has the slopes 1, 2, 4 (ends one-sided), and these the slopes 1, 1, 1.
        let pdf = Pdf::new(DistanceGrid::new(vec![0.0, 1.0, 3.0]).unwrap(), vec![0.0, 1.0, 9.0]).unwrap();
        let grid = pdf.distance().clone();
        let features = [DerivativeOrder::First, DerivativeOrder::Second].map(Feature::Derivative);
        let table = Tabulation::default().ids(["a"]).features(features).tabulate(&[pdf], &grid).unwrap();
        assert_eq!(table.features().row(0).to_vec(), [1.0, 2.0, 4.0, 1.0, 1.0, 1.0]);
        assert_eq!(table.columns()[4].to_string(), "pdf:curvature@1.000");
    }

    #[test]
    fn the_error_of_a_pdf_contains_its_id() {
        let flat = Pdf::new(DistanceGrid::new(vec![0.5, 1.0, 1.5, 4.0]).unwrap(), vec![0.0; 4]).unwrap();
        let counter = ShellCounter::new(1.5, 2.5, DistanceGrid::new(vec![3.0]).unwrap()).unwrap();
        let error = Tabulation::default().ids(["mp-1"]).tabulate_shells(&[flat], &counter).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the number of neighbours must be positive up to 3 Å, found 0 for mp-1"
        );
    }

    #[test]
    fn features_are_side_by_side() {
        let energy = EnergyGrid::new(Array1::linspace(8987.5, 9039.7, 100)).unwrap();
        let mu = energy.values().mapv(|energy| 1.0 / (1.0 + (8995.0 - energy).exp()));
        let xanes = Xanes::new(energy.clone(), mu).unwrap().with_name("a");
        let features = [Feature::Pointwise, Feature::Cumulative].into_iter().chain(Feature::multiscale());
        let table = Tabulation::default().features(features).tabulate(&[xanes], &energy).unwrap();
        // 100 + 100 + 4 · (4 + 5 + 10 + 20).
        assert_eq!(table.features().dim(), (1, 356));
        let columns = table.columns();
        assert_eq!(
            (columns[99].axis(), columns[100].to_string()),
            (9039.7, "xanes:cumulative@8987.500".into())
        );
        assert_eq!(
            (columns[200].quantity(), columns[355].quantity()),
            (Some("cubic4-c0"), Some("cubic20-c3"))
        );
        // The centre of the last of 20 chunks: between points 95 and 99 of steps of 52.2/99.
        assert!((columns[355].axis() - (9039.7 - 2.0 * 52.2 / 99.0)).abs() < 1e-9);
        assert_eq!(table.features()[[0, 199]], 1.0);
    }
}
