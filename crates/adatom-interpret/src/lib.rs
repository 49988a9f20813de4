//! Importances of the features of a fitted model, analyses of the latent variables of an autoencoder, and
//! the figures and reports of both.
//!
//! | type | gives |
//! |---|---|
//! | [`FeatureImportance`], [`GroupImportance`] | importances of columns, regions and modalities |
//! | [`TreeShap`] | Shapley values: the contribution of each column to single predictions of trees |
//! | [`PermutationImportance`] | loss of score after permutation of a column, region or modality |
//! | [`ShadowTest`] | columns that are more important than permuted copies of columns |
//! | [`DropModality`] | the score of models fitted without a modality |
//! | [`Coalitions`] | scores of single modalities and of their combinations; unique and shared parts |
//! | [`PartialDependence`], [`AccumulatedEffects`] | predictions as a function of a column or region |
//! | [`Region`], [`ColumnGroup`] | ranges of an axis; columns that are permuted together |
//!
//! All work on any model or trees through the traits [`FittedModel`] and [`TreeEnsemble`].
//!
//! ```
//! use adatom_interpret::ndarray::{Array2, ArrayView2, Axis};
//! use adatom_interpret::{Better, ColumnGroup, FittedModel, PermutationImportance, Score, TargetView};
//!
//! /// A model that uses only the first of its two columns.
//! struct FirstColumn;
//!
//! impl FittedModel for FirstColumn {
//!     fn features(&self) -> usize {
//!         2
//!     }
//!
//!     fn outputs(&self) -> usize {
//!         1
//!     }
//!
//!     fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
//!         rows.column(0).to_owned().insert_axis(Axis(1))
//!     }
//! }
//!
//! struct MeanAbsoluteError;
//!
//! impl Score for MeanAbsoluteError {
//!     fn name(&self) -> &str {
//!         "mean absolute error"
//!     }
//!
//!     fn better(&self) -> Better {
//!         Better::Lower
//!     }
//!
//!     fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64> {
//!         match target {
//!             TargetView::Numbers(values) => (&values - &predictions.column(0)).mapv(f64::abs).mean(),
//!             TargetView::Classes(_) => None,
//!         }
//!     }
//! }
//!
//! let rows = Array2::from_shape_fn((40, 2), |(row, column)| (row * (3 + 4 * column) % 40) as f64);
//! let truth = rows.column(0).to_owned();
//! let groups = [0, 1].map(|at| ColumnGroup { name: format!("column {at}"), columns: vec![at] });
//! let importance = PermutationImportance::new(rows.view(), truth.view(), &MeanAbsoluteError)?
//!     .repeats(5)
//!     .of_model(&FirstColumn, &groups)?;
//! assert!(importance.mean()[0] > 1.0);
//! assert_eq!(importance.mean()[1], 0.0);
//! # Ok::<(), adatom_interpret::ImportanceError>(())
//! ```
//!
//! | type | gives |
//! |---|---|
//! | [`Latents`] | latent variables of the patches of an image; as a table of features for a forest |
//! | [`FieldCorrelation`], [`FieldSampling`] | their correlation with given fields |
//! | [`ClusterParams`], [`LatentClusters`] | clusters of patches by their content, with silhouettes |
//!
//! | type | shows |
//! |---|---|
//! | [`MapFigure`], [`MapPanels`], [`LatentMap`] | values of patches put back on the image |
//! | [`ImageFigure`] | the image, a window and patch centres on it |
//! | [`VectorFieldFigure`] | shifts as arrows on the image |
//! | [`ManifoldFigure`], [`TraversalFigure`] | patches decoded on a grid; along each variable |
//! | [`ClusterFigure`], [`ClusterPatchesFigure`] | clusters on the image; their patches |
//! | [`CorrelationFigure`] | latent variables against given fields |
//! | [`PairsFigure`] | patches, their reconstructions and the residuals |
//! | [`ScatterFigure`], [`AgreementFigure`] | two quantities of many patches; recovered against true values |
//! | [`CurveFigure`], [`BarFigure`] | curves with bands, such as learning curves; bars with error bars |
//! | [`ImportanceFigure`] | importances along the axis of the measurement, under the spectra |
//! | [`BeeswarmFigure`] | Shapley values of many rows, feature by feature |
//! | [`ConfusionFigure`], [`ReliabilityFigure`] | confusion matrix; observed frequency against probability |
//! | [`Report`], [`ImageReport`] | the figures in one self-contained HTML file |
//!
//! A [`Figure`] is saved as PNG or SVG; both look the same, and need no font or library to be installed.
//! Lengths on figures have the unit of the image's pixel size.

#![forbid(unsafe_code)]

mod figures;
mod importance;
mod latents;
mod report;
mod statistics;

pub use adatom_core::ndarray;
pub use adatom_core::{
    Better, ClassLabels, FeatureColumn, FeatureTable, FittedModel, ImageFrame, LatentMap, Modality,
    PatchCentre, PatchGrid, PixelSize, Score, Split, TableError, Target, TargetView, TreeEnsemble, TreeSplit,
    TreeView, Window,
};
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
