//! Shapley values of trees are those of the shap package, of their definition, and add up.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod precision;
mod trees;

use adatom_core::{TreeEnsemble, TreeSplit, TreeView};
use adatom_interpret::{ImportanceError, TreeShap};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};
use precision::{double, interventional, single};
use proptest::prelude::*;
use trees::{ArrayForest, ArrayTree, forest, matrix, numbers, random_forest, random_rows, reference};

/// What the project promises against shap 0.51.0.
const AGREEMENT: f64 = 1e-8;
/// The package calculates interventional values partly in single precision, which moves those of the
/// reference by up to 2.4e-8. With that rounding repeated, `precision` gives them within [`SAME`]; without
/// it, it gives ours.
const SINGLE: f64 = 3e-8;
/// Of one calculation in another order, in double precision.
const SAME: f64 = 1e-12;
/// Rounding of sums of a few thousand numbers of order 1.
const ROUNDING: f64 = 1e-10;

fn close<'a>(ours: impl IntoIterator<Item = &'a f64>, theirs: &[f64], tolerance: f64) {
    let ours: Vec<f64> = ours.into_iter().copied().collect();
    assert_eq!(ours.len(), theirs.len());
    let worst =
        ours.iter().zip(theirs).fold(0.0f64, |worst, (ours, theirs)| worst.max((ours - theirs).abs()));
    assert!(worst < tolerance, "they differ by {worst}");
}

#[test]
fn path_dependent_values_are_those_of_shap() {
    let x = matrix(&reference("data.json")["X"]);
    for name in ["forest-regression.json", "forest-classification.json"] {
        let document = reference(name);
        let rows = document["shap_rows"].as_u64().unwrap() as usize;
        let forest = forest(&document, x.ncols());
        let values = TreeShap::new(&forest).unwrap().path_dependent(x.slice(s![..rows, ..])).unwrap();
        close(values.base(), &numbers(&document["shap_base"]), AGREEMENT);
        close(values.values().iter(), &numbers(&document["shap"]), AGREEMENT);
        close(
            values.predictions().iter(),
            forest.predictions(x.slice(s![..rows, ..])).as_slice().unwrap(),
            ROUNDING,
        );
    }
}

#[test]
fn interventional_values_are_those_of_shap() {
    let x = matrix(&reference("data.json")["X"]);
    let document = reference("forest-regression.json");
    let count = |key: &str| document[key].as_u64().unwrap() as usize;
    let (rows, background) = (count("shap_rows"), count("interventional_background_rows"));
    let forest = forest(&document, x.ncols());
    let (rows, background) = (x.slice(s![..rows, ..]), x.slice(s![..background, ..]));
    let values = TreeShap::new(&forest).unwrap().interventional(rows, background).unwrap();
    let theirs = numbers(&document["shap_interventional"]);
    close(values.base(), &numbers(&document["shap_interventional_base"]), AGREEMENT);
    close(values.predictions().iter(), forest.predictions(rows).as_slice().unwrap(), ROUNDING);
    // Rounding is all that parts theirs from ours: one calculation gives both, only the precision of its
    // steps differs.
    close(&interventional(&forest, rows, background, single), &theirs, SAME);
    close(&interventional(&forest, rows, background, double), values.values().as_slice().unwrap(), SAME);
    close(values.values().iter(), &theirs, SINGLE);
    for row in 0..2 {
        let game = by_background(&forest, x.row(row), background);
        close(values.values().index_axis(Axis(0), row), &shapley(&game, 12), SAME);
    }
}

/// The answer where the columns of `asked` decide and covers decide for the others (a half where there is
/// none).
fn by_cover(tree: &ArrayTree, node: usize, row: ArrayView1<'_, f64>, asked: usize) -> Vec<f64> {
    let Some(TreeSplit { feature, threshold, left, right }) = tree.split(node) else {
        return tree.value(node).to_vec();
    };
    if asked >> feature & 1 == 1 {
        return by_cover(tree, if row[feature] <= threshold { left } else { right }, row, asked);
    }
    let whole = tree.cover(left) + tree.cover(right);
    let part = if whole > 0.0 { tree.cover(left) / whole } else { 0.5 };
    let (left, right) = (by_cover(tree, left, row, asked), by_cover(tree, right, row, asked));
    left.iter().zip(&right).map(|(left, right)| part * left + (1.0 - part) * right).collect()
}

/// Mean answers `[2^p][outputs]` where columns that are not asked are taken from background rows.
fn by_background(
    forest: &ArrayForest,
    row: ArrayView1<'_, f64>,
    background: ArrayView2<'_, f64>,
) -> Vec<Vec<f64>> {
    let features = row.len();
    let games = background.rows().into_iter().map(|other| {
        let mixed = Array2::from_shape_fn((1 << features, features), |(asked, column)| {
            if asked >> column & 1 == 1 { row[column] } else { other[column] }
        });
        forest.predictions(mixed.view()).rows().into_iter().map(|row| row.to_vec()).collect()
    });
    sum(games, 1.0 / background.nrows() as f64)
}

/// Σ over coalitions S without i of |S|! (p - |S| - 1)! / p! (v(S + i) - v(S)), as `[p][outputs]`.
fn shapley(game: &[Vec<f64>], players: usize) -> Vec<f64> {
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    let mut values = Vec::new();
    for player in 0..players {
        for output in 0..game[0].len() {
            let without = (0..game.len()).filter(|asked| asked >> player & 1 == 0);
            let gain = |asked: usize| {
                let size = asked.count_ones();
                let weight =
                    factorial(size) * factorial(players as u32 - size - 1) / factorial(players as u32);
                weight * (game[asked | 1 << player][output] - game[asked][output])
            };
            values.push(without.map(gain).sum());
        }
    }
    values
}

fn sum(games: impl Iterator<Item = Vec<Vec<f64>>>, scale: f64) -> Vec<Vec<f64>> {
    let add = |mut sum: Vec<Vec<f64>>, game: Vec<Vec<f64>>| {
        sum.iter_mut().flatten().zip(game.iter().flatten()).for_each(|(sum, value)| *sum += value);
        sum
    };
    let mut whole = games.reduce(add).unwrap();
    whole.iter_mut().flatten().for_each(|value| *value *= scale);
    whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn values_are_those_of_the_definition(
        seed in 0u64..1 << 40,
        features in 1usize..7,
        leaves in 1usize..40,
        outputs in 1usize..4,
        rows in 1usize..20,
    ) {
        let forest = random_forest([3, leaves, features, outputs], seed);
        let x = random_rows(rows, features, seed + 1);
        let background = random_rows(4, features, seed + 2);
        let shap = TreeShap::new(&forest).unwrap();
        let values = shap.path_dependent(x.view()).unwrap();
        let against = shap.interventional(x.view(), background.view()).unwrap();
        for (row, x) in x.rows().into_iter().enumerate() {
            let games = forest.trees.iter().map(|tree| {
                (0..1 << features).map(|asked| by_cover(tree, 0, x, asked)).collect()
            });
            let expected = shapley(&sum(games, 1.0 / 3.0), features);
            close(values.values().index_axis(Axis(0), row), &expected, 1e-12);

            let expected = shapley(&by_background(&forest, x, background.view()), features);
            close(against.values().index_axis(Axis(0), row), &expected, 1e-12);
        }
    }

    #[test]
    fn groups_play_as_one(seed in 0u64..1 << 40, leaves in 1usize..40) {
        let owner = [0, 2, 1, 0, 2, 0];
        let forest = random_forest([1, leaves, 6, 2], seed);
        let x = random_rows(3, 6, seed + 1);
        let values = TreeShap::new(&forest).unwrap().path_dependent_of_groups(x.view(), &owner).unwrap();
        for (row, x) in x.rows().into_iter().enumerate() {
            let columns = |asked: usize| (0..6).filter(move |&column| asked >> owner[column] & 1 == 1);
            let asked = |asked| columns(asked).fold(0, |sum, column| sum | 1 << column);
            let game: Vec<_> = (0..8).map(|groups| by_cover(&forest.trees[0], 0, x, asked(groups))).collect();
            close(values.values().index_axis(Axis(0), row), &shapley(&game, 3), 1e-12);
        }
    }
}

#[test]
fn values_of_deep_trees_add_up() {
    // Chains with a column of its own at each of 300 splits, and large bushes, which have features again on a
    // path.
    let split = |node: usize| {
        (node.is_multiple_of(2) && node < 600).then_some(TreeSplit {
            feature: node / 2,
            threshold: 0.5,
            left: node + 1,
            right: node + 2,
        })
    };
    let chain = ArrayTree {
        splits: (0..601).map(split).collect(),
        cover: (0..601)
            .map(|node| 0.99f64.powi(node / 2) * if node % 2 == 1 { 0.0101 } else { 1.0 })
            .collect(),
        impurity: vec![0.0; 601],
        value: (0..601).map(|node| vec![f64::from(node % 7)]).collect(),
    };
    let chain = ArrayForest { trees: vec![chain], features: 300 };
    let x = random_rows(17, 300, 3).mapv(|value| 0.5 + 0.5 * value);
    let values = TreeShap::new(&chain).unwrap().path_dependent(x.view()).unwrap();
    close(values.predictions().iter(), chain.predictions(x.view()).as_slice().unwrap(), ROUNDING);

    let bush = random_forest([40, 1000, 30, 1], 5);
    let x = random_rows(150, 30, 4);
    println!("depth {}", bush.trees.iter().map(TreeView::depth).max().unwrap());
    let shap = TreeShap::new(&bush).unwrap();
    let values = shap.path_dependent(x.view()).unwrap();
    close(values.predictions().iter(), bush.predictions(x.view()).as_slice().unwrap(), ROUNDING);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(one.install(|| shap.path_dependent(x.view()).unwrap()), values);
}

#[test]
fn what_is_no_tree_is_refused() {
    let refused = |change: &dyn Fn(&mut ArrayTree)| {
        let mut forest = random_forest([2, 5, 3, 1], 1);
        change(&mut forest.trees[1]);
        TreeShap::new(&forest).unwrap_err().to_string()
    };
    let split = |feature, left, right| Some(TreeSplit { feature, threshold: 0.5, left, right });
    let message = refused(&|tree| tree.splits[0] = split(3, 1, 2));
    assert_eq!(message, "not a tree: tree 1, node 0: expected a column below 3, found 3");
    assert_eq!(
        refused(&|tree| tree.splits[0] = split(0, 0, 2)),
        "not a tree: tree 1, node 0: expected children 1 to 8, found 0"
    );
    let message = refused(&|tree| tree.splits = (0..9).map(|node| split(0, 8.min(node + 1), 8)).collect());
    assert_eq!(message, "not a tree: tree 1, node 8: expected children 9 to 8, found 8");
    let twice = |node: usize| if node < 8 { split(0, node + 1, node + 1) } else { None };
    let message = refused(&|tree| tree.splits = (0..9).map(twice).collect());
    assert_eq!(message, "not a tree: tree 1, node 8: expected one parent, found several");
    assert_eq!(
        refused(&|tree| tree.cover.fill(-1.0)).split(": ").last(),
        Some("expected a finite non-negative cover, found -1")
    );
    let message = refused(&|tree| tree.value.iter_mut().for_each(|value| value.push(0.0)));
    assert!(message.ends_with("expected 1 values, found 2"), "{message}");
    let message = refused(&|tree| tree.value.iter_mut().for_each(|value| value[0] = f64::NAN));
    assert!(message.ends_with("expected finite values, found NaN"), "{message}");

    let shap = TreeShap::new(&random_forest([2, 5, 3, 1], 1)).unwrap();
    let error = shap.path_dependent(Array2::zeros((0, 3)).view()).unwrap_err();
    assert_eq!(error.to_string(), "expected at least 1 rows, found 0");
    let error = shap.path_dependent(Array2::from_elem((1, 3), f64::NAN).view()).unwrap_err();
    assert!(matches!(error, ImportanceError::NotFinite { row: 0, column: 0, .. }));
    let error = shap.path_dependent_of_groups(Array2::zeros((1, 3)).view(), &[0, 1, usize::MAX]).unwrap_err();
    assert!(matches!(error, ImportanceError::TooFew { .. }));
}
