//! `table_speed`: the time of saving and loading a table of 20,000 samples with 500 columns.
//!
//! `cargo run --profile dist -p adatom-benches --bin table_speed`

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the times are what the program is for")]

use std::time::Instant;

use adatom_core::ndarray::Array2;
use adatom_core::{FeatureColumn, FeatureTable, Modality, TableError, Target};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (rows, width) = (20_000, 500);
    let columns: Result<Vec<_>, TableError> =
        (0..width).map(|index| FeatureColumn::new(Modality::Pdf, index as f64 / 7.0)).collect();
    let features = Array2::from_shape_fn((rows, width), |(row, column)| {
        (row as f64 * 0.37 + column as f64 * 1.1).sin() * (1.0 + column as f64).ln()
    });
    let table = FeatureTable::new((0..rows).map(|row| format!("mp-{row}")), columns?, features)?
        .with_group("formula", (0..rows).map(|row| format!("Cu{}O", row % 700)))?
        .with_target("coordination_number", Target::numbers((0..rows).map(|row| (row % 7) as f64)))?;

    let folder = tempfile::tempdir()?;
    let mut text = 0.0;
    for name in ["table.csv", "table.csv.gz"] {
        let path = folder.path().join(name);
        let begun = Instant::now();
        table.save(&path)?;
        let saved = begun.elapsed().as_secs_f64();
        let megabytes = std::fs::metadata(&path)?.len() as f64 / 1e6;
        if text == 0.0 {
            text = megabytes;
        }
        let begun = Instant::now();
        let loaded = FeatureTable::load(&path)?;
        let read = begun.elapsed().as_secs_f64();
        assert_eq!(loaded, table);
        println!(
            "{name}: {megabytes:.0} MB; saved in {saved:.2} s, loaded in {read:.2} s ({:.0} and {:.0} MB/s \
             of uncompressed text)",
            text / saved,
            text / read
        );
    }
    Ok(())
}
