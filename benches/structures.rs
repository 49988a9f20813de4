//! Structures: PDF and differential PDF of growing cells with the published settings, and labels of sites.
//! The time of a PDF is to grow as the number of pairs, here as that of atoms.

use std::hint::black_box;

use adatom_crystal::{BondRule, Crystal, Lattice, PdfCalculator, Site, Species};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Tenorite, CuO: 8 atoms in a monoclinic cell (Åsbrink and Norrby, Acta Cryst. B 26 (1970) 8).
fn tenorite() -> Crystal {
    let cell = Lattice::from_parameters([4.6837, 3.4226, 5.1288], [90.0, 99.54, 90.0]).expect("a cell");
    let copper = [[0.25, 0.25, 0.0], [0.75, 0.25, 0.5], [0.75, 0.75, 0.0], [0.25, 0.75, 0.5]];
    let (y, low) = (0.4184, 0.25);
    let oxygen = [[0.0, y, low], [0.0, 1.0 - y, 0.75], [0.5, y + 0.5, low], [0.5, 0.5 - y, 0.75]];
    let site = |symbol: &str, place| Site::new(Species::new(symbol.parse().expect("a symbol")), place);
    let sites = copper.map(|place| site("Cu", place)).into_iter().chain(oxygen.map(|place| site("O", place)));
    Crystal::new(cell, sites.collect::<Result<_, _>>().expect("finite")).expect("sites")
}

fn structures(criterion: &mut Criterion) {
    let copper = "Cu".parse().expect("a symbol");
    let calculator = PdfCalculator::published();
    let mut group = criterion.benchmark_group("PDF and differential PDF");
    for repeats in [[1, 1, 1], [1, 3, 1], [2, 2, 2], [3, 3, 3]] {
        let crystal = tenorite().supercell(repeats).expect("a small one");
        group.throughput(Throughput::Elements(crystal.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{} atoms", crystal.len())), |bencher| {
            bencher.iter(|| {
                calculator.total_and_differential(black_box(&crystal), copper).expect("it has copper")
            });
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("labels");
    let crystal = tenorite();
    group.throughput(Throughput::Elements(4));
    group.bench_function("copper of tenorite", |bencher| {
        bencher
            .iter(|| black_box(&crystal).labels(copper, BondRule::default()).expect("sites with neighbours"));
    });
    group.finish();
}

criterion_group!(benches, structures);
criterion_main!(benches);
