//! Absorption spectra: reading FEFF's columns, normalising what was calculated and what was measured,
//! tabulating.

use std::fmt::Write;
use std::hint::black_box;

use adatom_spectra::ndarray::Array1;
use adatom_spectra::{EnergyGrid, Normalization, ReadOptions, SpectrumFile, Xanes, tabulate};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// An edge at 8985 eV with waves behind it.
fn mu(energy: f64) -> f64 {
    let beyond = (energy - 8985.0).max(0.0);
    (1.0 + 0.2 * (0.3 * beyond).sin() * (-0.02 * beyond).exp()) / (1.0 + (8985.0 - energy).exp())
}

/// `xmu.dat` of 170 points.
fn calculated() -> String {
    let mut text = String::from("# Cu K edge\n#  omega    e    k    mu    mu0     chi     @#\n");
    for point in 0..170 {
        let energy = 8970.0 + f64::from(point);
        writeln!(text, "{energy:.3} {:.3} 0.5 {:.6} {:.6} 0.0", energy - 8985.0, mu(energy), mu(energy))
            .expect("text takes all");
    }
    text
}

/// A scan of 400 points from 200 eV below the edge to 800 above.
fn measured() -> Xanes {
    let energy = Array1::linspace(8785.0, 9785.0, 400);
    let values = energy.mapv(|energy| 0.4 - 1e-4 * (energy - 8985.0) + mu(energy));
    Xanes::new(EnergyGrid::new(energy).expect("increasing"), values).expect("finite")
}

fn spectra(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spectra");
    group.throughput(Throughput::Elements(1));
    let (text, options) = (calculated(), ReadOptions::default());
    let settings = Normalization::default();
    let open = || SpectrumFile::from_bytes("xmu.dat", text.as_bytes(), &options).expect("a sound file");
    group.bench_function("read xmu.dat", |bencher| bencher.iter(|| black_box(open())));
    let scan = measured();
    group.bench_function("normalise a scan", |bencher| {
        bencher.iter(|| settings.normalize(black_box(&scan)).expect("it has an edge"));
    });
    let named: Vec<Xanes> = (0..1000).map(|index| measured().with_name(index.to_string())).collect();
    let grid = EnergyGrid::new(Array1::linspace(8970.0, 9040.0, 100)).expect("increasing");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("tabulate 1,000", |bencher| {
        bencher.iter(|| tabulate(black_box(&named), &grid).expect("all reach"));
    });
    group.finish();
}

criterion_group!(benches, spectra);
criterion_main!(benches);
