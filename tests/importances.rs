//! Importances, end to end: planted causes are found in forests and in models of any kind.

#![allow(clippy::unwrap_used)]

use adatom::core::{FeatureColumn, FeatureTable, FittedModel, Modality, Split, Target};
use adatom::forest::ndarray::{Array1, Array2, ArrayView2, Axis};
use adatom::forest::{MaxFeatures, PropertyScore, RandomForest, Regressor};
use adatom::interpret::{
    AccumulatedEffects, Coalitions, ColumnGroup, DropModality, FeatureImportance, PartialDependence,
    PermutationImportance, Region, ShadowTest, TreeShap,
};
use adatom_forest::smartcore::linalg::basic::matrix::DenseMatrix;
use adatom_forest::smartcore::linear::linear_regression::{LinearRegression, LinearRegressionParameters};

const CAUSE: usize = 7;

/// Spectra of noise in which `xanes@7` says all of y, and `pdf@7` says it with noise; 14 columns each.
fn table(rows: usize) -> FeatureTable {
    let mut state = 11u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut features = Array2::from_shape_simple_fn((rows, 28), &mut random);
    for row in 0..rows {
        features[[row, 14 + CAUSE]] = 0.7 * features[[row, CAUSE]] + 0.3 * random();
    }
    let columns = (0..28).map(|column| {
        let modality = if column < 14 { Modality::Xanes } else { Modality::Pdf };
        FeatureColumn::new(modality, f64::from(column % 14)).unwrap()
    });
    let y = features.column(CAUSE).mapv(|value| 3.0 * value).to_vec();
    let table = FeatureTable::new((0..rows).map(|row| row.to_string()), columns.collect(), features).unwrap();
    table.with_target("y", Target::numbers(y)).unwrap()
}

fn fit(table: &FeatureTable) -> adatom::forest::Result<Regressor> {
    let params = RandomForest::params().trees(40).max_features(MaxFeatures::Fraction(0.4)).seed(3);
    params.fit_regressor(table.features(), table.numbers("y")?.view())
}

#[test]
fn importances_of_a_forest_find_the_cause() {
    let all = table(240);
    let split = Split::random(240, 0.4, 1).unwrap();
    let (train, test) = (all.select_rows(&split.train).unwrap(), all.select_rows(&split.test).unwrap());
    let model = fit(&train).unwrap();
    let forest = model.forest();

    let impurity = FeatureImportance::of_impurity(forest, train.columns()).unwrap();
    assert_eq!(impurity.top(2), [CAUSE, 14 + CAUSE]);

    let truth = test.numbers("y").unwrap();
    let permutation = PermutationImportance::new(test.features(), truth.view(), &PropertyScore::R2).unwrap();
    let mut groups = ColumnGroup::each(test.columns());
    groups.extend(ColumnGroup::modalities(test.columns()));
    let region = Region::new("cause", Modality::Xanes, 6.5, 7.5).unwrap();
    groups.extend(ColumnGroup::regions(test.columns(), &[region]).unwrap());
    let fast = permutation.of_trees(forest, &groups).unwrap();
    let general = permutation.of_model(&model, &groups).unwrap();
    // The forest divides sums by the number of trees, the fast way adds products with the weight.
    let gap = (&fast.values() - &general.values()).iter().fold(0.0f64, |worst, gap| worst.max(gap.abs()));
    assert!(gap < 1e-12, "{gap}");
    let mean = fast.mean();
    assert!(mean[28] > mean[29] && mean[29] > 0.0, "{mean}");
    assert!((mean[30] - mean[CAUSE]).abs() < 0.2 * mean[CAUSE]);

    let drawn = |tree: usize| forest.drawn(tree).unwrap();
    let drawn: Vec<Vec<u32>> = (0..40).map(drawn).collect();
    let mask = Array2::from_shape_fn((40, train.len()), |(tree, row)| drawn[tree][row] == 0);
    let truth = train.numbers("y").unwrap();
    let own = PermutationImportance::new(train.features(), truth.view(), &PropertyScore::R2).unwrap();
    let out_of_bag = own.of_out_of_bag(forest, mask.view(), &groups).unwrap();
    assert!((out_of_bag.mean()[28] - mean[28]).abs() < 0.4 * mean[28]);

    let shap = TreeShap::new(forest).unwrap().path_dependent(test.features()).unwrap();
    assert_eq!(shap.importance(test.columns(), 0).unwrap().top(1), [CAUSE]);
    let predictions = model.predict(test.features()).unwrap().insert_axis(Axis(1));
    assert!((shap.predictions() - &predictions).iter().all(|gap| gap.abs() < 1e-10));

    let coalitions =
        Coalitions::of_trees(forest, test.features(), &ColumnGroup::modalities(test.columns())).unwrap();
    let truth = test.numbers("y").unwrap();
    let scores = coalitions.scores(truth.view(), &PropertyScore::MeanAbsoluteError).unwrap();
    assert!(scores.alone(0) > scores.alone(1) && scores.alone(1) > 0.0);
    let whole = scores.scores()[3] - scores.scores()[0];
    assert!((scores.shapley().iter().sum::<f64>() - whole).abs() < 1e-12);
}

#[test]
fn dropping_and_shadows_fit_forests_anew() {
    let table = table(160);
    let folds: Vec<Split> = (0..4).map(|seed| Split::random(160, 0.25, seed).unwrap()).collect();
    let score = |train: &FeatureTable, test: &FeatureTable| {
        let error = fit(train)?.predict(test.features())? - test.numbers("y")?;
        Ok::<f64, adatom::forest::Error>(-error.mapv(f64::abs).mean().unwrap_or(f64::NAN))
    };
    let report = DropModality::run(&table, &folds, score).unwrap();
    let (xanes, pdf) = (report.of(&Modality::Xanes).unwrap(), report.of(&Modality::Pdf).unwrap());
    assert!(xanes.difference > 0.0 && xanes.p_value < 0.05, "{xanes:?}");
    assert!(pdf.difference < xanes.difference && pdf.alone.mean() < xanes.alone.mean());

    let y = table.numbers("y").unwrap();
    let fit = |rows: ArrayView2<'_, f64>, seed| {
        let params = RandomForest::params().trees(20).max_features(MaxFeatures::Fraction(0.3)).seed(seed);
        Ok::<_, adatom::forest::Error>(params.fit_regressor(rows, y.view())?.forest().impurity_importance())
    };
    let report = ShadowTest::new(12).run(table.columns(), table.features(), fit).unwrap();
    assert_eq!(report.significant(0.05), [CAUSE, 14 + CAUSE]);
}

/// A linear regression of smartcore, as a fitted model.
struct Linear(LinearRegression<f64, f64, DenseMatrix<f64>, Vec<f64>>, usize);

fn dense(rows: ArrayView2<'_, f64>) -> DenseMatrix<f64> {
    let (n, p) = rows.dim();
    DenseMatrix::new(n, p, rows.iter().copied().collect(), false).unwrap()
}

impl FittedModel for Linear {
    fn features(&self) -> usize {
        self.1
    }
    fn outputs(&self) -> usize {
        1
    }
    fn evaluate(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        Array1::from(self.0.predict(&dense(rows)).unwrap()).insert_axis(Axis(1))
    }
}

#[test]
fn a_model_of_smartcore_is_asked_like_any_other() {
    let table = table(120);
    let y = table.numbers("y").unwrap();
    let model =
        LinearRegression::fit(&dense(table.features()), &y.to_vec(), LinearRegressionParameters::default());
    let model = Linear(model.unwrap(), 28);
    // y = 3 x: the line has that slope in its column and none elsewhere.
    let permutation = PermutationImportance::new(table.features(), y.view(), &PropertyScore::R2).unwrap();
    let importance = permutation.of_model(&model, &ColumnGroup::each(table.columns())).unwrap();
    let importance = importance.of_columns(table.columns()).unwrap();
    assert_eq!(importance.top(1), [CAUSE]);
    // Exchanged with another row: twice the variance is lost, R² falls by 2.
    assert!((importance.mean()[CAUSE] - 2.0).abs() < 0.4 && importance.mean()[0].abs() < 1e-8);
    let cause = &ColumnGroup::each(table.columns())[CAUSE];
    let curve = PartialDependence::of(&model, table.features(), cause, 10).unwrap();
    let rise = curve.mean()[[10, 0]] - curve.mean()[[0, 0]];
    assert!((rise - 3.0 * (curve.grid()[10] - curve.grid()[0])).abs() < 1e-6);
    let effects = AccumulatedEffects::of(&model, table.features(), cause, 10).unwrap();
    assert!((effects.values()[[10, 0]] - effects.values()[[0, 0]] - rise).abs() < 1e-6);
    let few = table.features().slice_axis(Axis(0), (..5).into()).to_owned();
    let groups = ColumnGroup::modalities(table.columns());
    let coalitions = Coalitions::of_model(&model, few.view(), table.features(), &groups).unwrap();
    // A sum of functions of single columns has no interactions.
    assert!(
        coalitions
            .interactions()
            .index_axis(Axis(1), 0)
            .index_axis(Axis(1), 1)
            .iter()
            .all(|index| index.abs() < 1e-6)
    );
}
