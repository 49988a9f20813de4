//! A forest for regression, with quantiles (Meinshausen 2006).
//!
//! The leaves at which a row ends give weights to training rows: w_i = mean over trees of (copies of i in the
//! leaf) / (rows in the leaf). The prediction is Σ w_i y_i; the quantile q is the smallest y with Σ w_i [y_i
//! <= y] >= q.

use adatom_core::{FeatureTable, FittedModel};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::{Error, Forest, Result};

/// A fitted forest for regression, see [`ForestParams::fit_regressor`](crate::ForestParams::fit_regressor).
#[derive(Debug, Clone, PartialEq)]
pub struct Regressor {
    pub(crate) forest: Forest,
    /// Training values `[n, properties]`; empty where not known.
    pub(crate) values: Array2<f64>,
    pub(crate) weights: Option<Vec<f64>>,
}

impl Regressor {
    pub(crate) fn new(forest: Forest, values: Array2<f64>, weights: Option<Vec<f64>>) -> Self {
        Self { forest, values, weights }
    }

    /// A regressor of a given forest; it has no quantiles, because training values are not known.
    #[must_use]
    pub fn from_forest(forest: Forest) -> Self {
        let values = Array2::zeros((0, forest.outputs));
        Self { forest, values, weights: None }
    }

    /// The trees.
    #[must_use]
    pub fn forest(&self) -> &Forest {
        &self.forest
    }

    /// Predictions `[n]` of the first property.
    ///
    /// # Errors
    /// [`Error::Length`] when rows have another number of columns; [`Error::Value`] when a feature is not
    /// finite.
    pub fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        Ok(self.forest.predict(features)?.index_axis_move(Axis(1), 0))
    }

    /// Predictions `[n, properties]`.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_many(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.forest.predict(features)
    }

    /// Predictions `[n]` for a table with the columns of the model.
    ///
    /// # Errors
    /// [`Error::Columns`] names the differences; as [`predict`](Self::predict).
    pub fn predict_table(&self, table: &FeatureTable) -> Result<Array1<f64>> {
        self.predict(self.forest.features_of(table)?)
    }

    /// Quantiles `[n, q]` of the first property, each between 0 and 1.
    ///
    /// # Errors
    /// As [`predict`](Self::predict); [`Error::Parameter`] when a quantile is not between 0 and 1;
    /// [`Error::Unavailable`] when the training rows of leaves are not known.
    ///
    /// ```
    /// use adatom_forest::ndarray::{Array, array};
    /// use adatom_forest::{Error, RandomForest};
    /// let features = Array::from_shape_fn((200, 1), |(row, _)| (row % 2) as f64);
    /// let values = Array::from_shape_fn(200, |row| row as f64);
    /// let model =
    ///     RandomForest::params().min_samples_leaf(20).fit_regressor(features.view(), values.view())?;
    /// let quantiles = model.quantiles(array![[0.0]].view(), &[0.05, 0.5, 0.95])?;
    /// assert!((quantiles[[0, 0]] - 10.0).abs() < 6.0 && (quantiles[[0, 2]] - 190.0).abs() < 6.0);
    ///
    /// let error = model.quantiles(array![[0.0]].view(), &[1.5]).unwrap_err();
    /// assert_eq!(error.to_string(), "a quantile must be between 0 and 1, found 1.5");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn quantiles(&self, features: ArrayView2<'_, f64>, quantiles: &[f64]) -> Result<Array2<f64>> {
        if let Some(wrong) = quantiles.iter().find(|quantile| !(0.0..=1.0).contains(*quantile)) {
            let (parameter, expected, found) = ("a quantile", "between 0 and 1", wrong.to_string());
            return Err(Error::Parameter { parameter, expected, found });
        }
        if !self.has_samples() {
            return Err(Error::Unavailable("no quantiles: the training rows of this forest are not known"));
        }
        let leaves = self.forest.leaves(features)?;
        let order = self.sorted_rows();
        let of_row = |weights: &mut Vec<f64>, row: usize| {
            self.weigh(leaves.row(row), weights);
            quantiles.iter().map(|&quantile| self.quantile(&order, weights, quantile)).collect::<Vec<_>>()
        };
        let found: Vec<Vec<f64>> = (0..features.nrows())
            .into_par_iter()
            .map_init(|| vec![0.0; self.values.nrows()], of_row)
            .collect();
        let shape = (features.nrows(), quantiles.len());
        Ok(Array2::from_shape_vec(shape, found.concat()).expect("every row has its quantiles"))
    }

    /// Prediction intervals `[n, 2]` that contain the property with probability `coverage`: their lower and
    /// upper ends are the quantiles (1 - coverage) / 2 and (1 + coverage) / 2.
    ///
    /// # Errors
    /// As [`quantiles`](Self::quantiles).
    pub fn intervals(&self, features: ArrayView2<'_, f64>, coverage: f64) -> Result<Array2<f64>> {
        self.quantiles(features, &[(1.0 - coverage) / 2.0, (1.0 + coverage) / 2.0])
    }

    /// Whether the training rows of leaves are known.
    pub(crate) fn has_samples(&self) -> bool {
        !self.values.is_empty() && self.forest.trees.iter().all(crate::Tree::has_samples)
    }

    fn sorted_rows(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.values.nrows() as u32).collect();
        let value = |row: &u32| self.values[[*row as usize, 0]];
        order.sort_by(|left, right| value(left).total_cmp(&value(right)));
        order
    }

    /// Weights of training rows, summing to 1.
    fn weigh(&self, leaves: ndarray::ArrayView1<'_, u32>, weights: &mut [f64]) {
        weights.fill(0.0);
        for (tree, &leaf) in self.forest.trees.iter().zip(leaves) {
            let rows = tree.samples_of(leaf as usize);
            let own = |row: u32| self.weights.as_ref().map_or(1.0, |weights| weights[row as usize]);
            let whole: f64 = rows.iter().map(|&row| own(row)).sum();
            let part = 1.0 / (whole * self.forest.trees.len() as f64);
            rows.iter().for_each(|&row| weights[row as usize] += own(row) * part);
        }
    }

    fn quantile(&self, order: &[u32], weights: &[f64], quantile: f64) -> f64 {
        // Sums of rounded numbers may end a little below 1.
        let wanted = quantile * (1.0 - 1e-12);
        let (mut sum, mut last) = (0.0, f64::NAN);
        for &row in order {
            let weight = weights[row as usize];
            if weight > 0.0 {
                sum += weight;
                last = self.values[[row as usize, 0]];
                if sum >= wanted {
                    break;
                }
            }
        }
        last
    }
}

impl FittedModel for Regressor {
    fn features(&self) -> usize {
        FittedModel::features(&self.forest)
    }

    fn outputs(&self) -> usize {
        self.forest.outputs
    }

    /// # Panics
    /// When rows have another number of columns, or a feature is not finite.
    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        self.forest.evaluate(rows)
    }
}
