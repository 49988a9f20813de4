//! What all spectra have in common: values, perhaps with uncertainties, over an axis.

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

/// A grid of one physical quantity; implemented for the three grids of this crate and not elsewhere.
pub trait Axis: sealed::Sealed + Clone + PartialEq {
    /// The unit of its points, for messages.
    const UNIT: &'static str;

    /// Checks points.
    ///
    /// # Errors
    /// As the constructor of the grid.
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

/// Values over an axis; implemented for [`Xanes`], [`Pdf`], [`DifferentialPdf`] and [`StructureFunction`] and not
/// elsewhere.
///
/// ```
/// use adatom_spectra::{EnergyGrid, Spectrum, Xanes};
/// let xanes = Xanes::new(EnergyGrid::new(vec![1.0, 2.0])?, vec![0.0, 1.0])?.with_name("foil");
/// let doubled = xanes.with_points(xanes.axis().clone(), xanes.ordinates().mapv(|mu| 2.0 * mu), None)?;
/// assert_eq!((doubled.mu()[1], doubled.name()), (2.0, Some("foil")));
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
pub trait Spectrum: sealed::Sealed + Clone {
    /// The kind of grid it lies on.
    type Axis: Axis;

    /// What it is called in messages.
    const NAME: &'static str;

    /// Its grid.
    fn axis(&self) -> &Self::Axis;

    /// Its values, `[n]`.
    fn ordinates(&self) -> ArrayView1<'_, f64>;

    /// Standard uncertainties of the values, `[n]`, where they are known.
    fn ordinate_uncertainty(&self) -> Option<ArrayView1<'_, f64>>;

    /// The same spectrum with other numbers: everything that is known besides is kept. The uncertainty of distances
    /// belongs to the grid and is kept when the grid is.
    ///
    /// # Errors
    /// Arrays of another length than the grid, or values that are not finite.
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
        let mut made = Self::new(axis, ordinates)?
            .with_absorption(self.absorption())
            .with_metadata(self.metadata().clone());
        if let Some(element) = self.element() {
            made = made.with_element(element);
        }
        if let Some(edge) = self.edge() {
            made = made.with_edge(edge);
        }
        if let Some(name) = self.name() {
            made = made.with_name(name);
        }
        match uncertainty {
            Some(uncertainty) => made.with_uncertainty(uncertainty),
            None => Ok(made),
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
        let mut made = Self::new(axis, ordinates)?.with_metadata(self.metadata().clone());
        if let Some(of_distance) = kept {
            made = made.with_distance_uncertainty(of_distance.to_owned())?;
        }
        match uncertainty {
            Some(uncertainty) => made.with_uncertainty(uncertainty),
            None => Ok(made),
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
        let made = Self::new(self.kind(), axis, ordinates)?.with_metadata(self.metadata().clone());
        match uncertainty {
            Some(uncertainty) => made.with_uncertainty(uncertainty),
            None => Ok(made),
        }
    }
}
