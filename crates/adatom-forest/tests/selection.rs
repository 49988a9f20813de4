//! Model selection: forests are scored on rows they have not learned from, and results do not depend on
//! threads.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::sync::Mutex;

use adatom_core::{ClassLabels, Score, Split, TargetView};
use adatom_forest::{
    Average, ClassScore, Error, MaxFeatures, ParamsGrid, PropertyScore, RandomForest, SplitRule, Task,
    Validation,
};
use ndarray::{Array1, Array2, Axis};

/// 90 rows of 4 columns without pattern (multiples of irrational numbers, modulo 1).
fn features() -> Array2<f64> {
    Array2::from_shape_fn((90, 4), |(row, column)| {
        ((row + 1) as f64 * [2f64.sqrt(), 3f64.sqrt(), 5f64.sqrt(), 7f64.sqrt()][column]).fract()
    })
}

/// Two columns decide, with some disorder by a third.
fn values() -> Array1<f64> {
    features().map_axis(Axis(1), |row| 3.0 * row[0] + row[1] * row[1] + 0.3 * (9.0 * row[3]).sin())
}

fn classes() -> ClassLabels {
    ClassLabels::of_names(values().map(|value| ["low", "middle", "high"][(value / 1.4).min(2.0) as usize]))
}

fn within_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn a_fold_is_scored_by_a_forest_of_the_others() {
    let (features, classes) = (features(), classes());
    let splits = Split::stratified_folds(&classes, 4, 3).unwrap();
    let params = RandomForest::params().trees(15).seed(5);
    let score = ClassScore::F1(Average::Weighted);
    let found = Validation::new(Task::classify(features.view(), &classes))
        .score(&score)
        .cross_validate(&params, &splits);
    let by_hand = splits.iter().map(|split| {
        let train = features.select(Axis(0), &split.train);
        let model = params.fit_classifier(train.view(), &classes.select(&split.train)).unwrap();
        let probabilities = model.probabilities(features.select(Axis(0), &split.test).view()).unwrap();
        score.score(TargetView::Classes(&classes.select(&split.test)), probabilities.view())
    });
    let found = found.unwrap();
    assert_eq!(found.scores[0].values, by_hand.collect::<Vec<_>>());
    assert!(found.scores[0].mean().unwrap() > 0.6, "{:?}", found.scores[0]);
}

#[test]
fn candidates_that_share_a_forest_score_as_if_they_did_not() {
    let (features, values, classes) = (features(), values(), classes());
    let splits = Split::folds(90, 3, 1).unwrap();
    let grid = ParamsGrid::around(RandomForest::params().seed(5)).min_samples_leaf([1, 4]).trees([12, 3, 7]);
    let candidates = grid.all().unwrap();
    let regression = Validation::new(Task::regress(features.view(), values.view())).score(&PropertyScore::R2);
    let classification = Validation::new(Task::classify(features.view(), &classes))
        .score(&ClassScore::LogLoss)
        .score(&ClassScore::Brier);
    for validation in [regression, classification] {
        let search = validation.search(&candidates, &splits).unwrap();
        for (candidate, params) in search.candidates.iter().zip(&candidates) {
            assert_eq!(&candidate.params, params);
            assert_eq!(candidate.validation, validation.cross_validate(params, &splits).unwrap());
        }
    }
}

#[test]
fn results_are_the_same_for_any_number_of_threads() {
    let (features, classes) = (features(), classes());
    let rule = SplitRule::folds(90, 3).stratified(&classes);
    let candidates = ParamsGrid::around(RandomForest::params().seed(5))
        .trees([2, 9])
        .max_features([MaxFeatures::Count(1), MaxFeatures::All])
        .all()
        .unwrap();
    let work = || {
        let validation =
            Validation::new(Task::classify(features.view(), &classes)).score(&ClassScore::LogLoss);
        let nested = validation.nested(&candidates, &rule.splits(2)?, &rule)?;
        Ok::<_, Error>((nested, validation.repeat(&candidates[0], &rule, &[1, 2])?))
    };
    let one = within_threads(1, work).unwrap();
    for threads in [2, 3, 8] {
        assert_eq!(within_threads(threads, work).unwrap(), one);
    }
}

#[test]
fn repeats_have_their_own_splits_and_forests() {
    let (features, values) = (features(), values());
    let validation = Validation::new(Task::regress(features.view(), values.view()))
        .score(&PropertyScore::RootMeanSquareError)
        .score(&PropertyScore::RmseOverMean);
    let (rule, params) = (SplitRule::folds(90, 3), RandomForest::params().trees(10));
    let repeats = validation.repeat(&params, &rule, &[1, 2, 3]).unwrap();
    for (seed, run) in repeats.seeds.iter().zip(&repeats.runs) {
        let alone = validation.cross_validate(&params.clone().seed(*seed), &rule.splits(*seed).unwrap());
        assert_eq!(run, &alone.unwrap());
    }
    let rmse = repeats.score("rmse").unwrap();
    let means: Vec<f64> = repeats.runs.iter().map(|run| run.scores[0].mean().unwrap()).collect();
    assert!(means[0] != means[1] && means[1] != means[2]);
    let mean = means.iter().sum::<f64>() / 3.0;
    let deviation = (means.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
    assert!((rmse.mean().unwrap() - mean).abs() < 1e-15);
    assert!((rmse.standard_deviation().unwrap() - deviation).abs() < 1e-15);
}

#[test]
fn the_best_is_the_smallest_of_the_equally_good() {
    // One column tells all: every forest is right on every row, so that 5 trees serve as well as 20.
    let features =
        Array2::from_shape_fn((60, 1), |(row, _)| if row < 30 { row as f64 } else { 1000.0 + row as f64 });
    let classes = ClassLabels::of_names((0..60).map(|row| if row < 30 { "a" } else { "b" }));
    let splits = Split::stratified_folds(&classes, 3, 1).unwrap();
    let task = Task::classify(features.view(), &classes);
    let grid = ParamsGrid::around(RandomForest::params()).trees([20, 5, 10]);
    let search =
        Validation::new(task).score(&ClassScore::Accuracy).search(&grid.all().unwrap(), &splits).unwrap();
    assert!(search.candidates.iter().all(|candidate| candidate.validation.scores[0].mean() == Some(1.0)));
    assert_eq!(search.best().params.get_trees(), 5);
}

#[test]
fn the_best_has_the_lowest_of_scores_that_should_be_low() {
    let (features, values) = (features(), values());
    let task = Task::regress(features.view(), values.view());
    let candidates =
        ParamsGrid::around(RandomForest::params().trees(20)).min_samples_leaf([30, 1, 20]).all().unwrap();
    let splits = Split::folds(90, 3, 1).unwrap();
    let low = Validation::new(task).score(&PropertyScore::MeanAbsoluteError).search(&candidates, &splits);
    let high = Validation::new(task).score(&PropertyScore::R2).search(&candidates, &splits);
    assert_eq!((low.unwrap().best, high.unwrap().best), (1, 1));
}

#[test]
fn rows_that_are_tested_outside_have_no_say_in_the_choice_inside() {
    let (features, values) = (features(), values());
    let rule = SplitRule::folds(90, 3);
    let outer = rule.splits(2).unwrap();
    let candidates =
        ParamsGrid::around(RandomForest::params().trees(6)).min_samples_leaf([1, 3, 9]).all().unwrap();
    let nested = |values: &Array1<f64>| {
        let task = Task::regress(features.view(), values.view());
        Validation::new(task).score(&PropertyScore::R2).nested(&candidates, &outer[..1], &rule).unwrap()
    };
    let found = nested(&values);
    let mut spoilt = values.clone();
    outer[0].test.iter().for_each(|&row| spoilt[row] = (row % 2) as f64 * 100.0);
    let other = nested(&spoilt);
    assert_eq!(other.searches, found.searches);
    assert!(other.scores[0].mean().unwrap() < 0.1 && found.scores[0].mean().unwrap() > 0.7);
}

#[test]
fn predictions_of_rows_tested_twice_are_means_and_others_are_marked() {
    let (features, values) = (features(), values());
    let validation = Validation::new(Task::regress(features.view(), values.view()));
    let params = RandomForest::params().trees(8).seed(4);
    let splits = Split::folds(90, 3, 1).unwrap();
    // The rows of fold 0 are tested by forests of folds 1 and 2, and of fold 2 alone; those of fold 2 never.
    let again = Split { train: splits[2].test.clone(), test: splits[0].test.clone() };
    let twice = [splits[0].clone(), splits[1].clone(), again];
    let all = validation.cross_predict(&params, &twice).unwrap();
    let alone: Vec<_> = twice
        .iter()
        .map(|split| validation.cross_predict(&params, std::slice::from_ref(split)).unwrap())
        .collect();
    for &row in &splits[0].test {
        let mean = (alone[0].values[[row, 0]] + alone[2].values[[row, 0]]) / 2.0;
        assert!((all.values[[row, 0]] - mean).abs() < 1e-14);
    }
    assert!(splits[2].test.iter().all(|&row| !all.covered[row]));
    assert!(splits[0].test.iter().chain(&splits[1].test).all(|&row| all.covered[row]));
}

#[test]
fn progress_ends_with_all_trees_and_forests() {
    let (features, values) = (features(), values());
    let rule = SplitRule::folds(90, 3);
    let candidates =
        ParamsGrid::around(RandomForest::params()).trees([4, 2]).min_samples_leaf([1, 20]).all().unwrap();
    let told = Mutex::new(Vec::new());
    let watch = |progress| told.lock().unwrap().push(progress);
    let validation = Validation::new(Task::regress(features.view(), values.view()))
        .score(&PropertyScore::R2)
        .watched(&watch);
    validation.search(&candidates, &rule.splits(1).unwrap()).unwrap();
    // 2 forests of 4 trees in each of 3 folds: those of 2 trees are parts of them.
    let finished = |of_trees: usize, of_forests: usize| {
        let told = std::mem::take(&mut *told.lock().unwrap());
        assert!(told.iter().all(|now| now.trees <= now.of_trees && now.forests <= now.of_forests));
        assert!(told.iter().all(|now| (now.of_trees, now.of_forests) == (of_trees, of_forests)));
        assert!(
            told.iter().any(|now| now.trees == of_trees) && told.iter().any(|now| now.forests == of_forests)
        );
    };
    finished(24, 6);
    validation.nested(&candidates, &rule.splits(1).unwrap(), &rule).unwrap();
    // The same inside each of 3 outer folds, and a forest of at most 4 trees for each.
    finished(3 * 24 + 3 * 4, 3 * 6 + 3);
}

#[test]
fn what_cannot_be_validated_is_refused() {
    let (mut features, values, classes) = (features(), values(), classes());
    let params = RandomForest::params().trees(3);
    let splits = Split::folds(90, 3, 1).unwrap();
    let message = |validation: &Validation<'_>, splits: &[Split]| {
        validation.cross_validate(&params, splits).unwrap_err().to_string()
    };
    {
        let task = Task::regress(features.view(), values.view());
        let validation = Validation::new(task).score(&PropertyScore::R2);
        assert_eq!(message(&Validation::new(task), &splits), "expected at least 1 score, found 0");
        assert_eq!(message(&validation, &[]), "expected at least 1 split, found 0");
        let split = |train: &[usize], test: &[usize]| [Split { train: train.into(), test: test.into() }];
        for (split, expected) in [
            (split(&[0, 1], &[]), "expected at least 1 test row, found 0"),
            (split(&[0, 1], &[1]), "a row of a split must be on one side, once, found 1"),
            (split(&[0, 1], &[90]), "a row of a split must be below the number of rows, found 90"),
        ] {
            assert_eq!(message(&validation, &split), expected);
        }
        assert_eq!(
            message(&validation.clone().score(&ClassScore::Accuracy), &splits),
            "a score must be defined for the task and one of the splits, found accuracy"
        );
        assert_eq!(
            validation.search(&[], &splits).unwrap_err().to_string(),
            "expected at least 1 set of parameters, found 0"
        );
        let bad = [params.clone(), params.clone().trees(0)];
        assert_eq!(
            validation.search(&bad, &splits).unwrap_err().to_string(),
            "trees must be at least 1, found 0"
        );
        assert_eq!(
            validation.repeat(&params, &SplitRule::folds(90, 3), &[]).unwrap_err().to_string(),
            "expected at least 1 seed, found 0"
        );
        let mut wrong = values.clone();
        wrong[70] = f64::NAN;
        let task = Task::regress(features.view(), wrong.view());
        assert_eq!(
            message(&Validation::new(task).score(&PropertyScore::R2), &splits),
            "the property of row 70, column 0 must be a finite number, found NaN"
        );
    }
    let task = Task::classify(features.view(), &classes);
    let one_class: Vec<usize> = (0..90).filter(|&row| classes.codes[row] == 1).collect();
    let (train, test) = one_class.split_at(5);
    let split = Split { train: train.into(), test: test.into() };
    assert!(
        message(&Validation::new(task).score(&ClassScore::Accuracy), &[split])
            .starts_with("all 5 rows belong")
    );

    // A row of the second half: among the rows of a fold it has another number.
    features[[80, 2]] = f64::INFINITY;
    let task = Task::classify(features.view(), &classes);
    assert_eq!(
        message(&Validation::new(task).score(&ClassScore::Accuracy), &splits),
        "the feature of row 80, column 2 must be a finite number, found inf"
    );
}
