//! smartcore's tools work with our forests, and its forests become ours.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_core::TreeView;
use adatom_forest::smartcore::api::{Predictor, SupervisedEstimator};
use adatom_forest::smartcore::ensemble::extra_trees_regressor::{
    ExtraTreesRegressor, ExtraTreesRegressorParameters,
};
use adatom_forest::smartcore::ensemble::random_forest_classifier::{
    RandomForestClassifier, RandomForestClassifierParameters,
};
use adatom_forest::smartcore::ensemble::random_forest_regressor::{
    RandomForestRegressor, RandomForestRegressorParameters,
};
use adatom_forest::smartcore::linalg::basic::matrix::DenseMatrix;
use adatom_forest::smartcore::model_selection::{KFold, cross_val_predict, cross_validate, train_test_split};
use adatom_forest::smartcore::tree::decision_tree_classifier::SplitCriterion;
use adatom_forest::smartcore::{ensemble, metrics};
use adatom_forest::{
    Classifier, ExtraTrees, RandomForest, Regressor, SmartcoreClassifier, SmartcoreRegressor,
};
use ndarray::{Array1, Array2, Axis};

/// 120 rows of 5 columns without pattern (multiples of irrational numbers, modulo 1); some values are tied.
fn features() -> Array2<f64> {
    Array2::from_shape_fn((120, 5), |(row, column)| {
        let value =
            ((row + 1) as f64 * [2f64.sqrt(), 3f64.sqrt(), 5f64.sqrt(), 7f64.sqrt(), 0.1][column]).fract();
        if column == 2 { (value * 8.0).floor() / 8.0 } else { value }
    })
}

fn values() -> Array1<f64> {
    features().map_axis(Axis(1), |row| 100.0 + 3.0 * row[0] + row[1] * row[1] + 0.3 * (9.0 * row[3]).sin())
}

fn labels() -> Vec<i32> {
    values().iter().map(|value| [2, 4, 6][((value - 100.0) / 1.4).min(2.0) as usize]).collect()
}

fn dense(features: &Array2<f64>) -> DenseMatrix<f64> {
    DenseMatrix::from_ndarray2(features)
}

#[test]
fn cross_validation_of_smartcore_works_with_our_forests() {
    let (features, values, labels) = (features(), values(), labels());
    let folds = KFold::default().with_n_splits(4).with_seed(Some(1));
    let params = RandomForest::params().trees(40).seed(3);
    let regression = cross_validate(
        SmartcoreRegressor::new(),
        &dense(&features),
        &values.to_vec(),
        params.clone(),
        &folds,
        &metrics::r2,
    )
    .unwrap();
    assert_eq!(regression.test_score.len(), 4);
    assert!(regression.mean_test_score() > 0.8, "{regression:?}");
    assert!(regression.mean_train_score() > regression.mean_test_score());

    // Arrays of ndarray are matrices of smartcore too, and give the same.
    let same =
        cross_validate(SmartcoreRegressor::new(), &features, &values, params.clone(), &folds, &metrics::r2)
            .unwrap();
    assert_eq!(same.test_score, regression.test_score);

    let classification = cross_validate(
        SmartcoreClassifier::new(),
        &dense(&features),
        &labels,
        params.clone(),
        &folds,
        &metrics::accuracy,
    )
    .unwrap();
    assert!(classification.mean_test_score() > 0.7, "{classification:?}");
    assert_eq!(classification.mean_train_score(), 1.0);

    let predicted =
        cross_val_predict(SmartcoreClassifier::new(), &dense(&features), &labels, params, &folds).unwrap();
    assert!(metrics::accuracy(&labels, &predicted) > 0.7);
}

#[test]
fn a_split_of_smartcore_trains_and_tests_our_forests() {
    let (features, labels) = (features(), labels());
    let (train, test, train_labels, test_labels) =
        train_test_split(&dense(&features), &labels, 0.25, true, Some(5));
    let forest = SmartcoreClassifier::fit(&train, &train_labels, ExtraTrees::params().trees(60)).unwrap();
    let predicted: Vec<i32> = forest.predict(&test).unwrap();
    assert!(metrics::accuracy(&test_labels, &predicted) > 0.6);
    assert_eq!(forest.model().unwrap().classes(), ["2", "4", "6"]);
}

#[test]
fn what_fails_says_why_as_smartcore_does() {
    let features = features();
    let unfitted: Result<Vec<f64>, _> = SmartcoreRegressor::new().predict(&dense(&features));
    assert_eq!(unfitted.unwrap_err().to_string(), "Predict failed: 'fit' should be called before 'predict'");
    let few = SmartcoreRegressor::fit(&dense(&features), &vec![1.0; 3], RandomForest::params());
    assert_eq!(few.unwrap_err().to_string(), "Fit failed: expected 120 values of the property, found 3");
    let fitted = SmartcoreRegressor::fit(&features, &values(), RandomForest::params().trees(2)).unwrap();
    let narrow: Result<Vec<f64>, _> = fitted.predict(&DenseMatrix::from_2d_array(&[&[1.0]]).unwrap());
    assert_eq!(narrow.unwrap_err().to_string(), "Predict failed: expected 5 columns of features, found 1");
}

#[test]
fn a_forest_of_smartcore_for_classes_votes_the_same_here() {
    let (features, labels) = (features(), labels());
    for criterion in [SplitCriterion::Gini, SplitCriterion::Entropy] {
        let params = RandomForestClassifierParameters::default()
            .with_n_trees(31)
            .with_criterion(criterion)
            .with_seed(9)
            .with_max_depth(6);
        let theirs = RandomForestClassifier::fit(&dense(&features), &labels, params).unwrap();
        let ours = Classifier::from_smartcore(&theirs).unwrap();
        let elsewhere = &features + 0.013;
        for rows in [&features, &elsewhere] {
            let expected: Vec<String> =
                theirs.predict(&dense(rows)).unwrap().iter().map(i32::to_string).collect();
            assert_eq!(ours.predict_names(rows.view()).unwrap(), expected);
        }
        // Probabilities are shares of 31 votes.
        let votes = ours.probabilities(features.view()).unwrap() * 31.0;
        assert!(votes.iter().all(|votes| (votes - votes.round()).abs() < 1e-9));
        for tree in ours.forest().as_trees() {
            check_cover(tree);
            assert_eq!(tree.cover(0), 120.0);
        }
        assert!((ours.forest().impurity_importance().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}

/// The cover of a node is that of its children, and no node is without rows.
fn check_cover(tree: &dyn TreeView) {
    for node in 0..tree.nodes() {
        assert!(tree.cover(node) > 0.0 && tree.impurity(node) >= 0.0);
        if let Some(split) = tree.split(node) {
            let sum = tree.cover(split.left) + tree.cover(split.right);
            assert!((sum - tree.cover(node)).abs() < 1e-9);
        }
    }
}

fn check_regressor(ours: &Regressor, (predicted, importances): (Vec<f64>, Vec<f64>), rows: &Array2<f64>) {
    let found = ours.predict(rows.view()).unwrap();
    let largest = |differences: &mut dyn Iterator<Item = f64>| differences.map(f64::abs).fold(0.0, f64::max);
    assert!(largest(&mut found.iter().zip(&predicted).map(|(found, expected)| found - expected)) < 1e-12);
    let own = ours.forest().impurity_importance();
    assert!(largest(&mut own.iter().zip(&importances).map(|(own, theirs)| own - theirs)) < 1e-10);
    ours.forest().as_trees().iter().for_each(|tree| check_cover(tree));
}

#[test]
fn forests_of_smartcore_for_properties_answer_the_same_here() {
    let (features, values) = (features(), values());
    let (x, y) = (dense(&features), values.to_vec());
    let params = RandomForestRegressorParameters::default().with_n_trees(20).with_m(2).with_seed(4);
    let theirs = RandomForestRegressor::fit(&x, &y, params).unwrap();
    let ours = Regressor::from_smartcore(&theirs).unwrap();
    let elsewhere = &features + 0.013;
    let importances = theirs.compute_feature_importances().unwrap();
    for rows in [&features, &elsewhere] {
        check_regressor(&ours, (theirs.predict(&dense(rows)).unwrap(), importances.clone()), rows);
    }

    let params = ExtraTreesRegressorParameters::default().with_n_trees(20).with_min_samples_leaf(3);
    let theirs = ExtraTreesRegressor::fit(&x, &y, params).unwrap();
    let ours = Regressor::from_smartcore(&theirs).unwrap();
    let expected = (theirs.predict(&x).unwrap(), theirs.compute_feature_importances().unwrap());
    check_regressor(&ours, expected, &features);
    // Extra trees learn from every row once: covers are the rows counted.
    for tree in ours.forest().as_trees() {
        let mut counted = vec![0.0; tree.nodes()];
        for row in features.rows() {
            let mut node = 0;
            counted[0] += 1.0;
            while let Some(split) = tree.split(node) {
                node = if row[split.feature] <= split.threshold { split.left } else { split.right };
                counted[node] += 1.0;
            }
        }
        let covers: Vec<f64> = (0..tree.nodes()).map(|node| tree.cover(node)).collect();
        assert_eq!(covers, counted);
    }
}

#[test]
fn branches_of_one_value_are_taken_over_though_their_rows_are_not_known() {
    // smartcore splits on where all values are the same already: such splits tell nothing of their rows.
    let (features, labels) = (features(), labels().iter().copied().map(f64::from).collect::<Vec<f64>>());
    let x = dense(&features);
    let theirs = ExtraTreesRegressor::fit(&x, &labels, ExtraTreesRegressorParameters::default()).unwrap();
    let ours = Regressor::from_smartcore(&theirs).unwrap();
    let expected = (theirs.predict(&x).unwrap(), theirs.compute_feature_importances().unwrap());
    check_regressor(&ours, expected, &features);
}

#[test]
fn a_split_between_equal_means_gets_its_cover_from_the_splits_below() {
    // 5 rows of value 4 left; right 4 rows of value 1 and 6 rows of value 6, whose mean is (4 + 36) / 10 = 4
    // too. The split of the right half takes 4 · 6 / 10 · 5² = 60 away.
    let node = |output: f64, split: Option<(usize, f64, usize)>| {
        let (feature, score, child) = split.map_or((0, None, None), |(f, s, c)| (f, Some(s), Some(c)));
        serde_json::json!({
            "output": output, "split_feature": feature, "split_value": split.map(|_| 0.5),
            "split_score": score,
            "true_child": child, "false_child": child.map(|child| child + 1),
        })
    };
    let stored = serde_json::json!({ "forest_regressor": { "num_features": 2, "trees": [ {
        "root_mass": 15.0,
        "nodes": [
            node(4.0, Some((0, 0.0, 1))), node(4.0, None), node(4.0, Some((1, 60.0, 3))),
        node(1.0, None), node(6.0, None),
        ],
    } ] } });
    let ours = Regressor::from_smartcore(&stored).unwrap();
    let tree = &ours.forest().as_trees()[0];
    assert_eq!((0..5).map(|node| tree.cover(node)).collect::<Vec<_>>(), [15.0, 5.0, 10.0, 4.0, 6.0]);
    assert_eq!((tree.impurity(0), tree.impurity(2)), (4.0, 6.0));
}

#[test]
fn what_is_no_fitted_forest_of_smartcore_is_refused() {
    let regressor = |stored: serde_json::Value| Regressor::from_smartcore(&stored).unwrap_err().to_string();
    let classifier = |stored: serde_json::Value| Classifier::from_smartcore(&stored).unwrap_err().to_string();
    let unfitted: ensemble::random_forest_regressor::RandomForestRegressor<
        f64,
        f64,
        DenseMatrix<f64>,
        Vec<f64>,
    > = SupervisedEstimator::new();
    assert_eq!(
        Regressor::from_smartcore(&unfitted).unwrap_err().to_string(),
        "serialised forest of smartcore: expected a fitted forest, found one that is not fitted"
    );
    let tree = |child: usize| {
        serde_json::json!([ { "root_mass": 3.0, "nodes": [
            { "output": 1.0, "split_feature": 0, "split_value": 0.5, "split_score": 1.0,
              "true_child": child, "false_child": 2 },
        ] } ])
    };
    for child in [0, 1, 7] {
        let message =
            regressor(serde_json::json!({ "forest_regressor": { "num_features": 1, "trees": tree(child) } }));
        assert!(message.contains("two children from 1 to 0"), "{message}");
    }
    assert!(
        regressor(serde_json::json!({ "forest_regressor": { "num_features": 1, "trees": [] } }))
            .contains("tree")
    );
    let leaf = serde_json::json!({ "nodes": [ {
        "output": 3, "n_node_samples": 5, "split_feature": 0, "split_value": null, "split_score": null,
        "true_child": null, "false_child": null, "impurity": 0.1,
    } ], "num_features": 2 });
    let message = classifier(serde_json::json!({ "trees": [leaf], "classes": [1, 2] }));
    assert!(message.contains("a class below 2, found 3"), "{message}");
    assert!(classifier(serde_json::json!(null)).contains("a random forest for classes"));
}
