//! Drop-column importance of modalities: scores with and without a modality, with a model fitted for each.
//!
//! Over folds the differences d are tested with t = mean(d) / sqrt((1/J + n_test / n_train) var(d)) and J - 1
//! degrees of freedom (Nadeau and Bengio, *Mach. Learn.* 2003): training rows of folds overlap, which the
//! paired t-test ignores.

use adatom_core::{FeatureTable, Modality, Split};
use ndarray::{Array1, ArrayView1};

use super::error::{ImportanceError, Result, at_least};
use crate::statistics::student_two_sided;

/// Scores over folds with all modalities, without each of them, and with each of them alone.
///
/// ```
/// use adatom_core::{FeatureColumn, FeatureTable, Modality, Split, Target, ndarray::Array2};
/// use adatom_interpret::DropModality;
/// let columns = [Modality::Xanes, Modality::Pdf].map(|modality| FeatureColumn::new(modality, 1.0));
/// let columns: Vec<_> = columns.into_iter().collect::<Result<_, _>>()?;
/// let features =
///     Array2::from_shape_fn(
///         (40, 2),
///         |(row, column)| if column == 0 { row as f64 } else { (row * 7 % 5) as f64 },
///     );
/// let table = FeatureTable::new((0..40).map(|row| row.to_string()), columns, features)?
///     .with_target("y", Target::numbers((0..40).map(f64::from)))?;
/// let folds = (0..5).map(|seed| Split::random(40, 0.25, seed)).collect::<Result<Vec<_>, _>>()?;
/// // A "model" that predicts the first column; its score is the negative error.
/// let score = |_: &FeatureTable, test: &FeatureTable| {
///     let error = &test.features().column(0) - &test.numbers("y")?;
///     Ok::<f64, adatom_core::TableError>(-error.mapv(f64::abs).sum())
/// };
/// let report = DropModality::run(&table, &folds, score)?;
/// assert!(report.with_all().iter().all(|&score| score == 0.0));
/// let xanes = report.of(&Modality::Xanes)?;
/// assert!(xanes.without.mean() < Some(-10.0) && xanes.p_value < 0.01);
/// assert_eq!(report.of(&Modality::Pdf)?.p_value, 1.0);
///
/// let error = report.of(&Modality::Latent).unwrap_err();
/// assert_eq!(error.to_string(), "latent has no column");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DropModality {
    with_all: Array1<f64>,
    modalities: Vec<ModalityContribution>,
}

/// The scores without a modality, and with it alone.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModalityContribution {
    /// The modality.
    pub modality: Modality,
    /// Scores without it `[folds]`.
    pub without: Array1<f64>,
    /// Scores with this modality alone `[folds]`.
    pub alone: Array1<f64>,
    /// Mean over folds of the score with all modalities less that without this one.
    pub difference: f64,
    /// Standard error of the difference, corrected for overlapping folds.
    pub standard_error: f64,
    /// Two-sided p-value of the difference under the hypothesis that the modality does not contribute; 1
    /// where all differences are 0.
    pub p_value: f64,
}

impl DropModality {
    /// Fits and scores on all folds. `score` takes the training and the test rows of a fold, fits a model on
    /// the former and returns its score on the latter.
    ///
    /// # Errors
    /// [`ImportanceError::TooFew`] when there are fewer than 2 folds, 2 modalities, or no training or test
    /// row; [`ImportanceError::Table`] when a fold has rows that the table does not have;
    /// [`ImportanceError::Model`] when `score` fails; [`ImportanceError::NotFinite`] when a score is not
    /// finite.
    pub fn run<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        table: &FeatureTable,
        folds: &[Split],
        mut score: impl FnMut(&FeatureTable, &FeatureTable) -> Result<f64, E>,
    ) -> Result<Self> {
        at_least("folds", 2, folds.len())?;
        let modalities = table.modalities();
        at_least("modalities", 2, modalities.len())?;
        for fold in folds {
            at_least("training rows", 1, fold.train.len())?;
            at_least("test rows", 1, fold.test.len())?;
        }
        let mut scores = |chosen: &[Modality]| -> Result<Array1<f64>> {
            let table = table.select_modalities(chosen)?;
            let mut scores = Vec::with_capacity(folds.len());
            for (row, fold) in folds.iter().enumerate() {
                let value = score(&table.select_rows(&fold.train)?, &table.select_rows(&fold.test)?)
                    .map_err(|error| ImportanceError::Model { doing: "scored", source: error.into() })?;
                if !value.is_finite() {
                    return Err(ImportanceError::NotFinite {
                        what: "the score",
                        row,
                        column: 0,
                        found: value,
                    });
                }
                scores.push(value);
            }
            Ok(Array1::from(scores))
        };
        let with_all = scores(&modalities)?;
        let rows = |part: fn(&Split) -> usize| folds.iter().map(part).sum::<usize>() as f64;
        let ratio = rows(|fold| fold.test.len()) / rows(|fold| fold.train.len());
        let mut dropped = Vec::with_capacity(modalities.len());
        for modality in &modalities {
            let others: Vec<Modality> =
                modalities.iter().filter(|other| *other != modality).cloned().collect();
            let (without, alone) = (scores(&others)?, scores(std::slice::from_ref(modality))?);
            let Comparison { difference, standard_error, p_value } =
                compare((&with_all - &without).view(), ratio);
            let modality = modality.clone();
            dropped.push(ModalityContribution {
                modality,
                without,
                alone,
                difference,
                standard_error,
                p_value,
            });
        }
        Ok(Self { with_all, modalities: dropped })
    }

    /// Scores with all modalities `[folds]`.
    #[must_use]
    pub fn with_all(&self) -> ArrayView1<'_, f64> {
        self.with_all.view()
    }

    /// The contribution of each modality, in the order of the table.
    #[must_use]
    pub fn modalities(&self) -> &[ModalityContribution] {
        &self.modalities
    }

    /// The contribution of one modality.
    ///
    /// # Errors
    /// [`ImportanceError::NoColumns`] when the table had none of its columns.
    pub fn of(&self, modality: &Modality) -> Result<&ModalityContribution> {
        let found = self.modalities.iter().find(|dropped| &dropped.modality == modality);
        found.ok_or_else(|| ImportanceError::NoColumns { name: modality.to_string() })
    }
}

/// The corrected t-test of differences over folds.
struct Comparison {
    difference: f64,
    standard_error: f64,
    p_value: f64,
}

fn compare(differences: ArrayView1<'_, f64>, ratio: f64) -> Comparison {
    let folds = differences.len() as f64;
    let difference = differences.mean().expect("there are folds");
    let standard_error = ((1.0 / folds + ratio) * differences.var(1.0)).sqrt();
    let p_value = if differences.iter().all(|&difference| difference == 0.0) {
        1.0
    } else {
        student_two_sided(difference / standard_error, folds - 1.0)
    };
    Comparison { difference, standard_error, p_value }
}
