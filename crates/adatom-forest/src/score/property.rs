//! Scores of predicted properties, with the truth y and the predictions f:
//! R² = 1 - Σ (y - f)² / Σ (y - mean y)², MAE = mean |y - f|, RMSE = √ mean (y - f)².

use adatom_core::{Better, Score, TargetView};
use ndarray::ArrayView2;

/// Agreement of predictions `[n, 1]` with a true property.
///
/// ```
/// use adatom_forest::{PropertyScore, ndarray::array};
/// use adatom_forest::{Score, TargetView};
/// let predictions = array![[2.5], [0.0], [2.0], [8.0]];
/// let truth = array![3.0, -0.5, 2.0, 7.0];
/// let truth = TargetView::Numbers(truth.view());
/// assert_eq!(PropertyScore::MeanAbsoluteError.score(truth, predictions.view()), Some(0.5));
///
/// // What is constant has no variance that could be explained.
/// let constant = array![2.0, 2.0, 2.0, 2.0];
/// assert_eq!(PropertyScore::R2.score(TargetView::Numbers(constant.view()), predictions.view()), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PropertyScore {
    /// The fraction of the variance that is explained; 0 for the mean, negative if worse than the mean.
    R2,
    /// The mean of the absolute errors, in the unit of the property.
    MeanAbsoluteError,
    /// The root of the mean of the squared errors, in the unit of the property.
    RootMeanSquareError,
    /// The same, divided by the magnitude of the mean of the true values.
    RmseOverMean,
}

impl PropertyScore {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::R2, Self::MeanAbsoluteError, Self::RootMeanSquareError, Self::RmseOverMean];
}

impl Score for PropertyScore {
    fn name(&self) -> &str {
        match self {
            Self::R2 => "r2",
            Self::MeanAbsoluteError => "mae",
            Self::RootMeanSquareError => "rmse",
            Self::RmseOverMean => "rmse_over_mean",
        }
    }

    fn better(&self) -> Better {
        match self {
            Self::R2 => Better::Higher,
            _ => Better::Lower,
        }
    }

    fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64> {
        let TargetView::Numbers(values) = target else { return None };
        if values.is_empty() || predictions.dim() != (values.len(), 1) {
            return None;
        }
        let rows = values.len() as f64;
        let mean = values.iter().sum::<f64>() / rows;
        let errors =
            || values.iter().zip(predictions.column(0)).map(|(value, prediction)| value - prediction);
        let squares: f64 = errors().map(|error| error * error).sum();
        let rmse = (squares / rows).sqrt();
        let score = match self {
            Self::R2 => {
                let variance: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
                1.0 - squares / variance
            }
            Self::MeanAbsoluteError => errors().map(f64::abs).sum::<f64>() / rows,
            Self::RootMeanSquareError => rmse,
            Self::RmseOverMean => rmse / mean.abs(),
        };
        score.is_finite().then_some(score)
    }
}

#[cfg(test)]
mod tests {
    use adatom_core::ClassLabels;
    use ndarray::array;

    use super::*;

    #[test]
    fn scores_are_those_of_scikit_learn() {
        // r2_score, mean_absolute_error, root_mean_squared_error of 1.9.1; the mean of the truth is 2.875.
        let expected =
            [0.948_608_137_044_967_9, 0.5, 0.612_372_435_695_794_5, 0.612_372_435_695_794_5 / 2.875];
        let (truth, predictions) = (array![3.0, -0.5, 2.0, 7.0], array![[2.5], [0.0], [2.0], [8.0]]);
        for (score, expected) in PropertyScore::ALL.iter().zip(expected) {
            let found = score.score(TargetView::Numbers(truth.view()), predictions.view()).unwrap();
            assert!((found - expected).abs() < 1e-15, "{}: {found}", score.name());
        }
    }

    #[test]
    fn undefined_scores_are_none() {
        let (truth, balanced) = (array![1.0, 2.0], array![-1.0, 1.0]);
        for score in PropertyScore::ALL {
            assert_eq!(score.score(TargetView::Numbers(truth.view()), array![[1.0]].view()), None);
            assert_eq!(
                score.score(TargetView::Numbers(truth.view()), array![[1.0, 2.0], [1.0, 2.0]].view()),
                None
            );
            assert_eq!(
                score.score(TargetView::Numbers(array![].view()), ndarray::Array2::zeros((0, 1)).view()),
                None
            );
            assert_eq!(
                score.score(TargetView::Classes(&ClassLabels::of_codes([0])), array![[1.0]].view()),
                None
            );
            assert_eq!(
                score.score(TargetView::Numbers(truth.view()), array![[1.0], [f64::NAN]].view()),
                None
            );
        }
        let over_mean = PropertyScore::RmseOverMean;
        assert_eq!(over_mean.score(TargetView::Numbers(balanced.view()), array![[1.0], [1.0]].view()), None);
    }
}
