//! Out-of-bag predictions, quantiles, proximity and pruning, against direct evaluations of their definitions.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use adatom_core::{TreeEnsemble, TreeView};
use adatom_forest::{Bootstrap, ForestParams, MaxFeatures, RandomForest, Regressor, Rows};
use common::Random;
use ndarray::{Array1, Array2, Axis};

/// Sums of some hundred numbers, in another order.
const ROUNDING: f64 = 1e-12;

fn data(rows: usize) -> (Array2<f64>, Array1<f64>) {
    let mut random = Random(21);
    let features = random.features((rows, 4), 30);
    let values = features.map_axis(Axis(1), |row| row[0] + (row[1] * row[2]).sqrt() + random.unit());
    (features, values)
}

fn fitted(params: &ForestParams) -> (Array2<f64>, Array1<f64>, Regressor) {
    let (features, values) = data(80);
    let model = params.fit_regressor(features.view(), values.view()).unwrap();
    (features, values, model)
}

#[test]
fn out_of_bag_answers_are_means_over_trees_that_did_not_draw() {
    for bootstrap in [Bootstrap::Full, Bootstrap::Count(30), Bootstrap::Fraction(2.0)] {
        let (features, _, model) = fitted(&RandomForest::params().trees(7).seed(3).bootstrap(bootstrap));
        let forest = model.forest();
        let single = forest.predict_trees(features.view(), 0).unwrap();
        let drawn: Vec<Vec<u32>> = (0..7).map(|tree| forest.drawn(tree).unwrap()).collect();
        let found = forest.out_of_bag(features.view()).unwrap();
        for row in 0..80 {
            let trees: Vec<usize> = (0..7).filter(|&tree| drawn[tree][row] == 0).collect();
            assert_eq!(found.trees()[row] as usize, trees.len());
            assert_eq!(found.covered().contains(&row), !trees.is_empty());
            let sum: f64 = trees.iter().map(|&tree| single[[row, tree]]).sum();
            let mean = sum / trees.len().max(1) as f64;
            assert!((found.predictions()[[row, 0]] - mean).abs() < ROUNDING);
        }
        // A tree learned from the rows that it says it drew: their weights are the cover of its root.
        for (tree, drawn) in forest.as_trees().iter().zip(&drawn) {
            assert_eq!(tree.cover(0), f64::from(drawn.iter().sum::<u32>()));
        }
    }
}

/// w_i = mean over trees of (times i was drawn and is in the leaf) / (the same of all rows), times own
/// weights.
fn weights(model: &Regressor, features: &Array2<f64>, own: &[f64], row: usize) -> Vec<f64> {
    let forest = model.forest();
    let leaves = forest.leaves(features.view()).unwrap();
    let mut weights = vec![0.0; own.len()];
    for tree in 0..forest.trees() {
        let drawn = forest.drawn(tree).unwrap();
        let inside = |other: usize| {
            let same = leaves[[other, tree]] == leaves[[row, tree]];
            if same { f64::from(drawn[other]) * own[other] } else { 0.0 }
        };
        let whole: f64 = (0..own.len()).map(inside).sum();
        (0..own.len()).for_each(|other| weights[other] += inside(other) / whole / forest.trees() as f64);
    }
    weights
}

#[test]
fn quantiles_are_those_of_meinshausens_weights() {
    let (features, values) = data(80);
    let own: Vec<f64> = (0..80).map(|row| [1.0, 2.0, 0.5][row % 3]).collect();
    let params = RandomForest::params().trees(9).min_samples_leaf(4).seed(5);
    let unweighted = params.fit_regressor(features.view(), values.view()).unwrap();
    let rows = Rows::from(features.view()).weighted(&own);
    let weighted = params.fit_regressor(rows, values.view()).unwrap();
    let levels = [0.0, 0.1, 0.25, 0.5, 0.9, 1.0];
    for (model, own) in [(&unweighted, &vec![1.0; 80]), (&weighted, &own)] {
        let quantiles = model.quantiles(features.view(), &levels).unwrap();
        let mean = model.predict(features.view()).unwrap();
        for row in 0..80 {
            let weights = weights(model, &features, own, row);
            let expected: f64 = weights.iter().zip(&values).map(|(weight, value)| weight * value).sum();
            assert!((mean[row] - expected).abs() < ROUNDING * 100.0);
            let mut order: Vec<usize> = (0..80).filter(|&row| weights[row] > 0.0).collect();
            order.sort_by(|&left, &right| values[left].total_cmp(&values[right]));
            for (level, found) in levels.iter().zip(quantiles.row(row)) {
                let reached = |last: usize| order[..=last].iter().map(|&row| weights[row]).sum::<f64>();
                let last = (0..order.len()).find(|&last| reached(last) >= level - ROUNDING).unwrap();
                assert_eq!(*found, values[order[last]], "quantile {level} of row {row}");
            }
        }
        let interval = model.intervals(features.view(), 0.8).unwrap();
        assert!(interval.rows().into_iter().all(|ends| ends[0] <= ends[1]));
    }
}

#[test]
fn proximity_is_the_part_of_trees_with_a_common_leaf() {
    let (features, _, model) = fitted(&RandomForest::params().trees(10).min_samples_leaf(3));
    let near = model.forest().proximity(features.view(), features.view()).unwrap();
    for row in 0..80 {
        assert_eq!(near[[row, row]], 1.0);
        for other in 0..80 {
            let own = |row: usize, tree: &dyn TreeView| tree.leaf(features.row(row));
            let common = (0..10).filter(|&tree| {
                let tree = model.forest().tree(tree);
                own(row, tree) == own(other, tree)
            });
            assert_eq!(near[[row, other]], common.count() as f64 / 10.0);
        }
    }
}

/// The smallest of the subtrees that make risk + α · leaves least: that sum, and how many leaves they have.
fn least(tree: &dyn TreeView, node: usize, alpha: f64) -> (f64, usize) {
    let alone = tree.cover(node) * tree.impurity(node) / tree.cover(0) + alpha;
    let Some(split) = tree.split(node) else { return (alone, 1) };
    let (left, right) = (least(tree, split.left, alpha), least(tree, split.right, alpha));
    if alone <= left.0 + right.0 { (alone, 1) } else { (left.0 + right.0, left.1 + right.1) }
}

#[test]
fn pruning_leaves_the_subtree_of_least_cost() {
    let params = RandomForest::params().trees(4).seed(2);
    let (features, _, whole) = fitted(&params);
    for alpha in [0.001, 0.01, 0.1, 0.5, 1.0, 3.0, 10.0, 1000.0] {
        let (_, _, pruned) = fitted(&params.clone().pruning(alpha));
        for (whole, pruned) in whole.forest().as_trees().iter().zip(pruned.forest().as_trees()) {
            let (cost, leaves) = least(whole, 0, alpha);
            assert_eq!(pruned.leaves(), leaves, "α = {alpha}");
            let risk = |node: usize| pruned.cover(node) * pruned.impurity(node) / pruned.cover(0);
            let ends = (0..pruned.nodes()).filter(|&node| pruned.split(node).is_none());
            let sum: f64 = ends.map(|leaf| risk(leaf) + alpha).sum();
            assert!((sum - cost).abs() < ROUNDING * cost.max(1.0));
        }
        // Leaves took the training rows of the branches they replace.
        let median = pruned.quantiles(features.view(), &[0.5]).unwrap();
        assert!(median.iter().all(|value| value.is_finite()));
        let own = weights(&pruned, &features, &[1.0; 80], 0);
        assert!((own.iter().sum::<f64>() - 1.0).abs() < ROUNDING);
    }
}

/// Values that single precision cannot tell apart, infinities of single precision, and zeros of both signs.
#[test]
fn rows_walk_exactly_where_single_precision_is_too_coarse() {
    let rows = 300;
    let features = Array2::from_shape_fn((rows, 3), |(row, column)| {
        let step = (row * [1, 7, 11][column] % rows) as f64;
        [1.0 + 1e-13 * step, -1e300 * (1.0 + 1e-3 * step), if row % 2 == 0 { -0.0 } else { 0.0 }][column]
    });
    let values = Array1::from_shape_fn(rows, |row| row as f64);
    // With few trees of many columns, rows are not rounded at all: both ways to walk are taken.
    for trees in [1, 40] {
        let params =
            RandomForest::params().trees(trees).bootstrap(Bootstrap::Off).max_features(MaxFeatures::All);
        let model = params.fit_regressor(features.view(), values.view()).unwrap();
        assert_eq!(model.predict(features.view()).unwrap(), values);
        let wide = ndarray::concatenate![Axis(1), features, Array2::<f64>::zeros((rows, 400))];
        let model = params.fit_regressor(wide.view(), values.view()).unwrap();
        assert_eq!(model.predict(wide.view()).unwrap(), values);
    }
}
