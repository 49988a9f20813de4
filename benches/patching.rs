//! Filling batches of 100 patches from a 1024 × 1024 image: whole positions, and fractional ones that
//! interpolate.

use adatom_benches::workload::{BATCH, WINDOW, image, patches};
use adatom_patch::{Patches, Samples, Window};
use adatom_vae::ndarray::Array2;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn patching(criterion: &mut Criterion) {
    let image = image();
    let mut group = criterion.benchmark_group("patching");
    group.throughput(Throughput::Elements(BATCH as u64));
    let mut batch = Array2::zeros((BATCH, WINDOW * WINDOW));
    let whole = patches(&image, 10_000);
    let centres = Array2::from_shape_fn((10_000, 2), |(patch, axis)| {
        20.3 + ((patch * (7919 + 104 * axis)) % 983) as f64
    });
    let between =
        Patches::at(&image, Window::square(WINDOW), centres.view()).expect("centres inside the image");
    for (name, patches) in [("whole positions", whole), ("fractional positions", between)] {
        let count = patches.len();
        let mut first = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let indices: Vec<usize> = (0..BATCH).map(|i| (first + 97 * i) % count).collect();
                patches.fill(&indices, &mut batch.view_mut());
                first += 1;
            });
        });
    }
    group.finish();
}

criterion_group!(benches, patching);
criterion_main!(benches);
