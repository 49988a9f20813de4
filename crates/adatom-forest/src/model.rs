//! A fitted model of either kind, as it is read from a file.

use adatom_core::{FeatureTable, FittedModel};
use ndarray::{Array2, ArrayView2};

use crate::{Classifier, Forest, ForestParams, Regressor, Result, Rows};

/// A classifier or a regressor.
///
/// ```
/// use adatom_forest::ndarray::array;
/// use adatom_forest::{FeatureColumn, FeatureTable, Modality, Target};
/// use adatom_forest::{Model, RandomForest};
/// let column = FeatureColumn::new(Modality::Xanes, 8985.0)?;
/// let table =
///     FeatureTable::new(["a", "b", "c", "d"], vec![column], array![[0.1], [0.2], [0.8], [0.9]])?
///         .with_target("valence", Target::classes(["1+", "1+", "2+", "2+"]))?;
/// let model = RandomForest::params().trees(40).fit_table(&table, "valence")?;
/// let Model::Classifier(classifier) = &model else { panic!("text is classes") };
/// assert_eq!(classifier.classes(), ["1+", "2+"]);
///
/// let column = FeatureColumn::new(Modality::Xanes, 8990.0)?;
/// let other = FeatureTable::new(["a"], vec![column], array![[0.1]])?;
/// let error = model.predict_table(&other).unwrap_err();
/// let message = "it lacks xanes@8985.000; the model does not know xanes@8990.000";
/// assert_eq!(error.to_string(), format!("the table's columns differ from the model's: {message}"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Classification.
    Classifier(Classifier),
    /// Regression.
    Regressor(Regressor),
}

impl Model {
    /// The trees.
    #[must_use]
    pub fn forest(&self) -> &Forest {
        match self {
            Self::Classifier(model) => model.forest(),
            Self::Regressor(model) => model.forest(),
        }
    }

    pub(crate) fn into_forest(self) -> Forest {
        match self {
            Self::Classifier(model) => model.forest,
            Self::Regressor(model) => model.forest,
        }
    }

    pub(crate) fn forest_mut(&mut self) -> &mut Forest {
        match self {
            Self::Classifier(model) => &mut model.forest,
            Self::Regressor(model) => &mut model.forest,
        }
    }

    /// Probabilities of classes, or properties, `[n, outputs]` of a table with the columns of the model.
    ///
    /// # Errors
    /// [`Error::Columns`](crate::Error::Columns) names the differences.
    pub fn predict_table(&self, table: &FeatureTable) -> Result<Array2<f64>> {
        let features = self.forest().features_of(table)?;
        match self {
            Self::Classifier(model) => model.probabilities(features),
            Self::Regressor(model) => model.predict_many(features),
        }
    }
}

impl FittedModel for Model {
    fn features(&self) -> usize {
        self.forest().features
    }

    fn outputs(&self) -> usize {
        self.forest().outputs
    }

    /// # Panics
    /// When rows have another number of columns, or a feature is not finite.
    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        match self {
            Self::Classifier(model) => model.evaluate(rows),
            Self::Regressor(model) => model.evaluate(rows),
        }
    }
}

impl ForestParams {
    /// Fits a forest to a target of a table: a classifier if the target is text, a regressor if it is
    /// numbers. The model stores the columns of the table and the name of the target.
    ///
    /// # Errors
    /// [`Error::Table`](crate::Error::Table) for an unknown target, or one that is missing for some
    /// rows; as [`fit_classifier`](Self::fit_classifier) and [`fit_regressor`](Self::fit_regressor).
    pub fn fit_table(&self, table: &FeatureTable, target: &str) -> Result<Model> {
        let model = self.fit(Rows::from(table), table.complete_target(target)?)?;
        Ok(Model::of_table(model, table, target))
    }
}

impl Model {
    /// Stores the columns of the table and the name of the target.
    #[must_use]
    pub fn of_table(mut self, table: &FeatureTable, target: &str) -> Self {
        let forest = self.forest_mut();
        forest.columns = Some(table.columns().to_vec());
        forest.target = Some(target.to_owned());
        self
    }
}

impl From<Classifier> for Model {
    fn from(model: Classifier) -> Self {
        Self::Classifier(model)
    }
}

impl From<Regressor> for Model {
    fn from(model: Regressor) -> Self {
        Self::Regressor(model)
    }
}
