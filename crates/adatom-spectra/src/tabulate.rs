//! Spectra of one modality, put on one grid and into one table.

use adatom_core::{FeatureTable, Modality};
use ndarray::{Array1, Array2, ArrayView1};

use crate::feature::{Feature, OnGrid, PeakFinder};
use crate::{DifferentialPdf, DistanceGrid, EnergyGrid, Error, Metadata, Pdf, Result, Xanes};

mod sealed {
    use super::{ArrayView1, DistanceGrid, EnergyGrid};

    /// A grid, whatever it is of.
    pub trait Points {
        /// Its unit.
        const UNIT: &'static str;

        /// Its points, increasing.
        fn points(&self) -> ArrayView1<'_, f64>;
    }

    impl Points for EnergyGrid {
        const UNIT: &'static str = "eV";

        fn points(&self) -> ArrayView1<'_, f64> {
            self.values()
        }
    }

    impl Points for DistanceGrid {
        const UNIT: &'static str = "Å";

        fn points(&self) -> ArrayView1<'_, f64> {
            self.values()
        }
    }
}

use sealed::Points;

/// A spectrum that can stand in a table; implemented for [`Xanes`] (on an [`EnergyGrid`]), [`Pdf`] and
/// [`DifferentialPdf`] (on a [`DistanceGrid`]) and not elsewhere.
pub trait Tabular {
    /// The kind of grid it lies on.
    type Grid: Points;

    /// What its columns are called.
    const MODALITY: Modality;

    /// Its grid.
    fn grid(&self) -> &Self::Grid;

    /// Its values, `[n]`.
    fn values(&self) -> ArrayView1<'_, f64>;

    /// Its own name, else the file it came from.
    fn label(&self) -> Option<&str>;
}

fn label_of(metadata: &Metadata) -> Option<&str> {
    metadata.get("name").or_else(|| metadata.source())
}

impl Tabular for Xanes {
    type Grid = EnergyGrid;
    const MODALITY: Modality = Modality::Xanes;

    fn grid(&self) -> &EnergyGrid {
        self.energy()
    }

    fn values(&self) -> ArrayView1<'_, f64> {
        self.mu()
    }

    fn label(&self) -> Option<&str> {
        self.name().or_else(|| label_of(self.metadata()))
    }
}

impl Tabular for Pdf {
    type Grid = DistanceGrid;
    const MODALITY: Modality = Modality::Pdf;

    fn grid(&self) -> &DistanceGrid {
        self.distance()
    }

    fn values(&self) -> ArrayView1<'_, f64> {
        self.g()
    }

    fn label(&self) -> Option<&str> {
        label_of(self.metadata())
    }
}

impl Tabular for DifferentialPdf {
    type Grid = DistanceGrid;
    const MODALITY: Modality = Modality::DifferentialPdf;

    fn grid(&self) -> &DistanceGrid {
        self.pdf().distance()
    }

    fn values(&self) -> ArrayView1<'_, f64> {
        self.pdf().g()
    }

    fn label(&self) -> Option<&str> {
        label_of(self.pdf().metadata())
    }
}

/// What stands at grid points that a spectrum does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Outside {
    /// Nothing: such a spectrum is an error.
    #[default]
    Refuse,
    /// The nearest value of the spectrum.
    Nearest,
    /// This value, such as 0.
    Constant(f64),
}

/// Puts spectra on a grid by linear interpolation: rows = spectra by their names, columns = points of the grid.
///
/// ```
/// use adatom_spectra::{tabulate, DistanceGrid, EnergyGrid, Xanes};
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
/// assert_eq!(error.to_string(), "a covers 8980 to 9000 eV, but 8970 eV is asked for");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
///
/// # Errors
/// As [`Tabulation::of`].
pub fn tabulate<S: Tabular>(spectra: &[S], grid: &S::Grid) -> Result<FeatureTable> {
    Tabulation::default().of(spectra, grid)
}

/// How spectra become rows: which ids, which features, and what stands outside of their ranges.
///
/// ```
/// use adatom_spectra::{ndarray::Array1, DistanceGrid, Feature, Outside, Pdf, Tabulation};
/// let r = DistanceGrid::new(Array1::linspace(0.0, 9.99, 1000))?;
/// let pdf = Pdf::new(r.clone(), r.values().mapv(f64::sin))?;
/// let grid = DistanceGrid::new(Array1::linspace(0.0, 10.0, 100))?;
/// let how = Tabulation::default()
///     .ids(["mp-1"])
///     .outside(Outside::Nearest)
///     .features([Feature::Pointwise, Feature::Polynomials { chunks: 10, degree: 3 }]);
/// let table = how.of(&[pdf.clone()], &grid)?;
/// assert_eq!(table.columns().len(), 100 + 40);
/// assert_eq!(table.columns()[102].to_string(), "pdf:cubic10-c2@0.45454545454545453");
///
/// let error = Tabulation::default().of(&[pdf], &grid).unwrap_err();
/// let message = "the name of a spectrum must be known, to be its id, found none for spectrum 0";
/// assert_eq!(error.to_string(), message);
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tabulation {
    ids: Option<Vec<String>>,
    outside: Outside,
    features: Vec<Feature>,
}

impl Default for Tabulation {
    /// Ids are the names of the spectra, features their values; a spectrum that does not reach is an error.
    fn default() -> Self {
        Self { ids: None, outside: Outside::default(), features: vec![Feature::Pointwise] }
    }
}

impl Tabulation {
    /// The ids of the rows, one a spectrum; by default the spectra's own names, else the files they came from.
    pub fn ids<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.ids = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// What stands at points of the grid outside of a spectrum; by default such a spectrum is an error.
    pub fn outside(mut self, outside: Outside) -> Self {
        self.outside = outside;
        self
    }

    /// What is made of the values, side by side; by default [`Feature::Pointwise`].
    pub fn features(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        self.features = features.into_iter().collect();
        self
    }

    /// The table of spectra on a grid.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when a spectrum does not reach over the grid and [`Outside::Refuse`] stands;
    /// [`Error::Argument`] when a spectrum has no name and no ids are given; [`Error::Table`] when there is no spectrum,
    /// another number of ids, or an id stands twice; what the features of a spectrum can fail with.
    pub fn of<S: Tabular>(&self, spectra: &[S], grid: &S::Grid) -> Result<FeatureTable> {
        let ids = self.row_ids(spectra)?;
        let points = grid.points();
        let features: Vec<OnGrid<'_>> =
            self.features.iter().map(|&feature| OnGrid::new(feature, points)).collect::<Result<_>>()?;
        let mut columns = Vec::new();
        for feature in &features {
            columns.extend(feature.columns(&S::MODALITY)?);
        }
        let mut values = Array2::zeros((spectra.len(), columns.len()));
        for ((spectrum, id), mut row) in spectra.iter().zip(&ids).zip(values.rows_mut()) {
            let on_grid = self.interpolate(spectrum, points, id)?;
            let mut cells = row.iter_mut();
            for feature in &features {
                // The features first: a zip takes one more of its first side than of its second.
                feature
                    .of(on_grid.view())?
                    .into_iter()
                    .zip(cells.by_ref())
                    .for_each(|(value, cell)| *cell = value);
            }
        }
        Ok(FeatureTable::new(ids, columns, values)?)
    }

    /// The table of peaks of normalised spectra: for every finder position, height, area and centroid, in columns such
    /// as `xanes:white-line-area@9000.000`, whose axis value is the centre of the finder's window.
    ///
    /// ```
    /// use adatom_spectra::{Absorption, EnergyGrid, PeakFinder, Tabulation, Xanes};
    /// let energy = EnergyGrid::new(vec![8990.0, 8995.0, 9000.0, 9005.0, 9010.0])?;
    /// let xanes = Xanes::new(energy, vec![0.0, 1.0, 1.5, 1.0, 1.0])?.with_absorption(Absorption::Normalized);
    /// let finder = PeakFinder::white_line([8990.0, 9010.0])?;
    /// let table = Tabulation::default().ids(["a"]).peaks(&[xanes], &[finder])?;
    /// assert_eq!(table.columns()[2].to_string(), "xanes:white-line-area@9000.000");
    /// assert_eq!(table.features().row(0).to_vec(), [9000.0, 1.5, 2.5, 9000.0]);
    /// # Ok::<(), adatom_spectra::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`of`](Self::of) for the ids, and as [`PeakFinder::find`] for every spectrum.
    pub fn peaks(&self, spectra: &[Xanes], finders: &[PeakFinder]) -> Result<FeatureTable> {
        let ids = self.row_ids(spectra)?;
        let mut columns = Vec::new();
        for finder in finders {
            columns.extend(finder.columns()?);
        }
        let mut values = Array2::zeros((spectra.len(), columns.len()));
        for (spectrum, mut row) in spectra.iter().zip(values.rows_mut()) {
            for (finder, mut cells) in finders.iter().zip(row.exact_chunks_mut(4)) {
                cells.assign(&Array1::from(finder.find(spectrum)?.values().to_vec()));
            }
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
                what: "the name of a spectrum",
                expected: "known, to be its id".to_owned(),
                found: format!("none for spectrum {index}"),
            })
        };
        spectra.iter().enumerate().map(name).collect()
    }

    fn interpolate<S: Tabular>(
        &self,
        spectrum: &S,
        at: ArrayView1<'_, f64>,
        id: &str,
    ) -> Result<Array1<f64>> {
        let (points, values) = (spectrum.grid().points(), spectrum.values());
        let (first, last) = (points[0], points[points.len() - 1]);
        // A grid that was calculated may miss the end of a spectrum by rounding.
        let slack = 1e-9 * (last - first);
        let mut after = 0;
        let place = |&x: &f64| {
            if x < first - slack || x > last + slack {
                return match self.outside {
                    Outside::Refuse => {
                        let (what, unit) = (id.to_owned(), S::Grid::UNIT);
                        Err(Error::OutOfRange { what, from: first, to: last, unit, asked: x })
                    }
                    Outside::Nearest => Ok(values[if x < first { 0 } else { values.len() - 1 }]),
                    Outside::Constant(value) => Ok(value),
                };
            }
            while after < points.len() && points[after] < x {
                after += 1;
            }
            Ok(match after {
                0 => values[0],
                after if after == points.len() => values[after - 1],
                after => {
                    let part = (x - points[after - 1]) / (points[after] - points[after - 1]);
                    values[after - 1] + part * (values[after] - values[after - 1])
                }
            })
        };
        at.iter().map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn outside_is_what_the_caller_says() {
        let grid = DistanceGrid::new(vec![0.0, 1.0, 9.0]).unwrap();
        let how = |outside| Tabulation::default().outside(outside).of(&[pdf(&[0.5, 4.0], Some("a"))], &grid);
        assert_eq!(how(Outside::Nearest).unwrap().features().row(0).to_vec(), [0.5, 1.0, 4.0]);
        assert_eq!(how(Outside::Constant(-7.0)).unwrap().features().row(0).to_vec(), [-7.0, 1.0, -7.0]);
        let error = how(Outside::Refuse).unwrap_err();
        assert_eq!(error.to_string(), "a covers 0.5 to 4 Å, but 0 Å is asked for");
    }

    #[test]
    fn a_grid_may_miss_the_end_by_rounding() {
        let grid = DistanceGrid::new(vec![0.1, 0.1 + 0.2]).unwrap();
        let table = tabulate(&[pdf(&[0.1, 0.3], Some("a"))], &grid).unwrap();
        assert_eq!(table.features()[[0, 1]], 0.3);
    }

    #[test]
    fn rows_need_ids_of_their_own() {
        let grid = DistanceGrid::new(vec![1.0]).unwrap();
        let spectra = [pdf(&[1.0], Some("a")), pdf(&[1.0], None)];
        let message = |how: Tabulation| how.of(&spectra, &grid).unwrap_err().to_string();
        assert_eq!(
            message(Tabulation::default()),
            "the name of a spectrum must be known, to be its id, found none for spectrum 1"
        );
        assert_eq!(message(Tabulation::default().ids(["x"])), "expected 2 ids, found 1");
        assert_eq!(message(Tabulation::default().ids(["x", "x"])), "the id \"x\" stands twice");
        let none: [Pdf; 0] = [];
        assert_eq!(tabulate(&none, &grid).unwrap_err().to_string(), "expected 1 rows, found 0");
    }

    #[test]
    fn features_stand_side_by_side() {
        let energy = EnergyGrid::new(Array1::linspace(8987.5, 9039.7, 100)).unwrap();
        let mu = energy.values().mapv(|energy| 1.0 / (1.0 + (8995.0 - energy).exp()));
        let xanes = Xanes::new(energy.clone(), mu).unwrap().with_name("a");
        let features = [Feature::Pointwise, Feature::Cumulative].into_iter().chain(Feature::multiscale());
        let table = Tabulation::default().features(features).of(&[xanes], &energy).unwrap();
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
