//! What cannot be used is refused with a message that names it: rows, columns, classes, folds, parameters.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_core::{ClassLabels, FeatureColumn, FeatureTable, Modality, Target};
use adatom_forest::{
    Bootstrap, ClassScore, ClassWeight, Criterion, Error, ExtraTrees, ForestParams, MaxFeatures,
    PropertyScore, RandomForest, Rows, SplitRule, Task, Validation,
};
use ndarray::{Array, Array1, Array2, Axis};

fn features() -> Array2<f64> {
    Array2::from_shape_fn((8, 3), |(row, column)| (row * (column + 1) % 8) as f64)
}

fn values() -> Array1<f64> {
    Array::from_shape_fn(8, |row| row as f64)
}

fn classes() -> ClassLabels {
    ClassLabels::of_names((0..8).map(|row| if row < 4 { "Cu1+" } else { "Cu2+" }))
}

fn params() -> ForestParams {
    RandomForest::params().trees(3)
}

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn features_that_are_no_numbers() {
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut features = features();
        features[[5, 2]] = wrong;
        let expected = format!("the feature of row 5, column 2 must be a finite number, found {wrong}");
        assert_eq!(message(params().fit_classifier(features.view(), &classes())), expected);
        assert_eq!(message(params().fit_regressor(features.view(), values().view())), expected);
        assert_eq!(message(ExtraTrees::params().fit_regressor(features.view(), values().view())), expected);
        let model = params().fit_regressor(self::features().view(), values().view()).unwrap();
        assert_eq!(message(model.predict(features.view())), expected);
        assert_eq!(message(model.quantiles(features.view(), &[0.5])), expected);
        assert_eq!(message(model.forest().out_of_bag(features.view())), expected);
        assert_eq!(message(model.forest().proximity(features.view(), features.view())), expected);
    }
    // Their sum is not finite, but all of them are.
    let mut features = features();
    features.column_mut(0).fill(f64::MAX);
    assert!(params().fit_regressor(features.view(), values().view()).is_ok());
}

#[test]
fn weights_that_are_no_weights() {
    let features = features();
    let fit = |weights: &[f64]| {
        params().fit_regressor(Rows::from(features.view()).weighted(weights), values().view())
    };
    for wrong in [f64::NAN, f64::INFINITY, -1.0] {
        let mut weights = [1.0; 8];
        weights[3] = wrong;
        let expected = format!("the weight of row 3 must be a number that is not negative, found {wrong}");
        assert_eq!(message(fit(&weights)), expected);
    }
    assert_eq!(message(fit(&[1.0; 7])), "expected 8 weights, found 7");
    assert_eq!(message(fit(&[0.0; 8])), "a weight must be above 0, found none");
    // Numbers whose sums or squares are none.
    assert_eq!(
        message(fit(&[f64::MAX; 8])),
        format!("the weight of row 0 must be 0, or between 1e-90 and 1e90, found {}", f64::MAX)
    );
    let model = params().bootstrap(Bootstrap::Off);
    let mut huge = [1.0; 8];
    huge[2] = 1e89;
    let model = model.fit_regressor(Rows::from(features.view()).weighted(&huge), values().view()).unwrap();
    let found = model.predict(features.view()).unwrap();
    assert!(found.iter().all(|value| (0.0..=7.0).contains(value)), "{found}");
    // Weights count by their ratios, however small they are.
    let small: Vec<f64> = (0..8).map(|row| if row < 4 { 1e-80 } else { 3e-80 }).collect();
    let whole = model_of_stump(&features, &[1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0]);
    assert!((model_of_stump(&features, &small) - whole).abs() < 1e-12);
}

/// The mean of all values.
fn model_of_stump(features: &Array2<f64>, weights: &[f64]) -> f64 {
    let params = params().bootstrap(Bootstrap::Off).max_depth(0);
    let rows = Rows::from(features.view()).weighted(weights);
    params.fit_regressor(rows, values().view()).unwrap().predict(features.view()).unwrap()[0]
}

#[test]
fn properties_that_are_no_properties() {
    let features = features();
    let fit = |wrong: f64, params: ForestParams| {
        let mut values = values();
        values[6] = wrong;
        message(params.fit_regressor(features.view(), values.view()))
    };
    assert_eq!(
        fit(f64::INFINITY, params()),
        "the property of row 6, column 0 must be a finite number, found inf"
    );
    assert_eq!(
        fit(-1e308, params()),
        format!("the property of row 6, column 0 must be between -1e90 and 1e90, found {}", -1e308)
    );
    let poisson = params().criterion(Criterion::Poisson);
    assert_eq!(fit(-1.0, poisson), "the property of row 6, column 0 must be not negative, found -1");
    let short = values().slice(ndarray::s![..5]).to_owned();
    let error = message(params().fit_regressor(features.view(), short.view()));
    assert_eq!(error, "expected 8 values of the property, found 5");
    let none = Array2::zeros((8, 0));
    let error = message(params().fit_regressor_many(features.view(), none.view()));
    assert_eq!(error, "expected at least 1 property, found 0");
}

#[test]
fn classes_that_cannot_be_told_apart() {
    let features = features();
    let one = ClassLabels::of_names(["Cu2+"; 8]);
    let expected = "all 8 rows belong to the class \"Cu2+\": a classifier needs at least two";
    assert_eq!(message(params().fit_classifier(features.view(), &one)), expected);
    // Two classes, of which one has no weight.
    let weights = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let rows = Rows::from(features.view()).weighted(&weights);
    assert_eq!(message(params().fit_classifier(rows, &classes())), expected);
    let given = params().class_weight(ClassWeight::Given(vec![1.0]));
    assert_eq!(
        message(given.fit_classifier(features.view(), &classes())),
        "expected 2 class weights, found 1"
    );
    let mut wrong = classes();
    wrong.codes[4] = 9;
    let error = message(params().fit_classifier(features.view(), &wrong));
    assert_eq!(error, "the class of row 4 must be one of those named, found 9");
    wrong.codes.truncate(3);
    assert_eq!(
        message(params().fit_classifier(features.view(), &wrong)),
        "expected 8 classes of rows, found 3"
    );
}

#[test]
fn tables_without_rows_or_columns() {
    let fit = |shape: (usize, usize)| {
        let features = Array2::<f64>::zeros(shape);
        message(params().fit_regressor(features.view(), Array1::zeros(shape.0).view()))
    };
    assert_eq!(fit((0, 3)), "expected at least 1 row, found 0");
    assert_eq!(fit((3, 0)), "expected at least 1 column of features, found 0");
    let model = params().fit_regressor(features().view(), values().view()).unwrap();
    let narrow = features().select(Axis(1), &[0, 1]);
    assert_eq!(message(model.predict(narrow.view())), "expected 3 columns of features, found 2");
    assert_eq!(model.predict(Array2::zeros((0, 3)).view()).unwrap().len(), 0);
    let few = features().select(Axis(0), &[0, 1]);
    assert_eq!(message(model.forest().out_of_bag(few.view())), "expected 8 training rows, found 2");
}

#[test]
fn parameters_out_of_range() {
    let fit = |params: ForestParams| message(params.fit_regressor(features().view(), values().view()));
    for (params, expected) in [
        (params().trees(0), "trees must be at least 1, found 0"),
        (params().min_samples_split(1), "min_samples_split must be at least 2, found 1"),
        (params().min_samples_leaf(0), "min_samples_leaf must be at least 1, found 0"),
        (params().min_weight_leaf(f64::NAN), "min_weight_leaf must be between 0 and 0.5, found NaN"),
        (
            params().min_impurity_decrease(-1.0),
            "min_impurity_decrease must be a number that is not negative, found -1",
        ),
        (params().pruning(f64::INFINITY), "pruning must be a number that is not negative, found inf"),
        (params().max_features(MaxFeatures::Count(0)), "max_features must be at least 1, found 0"),
        (
            params().max_features(MaxFeatures::Fraction(f64::NAN)),
            "max_features must be above 0, at most 1, found NaN",
        ),
        (params().bootstrap(Bootstrap::Count(0)), "bootstrap must be at least 1, found 0"),
        (params().bootstrap(Bootstrap::Fraction(-0.5)), "bootstrap must be above 0, found -0.5"),
        (
            params().bootstrap(Bootstrap::Count(usize::MAX)),
            "bootstrap must be at most 2147483647 draws, found 18446744073709551615",
        ),
        (
            params().bootstrap(Bootstrap::Fraction(1e300)),
            "bootstrap must be at most 2147483647 draws, found 18446744073709551615",
        ),
        (
            params().criterion(Criterion::Gini),
            "criterion must be squared_error or poisson for properties, found gini",
        ),
    ] {
        assert_eq!(fit(params), expected);
    }
    let error =
        message(params().criterion(Criterion::SquaredError).fit_classifier(features().view(), &classes()));
    assert_eq!(error, "criterion must be gini or entropy for classes, found squared_error");
    let error = message(
        params().class_weight(ClassWeight::Balanced).fit_regressor(features().view(), values().view()),
    );
    assert_eq!(error, "class_weight must be none for properties, found balanced");
    let error = message(params().criterion(Criterion::Poisson).fit_classifier(features().view(), &classes()));
    assert_eq!(error, "criterion must be gini or entropy for classes, found poisson");
    let negative = params().class_weight(ClassWeight::Given(vec![1.0, f64::NAN]));
    let error = message(negative.fit_classifier(features().view(), &classes()));
    assert_eq!(error, "class_weight must be numbers from 0 to 1e90, found NaN");
}

#[test]
fn rows_that_cannot_be_split() {
    let few = ClassLabels::of_names(["a", "a", "a", "b"]);
    let group = vec!["mp-1".to_owned(); 4];
    let split = |rule: SplitRule<'_>| message(rule.splits(1));
    assert_eq!(
        split(SplitRule::folds(4, 5)),
        "cannot split 4 rows: the number of folds must lie between 2 and 4, found 5"
    );
    assert_eq!(
        split(SplitRule::test_fraction(4, 0.25).stratified(&few)),
        "cannot split 4 rows: class b has one member only; leave it out or do not stratify"
    );
    assert_eq!(
        split(SplitRule::folds(4, 2).stratified(&few)),
        "cannot split 4 rows: class b has 1 members for 2 folds; leave it out, take fewer folds or do \
         not stratify"
    );
    assert_eq!(
        split(SplitRule::test_fraction(4, 0.25).by_group(&group)),
        "cannot split 4 rows: all belong to the group \"mp-1\""
    );
    assert_eq!(
        split(SplitRule::folds(4, 2).by_group(&group)),
        "cannot split 4 rows: there are 1 groups for 2 folds"
    );
    assert_eq!(split(SplitRule::folds(1, 2)), "cannot split 1 rows: at least 2 are needed");
}

#[test]
fn a_fold_in_which_a_class_is_missing() {
    // Without strata, one fold may hold the only row of a class: it is learned without, and that is said.
    let features = features();
    let labels = ClassLabels::of_names(["a", "a", "a", "a", "a", "a", "a", "b"]);
    let splits = SplitRule::folds(8, 8).splits(1).unwrap();
    let task = Task::classify(features.view(), &labels);
    let error =
        message(Validation::new(task).score(&ClassScore::Accuracy).cross_validate(&params(), &splits));
    assert_eq!(error, "all 7 rows belong to the class \"a\": a classifier needs at least two");
    let values = values();
    let task = Task::regress(features.view(), values.view());
    let splits = SplitRule::folds(8, 8).splits(1).unwrap();
    let one_row = Validation::new(task).score(&PropertyScore::R2).cross_validate(&params(), &splits);
    // R² of one row has no meaning.
    assert!(one_row.is_err());
}

fn table(axes: &[f64]) -> FeatureTable {
    let columns: Vec<FeatureColumn> =
        axes.iter().map(|&axis| FeatureColumn::new(Modality::Xanes, axis).unwrap()).collect();
    let ids = (0..8).map(|row| format!("mp-{row}"));
    FeatureTable::new(ids, columns, features().select(Axis(1), &(0..axes.len()).collect::<Vec<_>>())).unwrap()
}

#[test]
fn tables_that_do_not_fit_the_model() {
    let known = table(&[8979.0, 8985.0]);
    let labelled = known.clone().with_target("length", Target::numbers(values().to_vec())).unwrap();
    let model = params().fit_table(&labelled, "length").unwrap();
    assert_eq!(model.predict_table(&known).unwrap().dim(), (8, 1));
    let answers = |table: FeatureTable| message(model.predict_table(&table));
    let prefix = "the table's columns differ from the model's: ";
    assert_eq!(
        answers(table(&[8979.0, 8985.0, 8990.0])),
        format!("{prefix}the model does not know xanes@8990.000")
    );
    assert_eq!(answers(table(&[8979.0])), format!("{prefix}it lacks xanes@8985.000"));
    assert_eq!(
        answers(table(&[8985.0, 8979.0])),
        format!("{prefix}column 1 is xanes@8985.000 instead of xanes@8979.000")
    );
    let error = message(params().fit_table(&known, "valence"));
    assert_eq!(error, "there is no target \"valence\"; known: none");
    let mut numbers = values().to_vec();
    numbers[5] = f64::NAN;
    if let Ok(gap) = known.with_target("length", Target::numbers(numbers)) {
        let error = message(params().fit_table(&gap, "length"));
        assert_eq!(error, "target \"length\" is missing (1 of the rows, the first is \"mp-5\")");
    }
}
