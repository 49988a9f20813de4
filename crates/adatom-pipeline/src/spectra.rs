//! Spectra: collect → tabulate → split and validate → fit → explain → report.
//!
//! | stage | input | output |
//! |---|---|---|
//! | [`Collection::gather`] | a folder of structures and spectra, [`TableSettings`] | [`Collection`] |
//! | [`Collection::tabulate`] | the collection | [`Tabulated`]: a table of features and targets |
//! | [`Study::run`] | a table, [`FitSettings`] | [`Study`]: a tested forest with scores and importances |
//! | [`Study::save`] | the study | model, predictions, importances, metrics and report as files |
//! | [`predict`], [`explain`] | a forest, a table | [`Predictions`], [`Explanation`] |
//!
//! [`normalize_files`] reads and normalises absorption spectra and [`PdfSettings`] calculates
//! pair distribution functions.

mod collection;
mod dataset;
pub mod demonstration;
mod explain;
mod feature;
pub mod figures;
pub mod fit;
mod labels;
mod lists;
mod names;
mod normalize;
mod pdf;
mod predict;
mod settings;
mod table;

pub use collection::{Collection, Omissions, UnusableMaterial};
pub use explain::{Explanation, ExplanationSettings, RowExplanation, explain};
pub use feature::{FeatureChoice, FeatureKind, ParseFeatureError};
pub use fit::{FitSettings, Study};
pub use normalize::{NormalizedFile, NormalizedSpectrum, normalize_files, save_normalized};
pub use pdf::{CalculatedPdf, PdfSettings};
pub use predict::{Predictions, predict};
pub use settings::{ColumnChoice, RowLevel, ShellSettings, SpectrumEnds, TableSettings};
pub use table::Tabulated;
