//! Scores of predicted classes and of their probabilities, with the meanings of scikit-learn.

use adatom_core::{Better, Score, TargetView};
use ndarray::ArrayView2;

use super::counts::{ClassCounts, accuracy, macro_mean, weighted_mean};
use super::most_probable;

/// The average over classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Average {
    /// The mean over all classes that occur in the truth or the predictions.
    Macro,
    /// The mean weighted with the number of rows of each class.
    Weighted,
}

/// Agreement of probabilities `[n, classes]` with the true classes; the predicted class is the most probable
/// one.
///
/// ```
/// use adatom_forest::{Average, ClassScore, ndarray::array};
/// use adatom_forest::{ClassLabels, Score, TargetView};
/// let probabilities = array![[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]];
/// let classes = ClassLabels::of_codes([0, 0, 1, 1]);
/// let truth = TargetView::Classes(&classes);
/// assert_eq!(ClassScore::Accuracy.score(truth, probabilities.view()), Some(0.75));
/// // (0.1² + 0.6² + 0.3² + 0.2²) / 4
/// assert!((ClassScore::Brier.score(truth, probabilities.view()).unwrap() - 0.125).abs() < 1e-12);
/// assert_eq!(ClassScore::F1(Average::Weighted).name(), "weighted_f1");
///
/// // Properties have no accuracy.
/// assert_eq!(
///     ClassScore::Accuracy.score(TargetView::Numbers(array![1.0].view()), array![[1.0]].view()),
///     None
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClassScore {
    /// The fraction of rows with the correct class.
    Accuracy,
    /// The mean recall of the classes in the truth: the accuracy if all were equally frequent.
    BalancedAccuracy,
    /// The fraction of the rows predicted to be of a class that belongs to it.
    Precision(Average),
    /// The fraction of the rows of a class that is predicted to belong to it.
    Recall(Average),
    /// The harmonic mean of precision and recall of a class.
    F1(Average),
    /// Mean of -ln p of the true class, in nat; p is clipped to 2⁻⁵² from 0 and 1.
    LogLoss,
    /// Mean over the rows of Σ (p - truth)² over the classes; for two classes, half of it: (p - truth)² of
    /// one of them (Brier 1950).
    Brier,
}

impl ClassScore {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Accuracy,
        Self::BalancedAccuracy,
        Self::Precision(Average::Macro),
        Self::Precision(Average::Weighted),
        Self::Recall(Average::Macro),
        Self::Recall(Average::Weighted),
        Self::F1(Average::Macro),
        Self::F1(Average::Weighted),
        Self::LogLoss,
        Self::Brier,
    ];
}

impl Score for ClassScore {
    fn name(&self) -> &str {
        match self {
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::Precision(Average::Macro) => "macro_precision",
            Self::Precision(Average::Weighted) => "weighted_precision",
            Self::Recall(Average::Macro) => "macro_recall",
            Self::Recall(Average::Weighted) => "weighted_recall",
            Self::F1(Average::Macro) => "macro_f1",
            Self::F1(Average::Weighted) => "weighted_f1",
            Self::LogLoss => "log_loss",
            Self::Brier => "brier",
        }
    }

    fn better(&self) -> Better {
        match self {
            Self::LogLoss | Self::Brier => Better::Lower,
            _ => Better::Higher,
        }
    }

    fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64> {
        let codes = &target.classes()?.codes[..];
        let (rows, classes) = predictions.dim();
        if codes.is_empty() || codes.len() != rows || codes.iter().any(|&code| code >= classes) {
            return None;
        }
        let score = match self {
            Self::LogLoss => log_loss(codes, predictions),
            Self::Brier => brier(codes, predictions),
            _ => self.of_predicted(codes, &most_probable(predictions), classes),
        };
        score.is_finite().then_some(score)
    }
}

impl ClassScore {
    fn of_predicted(self, codes: &[usize], predicted: &[usize], classes: usize) -> f64 {
        let counts = ClassCounts::of(codes, predicted, classes);
        let mean = |average, of: fn(&ClassCounts) -> f64| match average {
            Average::Macro => macro_mean(&counts, of),
            Average::Weighted => weighted_mean(&counts, of),
        };
        match self {
            Self::Precision(average) => mean(average, ClassCounts::precision),
            Self::Recall(average) => mean(average, ClassCounts::recall),
            Self::F1(average) => mean(average, ClassCounts::f1),
            Self::BalancedAccuracy => {
                let true_ones: Vec<ClassCounts> =
                    counts.into_iter().filter(|class| class.truth > 0).collect();
                macro_mean(&true_ones, ClassCounts::recall)
            }
            _ => accuracy(codes, predicted),
        }
    }
}

fn log_loss(codes: &[usize], probabilities: ArrayView2<'_, f64>) -> f64 {
    let surprise = |(row, &code): (usize, &usize)| {
        -probabilities[[row, code]].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    };
    codes.iter().enumerate().map(surprise).sum::<f64>() / codes.len() as f64
}

fn brier(codes: &[usize], probabilities: ArrayView2<'_, f64>) -> f64 {
    let square = |((row, class), &probability): ((usize, usize), &f64)| {
        (probability - f64::from(u8::from(codes[row] == class))).powi(2)
    };
    let sum: f64 = probabilities.indexed_iter().map(square).sum();
    let halves = if probabilities.ncols() == 2 { 0.5 } else { 1.0 };
    halves * sum / codes.len() as f64
}

#[cfg(test)]
mod tests {
    use adatom_core::ClassLabels;
    use ndarray::array;

    use super::*;

    /// scikit-learn 1.9.1 on the rows below: accuracy_score, balanced_accuracy_score, precision_score,
    /// recall_score and f1_score (macro, weighted), log_loss and brier_score_loss with labels=[0, 1, 2, 3].
    const EXPECTED: [f64; 10] = [
        0.428_571_428_571_428_55,
        0.444_444_444_444_444_4,
        0.458_333_333_333_333_3,
        0.666_666_666_666_666_6,
        0.333_333_333_333_333_3,
        0.428_571_428_571_428_55,
        0.35,
        0.471_428_571_428_571_4,
        0.968_857_724_810_939_5,
        0.55,
    ];

    #[test]
    fn scores_are_those_of_scikit_learn() {
        // Predicted: 0, 1, 1, 0 (the first of equals), 2, 3, 1; class 3 is predicted but never true.
        let probabilities = array![
            [0.6, 0.3, 0.1, 0.0],
            [0.2, 0.5, 0.2, 0.1],
            [0.1, 0.7, 0.1, 0.1],
            [0.25, 0.25, 0.25, 0.25],
            [0.0, 0.1, 0.9, 0.0],
            [0.1, 0.1, 0.2, 0.6],
            [0.3, 0.4, 0.3, 0.0],
        ];
        let classes = ClassLabels::of_codes([0, 0, 1, 1, 2, 2, 2]);
        let truth = TargetView::Classes(&classes);
        for (score, expected) in ClassScore::ALL.iter().zip(EXPECTED) {
            let found = score.score(truth, probabilities.view()).unwrap();
            assert!((found - expected).abs() < 1e-14, "{}: {found}", score.name());
        }
    }

    #[test]
    fn a_class_that_is_neither_true_nor_predicted_is_ignored() {
        // Two of three classes are met; both are predicted without a fault.
        let probabilities = array![[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
        for score in &ClassScore::ALL[..8] {
            assert_eq!(
                score.score(TargetView::Classes(&ClassLabels::of_codes([0, 2])), probabilities.view()),
                Some(1.0),
                "{}",
                score.name()
            );
        }
    }

    #[test]
    fn a_certain_error_costs_much_but_not_everything() {
        // scikit-learn: log_loss([0, 1], [[0, 1], [0, 1]]) = 18.021826694558577 = 52 ln 2 / 2.
        let loss = ClassScore::LogLoss.score(
            TargetView::Classes(&ClassLabels::of_codes([0, 1])),
            array![[0.0, 1.0], [0.0, 1.0]].view(),
        );
        assert!((loss.unwrap() - 18.021_826_694_558_577).abs() < 1e-13);
    }

    #[test]
    fn undefined_scores_are_none() {
        for score in ClassScore::ALL {
            let predictions = array![[1.0, 0.0]];
            assert_eq!(
                score.score(
                    TargetView::Classes(&ClassLabels::of_codes([])),
                    ndarray::Array2::zeros((0, 2)).view()
                ),
                None
            );
            assert_eq!(
                score.score(TargetView::Classes(&ClassLabels::of_codes([0, 1])), predictions.view()),
                None
            );
            assert_eq!(
                score.score(TargetView::Classes(&ClassLabels::of_codes([2])), predictions.view()),
                None
            );
        }
        assert_eq!(
            ClassScore::Brier
                .score(TargetView::Classes(&ClassLabels::of_codes([0])), array![[f64::NAN, 0.0]].view()),
            None
        );
    }
}
