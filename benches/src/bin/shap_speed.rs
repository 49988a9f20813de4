//! `shap_speed`: the time of path-dependent Shapley values, for the rows and trees of a JSON file.
//!
//! `benches/shap_speed.py` starts it and writes a line to its standard input for every measurement, in turns
//! with shap.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program of benches/shap_speed.py")]

#[path = "../../../crates/adatom-interpret/tests/trees/mod.rs"]
mod trees;

use std::io::{BufRead, stdin};
use std::path::Path;
use std::time::Instant;

use adatom_interpret::TreeShap;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        println!("usage: shap_speed FOREST.json VALUES.json");
        return;
    };
    let document = trees::read(Path::new(input));
    let x = trees::matrix(&document["X"]);
    let forest = trees::forest(&document, x.ncols());
    println!("ready");
    for _ in stdin().lock().lines() {
        let begun = Instant::now();
        let values = TreeShap::new(&forest).unwrap().path_dependent(x.view()).unwrap();
        let seconds = begun.elapsed().as_secs_f64();
        let values: Vec<f64> = values.values().iter().copied().collect();
        std::fs::write(output, serde_json::to_string(&values).unwrap()).unwrap();
        println!("{seconds}");
    }
}
