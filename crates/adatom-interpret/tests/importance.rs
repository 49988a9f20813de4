//! Permutation importance, coalitions and regions agree with their definitions, for any number of threads.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod trees;

use adatom_core::{
    Better, ClassLabels, FeatureColumn, FeatureTable, FittedModel, Modality, Score, TargetView, TreeEnsemble,
};
use adatom_interpret::{
    AccumulatedEffects, Coalitions, ColumnGroup, FeatureImportance, PartialDependence, PermutationImportance,
    Region, ShadowReference, ShadowTest, TreeShap,
};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use proptest::prelude::*;
use trees::{ArrayForest, Numbers, random_forest, random_rows};

/// Part of classes that are told right, and mean squared error, less than which is better.
struct Accuracy;
struct SquaredError;

impl Score for Accuracy {
    fn name(&self) -> &str {
        "accuracy"
    }
    fn better(&self) -> Better {
        Better::Higher
    }
    fn score(&self, target: TargetView<'_>, answers: ArrayView2<'_, f64>) -> Option<f64> {
        let codes = &target.classes()?.codes;
        let best = |row: ndarray::ArrayView1<'_, f64>| {
            (0..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best })
        };
        let right = codes.iter().zip(answers.rows()).filter(|(code, row)| **code == best(*row)).count();
        Some(right as f64 / codes.len() as f64)
    }
}

impl Score for SquaredError {
    fn name(&self) -> &str {
        "squared error"
    }
    fn better(&self) -> Better {
        Better::Lower
    }
    fn score(&self, target: TargetView<'_>, answers: ArrayView2<'_, f64>) -> Option<f64> {
        let values = target.numbers()?;
        (&values - &answers.column(0)).mapv(|error| error * error).mean()
    }
}

fn columns(count: usize) -> Vec<FeatureColumn> {
    let modality = |column: usize| if column < count / 2 { Modality::Xanes } else { Modality::Pdf };
    (0..count).map(|column| FeatureColumn::new(modality(column), column as f64).unwrap()).collect()
}

fn groups(count: usize) -> Vec<ColumnGroup> {
    let columns = columns(count);
    let mut groups = ColumnGroup::each(&columns);
    groups.extend(ColumnGroup::modalities(&columns));
    groups.push(ColumnGroup { name: "some".into(), columns: vec![0, count - 1] });
    groups
}

fn single_threaded<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn trees_and_models_get_the_same_numbers(
        seed in 0u64..1 << 40,
        features in 2usize..9,
        leaves in 1usize..60,
        outputs in 1usize..4,
        rows in 2usize..40,
    ) {
        let forest = random_forest([7, leaves, features, outputs], seed);
        let x = random_rows(rows, features, seed + 1);
        let mut random = Numbers(seed + 2);
        let mut codes: Vec<usize> = (0..rows).map(|_| random.below(outputs.max(2))).collect();
        (codes[0], codes[1]) = (0, 1);
        let classes = ClassLabels::of_codes(codes);
        let values = Array1::from_shape_fn(rows, |_| random.unit());
        let groups = groups(features);
        let cases: [(TargetView<'_>, &dyn Score); 2] =
            [(TargetView::Classes(&classes), &Accuracy), (TargetView::Numbers(values.view()), &SquaredError)];
        for (truth, score) in cases {
            let permutation =
                PermutationImportance::new(x.view(), truth, score).unwrap().repeats(3).seed(seed);
            let general = permutation.of_model(&forest, &groups).unwrap();
            let fast = permutation.of_trees(&forest, &groups).unwrap();
            prop_assert_eq!(&general, &fast);
            prop_assert_eq!(&single_threaded(|| permutation.of_trees(&forest, &groups).unwrap()), &fast);
            let all = Array2::from_elem((7, rows), true);
            prop_assert_eq!(&permutation.of_out_of_bag(&forest, all.view(), &groups).unwrap(), &fast);
        }
    }

    #[test]
    fn coalitions_are_those_of_the_definition(
        seed in 0u64..1 << 40, leaves in 1usize..40, outputs in 1usize..3,
    ) {
        let forest = random_forest([3, leaves, 6, outputs], seed);
        let x = random_rows(4, 6, seed + 1);
        let group =
            |name: &str, columns: &[usize]| ColumnGroup { name: name.into(), columns: columns.to_vec() };
        let groups = [group("a", &[0, 3]), group("b", &[1]), group("c", &[2, 4, 5])];
        let coalitions = Coalitions::of_trees(&forest, x.view(), &groups).unwrap();
        let shap = TreeShap::new(&forest).unwrap();
        let values = shap.path_dependent_of_groups(x.view(), &[0, 1, 2, 0, 2, 2]).unwrap();
        let gap = |left: &[f64], right: &[f64]| {
            left.iter().zip(right).fold(0.0f64, |worst, (left, right)| worst.max((left - right).abs()))
        };
        let shapley = coalitions.shapley();
        prop_assert!(gap(shapley.values().as_slice().unwrap(), values.values().as_slice().unwrap()) < 1e-12);
        prop_assert!(gap(shapley.base(), values.base()) < 1e-12);
        let answers = forest.predictions(x.view());
        prop_assert!(gap(shapley.predictions().as_slice().unwrap(), answers.as_slice().unwrap()) < 1e-10);
        // Rows of interactions sum to Shapley values.
        let sums = coalitions.interactions().sum_axis(Axis(2));
        prop_assert!(gap(sums.as_slice().unwrap(), values.values().as_slice().unwrap()) < 1e-12);
        // Against one background row, asked everything or nothing is the answer for the row or for the
        // background.
        let model = Coalitions::of_model(&forest, x.view(), x.select(Axis(0), &[2]).view(), &groups).unwrap();
        for row in 0..4 {
            let all = model.values().index_axis(Axis(0), row).row(7).to_vec();
            prop_assert!(gap(&all, answers.row(row).to_slice().unwrap()) < 1e-14);
            let none = model.values().index_axis(Axis(0), row).row(0).to_vec();
            prop_assert!(gap(&none, answers.row(2).to_slice().unwrap()) < 1e-14);
        }
    }
}

#[test]
fn out_of_bag_answers_leave_out_trees_that_know_the_row() {
    // A forest out of which tree 1 alone may answer is tree 1, for all rows.
    let forest = random_forest([3, 30, 5, 1], 4);
    let x = random_rows(50, 5, 5);
    let truth = forest.predictions(x.view()).column(0).to_owned();
    let permutation = PermutationImportance::new(x.view(), truth.view(), &SquaredError).unwrap();
    let mut mask = Array2::from_elem((3, 50), false);
    mask.row_mut(1).fill(true);
    let masked = permutation.of_out_of_bag(&forest, mask.view(), &groups(5)).unwrap();
    let mut alone = random_forest([3, 30, 5, 1], 4);
    alone.trees.swap(0, 1);
    alone.trees.truncate(1);
    let expected = permutation.of_trees(&alone, &groups(5)).unwrap();
    let worst =
        (&masked.values() - &expected.values()).iter().fold(0.0f64, |worst, gap| worst.max(gap.abs()));
    assert!(worst < 1e-14, "{worst}");

    let none = Array2::from_elem((3, 50), false);
    let error = permutation.of_out_of_bag(&forest, none.view(), &groups(5)).unwrap_err();
    assert_eq!(error.to_string(), "expected at least 2 rows, found 0");
    let error =
        permutation.of_out_of_bag(&forest, none.slice_axis(Axis(0), (..2).into()), &groups(5)).unwrap_err();
    assert_eq!(error.to_string(), "expected 3 rows of out-of-bag flags, found 2");
}

#[test]
fn correlated_columns_hide_each_other_but_not_as_a_group() {
    // The mean of four equal columns: exchanged alone each costs (1/4)² of what all cost together.
    struct Mean;
    impl FittedModel for Mean {
        fn features(&self) -> usize {
            4
        }
        fn outputs(&self) -> usize {
            1
        }
        fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
            rows.mean_axis(Axis(1)).unwrap().insert_axis(Axis(1))
        }
    }
    let one = random_rows(2000, 1, 9);
    let x = Array2::from_shape_fn((2000, 4), |(row, _)| one[[row, 0]]);
    let truth = one.column(0);
    let permutation = PermutationImportance::new(x.view(), truth, &SquaredError).unwrap();
    let mut groups = ColumnGroup::each(&columns(4));
    groups.push(ColumnGroup { name: "all".into(), columns: vec![0, 1, 2, 3] });
    let mean = permutation.repeats(20).of_model(&Mean, &groups).unwrap().mean();
    // Together: twice the variance 1/12 of uniform numbers.
    assert!((mean[4] - 1.0 / 6.0).abs() < 0.01, "{mean}");
    assert!((mean[0] - mean[4] / 16.0).abs() < 0.001, "{mean}");

    let error = permutation.of_model(&Mean, &[]).unwrap_err();
    assert_eq!(error.to_string(), "expected at least 1 groups of columns, found 0");
    let empty = ColumnGroup { name: "dpdf".into(), columns: vec![] };
    let error = permutation.of_model(&Mean, &[empty]).unwrap_err();
    assert_eq!(error.to_string(), "dpdf has no column");
    let error = PermutationImportance::new(x.view(), &ClassLabels::of_codes([0, 1]), &Accuracy).unwrap_err();
    assert_eq!(error.to_string(), "expected 2000 target values, found 2");
    let row = x.slice_axis(Axis(0), (..1).into());
    let error = PermutationImportance::new(row, &ClassLabels::of_codes([0]), &Accuracy).unwrap_err();
    assert_eq!(error.to_string(), "expected at least 2 rows, found 1");
    let other = PermutationImportance::new(one.view(), truth, &SquaredError).unwrap();
    let error = other.of_model(&Mean, &groups).unwrap_err();
    assert_eq!(error.to_string(), "expected 4 columns of features, found 1");
    let wrong = PermutationImportance::new(x.view(), truth, &Accuracy).unwrap();
    let error = wrong.of_model(&Mean, &groups).unwrap_err();
    assert_eq!(error.to_string(), "the score accuracy is not defined for these 2000 rows");
}

#[test]
fn impurity_is_that_of_the_ensemble_and_sums_over_modalities() {
    let forest = trees::forest(&trees::reference("forest-regression.json"), 12);
    let importance = FeatureImportance::of_impurity(&forest, &columns(12)).unwrap();
    let expected = Array1::from(forest.impurity_importance());
    assert!((&importance.mean() - &expected).iter().all(|gap| gap.abs() < 1e-14));
    let shares = importance.by_modality();
    assert!((shares.mean().sum() - 1.0).abs() < 1e-14);
    assert!(importance.spread().iter().all(|&spread| spread >= 0.0));
    let twice = FeatureImportance::of_refits(&[importance.clone(), importance.clone()]).unwrap();
    assert_eq!(twice.mean(), importance.mean());
    assert!(twice.spread().iter().all(|&spread| spread == 0.0));

    let stump = ArrayForest { trees: random_forest([1, 1, 12, 1], 0).trees, features: 12 };
    let error = FeatureImportance::of_impurity(&stump, &columns(12)).unwrap_err();
    assert_eq!(error.to_string(), "the impurity of nodes has the constant value 0");
}

#[test]
fn noise_beats_chance_as_rarely_as_stated() {
    // Importances that know nothing: columns and shadows alike.
    let x = random_rows(30, 10, 1);
    let mut found = 0;
    for seed in 0..40 {
        let mut random = Numbers(seed);
        let noise =
            |_: ArrayView2<'_, f64>, _| Ok::<_, std::io::Error>((0..20).map(|_| random.unit()).collect());
        let test = ShadowTest::new(15).seed(seed).reference(ShadowReference::OwnShadow);
        let report = test.run(&columns(10), x.view(), noise).unwrap();
        found += usize::from(!report.significant(0.05).is_empty());
        assert!(report.corrected().mean().iter().all(|mean| mean.abs() < 0.5));
    }
    // 2 of 40 are expected at most; 8 or more have a probability below 0.001.
    assert!(found < 8, "{found}");
    let error = ShadowTest::new(3)
        .run(&columns(10), x.view(), |_, _| Ok::<_, std::io::Error>(vec![0.0]))
        .unwrap_err();
    assert_eq!(error.to_string(), "expected 20 importances of columns and shadows, found 1");
}

#[test]
fn regions_follow_the_mean_spectrum() {
    // Two Gaussians at 20 and 60, and a ripple that is none.
    let axis = (0..100).map(f64::from);
    let height = |x: f64| {
        (-((x - 20.0) / 8.0).powi(2)).exp() + 0.6 * (-((x - 60.0) / 8.0).powi(2)).exp() + 0.01 * x.cos()
    };
    let columns: Vec<_> = axis.map(|x| FeatureColumn::new(Modality::Xanes, x).unwrap()).collect();
    let features =
        Array2::from_shape_fn((2, 100), |(row, column)| height(column as f64) * (1.0 + row as f64));
    let table = FeatureTable::new(["a", "b"], columns, features).unwrap();
    let regions = Region::of_peaks(&table, &Modality::Xanes, 0.1).unwrap();
    assert_eq!(regions.len(), 2);
    assert!((regions[0].range().1 - 41.0).abs() < 4.0);
    assert_eq!((regions[0].range().0, regions[1].range().1), (0.0, 99.0));
    // Every column lies in one region, so that they sum to the modality.
    let importance = FeatureImportance::new(table.columns().to_vec(), Array2::ones((1, 100))).unwrap();
    assert_eq!(importance.by_region(&regions).unwrap().mean().sum(), 100.0);
    let flat = FeatureTable::new(["a"], table.columns().to_vec(), Array2::ones((1, 100))).unwrap();
    let error = Region::of_peaks(&flat, &Modality::Xanes, 0.1).unwrap_err();
    assert_eq!(error.to_string(), "the mean spectrum of xanes has the constant value 1");
}

#[test]
fn effects_of_a_region_follow_its_mean() {
    // The square of the mean of columns 1 and 2, which are shifted together: the answer at mean m is m².
    struct Square;
    impl FittedModel for Square {
        fn features(&self) -> usize {
            3
        }
        fn outputs(&self) -> usize {
            1
        }
        fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
            let mean = |row: usize| (rows[[row, 1]] + rows[[row, 2]]) / 2.0;
            Array2::from_shape_fn((rows.nrows(), 1), |(row, _)| mean(row) * mean(row))
        }
    }
    let x = random_rows(400, 3, 2);
    let region = ColumnGroup { name: "region".into(), columns: vec![1, 2] };
    let curve = PartialDependence::of(&Square, x.view(), &region, 20).unwrap();
    for (&mean, answer) in curve.grid().iter().zip(curve.mean().column(0)) {
        assert!((answer - mean * mean).abs() < 1e-12);
    }
    assert!(curve.spread().iter().all(|&spread| spread < 1e-12));
    let effects = AccumulatedEffects::of(&Square, x.view(), &region, 20).unwrap();
    assert_eq!(effects.counts().iter().sum::<usize>(), 400);
    let (grid, values) = (effects.grid(), effects.values());
    for (place, &mean) in grid.iter().enumerate() {
        let rise = values[[place, 0]] - values[[0, 0]];
        assert!((rise - (mean * mean - grid[0] * grid[0])).abs() < 1e-12);
    }
    let error = AccumulatedEffects::of(&Square, x.view(), &region, 0).unwrap_err();
    assert_eq!(error.to_string(), "expected at least 1 bins, found 0");
}
