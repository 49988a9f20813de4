//! The traits that all spectra and their axes share.

use ndarray::{Array1, ArrayView1};

use crate::{
    DifferentialPdf, DistanceGrid, EnergyGrid, Pdf, Result, StructureFunction, WavenumberGrid, Xanes,
};

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::EnergyGrid {}
    impl Sealed for crate::DistanceGrid {}
    impl Sealed for crate::WavenumberGrid {}
    impl Sealed for crate::Xanes {}
    impl Sealed for crate::Pdf {}
    impl Sealed for crate::DifferentialPdf {}
    impl Sealed for crate::StructureFunction {}
}

/// A grid of one physical quantity; implemented for the three grids of this crate. Other crates cannot
/// implement it.
pub trait Axis: sealed::Sealed + Clone + PartialEq {
    /// The unit of its points, for messages.
    const UNIT: &'static str;

    /// A grid of points.
    ///
    /// # Errors
    /// Those of the constructor of the grid.
    fn from_points(points: Array1<f64>) -> Result<Self>;

    /// The points, `[n]`, at least one, strictly increasing.
    fn points(&self) -> ArrayView1<'_, f64>;
}

impl Axis for EnergyGrid {
    const UNIT: &'static str = "eV";

    fn from_points(points: Array1<f64>) -> Result<Self> {
        Self::new(points)
    }

    fn points(&self) -> ArrayView1<'_, f64> {
        self.values()
    }
}

impl Axis for DistanceGrid {
    const UNIT: &'static str = "Å";

    fn from_points(points: Array1<f64>) -> Result<Self> {
        Self::new(points)
    }

    fn points(&self) -> ArrayView1<'_, f64> {
        self.values()
    }
}

impl Axis for WavenumberGrid {
    const UNIT: &'static str = "1/Å";

    fn from_points(points: Array1<f64>) -> Result<Self> {
        Self::new(points)
    }

    fn points(&self) -> ArrayView1<'_, f64> {
        self.values()
    }
}

/// Values over an axis; implemented for [`Xanes`], [`Pdf`], [`DifferentialPdf`] and [`StructureFunction`].
/// Other crates cannot implement it.
///
/// ```
/// use adatom_spectra::{EnergyGrid, Spectrum, Xanes};
/// let xanes = Xanes::new(EnergyGrid::new(vec![1.0, 2.0])?, vec![0.0, 1.0])?.with_name("foil");
/// let doubled =
///     xanes.with_points(xanes.axis().clone(), xanes.ordinates().mapv(|mu| 2.0 * mu), None)?;
/// assert_eq!((doubled.mu()[1], doubled.name()), (2.0, Some("foil")));
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
pub trait Spectrum: sealed::Sealed + Clone {
    /// The type of the grid.
    type Axis: Axis;

    /// The description in messages.
    const NAME: &'static str;

    /// The grid.
    fn axis(&self) -> &Self::Axis;

    /// The values, `[points]`.
    fn ordinates(&self) -> ArrayView1<'_, f64>;

    /// The standard uncertainties of the values, `[points]`, where they are known.
    fn ordinate_uncertainty(&self) -> Option<ArrayView1<'_, f64>>;

    /// The spectrum with other points, and the same name, metadata and the like. The uncertainty of distances
    /// is kept if the grid is the same.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) unless there is one value per point;
    /// [`Error::NotFinite`](crate::Error::NotFinite).
    fn with_points(
        &self,
        axis: Self::Axis,
        ordinates: Array1<f64>,
        uncertainty: Option<Array1<f64>>,
    ) -> Result<Self>;
}

impl Spectrum for Xanes {
    type Axis = EnergyGrid;
    const NAME: &'static str = "the spectrum";

    fn axis(&self) -> &EnergyGrid {
        self.energy()
    }

    fn ordinates(&self) -> ArrayView1<'_, f64> {
        self.mu()
    }

    fn ordinate_uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.uncertainty()
    }

    fn with_points(
        &self,
        axis: EnergyGrid,
        ordinates: Array1<f64>,
        uncertainty: Option<Array1<f64>>,
    ) -> Result<Self> {
        let mut result = Self::new(axis, ordinates)?
            .with_absorption(self.absorption())
            .with_metadata(self.metadata().clone());
        if let Some(element) = self.element() {
            result = result.with_element(element);
        }
        if let Some(edge) = self.edge() {
            result = result.with_edge(edge);
        }
        if let Some(name) = self.name() {
            result = result.with_name(name);
        }
        match uncertainty {
            Some(uncertainty) => result.with_uncertainty(uncertainty),
            None => Ok(result),
        }
    }
}

impl Spectrum for Pdf {
    type Axis = DistanceGrid;
    const NAME: &'static str = "the PDF";

    fn axis(&self) -> &DistanceGrid {
        self.distance()
    }

    fn ordinates(&self) -> ArrayView1<'_, f64> {
        self.g()
    }

    fn ordinate_uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.uncertainty()
    }

    fn with_points(
        &self,
        axis: DistanceGrid,
        ordinates: Array1<f64>,
        uncertainty: Option<Array1<f64>>,
    ) -> Result<Self> {
        let kept = self.distance_uncertainty().filter(|_| axis == *self.distance());
        let mut result = Self::new(axis, ordinates)?.with_metadata(self.metadata().clone());
        if let Some(of_distance) = kept {
            result = result.with_distance_uncertainty(of_distance.to_owned())?;
        }
        match uncertainty {
            Some(uncertainty) => result.with_uncertainty(uncertainty),
            None => Ok(result),
        }
    }
}

impl Spectrum for DifferentialPdf {
    type Axis = DistanceGrid;
    const NAME: &'static str = "the differential PDF";

    fn axis(&self) -> &DistanceGrid {
        self.pdf().axis()
    }

    fn ordinates(&self) -> ArrayView1<'_, f64> {
        self.pdf().ordinates()
    }

    fn ordinate_uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.pdf().ordinate_uncertainty()
    }

    fn with_points(
        &self,
        axis: DistanceGrid,
        ordinates: Array1<f64>,
        uncertainty: Option<Array1<f64>>,
    ) -> Result<Self> {
        Ok(Self::new(self.element(), self.pdf().with_points(axis, ordinates, uncertainty)?))
    }
}

impl Spectrum for StructureFunction {
    type Axis = WavenumberGrid;
    const NAME: &'static str = "the scattering";

    fn axis(&self) -> &WavenumberGrid {
        self.q()
    }

    fn ordinates(&self) -> ArrayView1<'_, f64> {
        self.values()
    }

    fn ordinate_uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.uncertainty()
    }

    fn with_points(
        &self,
        axis: WavenumberGrid,
        ordinates: Array1<f64>,
        uncertainty: Option<Array1<f64>>,
    ) -> Result<Self> {
        let result = Self::new(self.kind(), axis, ordinates)?.with_metadata(self.metadata().clone());
        match uncertainty {
            Some(uncertainty) => result.with_uncertainty(uncertainty),
            None => Ok(result),
        }
    }
}
