//! Parameters of a forest. Names, meanings and defaults are those of scikit-learn where it has them.

use std::fmt;

use crate::rows::LARGEST;
use crate::{Error, Result};

/// The number of columns drawn as candidates for each split; columns that are constant in a node do not
/// count.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaxFeatures {
    /// All columns: bagged trees. The default of regression.
    All,
    /// The square root of their number, rounded down. The default of classification.
    Sqrt,
    /// The logarithm to base 2, rounded down.
    Log2,
    /// This number, or all columns if there are fewer.
    Count(usize),
    /// This fraction of all columns, rounded down, at least one.
    Fraction(f64),
}

impl MaxFeatures {
    /// The number of candidates among `columns` columns, at least 1.
    #[must_use]
    pub fn of(self, columns: usize) -> usize {
        let count = match self {
            Self::All => columns,
            Self::Sqrt => columns.isqrt(),
            Self::Log2 => columns.checked_ilog2().unwrap_or(0) as usize,
            Self::Count(count) => count,
            Self::Fraction(part) => (part * columns as f64) as usize,
        };
        count.clamp(1, columns.max(1))
    }
}

/// The criterion that splits minimise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Criterion {
    /// Gini impurity 1 - Σ p², for classes.
    Gini,
    /// Entropy -Σ p log₂ p in bits, for classes.
    Entropy,
    /// Variance, for properties; over several properties its mean.
    SquaredError,
    /// Half the Poisson deviance, for counts and other properties that are not negative.
    Poisson,
}

impl fmt::Display for Criterion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Gini => "gini",
            Self::Entropy => "entropy",
            Self::SquaredError => "squared_error",
            Self::Poisson => "poisson",
        })
    }
}

/// How the weights of rows depend on their class.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClassWeight {
    /// All the same.
    None,
    /// rows / (classes · rows of the class), counted once in the training rows.
    Balanced,
    /// The same, counted in the rows that each tree has drawn.
    BalancedSubsample,
    /// One factor per class, in the order of the codes.
    Given(Vec<f64>),
}

impl fmt::Display for ClassWeight {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Balanced => "balanced",
            Self::BalancedSubsample => "balanced_subsample",
            Self::Given(_) => "one factor per class",
        })
    }
}

/// Random forests: rows drawn with replacement, the best cut of each column drawn.
#[derive(Debug, Clone, Copy)]
pub struct RandomForest;

impl RandomForest {
    /// Default parameters of a random forest.
    #[must_use]
    pub fn params() -> ForestParams {
        ForestParams::new(Splitter::Best, Bootstrap::Full)
    }
}

/// Extremely randomised trees: all rows, one random cut of each column drawn.
#[derive(Debug, Clone, Copy)]
pub struct ExtraTrees;

impl ExtraTrees {
    /// Default parameters of extremely randomised trees.
    #[must_use]
    pub fn params() -> ForestParams {
        ForestParams::new(Splitter::Random, Bootstrap::Off)
    }
}

/// The number of rows that each tree draws with replacement; see [`ForestParams::bootstrap`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bootstrap {
    /// Every tree is fitted to all rows; none are drawn.
    Off,
    /// As many draws as there are rows.
    Full,
    /// This number of draws.
    Count(usize),
    /// This fraction of the number of rows, rounded, at least one draw.
    Fraction(f64),
}

/// The candidate thresholds of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Splitter {
    /// The best cut of a column, halfway between neighbouring distinct values.
    Best,
    /// The best cut between 255 bins of equal numbers of rows: faster for very many rows.
    Binned,
    /// One random cut of a column (extremely randomised trees: Geurts, Ernst, Wehenkel 2006).
    Random,
}

/// Parameters of a forest, made by [`RandomForest::params`] or
/// [`ExtraTrees::params`](crate::ExtraTrees::params).
///
/// ```
/// use adatom_forest::{MaxFeatures, RandomForest};
/// let params = RandomForest::params().trees(300).max_features(MaxFeatures::Count(20)).seed(7);
/// assert_eq!(params.get_trees(), 300);
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ForestParams {
    pub(crate) trees: usize,
    pub(crate) max_depth: Option<usize>,
    pub(crate) min_samples_split: usize,
    pub(crate) min_samples_leaf: usize,
    pub(crate) min_weight_leaf: f64,
    pub(crate) max_features: Option<MaxFeatures>,
    pub(crate) min_impurity_decrease: f64,
    pub(crate) bootstrap: Bootstrap,
    pub(crate) criterion: Option<Criterion>,
    pub(crate) class_weight: ClassWeight,
    pub(crate) splitter: Splitter,
    pub(crate) pruning: f64,
    pub(crate) seed: u64,
}

impl Default for ForestParams {
    fn default() -> Self {
        RandomForest::params()
    }
}

impl ForestParams {
    pub(crate) fn new(splitter: Splitter, bootstrap: Bootstrap) -> Self {
        Self {
            trees: 100,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_weight_leaf: 0.0,
            max_features: None,
            min_impurity_decrease: 0.0,
            bootstrap,
            criterion: None,
            class_weight: ClassWeight::None,
            splitter,
            pruning: 0.0,
            seed: 0,
        }
    }

    /// The number of trees (default 100).
    #[must_use]
    pub fn trees(mut self, trees: usize) -> Self {
        self.trees = trees;
        self
    }

    /// The number of trees.
    #[must_use]
    pub fn get_trees(&self) -> usize {
        self.trees
    }

    /// The largest number of splits between the root and a leaf (default: no limit).
    #[must_use]
    pub fn max_depth(mut self, splits: usize) -> Self {
        self.max_depth = Some(splits);
        self
    }

    /// Nodes with fewer distinct rows are leaves (default 2).
    #[must_use]
    pub fn min_samples_split(mut self, rows: usize) -> Self {
        self.min_samples_split = rows;
        self
    }

    /// The smallest number of distinct rows of a leaf (default 1).
    #[must_use]
    pub fn min_samples_leaf(mut self, rows: usize) -> Self {
        self.min_samples_leaf = rows;
        self
    }

    /// The smallest weight of a leaf, as a fraction of the sum of all weights (default 0).
    #[must_use]
    pub fn min_weight_leaf(mut self, part: f64) -> Self {
        self.min_weight_leaf = part;
        self
    }

    /// The number of candidate columns for each split (default: all for regression, square root for
    /// classification).
    #[must_use]
    pub fn max_features(mut self, max_features: MaxFeatures) -> Self {
        self.max_features = Some(max_features);
        self
    }

    /// The number of candidate columns for each split, if it was set.
    #[must_use]
    pub fn get_max_features(&self) -> Option<MaxFeatures> {
        self.max_features
    }

    /// The smallest decrease of impurity by a split, weighted with the fraction of the rows in the node
    /// (default 0).
    #[must_use]
    pub fn min_impurity_decrease(mut self, decrease: f64) -> Self {
        self.min_impurity_decrease = decrease;
        self
    }

    /// The number of rows that each tree draws (default: as many as there are; [`Bootstrap::Off`] for extra
    /// trees).
    #[must_use]
    pub fn bootstrap(mut self, bootstrap: Bootstrap) -> Self {
        self.bootstrap = bootstrap;
        self
    }

    /// The criterion that splits minimise (default: Gini impurity for classes, variance for properties).
    #[must_use]
    pub fn criterion(mut self, criterion: Criterion) -> Self {
        self.criterion = Some(criterion);
        self
    }

    /// How the weights of rows depend on their class (default: not at all).
    #[must_use]
    pub fn class_weight(mut self, weight: ClassWeight) -> Self {
        self.class_weight = weight;
        self
    }

    /// The candidate thresholds of columns (default: [`Splitter::Best`], or [`Splitter::Random`] for extra
    /// trees).
    #[must_use]
    pub fn splitter(mut self, splitter: Splitter) -> Self {
        self.splitter = splitter;
        self
    }

    /// Complexity parameter α of minimal cost-complexity pruning (Breiman et al. 1984; default 0, none): a
    /// branch stays if it decreases the impurity by more than α for each leaf it adds.
    #[must_use]
    pub fn pruning(mut self, alpha: f64) -> Self {
        self.pruning = alpha;
        self
    }

    /// The seed of all random numbers (default 0): the same seed gives the same bytes for any number of
    /// threads.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks that all parameters are in their ranges.
    pub(crate) fn check(&self) -> Result<()> {
        let refuse =
            |parameter, expected, found: String| Err(Error::Parameter { parameter, expected, found });
        let at_least = |parameter, least: usize, expected, found: usize| {
            if found < least { refuse(parameter, expected, found.to_string()) } else { Ok(()) }
        };
        at_least("trees", 1, "at least 1", self.trees)?;
        at_least("min_samples_split", 2, "at least 2", self.min_samples_split)?;
        at_least("min_samples_leaf", 1, "at least 1", self.min_samples_leaf)?;
        if !(0.0..=0.5).contains(&self.min_weight_leaf) {
            return refuse("min_weight_leaf", "between 0 and 0.5", self.min_weight_leaf.to_string());
        }
        for (parameter, value) in
            [("min_impurity_decrease", self.min_impurity_decrease), ("pruning", self.pruning)]
        {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(parameter, "a number that is not negative", value.to_string());
            }
        }
        match self.max_features {
            Some(MaxFeatures::Count(0)) => return refuse("max_features", "at least 1", "0".into()),
            Some(MaxFeatures::Fraction(part)) if !(part > 0.0 && part <= 1.0) => {
                return refuse("max_features", "above 0, at most 1", part.to_string());
            }
            _ => {}
        }
        match self.bootstrap {
            Bootstrap::Count(0) => return refuse("bootstrap", "at least 1", "0".into()),
            Bootstrap::Fraction(part) if !(part > 0.0 && part.is_finite()) => {
                return refuse("bootstrap", "above 0", part.to_string());
            }
            _ => {}
        }
        if let ClassWeight::Given(factors) = &self.class_weight
            && let Some(wrong) = factors.iter().find(|factor| !(0.0..=LARGEST).contains(*factor))
        {
            return refuse("class_weight", "numbers from 0 to 1e90", wrong.to_string());
        }
        Ok(())
    }
}
