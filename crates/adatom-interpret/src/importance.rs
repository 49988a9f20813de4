//! Importances of columns, regions of axes and modalities for a model.

pub(crate) mod coalition_scores;
pub(crate) mod coalitions;
pub(crate) mod drop_modality;
pub(crate) mod effect;
pub(crate) mod error;
pub(crate) mod feature_importance;
mod impurity;
pub(crate) mod permutation;
mod plain_tree;
pub(crate) mod region;
pub(crate) mod shadow;
pub(crate) mod shap;
mod target;
