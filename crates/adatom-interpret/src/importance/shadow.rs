//! Test of importances against those of permuted columns (Boruta; Kursa and Rudnicki 2010).
//!
//! In each round a model is fitted to the columns and to shadows: copies whose values are permuted over rows,
//! independently for each column. A hit is a round in which the importance of a column exceeds that of its
//! reference. An irrelevant column has a hit in at most half of the rounds; p-values are binomial tails,
//! adjusted by Holm's method.

use adatom_core::{FeatureColumn, permutation};
use ndarray::{Array2, ArrayView2, Axis, concatenate};

use super::error::{ImportanceError, Result, at_least, check_rows, exactly};
use super::feature_importance::FeatureImportance;
use crate::statistics::{binomial_tail, holm};

/// The shadow importance with which a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShadowReference {
    /// The largest of all shadows, as in Boruta: few false positives, but weak columns are missed.
    BestShadow,
    /// Its own shadow, which has the same distribution of values: more sensitive to weak columns.
    OwnShadow,
}

/// A test of importances against those of permuted columns, with a model fitted in every round.
///
/// ```
/// use adatom_core::{
///     FeatureColumn, Modality,
///     ndarray::{Array2, Axis},
/// };
/// use adatom_interpret::ShadowTest;
/// let columns = (0..3)
///     .map(|r| FeatureColumn::new(Modality::Pdf, f64::from(r)))
///     .collect::<Result<Vec<_>, _>>()?;
/// let mut state = 1u64;
/// let rows = Array2::from_shape_simple_fn((60, 3), || {
///     state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
///     (state >> 40) as f64
/// });
/// let truth = rows.column(1).to_owned();
/// // A simple "model": the covariance of each column with the target.
/// let covariance = |rows: adatom_core::ndarray::ArrayView2<'_, f64>, _round| {
///     let mean = rows.mean_axis(Axis(0)).ok_or("no row")?;
///     let centred = &truth - truth.mean().ok_or("no row")?;
///     Ok::<_, &str>((&rows - &mean).t().dot(&centred).mapv(f64::abs).to_vec())
/// };
/// let report = ShadowTest::new(20).seed(3).run(&columns, rows.view(), covariance)?;
/// assert_eq!(report.significant(0.05), [1]);
/// assert_eq!(report.hits()[1], 20);
///
/// let error = ShadowTest::new(20).run(&columns, rows.view(), |_, _| Err("no memory")).unwrap_err();
/// assert_eq!(error.to_string(), "the model could not be fitted");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShadowTest {
    rounds: usize,
    seed: u64,
    rival: ShadowReference,
}

impl ShadowTest {
    /// A test of `rounds` rounds against the best shadow. Significance at a level of 0.05 needs at least
    /// log2(p / 0.05) rounds for p columns: 13 for 300 columns.
    #[must_use]
    pub fn new(rounds: usize) -> Self {
        Self { rounds, seed: 0, rival: ShadowReference::BestShadow }
    }

    /// The seed of the permutations. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The reference of columns. Default: [`ShadowReference::BestShadow`].
    #[must_use]
    pub fn reference(mut self, rival: ShadowReference) -> Self {
        self.rival = rival;
        self
    }

    /// Runs the test on features `[n, p]` of `columns`. `fit` takes features `[n, 2p]`, with the shadow of
    /// column k at p + k, and the number of the round as a seed, and returns importances `[2p]`.
    ///
    /// # Errors
    /// [`ImportanceError::TooFew`] when there is no round, no column or fewer than 2 rows;
    /// [`ImportanceError::Length`] when the numbers of columns or importances differ;
    /// [`ImportanceError::NotFinite`]; [`ImportanceError::Model`] when `fit` fails.
    pub fn run<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        &self,
        columns: &[FeatureColumn],
        features: ArrayView2<'_, f64>,
        mut fit: impl FnMut(ArrayView2<'_, f64>, u64) -> Result<Vec<f64>, E>,
    ) -> Result<ShadowReport> {
        check_rows(features, columns.len())?;
        at_least("rounds", 1, self.rounds)?;
        at_least("columns", 1, columns.len())?;
        at_least("rows", 2, features.nrows())?;
        let p = columns.len();
        let mut both = concatenate(Axis(1), &[features, features]).expect("both have the same rows");
        let mut values = Array2::zeros((self.rounds, p));
        let mut shadows = Array2::zeros((self.rounds, p));
        for round in 0..self.rounds {
            for column in 0..p {
                let order = permutation(features.nrows(), self.seed, (round as u64) << 32 | column as u64);
                for (row, from) in order.into_iter().enumerate() {
                    both[[row, p + column]] = features[[from, column]];
                }
            }
            let found = fit(both.view(), round as u64)
                .map_err(|error| ImportanceError::Model { doing: "fitted", source: error.into() })?;
            exactly("importances of columns and shadows", 2 * p, found.len())?;
            values.row_mut(round).iter_mut().zip(&found[..p]).for_each(|(place, &value)| *place = value);
            shadows.row_mut(round).iter_mut().zip(&found[p..]).for_each(|(place, &value)| *place = value);
        }
        let columns = columns.to_vec();
        let shadows = FeatureImportance::new(columns.clone(), shadows)?;
        Ok(self.report(FeatureImportance::new(columns, values)?, shadows))
    }

    fn report(&self, importance: FeatureImportance, shadows: FeatureImportance) -> ShadowReport {
        let mut hits = vec![0; importance.columns().len()];
        for (own, shadows) in importance.values().rows().into_iter().zip(shadows.values().rows()) {
            let best = shadows.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for (column, hits) in hits.iter_mut().enumerate() {
                let rival = match self.rival {
                    ShadowReference::BestShadow => best,
                    ShadowReference::OwnShadow => shadows[column],
                };
                *hits += usize::from(own[column] > rival);
            }
        }
        let p: Vec<f64> = hits.iter().map(|&hits| binomial_tail(hits, self.rounds)).collect();
        ShadowReport { importance, shadows, hits, p_values: holm(&p) }
    }
}

/// The result of a [`ShadowTest`].
#[derive(Debug, Clone, PartialEq)]
pub struct ShadowReport {
    importance: FeatureImportance,
    shadows: FeatureImportance,
    hits: Vec<usize>,
    p_values: Vec<f64>,
}

impl ShadowReport {
    /// Importances of the columns `[rounds, p]`.
    #[must_use]
    pub fn importance(&self) -> &FeatureImportance {
        &self.importance
    }

    /// Importances of the shadows `[rounds, p]`.
    #[must_use]
    pub fn shadows(&self) -> &FeatureImportance {
        &self.shadows
    }

    /// Importances less those of the own shadow, which removes the bias for columns with many distinct
    /// values.
    #[must_use]
    pub fn corrected(&self) -> FeatureImportance {
        let values = &self.importance.values() - &self.shadows.values();
        FeatureImportance::new(self.importance.columns().to_vec(), values)
            .expect("importances and shadows are finite and of one shape")
    }

    /// The number of rounds in which each column exceeded its reference `[p]`.
    #[must_use]
    pub fn hits(&self) -> &[usize] {
        &self.hits
    }

    /// p-values of the hits `[p]`, adjusted for the number of columns by Holm's method.
    #[must_use]
    pub fn p_values(&self) -> &[f64] {
        &self.p_values
    }

    /// Columns with a p-value of at most `level`, which bounds the probability of any false positive.
    #[must_use]
    pub fn significant(&self, level: f64) -> Vec<usize> {
        (0..self.hits.len()).filter(|&column| self.p_values[column] <= level).collect()
    }
}
