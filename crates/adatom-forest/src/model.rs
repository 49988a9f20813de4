//! A fitted model of either kind, as files and programs meet it.

use adatom_core::{ClassLabels, FeatureTable, FittedModel, Target};
use ndarray::{Array1, Array2, ArrayView2};

use crate::{Classifier, Error, Forest, ForestParams, Regressor, Result, Rows};

/// A classifier or a regressor.
///
/// ```
/// use adatom_core::{FeatureColumn, FeatureTable, Modality, Target};
/// use adatom_forest::{Model, RandomForest};
/// use ndarray::array;
/// let column = FeatureColumn::new(Modality::Xanes, 8985.0)?;
/// let table = FeatureTable::new(["a", "b", "c", "d"], vec![column], array![[0.1], [0.2], [0.8], [0.9]])?
///     .with_target("valence", Target::classes(["1+", "1+", "2+", "2+"]))?;
/// let model = RandomForest::params().trees(40).fit_table(&table, "valence")?;
/// let Model::Classifier(classifier) = &model else { panic!("text is classes") };
/// assert_eq!(classifier.classes(), ["1+", "2+"]);
///
/// let column = FeatureColumn::new(Modality::Xanes, 8990.0)?;
/// let other = FeatureTable::new(["a"], vec![column], array![[0.1]])?;
/// let error = model.answers_for(&other).unwrap_err();
/// let message = "it lacks xanes@8985.000; the model does not know xanes@8990.000";
/// assert_eq!(error.to_string(), format!("the table's columns differ from the model's: {message}"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Tells classes apart.
    Classifier(Classifier),
    /// Predicts properties.
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

    pub(crate) fn forest_mut(&mut self) -> &mut Forest {
        match self {
            Self::Classifier(model) => &mut model.forest,
            Self::Regressor(model) => &mut model.forest,
        }
    }

    /// Probabilities of classes, or properties, `[n, outputs]` for a table with the columns of the model.
    ///
    /// # Errors
    /// [`Error::Columns`] names what differs.
    pub fn answers_for(&self, table: &FeatureTable) -> Result<Array2<f64>> {
        self.forest().predict(self.forest().features_of(table)?)
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
        self.forest().evaluate(rows)
    }
}

impl ForestParams {
    /// Fits a forest to a target of a table: a classifier if the target is text, a regressor if it is numbers. The model
    /// remembers the table's columns.
    ///
    /// # Errors
    /// [`Error::Table`] when the table has no such target, or it is missing for some rows; as
    /// [`fit_classifier`](Self::fit_classifier) and [`fit_regressor`](Self::fit_regressor).
    pub fn fit_table(&self, table: &FeatureTable, target: &str) -> Result<Model> {
        match table.target(target)? {
            Target::Classes(_) => self.fit_table_classes(table, &table.classes(target)?),
            Target::Numbers(_) => self.fit_table_values(table, &Array1::from(table.numbers(target)?)),
        }
    }

    /// Fits a classifier to the rows of a table; the model remembers the table's columns.
    ///
    /// # Errors
    /// As [`fit_classifier`](Self::fit_classifier).
    pub fn fit_table_classes(&self, table: &FeatureTable, classes: &ClassLabels) -> Result<Model> {
        let model = self.fit_classifier(Rows::from(table), classes)?;
        Ok(Model::Classifier(model).remembering(table))
    }

    /// Fits a regressor to the rows of a table; the model remembers the table's columns.
    ///
    /// # Errors
    /// As [`fit_regressor`](Self::fit_regressor).
    pub fn fit_table_values(&self, table: &FeatureTable, values: &Array1<f64>) -> Result<Model> {
        let model = self.fit_regressor(Rows::from(table), values.view())?;
        Ok(Model::Regressor(model).remembering(table))
    }
}

impl Model {
    /// Remembers what the columns mean.
    fn remembering(mut self, table: &FeatureTable) -> Self {
        self.forest_mut().columns = Some(table.columns().to_vec());
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

/// An error for a model of the other kind.
pub(crate) fn other_kind(wanted: &'static str) -> Error {
    Error::Unavailable(wanted)
}
