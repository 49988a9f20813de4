//! Forests with the estimator traits of smartcore.

use adatom_core::ClassLabels;
use smartcore::api::{Predictor, SupervisedEstimator};
use smartcore::error::Failed;
use smartcore::linalg::basic::arrays::{Array1, Array2};
use smartcore::numbers::basenum::Number;

use crate::{Classifier, ForestParams, Regressor};

/// A forest for a property, as an estimator of smartcore.
///
/// Features are any of smartcore's matrices of `f64` (also `ndarray::Array2`), values any of its vectors of
/// `f64`.
///
/// ```
/// use adatom_forest::smartcore::{linalg::basic::matrix::DenseMatrix, metrics, model_selection};
/// use adatom_forest::{RandomForest, SmartcoreRegressor};
/// let rows: Vec<Vec<f64>> = (0..60).map(|row| vec![row as f64, (row % 7) as f64]).collect();
/// let features = DenseMatrix::from_2d_vec(&rows)?;
/// let values: Vec<f64> = (0..60).map(|row| 2.0 * row as f64).collect();
/// let folds = model_selection::KFold::default().with_n_splits(3).with_seed(Some(7));
/// let params = RandomForest::params().trees(30);
/// let result = model_selection::cross_validate(
///     SmartcoreRegressor::new(),
///     &features,
///     &values,
///     params,
///     &folds,
///     &metrics::r2,
/// )?;
/// assert!(result.mean_test_score() > 0.95);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SmartcoreRegressor {
    model: Option<Regressor>,
}

/// A forest for classes, as an estimator of smartcore.
///
/// Features are any of smartcore's matrices of `f64` (also `ndarray::Array2`), labels any of its vectors of
/// whole numbers `T`.
///
/// ```
/// use adatom_forest::smartcore::api::{Predictor, SupervisedEstimator};
/// use adatom_forest::{RandomForest, SmartcoreClassifier, ndarray::array};
/// let features = array![[0.0], [0.1], [1.0], [1.1]];
/// let labels = array![4, 4, 6, 6];
/// let params = RandomForest::params().trees(30);
/// let forest = SmartcoreClassifier::fit(&features, &labels, params.clone())?;
/// let predicted: adatom_forest::ndarray::Array1<i32> = forest.predict(&features)?;
/// assert_eq!(predicted, labels);
/// assert_eq!(forest.model().unwrap().classes(), ["4", "6"]);
///
/// let error = SmartcoreClassifier::fit(&features, &array![4, 4, 4, 4], params).unwrap_err();
/// assert!(error.to_string().contains("all 4 rows belong to the class \"4\""));
/// # Ok::<(), adatom_forest::smartcore::error::Failed>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SmartcoreClassifier<T> {
    fitted: Option<(Classifier, Vec<T>)>,
}

impl SmartcoreRegressor {
    /// Not fitted yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The forest, once it is fitted.
    #[must_use]
    pub fn model(&self) -> Option<&Regressor> {
        self.model.as_ref()
    }
}

impl<T> SmartcoreClassifier<T> {
    /// Not fitted yet.
    #[must_use]
    pub fn new() -> Self {
        Self { fitted: None }
    }

    /// The forest, once it is fitted; its classes are the labels in increasing order.
    #[must_use]
    pub fn model(&self) -> Option<&Classifier> {
        self.fitted.as_ref().map(|(model, _)| model)
    }
}

impl<T> Default for SmartcoreClassifier<T> {
    fn default() -> Self {
        Self::new()
    }
}

fn matrix<X: Array2<f64>>(x: &X) -> ndarray::Array2<f64> {
    let (rows, columns) = x.shape();
    ndarray::Array2::from_shape_vec((rows, columns), x.iterator(0).copied().collect())
        .expect("a matrix has as many numbers as its shape says")
}

fn not_fitted() -> Failed {
    Failed::predict("'fit' should be called before 'predict'")
}

impl<X: Array2<f64>, Y: Array1<f64>> SupervisedEstimator<X, Y, ForestParams> for SmartcoreRegressor {
    fn new() -> Self {
        Self::new()
    }

    fn fit(x: &X, y: &Y, parameters: ForestParams) -> Result<Self, Failed> {
        let values: ndarray::Array1<f64> = y.iterator(0).copied().collect();
        let model = parameters.fit_regressor(matrix(x).view(), values.view());
        Ok(Self { model: Some(model.map_err(|error| Failed::fit(&error.to_string()))?) })
    }
}

impl<X: Array2<f64>, Y: Array1<f64>> Predictor<X, Y> for SmartcoreRegressor {
    fn predict(&self, x: &X) -> Result<Y, Failed> {
        let model = self.model.as_ref().ok_or_else(not_fitted)?;
        let values = model.predict(matrix(x).view()).map_err(|error| Failed::predict(&error.to_string()))?;
        Ok(Y::from_iterator(values.iter().copied(), values.len()))
    }
}

impl<T: Number + Ord, X: Array2<f64>, Y: Array1<T>> SupervisedEstimator<X, Y, ForestParams>
    for SmartcoreClassifier<T>
{
    fn new() -> Self {
        Self::new()
    }

    fn fit(x: &X, y: &Y, parameters: ForestParams) -> Result<Self, Failed> {
        let mut labels: Vec<T> = y.iterator(0).copied().collect();
        labels.sort_unstable();
        labels.dedup();
        let code = |label: &T| labels.binary_search(label).expect("every label is among them");
        let codes: Vec<usize> = y.iterator(0).map(code).collect();
        let mut counts = vec![0; labels.len()];
        codes.iter().for_each(|&code| counts[code] += 1);
        let classes = ClassLabels { names: labels.iter().map(T::to_string).collect(), codes, counts };
        let model = parameters.fit_classifier(matrix(x).view(), &classes);
        Ok(Self { fitted: Some((model.map_err(|error| Failed::fit(&error.to_string()))?, labels)) })
    }
}

impl<T: Number + Ord, X: Array2<f64>, Y: Array1<T>> Predictor<X, Y> for SmartcoreClassifier<T> {
    fn predict(&self, x: &X) -> Result<Y, Failed> {
        let (model, labels) = self.fitted.as_ref().ok_or_else(not_fitted)?;
        let codes = model.predict(matrix(x).view()).map_err(|error| Failed::predict(&error.to_string()))?;
        Ok(Y::from_iterator(codes.iter().map(|&code| labels[code]), codes.len()))
    }
}
