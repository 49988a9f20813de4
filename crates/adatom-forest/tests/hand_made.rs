//! Trees small enough to grow by hand; the derivation stands above each.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_core::{ClassLabels, TreeSplit, TreeView};
use adatom_forest::{
    Bootstrap, ClassWeight, Classifier, Criterion, ForestParams, MaxFeatures, RandomForest, Regressor, Rows,
};
use ndarray::{Array1, Array2, array};

/// A few roundings of numbers near 1.
const ROUNDING: f64 = 1e-14;

fn tree() -> ForestParams {
    RandomForest::params().trees(1).bootstrap(Bootstrap::Off).max_features(MaxFeatures::All)
}

fn inner(feature: usize, threshold: f64, left: usize, right: usize) -> Option<TreeSplit> {
    Some(TreeSplit { feature, threshold, left, right })
}

fn splits(tree: &dyn TreeView) -> Vec<Option<TreeSplit>> {
    (0..tree.nodes()).map(|node| tree.split(node)).collect()
}

fn impurities(tree: &dyn TreeView) -> Vec<f64> {
    (0..tree.nodes()).map(|node| tree.impurity(node)).collect()
}

fn covers(tree: &dyn TreeView) -> Vec<f64> {
    (0..tree.nodes()).map(|node| tree.cover(node)).collect()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < ROUNDING, "{found} is not {expected}");
    }
}

/// Column 0 is 1 to 6, column 1 marks the fourth row; the classes are a a b a b b.
fn letters() -> (Array2<f64>, ClassLabels) {
    let features = array![[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [4.0, 1.0], [5.0, 0.0], [6.0, 0.0]];
    (features, ClassLabels::of_names(["a", "a", "b", "a", "b", "b"]))
}

fn grown_on_letters(criterion: Criterion) -> Classifier {
    let (features, classes) = letters();
    tree().criterion(criterion).fit_classifier(features.view(), &classes).unwrap()
}

// Root: a 3, b 3, Gini 1 - 1/4 - 1/4 = 1/2. Rows times Gini after a cut of column 0 behind
//   1: a | a2 b3    5 (1 - 4/25 - 9/25)            = 2.4
//   2: a2 | a b3    4 (1 - 1/16 - 9/16)            = 1.5
//   3: a2 b | a b2  3 (1 - 4/9 - 1/9) + the same   = 2.67
//   4: a3 b | b2    as behind 2                    = 1.5
//   5: a3 b2 | b    as behind 1                    = 2.4
// and of column 1: a2 b3 | a = 2.4. The best are behind 2 and 4; the first is taken: 2.5.
// Right of it b a b b, Gini 3/8: column 1 leaves nothing, better than any cut of column 0.
// Column 0 gained (6/2 - 1.5) / 6 = 1/4, column 1 gained (1.5 - 0) / 6 = 1/4: half each.
#[test]
fn gini() {
    let model = grown_on_letters(Criterion::Gini);
    let tree = &model.forest().as_trees()[0];
    assert_eq!(splits(tree), [inner(0, 2.5, 1, 2), None, inner(1, 0.5, 3, 4), None, None]);
    assert_eq!(covers(tree), [6.0, 2.0, 4.0, 3.0, 1.0]);
    close(&impurities(tree), &[0.5, 0.0, 0.375, 0.0, 0.0]);
    assert_eq!(tree.value(2), [0.25, 0.75]);
    close(&model.forest().impurity_importance(), &[0.5, 0.5]);
    assert_eq!(
        model.predict_names(array![[2.5, 1.0], [2.6, 1.0], [2.6, 0.5]].view()).unwrap(),
        ["a", "a", "b"]
    );
}

// The same cuts. Root: 1 bit. Right of 2.5: -(1/4) log2 (1/4) - (3/4) log2 (3/4) = 2 - (3/4) log2 3 = 0.8113
// bits. Column 1 gained (4/6) of that, column 0 the rest of 1 bit.
#[test]
fn entropy() {
    let model = grown_on_letters(Criterion::Entropy);
    let tree = &model.forest().as_trees()[0];
    assert_eq!(splits(tree), [inner(0, 2.5, 1, 2), None, inner(1, 0.5, 3, 4), None, None]);
    let right = 2.0 - 0.75 * 3f64.log2();
    close(&impurities(tree), &[1.0, 0.0, right, 0.0, 0.0]);
    close(&model.forest().impurity_importance(), &[1.0 - right / 1.5, right / 1.5]);
}

// Row 4 counts three times: a 5, b 3 of 8. Weight times Gini behind 2: a2 | a3 b3 6 (1/2) = 3 4: a5 b | b2 6
// (1 - 25/36 - 1/36) = 1.67 and of column 1: a2 b3 | a3 = 2.4: the cut is behind 4 now. Gini of the root 1 -
// 25/64 - 9/64 = 15/32. Left a2 b a3 with x = 1 2 3 4: column 1 leaves a2 b | a3 = 4/3, column 0 behind 2
// leaves a2 | b a3 = 4 (6/16) = 1.5, behind 3 a2 b | a3 = 4/3 as well, by the same cut of rows.
#[test]
fn weights_move_a_cut() {
    let (features, classes) = letters();
    let rows = Rows::from(features.view()).weighted(&[1.0, 1.0, 1.0, 3.0, 1.0, 1.0]);
    let model = tree().fit_classifier(rows, &classes).unwrap();
    let tree = &model.forest().as_trees()[0];
    assert_eq!(tree.split(0).unwrap().threshold, 4.5);
    let second = tree.split(1).unwrap();
    assert!([(0, 3.5), (1, 0.5)].contains(&(second.feature, second.threshold)));
    close(&impurities(tree)[..3], &[15.0 / 32.0, 10.0 / 36.0, 4.0 / 9.0]);
    assert_eq!(covers(tree)[..3], [8.0, 6.0, 3.0]);
}

// Classes a 3 rows, b 1 row. Balanced: 4 / (2 · 3) = 2/3 for a and 4 / (2 · 1) = 2 for b, 2 of weight for
// each.
#[test]
fn balanced_classes() {
    let features = array![[1.0], [2.0], [3.0], [4.0]];
    let classes = ClassLabels::of_names(["a", "a", "a", "b"]);
    let model = tree().class_weight(ClassWeight::Balanced).max_depth(0);
    let model = model.fit_classifier(features.view(), &classes).unwrap();
    let root = &model.forest().as_trees()[0];
    assert!((root.cover(0) - 4.0).abs() < ROUNDING);
    close(root.value(0), &[0.5, 0.5]);
    let given = tree().class_weight(ClassWeight::Given(vec![1.0, 6.0])).max_depth(0);
    let given = given.fit_classifier(features.view(), &classes).unwrap();
    close(given.forest().as_trees()[0].value(0), &[1.0 / 3.0, 2.0 / 3.0]);
}

fn steps(params: &ForestParams) -> Regressor {
    let features = array![[1.0], [2.0], [4.0], [8.0]];
    params.fit_regressor(features.view(), array![0.0, 0.0, 6.0, 10.0].view()).unwrap()
}

// x = 1 2 4 8, y = 0 0 6 10: mean 4, squares 16 + 16 + 4 + 36 = 72, variance 18. Squares after a cut behind
//   1: 0 | 0 + 36 + 100 - 16²/3 = 50.7     2: 0 | 2² + 2² = 8     4: 4 + 4 + 16 | 0 = 24
// so at (2 + 4) / 2 = 3; then 6 | 10 at (4 + 8) / 2 = 6.
#[test]
fn variance() {
    let model = steps(&tree());
    let grown = &model.forest().as_trees()[0];
    assert_eq!(splits(grown), [inner(0, 3.0, 1, 2), None, inner(0, 6.0, 3, 4), None, None]);
    close(&impurities(grown), &[18.0, 0.0, 4.0, 0.0, 0.0]);
    close(&(0..5).map(|node| grown.value(node)[0]).collect::<Vec<_>>(), &[4.0, 0.0, 8.0, 6.0, 10.0]);
    // Rows at a threshold go left.
    let found = model.predict(array![[3.0], [3.1], [6.0], [6.1]].view()).unwrap();
    assert_eq!(found, array![0.0, 6.0, 6.0, 10.0]);
}

// The tree above: the second cut gains (2 · 4 - 0) / 4 = 2, the first (72 - 8) / 4 = 16.
// A second cut that may gain 2 at most is not made if more is asked for.
#[test]
fn least_decrease() {
    let leaves =
        |decrease: f64| steps(&tree().min_impurity_decrease(decrease)).forest().as_trees()[0].leaves();
    assert_eq!([0.0, 2.0, 2.1, 16.0, 16.1].map(leaves), [3, 3, 2, 2, 1]);
}

// The same tree: the weakest branch is the second cut, 2 for one leaf more. Without it the root's branch has
// (18 - 2) / 1 = 16 for one leaf more; with it (18 - 0) / 2 = 9. A branch goes when its strength is at most
// α.
#[test]
fn pruning() {
    let leaves = |alpha: f64| steps(&tree().pruning(alpha)).forest().as_trees()[0].leaves();
    assert_eq!([0.0, 1.9, 2.0, 15.9, 16.0].map(leaves), [3, 3, 2, 2, 1]);
}

// Two points differ by d: their squares are w1 w2 / (w1 + w2) d². y = 0 4 6 with weights 1: behind the first
// (1/2) 4 = 2 is left, behind the second (1/2) 16 = 8. If the first weighs 0.1, behind the second
// 0.1 / 1.1 · 16 = 1.45 is left: the cut moves. Mean (4 + 6) / 2.1, cover 2.1.
#[test]
fn weighted_variance() {
    let features = array![[0.0], [1.0], [2.0]];
    let values = array![0.0, 4.0, 6.0];
    let first = |weights: &[f64]| {
        let rows = Rows::from(features.view()).weighted(weights);
        let model = tree().max_depth(1).fit_regressor(rows, values.view()).unwrap();
        let tree = &model.forest().as_trees()[0];
        (tree.split(0).unwrap().threshold, tree.cover(0), tree.value(0)[0])
    };
    assert_eq!(first(&[1.0, 1.0, 1.0]), (0.5, 3.0, 10.0 / 3.0));
    let (threshold, cover, mean) = first(&[0.1, 1.0, 1.0]);
    assert_eq!(threshold, 1.5);
    close(&[cover, mean], &[2.1, 10.0 / 2.1]);
}

// Property 0 has a step of 2 behind x = 1 (variance 1), property 1 of 6 behind x = 2, x = 1 2 3 4. Squares
// left behind 2: property 0 has 1 1 | 3 3 -> 0, property 1 has 0 0 | 0 6 -> 18, mean variance (0 + 18/4) / 2.
// Behind 3: property 0 has 1 1 3 | 3 -> 8/3, property 1 has 0 0 0 | 6 -> 0: smaller, so the cut is 3.5.
#[test]
fn two_properties() {
    let features = array![[1.0], [2.0], [3.0], [4.0]];
    let values = array![[1.0, 0.0], [1.0, 0.0], [3.0, 0.0], [3.0, 6.0]];
    let model = tree().max_depth(1).fit_regressor_many(features.view(), values.view()).unwrap();
    let grown = &model.forest().as_trees()[0];
    assert_eq!(splits(grown), [inner(0, 3.5, 1, 2), None, None]);
    // Variances 1 and 27/4; on the left 8/9 and 0.
    close(&impurities(grown), &[(1.0 + 6.75) / 2.0, 4.0 / 9.0, 0.0]);
    close(grown.value(1), &[5.0 / 3.0, 0.0]);
}

// Half the Poisson deviance of y = 1 1 3 3 about 2: ln(1/2) + 1 for each 1 and 3 ln(3/2) - 1 for each 3.
#[test]
fn poisson() {
    let features = array![[1.0], [2.0], [3.0], [4.0]];
    let params = tree().criterion(Criterion::Poisson);
    let model = params.fit_regressor(features.view(), array![1.0, 1.0, 3.0, 3.0].view()).unwrap();
    let grown = &model.forest().as_trees()[0];
    assert_eq!(splits(grown), [inner(0, 2.5, 1, 2), None, None]);
    close(&impurities(grown), &[(0.5f64.ln() + 3.0 * 1.5f64.ln()) / 2.0, 0.0, 0.0]);
}

// Equal values cannot be parted, whatever the property does.
#[test]
fn equal_values_stay_together() {
    let features = array![[1.0], [1.0], [2.0], [2.0]];
    let model = tree().fit_regressor(features.view(), array![0.0, 10.0, 2.0, 4.0].view()).unwrap();
    assert_eq!(model.predict(features.view()).unwrap(), array![5.0, 5.0, 3.0, 3.0]);
    assert_eq!(model.forest().as_trees()[0].split(0).unwrap().threshold, 1.5);
}

// Halfway between neighbouring floats is one of them, and must send them to different sides; between the
// largest floats it must not overflow; the two zeros are one value.
#[test]
fn thresholds_part_what_is_near_and_what_is_far() {
    let next = f64::from_bits(1.0f64.to_bits() + 1);
    let largest = f64::MAX / 4.0;
    for (low, high) in
        [(1.0, next), (-next, -1.0), (-largest, largest), (-f64::MIN_POSITIVE, 0.0), (0.0, 5e-324)]
    {
        let features = array![[low], [high]];
        let model = tree().fit_regressor(features.view(), array![0.0, 1.0].view()).unwrap();
        assert_eq!(model.predict(features.view()).unwrap(), array![0.0, 1.0], "{low} and {high}");
    }
    let features = array![[0.0], [-0.0]];
    let model = tree().fit_regressor(features.view(), array![0.0, 1.0].view()).unwrap();
    assert_eq!(model.predict(features.view()).unwrap(), Array1::from_elem(2, 0.5));
}
