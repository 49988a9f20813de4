//! What must not change a forest: scales of features, order and repetition of rows, rows without weight,
//! threads.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use adatom_core::ClassLabels;
use adatom_forest::{
    Bootstrap, Criterion, ExtraTrees, ForestParams, MaxFeatures, Model, RandomForest, Regressor, Rows,
    Splitter,
};
use common::{Random, within_threads};
use ndarray::{Array1, Array2, Axis, concatenate};
use proptest::prelude::*;

/// Means of the same numbers, added in another order.
const ROUNDING: f64 = 1e-12;

/// Trees that differ by columns drawn only, not by rows.
fn on_all_rows() -> ForestParams {
    RandomForest::params().trees(3).bootstrap(Bootstrap::Off)
}

fn close(left: &Array1<f64>, right: &Array1<f64>) -> Result<(), TestCaseError> {
    for (left, right) in left.iter().zip(right) {
        prop_assert!((left - right).abs() <= ROUNDING, "{left} and {right}");
    }
    Ok(())
}

fn answers(model: &Regressor, features: &Array2<f64>) -> Array1<f64> {
    model.predict(features.view()).unwrap()
}

fn some_of(columns: u8) -> MaxFeatures {
    [MaxFeatures::All, MaxFeatures::Sqrt, MaxFeatures::Count(1)][usize::from(columns) % 3]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn scales_of_features_do_not_matter(seed: u64, rows in 2usize..60, distinct in 1usize..40, some: u8) {
        let mut random = Random(seed);
        let features = random.features((rows, 5), distinct);
        let values = random.values(rows);
        let scaled = Array2::from_shape_fn((rows, 5), |(row, column)| {
            let x = features[[row, column]];
            [x, 3.0 * x - 7.0, (x / 9.0).exp(), x.powi(3), -1.0 / (x + 1.0)][column]
        });
        let params = on_all_rows().max_features(some_of(some)).seed(seed);
        let one = params.fit_regressor(features.view(), values.view()).unwrap();
        let other = params.fit_regressor(scaled.view(), values.view()).unwrap();
        prop_assert_eq!(answers(&one, &features), answers(&other, &scaled));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(seed: u64, rows in 2usize..60, distinct in 1usize..40, some: u8) {
        let mut random = Random(seed);
        let features = random.features((rows, 4), distinct);
        let (values, weights) = (random.values(rows), random.values(rows).mapv(|weight| weight + 0.1));
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by_key(|row| (row * 7919 + 3) % 101);
        let (shuffled, shuffled_values) = (features.select(Axis(0), &order), values.select(Axis(0), &order));
        let shuffled_weights = weights.select(Axis(0), &order).to_vec();
        let params = on_all_rows().max_features(some_of(some)).seed(seed);
        let rows = Rows::from(features.view()).weighted(weights.as_slice().unwrap());
        let one = params.fit_regressor(rows, values.view()).unwrap();
        let rows = Rows::from(shuffled.view()).weighted(&shuffled_weights);
        let other = params.fit_regressor(rows, shuffled_values.view()).unwrap();
        close(&answers(&one, &features), &answers(&other, &features))?;
    }

    #[test]
    fn a_weight_of_three_is_three_rows(seed: u64, rows in 2usize..40, distinct in 2usize..40, classes: bool) {
        let mut random = Random(seed);
        let features = random.features((rows, 4), distinct);
        let values = random.values(rows);
        let weights: Vec<f64> = (0..rows).map(|_| 1.0 + random.below(3) as f64).collect();
        let repeated: Vec<usize> =
            (0..rows).flat_map(|row| std::iter::repeat_n(row, weights[row] as usize)).collect();
        let many = features.select(Axis(0), &repeated);
        let params = on_all_rows().max_features(MaxFeatures::All).seed(seed);
        let weighted = Rows::from(features.view()).weighted(&weights);
        if classes {
            let labels = ClassLabels::of_names((0..rows).map(|row| ["a", "b", "c"][row % 3]));
            let one = params.fit_classifier(weighted, &labels).unwrap();
            let other = params.fit_classifier(many.view(), &labels.select(&repeated)).unwrap();
            let one = one.probabilities(features.view()).unwrap();
            let other = other.probabilities(features.view()).unwrap();
            prop_assert!((&one - &other).iter().all(|difference| difference.abs() <= ROUNDING));
        } else {
            let one = params.fit_regressor(weighted, values.view()).unwrap();
            let other = params.fit_regressor(many.view(), values.select(Axis(0), &repeated).view()).unwrap();
            close(&answers(&one, &features), &answers(&other, &features))?;
        }
    }

    #[test]
    fn a_row_without_weight_is_absent(seed: u64, rows in 4usize..60, distinct in 1usize..40, some: u8) {
        let mut random = Random(seed);
        let features = random.features((rows, 4), distinct);
        let values = random.values(rows);
        let weights: Vec<f64> = (0..rows).map(|row| if row % 3 == 1 { 0.0 } else { 1.0 }).collect();
        let present: Vec<usize> = (0..rows).filter(|&row| weights[row] > 0.0).collect();
        for params in [on_all_rows(), ExtraTrees::params().trees(3)] {
            let params = params.max_features(some_of(some)).seed(seed);
            let weighted = Rows::from(features.view()).weighted(&weights);
            let one = params.fit_regressor(weighted, values.view()).unwrap();
            let few = features.select(Axis(0), &present);
            let other = params.fit_regressor(few.view(), values.select(Axis(0), &present).view()).unwrap();
            for (one, other) in one.forest().as_trees().iter().zip(other.forest().as_trees()) {
                prop_assert_eq!(one.to_arrays(), other.to_arrays());
            }
        }
    }

    #[test]
    fn a_property_twice_is_that_property(seed: u64, rows in 2usize..60, distinct in 1usize..40) {
        let mut random = Random(seed);
        let features = random.features((rows, 4), distinct);
        let values = random.values(rows).insert_axis(Axis(1));
        let twice = concatenate(Axis(1), &[values.view(), values.view()]).unwrap();
        let params = on_all_rows().max_features(MaxFeatures::All).seed(seed);
        let one = params.fit_regressor_many(features.view(), values.view()).unwrap();
        let two = params.fit_regressor_many(features.view(), twice.view()).unwrap();
        let both = two.predict_many(features.view()).unwrap();
        close(&answers(&one, &features), &both.column(0).to_owned())?;
        prop_assert_eq!(both.column(0), both.column(1));
    }

    #[test]
    fn bins_of_few_distinct_values_lose_nothing(seed: u64, rows in 2usize..200, distinct in 1usize..255) {
        let mut random = Random(seed);
        let features = random.features((rows, 3), distinct);
        let values = random.values(rows);
        let params = on_all_rows().max_features(MaxFeatures::All).seed(seed);
        let exact = params.fit_regressor(features.view(), values.view()).unwrap();
        let binned = params.splitter(Splitter::Binned).fit_regressor(features.view(), values.view()).unwrap();
        close(&answers(&exact, &features), &answers(&binned, &features))?;
    }
}

fn bytes(model: &Model) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    model.save(file.path()).unwrap();
    std::fs::read(file.path()).unwrap()
}

/// 300 rows of 250 columns: half of them of two values, so that many are constant in small nodes.
fn wide() -> (Array2<f64>, Array1<f64>) {
    let mut random = Random(11);
    let features = Array2::from_shape_fn((300, 250), |(_, column)| {
        if column % 2 == 0 { random.below(2) as f64 } else { random.unit() }
    });
    let values = features.map_axis(Axis(1), |row| row[0] + row[1] + row[2] * row[3]);
    (features, values)
}

#[test]
fn threads_do_not_matter() {
    let (features, values) = wide();
    let labels = ClassLabels::of_names(values.map(|value| ["low", "high"][usize::from(*value > 1.2)]));
    let some = [MaxFeatures::All, MaxFeatures::Fraction(0.6), MaxFeatures::Sqrt];
    for (trees, some) in [1, 3].into_iter().flat_map(|trees| some.map(|some| (trees, some))) {
        for params in
            [RandomForest::params(), RandomForest::params().splitter(Splitter::Binned), ExtraTrees::params()]
        {
            let params = params.trees(trees).max_features(some).seed(3);
            let fit = || {
                let regressor = params.fit_regressor(features.view(), values.view()).unwrap();
                let classifier = params.fit_classifier(features.view(), &labels).unwrap();
                let entropy = params.clone().criterion(Criterion::Entropy);
                let entropy = entropy.fit_classifier(features.view(), &labels).unwrap();
                [bytes(&regressor.into()), bytes(&classifier.into()), bytes(&entropy.into())]
            };
            let alone = within_threads(1, fit);
            for threads in [2, 4] {
                assert!(alone == within_threads(threads, fit), "{params:?} differs with {threads} threads");
            }
        }
    }
}

/// Small nodes of very wide tables are shared among threads too: each finds a cut that nothing can beat.
#[test]
fn threads_do_not_matter_in_small_nodes() {
    let mut random = Random(5);
    let features = random.features((14, 6000), 2);
    let values = random.values(14);
    let params = RandomForest::params().trees(1).max_features(MaxFeatures::Fraction(0.9));
    let fit = || bytes(&params.fit_regressor(features.view(), values.view()).unwrap().into());
    let alone = within_threads(1, fit);
    assert!([2, 4].into_iter().all(|threads| alone == within_threads(threads, fit)));
}
