//! The fitting time of smartcore's forest divided by that of adatom's, on one thread, with the same data and
//! parameters.

use adatom_forest::RandomForest;
use adatom_forest::ndarray::Axis;
use adatom_forest::smartcore::ensemble::random_forest_classifier::{
    RandomForestClassifier, RandomForestClassifierParameters,
};
use adatom_forest::smartcore::ensemble::random_forest_regressor::{
    RandomForestRegressor, RandomForestRegressorParameters,
};
use adatom_forest::smartcore::linalg::basic::matrix::DenseMatrix;

use crate::{Data, Failure, max_features, timed};

/// Fits of each, in turns; the shortest processor time counts.
const TURNS: usize = 3;

pub(crate) fn smartcore(data: &Data, (task, columns, trees): (&str, &str, usize)) -> Result<(), Failure> {
    let (rows, width) = data.features.dim();
    // Column-major, the order in which smartcore reads.
    let by_column: Vec<f64> = data.features.axis_iter(Axis(1)).flatten().copied().collect();
    let features = DenseMatrix::new(rows, width, by_column, true)?;
    let labels = data.labels();
    let codes: Vec<u32> = labels.codes.iter().map(|&code| code as u32).collect();
    let values = data.values.to_vec();
    let candidates = max_features(columns).of(width);
    let params = RandomForest::params().trees(trees).max_features(max_features(columns));
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let theirs = || -> Result<(), Failure> {
        if task == "classification" {
            let params = RandomForestClassifierParameters::default().with_n_trees(trees.try_into()?);
            RandomForestClassifier::fit(&features, &codes, params.with_m(candidates))?;
        } else {
            let params = RandomForestRegressorParameters::default().with_n_trees(trees).with_m(candidates);
            RandomForestRegressor::fit(&features, &values, params)?;
        }
        Ok(())
    };
    let ours = || -> Result<(), Failure> {
        if task == "classification" {
            params.fit_classifier(data.features.view(), &labels)?;
        } else {
            params.fit_regressor(data.features.view(), data.values.view())?;
        }
        Ok(())
    };
    let (mut own, mut other) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..TURNS {
        // Errors as text, because those of smartcore cannot be sent between threads.
        let (fitted, seconds) = timed(|| one_thread.install(|| ours().map_err(|error| error.to_string())));
        fitted?;
        own = own.min(seconds.processor);
        let (fitted, seconds) = timed(theirs);
        fitted?;
        other = other.min(seconds.processor);
        println!(
            "{task} {rows} x {width}, {columns} columns, {trees} trees, one thread, processor time: \
             adatom {own:.3} s, smartcore {other:.3} s, ratio {:.1}",
            other / own
        );
    }
    Ok(())
}
