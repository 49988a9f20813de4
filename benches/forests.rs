//! Forests on a table of 400 spectra with 200 columns: fitting, predicting, out-of-bag predictions.

use std::hint::black_box;

use adatom_core::ClassLabels;
use adatom_core::ndarray::{Array1, Array2, Axis};
use adatom_forest::{ExtraTrees, MaxFeatures, RandomForest};
use criterion::{Criterion, criterion_group, criterion_main};

/// Edges at 200 energies that move with the row; the property is how far.
fn table() -> (Array2<f64>, Array1<f64>) {
    let shift = |row: usize| ((row + 1) as f64 * 2f64.sqrt()).fract();
    let spectra = Array2::from_shape_fn((400, 200), |(row, energy)| {
        let noise = ((row * 200 + energy + 1) as f64 * 3f64.sqrt()).fract();
        1.0 / (1.0 + (40.0 + 30.0 * shift(row) - energy as f64).exp()) + 0.01 * noise
    });
    (spectra, Array1::from_shape_fn(400, shift))
}

fn forests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("forests");
    let (features, values) = table();
    let classes = ClassLabels::of_names(values.map(|value| if *value < 0.5 { "low" } else { "high" }));
    let regression = RandomForest::params().trees(20);
    let fit = |features: &Array2<f64>| regression.fit_regressor(features.view(), values.view());
    group.bench_function("regression, all columns, 20 trees", |bencher| {
        bencher.iter(|| fit(black_box(&features)).expect("fits"));
    });
    let extra = ExtraTrees::params().trees(20).max_features(MaxFeatures::All);
    group.bench_function("extra trees, all columns, 20 trees", |bencher| {
        bencher.iter(|| extra.fit_regressor(black_box(&features).view(), values.view()).expect("fits"));
    });
    let classification = RandomForest::params().trees(20);
    group.bench_function("classification, square root, 20 trees", |bencher| {
        bencher.iter(|| classification.fit_classifier(black_box(&features).view(), &classes).expect("fits"));
    });
    let model = fit(&features).expect("fits");
    let many = features.select(Axis(0), &(0..10_000).map(|row| row % 400).collect::<Vec<_>>());
    group.bench_function("predict 10,000 rows, 20 trees", |bencher| {
        bencher.iter(|| model.predict(black_box(&many).view()).expect("fits the columns"));
    });
    group.bench_function("out of bag", |bencher| {
        bencher.iter(|| model.forest().out_of_bag(black_box(&features).view()).expect("rows were drawn"));
    });
    group.finish();
}

criterion_group!(benches, forests);
criterion_main!(benches);
