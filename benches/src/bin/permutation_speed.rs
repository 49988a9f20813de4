//! `permutation_speed`: the time of the permutation importances of all columns, for the rows and trees of a
//! JSON file.
//!
//! `benches/permutation_speed.py` starts it and writes a line to its standard input for every measurement, in
//! turns with scikit-learn. The score is R².

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program of benches/permutation_speed.py")]

#[path = "../../../crates/adatom-interpret/tests/trees/mod.rs"]
mod trees;

use std::io::{BufRead, stdin};
use std::path::Path;
use std::time::Instant;

use adatom_core::{Better, Score, TargetView};
use adatom_interpret::{ColumnGroup, PermutationImportance};
use ndarray::{Array1, ArrayView2};

/// R².
struct Determination;

impl Score for Determination {
    fn name(&self) -> &str {
        "r2"
    }
    fn better(&self) -> Better {
        Better::Higher
    }
    fn score(&self, target: TargetView<'_>, predictions: ArrayView2<'_, f64>) -> Option<f64> {
        let values = target.numbers()?;
        let residual = (&values - &predictions.column(0)).mapv(|error| error * error).sum();
        let whole = values.var(0.0) * values.len() as f64;
        (whole > 0.0).then(|| 1.0 - residual / whole)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        println!("usage: permutation_speed FOREST.json IMPORTANCES.json");
        return;
    };
    let document = trees::read(Path::new(input));
    let x = trees::matrix(&document["X"]);
    let y = Array1::from(trees::numbers(&document["y"]));
    let forest = trees::forest(&document, x.ncols());
    let column = |index: usize| ColumnGroup { name: index.to_string(), columns: vec![index] };
    let groups: Vec<ColumnGroup> = (0..x.ncols()).map(column).collect();
    println!("ready");
    for (seed, _) in stdin().lock().lines().enumerate() {
        let begun = Instant::now();
        let permutation = PermutationImportance::new(x.view(), y.view(), &Determination).unwrap();
        let importance = permutation.repeats(5).seed(seed as u64).of_trees(&forest, &groups).unwrap();
        let seconds = begun.elapsed().as_secs_f64();
        std::fs::write(output, serde_json::to_string(&importance.mean().to_vec()).unwrap()).unwrap();
        println!("{seconds}");
    }
}
