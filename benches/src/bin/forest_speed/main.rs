//! `forest_speed`: times of fitting and predicting, for comparison with scikit-learn and smartcore, and their
//! growth with the size of the data.
//!
//! ```text
//! cargo build --profile dist -p adatom-benches --features smartcore --bin forest_speed
//! ```
//!
//! | arguments | effect |
//! |---|---|
//! | `fit FOLDER TASK COLUMNS SEED` | fits `x.npy`, `y.npy`; predicts `test.npy`; prints seconds as JSON |
//! | `smartcore FOLDER TASK COLUMNS TREES` | fits of smartcore and adatom in turns, one thread each |
//! | `growth` | fitting times for doubled trees, columns and rows, one thread |
//! | `memory ROWS COLUMNS` | peak memory of a fit and the size of the features |
//!
//! TASK is `regression` or `classification`, COLUMNS is `all` or `sqrt`; `benches/forest_speed.py` writes
//! FOLDER. The predictions of `fit` are written to `predictions.npy`.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the times are what the program is for")]

mod comparison;
mod growth;

use std::path::Path;
use std::time::Instant;

use adatom_forest::ndarray::{Array1, Array2};
use adatom_forest::{ClassLabels, MaxFeatures, Model, RandomForest};

type Failure = Box<dyn std::error::Error>;

/// Features of rows and the values to predict.
struct Data {
    features: Array2<f64>,
    values: Array1<f64>,
}

impl Data {
    fn read(folder: &Path) -> Result<Self, Failure> {
        let features = ndarray_npy::read_npy(folder.join("x.npy"))?;
        Ok(Self { features, values: ndarray_npy::read_npy(folder.join("y.npy"))? })
    }

    fn labels(&self) -> ClassLabels {
        ClassLabels::of_names(self.values.iter().map(|value| format!("{value:02}")))
    }
}

fn max_features(columns: &str) -> MaxFeatures {
    if columns == "all" { MaxFeatures::All } else { MaxFeatures::Sqrt }
}

/// Times in seconds.
#[derive(Clone, Copy)]
struct Times {
    /// Wall-clock time.
    wall: f64,
    /// Processor time of all threads.
    processor: f64,
}

/// Processor time of the threads of this process in seconds, as Linux counts it.
fn processor_time() -> f64 {
    let of_thread = |thread: std::io::Result<std::fs::DirEntry>| -> Option<f64> {
        let numbers = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        numbers.split(' ').next()?.parse().ok()
    };
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    threads.filter_map(of_thread).sum::<f64>() * 1e-9
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Times) {
    let (begun, before) = (Instant::now(), processor_time());
    let result = work();
    (result, Times { wall: begun.elapsed().as_secs_f64(), processor: processor_time() - before })
}

fn fit(folder: &Path, (task, columns, seed): (&str, &str, u64)) -> Result<(), Failure> {
    let data = Data::read(folder)?;
    let labels = data.labels();
    // Starts the threads, so that starting them is not part of the measured time.
    rayon::broadcast(|_| ());
    let params = RandomForest::params().max_features(max_features(columns)).seed(seed);
    let (model, fitted) = timed(|| -> Result<Model, Failure> {
        Ok(match task {
            "classification" => params.fit_classifier(data.features.view(), &labels)?.into(),
            _ => params.fit_regressor(data.features.view(), data.values.view())?.into(),
        })
    });
    let model = model?;
    let test: Array2<f64> = ndarray_npy::read_npy(folder.join("test.npy"))?;
    let (predictions, predicted) = timed(|| model.forest().predict(test.view()));
    ndarray_npy::write_npy(folder.join("predictions.npy"), &predictions?)?;
    let both = |times: Times| format!("[{}, {}]", times.wall, times.processor);
    println!("{{\"fit\": {}, \"predict\": {}}}", both(fitted), both(predicted));
    Ok(())
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["fit", folder, task, columns, seed] => fit(Path::new(folder), (task, columns, seed.parse()?)),
        ["smartcore", folder, task, columns, trees] => {
            comparison::smartcore(&Data::read(Path::new(folder))?, (task, columns, trees.parse()?))
        }
        ["growth"] => growth::times(),
        ["memory", rows, columns] => growth::memory(rows.parse()?, columns.parse()?),
        _ => Err("usage: fit FOLDER TASK COLUMNS SEED | smartcore FOLDER TASK COLUMNS TREES | growth | \
                  memory ROWS COLUMNS"
            .into()),
    }
}
