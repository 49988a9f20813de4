//! Times of fitting and predicting: of data from scikit-learn's side, beside smartcore, and as the data grow.
//!
//! | arguments | does |
//! |---|---|
//! | `fit FOLDER TASK COLUMNS SEED` | fits `x.npy`, `y.npy`, answers `test.npy` into `answers.npy`; prints seconds as JSON |
//! | `smartcore FOLDER TASK COLUMNS TREES` | smartcore's forest and ours in turns, one thread each |
//! | `growth` | times as trees, columns and rows are doubled, one thread |
//! | `memory ROWS COLUMNS` | the most memory that fitting took, beside the bytes of the features |
//!
//! TASK is `regression` or `classification`, COLUMNS `all` or `sqrt`, FOLDER one that
//! `benches/forest_speed.py` fills.

#![allow(clippy::print_stdout, reason = "a program prints")]

mod beside;
mod growth;

use std::path::Path;
use std::time::Instant;

use adatom_core::ClassLabels;
use adatom_forest::{MaxFeatures, Model, RandomForest};
use ndarray::{Array1, Array2};

type Failure = Box<dyn std::error::Error>;

/// Rows with what is to be predicted of them.
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

/// What something took, in seconds.
#[derive(Clone, Copy)]
struct Taken {
    /// On the clock, waiting for processors that others use included.
    clock: f64,
    /// On processors, over all threads.
    processors: f64,
}

/// Seconds that the threads of this process were on processors, as Linux counts them.
fn on_processors() -> f64 {
    let of_thread = |thread: std::io::Result<std::fs::DirEntry>| -> Option<f64> {
        let numbers = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        numbers.split(' ').next()?.parse().ok()
    };
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    threads.filter_map(of_thread).sum::<f64>() * 1e-9
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Taken) {
    let (begun, before) = (Instant::now(), on_processors());
    let result = work();
    (result, Taken { clock: begun.elapsed().as_secs_f64(), processors: on_processors() - before })
}

fn fit(folder: &Path, (task, columns, seed): (&str, &str, u64)) -> Result<(), Failure> {
    let data = Data::read(folder)?;
    let labels = data.labels();
    // Threads that are there before are not counted as work, and are counted from the first.
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
    let (answers, predicted) = timed(|| model.forest().predict(test.view()));
    ndarray_npy::write_npy(folder.join("answers.npy"), &answers?)?;
    let both = |taken: Taken| format!("[{}, {}]", taken.clock, taken.processors);
    println!("{{\"fit\": {}, \"predict\": {}}}", both(fitted), both(predicted));
    Ok(())
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["fit", folder, task, columns, seed] => fit(Path::new(folder), (task, columns, seed.parse()?)),
        ["smartcore", folder, task, columns, trees] => {
            beside::smartcore(&Data::read(Path::new(folder))?, (task, columns, trees.parse()?))
        }
        ["growth"] => growth::times(),
        ["memory", rows, columns] => growth::memory(rows.parse()?, columns.parse()?),
        _ => Err("fit FOLDER TASK COLUMNS SEED | smartcore FOLDER TASK COLUMNS TREES | growth | memory ROWS COLUMNS"
            .into()),
    }
}
