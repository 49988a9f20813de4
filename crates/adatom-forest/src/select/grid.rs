//! Sets of parameters to search: all combinations of lists, or some of them drawn at random (Bergstra and
//! Bengio 2012).

use std::collections::HashSet;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::{Bootstrap, ClassWeight, Criterion, Error, ForestParams, MaxFeatures, Result, Splitter};

/// The largest number of combinations.
const MOST: usize = 100_000;

/// Lists of values of parameters; parameters without a list have the values of the base parameters.
///
/// ```
/// use adatom_forest::{MaxFeatures, ParamsGrid, RandomForest};
/// let grid = ParamsGrid::around(RandomForest::params().seed(7))
///     .trees([100, 300])
///     .max_features([MaxFeatures::Sqrt, MaxFeatures::Fraction(0.3), MaxFeatures::All])
///     .min_samples_leaf([1, 2, 5]);
/// assert_eq!((grid.len(), grid.all()?.len(), grid.draw(5, 7)?.len()), (18, 18, 5));
///
/// let error = ParamsGrid::around(RandomForest::params()).trees([]).all().unwrap_err();
/// assert_eq!(error.to_string(), "the combinations of a grid must be from 1 to 100000, found 0");
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ParamsGrid {
    base: ForestParams,
    axes: Vec<Axis>,
}

/// Values of one parameter.
#[derive(Debug, Clone, PartialEq)]
enum Axis {
    Trees(Vec<usize>),
    MaxDepth(Vec<Option<usize>>),
    MinSamplesSplit(Vec<usize>),
    MinSamplesLeaf(Vec<usize>),
    MaxFeatures(Vec<MaxFeatures>),
    MinImpurityDecrease(Vec<f64>),
    Bootstrap(Vec<Bootstrap>),
    Criterion(Vec<Criterion>),
    ClassWeight(Vec<ClassWeight>),
    Splitter(Vec<Splitter>),
    Pruning(Vec<f64>),
}

impl Axis {
    fn len(&self) -> usize {
        match self {
            Self::Trees(values) | Self::MinSamplesSplit(values) | Self::MinSamplesLeaf(values) => {
                values.len()
            }
            Self::MaxDepth(values) => values.len(),
            Self::MaxFeatures(values) => values.len(),
            Self::MinImpurityDecrease(values) | Self::Pruning(values) => values.len(),
            Self::Bootstrap(values) => values.len(),
            Self::Criterion(values) => values.len(),
            Self::ClassWeight(values) => values.len(),
            Self::Splitter(values) => values.len(),
        }
    }

    fn set(&self, index: usize, params: &mut ForestParams) {
        match self {
            Self::Trees(values) => params.trees = values[index],
            Self::MaxDepth(values) => params.max_depth = values[index],
            Self::MinSamplesSplit(values) => params.min_samples_split = values[index],
            Self::MinSamplesLeaf(values) => params.min_samples_leaf = values[index],
            Self::MaxFeatures(values) => params.max_features = Some(values[index]),
            Self::MinImpurityDecrease(values) => params.min_impurity_decrease = values[index],
            Self::Bootstrap(values) => params.bootstrap = values[index],
            Self::Criterion(values) => params.criterion = Some(values[index]),
            Self::ClassWeight(values) => params.class_weight.clone_from(&values[index]),
            Self::Splitter(values) => params.splitter = values[index],
            Self::Pruning(values) => params.pruning = values[index],
        }
    }
}

impl ParamsGrid {
    /// A grid of one point.
    #[must_use]
    pub fn around(base: ForestParams) -> Self {
        Self { base, axes: Vec::new() }
    }

    fn with(mut self, axis: Axis) -> Self {
        self.axes.retain(|other| std::mem::discriminant(other) != std::mem::discriminant(&axis));
        self.axes.push(axis);
        self
    }

    /// Numbers of trees. All of them together take as long as the largest.
    #[must_use]
    pub fn trees(self, values: impl IntoIterator<Item = usize>) -> Self {
        self.with(Axis::Trees(values.into_iter().collect()))
    }

    /// Largest depths; `None` is no limit.
    #[must_use]
    pub fn max_depth(self, values: impl IntoIterator<Item = Option<usize>>) -> Self {
        self.with(Axis::MaxDepth(values.into_iter().collect()))
    }

    /// Smallest numbers of rows of a node that is split.
    #[must_use]
    pub fn min_samples_split(self, values: impl IntoIterator<Item = usize>) -> Self {
        self.with(Axis::MinSamplesSplit(values.into_iter().collect()))
    }

    /// Smallest numbers of rows of a leaf.
    #[must_use]
    pub fn min_samples_leaf(self, values: impl IntoIterator<Item = usize>) -> Self {
        self.with(Axis::MinSamplesLeaf(values.into_iter().collect()))
    }

    /// Numbers of candidate columns for a split.
    #[must_use]
    pub fn max_features(self, values: impl IntoIterator<Item = MaxFeatures>) -> Self {
        self.with(Axis::MaxFeatures(values.into_iter().collect()))
    }

    /// Smallest decreases of impurity by a split.
    #[must_use]
    pub fn min_impurity_decrease(self, values: impl IntoIterator<Item = f64>) -> Self {
        self.with(Axis::MinImpurityDecrease(values.into_iter().collect()))
    }

    /// Numbers of rows that each tree draws.
    #[must_use]
    pub fn bootstrap(self, values: impl IntoIterator<Item = Bootstrap>) -> Self {
        self.with(Axis::Bootstrap(values.into_iter().collect()))
    }

    /// Criteria that splits minimise.
    #[must_use]
    pub fn criterion(self, values: impl IntoIterator<Item = Criterion>) -> Self {
        self.with(Axis::Criterion(values.into_iter().collect()))
    }

    /// Class weights.
    #[must_use]
    pub fn class_weight(self, values: impl IntoIterator<Item = ClassWeight>) -> Self {
        self.with(Axis::ClassWeight(values.into_iter().collect()))
    }

    /// Kinds of candidate thresholds.
    #[must_use]
    pub fn splitter(self, values: impl IntoIterator<Item = Splitter>) -> Self {
        self.with(Axis::Splitter(values.into_iter().collect()))
    }

    /// Complexity parameters of pruning.
    #[must_use]
    pub fn pruning(self, values: impl IntoIterator<Item = f64>) -> Self {
        self.with(Axis::Pruning(values.into_iter().collect()))
    }

    /// The number of combinations; `usize::MAX` on overflow.
    #[must_use]
    pub fn len(&self) -> usize {
        let empty = self.axes.iter().any(|axis| axis.len() == 0);
        if empty { 0 } else { self.axes.iter().fold(1, |product, axis| product.saturating_mul(axis.len())) }
    }

    /// Whether a list has no value, so that there is no combination.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The combination of a number; the last list changes fastest.
    fn point(&self, mut number: usize) -> ForestParams {
        let mut params = self.base.clone();
        for axis in self.axes.iter().rev() {
            axis.set(number % axis.len(), &mut params);
            number /= axis.len();
        }
        params
    }

    /// All combinations; the list given last changes fastest.
    ///
    /// # Errors
    /// [`Error::Parameter`] when a list is empty, or there are more than 100,000 combinations.
    pub fn all(&self) -> Result<Vec<ForestParams>> {
        if !(1..=MOST).contains(&self.len()) {
            let (parameter, expected) = ("the combinations of a grid", "from 1 to 100000");
            return Err(Error::Parameter { parameter, expected, found: self.len().to_string() });
        }
        Ok((0..self.len()).map(|number| self.point(number)).collect())
    }

    /// `count` different combinations drawn at random, or all if there are not more.
    ///
    /// # Errors
    /// [`Error::Parameter`] when a list is empty, the combinations cannot be counted, or `count` is 0 or more
    /// than 100,000.
    pub fn draw(&self, count: usize, seed: u64) -> Result<Vec<ForestParams>> {
        if !(1..=MOST).contains(&count) {
            let (parameter, expected) = ("the number of draws", "from 1 to 100000");
            return Err(Error::Parameter { parameter, expected, found: count.to_string() });
        }
        if count >= self.len() {
            return self.all();
        }
        if self.len() == usize::MAX {
            let (parameter, expected) = ("the combinations of a grid", "below 2^64 - 1");
            return Err(Error::Parameter { parameter, expected, found: "more".into() });
        }
        // Floyd's way to draw without replacement: Bentley and Floyd 1987.
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (mut drawn, mut order) = (HashSet::new(), Vec::new());
        for last in self.len() - count..self.len() {
            let number = below(last + 1, &mut random);
            let number = if drawn.insert(number) { number } else { last };
            drawn.insert(number);
            order.push(number);
        }
        Ok(order.into_iter().map(|number| self.point(number)).collect())
    }
}

/// A random number below `bound`, all equally likely.
fn below(bound: usize, random: &mut ChaCha8Rng) -> usize {
    let bound = bound as u64;
    let usable = u64::MAX - u64::MAX % bound;
    let number = std::iter::repeat_with(|| random.next_u64()).find(|&number| number < usable);
    (number.expect("the generator never ends") % bound) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RandomForest;

    #[test]
    fn the_last_list_changes_fastest_and_a_list_given_again_replaces() {
        let grid =
            ParamsGrid::around(RandomForest::params()).trees([9]).trees([1, 2]).min_samples_leaf([3, 4]);
        let points: Vec<_> = grid.all().unwrap().iter().map(|p| (p.trees, p.min_samples_leaf)).collect();
        assert_eq!(points, [(1, 3), (1, 4), (2, 3), (2, 4)]);
    }

    #[test]
    fn draws_differ_from_each_other_and_are_equally_likely() {
        let grid = ParamsGrid::around(RandomForest::params()).trees(1..=6).min_samples_leaf([1, 2]);
        let mut counts = [0i32; 12];
        for seed in 0..6000 {
            let drawn = grid.draw(4, seed).unwrap();
            let places: HashSet<usize> =
                drawn.iter().map(|p| (p.trees - 1) * 2 + p.min_samples_leaf - 1).collect();
            assert_eq!(places.len(), 4);
            places.into_iter().for_each(|place| counts[place] += 1);
        }
        // A third of 6000 draws each, with a standard deviation of sqrt(6000 · 2/9) = 37.
        assert!(counts.iter().all(|count| (count - 2000).abs() < 5 * 37), "{counts:?}");
    }

    #[test]
    fn a_grid_that_is_too_large_is_drawn_from_but_not_listed() {
        let grid = ParamsGrid::around(RandomForest::params()).trees(1..=1000).min_samples_leaf(1..=1000);
        assert_eq!(
            grid.all().unwrap_err().to_string(),
            "the combinations of a grid must be from 1 to 100000, found 1000000"
        );
        assert_eq!(grid.draw(10, 1).unwrap().len(), 10);
        assert!(grid.draw(0, 1).is_err());
    }
}
