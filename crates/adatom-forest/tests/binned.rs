//! Binned trees, whose larger children are counted by subtraction, are those of the exact search where bins
//! lose nothing.

#![allow(clippy::unwrap_used)]

mod common;

use adatom_core::{ClassLabels, TreeEnsemble};
use adatom_forest::{Forest, ForestParams, MaxFeatures, RandomForest, Splitter};
use common::{Random, within_threads};
use ndarray::Array1;

fn params() -> ForestParams {
    RandomForest::params().trees(2).max_features(MaxFeatures::All).min_samples_leaf(3).seed(5)
}

fn splits(forest: &Forest) -> Vec<Option<(usize, f64)>> {
    let trees = (0..forest.trees()).map(|tree| forest.tree(tree));
    trees
        .flat_map(|tree| {
            (0..tree.nodes())
                .map(|node| tree.split(node).map(|s| (s.feature, s.threshold)))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// 6,000 rows of columns with 200 values each: every value has its bin. The properties are thirds of whole
/// numbers, so that rounding to a grid of powers of two is not exact and the grids of both searches differ.
#[test]
fn nothing_is_lost_by_counting_only_the_smaller_child() {
    let mut random = Random(11);
    let features = random.features((6000, 7), 200);
    let values = Array1::from_shape_fn(6000, |row| {
        let x = features.row(row);
        (3.0 * x[0] + x[1] * x[2] / 50.0 + 40.0 * random.unit()).floor() / 3.0
    });
    let labels = ClassLabels::of_names(values.iter().map(|value| ((value / 60.0) as i32).to_string()));
    for threads in [1, 3] {
        let of = |splitter: Splitter| {
            let params = params().splitter(splitter);
            within_threads(threads, || {
                let regressor =
                    params.fit_regressor(features.view(), values.view()).unwrap().forest().clone();
                let classifier = params.fit_classifier(features.view(), &labels).unwrap().forest().clone();
                [regressor, classifier]
            })
        };
        let (exact, binned) = (of(Splitter::Best), of(Splitter::Binned));
        for (exact, binned) in exact.iter().zip(&binned) {
            assert!(exact.tree(0).nodes() > 500);
            // Thresholds lie halfway between bins, not between values of the node: columns and rows are
            // compared.
            let leaves = |forest: &Forest| forest.leaves(features.view()).unwrap();
            assert_eq!(leaves(exact), leaves(binned));
            let columns = |forest: &Forest| splits(forest).iter().map(|s| s.map(|s| s.0)).collect::<Vec<_>>();
            assert_eq!(columns(exact), columns(binned));
        }
    }
}

/// With more values than bins, a binned forest is nearly as good as an exact one.
#[test]
fn continuous_columns_lose_little() {
    let mut random = Random(3);
    let features = ndarray::Array2::from_shape_simple_fn((4000, 5), || random.unit());
    let values = Array1::from_shape_fn(4000, |row| (6.0 * features[[row, 0]]).sin() + features[[row, 1]]);
    let (train, test) = features.view().split_at(ndarray::Axis(0), 3000);
    let (known, truth) = values.view().split_at(ndarray::Axis(0), 3000);
    let error = |splitter: Splitter| {
        let model = params().trees(20).splitter(splitter).fit_regressor(train, known).unwrap();
        (&model.predict(test).unwrap() - &truth)
            .mapv(|difference| difference * difference)
            .mean()
            .unwrap()
            .sqrt()
    };
    let (exact, binned) = (error(Splitter::Best), error(Splitter::Binned));
    assert!(exact < 0.06, "{exact}");
    assert!(binned < 1.1 * exact, "{binned} against {exact}");
}
