//! Every cut of a tree is a best one, by trying all; and the limits of nodes are obeyed.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use adatom_core::{ClassLabels, TreeEnsemble, TreeView};
use adatom_forest::{
    Bootstrap, Criterion, ExtraTrees, Forest, ForestParams, MaxFeatures, RandomForest, Rows, Splitter,
};
use common::{Random, rows_of_nodes};
use ndarray::{Array2, Axis, concatenate};
use proptest::prelude::*;

/// Cuts closer than this, relative to the impurity of all rows, are equally good.
const TIE: f64 = 1e-9;

/// Rows, and what is to be predicted of them.
struct Data {
    features: Array2<f64>,
    /// Codes of classes are numbers here too.
    values: Vec<f64>,
    weights: Vec<f64>,
    criterion: Criterion,
}

impl Data {
    fn random(
        random: &mut Random,
        (rows, columns): (usize, usize),
        distinct: usize,
        criterion: Criterion,
    ) -> Self {
        let features = random.features((rows, columns), distinct);
        let one = |row: usize, random: &mut Random| match criterion {
            // Both of the first two classes are there.
            Criterion::Gini | Criterion::Entropy => {
                if row < 2 {
                    row as f64
                } else {
                    random.below(3) as f64
                }
            }
            Criterion::Poisson => random.below(4) as f64,
            _ => {
                if rows % 2 == 0 {
                    random.unit()
                } else {
                    random.below(5) as f64
                }
            }
        };
        let values = (0..rows).map(|row| one(row, random)).collect();
        let weights = (0..rows).map(|_| [1.0, 1.0, 2.0, 0.5][random.below(4)]).collect();
        Self { features, values, weights, criterion }
    }

    /// Impurity of rows, times their weight.
    fn impurity(&self, rows: &[usize]) -> f64 {
        let weight: f64 = rows.iter().map(|&row| self.weights[row]).sum();
        let sum = |of: &dyn Fn(f64) -> f64| -> f64 {
            rows.iter().map(|&row| self.weights[row] * of(self.values[row])).sum()
        };
        let parts = (0..3).map(|class| sum(&|value| f64::from(u8::from(value == f64::from(class)))) / weight);
        let mean = sum(&|value| value) / weight;
        match self.criterion {
            Criterion::Gini => weight * (1.0 - parts.map(|part| part * part).sum::<f64>()),
            Criterion::Entropy => {
                -weight * parts.filter(|&part| part > 0.0).map(|part| part * part.log2()).sum::<f64>()
            }
            Criterion::Poisson => sum(&|y| if y > 0.0 { y * (y / mean).ln() - y + mean } else { mean }),
            _ => sum(&|value| (value - mean).powi(2)),
        }
    }

    /// What is left of the impurity by the best of all cuts that leave enough rows.
    fn least(&self, rows: &[usize], min_rows: usize) -> Option<f64> {
        let mut least: Option<f64> = None;
        for column in self.features.columns() {
            for cut in rows.iter().map(|&row| column[row]) {
                let (left, right): (Vec<usize>, Vec<usize>) =
                    rows.iter().partition(|&&row| column[row] <= cut);
                if left.len() >= min_rows && right.len() >= min_rows {
                    let rest = self.impurity(&left) + self.impurity(&right);
                    least = Some(least.map_or(rest, |least| least.min(rest)));
                }
            }
        }
        least
    }

    fn fit(&self, params: &ForestParams) -> Forest {
        let rows = Rows::from(self.features.view()).weighted(&self.weights);
        let params = params.clone().criterion(self.criterion);
        if let Criterion::Gini | Criterion::Entropy = self.criterion {
            let labels = ClassLabels::of_names(self.values.iter().map(ToString::to_string));
            return params.fit_classifier(rows, &labels).unwrap().forest().clone();
        }
        params.fit_regressor(rows, ndarray::ArrayView1::from(&self.values)).unwrap().forest().clone()
    }

    /// Compares every node with a search by trying all cuts; says how many there were.
    fn check(&self, tree: &dyn TreeView, min_rows: usize) -> usize {
        let of_nodes = rows_of_nodes(tree, &self.features, (0..self.values.len()).collect());
        let whole = self.impurity(&of_nodes[0]).max(1.0);
        for (node, rows) in of_nodes.iter().enumerate() {
            let weight: f64 = rows.iter().map(|&row| self.weights[row]).sum();
            let impurity = self.impurity(rows);
            assert!((tree.cover(node) - weight).abs() < TIE);
            assert!((tree.impurity(node) * weight - impurity).abs() < TIE * whole);
            let least = self.least(rows, min_rows);
            let Some(split) = tree.split(node) else {
                let pure = rows.iter().all(|&row| self.values[row] == self.values[rows[0]]);
                assert!(
                    pure || least.is_none(),
                    "{:?}: node {node} of {rows:?} should be cut",
                    self.criterion
                );
                continue;
            };
            let found = self.impurity(&of_nodes[split.left]) + self.impurity(&of_nodes[split.right]);
            let least = least.unwrap();
            assert!(
                found <= least + TIE * whole,
                "{:?}: {split:?} leaves {found}, not {least}",
                self.criterion
            );
            // The cut lies halfway between the values beside it.
            let values =
                |child: usize| of_nodes[child].iter().map(|&row| self.features[[row, split.feature]]);
            let (below, above) =
                (values(split.left).fold(f64::MIN, f64::max), values(split.right).fold(f64::MAX, f64::min));
            assert_eq!(split.threshold, f64::midpoint(below, above));
        }
        of_nodes.len()
    }
}

fn criterion(which: u8) -> Criterion {
    [Criterion::Gini, Criterion::Entropy, Criterion::SquaredError, Criterion::Poisson][usize::from(which) % 4]
}

fn one_tree() -> ForestParams {
    RandomForest::params().trees(1).bootstrap(Bootstrap::Off).max_features(MaxFeatures::All)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// All columns are candidates: rows are kept in sorted lists.
    #[test]
    fn cuts_in_lists_are_best(
        seed: u64,
        rows in 2usize..70,
        distinct in 1usize..50,
        which: u8,
        leaf in 1usize..4,
    ) {
        let data = Data::random(&mut Random(seed), (rows, 3), distinct, criterion(which));
        let forest = data.fit(&one_tree().min_samples_leaf(leaf).seed(seed));
        data.check(forest.tree(0), leaf);
    }

    /// Three of sixteen columns are candidates, all others are constant: rows are sorted in every node, or,
    /// where there are few distinct values, summed by value. Constant columns do not count as drawn.
    #[test]
    fn cuts_by_sorting_are_best(
        seed: u64,
        rows in 2usize..70,
        distinct in 1usize..50,
        which: u8,
        leaf in 1usize..4,
    ) {
        let mut data = Data::random(&mut Random(seed), (rows, 3), distinct, criterion(which));
        let constant = Array2::from_elem((rows, 13), 4.5);
        data.features = concatenate(Axis(1), &[constant.view(), data.features.view()]).unwrap();
        let forest =
            data.fit(&one_tree().max_features(MaxFeatures::Count(3)).min_samples_leaf(leaf).seed(seed));
        data.check(forest.tree(0), leaf);
    }

    #[test]
    fn random_cuts_lie_between_the_values_of_their_node(
        seed: u64,
        rows in 2usize..70,
        distinct in 2usize..50,
    ) {
        let mut random = Random(seed);
        let features = random.features((rows, 4), distinct);
        let values = random.values(rows);
        let forest =
            ExtraTrees::params().trees(2).seed(seed).fit_regressor(features.view(), values.view()).unwrap();
        for tree in forest.forest().as_trees() {
            let of_nodes = rows_of_nodes(tree, &features, (0..rows).collect());
            for (node, rows) in of_nodes.iter().enumerate() {
                let Some(split) = tree.split(node) else { continue };
                let values = || rows.iter().map(|&row| features[[row, split.feature]]);
                let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
                prop_assert!(
                    low <= split.threshold && split.threshold < high,
                    "{split:?} not in {low}..{high}"
                );
            }
        }
    }

    #[test]
    fn limits_of_nodes_are_obeyed(
        seed: u64, which: u8, depth in 0usize..6, leaf in 1usize..6, split in 2usize..20, part in 0.0f64..0.2,
        decrease in 0.0f64..0.02, splitter in 0usize..3,
    ) {
        let data = Data::random(&mut Random(seed), (60, 4), 20, criterion(which));
        let splitter = [Splitter::Best, Splitter::Binned, Splitter::Random][splitter];
        let params = RandomForest::params().bootstrap(Bootstrap::Off).trees(2).splitter(splitter).seed(seed);
        let params = params.max_depth(depth).min_samples_leaf(leaf).min_samples_split(split);
        let forest = data.fit(&params.min_weight_leaf(part).min_impurity_decrease(decrease));
        let whole: f64 = data.weights.iter().sum();
        for tree in forest.as_trees() {
            prop_assert!(tree.depth() <= depth);
            let of_nodes = rows_of_nodes(tree, &data.features, (0..60).collect());
            for (node, rows) in of_nodes.iter().enumerate() {
                if node > 0 {
                    prop_assert!(rows.len() >= leaf && tree.cover(node) >= part * whole * (1.0 - TIE));
                }
                let Some(children) = tree.split(node) else { continue };
                prop_assert!(rows.len() >= split);
                let before = tree.cover(node) * tree.impurity(node);
                let after = |child: usize| tree.cover(child) * tree.impurity(child);
                let gained = (before - after(children.left) - after(children.right)) / whole;
                prop_assert!(gained >= decrease - TIE, "{gained}");
            }
        }
    }
}

#[test]
fn very_many_rows_are_cut_as_well() {
    // Beyond 65,536 rows ranks take 32 bits; one column has few distinct values, one many.
    let rows = 66_000;
    let mut random = Random(9);
    let features =
        Array2::from_shape_fn(
            (rows, 2),
            |(_, column)| {
                if column == 0 { random.below(40) as f64 } else { random.unit() }
            },
        );
    let values = features.map_axis(Axis(1), |row| f64::from(u8::from(row[1] > 0.3)) + 0.01 * row[0]);
    let params = one_tree().max_depth(2);
    let forest = params.fit_regressor(features.view(), values.view()).unwrap();
    let tree = forest.forest().tree(0);
    let sorted = |column: usize| {
        let mut values = features.column(column).to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    // The step at 0.3 is worth 0.21, the slope of the other column 0.013.
    let root = tree.split(0).unwrap();
    let above = sorted(1).partition_point(|&value| value <= 0.3);
    assert_eq!((root.feature, root.threshold), (1, f64::midpoint(sorted(1)[above - 1], sorted(1)[above])));
    // Of 40 equidistant values the middle is the best cut, up to how many rows each has.
    let child = tree.split(root.left).unwrap();
    assert!(child.feature == 0 && (child.threshold - 19.5).abs() <= 1.0, "{child:?}");
}

#[test]
fn constant_columns_do_not_count_as_drawn() {
    let mut features = Array2::from_elem((20, 100), 1.0);
    features.column_mut(57).iter_mut().enumerate().for_each(|(row, value)| *value = row as f64);
    let values = features.column(57).mapv(|value| value * value);
    for params in [RandomForest::params().bootstrap(Bootstrap::Off), ExtraTrees::params()] {
        let model =
            params.trees(5).max_features(MaxFeatures::Count(1)).fit_regressor(features.view(), values.view());
        for tree in model.unwrap().forest().as_trees() {
            assert_eq!(tree.leaves(), 20);
        }
    }
}

#[test]
fn two_hundred_classes_are_told_apart() {
    let features = Array2::from_shape_fn((600, 2), |(row, column)| {
        let class = row % 200;
        if column == 0 { (class * 7 % 200) as f64 } else { (class / 20) as f64 }
    });
    let labels = ClassLabels::of_names((0..600).map(|row| format!("{:03}", row % 200)));
    for criterion in [Criterion::Gini, Criterion::Entropy] {
        let params = one_tree().criterion(criterion);
        let model = params.fit_classifier(features.view(), &labels).unwrap();
        assert_eq!(model.predict(features.view()).unwrap(), labels.codes);
        assert_eq!(model.forest().as_trees()[0].leaves(), 200);
    }
    let labels = ClassLabels::of_names((0..600).map(|row| format!("{:03}", row % 300)));
    let error = one_tree().fit_classifier(features.view(), &labels).unwrap_err();
    assert_eq!(error.to_string(), "expected at most 255 names of classes, found 300");
}
