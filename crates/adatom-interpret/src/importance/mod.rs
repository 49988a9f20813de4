//! What mattered to a model: importances of columns, regions of axes and modalities.

pub(crate) mod error;
pub(crate) mod feature_importance;
mod plain_tree;
pub(crate) mod region;
pub(crate) mod shap;
