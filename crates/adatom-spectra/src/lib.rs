//! XANES, pair distribution functions and differential PDFs: read, check, normalise, resample, tabulate, write.
//!
//! | word | is |
//! |---|---|
//! | [`EnergyGrid`] (eV), [`DistanceGrid`] (Å), [`WavenumberGrid`] (1/Å) | finite, strictly increasing; checked once |
//! | [`Xanes`] | an absorption spectrum μ(E) with element, edge and provenance |
//! | [`Exafs`] | a fine structure χ(k) |
//! | [`SpectrumFile`] | a file whose format is recognised from its content |
//! | [`ColumnTable`] | columns of a file that does not say what they are |
//! | [`Pdf`] | a reduced pair distribution function G(r) |
//! | [`DifferentialPdf`] | the part of a PDF that one element takes part in |
//! | [`StructureFunction`] | F(Q), S(Q) or I(Q) |
//! | [`Element`], [`Edge`] | what absorbs, and from which shell |
//! | [`tabulate`], [`Tabulation`] | spectra on one grid, as a [`FeatureTable`] |
//! | [`Feature`], [`PeakFinder`] | what stands for a spectrum in a table |
//! | [`Metadata`] | what a file says besides its numbers, in its own words; nothing is dropped |
//!
//! Spectra are `f64`. Energies are in eV, distances in Å, wavenumbers in 1/Å.

#![forbid(unsafe_code)]

mod element;
mod error;
mod exafs;
mod feature;
mod grid;
mod metadata;
mod operation;
mod pdf;
mod read;
mod structure_function;
mod tabulate;
mod write;
mod xanes;

pub use adatom_core::{FeatureColumn, FeatureTable, Modality, TableError};
pub use element::Element;
pub use error::{Error, Result};
pub use exafs::Exafs;
pub use feature::{ChunkPolynomials, Feature, Peak, PeakFinder, chunk_polynomials, cumulative};
pub use grid::{DistanceGrid, EnergyGrid, WavenumberGrid};
pub use metadata::Metadata;
pub use ndarray;
pub use operation::{
    Axis, DerivativeOrder, EdgeFit, Extension, Interpolation, Merging, Normalization, NormalizationMethod,
    NormalizedXanes, Resampling, SineTransform, Smoothing, Spectrum, TerminationWindow, Weighting, align,
    derivative, difference, find_e0, shift,
};
pub use pdf::{DifferentialPdf, Pdf};
pub use read::{ColumnTable, Contents, Format, ReadOptions, ScatteringAxis, SpectrumFile, Warning, formats};
pub use structure_function::{ScatteringKind, StructureFunction};
pub use tabulate::{Outside, Tabular, Tabulation, tabulate};
pub use write::{write_csv, write_json};
pub use xanes::{Absorption, Edge, Xanes};
