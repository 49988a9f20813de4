//! An X-ray absorption spectrum near an edge.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array1, ArrayView1};

use crate::grid::finite;
use crate::{Element, EnergyGrid, Error, Metadata, Result};

/// An absorption edge, by the shell of the excited electron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "shells have no longer name")]
#[non_exhaustive]
pub enum Edge {
    K,
    L1,
    L2,
    L3,
    M1,
    M2,
    M3,
    M4,
    M5,
    N1,
    N2,
    N3,
    N4,
    N5,
}

impl fmt::Display for Edge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::K => "K",
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::M1 => "M1",
            Self::M2 => "M2",
            Self::M3 => "M3",
            Self::M4 => "M4",
            Self::M5 => "M5",
            Self::N1 => "N1",
            Self::N2 => "N2",
            Self::N3 => "N3",
            Self::N4 => "N4",
            Self::N5 => "N5",
        })
    }
}

impl FromStr for Edge {
    type Err = Error;

    /// Parses `K`, `L3` or `LIII`, ignoring case.
    fn from_str(text: &str) -> Result<Self> {
        let name = text.trim().to_ascii_uppercase();
        Ok(match name.as_str() {
            "K" => Self::K,
            "L1" | "LI" => Self::L1,
            "L2" | "LII" => Self::L2,
            "L3" | "LIII" => Self::L3,
            "M1" | "MI" => Self::M1,
            "M2" | "MII" => Self::M2,
            "M3" | "MIII" => Self::M3,
            "M4" | "MIV" => Self::M4,
            "M5" | "MV" => Self::M5,
            "N1" | "NI" => Self::N1,
            "N2" | "NII" => Self::N2,
            "N3" | "NIII" => Self::N3,
            "N4" | "NIV" => Self::N4,
            "N5" | "NV" => Self::N5,
            _ => {
                let found = format!("{:?}", text.chars().take(20).collect::<String>());
                return Err(Error::Argument {
                    what: "the edge",
                    expected: "K, L1 to L3, M1 to M5 or N1 to N5".into(),
                    found,
                });
            }
        })
    }
}

/// How the values of an absorption spectrum were obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Absorption {
    /// Unknown.
    #[default]
    Unknown,
    /// Measured in transmission, ln(I0/I): the absorption of the sample up to a constant.
    Transmission,
    /// Measured as fluorescence or electron yield over I0, proportional to the absorption.
    Fluorescence,
    /// Calculated, per atom or normalised by the program.
    Calculated,
    /// Normalised to an edge step of 1.
    Normalized,
}

impl Absorption {
    /// The name in files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Transmission => "transmission",
            Self::Fluorescence => "fluorescence",
            Self::Calculated => "calculated",
            Self::Normalized => "normalized",
        }
    }

    /// The value with this name in files; [`Absorption::Unknown`] for other names.
    pub(crate) fn from_name(name: &str) -> Self {
        let all = [Self::Transmission, Self::Fluorescence, Self::Calculated, Self::Normalized];
        all.into_iter().find(|absorption| absorption.name() == name).unwrap_or_default()
    }
}

/// An X-ray absorption spectrum μ(E): energies in eV, dimensionless values up to a factor.
///
/// ```
/// use adatom_spectra::{EnergyGrid, Xanes};
/// let xanes = Xanes::new(EnergyGrid::new(vec![8970.0, 8980.0, 8990.0])?, vec![0.0, 0.5, 1.0])?
///     .with_element("Cu".parse()?)
///     .with_edge("K".parse()?);
/// assert_eq!(xanes.len(), 3);
/// let error = Xanes::new(EnergyGrid::new(vec![1.0, 2.0])?, vec![0.0]).unwrap_err();
/// assert_eq!(error.to_string(), "expected 2 values of mu, found 1");
/// # Ok::<(), adatom_spectra::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Xanes {
    energy: EnergyGrid,
    mu: Array1<f64>,
    uncertainty: Option<Array1<f64>>,
    absorption: Absorption,
    element: Option<Element>,
    edge: Option<Edge>,
    name: Option<String>,
    metadata: Metadata,
}

impl Xanes {
    /// A spectrum without element, edge, name, uncertainties and metadata.
    ///
    /// # Errors
    /// [`Error::Length`] unless `mu` has one value per energy; [`Error::NotFinite`].
    pub fn new(energy: EnergyGrid, mu: impl Into<Array1<f64>>) -> Result<Self> {
        let mu = finite(mu.into(), "values of mu", energy.len())?;
        Ok(Self {
            energy,
            mu,
            uncertainty: None,
            absorption: Absorption::default(),
            element: None,
            edge: None,
            name: None,
            metadata: Metadata::default(),
        })
    }

    /// Adds the standard uncertainties of μ, `[energies]`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one value per energy; [`Error::NotFinite`].
    pub fn with_uncertainty(mut self, uncertainty: impl Into<Array1<f64>>) -> Result<Self> {
        self.uncertainty = Some(finite(uncertainty.into(), "uncertainties of mu", self.energy.len())?);
        Ok(self)
    }

    /// Sets how the values were obtained.
    pub fn with_absorption(mut self, absorption: Absorption) -> Self {
        self.absorption = absorption;
        self
    }

    /// Sets the absorbing element.
    pub fn with_element(mut self, element: Element) -> Self {
        self.element = Some(element);
        self
    }

    /// Sets the absorption edge.
    pub fn with_edge(mut self, edge: Edge) -> Self {
        self.edge = Some(edge);
        self
    }

    /// Sets the name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the metadata.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// The energies, eV.
    pub fn energy(&self) -> &EnergyGrid {
        &self.energy
    }

    /// The absorption μ, `[energies]`.
    pub fn mu(&self) -> ArrayView1<'_, f64> {
        self.mu.view()
    }

    /// The standard uncertainties of μ, `[energies]`, where they are known.
    pub fn uncertainty(&self) -> Option<ArrayView1<'_, f64>> {
        self.uncertainty.as_ref().map(|values| values.view())
    }

    /// The number of points, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.mu.len()
    }

    /// How the values were obtained.
    pub fn absorption(&self) -> Absorption {
        self.absorption
    }

    /// The absorbing element, where it is known.
    pub fn element(&self) -> Option<Element> {
        self.element
    }

    /// The absorption edge, where it is known.
    pub fn edge(&self) -> Option<Edge> {
        self.edge
    }

    /// The name, where it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Other information from the file.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}
