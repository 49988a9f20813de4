//! The growth of time and memory with trees, columns and rows.

use adatom_forest::ndarray::{Array1, Array2};
use adatom_forest::{MaxFeatures, RandomForest};

use crate::{Data, Failure, timed};

fn data(rows: usize, columns: usize) -> Data {
    let mut state = 7u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    let features = Array2::from_shape_simple_fn((rows, columns), &mut random);
    let values = Array1::from_shape_fn(rows, |row| {
        2.0 * features[[row, 0]] + (6.0 * features[[row, 1]]).sin() + 0.3 * random()
    });
    Data { features, values }
}

/// Processor time of a fit on one thread in seconds, the shortest of three.
fn seconds(
    one_thread: &rayon::ThreadPool,
    (trees, columns, rows): (usize, usize, usize),
    part: MaxFeatures,
) -> Result<f64, Failure> {
    let data = data(rows, columns);
    let params = RandomForest::params().trees(trees).max_features(part);
    let mut least = f64::INFINITY;
    for _ in 0..3 {
        let fit = || params.fit_regressor(data.features.view(), data.values.view());
        let (model, seconds) = timed(|| one_thread.install(fit));
        model?;
        least = least.min(seconds.processor);
    }
    Ok(least)
}

pub(crate) fn times() -> Result<(), Failure> {
    let cost = |(trees, columns, rows): (usize, usize, usize), part: MaxFeatures| {
        let rows = rows as f64;
        (trees * part.of(columns)) as f64 * rows * rows.log2()
    };
    let all = [10, 20, 40].map(|trees| (trees, 100, 1000)).to_vec();
    let columns = [50, 100, 200, 400].map(|columns| (10, columns, 1000)).to_vec();
    let rows = [1000, 2000, 4000, 8000, 16_000].map(|rows| (10, 100, rows)).to_vec();
    // One pool for all fits: the processor time of a thread is lost when it ends.
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    println!("| candidates | trees | columns | rows | s | ns / (trees · candidates · rows · log2 rows) |");
    println!("|---|---|---|---|---|---|");
    for part in [MaxFeatures::All, MaxFeatures::Sqrt] {
        for case in [&all, &columns, &rows].into_iter().flatten() {
            let (trees, columns, rows) = *case;
            let seconds = seconds(&one_thread, *case, part)?;
            let each = seconds * 1e9 / cost(*case, part);
            println!("| {part:?} | {trees} | {columns} | {rows} | {seconds:.4} | {each:.2} |");
        }
    }
    Ok(())
}

/// Peak memory of this process so far in bytes, as Linux counts it.
fn peak_memory() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1024.0)
}

pub(crate) fn memory(rows: usize, columns: usize) -> Result<(), Failure> {
    let data = data(rows, columns);
    let before = peak_memory()?;
    let features = (rows * columns * 8) as f64;
    for part in [MaxFeatures::Sqrt, MaxFeatures::All] {
        let trees = if part == MaxFeatures::All { 4 } else { 100 };
        let params = RandomForest::params().trees(trees).max_features(part);
        params.fit_regressor(data.features.view(), data.values.view())?;
        let taken = peak_memory()? - before;
        println!(
            "{rows} x {columns}, {part:?}, {trees} trees: features {:.1} MB, fit {:.1} MB in addition, \
             ratio {:.2}",
            features / 1e6,
            taken / 1e6,
            taken / features
        );
    }
    Ok(())
}
