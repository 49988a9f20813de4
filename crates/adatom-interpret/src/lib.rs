//! What mattered to a model, and what an autoencoder found in an image: importances, figures and reports.
//!
//! | type | says |
//! |---|---|
//! | [`FeatureImportance`], [`GroupImportance`] | importances of columns with spread; their sums over regions and modalities |
//! | [`TreeShap`] | how much each column moved single answers of trees |
//! | [`PermutationImportance`] | how much worse a score becomes without a column, region or modality |
//! | [`ShadowTest`] | which columns beat chance |
//! | [`DropModality`] | the score of models fitted without a modality |
//! | [`Coalitions`] | what modalities know alone, together, and both |
//! | [`PartialDependence`], [`AccumulatedEffects`] | how answers follow a column or region |
//! | [`Region`], [`ColumnGroup`] | ranges of an axis; columns that are asked together |
//!
//! All work on any model or trees through the traits of `adatom-core`.
//!
//! | type | says |
//! |---|---|
//! | [`Latents`] | latent variables of the patches of an image; as a table of features for a forest |
//! | [`FieldCorrelation`], [`FieldSampling`] | how they follow a given field, counting overlapping patches as what they are worth |
//! | [`ClusterParams`], [`LatentClusters`] | clusters of patches by their content, and whether there are any |
//!
//! | type | shows |
//! |---|---|
//! | [`MapFigure`], [`MapPanels`], [`LatentMap`] | values of patches put back on the image |
//! | [`ImageFigure`] | the image, a window and patch centres on it |
//! | [`VectorFieldFigure`] | shifts as arrows on the image |
//! | [`ManifoldFigure`], [`TraversalFigure`] | patches decoded over a grid of latent values; along each latent variable |
//! | [`ClusterFigure`], [`ClusterPatchesFigure`] | clusters on the image; what their patches look like |
//! | [`CorrelationFigure`] | latent variables against given fields |
//! | [`PairsFigure`] | patches, their reconstructions and the residuals |
//! | [`ScatterFigure`], [`AgreementFigure`] | two quantities of many patches; recovered against true values |
//! | [`CurveFigure`], [`BarFigure`] | curves with bands: trainings, spectra, learning curves, effects; bars with error bars |
//! | [`ImportanceFigure`] | importances along the axis of the measurement, under the spectra |
//! | [`BeeswarmFigure`] | Shapley values of many rows, feature by feature |
//! | [`ConfusionFigure`], [`ReliabilityFigure`] | classes taken for others; observed frequency against probability |
//! | [`Report`], [`ImageReport`] | all that in one self-contained HTML file |
//!
//! A [`Figure`] is saved as PNG or SVG; both look the same, and need no font or library to be installed.
//! Lengths on figures have the unit of the image's pixel size. Drawn is what is given: beside clusters, this
//! crate fits no model.

#![forbid(unsafe_code)]

mod figures;
mod importance;
mod latents;
mod report;
mod statistics;

pub use adatom_core::ndarray;
pub use adatom_core::{ImageFrame, LatentMap, PatchGrid, PixelSize, Window};
pub use adatom_plot::{
    BarFigure, ColourMap, CurveFigure, CurvePanel, Drawing, Error as FigureError, Figure, ImageFigure,
    MapFigure, MapPanels, Report, ScatterFigure, Section, Table, VectorFieldFigure,
};
pub use figures::agreement::AgreementFigure;
pub use figures::beeswarm::BeeswarmFigure;
pub use figures::cluster_patches::ClusterPatchesFigure;
pub use figures::clusters::ClusterFigure;
pub use figures::confusion::ConfusionFigure;
pub use figures::correlation::CorrelationFigure;
pub use figures::importance_panels::{ImportanceFigure, ImportancePanel};
pub use figures::manifold::ManifoldFigure;
pub use figures::pairs::PairsFigure;
pub use figures::reliability::ReliabilityFigure;
pub use figures::traversal::TraversalFigure;
pub use importance::coalition_scores::CoalitionScores;
pub use importance::coalitions::Coalitions;
pub use importance::drop_modality::{DropModality, ModalityContribution};
pub use importance::effect::{AccumulatedEffects, PartialDependence};
pub use importance::error::ImportanceError;
pub use importance::feature_importance::{FeatureImportance, GroupImportance};
pub use importance::permutation::PermutationImportance;
pub use importance::region::{ColumnGroup, Region};
pub use importance::shadow::{ShadowReference, ShadowReport, ShadowTest};
pub use importance::shap::{ShapValues, TreeShap};
pub use latents::Latents;
pub use latents::clusters::{ClusterParams, ClusterSelection, ClusterTrial, LatentClusters};
pub use latents::correlation::{Correlation, FieldCorrelation, LatentCorrelation, LinearFit};
pub use latents::error::LatentError;
pub use latents::field::FieldSampling;
pub use report::{HistoryRow, ImageReport};
